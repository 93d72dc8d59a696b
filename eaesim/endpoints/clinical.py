"""Clinical read-outs of a course of daily scores, and what each is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.relapse import relapse_days
from eaesim.endpoints.window import Window, split_window
from eaesim.errors import QuantityError, unknown_name

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Endpoint:
    """A read-out of a rat's course.

    Attributes
    ----------
    name
        Its name in every table.
    title
        What it is, for the axis of a figure.
    unit
        Its unit; ``share`` where rats are counted.
    window
        The days it is read from; None for the whole run.
    """

    name: str
    title: str
    unit: str
    window: Window | None = None

    @property
    def whole(self) -> str:
        """The name of the endpoint of the whole run.

        Examples
        --------
        >>> endpoint("peak_score[:15]").whole
        'peak_score'
        """
        return self.name if self.window is None else self.name.removesuffix(self.window.text())


ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint("incidence", "rats with signs", "share"),
        Endpoint("onset_day", "first day with signs", "day"),
        Endpoint("peak_score", "peak score", "score"),
        Endpoint("cumulative_score", "cumulative score", "score day"),
        Endpoint("mean_score", "mean daily score", "score"),
        Endpoint("duration", "days with signs", "day"),
        Endpoint("mortality", "rats that died", "share"),
        Endpoint("cns_inflammation_peak", "peak inflammation of the CNS", "relative"),
        Endpoint("demyelination_end", "demyelination at the end", "fraction"),
        Endpoint("relapse_incidence", "rats with a relapse", "share"),
        Endpoint("relapse_peak_score", "peak score of the relapse", "score"),
        Endpoint("relapse_cumulative_score", "cumulative score of the relapse", "score day"),
    )
}

#: Read without daily readings, so that no window can be cut out of them.
NO_WINDOW = ("cns_inflammation_peak", "demyelination_end")

DEAD_RULES = {
    "score": "the dead score 5 from that day on",
    "carry": "the dead keep their last score",
    "exclude": "rats that die are left out",
}
# The names that version 0.1 gave these rules: understood for one version more.
_FORMER_RULES = {"five": "score", "last": "carry"}


def dead_rule(name: str) -> str:
    """Return the rule for the dead of that name, by the name it has today.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> dead_rule("carry"), dead_rule("five")
    ('carry', 'score')
    """
    rule = _FORMER_RULES.get(name, name) if isinstance(name, str) else name
    if rule not in tuple(DEAD_RULES):
        raise unknown_name(name, "rule for the dead", DEAD_RULES)
    return rule


def endpoint(name: str, *, until: int | None = None) -> Endpoint:
    """Return an endpoint by name, with a window on it or without.

    With a window, such as ``[12:42]``, ``[12:]`` or ``[:15]``, only the daily readings of those days count:
    days from the first induction, both ends included. A relapse is found in the whole course; with a window
    it counts if it begins on one of those days, and of its scores those of these days count. The dead score
    by the same rule as without. ``mortality`` is the share of all rats that died on these days.

    Parameters
    ----------
    name
        Of the endpoint.
    until
        The last day of the run, which a window must not go beyond.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    QuantityError
        If the window cannot be read, goes beyond the run, or the endpoint cannot have one.

    Examples
    --------
    >>> endpoint("peak_score").title, endpoint("cumulative_score[12:42]").title
    ('peak score', 'cumulative score, days 12 to 42')
    """
    whole, window = split_window(name)
    if whole not in ENDPOINTS:
        raise unknown_name(whole, "endpoint", ENDPOINTS)
    found = ENDPOINTS[whole]
    if window is None:
        return found
    if whole in NO_WINDOW:
        allowed = ", ".join(each for each in ENDPOINTS if each not in NO_WINDOW)
        raise QuantityError(f'"{name}": {whole} cannot have a window; those that can: {allowed}.')
    if until is not None:
        window.ends(until)
    return replace(
        found, name=f"{whole}{window.text()}", title=f"{found.title}, {window.words()}", window=window
    )


@dataclass(frozen=True)
class Courses:
    """What was seen of the rats of one arm.

    Attributes
    ----------
    score
        Shape (rats, days), a column a day from day 0, read as if no rat died; NaN for a rat that failed.
        Reading is quickest where in memory the rats of a day stand side by side.
    death_day
        First day on which a rat is dead; infinity for one that lives.
    inflammation, demyelination
        Shape (rats, days); one column is enough, with the peak and with what is left at the end.
    relapse_induced
        The day a relapse is induced in the study, in this arm or another; None without one.
    signs
        The lowest score that is a sign of disease, and by how much a relapse must rise.
    dead_score
        The score of death.
    """

    score: Floats
    death_day: Floats
    inflammation: Floats
    demyelination: Floats
    relapse_induced: int | None = None
    signs: float = 1.0
    dead_score: float = 5.0

    @cached_property
    def relapse_day(self) -> Floats:
        """Day of each rat's first relapse; NaN without one."""
        alive = np.where(_since(self.death_day, self.score.shape[1]), np.nan, self.score)
        rise, _ = relapse_days(alive, rise=self.signs, induced=self.relapse_induced)
        return np.where(rise < 0, np.nan, rise)


