"""Numerics behind one contract."""

from eaesim.solver.problem import FAILED, SOLVED, Events, Problem, Progress, Solution, System
from eaesim.solver.reference import solve

__all__ = ["FAILED", "SOLVED", "Events", "Problem", "Progress", "Solution", "System", "solve"]
