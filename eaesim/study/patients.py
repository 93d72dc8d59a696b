"""Patients of a trial: run in with their own attacks, then followed in every arm from the same state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.model import Parameters, Rat
from eaesim.model.score import axons_lost, edss
from eaesim.protocol import Arm
from eaesim.protocol.attacks import ATTACK_SETTINGS, Attacks, attacks_of
from eaesim.protocol.timeline import arm_events
from eaesim.solver import FAILED, USUAL, Effort, Events, Problem, Quantity, Reducer, Solution, System, solve
from eaesim.study.assembly import event_table, healthy, system_with, typical_parameters
from eaesim.study.attacks import DrawnAttacks, draw_attacks
from eaesim.study.cohort import draw_chunks, individual_parameters

Rows = npt.NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)
#: What is read of a patient daily: disability, and the activity of lesions.
READ: tuple[Quantity, ...] = (edss, "inflammation")
VEHICLE = Arm("vehicle")
_AT_ONCE = 4096


@dataclass(frozen=True)
class Courses:
    """Daily courses of patients, one row each; NaN for a patient that could not be solved.

    Attributes
    ----------
    edss
        Disability, shape (patients, days).
    inflammation
        Activated macrophages in the CNS, of the same shape.
    """

    edss: Floats
    inflammation: Floats

    def rows(self, chosen: Rows) -> Courses:
        """Return the courses of some patients."""
        return Courses(self.edss[chosen], self.inflammation[chosen])


@dataclass(frozen=True)
class Patients:
    """Patients on day 0, one row each.

    Attributes
    ----------
    subjects
        Parameter sets.
    number
        Number of each patient in the study: its differences, attacks and parameter set.
    state
        State on day 0, shape (patients, states).
    attacks
        Attacks from day 0 on.
    before
        Courses of the run-in, the last day being day 0.
    seed
        Seed of the study.
    drawn
        Number of patients that were drawn, of which these are left.
    process
        Random process of the attacks of each parameter set.
    own_igg
        Whether the patient's own IgG acts like given IgG.
    """

    subjects: tuple[Rat, ...]
    number: Rows
    state: Floats
    attacks: DrawnAttacks
    before: Courses
    seed: int
    drawn: int
    process: tuple[Attacks, ...]
    own_igg: bool = False

    @property
    def member(self) -> Rows:
        """Index of each patient's parameter set."""
        return self.number % len(self.subjects)

    def rows(self, chosen: Rows) -> Patients:
        """Return some of the patients."""
        return replace(
            self,
            number=self.number[chosen],
            state=self.state[chosen],
            attacks=self.attacks.rows(chosen),
            before=self.before.rows(chosen),
        )


def attacks_in(subject: Rat, given: dict[str, float] | None = None) -> Attacks:
    """Return the attacks of a patient, with some settings replaced.

    Examples
    --------
    >>> from eaesim.model import load_subject
    >>> attacks_in(load_subject("patient"), {"rate": 3.0}).rate
    3.0
    """
    own = {name: entry.value for name, entry in subject.attacks.items() if name in ATTACK_SETTINGS}
    return attacks_of(own | (given or {}))


def run_in(
    subjects: Sequence[Rat],
    patients: int,
    *,
    seed: int,
    days: int,
    until: int,
    attacks: Sequence[Attacks],
    disability: float | None = None,
    own_igg: bool = False,
    day_zero: Floats | None = None,
    places: Sequence[int] | None = None,
    effort: Effort = USUAL,
) -> Patients:
    """Return patients on day 0, after a run-in with their own attacks and without treatment.

    Parameters
    ----------
    subjects
        Parameter sets; patient number i has that with index i modulo their number.
    patients
        Number of patients.
    seed
        Seed of the study.
    days
        Length of the run-in.
    until
        Last day of follow-up, for which attacks are drawn.
    attacks
        Attacks of each parameter set.
    disability
        EDSS before the first attack, the same in every patient; by default the subject's.
    own_igg
        Whether the patient's own IgG acts like given IgG.
    day_zero
        Day of each patient's run-in, from its start, that is to be day 0; by default the last.
    places
        Indices of the parameter sets whose patients are drawn; by default all.
    effort
        Engine, accuracy and workers.
    """
    number = np.arange(patients)
    if places is not None:
        number = number[np.isin(number % len(subjects), places)]
    drawn = draw_attacks(attacks, patients, seed=seed, start=0.0, end=float(days + until)).rows(number)
    shift = np.zeros(len(number)) if day_zero is None else days - day_zero
    drawn = drawn.shifted(shift)
    parameters = parameters_of(subjects, number, VEHICLE, mechanism="none", seed=seed)
    system = system_with((), own_igg=own_igg)
    state = _at_rest(parameters, system, subjects, number, disability)
    events = attack_events(drawn.between(-np.inf, float(days)), attacks, number, parameters, system)
    last = tuple(Reducer("last", name) for name in system.state._fields)
    problem = Problem(system, parameters, state, events, np.arange(days + 1.0), READ, last)
    before, on_day_0 = [], []
    for rows in chunks(len(number)):
        solution = _solve(problem.rows(rows), effort)
        before.append(_courses(solution))
        on_day_0.append(solution.reduced)
    return Patients(
        tuple(subjects),
        number,
        np.concatenate(on_day_0),
        drawn.shifted(np.full(len(number), -float(days))).between(0.0, float(until)),
        Courses(*(np.concatenate([getattr(one, name) for one in before]) for name in vars(before[0]))),
        seed,
        patients,
        tuple(attacks),
        own_igg,
    )


