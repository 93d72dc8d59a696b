"""Daily scores from the days on which a laboratory scored its animals, with one rule for missing days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Floats, dead_rule, scores_with_dead

#: Note on days without a reading, for tables and figures.
MISSING_RULE = "days without a reading keep the last one; days before the first count as 0"


def daily_scores(
    score: Floats,
    days: Sequence[int] | npt.NDArray[np.int64],
    *,
    until: int,
    death_day: Floats,
    dead_score: float = 5.0,
) -> Floats:
    """Return scores for every day from day 0: the last observation is carried forward.

    Days before an animal's first reading count as 0; days after the last reading of an animal without a
    recorded death are NaN. An animal that died keeps its last score alive, as in `eaesim.endpoints.Courses`;
    one dead by day 0 has the score of death.

    Parameters
    ----------
    score
        Readings, shape (animals, days read), NaN where missing; readings from death on are ignored.
    days
        Days read, ascending.
    until
        Last day of the result.
    death_day
        First day on which each animal is dead; infinity without a recorded death.
    dead_score
        Score assigned to death.

    Returns
    -------
    array
        Shape (animals, until + 1).

    Examples
    --------
    >>> read = np.array([[1.0, np.nan, 2.0, np.nan]])
    >>> daily_scores(read, [1, 2, 4, 5], until=5, death_day=np.array([np.inf]))
    array([[ 0.,  1.,  1.,  1.,  2., nan]])
    """
    first, last = min(0, int(days[0])), max(until, int(days[-1]))
    by_day = np.full((len(score), last - first + 1), np.nan)
    by_day[:, np.asarray(days) - first] = np.where(np.asarray(days) < death_day[:, None], score, np.nan)
    known = ~np.isnan(by_day)
    # Index of the last reading by day; -1 before the first.
    read = np.maximum.accumulate(np.where(known, np.arange(by_day.shape[1]), -1), axis=1)
    held = np.where(read < 0, 0.0, np.take_along_axis(by_day, np.maximum(read, 0), axis=1))
    held = np.where((death_day <= 0)[:, None], dead_score, held)
    followed = (np.arange(by_day.shape[1]) <= read[:, -1:]) | np.isfinite(death_day)[:, None]
    return np.where(followed, held, np.nan)[:, -first : until - first + 1]


def onset_times(
    daily: Floats, death_day: Floats, *, dead: str = "score", signs: float = 1.0, dead_score: float = 5.0
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the day of onset, or of censoring without signs.

    Parameters
    ----------
    daily, death_day
        Result and argument of `daily_scores`, shape (animals, days) and (animals,).
    dead
        Rule for dead animals, as for endpoints: with ``exclude`` they have no time; with ``carry`` a death
        without signs is censored on the day before.
    signs
        Lowest score that counts as a sign.
    dead_score
        Score assigned to death.

    Returns
    -------
    tuple of arrays
        Days, NaN for an excluded animal, and whether there were signs.

    Examples
    --------
    >>> alive = np.array([np.inf, np.inf])
    >>> onset_times(np.array([[0.0, 1.0, 2.0], [0.0, 0.0, np.nan]]), alive)
    (array([1., 1.]), array([ True, False]))
    """
    dead = dead_rule(dead)
    shown = scores_with_dead(daily, death_day, dead=dead, dead_score=dead_score) >= signs
    seen = np.asarray(shown.any(axis=1))
    last = (~np.isnan(daily)).sum(axis=1) - 1.0
    if dead == "carry":
        last = np.minimum(last, np.maximum(death_day - 1, 0))
    time = np.where(seen, shown.argmax(axis=1), last)
    left_out = (last < 0) | ((dead == "exclude") & (death_day < daily.shape[1]))
    return np.where(left_out, np.nan, time), seen
