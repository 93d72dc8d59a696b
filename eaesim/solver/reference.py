"""The reference solver: SciPy's DOP853, piece by piece between event times and whole days.

Every piece depends only on its initial state, so runs of the same rat are bit-identical up to their first
difference, and a rat gives the same bits alone or with others.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from eaesim.solver.problem import (
    FAILED,
    SOLVED,
    Events,
    Floats,
    Problem,
    Progress,
    Quantity,
    Reducer,
    Solution,
)
from eaesim.solver.processes import processes
from eaesim.solver.trace import compiled, python_text, trace

# Maximum evaluations per piece of up to a day; beyond it, the piece is stiff and solved implicitly.
EXPLICIT_EVALUATIONS = 1_500
IMPLICIT_EVALUATIONS = 200_000
# Below this many rat-days, starting processes costs more than it saves.
SERIAL_RAT_DAYS = 4_000

Rates = Callable[[float, Floats], Floats]
Additions = tuple[tuple[int, float], ...]


class _UnsolvedError(Exception):
    """A piece that could not be integrated; the message is the reason."""


@dataclass(slots=True)
class _Moment:
    """A rat's state at a boundary, before its events, and the states that followed."""

    day: float
    state: Floats
    step: float | None
    later: dict[tuple[Additions, float], _Moment] = field(default_factory=dict)


def solve(problem: Problem, *, workers: int | None = None, progress: Progress | None = None) -> Solution:
    """Solve every rat of a problem.

    Parameters
    ----------
    problem
        Rats to be solved.
    workers
        Processes; by default as many as there are cores, or 1 where the work is small.
    progress
        Called with the number of rats done and their total.

    Returns
    -------
    Solution
        A failed rat has a reason and NaN; the others are unaffected.
    """
    groups = _same_rat(problem)
    rats = len(problem.parameters)
    values = np.full((rats, len(problem.days), len(problem.record)), np.nan)
    reduced = np.full((rats, len(problem.reducers)), np.nan)
    status, reason = np.full(rats, FAILED, dtype=np.uint8), {}
    done = 0
    for rows, outcomes in _mapped(problem, python_text(trace(problem.system)), groups, workers):
        for row, (outcome, why) in zip(rows, outcomes, strict=True):
            if outcome is None:
                reason[row] = why
            else:
                (values[row], reduced[row]), status[row] = outcome, SOLVED
        done += len(rows)
        if progress is not None:
            progress(done, rats)
    return Solution(values, reduced, status, reason)


def _same_rat(problem: Problem) -> list[list[int]]:
    """Group the rows of the same rat, which differ only in events."""
    groups: dict[bytes, list[int]] = {}
    for row in range(len(problem.parameters)):
        key = problem.parameters[row].tobytes() + problem.initial[row].tobytes()
        groups.setdefault(key, []).append(row)
    return list(groups.values())


Outcome = tuple[tuple[Floats, Floats] | None, str]


def _mapped(
    problem: Problem, equations: str, groups: list[list[int]], workers: int | None
) -> Iterator[tuple[list[int], list[Outcome]]]:
    small = len(problem.parameters) * len(problem.days) <= SERIAL_RAT_DAYS
    if workers == 1 or len(groups) < 2 or (workers is None and small):
        yield from (_solve_group(problem.rows(rows), equations, rows) for rows in groups)
        return
    from joblib import delayed

    yield from processes(workers or -1)(
        delayed(_solve_group)(problem.rows(rows), equations, rows) for rows in groups
    )


