"""The package's engines at both accuracies; everything that a call does is on the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.adaptors.contract import Adaptor, Solve
from eaesim.solver import SOLVED, Problem, Solution, solve
from eaesim.solver.problem import SCORES_TOLERANCE, Floats

# Rats that keep every lane busy.
COPIES = 8
# Further methods than the default of an accuracy: its function, and whether it runs in single precision.
METHODS = {
    "scores": ("tsit5", True),
    "courses, Verner6": ("verner6", False),
    "courses, DOP853": ("dop853", False),
    "courses, Tsit5": ("tsit5", False),
}


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
        return partial(solve, engine="reference" if setting == "reference" else "lanes")
    from eaesim.solver.lanes import crowd, method

    name, single = METHODS[setting]
    return lambda problem, workers: crowd.solve_and_count(
        problem, workers=workers, method=getattr(method, name)(), single=single
    )[0]


ADAPTOR = Adaptor(
    library="eaesim",
    packages=("eaesim", "numba"),
    settings={
        "courses": (1e-5, 1e-6, 5e-7, 3e-7, 1e-7, 1e-8),
        "scores": (2e-4, SCORES_TOLERANCE, 2e-5),
        "courses, Verner6": (1e-5, 1e-6, 3e-7, 1e-7, 1e-8),
        "courses, DOP853": (1e-5, 1e-6, 3e-7, 1e-7, 1e-8),
        "courses, Tsit5": (1e-5, 2e-6, 7e-7, 2e-7),
        "reference": (1e-5, 1e-6, 1e-7),
    },
    prepare=_prepare,
    copies=dict.fromkeys(("courses", *METHODS), COPIES),
    most={"reference": 32},
)
