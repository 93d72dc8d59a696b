"""The rules for scoring dead rats."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

from eaesim.errors import EaesimWarning, unknown_name

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DEAD_RULES = {
    "score": "the dead score 5 from that day on",
    "carry": "the dead keep their last score",
    "exclude": "rats that die are left out",
}
# Names of these rules in version 0.1, accepted for one more version.
_FORMER_RULES = {"five": "score", "last": "carry"}


def dead_rule(name: str, *, is_kept: bool = False) -> str:
    """Return the current name of a rule for dead rats.

    Parameters
    ----------
    name
        Name; a former one raises a warning.
    is_kept
        Whether the name comes from a stored run: then there is no warning.

    Raises
    ------
    UnknownNameError
        If there is no such rule.

    Examples
    --------
    >>> dead_rule("carry")
    'carry'
    """
    rule = _FORMER_RULES.get(name, name) if isinstance(name, str) else name
    if rule != name and not is_kept:
        warnings.warn(f'the rule "{name}" for the dead is now called "{rule}".', EaesimWarning, stacklevel=2)
    if rule not in tuple(DEAD_RULES):
        raise unknown_name(name, "rule for the dead", DEAD_RULES)
    return rule


def dead_words(rule: str, *, dead_score: float = 5.0) -> str:
    """Describe how a rule scores dead rats.

    Examples
    --------
    >>> dead_words("score", dead_score=10)
    'the dead score 10 from that day on'
    """
    return DEAD_RULES[dead_rule(rule)].replace(" 5 ", f" {dead_score:g} ")


def scores_with_dead(
    score: Floats, death_day: Floats, *, dead: str = "score", dead_score: float = 5.0
) -> Floats:
    """Return the scores under a rule for dead rats: ``score``, ``carry`` or ``exclude``.

    Raises
    ------
    UnknownNameError
        If the rule is not known.

    Examples
    --------
    >>> scores_with_dead(np.array([[0, 3.0, 4, 4]]), np.array([2.0]))
    array([[0., 3., 5., 5.]])
    """
    dead = dead_rule(dead)
    is_dead = since(death_day, score.shape[1])
    if dead == "score":
        return np.where(is_dead & ~np.isnan(score), dead_score, score)
    if dead == "exclude":
        return np.where(np.isfinite(death_day)[:, None], np.nan, score)
    days = np.arange(score.shape[1])
    lived = np.where(np.isnan(death_day), np.inf, death_day)  # a failed simulation has no day of death
    last = np.clip(lived - 1, 0, days[-1]).astype(np.int64)[:, None]
    return np.where(is_dead, np.take_along_axis(score, last, axis=1), score)


def since(day: Floats, days: int) -> Bools:
    """Return which days are on or after each rat's own day, shape (rats, days)."""
    return np.asarray((np.arange(days)[:, None] >= day).T)
