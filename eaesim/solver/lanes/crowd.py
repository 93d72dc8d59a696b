"""Solving many rats: chunks on threads, with rats too stiff for the lanes handed over."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.solver.cores import cores
from eaesim.solver.lanes.drivercode import load_driver
from eaesim.solver.lanes.emission import influential
from eaesim.solver.lanes.family import Families, Rows, families
from eaesim.solver.lanes.machinecode import MachineCode, machine_code
from eaesim.solver.lanes.method import Method, Rosenbrock, rodas5p, tsit5, verner6
from eaesim.solver.lanes.processor import lanes_width, single_width
from eaesim.solver.problem import (
    ABSOLUTE_SHARE,
    FAILED,
    HANDED_OVER,
    REDUCTIONS,
    SCORES_TOLERANCE,
    SOLVED,
    Events,
    Floats,
    Problem,
    Progress,
    Quantity,
    Solution,
)
from eaesim.solver.trace import Tape, trace

# Rats per chunk: enough that empty lanes at its end are negligible.
CHUNK = 1_024
LEAST_CHUNK = 32
# Step after an event, and limits of the step as a fraction of the last.
FIRST_STEP, LEAST_CHANGE, GREATEST_CHANGE = 0.1, 0.2, 8.0
# Maximum steps per day; beyond it a rat is stiff, and an implicit method is better.
MOST_STEPS = 200
_STIFF = "too stiff for explicit steps; solved by implicit ones"
_STIFFER = "too stiff for the lanes; solved by the reference"


@dataclass(frozen=True)
class Work:
    """Work statistics.

    Attributes
    ----------
    steps, rat_steps
        Steps of the register, and of rats.
    calls
        Evaluations of the rates outside of steps.
    rat_days
        Days integrated, of all rats together.
    """

    steps: int
    rat_steps: int
    calls: int
    rat_days: float


@dataclass(frozen=True)
class _Job:
    """Data shared by all chunks."""

    problem: Problem
    code: MachineCode
    method: Method | Rosenbrock
    width: int
    single: bool
    drive: Any
    quantities: tuple[Quantity, ...]
    starts: Floats
    families: Families


def solve(
    problem: Problem,
    *,
    accuracy: str = "courses",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Solve every rat of a problem, several at a time.

    Parameters
    ----------
    problem
        Rats to be solved.
    accuracy
        As in `eaesim.solver.solve`.
    workers
        Threads; by default as many as there are cores. The result is bit-identical for any number.
    progress
        Called with the number of rats done and their total.

    Returns
    -------
    Solution
        A rat that the lanes cannot step is handed to the reference solver, and the status says so.
    """
    if accuracy == "courses":
        return solve_and_count(problem, workers=workers, progress=progress)[0]
    rough = replace(problem, relative_tolerance=SCORES_TOLERANCE)
    return solve_and_count(rough, workers=workers, progress=progress, method=tsit5(), single=True)[0]


def solve_and_count(
    problem: Problem,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    method: Method | Rosenbrock | None = None,
    single: bool = False,
) -> tuple[Solution, Work]:
    """Solve every rat of a problem, with work statistics.

    Parameters
    ----------
    problem, workers, progress
        As in `solve`.
    method
        Method; by default Verner6.
    single
        Whether states are in single precision, and recorded days are read within steps.
    """
    solution = _empty(problem)
    job = _job(problem, method or verner6(), single=single)
    work = _solve_all(job, solution, workers or cores(), progress)
    _hand_over(job, solution, workers or cores())
    return solution, work


