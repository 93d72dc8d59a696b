"""numbalsoda: LSODA and DOP853 in C++, called from a Numba loop, with no Python in between.

It takes one absolute tolerance for all states, so it is given states over their scale.
"""

from __future__ import annotations

from typing import Any

import numba
import numbalsoda
import numpy as np

from benchmarks.adaptors.contract import Adaptor, Solve
from benchmarks.equations import FLAGS, all_slots, equations
from benchmarks.pieces import packed
from benchmarks.problem import FLOOR
from eaesim.solver import Problem
from eaesim.solver.problem import Floats

SOLVERS = {"LSODA": numbalsoda.lsoda, "DOP853": numbalsoda.dop853}


def _prepare(problem: Problem, setting: str) -> Solve:
    scale = np.asarray(problem.system.scale)
    slots, (boundaries, added) = all_slots(problem, scaled=True), packed(problem)
    right_hand_side = _right_hand_side(problem, slots.shape[1])
    loop = _loop(SOLVERS[setting])
    initial, added = problem.initial / scale, added / scale

    def run(tolerance: float, rats: int) -> Floats:
        values = np.empty((rats, len(problem.days), len(scale)))
        loop(
            right_hand_side.address,
            *(initial, slots, boundaries, added, problem.days),
            *(tolerance, tolerance * FLOOR, values),
        )
        return values * scale

    return run


def _right_hand_side(problem: Problem, slots: int) -> Any:
    rates, states = equations(problem.system, scaled=True).rates, problem.initial.shape[1]

    def right_hand_side(_: float, state: Any, out: Any, data: Any) -> None:
        rates(numba.carray(state, (states,)), numba.carray(data, (slots,)), numba.carray(out, (states,)))

    return numba.cfunc(numbalsoda.lsoda_sig, **FLAGS)(right_hand_side)


def _loop(solver: Any) -> Any:
    @numba.njit(nogil=True)
    def loop(address, initial, slots, boundaries, added, days, relative, absolute, values):  # type: ignore[no-untyped-def]
        for row in range(len(values)):
            state = initial[row].copy()
            values[row, 0] = state
            place = 1
            for number in range(added.shape[1]):
                start, end = boundaries[row, number], boundaries[row, number + 1]
                if end <= start:
                    break
                state += added[row, number]
                after = np.searchsorted(days, end, side="right")
                times = np.empty(after - place + 2)
                times[0], times[1:-1], times[-1] = start, days[place:after], end
                # The last time twice is an error to some; the last piece ends on a recorded day.
                wanted = times[:-1] if after > place and days[after - 1] == end else times
                course, success = solver(address, state, wanted, slots[row], relative, absolute)
                if not success:
                    values[row] = np.nan
                    break
                values[row, place:after] = course[1 : after - place + 1]
                state = course[len(wanted) - 1].copy()
                place = after

    return loop


ADAPTOR = Adaptor(
    library="numbalsoda",
    packages=("numbalsoda", "numba"),
    settings={"LSODA": (1e-5, 3e-6, 1e-6, 3e-7), "DOP853": (1e-7, 3e-8, 1e-8, 1e-9)},
    prepare=_prepare,
)
