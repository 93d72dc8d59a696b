"""Equations as straight-line code: run once on values that note what is done to them.

The traced function does the same operations in the same order, so it gives the same bits, in half the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eaesim.solver.problem import System

Rates = Callable[[Sequence[float]], list[float]]


@dataclass(frozen=True, slots=True, eq=False)
class _Noted:
    """A value of which only the name is known; `moving` says whether it changes with the state."""

    tape: _Tape
    name: str
    moving: bool

    def __add__(self, other: object) -> _Noted:
        return self.tape.note(self, "+", other)

    def __radd__(self, other: object) -> _Noted:
        return self.tape.note(other, "+", self)

    def __sub__(self, other: object) -> _Noted:
        return self.tape.note(self, "-", other)

    def __rsub__(self, other: object) -> _Noted:
        return self.tape.note(other, "-", self)

    def __mul__(self, other: object) -> _Noted:
        return self.tape.note(self, "*", other)

    def __rmul__(self, other: object) -> _Noted:
        return self.tape.note(other, "*", self)

    def __truediv__(self, other: object) -> _Noted:
        return self.tape.note(self, "/", other)

    def __rtruediv__(self, other: object) -> _Noted:
        return self.tape.note(other, "/", self)

    def __pow__(self, other: object) -> _Noted:
        return self.tape.note(self, "**", other)

    def __rpow__(self, other: object) -> _Noted:
        return self.tape.note(other, "**", self)

    def __neg__(self) -> _Noted:
        return self.tape.note(None, "-", self)

    def __bool__(self) -> bool:
        raise TypeError("an equation branches on a state or a parameter; write it without if, and, or.")


class _Tape:
    """The operations in their order: those on parameters alone, and those that change with the state."""

    def __init__(self) -> None:
        self.fixed: list[str] = []
        self.moving: list[str] = []

    def note(self, left: object, operator: str, right: object) -> _Noted:
        moving = any(isinstance(side, _Noted) and side.moving for side in (left, right))
        lines = self.moving if moving else self.fixed
        name = f"{'m' if moving else 'f'}{len(lines)}"
        lines.append(f"{name} = {_text(left)} {operator} {_text(right)}".replace("None ", ""))
        return _Noted(self, name, moving)


def _text(side: object) -> str:
    return side.name if isinstance(side, _Noted) else repr(side)


@cache
def trace(system: System) -> Callable[[Sequence[float]], Rates]:
    """Return the equations as a function that takes parameters and gives the rates at a state.

    Parameters
    ----------
    system
        Its derivative must use arithmetic only.

    Returns
    -------
    callable
        Parameters, a sequence of numbers, to a function from a state, likewise, to a list of rates.

    Raises
    ------
    TypeError
        If the derivative branches on a value, or uses more than arithmetic.
    """
    tape = _Tape()
    states = [f"s{index}" for index in range(len(system.state._fields))]
    parameters = [f"p{index}" for index in range(len(system.parameters._fields))]
    rates = system.derivative(
        system.state(*(_Noted(tape, name, True) for name in states)),
        system.parameters(*(_Noted(tape, name, False) for name in parameters)),
    )
    text = "\n".join(
        [
            "def prepare(parameters):",
            f"    {', '.join(parameters)}, = parameters",
            *(f"    {line}" for line in tape.fixed),
            "    def rates(state):",
            f"        {', '.join(states)}, = state",
            *(f"        {line}" for line in tape.moving),
            f"        return [{', '.join(_text(rate) for rate in rates)}]",
            "    return rates",
        ]
    )
    scope: dict[str, Any] = {}
    # The text is made of the names and operators above and of literal numbers, nothing from outside.
    exec(compile(text, f"<{system.derivative.__qualname__}, traced>", "exec"), scope)
    prepare: Callable[[Sequence[float]], Rates] = scope["prepare"]
    return prepare
