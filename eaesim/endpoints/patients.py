"""What a clinic reads of each patient of a trial: relapses, EDSS at visits, MRI activity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Bools, Floats
from eaesim.endpoints.onsets import Onsets, relapse_onsets
from eaesim.endpoints.visits import rated_edss
from eaesim.errors import QuantityError


@dataclass(frozen=True)
class PatientReadings:
    """The readings of the patients of one arm; patient i of every arm is the same person.

    Attributes
    ----------
    onsets
        Their relapses, from the run-in on.
    visits
        Days of the visits, ascending; day 0 is randomisation.
    edss
        EDSS as rated at each visit, shape (patients, visits).
    activity
        Inflammation above a level, summed over the days up to and including each visit, shape (patients,
        visits); the difference of two visits is the activity between them.
    """

    onsets: Onsets
    visits: tuple[int, ...]
    edss: Floats
    activity: Floats

    @property
    def patients(self) -> int:
        """Number of patients."""
        return len(self.edss)

    @property
    def until(self) -> int:
        """Last day of the readings."""
        return self.onsets.last_day

    @cached_property
    def relapses(self) -> npt.NDArray[np.int16]:
        """Number of onsets up to each day from day 0, shape (patients, days); those of the run-in count."""
        return self.onsets.cumulative()[:, -self.onsets.first_day :]

    def during_relapse(self, days: int) -> Bools:
        """Return which visits fall on the onset of a relapse or fewer than `days` days after it."""
        seen = np.zeros(self.edss.shape, dtype=np.bool_)
        for visit, day in enumerate(self.visits):
            seen[:, visit] = self.onsets.counts(day - days + 1, day) > 0
        return seen


def read_patients(
    edss: Floats,
    inflammation: Floats,
    *,
    visits: Sequence[int],
    first_day: int = 0,
    errors: Floats | float = 0.0,
) -> PatientReadings:
    """Read the daily courses of patients as a clinic does.

    Parameters
    ----------
    edss, inflammation
        Daily EDSS, and inflammation of the CNS in the model's unit, shape (patients, days).
    visits
        Days of the visits, ascending, from day 0 on; see `eaesim.endpoints.visits.visit_days`.
    first_day
        Day of the first reading, 0 or before: with 30 days of run-in or more, no relapse is lost after day 0.
    errors
        Raters' errors as standard normal deviates, shape (patients, visits); 0 for a rater without error.

    Raises
    ------
    QuantityError
        If a reading is missing, or the days of the visits are not among those read.

    Examples
    --------
    >>> edss = np.array([[2.0, 2, 2, 3, 3, 3, 2, 2]])
    >>> seen = read_patients(edss, np.ones((1, 8)), visits=(0, 3, 6), first_day=-1)
    >>> seen.edss.tolist(), seen.activity.tolist(), seen.relapses[0].tolist()
    ([[2.0, 3.0, 2.0]], [[1.0, 4.0, 7.0]], [0, 0, 1, 1, 1, 1, 1])
    """
    onsets = relapse_onsets(edss, first_day=first_day)
    if inflammation.shape != edss.shape:
        raise QuantityError(f"EDSS has shape {edss.shape}, inflammation {inflammation.shape}; give the same.")
    if not np.isfinite(inflammation).all():
        raise QuantityError(
            "an inflammation is missing; patients that failed are left out of every arm first."
        )
    days = tuple(int(day) for day in visits)
    if first_day > 0 or len(days) < 1 or days[0] < 0 or days[-1] > onsets.last_day:
        raise QuantityError(
            f"visits on days {days}; give days from 0 to {onsets.last_day}, read from day 0 on."
        )
    if any(later <= day for day, later in pairwise(days)):
        raise QuantityError(f"visits on days {days}; give them in ascending order.")
    places = np.array(days) - first_day
    above = np.cumsum(np.maximum(inflammation[:, -first_day:], 0.0), axis=1)
    rated = rated_edss(edss[:, places], errors=errors)
    return PatientReadings(onsets, days, rated, above[:, list(days)])


def joined_readings(parts: Sequence[PatientReadings]) -> PatientReadings:
    """Join the readings of further patients of the same arm, in that order.

    Raises
    ------
    QuantityError
        If the parts were read on different days.
    """
    first = parts[0]
    spans = {(part.visits, part.onsets.first_day, part.onsets.last_day) for part in parts}
    if len(spans) > 1:
        raise QuantityError("readings of different days cannot be joined.")
    before = np.cumsum([0, *(part.patients for part in parts)])
    numbers = [part.onsets.patient + start for part, start in zip(parts, before, strict=False)]
    onsets = Onsets(
        np.concatenate(numbers),
        np.concatenate([part.onsets.day for part in parts]),
        np.concatenate([part.onsets.rise for part in parts]),
        int(before[-1]),
        first.onsets.first_day,
        first.onsets.last_day,
    )
    edss, activity = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("edss", "activity")
    )
    return PatientReadings(onsets, first.visits, edss, activity)
