"""Relapses of patients, read off the daily EDSS as a clinic would date them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Bools, Floats
from eaesim.endpoints.ranks import Places
from eaesim.errors import QuantityError

# Patients in a block, few enough for the processor's cache.
AT_ONCE = 500


@dataclass(frozen=True)
class RelapseRule:
    """What counts as a relapse.

    Attributes
    ----------
    rise
        Least rise of the EDSS over its lowest value of the last `stable` days.
    stable
        Days over which the lowest value is taken, and least days between two onsets.
    held
        Daily readings in a row that have to show the rise, the first of which is the onset.
    followed
        Days from the onset among which the highest EDSS is looked for.
    """

    rise: float = 0.75
    stable: int = 30
    held: int = 3
    followed: int = 60

    def __post_init__(self) -> None:
        if not self.rise > 0:
            raise QuantityError(f"rise = {self.rise}; give an EDSS rise above 0.")
        for name in ("stable", "held", "followed"):
            if getattr(self, name) < 1:
                raise QuantityError(f"{name} = {getattr(self, name)}; give a whole number of days from 1.")


@dataclass(frozen=True)
class Onsets:
    """A table of relapses, one row each, by patient and then by day.

    Attributes
    ----------
    patient, day
        Number of the patient, and day of the onset.
    rise
        Highest EDSS after the onset less the lowest before it.
    patients
        Number of patients, those without a relapse included.
    first_day, last_day
        First and last day of the readings; an onset needs `held` readings, so none is seen on the very last.
    """

    patient: Places
    day: Places
    rise: Floats
    patients: int
    first_day: int
    last_day: int

    def counts(self, first: int, last: int) -> Places:
        """Return each patient's number of onsets on the days from `first` to `last`, both included."""
        within = (self.day >= first) & (self.day <= last)
        return np.bincount(self.patient[within], minlength=self.patients)

    def cumulative(self) -> npt.NDArray[np.int16]:
        """Return each patient's number of onsets up to and including each day, shape (patients, days)."""
        seen = np.zeros((self.patients, self.last_day - self.first_day + 1), dtype=np.int16)
        seen[self.patient, self.day - self.first_day] = 1
        return np.cumsum(seen, axis=1, dtype=np.int16)

    def first_after(self, day: int) -> Floats:
        """Return the day of each patient's first onset after `day`; infinite without one."""
        first = np.full(self.patients, np.inf)
        later = self.day > day
        np.minimum.at(first, self.patient[later], self.day[later].astype(np.float64))
        return first


def relapse_onsets(edss: Floats, *, first_day: int = 0, rule: RelapseRule | None = None) -> Onsets:
    """Find the relapses of each patient in a daily EDSS.

    The onset is the first of `rule.held` daily readings that are all `rule.rise` above the lowest EDSS of the
    `rule.stable` days before it; the next onset is at the earliest `rule.stable` days later, and not while
    the same rise goes on. During the first days of the readings fewer days are looked back at, and no relapse
    begins on the first of them: readings
    that start before randomisation lose none after it.

    Parameters
    ----------
    edss
        Daily EDSS, shape (patients, days).
    first_day
        Day of the first reading; day 0 is randomisation.
    rule
        What counts as a relapse.

    Raises
    ------
    QuantityError
        If a reading is missing, because a failed patient would otherwise count as free of relapses.

    Examples
    --------
    >>> edss = np.array([[2.0, 2, 2, 3, 3, 3, 2, 2]])
    >>> found = relapse_onsets(edss, first_day=-1)
    >>> found.patient.tolist(), found.day.tolist(), found.rise.tolist()
    ([0], [2], [1.0])
    """
    rule = rule or RelapseRule()
    checked_edss(edss, first_day=first_day)
    found = [_onsets(edss[start : start + AT_ONCE], rule) for start in range(0, len(edss), AT_ONCE)]
    patient = np.concatenate([part[0] + place * AT_ONCE for place, part in enumerate(found)])
    day, rise = (np.concatenate([part[column] for part in found]) for column in (1, 2))
    return Onsets(patient, day + first_day, rise, len(edss), first_day, first_day + edss.shape[1] - 1)


def _onsets(edss: Floats, rule: RelapseRule) -> tuple[Places, Places, Floats]:
    """Return patient, day (from 0) and rise of each onset."""
    patients, days = edss.shape
    by_day = np.ascontiguousarray(
        edss.T
    )  # a loop over days is fast where the patients of a day are contiguous
    low = _lowest_before(by_day, rule.stable)
    raised = np.zeros((days, patients), dtype=np.bool_)
    usable = max(days - rule.held + 1, 0)
    needed = low[:usable] + rule.rise
    raised[:usable] = by_day[:usable] >= needed
    for later in range(1, rule.held):
        raised[:usable] &= by_day[later : usable + later] >= needed
    patient, day = np.nonzero(_apart(raised, rule.stable).T)
    followed = np.minimum(day[:, None] + np.arange(rule.followed), days - 1)
    top = edss[patient[:, None], followed].max(axis=1, initial=0.0)
    return patient, day, top - low[day, patient]


def checked_edss(edss: Floats, *, first_day: int) -> None:
    """Check that a daily EDSS is an array of patients and days with a number from 0 to 10 everywhere.

    Raises
    ------
    QuantityError
        If it is not.
    """
    if edss.ndim != 2 or not edss.size:
        raise QuantityError(f"the EDSS has shape {edss.shape}; give an array of patients and days.")
    wrong = ~((edss >= 0) & (edss <= 10))
    if wrong.any():
        patient, day = (int(place[0]) for place in np.nonzero(wrong))
        raise QuantityError(
            f"the EDSS of patient {patient} on day {day + first_day} is {edss[patient, day]}; it is "
            "between 0 and 10, and patients whose simulation failed are left out of every arm first."
        )


def _lowest_before(by_day: Floats, days: int) -> Floats:
    """Return the lowest value of the `days` before each day, fewer at the start; infinite on the first."""
    lowest = np.full_like(by_day, np.inf)
    lowest[1:] = by_day[:-1]
    # The window is doubled until it is as long as asked; overlapping windows give the same minimum.
    reach = 1
    while reach < days:
        step = min(reach, days - reach)
        lowest[step:] = np.minimum(lowest[step:], lowest[:-step])
        reach += step
    # An infinite lowest value means that there is no earlier reading, hence no rise.
    return lowest


def _apart(raised: Bools, days: int) -> Bools:
    """Keep the first day of each rise that begins at least `days` after the last one that was kept.

    A deficit that goes on rising is one relapse, however long it takes.
    """
    kept = np.zeros_like(raised)
    free_from = np.zeros(raised.shape[1], dtype=np.int64)
    begins = raised.copy()
    begins[1:] &= ~raised[:-1]
    for day in np.flatnonzero(begins.any(axis=1)):
        kept[day] = begins[day] & (free_from <= day)
        free_from[kept[day]] = day + days
    return kept
