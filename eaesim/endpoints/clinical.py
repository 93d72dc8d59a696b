"""Clinical endpoints of a course of daily scores, and their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from eaesim.endpoints.dead import Bools, Floats, scores_with_dead, since
from eaesim.endpoints.relapse import relapse_days
from eaesim.endpoints.window import Window, split_window
from eaesim.errors import QuantityError, unknown_name


@dataclass(frozen=True)
class Endpoint:
    """A clinical endpoint; one of your own is given to a `Study`.

    Attributes
    ----------
    name
        Name in every table; endpoints beginning with ``relapse_`` are computed from the relapse onwards.
    title
        Axis label.
    unit
        Unit; ``share`` for a proportion of rats.
    read
        Function that computes one value per rat from the courses.
    missing
        Function that returns which of these rats have no value.
    is_daily
        Whether it is computed from daily scores alone: then laboratory data have it, and a window is allowed.
    window
        Days it is computed from; None for the whole run.

    Examples
    --------
    >>> Endpoint("severe_days", "days at 3 or more", "day", lambda seen: (seen.score >= 3).sum(axis=1)).unit
    'day'
    """

    name: str
    title: str
    unit: str
    read: Callable[[Seen], Floats] = field(compare=False, repr=False)
    missing: Callable[[Seen], Bools] = field(default=lambda seen: seen.left_out, compare=False, repr=False)
    is_daily: bool = True
    window: Window | None = None

    def known(self) -> str:
        """Make it known by its name in this process, and return the name.

        Raises
        ------
        QuantityError
            If an endpoint of the package has that name, or it is no plain name.
        """
        if self.name in ENDPOINTS or not self.name.isidentifier():
            raise QuantityError(
                f'"{self.name}" is the name of an endpoint already, or is no name; write small letters and '
                "underscores."
            )
        OWN_ENDPOINTS[self.name] = self
        return self.name

    @property
    def whole(self) -> str:
        """The name of the endpoint without its window.

        Examples
        --------
        >>> endpoint("peak_score[:15]").whole
        'peak_score'
        """
        return self.name if self.window is None else self.name.removesuffix(self.window.text())


def _of_relapse(name: str, title: str, unit: str, read: Callable[[Seen], Floats]) -> Endpoint:
    return Endpoint(name, title, unit, read, missing=lambda seen: seen.left_out | seen.died_before)


#: Endpoints of the user in this process, by name.
OWN_ENDPOINTS: dict[str, Endpoint] = {}
ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint("incidence", "rats with signs", "share", lambda seen: seen.ill.astype(float)),
        Endpoint("onset_day", "first day with signs", "day", lambda seen: seen.onset_day),
        Endpoint("peak_score", "peak score", "score", lambda seen: seen.score.max(axis=1)),
        Endpoint("cumulative_score", "cumulative score", "score day", lambda seen: seen.score.sum(axis=1)),
        Endpoint(
            "mean_score",
            "mean daily score",
            "score",
            lambda seen: seen.score.sum(axis=1) / seen.score.shape[1],
        ),
        Endpoint(
            "duration",
            "days with signs",
            "day",
            lambda seen: (seen.signs & seen.alive).sum(axis=1).astype(float),
        ),
        Endpoint(
            "mortality",
            "rats that died",
            "share",
            lambda seen: _within(seen.courses.death_day, seen.window).astype(float),
            missing=lambda seen: seen.failed,
        ),
        Endpoint(
            "cns_inflammation_peak",
            "peak inflammation of the CNS",
            "relative",
            lambda seen: seen.courses.inflammation.max(axis=1),
            is_daily=False,
        ),
        Endpoint(
            "demyelination_end",
            "demyelination at the end",
            "fraction",
            lambda seen: seen.courses.demyelination[:, -1],
            is_daily=False,
        ),
        _of_relapse(
            "relapse_incidence",
            "rats with a relapse",
            "share",
            lambda seen: _within(seen.courses.relapse_day, seen.window).astype(float),
        ),
        _of_relapse(
            "relapse_peak_score",
            "peak score of the relapse",
            "score",
            lambda seen: seen.of_relapse.max(axis=1),
        ),
        _of_relapse(
            "relapse_cumulative_score",
            "cumulative score of the relapse",
            "score day",
            lambda seen: seen.of_relapse.sum(axis=1),
        ),
    )
}


def endpoint(name: str, *, until: int | None = None) -> Endpoint:
    """Return an endpoint by name, with or without a window.

    With a window, such as ``[12:42]``, ``[12:]`` or ``[:15]``, only the daily readings of those days count:
    days from the first induction, both ends included. A relapse is detected in the whole course; with a
    window it counts if it begins within it, with the scores of these days only. The rule for dead rats is the
    same as without a window. ``mortality`` is the proportion of all rats that died on these days.

    Parameters
    ----------
    name
        Name of the endpoint.
    until
        Last day of the run; a window must not extend beyond it.

    Raises
    ------
    UnknownNameError
        If there is no such endpoint.
    QuantityError
        If the window is invalid or extends beyond the run, or the endpoint cannot have one.

    Examples
    --------
    >>> endpoint("peak_score").title, endpoint("cumulative_score[12:42]").title
    ('peak score', 'cumulative score, days 12 to 42')
    """
    whole, window = split_window(name)
    known = ENDPOINTS | OWN_ENDPOINTS
    if whole not in known:
        raise unknown_name(whole, "endpoint", known)
    found = known[whole]
    if window is None:
        return found
    if not found.is_daily:
        allowed = ", ".join(each.name for each in ENDPOINTS.values() if each.is_daily)
        raise QuantityError(f'"{name}": {whole} cannot have a window; those that can: {allowed}.')
    if until is not None:
        window.ends(until)
    return replace(
        found, name=f"{whole}{window.text()}", title=f"{found.title}, {window.words()}", window=window
    )


@dataclass(frozen=True)
class Courses:
    """Observations of the rats of one arm.

    Attributes
    ----------
    score
        Daily scores as if no rat died, shape (rats, days), from day 0; NaN for a failed simulation.
        Access is fastest where the rats of one day are contiguous in memory.
    death_day
        First day on which a rat is dead; infinity for a survivor.
    inflammation, demyelination
        Shape (rats, days); a single column with the peak, or with the final value, is enough.
    relapse_induced
        Day on which a relapse is induced in this arm or another; None if it is not.
    signs
        Lowest score that counts as a sign of disease, and minimum rise in score of a relapse.
    dead_score
        Score assigned to death.
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
        alive = np.where(since(self.death_day, self.score.shape[1]), np.nan, self.score)
        rise, _ = relapse_days(alive, rise=self.signs, induced=self.relapse_induced)
        return np.where(rise < 0, np.nan, rise)


