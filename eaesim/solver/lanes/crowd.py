"""Solving many rats: chunks on threads, with rats too stiff for the lanes handed over."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.solver.cores import cores
from eaesim.solver.lanes.cache import load_driver
from eaesim.solver.lanes.machinecode import MachineCode, machine_code
from eaesim.solver.lanes.method import Method, Rosenbrock, rodas5p, verner6
from eaesim.solver.lanes.processor import lanes_width
from eaesim.solver.problem import (
    ABSOLUTE_SHARE,
    FAILED,
    HANDED_OVER,
    REDUCTIONS,
    SOLVED,
    Floats,
    Problem,
    Progress,
    Quantity,
    Solution,
)
from eaesim.solver.trace import trace

# Rats per chunk: enough that empty lanes at its end are negligible.
CHUNK = 1_024
LEAST_CHUNK = 32
# Step after an event, and limits of the step as a fraction of the last.
FIRST_STEP, LEAST_CHANGE, GREATEST_CHANGE = 0.1, 0.2, 8.0
# Maximum steps per day between landings; beyond it a rat is stiff, and an implicit method is better.
MOST_STEPS = 200
_STIFF = "too stiff for explicit steps; solved by implicit ones"
_STIFFER = "too stiff for the lanes; solved by the reference"


@dataclass(frozen=True)
class Work:
    """Work statistics: steps of the register, steps of rats, evaluations of the rates."""

    steps: int
    rat_steps: int
    calls: int


@dataclass(frozen=True)
class _Job:
    """Data shared by all chunks."""

    problem: Problem
    code: MachineCode
    method: Method | Rosenbrock
    width: int
    drive: Any
    quantities: tuple[Quantity, ...]


def solve(
    problem: Problem,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    method: Method | Rosenbrock | None = None,
) -> Solution:
    """Solve every rat of a problem, several at a time.

    Parameters
    ----------
    problem
        Rats to be solved.
    workers
        Threads; by default as many as there are cores. The result is bit-identical for any number.
    progress
        Called with the number of rats done and their total.
    method
        Explicit method; by default Verner6.

    Returns
    -------
    Solution
        A rat that the lanes cannot step is handed to the reference solver, and the status says so.
    """
    return solve_and_count(problem, workers=workers, progress=progress, method=method)[0]


def solve_and_count(
    problem: Problem,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    method: Method | Rosenbrock | None = None,
) -> tuple[Solution, Work]:
    """Solve every rat of a problem, with work statistics; parameters as in `solve`."""
    solution = _empty(problem)
    job = _job(problem, method or verner6())
    work = _solve_all(job, solution, workers or cores(), progress)
    _hand_over(job, solution, workers or cores())
    return solution, work


def _solve_all(job: _Job, solution: Solution, workers: int, progress: Progress | None) -> Work:
    counts, done = np.zeros(3, dtype=np.int64), 0
    for rows, chunk_counts in _run(job, solution, workers):
        counts += chunk_counts
        done += rows
        if progress is not None:
            progress(done, len(solution.status))
    return Work(*map(int, counts))


def _job(problem: Problem, method: Method | Rosenbrock) -> _Job:
    width = lanes_width()
    quantities = tuple(dict.fromkeys((*problem.record, *(reducer.of for reducer in problem.reducers))))
    # Recorded quantities come first and in order, even if requested twice.
    quantities = (*problem.record, *(each for each in quantities if each not in problem.record))
    explicit = isinstance(method, Method)
    # The bits of an implicit step would depend on omitted states, so none is omitted.
    code = machine_code(
        trace(problem.system, quantities),
        zero_parameters=frozenset(_zero_parameters(problem) if explicit else ()),
        still=frozenset(_still(problem) if explicit else ()),
        resting=_resting(problem) if explicit else {},
        method=method,
        floor=tuple((ABSOLUTE_SHARE * np.asarray(problem.system.scale)).tolist()),
        width=width,
    )
    return _Job(problem, code, method, width, load_driver(width).drive, quantities)


def _zero_parameters(problem: Problem) -> list[int]:
    return np.flatnonzero(~problem.parameters.any(axis=0)).tolist()


def _still(problem: Problem) -> list[int]:
    """Return the states that start at 0 in every rat and have no events."""
    starts = np.flatnonzero(~problem.initial.any(axis=0))
    return np.setdiff1d(starts, _added(problem)).tolist()  # type: ignore[no-any-return]


def _resting(problem: Problem) -> dict[int, int]:
    """Return the states that start at a parameter's value in every rat and have no events."""
    starts = np.setdiff1d(np.flatnonzero(problem.initial.any(axis=0)), _added(problem))
    found = {}
    for state in starts.tolist():
        alike = np.flatnonzero(problem.parameters[0] == problem.initial[0, state]).tolist()
        same = (
            number
            for number in alike
            if np.array_equal(problem.parameters[:, number], problem.initial[:, state])
        )
        number = next(same, None)
        if number is not None:
            found[state] = number
    return found


