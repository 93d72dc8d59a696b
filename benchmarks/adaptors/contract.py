"""What a library is asked for, whatever it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmarks.problem import FLOOR
from eaesim.solver import Problem
from eaesim.solver.problem import Floats

# Relative tolerance and number of rats to the daily states of that many first rats.
Solve = Callable[[float, int], Floats]


@dataclass(frozen=True)
class Adaptor:
    """One library.

    Attributes
    ----------
    library
        Its name.
    packages
        The distributions whose versions belong to a result.
    settings
        Methods, each with the ladder of relative tolerances at which it is measured.
    prepare
        Takes a problem and the name of a setting, returns what solves it. What can be done once for many
        runs, such as loading or compiling a model, is done here or in the first call at a tolerance, off the
        clock.
    copies
        By setting: how many copies of the rats are timed, where a few rats are over too soon to be timed.
    most
        By setting: how many rats are timed at most, where they take too long.
    """

    library: str
    packages: tuple[str, ...]
    settings: Mapping[str, tuple[float, ...]]
    prepare: Callable[[Problem, str], Solve]
    copies: Mapping[str, int] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)


def absolute_tolerance(problem: Problem, tolerance: float) -> Floats:
    """Return the absolute tolerance of each state: a share of its size so small that it costs no accuracy."""
    return tolerance * FLOOR * np.asarray(problem.system.scale)
