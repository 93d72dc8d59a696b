"""The reference solver: SciPy's DOP853, piece by piece between event times and whole days.

Every piece depends on nothing but the state it starts from, so runs of the same rat share the days that come
before their first difference, bit for bit, and a rat gives the same bits alone or in a crowd.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from eaesim.solver.problem import FAILED, SOLVED, Events, Floats, Problem, Progress, Solution, System
from eaesim.solver.trace import trace

# Evaluations for one piece, of at most a day; one that needs more is stiff and goes to an implicit method.
EXPLICIT_EVALUATIONS = 5_000
IMPLICIT_EVALUATIONS = 200_000
# Below this many rat-days, starting processes costs more than it saves.
SERIAL_RAT_DAYS = 4_000

Rates = Callable[[float, Floats], Floats]
Additions = tuple[tuple[int, float], ...]


class _UnsolvedError(Exception):
    """A piece that could not be integrated; its text is the reason."""


@dataclass(slots=True)
class _Moment:
    """A rat's state at a boundary, before that moment's events, and what followed from it."""

    day: float
    state: Floats
    step: float | None
    later: dict[tuple[Additions, float], _Moment] = field(default_factory=dict)


def solve(problem: Problem, *, workers: int | None = None, progress: Progress | None = None) -> Solution:
    """Solve every rat of a problem.

    Parameters
    ----------
    problem
        The rats.
    workers
        Processes; by default as many as there are cores, or 1 where the work is small.
    progress
        Called with the number of rats done and their total.

    Returns
    -------
    Solution
        A failed rat has a reason and NaN; the others are not touched by it.
    """
    groups = _same_rat(problem)
    shape = (len(problem.parameters), len(problem.days), len(problem.record))
    values = np.full(shape, np.nan)
    status, reason = [FAILED] * shape[0], [""] * shape[0]
    done = 0
    for rows, outcomes in _mapped(problem, groups, workers):
        for row, (recorded, why) in zip(rows, outcomes, strict=True):
            reason[row] = why
            if recorded is not None:
                values[row], status[row] = recorded, SOLVED
        done += len(rows)
        if progress is not None:
            progress(done, shape[0])
    return Solution(values, tuple(status), tuple(reason))


def _same_rat(problem: Problem) -> list[list[int]]:
    """Group the rows that hold the same rat: only their events differ."""
    groups: dict[bytes, list[int]] = {}
    for row in range(len(problem.parameters)):
        key = problem.parameters[row].tobytes() + problem.initial[row].tobytes()
        groups.setdefault(key, []).append(row)
    return list(groups.values())


Outcome = tuple[Floats | None, str]


def _mapped(
    problem: Problem, groups: list[list[int]], workers: int | None
) -> Iterator[tuple[list[int], list[Outcome]]]:
    small = len(problem.parameters) * len(problem.days) <= SERIAL_RAT_DAYS
    if workers == 1 or len(groups) < 2 or (workers is None and small):
        yield from (_solve_group(_rows(problem, rows), rows) for rows in groups)
        return
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=workers or -1, return_as="generator_unordered", batch_size=1, max_nbytes=None)
    yield from parallel(delayed(_solve_group)(_rows(problem, rows), rows) for rows in groups)


def _rows(problem: Problem, rows: list[int]) -> Problem:
    events = problem.events
    return replace(
        problem,
        parameters=problem.parameters[rows],
        initial=problem.initial[rows],
        events=Events(events.day[rows], events.state[rows], events.amount[rows]),
    )


def _solve_group(problem: Problem, rows: list[int]) -> tuple[list[int], list[Outcome]]:
    """Solve the rows of one rat, which share their common past."""
    tolerance = problem.relative_tolerance
    absolute = tolerance * 1e-5 * np.asarray(problem.system.scale)
    starts: dict[float, _Moment] = {}
    outcomes: list[Outcome] = []
    try:
        rates = _rates(problem.system, problem.parameters[0])
    except ArithmeticError as error:  # numbers that no equation can take, such as an infinite power
        return rows, [(None, str(error))] * len(rows)
    for row in range(len(rows)):
        schedule = _schedule(problem.events, row)
        start = min([0.0, *schedule])
        moment = starts.setdefault(start, _Moment(start, problem.initial[row], None))
        try:
            with np.errstate(all="ignore"):
                recorded = _course(problem, moment, schedule, rates, tolerance, absolute)
            outcomes.append((recorded, ""))
        except (_UnsolvedError, ArithmeticError, ValueError) as error:
            outcomes.append((None, str(error)))
    return rows, outcomes


def _schedule(events: Events, row: int) -> dict[float, Additions]:
    """Return what is added at each day, days ascending, additions in the order of the row."""
    schedule: dict[float, Additions] = {}
    for index in np.argsort(events.day[row], kind="stable"):
        day, amount = float(events.day[row, index]), float(events.amount[row, index])
        if math.isfinite(day):
            schedule[day] = (*schedule.get(day, ()), (int(events.state[row, index]), amount))
    return schedule


def _course(
    problem: Problem,
    moment: _Moment,
    schedule: dict[float, Additions],
    rates: Rates,
    tolerance: float,
    absolute: Floats,
) -> Floats:
    days = problem.days.tolist()
    end = days[-1]
    whole = (float(day) for day in range(math.ceil(moment.day), math.floor(end) + 1))
    boundaries = sorted({*whole, *days, *(day for day in schedule if day <= end)})
    seen = {moment.day: moment.state}
    for boundary in (day for day in boundaries if day > moment.day):
        added = schedule.get(moment.day, ())
        following = moment.later.get((added, boundary))
        if following is None:
            state = moment.state.copy()
            for index, amount in added:
                state[index] += amount
            span = boundary - moment.day
            # After an event the old step says nothing about the new slopes.
            step = None if added else moment.step
            try:
                state, step = _advance(rates, state, span, step, tolerance, absolute)
            except _UnsolvedError as error:
                raise _UnsolvedError(f"day {moment.day:g}: {error}") from None
            following = moment.later[added, boundary] = _Moment(boundary, state, step)
        moment = following
        seen[boundary] = moment.state
    record = list(problem.record)
    return np.array([seen[day][record] for day in days])


def _rates(system: System, parameters: Floats) -> Rates:
    traced = trace(system)(parameters.tolist())

    def rates(_: float, state: Floats) -> Floats:
        return np.array(traced(state.tolist()))

    return rates


def _advance(
    rates: Rates, state: Floats, span: float, step: float | None, tolerance: float, absolute: Floats
) -> tuple[Floats, float | None]:
    """Integrate over `span` days; return the state and the step to try next."""
    from scipy.integrate import DOP853, Radau

    # From a slope that is no number SciPy would choose a step that is none, and never end.
    if step is None and not np.isfinite(rates(0.0, state)).all():
        raise _UnsolvedError("a rate of change is not a finite number; are all parameters sensible?")
    # Equal steps that land on the end: a last step that is cut short would be wasted.
    first = None if step is None else span / math.ceil(span / step)
    tolerances: dict[str, Any] = {"rtol": tolerance, "atol": absolute}
    explicit = DOP853(rates, 0.0, state, span, first_step=first, **tolerances)
    if _finish(explicit, EXPLICIT_EVALUATIONS):
        return explicit.y, float(explicit.h_abs)
    implicit = Radau(rates, 0.0, state, span, **tolerances)
    if _finish(implicit, IMPLICIT_EVALUATIONS):
        return implicit.y, None
    raise _UnsolvedError(f"no step is small enough for the tolerance {tolerance:g}; are all rates sensible?")


def _finish(solver: Any, evaluations: int) -> bool:
    """Step to the end; False where the solver gives up, needs too many evaluations, or ends in no number."""
    while solver.status == "running" and solver.nfev < evaluations:
        solver.step()
    return solver.status == "finished" and bool(np.isfinite(solver.y).all())