def _added(problem: Problem) -> npt.NDArray[np.int64]:
    """Return the states with an event in any rat."""
    events = problem.events
    return np.unique(events.state[np.isfinite(events.day) & (events.amount != 0)])


def _run(job: _Job, solution: Solution, workers: int) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    rats = len(job.problem.parameters)
    size = min(CHUNK, max(LEAST_CHUNK, -(-rats // (2 * workers))))
    chunks = [(first, min(first + size, rats)) for first in range(0, rats, size)]
    if workers == 1 or len(chunks) == 1:
        for chunk in chunks:
            yield chunk[1] - chunk[0], _run_chunk(job, solution, *chunk)
        return
    with ThreadPoolExecutor(workers) as pool:
        left: dict[Future[npt.NDArray[np.int64]], int] = {
            pool.submit(_run_chunk, job, solution, *chunk): chunk[1] - chunk[0] for chunk in chunks
        }
        try:
            while left:
                for future in wait(left, return_when=FIRST_COMPLETED).done:
                    yield left.pop(future), future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _run_chunk(job: _Job, solution: Solution, first: int, last: int) -> npt.NDArray[np.int64]:
    """Run the rats from `first` to `last` and store their results."""
    problem = job.problem.rows(slice(first, last))
    numbers = job.code.prepared(problem.parameters)
    layout, reducers = job.code.layout, problem.reducers
    live = list(layout.live)
    counts = np.zeros(3, dtype=np.int64)
    tolerance = problem.relative_tolerance * job.method.caution
    limits = (FIRST_STEP, LEAST_CHANGE, GREATEST_CHANGE, float(MOST_STEPS), tolerance)
    job.drive(
        (job.code.rates, job.code.quantities, job.code.step),
        (0, last - first),
        np.ascontiguousarray(problem.initial[:, live]),
        numbers,
        *_events(problem, live),
        problem.days,
        (
            len(live),
            layout.own,
            layout.seen,
            layout.clock,
            layout.quantities,
            job.method.root,
        ),
        limits,
        (
            np.array([REDUCTIONS.index(reducer.kind) for reducer in reducers], dtype=np.int64),
            np.array([job.quantities.index(reducer.of) for reducer in reducers], dtype=np.int64),
            np.array([reducer.level for reducer in reducers], dtype=np.float64),
        ),
        solution.values[first:last],
        solution.reduced[first:last],
        solution.status[first:last],
        counts,
        _aligned(job.width * layout.size),
        np.zeros((5, job.width), dtype=np.int64),
        np.zeros((job.width, len(reducers))),
        (0,) * job.width,
    )
    return counts


def _aligned(size: int) -> Floats:
    """Return zeroed working memory aligned to the register size."""
    space = np.zeros(size + 8)
    start = -space.ctypes.data // 8 % 8
    return space[start : start + size]


def _events(problem: Problem, live: list[int]) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    """Return events by ascending day, with a final one at infinity."""
    events = problem.events
    # Omitted states only receive 0, so their column (and initial value) is irrelevant.
    column_of = np.zeros(problem.initial.shape[1], dtype=np.int64)
    column_of[live] = np.arange(len(live))
    order = np.argsort(events.day, axis=1, kind="stable")
    rats = len(events.day)
    day, state, amount = (
        np.take_along_axis(each, order, axis=1) for each in (events.day, events.state, events.amount)
    )
    return (
        np.column_stack([day, np.full(rats, np.inf)]),
        np.column_stack([column_of[state], np.zeros(rats, dtype=np.int64)]),
        np.column_stack([amount, np.zeros(rats)]),
    )


def _hand_over(job: _Job, solution: Solution, workers: int) -> None:
    """Solve stiff rats with an implicit method, and those that fail there with the reference."""
    rows = np.flatnonzero(solution.status)
    if len(rows) and isinstance(job.method, Method):
        implicit = _job(job.problem.rows(rows), rodas5p())
        again = _empty(implicit.problem)
        _solve_all(implicit, again, workers, None)
        _take(solution, rows, again, _STIFF)
        rows = rows[again.status != SOLVED]
    if len(rows):
        from eaesim.solver import reference

        _take(solution, rows, reference.solve(job.problem.rows(rows), workers=workers), _STIFFER)


def _take(solution: Solution, rows: npt.NDArray[np.int64], other: Solution, solved: str) -> None:
    """Store the results of another solver for some rows."""
    solution.values[rows], solution.reduced[rows] = other.values, other.reduced
    for place, row in enumerate(rows.tolist()):
        done = other.status[place] == SOLVED
        solution.status[row] = HANDED_OVER if done else FAILED
        solution.reason[row] = solved if done else other.reason.get(place, "")


def _empty(problem: Problem) -> Solution:
    rats = len(problem.parameters)
    return Solution(
        np.empty((rats, len(problem.days), len(problem.record))),
        np.empty((rats, len(problem.reducers))),
        np.full(rats, FAILED, dtype=np.uint8),
    )