def dead_words(rule: str, *, dead_score: float = 5.0) -> str:
    """Say how a rule scores the dead.

    Examples
    --------
    >>> dead_words("score", dead_score=10)
    'the dead score 10 from that day on'
    """
    return DEAD_RULES[dead_rule(rule)].replace(" 5 ", f" {dead_score:g} ")


def scores_with_dead(
    score: Floats, death_day: Floats, *, dead: str = "score", dead_score: float = 5.0
) -> Floats:
    """Return the scores under a rule for the dead: ``score``, ``carry`` or ``exclude``.

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
    is_dead = _since(death_day, score.shape[1])
    if dead == "score":
        return np.where(is_dead & ~np.isnan(score), dead_score, score)
    if dead == "exclude":
        return np.where(np.isfinite(death_day)[:, None], np.nan, score)
    days = np.arange(score.shape[1])
    lived = np.where(np.isnan(death_day), np.inf, death_day)  # a rat that failed has no day of death
    last = np.clip(lived - 1, 0, days[-1]).astype(np.int64)[:, None]
    return np.where(is_dead, np.take_along_axis(score, last, axis=1), score)


def _since(day: Floats, days: int) -> npt.NDArray[np.bool_]:
    """Return which of so many days are not before the rat's own, shape (rats, days)."""
    return np.asarray((np.arange(days)[:, None] >= day).T)


def read_endpoints(
    courses: Courses, *, dead: str = "score", window: Window | None = None
) -> dict[str, Floats]:
    """Read every endpoint of every rat.

    Parameters
    ----------
    courses
        What was seen of the rats.
    dead
        The rule for the dead.
    window
        The days that count, as `endpoint` has it; by default all of them. Endpoints that cannot have one are
        those of the whole run.

    Returns
    -------
    dict of arrays
        A value a rat; NaN where a rat failed, was left out, or has no such value (no onset without signs).
        Relapse endpoints start at the induction, and are NaN for rats that were dead before it; without an
        induction they start at the first spontaneous relapse, and are 0 where none came.

    Raises
    ------
    UnknownNameError
        If the rule is not known.
    QuantityError
        If the window goes beyond the last day.
    """
    days = courses.score.shape[1]
    first, last = (window or Window()).ends(days - 1)
    score = scores_with_dead(courses.score, courses.death_day, dead=dead, dead_score=courses.dead_score)
    lost = np.isnan(score).any(axis=1)
    induced, relapse = courses.relapse_induced, courses.relapse_day
    if induced is None:
        start = np.where(np.isnan(relapse), days, relapse)
        before = np.zeros(len(score), dtype=bool)
    else:
        start, before = np.full(len(score), induced), courses.death_day <= induced
    of_relapse = np.where(_since(start, days), score, 0.0)[:, first : last + 1]
    alive = ~_since(courses.death_day, days)[:, first : last + 1]
    seen = score[:, first : last + 1]
    signs = seen >= courses.signs
    read = {
        "incidence": signs.any(axis=1).astype(float),
        "onset_day": np.where(signs.any(axis=1), first + signs.argmax(axis=1), np.nan),
        "peak_score": seen.max(axis=1),
        "cumulative_score": seen.sum(axis=1),
        "mean_score": seen.sum(axis=1) / seen.shape[1],
        "duration": (signs & alive).sum(axis=1).astype(float),
        "mortality": _within(courses.death_day, window).astype(float),
        "cns_inflammation_peak": courses.inflammation.max(axis=1),
        "demyelination_end": courses.demyelination[:, -1],
    }
    of_relapses = {
        "relapse_incidence": _within(relapse, window).astype(float),
        "relapse_peak_score": of_relapse.max(axis=1),
        "relapse_cumulative_score": of_relapse.sum(axis=1),
    }
    failed = np.isnan(courses.score).any(axis=1)
    return {
        **{
            name: np.where(failed if name == "mortality" else lost, np.nan, value)
            for name, value in read.items()
        },
        **{name: np.where(lost | before, np.nan, value) for name, value in of_relapses.items()},
    }


def read_windows(courses: Courses, names: Iterable[str], *, dead: str = "score") -> dict[str, Floats]:
    """Read endpoints with a window, by the names that they were given.

    Raises
    ------
    UnknownNameError, QuantityError
        As for `endpoint` and `read_endpoints`.

    Examples
    --------
    >>> course = Courses(np.array([[0, 1.0, 3, 2]]), np.array([np.inf]), np.zeros((1, 1)), np.zeros((1, 1)))
    >>> read_windows(course, ["cumulative_score[1:2]"])
    {'cumulative_score[1:2]': array([4.])}
    """
    asked = {name: endpoint(name) for name in names}
    windows = dict.fromkeys(one.window for one in asked.values())
    found = {window: read_endpoints(courses, dead=dead, window=window) for window in windows}
    return {name: found[one.window][one.whole] for name, one in asked.items()}


def _within(day: Floats, window: Window | None) -> npt.NDArray[np.bool_]:
    """Return which events were in a window; one that begins with the run holds what was there before."""
    found = np.isfinite(day)
    if window is not None and window.first:
        found &= day >= window.first
    if window is not None and window.last is not None:
        found &= day <= window.last
    return np.asarray(found)
