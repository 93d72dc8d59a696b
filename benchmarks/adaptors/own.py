"""The package's engines, through the front door: everything that a call does is on the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.adaptors.contract import Adaptor, Solve
from eaesim.solver import SOLVED, Problem, Solution, solve
from eaesim.solver.problem import Floats

# Rats that keep every lane busy.
COPIES = 8
# Methods beside the default, by the name of their function.
METHODS = {"lanes, DOP853": "dop853", "lanes, Tsit5": "tsit5"}


def _prepare(problem: Problem, setting: str) -> Solve:
    engine = _engine(setting)

    def run(tolerance: float, rats: int) -> Floats:
        solution = engine(replace(problem.rows(slice(rats)), relative_tolerance=tolerance), workers=1)
        unsolved = int((solution.status != SOLVED).sum())
        if unsolved:
            raise ArithmeticError(f"{unsolved} of {rats} rats were not solved by {setting}.")
        return solution.values

    return run


def _engine(setting: str) -> Callable[..., Solution]:
    if setting not in METHODS:
        return partial(solve, engine=setting)
    from eaesim.solver.lanes import crowd, method

    return partial(crowd.solve, method=getattr(method, METHODS[setting])())


ADAPTOR = Adaptor(
    library="eaesim",
    packages=("eaesim", "numba"),
    settings={
        "lanes": (1e-5, 1e-6, 3e-7, 1e-7, 1e-8),
        "lanes, DOP853": (1e-5, 1e-6, 3e-7, 1e-7, 1e-8),
        "lanes, Tsit5": (1e-5, 2e-6, 7e-7, 2e-7),
        "reference": (1e-5, 1e-6, 1e-7),
    },
    prepare=_prepare,
    copies={"lanes": COPIES} | dict.fromkeys(METHODS, COPIES),
    most={"reference": 32},
)