@dataclass(frozen=True, eq=False)
class Seen:
    """Courses of some rats on the days from which endpoints are computed.

    Attributes
    ----------
    courses
        Observations of the rats.
    dead
        The rule for the dead.
    window
        Days that count; None for all.

    Raises
    ------
    QuantityError
        If the window extends beyond the last day.
    """

    courses: Courses
    dead: str = "score"
    window: Window | None = None

    def __post_init__(self) -> None:
        """Check the window."""
        (self.window or Window()).ends(self.courses.score.shape[1] - 1)

    @property
    def days(self) -> slice:
        """Columns of the days that count."""
        first, last = (self.window or Window()).ends(self.courses.score.shape[1] - 1)
        return slice(first, last + 1)

    @cached_property
    def _whole(self) -> Floats:
        return scores_with_dead(
            self.courses.score, self.courses.death_day, dead=self.dead, dead_score=self.courses.dead_score
        )

    @cached_property
    def score(self) -> Floats:
        """Daily scores under the rule for the dead, shape (rats, days)."""
        return self._whole[:, self.days]

    @cached_property
    def signs(self) -> Bools:
        """Which days have signs."""
        return np.asarray(self.score >= self.courses.signs)

    @cached_property
    def ill(self) -> Bools:
        """Which rats had signs."""
        return np.asarray(self.signs.any(axis=1))

    @cached_property
    def onset_day(self) -> Floats:
        """The first day with signs; NaN without."""
        return np.where(self.ill, self.days.start + self.signs.argmax(axis=1), np.nan)

    @cached_property
    def alive(self) -> Bools:
        """On which days the rat is alive."""
        return ~since(self.courses.death_day, self.courses.score.shape[1])[:, self.days]

    @cached_property
    def failed(self) -> Bools:
        """Which simulations failed."""
        return np.asarray(np.isnan(self.courses.score).any(axis=1))

    @cached_property
    def left_out(self) -> Bools:
        """Which simulations failed, or are excluded by the rule for dead rats."""
        return np.asarray(np.isnan(self._whole).any(axis=1))

    @cached_property
    def of_relapse(self) -> Floats:
        """Scores from the induced, or else the spontaneous, relapse onwards; 0 before."""
        induced, relapse, days = self.courses.relapse_induced, self.courses.relapse_day, len(self._whole.T)
        start = np.where(np.isnan(relapse), days, relapse) if induced is None else induced
        start = np.broadcast_to(start, len(self._whole))
        return np.where(since(start, days), self._whole, 0.0)[:, self.days]

    @cached_property
    def died_before(self) -> Bools:
        """Which rats died by the day on which a relapse is induced."""
        induced = self.courses.relapse_induced
        return np.asarray(self.courses.death_day <= (-np.inf if induced is None else induced))


def _within(day: Floats, window: Window | None) -> Bools:
    """Return which events were in a window; one that begins with the run includes earlier events."""
    found = np.isfinite(day)
    if window is not None and window.first:
        found &= day >= window.first
    if window is not None and window.last is not None:
        found &= day <= window.last
    return np.asarray(found)
