"""Solving many rats: chunks on threads, with rats too stiff for the lanes handed over."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.solver.cores import cores
from eaesim.solver.lanes.family import Rows
from eaesim.solver.lanes.job import FIRST_STEP, GREATEST_CHANGE, LEAST_CHANGE, MOST_STEPS, Job, job_of
from eaesim.solver.lanes.method import Method, Rosenbrock, rodas5p, sharp_verner6, tsit5, verner6
from eaesim.solver.problem import (
    FAILED,
    HANDED_OVER,
    REDUCTIONS,
    SCORES_TOLERANCE,
    SOLVED,
    Begun,
    Floats,
    Problem,
    Progress,
    Solution,
)

# Relative tolerance below which courses are solved in double precision.
DOUBLE_BELOW = Problem.relative_tolerance
# Rats per chunk: enough that empty lanes at its end are negligible.
CHUNK = 1_024
LEAST_CHUNK = 32
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
        method, single = course_method(problem)
        return solve_and_count(problem, workers=workers, progress=progress, method=method, single=single)[0]
    rough = replace(problem, relative_tolerance=SCORES_TOLERANCE)
    return solve_and_count(rough, workers=workers, progress=progress, method=tsit5(), single=True)[0]


def course_method(problem: Problem) -> tuple[Method, bool]:
    """Return the method for courses, and whether it is in single precision.

    In single precision a register holds twice as many rats, and what states lose by rounding is carried to
    the next step; an error of about 2e-6 is left. Where a tolerance below the default is asked for, that
    would be too much, so courses are solved in double precision.
    """
    single = problem.relative_tolerance >= DOUBLE_BELOW
    return (sharp_verner6() if single else verner6()), single


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
        Method; by default that of courses.
    single
        Whether states are in single precision. Then a method that can reads recorded days within steps;
        another carries what states lose by rounding.
    """
    solution = _empty(problem)
    if method is None:
        method, single = course_method(problem)
    job = job_of(problem, method, single=single)
    work = _solve_all(job, solution, workers or cores(), progress)
    _hand_over(job, solution, workers or cores())
    if job.waiting is not None:
        solution = replace(solution, on_the_way=job.waiting.found(solution, job.families, problem))
    return solution, work


def _solve_all(job: Job, solution: Solution, workers: int, progress: Progress | None) -> Work:
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


