"""What is read off a simulated population, as a paper would report it: a number, and its standard error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eaesim.endpoints import Courses, Floats, read_endpoints

SEVERE = 3.0
# The mean course of a relapsing rat: its first peak, the remission after it, and the second peak.
FIRST_PEAK = (5, 18)
SECOND_PEAK = 12  # days within which it follows the remission
REMISSION = 9  # days within which that follows the first peak

Reading = tuple[Floats, Floats]


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

    def endpoints(self, days: int, induced: int | None) -> Mapping[str, Floats]:
        """Return the endpoints of every rat over its first days, each of shape (populations, rats)."""
        sets, rats, _ = self.score.shape
        score = self.score[:, :, :days].reshape(sets * rats, days)
        death = self.death_day.reshape(-1)
        inflammation, demyelination = self.reduced.reshape(-1, 2, 1).transpose(1, 0, 2)
        lived = np.where(death < days, death, np.inf)
        found = Courses(np.asfortranarray(score), lived, inflammation, demyelination, induced)
        return {name: values.reshape(sets, rats) for name, values in read_endpoints(found).items()}

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
    """Return the mean over the rats that have a value, and its standard error; NaN with fewer than three."""
    count = (~np.isnan(values)).sum(axis=1)
    enough = np.where(count > 2, count, np.nan)
    mean = np.nansum(values, axis=1) / enough
    spread = np.nansum((values - mean[:, None]) ** 2, axis=1) / (enough - 1)
    return mean, np.sqrt(spread / enough)


def _deviation(values: Floats) -> Reading:
    count = (~np.isnan(values)).sum(axis=1)
    deviation = _mean(values)[1] * np.sqrt(count)
    return deviation, deviation / np.sqrt(2 * np.maximum(count - 1, 1))


def _sick(populations: Populations, name: str) -> Floats:
    return np.where(populations.first["incidence"] > 0, populations.first[name], np.nan)


def _curve(values: Floats, chance: float) -> Reading:
    return values, np.full(len(values), chance)


def _severity(day: int) -> Callable[[Populations], Reading]:
    return lambda populations: _mean(populations.severity[:, :, day])


def _first(name: str) -> Callable[[Populations], Reading]:
    return lambda populations: _mean(populations.first[name])


# A day read off a mean course is uncertain by about half a day; a rise, by a tenth of a score.
READINGS: dict[str, Callable[[Populations], Reading]] = {
    "incidence": _first("incidence"),
    "onset_day": _first("onset_day"),
    "peak_score": _first("peak_score"),
    "mean_score": _first("mean_score"),
    "cumulative_score": _first("cumulative_score"),
    "mortality": _first("mortality"),
    "duration": lambda seen: _mean(_sick(seen, "duration")),
    "severe_incidence": lambda seen: _mean((seen.first["peak_score"] >= SEVERE).astype(float)),
    "onset_day_sd": lambda seen: _deviation(seen.first["onset_day"]),
    "peak_score_sd": lambda seen: _deviation(_sick(seen, "peak_score")),
    "relapse_incidence": lambda seen: _mean(seen.again["relapse_incidence"]),
    "spontaneous_relapse": _first("relapse_incidence"),
    "severity_day_3": _severity(3),
    "severity_day_5": _severity(5),
    "severity_day_8": _severity(8),
    "peak_day": lambda seen: _curve(seen.turns[0], 0.5),
    "remission_day": lambda seen: _curve(seen.turns[1], 0.5),
    "relapse_day": lambda seen: _curve(seen.turns[1] + 1, 0.5),
    "second_peak_day": lambda seen: _curve(seen.turns[2], 0.5),
    "relapse_rise": lambda seen: _curve(seen.turns[3], 0.1),
}
