"""Endpoints of animals that were not all watched to the last day: what is known of each, and no more.

An animal that leaves before the last day without having been seen to die is lost. What was seen of it counts:
its onset, that it had signs, a peak of at least what was read. What came after its last reading is not known.
Sums over days (cumulative and mean score, days with signs) need it, so they follow a rule for the lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.clinical import Courses, read_endpoints
from eaesim.endpoints.dead import Bools, Floats, dead_rule, scores_with_dead
from eaesim.endpoints.readings import daily_scores, onset_times
from eaesim.errors import unknown_name

LOST_RULES = {
    "score": "lost animals have the score of death after their last reading",
    "carry": "lost animals keep their last score",
    "exclude": "lost animals have no cumulative or mean score",
}
#: Endpoints that sum over days.
SUMMED = ("cumulative_score", "mean_score", "duration", "relapse_cumulative_score")
#: Endpoints of which a lost animal has at least what was read.
AT_LEAST = ("peak_score", "relapse_peak_score")


def lost_rule(name: str | None) -> str | None:
    """Return the rule for lost animals of that name; None where no rule was chosen.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

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
    """The animals of an arm, as far as they were watched by a last day.

    Attributes
    ----------
    score
        Daily scores, shape (animals, days), from `eaesim.endpoints.readings.daily_scores`.
    death_day
        First day on which an animal is dead; infinity for one that was not seen to die by the last day.
    signs
        The lowest score that is a sign.
    dead_score
        The score of death.
    last_onset
        The last day on which any animal that this one is compared with fell ill. An animal that is lost
        without signs from that day on counts as well; one that is lost before is censored.
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
        """The last day on which each animal was watched; -1 without a reading from day 0 on."""
        return np.asarray((~np.isnan(self.score)).sum(axis=1) - 1.0)

    @cached_property
    def is_lost(self) -> Bools:
        """Which animals were lost before the last day."""
        return np.asarray(self.last < self.until)

    @cached_property
    def had_signs(self) -> Bools:
        """Which animals were seen with signs, alive or by the score of their death."""
        shown = scores_with_dead(self.score, self.death_day, dead=self.dead, dead_score=self.dead_score)
        return np.asarray((shown >= self.signs).any(axis=1))

    @cached_property
    def last_score(self) -> Floats:
        """The last score that was read; NaN without one."""
        place = np.maximum(self.last, 0).astype(np.int64)[:, None]
        return np.asarray(np.take_along_axis(self.score, place, axis=1)[:, 0])

    @cached_property
    def is_high(self) -> Bools:
        """Which were lost with signs."""
        return np.asarray(self.is_lost & (self.last_score >= self.signs))

    @cached_property
    def is_censored(self) -> Bools:
        """Which were lost without a sign while others still fell ill."""
        return np.asarray(self.is_lost & ~self.had_signs & (self.last < max(self.last_onset, 1.0)))

    @cached_property
    def is_well(self) -> Bools:
        """Which were lost without a sign after the last animal fell ill."""
        return np.asarray(self.is_lost & ~self.had_signs & ~self.is_censored)

    @cached_property
    def is_recovered(self) -> Bools:
        """Which were lost after signs, with a last reading below them."""
        return np.asarray(self.is_lost & self.had_signs & ~self.is_high)

    @cached_property
    def is_withheld(self) -> Bools:
        """Which have no sums over days because no rule for them was chosen."""
        return np.asarray(self.is_high & (self.lost is None))

    @cached_property
    def times(self) -> tuple[Floats, Bools]:
        """Day of the first sign, or the last day without, and which it is (`readings.onset_times`)."""
        return onset_times(
            self.score, self.death_day, dead=self.dead, signs=self.signs, dead_score=self.dead_score
        )

    @cached_property
    def endpoints(self) -> dict[str, Floats]:
        """Every endpoint of every animal; NaN where it is not known or the animal has none."""
        dead = dead_rule(self.dead)
        carried = np.where(np.isnan(self.score), self.last_score[:, None], self.score)
        unseen = np.full((len(carried), 1), np.nan)
        courses = Courses(
            carried, self.death_day, unseen, unseen, signs=self.signs, dead_score=self.dead_score
        )
        found = read_endpoints(courses, dead=dead)
        after = np.where(self.is_lost, self.until - self.last, 0.0)
        ill, relapsed = self.had_signs, found["relapse_incidence"] > 0
        if self.lost == "score":
            fallen = after * (self.dead_score - np.where(self.is_lost, self.last_score, 0.0))
            found["cumulative_score"] = found["cumulative_score"] + fallen
            found["mean_score"] = found["cumulative_score"] / (self.until + 1)
            found["duration"] = found["duration"] - np.where(self.is_high, after, 0.0)
            found["relapse_cumulative_score"] = found["relapse_cumulative_score"] + relapsed * fallen
        # Of a lost animal an endpoint is not known, unless what follows says more of it.
        out = dict.fromkeys(found, self.is_lost) | dict.fromkeys(SUMMED, self._without_sums())
        out["onset_day"] = np.zeros_like(self.is_lost)
        # Without a sign nothing but a rule says what came later.
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
        """Return the day of each animal's event, infinity without, and the day of it or the last day without.

        Parameters
        ----------
        name
            ``incidence``, ``mortality`` or ``relapse_incidence``.

        Returns
        -------
        tuple of arrays
            The second is NaN for an animal that is left out.
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
    """Who had an event, with the animals that were lost before it settled as far as they can be.

    Animals lost before the first event say nothing, and are left out; those lost after the last event count
    as without. This changes no Kaplan-Meier estimate and no log-rank statistic.

    Attributes
    ----------
    value
        1, 0, or NaN for an animal that is left out.
    between
        How many were lost between the first and the last event.
    day
        Day of the event, or the last day without one.
    seen
        Whether it is the day of the event.
    """

    value: Floats
    between: int
    day: Floats
    seen: Bools


def settled_shares(*groups: tuple[Floats, Floats, Floats]) -> tuple[Shares, ...]:
    """Settle the animals of groups that are looked at together.

    Parameters
    ----------
    groups
        Of each 1, 0 or NaN for every animal, and the two arrays of `Watched.events`.

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
    """Return the animals of an arm as they were watched up to a day.

    Parameters
    ----------
    score, days, death_day
        As for `eaesim.endpoints.readings.daily_scores`.
    until
        The last day.
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
    # Who dies later lives up to the last day.
    death_day = np.where(death_day <= until, death_day, np.inf)
    return Watched(daily, death_day, signs, dead_score, last_onset, dead_rule(dead), lost_rule(lost))
