"""Relapses of the same patients in several arms, and their rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.onsets import relapse_onsets
from eaesim.endpoints.ranks import Places
from eaesim.errors import NothingComputedError
from eaesim.protocol import Arm
from eaesim.solver import USUAL, Effort
from eaesim.study.attacks import YEAR
from eaesim.study.patients import Patients, follow
from eaesim.study.trialpool import LOOK_BACK, with_run_in


@dataclass(frozen=True)
class RelapseCounts:
    """Number of relapses of each patient in each arm.

    Attributes
    ----------
    counts
        Relapses from the day after randomisation on, by arm; shape (patients,), the same patients in each.
    member
        Index of each patient's parameter set.
    members
        Number of parameter sets.
    years
        Time in which relapses were counted.
    failed
        Patients who could not be solved in some arm, and are left out of all.

    Examples
    --------
    >>> found = RelapseCounts({"A": np.array([1, 0]), "B": np.array([2, 2])}, np.array([0, 1]), 2, 2.0, 0)
    >>> found.rates("A").tolist(), found.ratios("A", "B").tolist()
    ([0.5, 0.0], [0.5, 0.0])
    """

    counts: Mapping[str, Places]
    member: Places
    members: int
    years: float
    failed: int

    @property
    def most(self) -> int:
        """Largest number of relapses of a patient."""
        return int(max(each.max() for each in self.counts.values()))

    def of_set(self, name: str, place: int) -> Places:
        """Return the relapses of the patients of one parameter set in an arm."""
        found: Places = self.counts[name][self.member == place]
        return found

    def rates(self, name: str) -> Floats:
        """Return relapses a year in an arm, of each parameter set; NaN for a set without patients."""
        total = np.bincount(self.member, self.counts[name], minlength=self.members)
        patients = np.bincount(self.member, minlength=self.members)
        return np.asarray(total / np.where(patients > 0, patients, np.nan) / self.years)

    def ratios(self, treated: str, control: str) -> Floats:
        """Return the ratio of the rates of two arms, of each parameter set; NaN without relapses."""
        control_rates = self.rates(control)
        return np.asarray(self.rates(treated) / np.where(control_rates > 0, control_rates, np.nan))


def count_relapses(
    patients: Patients,
    arms: Sequence[Arm],
    *,
    until: int,
    mechanism: str,
    effort: Effort = USUAL,
) -> RelapseCounts:
    """Follow patients in every arm, one arm after the other, and count their relapses.

    Parameters
    ----------
    patients
        Patients on day 0.
    arms
        Arms, each with a name of its own.
    until
        Last day.
    mechanism
        Mechanism of IVIG.
    effort
        Engine and workers; its progress is called after each arm.

    Raises
    ------
    NothingComputedError
        If every patient fails in some arm.
    """
    quiet = effort.quiet
    back = min(LOOK_BACK, patients.before.edss.shape[1] - 1)
    counts, solved = dict[str, Places](), np.arange(len(patients.number))
    for done, arm in enumerate(arms, start=1):
        course = follow(
            patients,
            arm,
            until=until,
            mechanism=mechanism,
            effort=quiet,
        ).edss
        daily = with_run_in(patients.before.edss, np.nan_to_num(course, nan=0.0), back)
        counts[arm.name] = relapse_onsets(daily, first_day=-back).counts(1, until)
        solved = np.intersect1d(solved, np.flatnonzero(np.isfinite(course).all(axis=1)))
        if effort.progress is not None:
            effort.progress(done, len(arms))
    if not len(solved):
        raise NothingComputedError("every patient failed in some arm.")
    return RelapseCounts(
        {name: each[solved] for name, each in counts.items()},
        patients.member[solved],
        len(patients.subjects),
        until / YEAR,
        len(patients.number) - len(solved),
    )