def _run(job: Job, solution: Solution, workers: int) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    own = job.families
    # Several threads take turns with smaller chunks; one takes them as large as they come.
    size = CHUNK if workers == 1 else min(CHUNK, max(LEAST_CHUNK, -(-len(own.order) // (2 * workers))))
    # A family is solved as a whole.
    wanted = np.searchsorted(own.edges, np.arange(0, len(own.order), size))
    edges = np.unique(np.append(own.edges[wanted], len(own.order)))
    chunks = [own.order[first:last] for first, last in pairwise(edges)]
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


def _run_chunk(job: Job, solution: Solution, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Run some rats and store their results."""
    # Rats in a row are read and written in place.
    in_a_row = rows[-1] - rows[0] == len(rows) - 1 and bool((np.diff(rows) == 1).all())
    chosen = slice(rows[0], rows[-1] + 1) if in_a_row else rows
    problem = job.problem.rows(chosen)
    rats, layout, reducers = len(rows), job.code.layout, problem.reducers
    live = list(layout.live)
    counts = np.zeros(4)
    values, status = solution.values[chosen], solution.status[chosen]
    begun = job.begun.rows(chosen)
    if begun.values.size:
        values[:] = begun.values
    # Omitted states only receive 0, so their column (and initial value) is irrelevant.
    column_of = np.zeros(problem.initial.shape[1], dtype=np.int64)
    column_of[live] = np.arange(len(live))
    parents, mark = job.families.parent[rows], job.families.mark[rows]
    parents[parents >= 0] = _places(rows, parents[parents >= 0])
    kept = None if job.waiting is None else job.waiting.chosen(rows)
    if kept is not None:
        begun = replace(begun, values=np.empty((rats, 0, 0)))
        begun = Begun(*(np.concatenate([each, each[kept.above]]) for each in vars(begun).values()))
        begun.clock[rats:, 1] = np.nan
        parents, mark = np.append(parents, kept.above), np.append(mark, kept.mark)
    family, ready = _family(parents, mark)
    kind = np.float32 if job.single else np.float64
    initial = np.ascontiguousarray(begun.state[:, live])
    rest = np.ascontiguousarray(begun.rest[:, live if layout.carries else []])
    job.drive(
        (job.code.rates, job.code.quantities, job.code.step, job.code.between, job.code.whole),
        ready,
        (initial, rest, np.ascontiguousarray(begun.clock), np.ascontiguousarray(begun.passed)),
        job.code.prepared(problem.parameters),
        (problem.events.day, column_of[problem.events.state], _rounded(problem.events.amount, job.single)),
        family,
        _calendar(problem.days),
        (
            len(live),
            layout.parts,
            layout.own,
            layout.seen,
            layout.between,
            layout.clock,
            job.method.root,
        ),
        (
            FIRST_STEP,
            LEAST_CHANGE,
            GREATEST_CHANGE,
            problem.relative_tolerance * job.method.caution,
            1.5 * 2.0**23 if job.single else 1.5 * 2.0**52,
        ),
        (
            np.array([REDUCTIONS.index(reducer.kind) for reducer in reducers], dtype=np.int64),
            np.array([job.quantities.index(reducer.of) for reducer in reducers], dtype=np.int64),
            np.array([reducer.level for reducer in reducers], dtype=np.float64),
        ),
        (values, begun.reduced, begun.extreme, np.empty((job.width, *values.shape[1:]), dtype=kind)),
        status,
        counts,
        _aligned(job.width * layout.size, kind),
        np.zeros((6 + 2 * len(reducers)) * job.width),
        np.zeros((4, job.width), dtype=np.int64),
        (0,) * job.width,
    )
    solution.reduced[rows] = begun.reduced[:rats]
    if not in_a_row:
        solution.values[rows], solution.status[rows] = values, status
    if kept is not None:
        begun.state[:, live] = initial
        if layout.carries:
            begun.rest[:, live] = rest
        kept.put(begun, rats)
    return counts


def _calendar(days: Floats) -> Floats:
    """Return recorded days and infinity, and for each of them the steps allowed from the day before."""
    steps = MOST_STEPS * np.maximum(1.0, np.diff(days, prepend=days[0]))
    return np.array([np.append(days, np.inf), np.append(steps, np.inf)])


def _rounded(amounts: Floats, single: bool) -> Floats:
    """Return amounts as they are added, so that what is taken away again leaves nothing."""
    with np.errstate(over="ignore"):  # a rat with such a dose is handed over
        return amounts.astype(np.float32).astype(np.float64) if single else amounts


def _places(rows: Rows, wanted: Rows) -> Rows:
    """Return the places of some rows among others."""
    order = np.argsort(rows)
    return order[np.searchsorted(rows, wanted, sorter=order)]


def _family(parents: Rows, mark: Floats) -> tuple[tuple[Rows, Rows, Floats, Rows], int]:
    """Return who branches off from whom, by place, and how many rows begin by themselves."""
    rows = len(parents)
    child, following, queue = np.full(rows, -1), np.full(rows, -1), np.zeros(rows, dtype=np.int64)
    roots, others = np.flatnonzero(parents < 0), np.flatnonzero(parents >= 0)
    queue[: len(roots)] = roots
    if len(others):
        # Those of a parent by ascending day, each leading to the next.
        others = others[np.lexsort((mark[others], parents[others]))]
        above = parents[others]
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


def _hand_over(job: Job, solution: Solution, workers: int) -> None:
    """Solve stiff rats with an implicit method, and those that fail there with the reference."""
    rows, from_start = np.flatnonzero(solution.status), replace(job.asked, begun=None, waits=None)
    if len(rows) and isinstance(job.method, Method):
        implicit = job_of(from_start.rows(rows), rodas5p())
        again = _empty(implicit.problem)
        _solve_all(implicit, again, workers, None)
        _take(solution, rows, again, _STIFF)
        rows = rows[again.status != SOLVED]
    if len(rows):
        from eaesim.solver import reference

        _take(solution, rows, reference.solve(from_start.rows(rows), workers=workers), _STIFFER)


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
