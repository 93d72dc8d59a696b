"""The readings of the patients of one arm between two days, as each endpoint of a trial needs them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from eaesim.endpoints.dead import Bools, Floats
from eaesim.endpoints.enrolment import YEAR, Enrolled
from eaesim.endpoints.patients import PatientReadings
from eaesim.endpoints.ranks import Places
from eaesim.endpoints.visits import ProgressionRule, confirmed_progression
from eaesim.errors import QuantityError

#: Least fall of the EDSS that counts as a gain.
GAIN = 1.0


@dataclass(frozen=True)
class ArmWindow:
    """One arm of many trials, watched from one day to another.

    A relapse counts from the day after `first` up to and including `last`, and the visits from `first` to
    `last`, of which the first is the baseline: windows that follow each other share the day between them, and
    no event is counted twice.

    Attributes
    ----------
    readings
        What the clinic read of the pool of patients.
    enrolled
        The patients of each trial.
    first, last
        First and last day.
    progression
        What counts as confirmed progression.
    """

    readings: PatientReadings
    enrolled: Enrolled
    first: int
    last: int
    progression: ProgressionRule = field(default_factory=ProgressionRule)

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.last <= self.readings.until:
            raise QuantityError(
                f"days {self.first} to {self.last}; give two days from 0 to {self.readings.until}, the "
                "earlier one first."
            )

    @property
    def stop(self) -> Floats:
        """Last day on which each patient is watched, not before `first`, shape (trials, patients)."""
        return np.clip(self.enrolled.stop, self.first, self.last)

    def watched(self, values: Floats, stop: Floats) -> Floats:
        """Return values with NaN for the patients who were never watched."""
        return np.where(stop > self.first, values, np.nan)


@dataclass(frozen=True)
class Sample:
    """One reading of each patient of one arm of many trials, shape (trials, patients); NaN: not read.

    Attributes
    ----------
    value
        A number; a number of events or an amount in `years`; 1 or 0 for a share; or a time.
    years
        Time in which events were counted, in years, for a rate.
    seen
        Whether the event was observed, for a time; else the patient was lost, or watched to the end, then.
    """

    value: Floats
    years: Floats | None = None
    seen: Bools | None = None

    @property
    def counts(self) -> tuple[Floats, Floats]:
        """The amounts, and the years in which they were counted; 1 for what is no rate."""
        return self.value, np.ones_like(self.value) if self.years is None else self.years

    @property
    def per_year(self) -> Floats:
        """Each patient's own amount a year, or the value itself of what is no rate."""
        amount, years = self.counts
        return np.asarray(amount / years)

    @property
    def times(self) -> tuple[Floats, Bools]:
        """The times, and whether the event was observed then; all were, unless it is said."""
        return self.value, ~np.isnan(self.value) if self.seen is None else self.seen


def joined_samples(parts: list[Sample]) -> Sample:
    """Return the samples of further patients side by side."""

    def side_by_side(name: str) -> Floats | None:
        columns = [getattr(part, name) for part in parts]
        return None if columns[0] is None else np.concatenate(columns, axis=1)

    value = np.concatenate([part.value for part in parts], axis=1)
    seen = side_by_side("seen")
    return Sample(value, side_by_side("years"), None if seen is None else seen.astype(np.bool_))


def relapses(arm: ArmWindow) -> Sample:
    """Return each patient's relapses, and the years in which they were counted."""
    stop = arm.stop
    person = arm.enrolled.person
    seen = arm.readings.relapses
    count = seen[person, stop.astype(np.int64)] - seen[person, arm.first]
    years = (stop - arm.first) / YEAR
    return Sample(arm.watched(count.astype(np.float64), stop), arm.watched(years, stop))


def relapse_free(arm: ArmWindow) -> Sample:
    """Return 1 for patients without a relapse while they were watched, as trials of the time counted them."""
    return Sample(np.where(np.isnan(value := relapses(arm).value), np.nan, value == 0))


def first_relapse(arm: ArmWindow) -> Sample:
    """Return the days from the window's first day to the first relapse."""
    return _time(arm, arm.readings.onsets.first_after(arm.first)[arm.enrolled.person])


def progression(arm: ArmWindow) -> Sample:
    """Return the days to confirmed progression; the visit that confirms it must have been attended."""
    first, after = _visits(arm)
    readings = arm.readings
    aside = None
    if arm.progression.after_relapse:
        aside = readings.during_relapse(arm.progression.after_relapse)[:, first:after]
    days = readings.visits[first:after]
    began, confirmed = confirmed_progression(
        readings.edss[:, first:after], days, rule=arm.progression, aside=aside
    )
    person = arm.enrolled.person
    known = confirmed[person] <= arm.stop
    return _time(arm, np.where(known, began[person], np.inf))


def edss_change(arm: ArmWindow) -> Sample:
    """Return the EDSS at the last visit attended minus the baseline; NaN without a visit after it."""
    first, last = _ends(arm)
    change = arm.readings.edss[arm.enrolled.person, last] - arm.readings.edss[arm.enrolled.person, first]
    return Sample(np.where(last > first, change, np.nan))


def edss_gain(arm: ArmWindow) -> Sample:
    """Return 1 for patients who are one EDSS point better at the window's last visit; NaN if missed."""
    first, last = _ends(arm)
    change = edss_change(arm).value
    _, after = _visits(arm)
    return Sample(np.where((last == after - 1) & (last > first), change <= -GAIN, np.nan))


def mri_activity(arm: ArmWindow) -> Sample:
    """Return the MRI activity from the baseline to the last visit attended, and the years between them."""
    first, last = _ends(arm)
    person = arm.enrolled.person
    amount = arm.readings.activity[person, last] - arm.readings.activity[person, first]
    days = np.array(arm.readings.visits)
    years = (days[last] - days[first]) / YEAR
    return Sample(np.where(last > first, amount, np.nan), np.where(last > first, years, np.nan))


def _time(arm: ArmWindow, day: Floats) -> Sample:
    """Return the time to an event on a day, and whether it came while the patient was watched."""
    stop = arm.stop
    seen = day <= stop
    return Sample(arm.watched(np.where(seen, day, stop) - arm.first, stop), seen=seen)


def _visits(arm: ArmWindow) -> tuple[int, int]:
    """Return the place of the first visit of the window, and the one after its last."""
    first = int(np.searchsorted(arm.readings.visits, arm.first, side="left"))
    after = int(np.searchsorted(arm.readings.visits, arm.last, side="right"))
    if after - first < 2:
        raise QuantityError(
            f"days {arm.first} to {arm.last} hold {after - first} of the visits on days "
            f"{arm.readings.visits}; a change needs two."
        )
    return first, after


def _ends(arm: ArmWindow) -> tuple[int, Places]:
    """Return the places of the baseline visit and of each patient's last visit, shape (trials, patients)."""
    first, _ = _visits(arm)
    last = np.searchsorted(arm.readings.visits, arm.stop, side="right") - 1
    return first, np.maximum(last, first)
