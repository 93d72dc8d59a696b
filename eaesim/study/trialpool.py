"""The simulated patients of a trial in every arm, as its clinics read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.endpoints.enrolment import Enrolled, enrol
from eaesim.endpoints.patients import PatientReadings, joined_readings, read_patients
from eaesim.endpoints.ranks import Places
from eaesim.endpoints.replicates import Comparison, arm_value, compare, joined_comparisons
from eaesim.endpoints.trialsample import ArmWindow
from eaesim.endpoints.visits import visit_days
from eaesim.errors import NothingComputedError
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.outcome import Published
from eaesim.protocol.regimen import Regimen
from eaesim.protocol.trial import Trial
from eaesim.solver import USUAL, Effort
from eaesim.study.patients import Patients, chunks, follow
from eaesim.study.raters import draw_rater_errors

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
        Index of each patient's parameter set; -1 for a patient that could not be solved in some arm.
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
        paired = bool(self.trial.sequence)
        return joined_comparisons([self._compared(row, one, paired=paired) for one in enrolled])

    def population(self, row: Published) -> Floats:
        """Return each parameter set's own value of a row: every patient stands in both arms."""
        found = np.full(self.members, np.nan)
        for place in range(self.members):
            persons = np.flatnonzero(self.member == place)
            everyone = Enrolled(persons[None, :], np.full((1, len(persons)), np.inf))
            arms = len(self.trial.sequence) or len(self.trial.arms)
            if len(persons):
                found[place] = self._compared(row, (everyone,) * arms, paired=False).estimate[0]
        return found

    def _compared(self, row: Published, enrolled: tuple[Enrolled, ...], *, paired: bool) -> Comparison:
        treated, control = (self.windows(row, name, enrolled) for name in (row.arm, self.trial.control))
        if row.measure == "value":
            return arm_value(row.endpoint, treated)
        return compare(row.endpoint, row.measure, treated, control, paired=paired)

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
    patients: Patients,
    *,
    mechanism: str,
    untreated: dict[str, Read] | None = None,
    effort: Effort = USUAL,
) -> Pool:
    """Follow the patients of a trial in every arm, and read them.

    Parameters
    ----------
    trial
        The trial.
    patients
        Its patients, as `recruit` returns them.
    mechanism
        Mechanism of IVIG.
    untreated
        What was read of these patients in arms without IVIG, by name, which no mechanism changes; what is
        missing is added.
    effort
        Engine and workers.

    Raises
    ------
    NothingComputedError
        If every patient fails.
    """
    known = {} if untreated is None else untreated
    found: dict[str, Read] = {}
    for name, arm in given_arms(trial).items():
        found[name] = known.get(name) or _read(trial, patients, arm, mechanism, effort)
        if not arm.regimen.total().get(STUDIED_DRUG):
            known[name] = found[name]
    solved = np.all([each.solved for each in found.values()], axis=0)
    if not solved.any():
        raise NothingComputedError("every patient failed in some arm.")
    return Pool(
        trial,
        {name: each.readings for name, each in found.items()},
        np.where(solved, patients.member, -1),
        len(patients.subjects),
        patients.drawn,
        int((~solved).sum()),
    )


@dataclass(frozen=True)
class Read:
    """What was read in one arm, and which patients were solved."""

    readings: PatientReadings
    solved: npt.NDArray[np.bool_]


def _read(trial: Trial, patients: Patients, arm: Arm, mechanism: str, effort: Effort) -> Read:
    """Follow and read the patients of one arm, some at a time: their courses are not kept."""
    visits = visit_days(trial.until, also=_visits(trial))
    everyone = int(patients.number.max()) + 1
    errors = draw_rater_errors(everyone, seed=patients.seed, visits=visits)[patients.number]
    back = min(LOOK_BACK, patients.before.edss.shape[1] - 1)
    parts, solved = [], []
    for rows in chunks(len(patients.number)):
        own = patients.rows(rows)
        courses = follow(own, arm, until=trial.until, mechanism=mechanism, effort=effort)
        solved.append(np.isfinite(courses.edss).all(axis=1))
        # Patients that failed are never enrolled, so what they are read as does not matter.
        edss, inflammation = (np.nan_to_num(each) for each in (courses.edss, courses.inflammation))
        parts.append(
            read_patients(
                with_run_in(own.before.edss, edss, back),
                with_run_in(own.before.inflammation, inflammation, back),
                visits=visits,
                first_day=-back,
                errors=errors[rows],
            )
        )
    return Read(joined_readings(parts), np.concatenate(solved))


def _visits(trial: Trial) -> tuple[int, ...]:
    """Return the days of visits that published data and periods need besides the usual ones."""
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
