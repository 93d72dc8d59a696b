"""What is read off a simulated population, as a paper would report it: a number, and the luck of its rats."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from eaesim.endpoints import Courses, Floats, endpoint, read_endpoints
from eaesim.endpoints.window import Window

SEVERE = 3.0
# The mean course of a relapsing rat: its first peak, the remission after it, and the second peak.
FIRST_PEAK = (5, 18)
SECOND_PEAK = 12  # days within which it follows the remission
REMISSION = 9  # days within which that follows the first peak


class Reading(NamedTuple):
    """One number of each population, and how far the luck of its few rats may have moved it.

    Attributes
    ----------
    value
        Shape (populations,).
    influence
        What each rat adds to the luck, shape (populations, rats): the sum of its squares is a variance, and
        readings of the same rats share their luck as far as their rats' influences agree.
    error
        Standard deviation of luck that is in no rat's influence, shape (populations,).
    """

    value: Floats
    influence: Floats
    error: Floats

    @property
    def variance(self) -> Floats:
        """The variance of all luck."""
        return np.asarray((self.influence**2).sum(axis=-1) + self.error**2)

    def part(self, place: Any) -> Reading:
        """Return what stands at a place of all three."""
        return Reading(self.value[place], self.influence[place], self.error[place])


@dataclass(frozen=True)
class Populations:
    """What was seen of several populations of as many rats.

    Attributes
    ----------
    score, severity
        Shape (populations, rats, days), over the whole experiment; NaN for rats that failed.
    death_day
        Shape (populations, rats).
    reduced
        Peak inflammation and demyelination at the end, shape (populations, rats, 2).
    course
        Last day of the first disease.
    induced
        First day after the induction of a relapse; None without one.
    """

    score: Floats
    severity: Floats
    death_day: Floats
    reduced: Floats
    course: int
    induced: int | None

    def endpoints(
        self, days: int, induced: int | None, *, signs: float = 1.0, window: Window | None = None
    ) -> Mapping[str, Floats]:
        """Return the endpoints of every rat over its first days, each of shape (populations, rats)."""
        sets, rats, _ = self.score.shape
        score = self.score[:, :, :days].reshape(sets * rats, days)
        death = self.death_day.reshape(-1)
        inflammation, demyelination = self.reduced.reshape(-1, 2, 1).transpose(1, 0, 2)
        lived = np.where(death < days, death, np.inf)
        found = Courses(np.asfortranarray(score), lived, inflammation, demyelination, induced, signs)
        read = read_endpoints(found, window=window)
        return {name: values.reshape(sets, rats) for name, values in read.items()}

    def endpoint(self, name: str, *, since_relapse: bool = False) -> Floats:
        """Return an endpoint of the first disease or of the whole experiment; it may have a window."""
        one = endpoint(name)
        if one.window is None:
            return (self.again if since_relapse else self.first)[name]
        days = self.score.shape[2] if since_relapse else self.course + 1
        return self.endpoints(days, self.induced if since_relapse else None, window=one.window)[one.whole]

    @cached_property
    def first(self) -> Mapping[str, Floats]:
        """The endpoints of the first disease; inflammation and demyelination are those of the whole run."""
        return self.endpoints(self.course + 1, None)

    @cached_property
    def again(self) -> Mapping[str, Floats]:
        """The endpoints of the whole experiment; of relapses, since the induction."""
        return self.endpoints(self.score.shape[2], self.induced)

    @cached_property
    def mean_severity(self) -> Floats:
        """The mean course of latent severity in the first disease, shape (populations, days)."""
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", RuntimeWarning
            )  # a population in which every rat failed has no mean
            return np.asarray(np.nanmean(self.severity[:, :, : self.course + 1], axis=1))

    @cached_property
    def turns(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Days of first peak, remission and second peak of the mean course, and how far it rises again."""
        course = self.mean_severity
        days = np.arange(course.shape[1])

        def extreme(sign: float, first: Floats, last: Floats) -> Floats:
            within = (days >= first[:, None]) & (days <= last[:, None])
            turn = np.argmax(np.where(within, sign * course, -np.inf), axis=1)
            return np.asarray(turn, dtype=np.float64)

        rows, start = np.arange(len(course)), np.zeros(len(course))
        peak = extreme(1.0, start + FIRST_PEAK[0], start + FIRST_PEAK[1])
        remission = extreme(-1.0, peak, peak + REMISSION)
        second = extreme(1.0, remission, remission + SECOND_PEAK)
        rise = course[rows, second.astype(int)] - course[rows, remission.astype(int)]
        return peak, remission, second, rise


