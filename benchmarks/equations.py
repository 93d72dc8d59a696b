"""The right-hand side for libraries that take a compiled one: SymPy writes it out, Numba compiles it.

What depends on parameters alone is computed once a rat, and what occurs twice is computed once: nobody's
equations are evaluated in a slower form than need be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from eaesim.solver import Problem
from eaesim.solver.problem import Floats, System

# Contraction to fused multiply-add and reciprocals, but no change of what is summed in which order.
FLAGS = {"fastmath": {"contract", "nsz", "arcp"}, "error_model": "numpy"}


@dataclass(frozen=True)
class Equations:
    """Compiled equations.

    Attributes
    ----------
    slots
        What one rat's parameters come to: the numbers that `rates` reads.
    rates
        ``rates(state, slots, out)``, compiled.
    """

    slots: Callable[[Floats], Floats]
    rates: Callable[..., None]


@cache
def equations(system: System, *, scaled: bool = False) -> Equations:
    """Return the equations of a system, compiled by Numba where that is installed.

    Parameters
    ----------
    system
        From a problem.
    scaled
        Of the states over their scale, for a library that takes but one absolute tolerance.
    """
    fixed, moving, names, rates = _written(system, scaled=scaled)
    states = [f"s{index} = state[{index}]" for index in range(len(rates))]
    parameters = [f"p{index} = parameters[{index}]" for index in range(len(system.parameters._fields))]
    scope: dict[str, Any] = {"empty": __import__("numpy").empty}
    _define(
        scope,
        "def slots(parameters):",
        [*parameters, *fixed, f"out = empty({len(names)})"]
        + [f"out[{index}] = {name}" for index, name in enumerate(names)]
        + ["return out"],
    )
    read = [f"{name} = slots[{index}]" for index, name in enumerate(names)]
    written = [f"out[{index}] = {rate}" for index, rate in enumerate(rates)]
    _define(scope, "def rates(state, slots, out):", [*states, *read, *moving, *written])
    return Equations(scope["slots"], compiled(scope["rates"]))


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function by Numba, or return it as it is where Numba is not installed."""
    try:
        from numba import njit
    except ImportError:
        return function
    return njit(**FLAGS)(function)  # type: ignore[no-any-return]


def _define(scope: dict[str, Any], head: str, lines: list[str]) -> None:
    # The text is made of symbols of our own and of what SymPy prints, nothing from outside.
    exec("\n".join([head, *(f"    {line}" for line in lines)]), scope)


def _written(system: System, *, scaled: bool) -> tuple[list[str], list[str], list[str], list[str]]:
    """Return lines on parameters, lines on states, what the second read of the first, and the rates."""
    import sympy

    states = sympy.symbols(f"s:{len(system.state._fields)}")
    parameters = sympy.symbols(f"p:{len(system.parameters._fields)}")
    sizes = system.scale if scaled else (1,) * len(states)
    rates = system.derivative(
        system.state(*(size * state for size, state in zip(sizes, states, strict=True))),
        system.parameters(*parameters),
    )
    shared, reduced = sympy.cse([sympy.sympify(rate) / size for rate, size in zip(rates, sizes, strict=True)])
    still = set(parameters)
    fixed, moving, needed = [], [], set()
    for name, value in shared:
        if value.free_symbols <= still:
            still.add(name)
            fixed.append(f"{name} = {sympy.pycode(value)}")
        else:
            needed |= value.free_symbols
            moving.append(f"{name} = {sympy.pycode(value)}")
    needed = needed.union(*(rate.free_symbols for rate in reduced)) & still
    return fixed, moving, sorted(map(str, needed)), [sympy.pycode(rate) for rate in reduced]


def all_slots(problem: Problem, *, scaled: bool = False) -> Floats:
    """Return the slots of every rat, a row each."""
    import numpy as np

    slots = equations(problem.system, scaled=scaled).slots
    return np.array([slots(parameters) for parameters in problem.parameters])
