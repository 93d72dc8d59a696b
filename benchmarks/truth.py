"""What is true, nearly: the same rats by SciPy at a tolerance of 1e-12, kept where Git does not look."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import numpy as np

from benchmarks.equations import all_slots, equations
from benchmarks.pieces import pieces
from benchmarks.problem import FLOOR, random_problem
from eaesim.solver import Problem
from eaesim.solver.problem import Floats

CACHE = Path(__file__).parent / ".cache"
# Radau's own check of a few rats; what it may differ by.
CHECKED, APART = 2, 1e-7


@dataclass(frozen=True)
class Truth:
    """The true course of every rat.

    Attributes
    ----------
    values
        Shape (rats, days, states).
    size
        How large each state becomes in each rat, or in the base rat where that is larger: (rats, states).
    """

    values: Floats
    size: Floats

    def error(self, values: Floats) -> Floats:
        """Return the error of each of the first rats: the worst over days and states, as the contract says.

        A rat that was not solved has an error of infinity.
        """
        truth, size = self.values[: len(values)], self.size[: len(values), None, :]
        apart, floor = np.abs(values - truth), np.maximum(np.abs(truth), FLOOR * size)
        ratio = np.divide(apart, floor, out=np.zeros_like(apart), where=floor > 0)
        return np.where(np.isfinite(ratio), ratio, np.inf).max(axis=(1, 2))


def find_truth(rats: int) -> Truth:
    """Return the truth on the first random rats, from the folder or computed now, which takes a while."""
    problem, typical = random_problem(rats), random_problem(rats, typical=True)
    file = CACHE / f"truth-{rats}-{_fingerprint(problem)}.npz"
    if file.exists():
        with np.load(file) as kept:
            return Truth(kept["values"], kept["size"])
    found = [_course(problem, row, method="DOP853", tolerance=1e-12) for row in range(rats)]
    sizes = [_course(typical, row, method="DOP853", tolerance=1e-8)[1] for row in range(rats)]
    truth = Truth(np.array([values for values, _ in found]), np.maximum([peak for _, peak in found], sizes))
    _check(problem, truth)
    CACHE.mkdir(exist_ok=True)
    part = file.with_name(f".{uuid4().hex}.npz")
    np.savez_compressed(part, values=truth.values, size=truth.size)
    part.replace(file)
    return truth


def _fingerprint(problem: Problem) -> str:
    """Return what changes with the rats, their protocols and the equations."""
    system, digest = problem.system, sha256()
    probe = np.random.default_rng(0).uniform(0.5, 1.5, len(system.scale)) * system.scale
    for row in range(len(problem.parameters)):
        rates = system.derivative(system.state(*probe), system.parameters(*problem.parameters[row]))
        digest.update(np.array(rates, dtype=np.float64).tobytes())
    for part in (problem.parameters, problem.initial, problem.events.day, problem.events.amount):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:12]


def _check(problem: Problem, truth: Truth) -> None:
    rows = range(min(CHECKED, len(truth.values)))
    others = np.array([_course(problem, row, method="Radau", tolerance=1e-11)[0] for row in rows])
    worst = truth.error(others).max()
    if worst > APART:
        raise AssertionError(f"DOP853 and Radau differ by {worst:.1e} on the rats they are to be true for.")


def _course(problem: Problem, row: int, *, method: str, tolerance: float) -> tuple[Floats, Floats]:
    """Solve one rat, landing on each recorded day: nothing is interpolated."""
    from scipy.integrate import solve_ivp

    compiled, slots = equations(problem.system), all_slots(problem.rows(slice(row, row + 1)))[0]

    def rates(_: float, state: Floats) -> Floats:
        out = np.empty_like(state)
        compiled.rates(state, slots, out)
        return out

    absolute = tolerance * FLOOR * np.asarray(problem.system.scale)
    state = problem.initial[row].copy()
    values, peak = np.full((len(problem.days), len(state)), np.nan), np.abs(state)
    values[0] = state
    for piece in pieces(problem, row):
        for index, amount in piece.added:
            state[index] += amount
        peak = np.maximum(peak, np.abs(state))
        times = piece.times
        for place, (start, end) in enumerate(pairwise(times)):
            course = solve_ivp(rates, (start, end), state, method=method, rtol=tolerance, atol=absolute)
            if not course.success:
                raise ArithmeticError(f"rat {row}: {course.message}")
            state = course.y[:, -1].copy()
            peak = np.maximum(peak, np.abs(course.y).max(axis=1))
            if place < len(piece.days):
                values[piece.places[0] + place] = state
    return values, peak
