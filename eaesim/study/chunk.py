"""A chunk of rats in every arm, solved together in passes until all triggered doses are scheduled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.model import Parameter, Parameters
from eaesim.model.harvest import harvestable
from eaesim.protocol.induction import Harvest
from eaesim.protocol.timeline import Event
from eaesim.solver import FAILED, Problem, Quantity, Solution, solve
from eaesim.solver.problem import Begun
from eaesim.study.assembly import READ, REDUCED, build_problem, read
from eaesim.study.cohort import (
    FEW_ANIMALS,
    Cohort,
    individual_parameters,
    member_parameters,
    rat_members,
)
from eaesim.study.counter import Counter
from eaesim.study.harvest import Taken, no_courses, without_donor
from eaesim.study.identity import Identity
from eaesim.study.kept import ArmCourses
from eaesim.study.plan import ArmPlan, Plan
from eaesim.study.recorded import quantities
from eaesim.study.schedule import NEVER, arm_schedules, next_doses

# Rows read at once: few enough for the processor's cache.
READ_AT_ONCE = 1_024

Rats = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Settled:
    """Rats of one arm with final results.

    Attributes
    ----------
    arm
        Index of the arm.
    rats
        Indices in the chunk.
    courses
        Observed courses.
    status
        Status of each, as in `eaesim.solver.Solution`.
    reason
        Reason of failure or handover, by index in the chunk.
    starts
        Days of triggered doses, as for `arm_schedules`.
    """

    arm: int
    rats: Rats
    courses: ArmCourses
    status: npt.NDArray[np.uint8]
    reason: dict[int, str]
    starts: Floats


def run_chunk(plan: Plan, cohort: Cohort, counter: Counter) -> Iterator[Settled]:
    """Run some rats in every arm.

    Parameters
    ----------
    plan
        Plan of the study.
    cohort
        Rats.
    counter
        Counter of finished runs.

    Yields
    ------
    Settled
        Results in parts: every rat of every arm once.
    """
    rats = len(cohort.death)
    parameters = _parameters(plan, cohort)
    taken = {each: Taken.empty(rats) for own in plan.harvests.values() for each in own}
    for level in plan.levels:
        pending = [np.arange(rats if place in level else 0) for place in range(len(plan.arms))]
        for place in level:
            missing = without_donor({each: taken[each] for each in plan.arms[place].harvests})
            if missing:
                yield _not_run(plan, place, missing)
                pending[place] = np.setdiff1d(pending[place], list(missing))
                counter.add(len(missing))
        yield from _run_level(plan, cohort, counter, parameters, pending, taken)


def _run_level(
    plan: Plan,
    cohort: Cohort,
    counter: Counter,
    parameters: list[Floats],
    pending: list[Rats],
    taken: Mapping[Harvest, Taken],
) -> Iterator[Settled]:
    """Run the pending rats of each arm; `taken` has the cells that they need, and receives theirs.

    Rats that a dose was triggered for are continued from shortly before it.
    """
    if not any(map(len, pending)):
        return
    starts = [np.full((len(cohort.death), len(arm.lines)), NEVER) for arm in plan.arms]
    # All rows record the same quantities, so those of a harvest are recorded for all.
    gives = any(len(pending[place]) for place in plan.harvests)
    system = next(arm.system for arm, rats in zip(plan.arms, pending, strict=True) if len(rats))
    record = (*READ, *quantities(plan.record, system), *((harvestable,) if gives else ()))
    cells = {each: found.cells for each, found in taken.items()}
    begun: Begun | None = None
    while rows := sum(map(len, pending)):
        waits = np.concatenate(
            [(days[each] == NEVER).any(axis=1) for days, each in zip(starts, pending, strict=True)]
        )
        waiting = int(waits.sum())
        problem = _problem(plan, parameters, starts, pending, cells, record)
        problem = replace(problem, waits=waits if waiting else None, begun=begun)
        solution = solve(
            problem,
            engine=plan.engine,
            accuracy=plan.accuracy,
            workers=plan.workers,
            progress=counter.solving(rows, last=rows - waiting),
        )
        # The course before the next dose is unchanged, so earlier dose days remain valid.
        again = [np.arange(0)] * len(plan.arms)
        continued, dosed = [np.arange(0)], [np.zeros(0)]
        for arm, chosen, places in _parts(pending):
            courses = _read(plan, cohort, problem, solution, chosen, places)
            before = starts[arm][chosen]
            after = next_doses(
                before,
                plan.arms[arm].lines,
                score=courses.score,
                death_day=courses.death_day,
                induced=plan.arms[arm].induced,
            )
            fixed = (before != after).any(axis=1)
            starts[arm][chosen] = after
            again[arm] = np.concatenate([again[arm], chosen[fixed]])
            continued.append(places.start + np.flatnonzero(fixed))
            dosed.append(np.where(before != after, after, NEVER).min(axis=1, initial=NEVER)[fixed])
            left = np.flatnonzero(~fixed)
            for each in plan.harvests.get(arm, ()):
                pool, status = solution.values[places, :, -1][left], solution.status[places][left]
                taken[each].keep(each.day, chosen[left], pool, courses.at(left), status)
            yield Settled(
                arm,
                chosen[left],
                courses.at(left) if len(left) < len(chosen) else courses,
                solution.status[places][left],
                _reasons(solution, chosen[left], places.start + left),
                before[left],
            )
        pending = again
        if solution.on_the_way is not None:
            rows_again, days = np.concatenate(continued), np.concatenate(dosed)
            begun = solution.on_the_way.before(rows_again, days, problem, solution)
        counter.add(rows - sum(map(len, pending)))


def _parameters(plan: Plan, cohort: Cohort) -> list[Floats]:
    """Return the parameters of every rat in each arm, shared by arms with the same rats."""
    keys = [_Drawn(arm.typical, Identity(arm.entries), arm) for arm in plan.arms]
    if len(cohort.death) <= FEW_ANIMALS:
        return [_few_individuals(key, Identity(cohort)) for key in keys]
    known = {key: individuals(key.arm, cohort) for key in dict.fromkeys(keys)}
    return [known[key] for key in keys]


@dataclass(frozen=True)
class _Drawn:
    """What the parameters of an arm's rats are drawn from."""

    typical: tuple[Parameters, ...]
    entries: Identity[Mapping[str, Parameter]]
    arm: ArmPlan = field(compare=False)