def _solve_all(job: _Job, solution: Solution, workers: int, progress: Progress | None) -> Work:
    counts, done = np.zeros(4), 0
    total, solved = len(solution.status), len(job.families.order)
    for rows, chunk_counts in _run(job, solution, workers):
        counts += chunk_counts
        done += rows
        if progress is not None:
            progress(total if done == solved else done * total // solved, total)
    copies = np.flatnonzero(job.families.same != np.arange(total))
    if len(copies):
        same = job.families.same[copies]
        for each in (solution.values, solution.reduced, solution.status):
            each[copies] = each[same]
    return Work(int(counts[0]), int(counts[1]), int(counts[2]), float(counts[3]))


def _job(problem: Problem, method: Method | Rosenbrock, *, single: bool = False) -> _Job:
    width = single_width() if single else lanes_width()
    quantities = tuple(dict.fromkeys((*problem.record, *(reducer.of for reducer in problem.reducers))))
    # Recorded quantities come first and in order, even if requested twice.
    quantities = (*problem.record, *(each for each in quantities if each not in problem.record))
    explicit = isinstance(method, Method)
    tape = trace(problem.system, quantities)
    # The bits of an implicit step would depend on omitted states, so none is omitted.
    code = machine_code(
        tape,
        zero_parameters=frozenset(_zero_parameters(problem) if explicit else ()),
        still=frozenset(_still(problem) if explicit else ()),
        resting=_resting(problem) if explicit else {},
        method=method,
        floor=tuple((ABSOLUTE_SHARE * np.asarray(problem.system.scale)).tolist()),
        width=width,
        single=single,
    )
    starts = np.minimum(0.0, problem.events.day.min(axis=1, initial=0.0))
    drive = load_driver(width, single=single).drive
    problem = replace(problem, events=_in_order(problem))
    own = families(problem, starts, *_quiet(problem, tape))
    return _Job(problem, code, method, width, single, drive, quantities, starts, own)


def _in_order(problem: Problem) -> Events:
    """Return events by ascending day, those of an influence first, and a last one without."""
    events = problem.events
    # Readings precede the events of their day, so those of the last day have no influence.
    day = np.where((events.amount != 0) & (events.day < problem.days[-1]), events.day, np.inf)
    order = np.argsort(day, axis=1, kind="stable")
    day, state, amount = (
        np.take_along_axis(each, order, axis=1) for each in (day, events.state, events.amount)
    )
    rats = len(day)
    return Events(
        np.column_stack([day, np.full(rats, np.inf)]),
        np.column_stack([state, np.zeros(rats, dtype=np.int64)]),
        np.column_stack([amount, np.zeros(rats)]),
    )


def _quiet(problem: Problem, tape: Tape) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which parameters have no influence before some events, and the states of these events."""
    states, parameters = problem.initial.shape[1], problem.parameters.shape[1]
    awake: npt.NDArray[np.bool_] = np.zeros(states, dtype=np.bool_)
    quiet = np.zeros(parameters, dtype=np.bool_)
    added = _added(problem)
    starts_at_zero = np.logical_not(problem.initial.any(axis=0))
    given = np.isfinite(problem.events.day)
    for state in added.tolist():
        everywhere = (given & (problem.events.state == state)).any(axis=1).all()
        awake[state] = starts_at_zero[state] and not everywhere
    if awake.any():
        still = np.setdiff1d(np.flatnonzero(starts_at_zero), added[~awake[added]])
        quiet[:] = True
        quiet[list(influential(tape, frozenset(still.tolist())))] = False
    return quiet, awake


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


def _run(job: _Job, solution: Solution, workers: int) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    own = job.families
    size = min(CHUNK, max(LEAST_CHUNK, -(-len(own.order) // (2 * workers))))
    # A family is solved as a whole.
    wanted = np.searchsorted(own.edges, np.arange(0, len(own.order), size))
    edges = np.unique(np.append(own.edges[wanted], len(own.order)))
    chunks = [own.order[first:last] for first, last in zip(edges[:-1], edges[1:], strict=True)]
    if workers == 1 or len(chunks) == 1:
        for chunk in chunks:
            yield len(chunk), _run_chunk(job, solution, chunk)
        return
    with ThreadPoolExecutor(workers) as pool:
        left: dict[Future[npt.NDArray[np.float64]], int] = {
            pool.submit(_run_chunk, job, solution, chunk): len(chunk) for chunk in chunks
        }
        try:
            while left:
                for future in wait(left, return_when=FIRST_COMPLETED).done:
                    yield left.pop(future), future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _run_chunk(job: _Job, solution: Solution, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Run some rats and store their results."""
    # Rats in a row are read and written in place.
    in_a_row = rows[-1] - rows[0] == len(rows) - 1 and bool((np.diff(rows) == 1).all())
    chosen = slice(rows[0], rows[-1] + 1) if in_a_row else rows
    problem = job.problem.rows(chosen)
    rats, layout, reducers = len(rows), job.code.layout, problem.reducers
    live = list(layout.live)
    counts = np.zeros(4)
    values, reduced, status = solution.values[chosen], solution.reduced[chosen], solution.status[chosen]
    starts = np.full((rats, 3), FIRST_STEP)
    starts[:, 0] = job.starts[chosen]
    starts[:, 2] = MOST_STEPS * np.maximum(1.0, problem.days[0] - starts[:, 0])
    # Omitted states only receive 0, so their column (and initial value) is irrelevant.
    column_of = np.zeros(problem.initial.shape[1], dtype=np.int64)
    column_of[live] = np.arange(len(live))
    family, ready = _family(job.families, rows)
    job.drive(
        (job.code.rates, job.code.quantities, job.code.step, job.code.between),
        ready,
        (np.ascontiguousarray(problem.initial[:, live]), starts, np.zeros((rats, 2), dtype=np.int64)),
        job.code.prepared(problem.parameters),
        (problem.events.day, column_of[problem.events.state], problem.events.amount),
        family,
        np.array(problem.days, dtype=np.float64),
        (
            len(live),
            layout.own,
            layout.seen,
            layout.between,
            layout.clock,
            layout.quantities,
            job.method.root,
        ),
        (
            FIRST_STEP,
            LEAST_CHANGE,
            GREATEST_CHANGE,
            float(MOST_STEPS),
            problem.relative_tolerance * job.method.caution,
            1.5 * 2.0**23 if job.single else 1.5 * 2.0**52,
            2.0 if job.code.between else np.inf,
        ),
        (
            np.array([REDUCTIONS.index(reducer.kind) for reducer in reducers], dtype=np.int64),
            np.array([job.quantities.index(reducer.of) for reducer in reducers], dtype=np.int64),
            np.array([reducer.level for reducer in reducers], dtype=np.float64),
        ),
        (values, reduced, np.empty_like(reduced), np.empty((job.width, *values.shape[1:]))),
        status,
        counts,
        _aligned(job.width * layout.size, np.float32 if job.single else np.float64),
        np.zeros(6 * job.width),
        np.zeros((4, job.width), dtype=np.int64),
        (0,) * job.width,
    )
    if not in_a_row:
        solution.values[rows], solution.reduced[rows], solution.status[rows] = values, reduced, status
    return counts


def _family(own: Families, rows: Rows) -> tuple[tuple[Rows, Rows, Floats, Rows], int]:
    """Return who branches off from whom, by place in a chunk, and how many rows begin by themselves."""
    rats = len(rows)
    child, following, queue = np.full(rats, -1), np.full(rats, -1), np.zeros(rats, dtype=np.int64)
    parents, mark = own.parent[rows], own.mark[rows]
    roots = np.flatnonzero(parents < 0)
    queue[: len(roots)] = roots
    others = np.flatnonzero(parents >= 0)
    if len(others):
        by_row = np.argsort(rows)
        above = by_row[np.searchsorted(rows, parents[others], sorter=by_row)]
        # Those of a parent by ascending day, each leading to the next.
        order = np.lexsort((mark[others], above))
        others, above = others[order], above[order]
        is_first = np.diff(above, prepend=-1) != 0
        child[above[is_first]] = others[is_first]
        following[others[:-1][~is_first[1:]]] = others[1:][~is_first[1:]]
    return (child, following, mark, queue), len(roots)


def _aligned(size: int, kind: Any) -> npt.NDArray[Any]:
    """Return zeroed working memory aligned to the register size."""
    item = np.dtype(kind).itemsize
    space = np.zeros(size + 64 // item, dtype=kind)
    start = -space.ctypes.data // item % (64 // item)
    return space[start : start + size]


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
