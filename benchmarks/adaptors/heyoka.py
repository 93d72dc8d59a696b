"""heyoka: Taylor's method in batches of rats, compiled by LLVM; piece by piece, each rat on its own days.

Its error is that of the largest state, so it is given states over their scale.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import heyoka
import numpy as np
import numpy.typing as npt

from benchmarks.adaptors.contract import Adaptor, Solve
from benchmarks.pieces import Piece, pieces
from eaesim.solver import Problem
from eaesim.solver.lanes.folding import Folded, fold
from eaesim.solver.problem import Floats
from eaesim.solver.trace import trace

Places = npt.NDArray[np.int64]
_OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "ab+c": lambda a, b, c: a * b + c,
    "ab-c": lambda a, b, c: a * b - c,
    "c-ab": lambda a, b, c: c - a * b,
}
# One tolerance an order: between two orders nothing changes.
LADDER = (1e-6, 3e-7, 1e-7, 1e-8)


def _prepare(problem: Problem, setting: str) -> Solve:
    size = int(setting.removeprefix("batch "))
    folded = _folded(problem)
    live, scale = list(folded.live), np.asarray(problem.system.scale)
    equations, numbers = _equations(problem, folded)
    initial = problem.initial[:, live] / scale[live]

    @cache
    def integrator(tolerance: float) -> Any:
        return heyoka.taylor_adaptive_batch(
            equations, np.zeros((len(live), size)), tol=tolerance, fast_math=True
        )

    @cache
    def batches(rats: int) -> list[_Batch]:
        return list(_batches(problem.rows(slice(rats)), live, size))

    batches(len(problem.parameters))

    def run(tolerance: float, rats: int) -> Floats:
        solver, state = integrator(tolerance), initial[:rats].copy()
        # States that stay 0 are not solved.
        values = np.zeros((rats, len(problem.days), len(scale)))
        values[:, 0] = problem.initial[:rats]
        for batch in batches(rats):
            solver.set_time(batch.grid[0])
            solver.state[:] = (state[batch.rows] + batch.added).T
            # heyoka has no parameters after the last one that its equations read.
            solver.pars[:] = numbers[batch.rows, : len(solver.pars)].T
            found = solver.propagate_grid(batch.grid)[1]
            values[batch.row, batch.day, live] = found[batch.point, :, batch.lane] * scale[live]
            state[batch.rows] = found[-1].T
        return values

    return run


def _folded(problem: Problem) -> Folded:
    """Return the package's own operations, without what is 0 in every rat."""
    events = problem.events
    added = events.state[np.isfinite(events.day) & (events.amount != 0)]
    still = np.setdiff1d(np.flatnonzero(~problem.initial.any(axis=0)), added)
    zeros = np.flatnonzero(~problem.parameters.any(axis=0))
    tape = trace(problem.system)
    return fold(tape, zero_parameters=frozenset(zeros.tolist()), still=frozenset(still.tolist()))


def _equations(problem: Problem, folded: Folded) -> tuple[list[tuple[Any, Any]], Floats]:
    """Return the equations of states over their scale, and each rat's numbers: all that no state changes."""
    scale, first = problem.system.scale, folded.tape.states
    states = heyoka.make_vars(*(f"s{state:02}" for state in folded.live))
    moving = {state: scale[state] * own for state, own in zip(folded.live, states, strict=True)}
    numbers: dict[int, Floats] = {first + place: own for place, own in enumerate(problem.parameters.T)}
    read: dict[int, Any] = {}

    def expression(side: int | float) -> Any:
        if isinstance(side, float):
            return side
        return moving[side] if side in moving else read.setdefault(side, heyoka.par[len(read)])

    for place, (name, sides) in folded.steps.items():
        if any(isinstance(side, int) and side in moving for side in sides):
            moving[place] = _OPERATORS[name](*map(expression, sides))
        else:
            given = (side if isinstance(side, float) else numbers[side] for side in sides)
            numbers[place] = _OPERATORS[name](*given)
    rates = [expression(rate) / scale[state] for state, rate in zip(folded.live, folded.rates, strict=True)]
    return list(zip(states, rates, strict=True)), np.array([numbers[place] for place in read]).T


@dataclass(frozen=True)
class _Batch:
    """A piece each of some rats, a lane each.

    Attributes
    ----------
    rows
        The rats.
    grid
        Days at which a lane is read, from the start of its piece to its end.
    added
        What is added at the start.
    point, lane, row, day
        Which readings go where.
    """

    rows: Places
    grid: Floats
    added: Floats
    point: Places
    lane: Places
    row: Places
    day: Places


def _batches(problem: Problem, live: list[int], size: int) -> Iterator[_Batch]:
    """Return all pieces in batches, in an order in which they can be solved.

    A batch takes as many steps as its slowest lane, so pieces of similar length are put together.
    """
    every = [list(pieces(problem, row)) for row in range(len(problem.parameters))]
    for number in range(max(map(len, every))):
        rows = np.array([row for row, own in enumerate(every) if number < len(own)])
        order = np.argsort([every[row][number].end - every[row][number].start for row in rows], kind="stable")
        for first in range(0, len(rows), size):
            # The last batch is filled up, lest another size be compiled.
            chosen = np.resize(rows[order[first : first + size]], size)
            yield _batch([every[row][number] for row in chosen], chosen, live, problem.system.scale)


def _batch(chosen: list[Piece], rows: Places, live: list[int], scale: tuple[float, ...]) -> _Batch:
    most = max(len(piece.times) for piece in chosen)
    grid, added = np.empty((most, len(chosen))), np.zeros((len(chosen), len(scale)))
    readings = []
    for lane, piece in enumerate(chosen):
        # A lane with fewer readings has more points after its last one; its end is the last of all.
        extra = np.linspace(*piece.times[-2:], most - len(piece.times) + 2)
        grid[:, lane] = np.concatenate([piece.times[:-2], extra])
        for state, amount in piece.added:
            added[lane, state] += amount / scale[state]
        for place, day in enumerate(range(*piece.places)):
            point = most - 1 if piece.days[place] == piece.end else place + 1
            readings.append((point, lane, rows[lane], day))
    point, lane, row, day = np.array(readings, dtype=np.int64).reshape(-1, 4).T
    return _Batch(rows, grid, added[:, live], point, lane, row[:, None], day[:, None])


ADAPTOR = Adaptor(
    library="heyoka",
    packages=("heyoka",),
    settings={"batch 4": LADDER, "batch 8": LADDER},
    prepare=_prepare,
)
