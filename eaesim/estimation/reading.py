"""Readings of a simulated population, as a paper would report them: one number each."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Courses, Floats, endpoint
from eaesim.endpoints.readout import read_endpoints
from eaesim.endpoints.window import Window
from eaesim.errors import unknown_name

SEVERE = 3.0
# The mean course of a relapsing rat: its first peak, the remission after it, and the second peak.
FIRST_PEAK = (5, 18)
SECOND_PEAK = 12  # days within which it follows the remission
REMISSION = 9  # days within which that follows the first peak
#: A remission is looked for until this day; severity that says whether a second bout comes, between these.
LAST_REMISSION, SECOND_BOUT = 30, (18, 24)
#: First signs after this day are no first attack.
FIRST_ATTACK = 35
#: Donors' cells are given at the dose at which cells of the first donors make this share ill.
RECIPIENTS_ILL = 0.7


@dataclass(frozen=True)
class Populations:
    """What was seen of several populations of as many rats.

    Attributes
    ----------
    score
        Shape (populations, courses, days), over the whole experiment; NaN for rats that failed. A rat that
        several observers watch has several courses.
    severity
        Shape (populations, rats, days).
    death_day
        Shape (populations, courses).
    transferable
        Cells that would transfer disease, shape (populations, rats, days).
    reduced
        Peak inflammation and demyelination at the end, shape (populations, courses, 2); None if not asked.
    course
        Last day of the first disease.
    induced
        First day after the induction of a relapse; None without one.
    again
        First day after the last induction.
    cells
        Transferred cells, relative to the standard number.
    """

    score: Floats
    severity: Floats
    death_day: Floats
    transferable: Floats
    reduced: Floats | None
    course: int
    induced: int | None
    again: int = 0
    cells: float = 0.0

    def chosen(self, places: npt.NDArray[np.int64]) -> Populations:
        """Return some of the populations, which may be named more than once."""
        return replace(
            self,
            score=self.score[places],
            severity=self.severity[places],
            death_day=self.death_day[places],
            transferable=self.transferable[places],
            reduced=None if self.reduced is None else self.reduced[places],
        )

    def endpoints(
        self, days: int, induced: int | None, *, signs: float = 1.0, window: Window | None = None
    ) -> Mapping[str, Floats]:
        """Return the endpoints of every rat over its first days, each of shape (populations, courses)."""
        read = read_endpoints(self._courses(days, induced, signs), window=window)
        return _Reshaped(read, self.death_day.shape)

    def endpoint(self, name: str, *, since_relapse: bool = False) -> Floats:
        """Return an endpoint of the first disease or of the whole experiment; it may have a window."""
        one = endpoint(name)
        if one.window is None:
            return (self.whole if since_relapse else self.first)[name]
        days = self.score.shape[2] if since_relapse else self.course + 1
        return self.endpoints(days, self.induced if since_relapse else None, window=one.window)[one.whole]

    def _courses(self, days: int, induced: int | None, signs: float = 1.0) -> Courses:
        sets, rats, _ = self.score.shape
        score = self.score[:, :, :days].reshape(sets * rats, days)
        death = self.death_day.reshape(-1)
        lived = np.where(death < days, death, np.inf)
        lived = np.where(np.isnan(death), np.nan, lived)
        reduced = np.full((sets * rats, 2), np.nan) if self.reduced is None else self.reduced
        inflammation, demyelination = reduced.reshape(-1, 2, 1).transpose(1, 0, 2)
        return Courses(np.asfortranarray(score), lived, inflammation, demyelination, induced, signs)

    @cached_property
    def first(self) -> Mapping[str, Floats]:
        """The endpoints of the first disease; inflammation and demyelination are those of the whole run."""
        return self.endpoints(self.course + 1, None)

    @cached_property
    def whole(self) -> Mapping[str, Floats]:
        """The endpoints of the whole experiment; of relapses, since the induction."""
        return self.endpoints(self.score.shape[2], self.induced)

    @cached_property
    def alive(self) -> npt.NDArray[np.bool_]:
        """Whether each rat lives on each day, shape (populations, courses, days)."""
        return np.asarray(np.arange(self.score.shape[2]) < self.death_day[:, :, None])

    @cached_property
    def signs(self) -> npt.NDArray[np.bool_]:
        """Whether each living rat shows signs, shape (populations, courses, days)."""
        return np.asarray((self.score >= 1) & self.alive)

    @cached_property
    def mean_severity(self) -> Floats:
        """The mean course of latent severity in the first disease, shape (populations, days)."""
        with warnings.catch_warnings():
            # A population in which every rat failed has no mean.
            warnings.simplefilter("ignore", RuntimeWarning)
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
        return _vertex(course, peak), _vertex(course, remission), _vertex(course, second), rise


@dataclass(frozen=True)
class _Reshaped(Mapping[str, Floats]):
    """Endpoints of all rats in a row, by population, each computed when it is asked for."""

    read: Mapping[str, Floats]
    shape: tuple[int, ...]

    def __getitem__(self, name: str) -> Floats:
        return self.read[name].reshape(self.shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self.read)

    def __len__(self) -> int:
        return len(self.read)


def _vertex(course: Floats, day: Floats) -> Floats:
    """Return the vertex of a parabola through an extremum and the neighbouring days: between whole days."""
    at = day.astype(int)
    inner = np.clip(at, 1, course.shape[1] - 2)
    rows = np.arange(len(course))
    before, here, after = (course[rows, inner + step] for step in (-1, 0, 1))
    bend = before - 2 * here + after
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where(bend == 0, 0.0, 0.5 * (before - after) / bend)
    return np.where(at == inner, day + np.clip(np.nan_to_num(shift), -0.5, 0.5), day)


def _mean(values: Floats) -> Floats:
    """Return the mean over the rats that have a value; NaN with fewer than three."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    return np.asarray(np.nansum(values, axis=1) / np.where(count > 2, count, np.nan))