def _mean(values: Floats) -> Reading:
    """Return the mean over the rats that have a value; NaN with fewer than three."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    enough = np.where(count > 2, count, np.nan)
    mean = np.nansum(values, axis=1) / enough
    off = np.where(known, values - mean[:, None], 0.0)
    return Reading(mean, off / np.sqrt(enough * (enough - 1))[:, None], np.zeros(len(values)))


def _share(happened: Floats) -> Reading:
    """Return the share of rats, with half a rat more on both sides: none of so many is not never."""
    plain = _mean(happened)
    count = (~np.isnan(happened)).sum(axis=1)
    share = (plain.value * count + 0.5) / (count + 1)
    missing = share * (1 - share) / np.maximum(count, 1) - plain.variance
    return Reading(share, plain.influence, np.sqrt(np.maximum(missing, 0)))


def _deviation(values: Floats) -> Reading:
    """Return the standard deviation over the rats that have a value; NaN with fewer than three."""
    known = ~np.isnan(values)
    count = np.where(known.sum(axis=1) > 2, known.sum(axis=1), np.nan)
    scaled = _mean(values).influence
    deviation = np.sqrt((scaled**2).sum(axis=1) * count)
    off = np.where(known, scaled**2 * (count - 1)[:, None] - (deviation**2 / count)[:, None], 0.0)
    # Rats that do not differ have no luck either.
    influence = np.divide(
        off, 2 * deviation[:, None], out=np.zeros_like(off), where=~(deviation == 0)[:, None]
    )
    return Reading(deviation, influence, np.zeros(len(values)))


def _sick(populations: Populations, name: str) -> Floats:
    return np.where(populations.first["incidence"] > 0, populations.first[name], np.nan)


def _day(populations: Populations, turn: int, later: int = 0) -> Reading:
    """Return a day of the mean course: as its days are whole, it is uncertain by about half of one."""
    days = populations.turns[turn] + later
    return Reading(days, np.zeros(populations.death_day.shape), np.full(len(days), 0.5))


def _rise(populations: Populations) -> Reading:
    """Return how far the mean course rises again, as of the rats at these two days."""
    _, low, high, rise = populations.turns
    at = [
        np.take_along_axis(populations.severity, day.astype(int)[:, None, None], axis=2)[..., 0]
        for day in (low, high)
    ]
    return _mean(at[1] - at[0])._replace(value=rise)


def _severity(day: int) -> Callable[[Populations], Reading]:
    return lambda populations: _mean(populations.severity[:, :, day])


def _share_of(name: str) -> Callable[[Populations], Reading]:
    return lambda populations: _share(populations.first[name])


def _first(name: str) -> Callable[[Populations], Reading]:
    return lambda populations: _mean(populations.first[name])


READINGS: dict[str, Callable[[Populations], Reading]] = {
    "incidence": _share_of("incidence"),
    "onset_day": _first("onset_day"),
    "peak_score": _first("peak_score"),
    "mean_score": _first("mean_score"),
    "cumulative_score": _first("cumulative_score"),
    "mortality": _share_of("mortality"),
    "duration": lambda seen: _mean(_sick(seen, "duration")),
    "severe_incidence": lambda seen: _share((seen.first["peak_score"] >= SEVERE).astype(float)),
    "onset_day_sd": lambda seen: _deviation(seen.first["onset_day"]),
    "peak_score_sd": lambda seen: _deviation(_sick(seen, "peak_score")),
    "relapse_incidence": lambda seen: _share(seen.again["relapse_incidence"]),
    "spontaneous_relapse": _share_of("relapse_incidence"),
    "severity_day_3": _severity(3),
    "severity_day_5": _severity(5),
    "severity_day_8": _severity(8),
    "peak_day": lambda seen: _day(seen, 0),
    "remission_day": lambda seen: _day(seen, 1),
    "relapse_day": lambda seen: _day(seen, 1, later=1),
    "second_peak_day": lambda seen: _day(seen, 2),
    "relapse_rise": _rise,
}
