"""SciPy: its solvers in Python and LSODA in C, on equations compiled by Numba, started anew at events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import odeint, solve_ivp

from benchmarks.adaptors.contract import Adaptor, Solve, absolute_tolerance
from benchmarks.equations import all_slots, compiled, equations
from benchmarks.pieces import pieces
from eaesim.solver import Problem
from eaesim.solver.problem import Floats

# Start, wanted times, state, slots, relative and absolute tolerance to the states at these times.
Stretch = Callable[[Floats, Floats, Floats, float, Floats], Floats]


def _prepare(problem: Problem, setting: str) -> Solve:
    slots, cut = all_slots(problem), [list(pieces(problem, row)) for row in range(len(problem.parameters))]
    stretch = _odeint(problem) if setting == "odeint LSODA" else _solve_ivp(problem, setting.split()[-1])

    def run(tolerance: float, rats: int) -> Floats:
        absolute = absolute_tolerance(problem, tolerance)
        values = np.empty((rats, len(problem.days), problem.initial.shape[1]))
        for row in range(rats):
            state = values[row, 0] = problem.initial[row]
            for piece in cut[row]:
                state = state.copy()
                for index, amount in piece.added:
                    state[index] += amount
                course = stretch(piece.times, state, slots[row], tolerance, absolute)
                values[row, slice(*piece.places)] = course[: len(piece.days)]
                state = course[-1]
        return values

    return run


def _rates(problem: Problem) -> Callable[..., Floats]:
    rates, empty = equations(problem.system).rates, np.empty

    def right_hand_side(_: float, state: Floats, slots: Floats) -> Floats:
        out = empty(state.size)
        rates(state, slots, out)
        return out

    return compiled(right_hand_side)


def _solve_ivp(problem: Problem, method: str) -> Stretch:
    right_hand_side = _rates(problem)

    def stretch(times: Floats, state: Floats, slots: Floats, relative: float, absolute: Floats) -> Floats:
        course = solve_ivp(
            right_hand_side,
            times[[0, -1]],
            state,
            method,
            times[1:],
            args=(slots,),
            rtol=relative,
            atol=absolute,
        )
        return course.y.T

    return stretch


def _odeint(problem: Problem) -> Stretch:
    right_hand_side = _rates(problem)
    options: dict[str, Any] = {"tfirst": True, "mxstep": 100_000}

    def stretch(times: Floats, state: Floats, slots: Floats, relative: float, absolute: Floats) -> Floats:
        return odeint(right_hand_side, state, times, (slots,), rtol=relative, atol=absolute, **options)[1:]

    return stretch


ADAPTOR = Adaptor(
    library="SciPy",
    packages=("scipy", "numba"),
    settings={
        "odeint LSODA": (3e-6, 1e-6, 3e-7, 1e-7),
        "solve_ivp LSODA": (3e-6, 1e-6, 3e-7, 1e-7),
        "solve_ivp RK45": (3e-6, 1e-6, 3e-7, 1e-7),
        "solve_ivp DOP853": (1e-7, 1e-8, 1e-9, 1e-10),
    },
    prepare=_prepare,
)