def _deviation(values: Floats) -> Floats:
    """Return the standard deviation over the rats that have a value; NaN with fewer than three."""
    known = ~np.isnan(values)
    count = np.where(known.sum(axis=1) > 2, known.sum(axis=1), np.nan)
    off = np.where(known, values - _mean(values)[:, None], 0.0)
    return np.asarray(np.sqrt((off**2).sum(axis=1) / (count - 1)))


def _sick(populations: Populations, name: str) -> Floats:
    return np.where(populations.first["incidence"] > 0, populations.first[name], np.nan)


def _first(name: str) -> Callable[..., Floats]:
    return lambda seen: _mean(seen.first[name])


def _severity(day: int) -> Callable[..., Floats]:
    return lambda seen: np.asarray(np.nanmean(seen.severity[:, :, day], axis=1))


def _relapse_day(seen: Populations) -> Floats:
    """Return the mean day on which rats with a spontaneous second bout begin it."""
    days = seen._courses(seen.course + 1, None).relapse_day
    return _mean(days.reshape(seen.death_day.shape))


def _well(seen: Populations) -> Floats:
    """Return the share of all rats that live without signs, on the best day between first peak and day 30."""
    days = np.arange(seen.score.shape[2])
    share = (seen.alive & ~seen.signs).mean(axis=1)
    within = (days > seen.turns[0][:, None]) & (days <= LAST_REMISSION)
    return np.asarray(np.where(within, share, 0.0).max(axis=1))


def _second_bout(seen: Populations) -> Floats:
    """Return the greatest mean severity of the days on which a second bout would come."""
    return np.asarray(seen.mean_severity[:, SECOND_BOUT[0] : SECOND_BOUT[1] + 1].max(axis=1))


def _second_attack(seen: Populations) -> Floats:
    """Return the share of rats that fall ill after the last induction, of survivors of a first attack."""
    had = seen.signs[:, :, : min(seen.again, FIRST_ATTACK) + 1].any(axis=2)
    chosen = had & seen.alive[:, :, seen.again]
    ill = seen.signs[:, :, seen.again + 1 :].any(axis=2)
    return _mean(np.where(chosen, ill, np.nan))


def _induced_rise(seen: Populations, control: Populations) -> Floats:
    """Return how much higher the peak is than in the same rats not induced again, among the living."""
    assert seen.induced is not None
    after = slice(seen.induced, None)
    lived = np.where(seen.alive[:, :, seen.induced], 0.0, np.nan)
    peaks = [np.where(each.alive, each.score, 5.0)[:, :, after].max(axis=2) for each in (seen, control)]
    return _mean(peaks[0] - peaks[1] + lived)


def _later_donors(donors: Populations, *recipients: Populations) -> Floats:
    """Return the share of recipients that day-16 cells make ill, given as many as make 70 % ill on day 11.

    Cells of a whole group of donors are given; recipients were simulated at several doses, in between the
    share ill is interpolated over the logarithm of the dose.
    """
    pool = np.nansum(donors.transferable, axis=1)
    fewer = np.log(np.maximum(pool[:, 16], 1e-9) / np.maximum(pool[:, 11], 1e-9))
    by_dose = sorted(recipients, key=lambda each: each.cells)
    dose = np.log([each.cells for each in by_dose])
    ill = np.stack([each.signs.any(axis=2).mean(axis=1) for each in by_dose], axis=1)
    # Below the fewest cells that are simulated nobody falls ill.
    dose = np.concatenate([[2 * dose[0] - dose[1]], dose])
    ill = np.maximum.accumulate(np.concatenate([np.zeros((len(ill), 1)), ill], axis=1), axis=1)
    found = np.empty(len(ill))
    rising = 1e-9 * np.arange(len(dose))
    for place, (row, less) in enumerate(zip(ill, fewer, strict=True)):
        enough = np.interp(RECIPIENTS_ILL, row + rising, dose)
        found[place] = np.interp(enough + less, dose, row)
    return found


_READINGS: dict[str, Callable[..., Floats]] = {
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
    "relapse_incidence": lambda seen: _mean(seen.whole["relapse_incidence"]),
    "spontaneous_relapse": _first("relapse_incidence"),
    "severity_day_3": _severity(3),
    "severity_day_5": _severity(5),
    "severity_day_8": _severity(8),
    "peak_day": lambda seen: seen.turns[0],
    "remission_day": lambda seen: seen.turns[1],
    "second_peak_day": lambda seen: seen.turns[2],
    "relapse_rise": lambda seen: seen.turns[3],
    "relapse_day": _relapse_day,
    "without_signs": _well,
    "second_bout_severity": _second_bout,
    "second_attack": _second_attack,
    "induced_rise": _induced_rise,
    "later_donors": _later_donors,
}


def reading(name: str) -> Callable[..., Floats]:
    """Return what reads populations, each of shape (populations, ...), into one number a population.

    Raises
    ------
    UnknownNameError
        If there is no such reading.

    Examples
    --------
    >>> reading("peak_day").__name__
    '<lambda>'
    """
    if name not in _READINGS:
        raise unknown_name(name, "reading", _READINGS)
    return _READINGS[name]
