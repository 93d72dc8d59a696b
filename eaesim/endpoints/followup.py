"""Endpoints of animals with incomplete follow-up.

An animal that leaves before the last day without a recorded death is lost to follow-up. Its observations
count: onset, signs, and a peak of at least the highest score read. Scores after its last reading are unknown.
Sums over days (cumulative and mean score, days with signs) need them, so a rule for lost animals applies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.clinical import Courses
from eaesim.endpoints.dead import Bools, Floats, dead_rule, scores_with_dead
from eaesim.endpoints.readings import daily_scores, onset_times
from eaesim.endpoints.readout import read_endpoints
from eaesim.errors import unknown_name

LOST_RULES = {
    "score": "lost animals have the score of death after their last reading",
    "carry": "lost animals keep their last score",
    "exclude": "lost animals have no cumulative or mean score",
}
#: Endpoints that sum over days.
SUMMED = ("cumulative_score", "mean_score", "duration", "relapse_cumulative_score")
#: Endpoints for which the value of a lost animal is a lower bound.
AT_LEAST = ("peak_score", "relapse_peak_score")


def lost_rule(name: str | None) -> str | None:
    """Return the rule for lost animals; None where no rule was chosen.

    Raises
    ------
    UnknownNameError
        If there is no such rule.

    Examples
    --------
    >>> lost_rule("carry")
    'carry'
    """
    if name is not None and name not in tuple(LOST_RULES):
        raise unknown_name(name, "rule for the lost", LOST_RULES)
    return name


@dataclass(frozen=True, eq=False)
class Watched:
    """The animals of an arm, followed up to a last day.

    Attributes
    ----------
    score
        Daily scores, shape (animals, days), from `eaesim.endpoints.readings.daily_scores`.
    death_day
        First day on which an animal is dead; infinity without a recorded death by the last day.
    signs
        Lowest score that counts as a sign.
    dead_score
        Score assigned to death.
    last_onset
        Last day of onset among all animals compared. An animal lost without signs from that day on counts
        as healthy; one lost earlier is censored.
    dead, lost
        The rules; `lost` may be None.
    """

    score: Floats
    death_day: Floats
    signs: float = 1.0
    dead_score: float = 5.0
    last_onset: float = 0.0
    dead: str = "score"
    lost: str | None = None

    @property
    def until(self) -> int:
        """The last day."""
        return int(self.score.shape[1]) - 1

    @cached_property
    def last(self) -> Floats:
        """Last day of follow-up of each animal; -1 without a reading from day 0 on."""
        return np.asarray((~np.isnan(self.score)).sum(axis=1) - 1.0)

    @cached_property
    def is_lost(self) -> Bools:
        """Which animals were lost before the last day."""
        return np.asarray(self.last < self.until)

    @cached_property
    def had_signs(self) -> Bools:
        """Which animals had signs, alive or by the score of death."""
        shown = scores_with_dead(self.score, self.death_day, dead=self.dead, dead_score=self.dead_score)
        return np.asarray((shown >= self.signs).any(axis=1))

    @cached_property
    def last_score(self) -> Floats:
        """The last score read; NaN without one."""
        place = np.maximum(self.last, 0).astype(np.int64)[:, None]
        return np.asarray(np.take_along_axis(self.score, place, axis=1)[:, 0])

    @cached_property
    def is_high(self) -> Bools:
        """Which were lost with signs."""
        return np.asarray(self.is_lost & (self.last_score >= self.signs))

    @cached_property
    def is_censored(self) -> Bools:
        """Which were lost without signs before the last onset of others."""
        return np.asarray(self.is_lost & ~self.had_signs & (self.last < max(self.last_onset, 1.0)))

    @cached_property
    def is_well(self) -> Bools:
        """Which were lost without signs after the last onset."""
        return np.asarray(self.is_lost & ~self.had_signs & ~self.is_censored)

    @cached_property
    def is_recovered(self) -> Bools:
        """Which were lost after signs, with a last reading below them."""
        return np.asarray(self.is_lost & self.had_signs & ~self.is_high)

    @cached_property
    def is_withheld(self) -> Bools:
        """Which have no sums over days because no rule for lost animals was chosen."""
        return np.asarray(self.is_high & (self.lost is None))

    @cached_property
    def times(self) -> tuple[Floats, Bools]:
        """Day of onset or of censoring, and which of the two it is (`readings.onset_times`)."""
        return onset_times(
            self.score, self.death_day, dead=self.dead, signs=self.signs, dead_score=self.dead_score
        )

    @cached_property
    def endpoints(self) -> dict[str, Floats]:
        """Every endpoint of every animal; NaN where it is unknown or undefined."""
        dead = dead_rule(self.dead)
        carried = np.where(np.isnan(self.score), self.last_score[:, None], self.score)
        unseen = np.full((len(carried), 1), np.nan)
        courses = Courses(
            carried, self.death_day, unseen, unseen, signs=self.signs, dead_score=self.dead_score
        )
        found = dict(read_endpoints(courses, dead=dead))
        after = np.where(self.is_lost, self.until - self.last, 0.0)
        ill, relapsed = self.had_signs, found["relapse_incidence"] > 0
        if self.lost == "score":
            fallen = after * (self.dead_score - np.where(self.is_lost, self.last_score, 0.0))
            found["cumulative_score"] = found["cumulative_score"] + fallen
            found["mean_score"] = found["cumulative_score"] / (self.until + 1)
            found["duration"] = found["duration"] - np.where(self.is_high, after, 0.0)
            found["relapse_cumulative_score"] = found["relapse_cumulative_score"] + relapsed * fallen
        # Endpoints of a lost animal are unknown, except as set below.
        out = dict.fromkeys(found, self.is_lost) | dict.fromkeys(SUMMED, self._without_sums())
        out["onset_day"] = np.zeros_like(self.is_lost)
        # Without signs, only a rule determines later scores.
        unknown = self.is_censored & (self.lost != "carry")
        out["incidence"] = self.is_lost & ~ill
        out["peak_score"] = unknown
        out["relapse_incidence"] = out["relapse_peak_score"] = self.is_lost & ~relapsed
        out["relapse_cumulative_score"] = out["relapse_cumulative_score"] | (self.is_lost & ~relapsed)
        return {name: np.where(out[name], np.nan, values) for name, values in found.items()}

    def _without_sums(self) -> Bools:
        if self.lost == "exclude":
            return self.is_lost
        if self.lost is None:
            return np.asarray(self.is_high | self.is_censored)
        return np.asarray(self.last < 0)

    def events(self, name: str) -> tuple[Floats, Floats]:
        """Return the day of each animal's event (infinity without one) and the day of event or censoring.

        Parameters
        ----------
        name
            ``incidence``, ``mortality`` or ``relapse_incidence``.

        Returns
        -------
        tuple of arrays
            The second is NaN for an excluded animal.
        """
        values = self.endpoints[name]
        if name == "mortality":
            day = self.death_day
        elif name == "incidence":
            day = np.where(values > 0, self.times[0], np.inf)
        else:
            unseen = np.full((len(self.score), 1), np.nan)
            day = Courses(self.score, self.death_day, unseen, unseen, signs=self.signs).relapse_day
            day = np.where((values > 0) & ~np.isnan(day), day, np.inf)
        last = np.where(np.isfinite(day), day, np.maximum(self.last, 0.0))
        return day, np.where(np.isnan(values) & ~self.is_lost, np.nan, last)


@dataclass(frozen=True, eq=False)
class Shares:
    """Which animals had an event, with lost animals resolved where possible.

    Animals lost before the first event are excluded; those lost after the last event count as event-free.
    This changes no Kaplan-Meier estimate and no log-rank statistic.

    Attributes
    ----------
    value
        1, 0, or NaN for an excluded animal.
    between
        Number of animals lost between the first and the last event.
    day
        Day of event or of censoring.
    seen
        Whether `day` is the day of the event.
    """

    value: Floats
    between: int
    day: Floats
    seen: Bools


def settled_shares(*groups: tuple[Floats, Floats, Floats]) -> tuple[Shares, ...]:
    """Resolve lost animals of groups that are analysed together.

    Parameters
    ----------
    groups
        For each group 1, 0 or NaN per animal, and the two arrays of `Watched.events`.

    Examples
    --------
    >>> day, last = np.array([3.0, np.inf, np.inf]), np.array([3.0, 2.0, 4.0])
    >>> settled_shares((np.array([1.0, np.nan, np.nan]), day, last))[0].value
    array([ 1., nan,  0.])
    """
    days = np.concatenate([day[np.isfinite(day)] for _, day, _ in groups])
    first, final = (days.min(), days.max()) if len(days) else (np.inf, np.inf)
    found = []
    for value, day, last in groups:
        lost, after = np.isnan(value) & (last >= first), last >= final
        settled = np.where(lost & after, 0.0, value)
        found.append(Shares(settled, int((lost & ~after).sum()), last, np.isfinite(day)))
    return tuple(found)


def watch(
    score: Floats,
    days: npt.NDArray[np.int64],
    death_day: Floats,
    *,
    until: int,
    signs: float = 1.0,
    dead_score: float = 5.0,
    last_onset: float = 0.0,
    dead: str = "score",
    lost: str | None = None,
) -> Watched:
    """Return the animals of an arm with their follow-up to a day.

    Parameters
    ----------
    score, days, death_day
        As for `eaesim.endpoints.readings.daily_scores`.
    until
        Last day.
    signs, dead_score, last_onset, dead, lost
        As for `Watched`.

    Raises
    ------
    UnknownNameError
        If a rule is not known.

    Examples
    --------
    >>> read = np.array([[0.0, 1, 3, np.nan], [0, 1, 1, 1]])
    >>> found = watch(read, np.arange(4), np.full(2, np.inf), until=3)
    >>> found.endpoints["peak_score"], found.endpoints["cumulative_score"]
    (array([3., 1.]), array([nan,  3.]))
    """
    daily = daily_scores(score, days, until=until, death_day=death_day, dead_score=dead_score)
    # An animal that dies later is alive up to the last day.
    death_day = np.where(death_day <= until, death_day, np.inf)
    return Watched(daily, death_day, signs, dead_score, last_onset, dead_rule(dead), lost_rule(lost))