def _solve_group(problem: Problem, equations: str, rows: list[int]) -> tuple[list[int], list[Outcome]]:
    """Solve the rows of one rat, which share their common past."""
    from scipy.linalg import LinAlgWarning

    tolerance = problem.relative_tolerance
    absolute = problem.absolute_tolerance
    starts: dict[float, _Moment] = {}
    outcomes: list[Outcome] = []
    try:
        rates = _rates(equations, problem.parameters[0])
    except ArithmeticError as error:  # overflow in an equation, such as an infinite power
        return rows, [(None, str(error))] * len(rows)
    for row in range(len(rows)):
        schedule = _schedule(problem.events, row)
        start = min([0.0, *schedule])
        moment = starts.setdefault(start, _Moment(start, problem.initial[row], None))
        try:
            # More BLAS threads would sum in another order.
            with _linear_algebra().limit(limits=1), np.errstate(all="ignore"), warnings.catch_warnings():
                # A rat that cannot be solved is reported with a reason, not as a SciPy warning.
                warnings.simplefilter("ignore", LinAlgWarning)
                states = _course(problem, moment, schedule, rates, tolerance, absolute)
                outcomes.append((read(problem, states, problem.parameters[row]), ""))
        except (_UnsolvedError, ArithmeticError, ValueError) as error:
            outcomes.append((None, str(error)))
    return rows, outcomes


@cache
def _linear_algebra() -> Any:
    """Return the thread controller of SciPy's libraries, which must already be loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _schedule(events: Events, row: int) -> dict[float, Additions]:
    """Return the additions by ascending day, in the order of the row."""
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
            # After an event the old step is not informative.
            step = None if added else moment.step
            try:
                state, step = _advance(rates, state, span, step, tolerance, absolute)
            except _UnsolvedError as error:
                raise _UnsolvedError(f"day {moment.day:g}: {error}") from None
            following = moment.later[added, boundary] = _Moment(boundary, state, step)
        moment = following
        seen[boundary] = moment.state
    return np.array([seen[day] for day in days])


def read(problem: Problem, states: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    """Compute one rat's recorded and reduced quantities.

    Parameters
    ----------
    problem
        Problem with the quantities.
    states
        Shape (days, states).
    parameters
        Parameters of the rat.
    """
    state = problem.system.state(*states.T)
    own = problem.system.parameters(*parameters)

    def daily(quantity: Quantity) -> Floats:
        value = getattr(state, quantity) if isinstance(quantity, str) else quantity(state, own)
        return np.broadcast_to(np.asarray(value, dtype=np.float64), len(states))

    values = np.array([daily(quantity) for quantity in problem.record]).reshape(-1, len(states)).T
    reduced = [_reduce(reducer, daily(reducer.of), problem.days) for reducer in problem.reducers]
    return values, np.array(reduced, dtype=np.float64)


def _reduce(reducer: Reducer, values: Floats, days: Floats) -> float:
    if reducer.kind == "peak":
        return float(values.max())
    if reducer.kind == "day_of_peak":
        return float(days[values.argmax()])
    if reducer.kind == "sum":
        return float(values.sum())
    if reducer.kind == "last":
        return float(values[-1])
    reached = values >= reducer.level
    return float(days[reached.argmax()]) if reached.any() else math.nan


def _rates(equations: str, parameters: Floats) -> Rates:
    traced = compiled(equations)(parameters.tolist())

    def rates(_: float, state: Floats) -> Floats:
        return np.array(traced(state.tolist()))

    return rates


def _advance(
    rates: Rates, state: Floats, span: float, step: float | None, tolerance: float, absolute: Floats
) -> tuple[Floats, float | None]:
    """Integrate over `span` days; return the state and the step to try next."""
    from scipy.integrate import DOP853, Radau

    # With a NaN slope SciPy would choose a NaN step, and never end.
    if step is None and not np.isfinite(rates(0.0, state)).all():
        raise _UnsolvedError("a rate of change is not a finite number; are all parameters sensible?")
    # Equal steps up to the end: a shortened last step would be wasteful.
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
    """Step to the end; False if the solver fails, needs too many evaluations, or ends in NaN."""
    while solver.status == "running" and solver.nfev < evaluations:
        solver.step()
    return solver.status == "finished" and bool(np.isfinite(solver.y).all())
