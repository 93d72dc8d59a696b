"""Problems for the solver, and an independent way to solve them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from eaesim.model import STATES, Parameters, Rat, State, derivative, load
from eaesim.protocol import Arm, Immunisation, Regimen
from eaesim.protocol.timeline import arm_events
from eaesim.solver import Problem
from eaesim.study.assembly import arm_parameters, build_problem
from eaesim.study.cohort import Cohort

_SCALE = np.array([info.scale for info in STATES.values()])


def _problem(
    *regimens: Regimen,
    rat: Rat | str = "lewis",
    inductions: Sequence[Any] = (Immunisation(),),
    mechanism: str = "H1a",
    until: int = 20,
    record: Sequence[str] = State._fields,
    differences: np.ndarray | None = None,
) -> Problem:
    """Build a row for every regimen and every rat; by default one rat, the typical one."""
    strain = load(rat) if isinstance(rat, str) else rat
    unlike = np.zeros((1, len(Parameters._fields))) if differences is None else differences
    cohort = Cohort(unlike, np.zeros((len(unlike), until + 1)), np.full(len(unlike), np.inf))
    parameters, events = [], []
    for regimen in regimens:
        arm = Arm("arm", regimen)
        parameters += list(arm_parameters(strain, arm, cohort, mechanism=mechanism))
        events += [arm_events(inductions, regimen, triggered={})] * len(unlike)
    return build_problem(parameters, events, until=until, record=record)


@cache
def _traced() -> tuple[Callable[..., list[float]], Callable[..., list[list[float]]]]:
    """Return the rates and their Jacobian as SymPy writes them out: quick, and exact for implicit methods."""
    import sympy

    state, parameters = sympy.symbols(State._fields), sympy.symbols(Parameters._fields)
    rates = sympy.Matrix(list(derivative(State(*state), Parameters(*parameters))))
    write = {"modules": "math", "cse": True}
    return (
        sympy.lambdify([state, parameters], list(rates), **write),
        sympy.lambdify([state, parameters], rates.jacobian(state).tolist(), **write),
    )


def _independent(
    problem: Problem, row: int, *, method: str = "Radau", tolerance: float = 1e-11, parameters: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """Solve one row with SciPy, started anew at every event; return daily states and their peaks."""
    rates, jacobian = _traced()
    own = (problem.parameters[row] if parameters is None else np.array(parameters)).tolist()
    implicit = {"jac": lambda _, y: np.array(jacobian(y.tolist(), own))} if method == "Radau" else {}
    events = problem.events
    finite = np.isfinite(events.day[row])
    times = events.day[row][finite]
    days, last = problem.days, float(problem.days[-1])
    starts = sorted({min([0.0, *times]), *(time for time in times if time < last)})
    state, seen = problem.initial[row].copy(), np.full((len(days), len(_SCALE)), np.nan)
    peak = np.abs(state)
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        if start in days:
            seen[days == start] = state
        for index in np.flatnonzero(events.day[row] == start):
            state[events.state[row, index]] += events.amount[row, index]
        peak = np.maximum(peak, np.abs(state))
        inside = days[(days > start) & (days <= end)]
        course = solve_ivp(
            lambda _, y: rates(y.tolist(), own),
            (start, end),
            state,
            method=method,
            dense_output=True,
            rtol=tolerance,
            atol=1e-3 * tolerance * _SCALE,
            **implicit,
        )
        assert course.success
        if len(inside):
            seen[np.isin(days, inside)] = course.sol(inside).T
        state = course.y[:, -1].copy()
        peak = np.maximum(peak, np.abs(course.y).max(axis=1))
    # A state that never leaves 0 picks up dust from the linear algebra of an implicit step.
    dust = peak <= 1e-3 * tolerance * _SCALE
    return np.where(dust, 0.0, seen), np.where(dust, 0.0, peak)


def _error(values: np.ndarray, reference: np.ndarray, peak: np.ndarray) -> float:
    """Return the error of a run as the contract defines it: the worst over days and states."""
    apart, size = np.abs(values - reference), np.maximum(np.abs(reference), 1e-3 * peak)
    assert np.isfinite(apart).all()
    # Where nothing ever is, an implicit step leaves dust, and that must be all.
    assert (apart[size == 0] <= 1e-15).all()
    return float(np.max(apart[size > 0] / size[size > 0]))


@pytest.fixture(scope="session")
def rat_problem() -> Callable[..., Problem]:
    """Build a problem: a row for every regimen given."""
    return _problem


@pytest.fixture(scope="session")
def independent() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Solve one row of a problem by other means than the solver's."""
    return _independent


@pytest.fixture(scope="session")
def run_error() -> Callable[..., float]:
    """Measure the error of a run."""
    return _error