def chunks(patients: int) -> Iterator[Rows]:
    """Yield the places of so many patients at a time that their courses fit into memory.

    Examples
    --------
    >>> [len(rows) for rows in chunks(10_000)]
    [4096, 4096, 1808]
    """
    for first in range(0, patients, _AT_ONCE):
        yield np.arange(first, min(first + _AT_ONCE, patients))


def follow(
    patients: Patients,
    arm: Arm,
    *,
    until: int,
    mechanism: str,
    effort: Effort = USUAL,
) -> Courses:
    """Return the courses of patients in one arm, from day 0 to day `until`.

    Parameters
    ----------
    patients
        Patients on day 0.
    arm
        Treatment.
    until
        Last day.
    mechanism
        Mechanism of IVIG.
    effort
        Engine, accuracy and workers.
    """
    problem = undosed(patients, arm, until=until, mechanism=mechanism)
    given, parameters = arm_events((), arm.regimen, triggered={}), problem.parameters
    doses = event_table([given], np.zeros(len(parameters), dtype=np.int64), parameters, system=problem.system)
    return _courses(_solve(replace(problem, events=_together(problem.events, doses)), effort))


def undosed(patients: Patients, arm: Arm, *, until: int, mechanism: str) -> Problem:
    """Return what is solved for patients of one arm, with their attacks and without the arm's doses.

    The parameters are those of `follow`.
    """
    system = system_with(arm.drugs(), own_igg=patients.own_igg)
    parameters = parameters_of(
        patients.subjects, patients.number, arm, mechanism=mechanism, seed=patients.seed
    )
    state = np.zeros((len(parameters), len(system.state._fields)))
    state[:, : patients.state.shape[1]] = patients.state
    inside = patients.attacks.between(0.0, float(until))
    own = attack_events(inside, patients.process, patients.number, parameters, system)
    return Problem(system, parameters, state, own, np.arange(until + 1.0), READ)


def parameters_of(subjects: Sequence[Rat], number: Rows, arm: Arm, *, mechanism: str, seed: int) -> Floats:
    """Return the parameters of patients in one arm, shape (patients, parameters)."""
    typical, entries = zip(
        *(typical_parameters(one, arm, mechanism=mechanism) for one in subjects), strict=True
    )
    names = typical[0]._fields
    varied = tuple(name for name in names if entries[0][name].spread)
    count = int(number.max(initial=0)) + 1
    cohort = next(draw_chunks(count, seed=seed, days=0, size=count, varied=varied))
    differences, values = cohort.of(names)[number], np.empty((len(number), len(names)))
    for place in np.unique(number % len(subjects)):
        rows = np.flatnonzero(number % len(subjects) == place)
        values[rows] = individual_parameters(
            typical[place], entries=entries[place], differences=np.asfortranarray(differences[rows])
        )
    return values


def attack_events(
    drawn: DrawnAttacks, attacks: Sequence[Attacks], number: Rows, parameters: Floats, system: System
) -> Events:
    """Return the events of attacks: antigen and adjuvant in the periphery, or loaded cells in a lesion.

    The danger signal of a microbial attack is as strong as that of another; IgG can bind it.
    """
    state_of = {name: place for place, name in enumerate(system.state._fields)}
    strength = parameters[:, system.parameters._fields.index("adjuvant_incomplete_strength")]
    load = np.array([each.lesion_load for each in attacks])[number % len(attacks)]
    lesion, microbial = drawn.in_lesion, drawn.microbial & ~drawn.in_lesion
    first = np.where(lesion, state_of["dendritic_lesion"], state_of["antigen"])
    second = np.where(microbial, state_of["adjuvant_complete"], state_of["adjuvant_incomplete"])
    amounts = (
        np.where(lesion, load[:, None] * drawn.size, drawn.size),
        np.where(microbial, strength[:, None] * drawn.size, drawn.size),
    )
    return _together(
        Events(drawn.day, first, amounts[0]), Events(np.where(lesion, np.inf, drawn.day), second, amounts[1])
    )


def _together(one: Events, other: Events) -> Events:
    """Return the events of both, by day; without columns that hold none."""
    day = np.concatenate([one.day, other.day], axis=1)
    order = np.argsort(day, axis=1, kind="stable")
    columns = int(np.isfinite(day).sum(axis=1).max(initial=0))

    def joined(own: npt.NDArray[Number], others: npt.NDArray[Number]) -> npt.NDArray[Number]:
        both = np.concatenate([own, others], axis=1)
        return np.ascontiguousarray(np.take_along_axis(both, order, axis=1)[:, :columns])

    return Events(
        joined(one.day, other.day), joined(one.state, other.state), joined(one.amount, other.amount)
    )


def _at_rest(
    parameters: Floats, system: System, subjects: Sequence[Rat], number: Rows, disability: float | None
) -> Floats:
    """Return the states of patients without inflammation, who have lost axons."""
    state = healthy(parameters, system)
    own = Parameters._make(parameters.T[: len(Parameters._fields)])
    before = np.array([one.attacks["edss"].value if disability is None else disability for one in subjects])
    lost = axons_lost(before[number % len(subjects)], own)
    state[:, system.state._fields.index("axon_loss")] = np.minimum(lost, 1.0)
    return state


def _solve(problem: Problem, effort: Effort) -> Solution:
    accuracy = "scores" if effort.accuracy == "auto" else effort.accuracy
    return solve(
        problem, engine=effort.engine, accuracy=accuracy, workers=effort.workers, progress=effort.progress
    )


def _courses(solution: Solution) -> Courses:
    values = np.where((solution.status == FAILED)[:, None, None], np.nan, solution.values)
    # States near 0 may be as far below it as the solver's tolerance.
    return Courses(np.clip(values[:, :, 0], 0.0, 10.0), np.maximum(values[:, :, 1], 0.0))
