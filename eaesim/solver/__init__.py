"""Numerical solvers behind one interface."""

from eaesim.solver.cores import cores
from eaesim.solver.effort import USUAL, Effort
from eaesim.solver.engine import ENGINES, RAT_DAYS, Engine, choose_engine, solve
from eaesim.solver.problem import (
    ACCURACIES,
    FAILED,
    HANDED_OVER,
    SOLVED,
    STATUS,
    Events,
    Problem,
    Progress,
    Quantity,
    Reducer,
    Solution,
    System,
)

__all__ = [
    "ACCURACIES",
    "ENGINES",
    "FAILED",
    "HANDED_OVER",
    "RAT_DAYS",
    "SOLVED",
    "STATUS",
    "USUAL",
    "Effort",
    "Engine",
    "Events",
    "Problem",
    "Progress",
    "Quantity",
    "Reducer",
    "Solution",
    "System",
    "choose_engine",
    "cores",
    "solve",
]