@lru_cache(maxsize=16)  # at most 1 MB each
def _few_individuals(drawn: _Drawn, cohort: Identity[Cohort]) -> Floats:
    """Return what `individuals` gives: a search runs the same rats again and again."""
    values = individuals(drawn.arm, cohort.of)
    values.flags.writeable = False
    return values


def individuals(arm: ArmPlan, cohort: Cohort) -> Floats:
    """Return the parameters of every rat of an arm, shape (rats, parameters)."""
    differences = cohort.of(arm.typical[0]._fields)
    if len(arm.typical) == 1:
        return individual_parameters(arm.typical[0], entries=arm.entries, differences=differences)
    member = rat_members(len(cohort.death), members=len(arm.typical), first=cohort.first)
    return member_parameters(arm.typical, member, entries=arm.entries, differences=differences)


def _problem(
    plan: Plan,
    parameters: list[Floats],
    starts: list[Floats],
    pending: list[Rats],
    cells: Mapping[Harvest, Floats],
    record: Sequence[Quantity],
) -> Problem:
    edges = np.cumsum([0, *map(len, pending)])
    system = next(arm.system for arm, rats in zip(plan.arms, pending, strict=True) if len(rats))
    rows = np.empty((edges[-1], len(system.parameters._fields)))
    follows = np.empty(edges[-1], dtype=np.int64)
    schedules: list[tuple[Event, ...]] = []
    harvested = {each: np.zeros(edges[-1]) for arm in plan.arms for each in arm.harvests}
    for place, rats in enumerate(pending):
        if not len(rats):
            continue
        own = slice(edges[place], edges[place + 1])
        np.take(parameters[place], rats, axis=0, out=rows[own], mode="clip")  # without an intermediate copy
        given, which = arm_schedules(plan.design, plan.arms[place].arm, starts[place][rats])
        follows[own] = which + len(schedules)
        schedules += given
        for each in plan.arms[place].harvests:
            harvested[each][own] = cells[each][rats]
    # The rats of every arm that is run are the same, or are told apart by the solver.
    drawn = {id(parameters[place]) for place, rats in enumerate(pending) if len(rats)}
    problem = build_problem(
        rows,
        schedules,
        follows=follows,
        harvested=harvested,
        until=plan.design.until,
        record=record,
        reducers=REDUCED,
        system=system,
    )
    return replace(problem, subject=np.concatenate(pending) if len(drawn) == 1 else None)


def _not_run(plan: Plan, place: int, missing: dict[int, str]) -> Settled:
    """Return rats of an arm that are excluded before the run, with reasons."""
    rats = np.array(list(missing))
    return Settled(
        place,
        rats,
        no_courses(len(rats), days=plan.design.until + 1, states=plan.record),
        np.full(len(rats), FAILED, dtype=np.uint8),
        missing,
        np.full((len(rats), len(plan.arms[place].lines)), NEVER),
    )


def _reasons(solution: Solution, rats: Rats, rows: Rats) -> dict[int, str]:
    if not solution.reason:
        return {}
    pairs = zip(rats.tolist(), rows.tolist(), strict=True)
    return {rat: solution.reason[row] for rat, row in pairs if row in solution.reason}


def _parts(pending: list[Rats]) -> Iterator[tuple[int, Rats, slice]]:
    """Split rows that were solved together: index of the arm, the rats, and their rows."""
    start = 0
    for arm, rats in enumerate(pending):
        for first in range(0, len(rats), READ_AT_ONCE):
            part = rats[first : first + READ_AT_ONCE]
            yield arm, part, slice(start, start + len(part))
            start += len(part)


def _read(
    plan: Plan, cohort: Cohort, problem: Problem, solution: Solution, rats: Rats, places: slice
) -> ArmCourses:
    values, reduced = solution.values[places], solution.reduced[places]
    readings = read(
        values[:, :, 0],
        values[:, :, 1],
        problem.parameters[places],
        observer=cohort.observer[rats],
        death=cohort.death[rats],
    )
    return ArmCourses(
        score=readings.score,
        severity=values[:, :, 0],
        death_day=np.where(solution.status[places] == FAILED, np.nan, readings.death_day),
        inflammation_peak=reduced[:, 0],
        demyelination_end=reduced[:, 1],
        states={name: values[:, :, place] for place, name in enumerate(plan.record, start=len(READ))},
    )
