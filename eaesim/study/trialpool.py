"""The simulated patients of a trial in every arm, as its clinics read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.enrolment import Enrolled, enrol
from eaesim.endpoints.patients import PatientReadings, read_patients
from eaesim.endpoints.ranks import Places
from eaesim.endpoints.replicates import Comparison, arm_value, compare, joined_comparisons
from eaesim.endpoints.trialsample import ArmWindow
from eaesim.endpoints.visits import visit_days
from eaesim.errors import NothingComputedError
from eaesim.model import Rat
from eaesim.protocol import Arm
from eaesim.protocol.attacks import Attacks
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.outcome import Published
from eaesim.protocol.regimen import Regimen
from eaesim.protocol.trial import Trial
from eaesim.solver import USUAL, Effort
from eaesim.study.patients import Courses, Patients, follow
from eaesim.study.raters import draw_rater_errors
from eaesim.study.recruitment import Recruiting, recruit

# Relapses that begin shortly before randomisation are read, so that none is lost after it.
LOOK_BACK = 60


@dataclass(frozen=True)
class Pool:
    """Patients of a trial, the same persons in every arm.

    Attributes
    ----------
    trial
        The trial.
    readings
        What was read in each arm, by its name; of a crossover, in each sequence of arms.
    member
        Index of each patient's parameter set.
    members
        Number of parameter sets.
    drawn, failed
        Number of patients drawn, and of those that met the entry and could not be solved in some arm.
    """

    trial: Trial
    readings: Mapping[str, PatientReadings]
    member: Places
    members: int
    drawn: int
    failed: int

    def enrolled(self, trials: int, *, seed: int) -> list[tuple[Enrolled, ...]]:
        """Return the patients of each arm in many trials, for each parameter set."""
        sizes = [arm.patients for arm in self.trial.arms]
        if self.trial.sequence:
            size = self.trial.arm(self.trial.sequence[0]).patients
            sizes = [size - size // 2, size // 2]
        each = max(1, trials // self.members)
        return [
            enrol(
                sizes,
                eligible=np.flatnonzero(self.member == place),
                trials=each,
                seed=seed,
                parameter_set=place,
                dropout=self.trial.dropout,
            )
            for place in range(self.members)
        ]

    def found(self, row: Published, enrolled: Sequence[tuple[Enrolled, ...]]) -> Comparison:
        """Return what many trials find of a published row."""
        return joined_comparisons([self._compared(row, one) for one in enrolled])

    def _compared(self, row: Published, enrolled: tuple[Enrolled, ...]) -> Comparison:
        treated, control = (self.windows(row, name, enrolled) for name in (row.arm, self.trial.control))
        if row.measure == "value":
            return arm_value(row.endpoint, treated)
        return compare(row.endpoint, row.measure, treated, control, paired=bool(self.trial.sequence))

    def windows(self, row: Published, arm: str, enrolled: Sequence[Enrolled]) -> list[ArmWindow]:
        """Return what is read of an arm for a row: one window, or one of each sequence of a crossover."""
        last = self.trial.until if row.until is None else row.until
        if not self.trial.sequence:
            place = [each.name for each in self.trial.arms].index(arm)
            own = enrolled[min(place, len(enrolled) - 1)]
            return [ArmWindow(self.readings[arm], own, row.since, last)]
        period = self.trial.period
        return [
            ArmWindow(self.readings[name], own, place * period, (place + 1) * period)
            for (name, order), own in zip(sequences(self.trial).items(), enrolled, strict=True)
            for place in [order.index(arm)]
        ]


def sequences(trial: Trial) -> dict[str, tuple[str, ...]]:
    """Return the orders in which the arms of a crossover are given, by name.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> list(sequences(SimpleNamespace(sequence=("IVIG", "placebo"))))
    ['IVIG then placebo', 'placebo then IVIG']
    """
    orders = (tuple(trial.sequence), tuple(reversed(trial.sequence)))
    return {" then ".join(order): order for order in orders}


def given_arms(trial: Trial) -> dict[str, Arm]:
    """Return what is given in each arm, or in each sequence of a crossover."""
    if not trial.sequence:
        return {arm.name: trial.given(arm.name) for arm in trial.arms}
    found = {}
    for name, order in sequences(trial).items():
        parts = [_later(trial.given(arm).regimen, place * trial.period) for place, arm in enumerate(order)]
        found[name] = Arm(name, *parts)
    return found


def simulate_trial(
    trial: Trial,
    subjects: Sequence[Rat],
    attacks: Sequence[Attacks],
    how: Recruiting,
    *,
    mechanism: str,
    patients: Patients | None = None,
    untreated: dict[str, Courses] | None = None,
    effort: Effort = USUAL,
) -> Pool:
    """Recruit patients, follow them in every arm, and read them.

    Parameters
    ----------
    trial
        The trial.
    subjects, attacks
        Parameter sets of the patient, and the attacks of each.
    how
        How many patients are drawn, and by which seed.
    mechanism
        Mechanism of IVIG.
    patients
        Patients that are recruited already.
    untreated
        Courses of these patients in arms without IVIG, by name, which no mechanism changes; those that are
        missing are added.
    effort
        Engine and workers.

    Raises
    ------
    NothingComputedError
        If nobody meets the entry, or every patient fails.
    """
    if patients is None:
        patients = recruit(trial, subjects, attacks, how, until=trial.until, effort=effort)
    known = {} if untreated is None else untreated
    courses = {}
    for name, arm in given_arms(trial).items():
        courses[name] = known.get(name) or follow(
            patients,
            arm,
            until=trial.until,
            mechanism=mechanism,
            attacks=attacks,
            own_igg=how.own_igg,
            effort=effort,
        )
        if not arm.regimen.total().get(STUDIED_DRUG):
            known[name] = courses[name]
    solved = np.all([np.isfinite(each.edss).all(axis=1) for each in courses.values()], axis=0)
    kept = np.flatnonzero(solved)
    if not len(kept):
        raise NothingComputedError("every patient failed in some arm.")
    visits = visit_days(trial.until, also=_visits(trial))
    everyone = int(patients.number.max()) + 1
    errors = draw_rater_errors(everyone, seed=how.seed, visits=visits)[patients.number[kept]]
    back = min(LOOK_BACK, patients.before.edss.shape[1] - 1)
    readings = {
        name: read_patients(
            with_run_in(patients.before.edss, each.edss, back)[kept],
            with_run_in(patients.before.inflammation, each.inflammation, back)[kept],
            visits=visits,
            first_day=-back,
            errors=errors,
        )
        for name, each in courses.items()
    }
    return Pool(
        trial,
        readings,
        patients.member[kept],
        len(patients.subjects),
        patients.drawn,
        int((~solved).sum()),
    )


def _visits(trial: Trial) -> tuple[int, ...]:
    """Return the days of visits that published rows and periods need besides the usual ones."""
    days = {day for row in trial.published for day in (max(row.since, 0), row.until) if day is not None}
    days |= {trial.period * (place + 1) for place in range(len(trial.sequence))}
    return tuple(sorted(days | {trial.until}))


def with_run_in(before: Floats, after: Floats, back: int) -> Floats:
    """Return the last days of the run-in and the follow-up, which share day 0."""
    first = before.shape[1] - 1 - back
    return np.concatenate([before[:, first:-1], after], axis=1)


def _later(regimen: Regimen, days: float) -> Regimen:
    """Return a regimen that begins so many days later."""
    lines = (line if line.day is None else replace(line, day=line.day + days) for line in regimen.lines)
    return Regimen(tuple(lines))
