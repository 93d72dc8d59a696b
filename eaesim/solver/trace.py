"""Equations as straight-line arithmetic, traced by one evaluation on recording values.

Both engines use it: the reference writes it as Python, with the same operations in the same order and so the
same bits; the lanes compile it to machine code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from eaesim.solver.problem import Quantity, System

Rates = Callable[[Sequence[float]], list[float]]
# A place on the tape, or a constant in the equations.
Operand = int | float


class Operation(NamedTuple):
    """One step: ``left operator right``; the operator ``neg`` has no right side."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Tape:
    """Equations as a list of operations.

    Attributes
    ----------
    states, parameters
        Numbers of states and parameters, which take the first places of the tape; operations follow.
    operations
        Operations in order of execution.
    rates
        Places of the rates of change.
    quantities
        Places of the recorded quantities.
    """

    states: int
    parameters: int
    operations: tuple[Operation, ...]
    rates: tuple[Operand, ...]
    quantities: tuple[Operand, ...]

    @property
    def first(self) -> int:
        """The place of the first operation."""
        return self.states + self.parameters

    @cached_property
    def text(self) -> str:
        """All of it as text, in which a place differs from a number."""
        return repr(
            (self.states, self.parameters, tuple(map(tuple, self.operations)), self.rates, self.quantities)
        )

    @cached_property
    def moving(self) -> tuple[bool, ...]:
        """Whether each place depends on the state."""
        moving = [True] * self.states + [False] * self.parameters
        for operation in self.operations:
            moving.append(any(isinstance(side, int) and moving[side] for side in operation[1:]))
        return tuple(moving)


@dataclass(frozen=True, slots=True, eq=False)
class _Noted:
    """A value known only by its place."""

    notes: _Notes
    place: int

    def __add__(self, other: object) -> _Noted:
        return self.notes.note("+", self, other)

    def __radd__(self, other: object) -> _Noted:
        return self.notes.note("+", other, self)

    def __sub__(self, other: object) -> _Noted:
        return self.notes.note("-", self, other)

    def __rsub__(self, other: object) -> _Noted:
        return self.notes.note("-", other, self)

    def __mul__(self, other: object) -> _Noted:
        return self.notes.note("*", self, other)

    def __rmul__(self, other: object) -> _Noted:
        return self.notes.note("*", other, self)

    def __truediv__(self, other: object) -> _Noted:
        return self.notes.note("/", self, other)

    def __rtruediv__(self, other: object) -> _Noted:
        return self.notes.note("/", other, self)

    def __pow__(self, other: object) -> _Noted:
        return self.notes.note("**", self, other)

    def __rpow__(self, other: object) -> _Noted:
        return self.notes.note("**", other, self)

    def __neg__(self) -> _Noted:
        return self.notes.note("neg", self, 0.0)

    def __bool__(self) -> bool:
        raise TypeError("an equation branches on a state or a parameter; write it without if, and, or.")


class _Notes:
    """The operations so far, without duplicates."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.operations: list[Operation] = []
        self.places: dict[tuple[str, int | str, int | str], int] = {}

    def note(self, operator: str, left: object, right: object) -> _Noted:
        operation = Operation(operator, _operand(left), _operand(right))
        known = (operator, _known(operation.left), _known(operation.right))
        place = self.places.setdefault(known, self.inputs + len(self.operations))
        if place == self.inputs + len(self.operations):
            self.operations.append(operation)
        return _Noted(self, place)


def _known(operand: Operand) -> int | str:
    """Return a number as text, because place 1 equals the number 1.0."""
    return operand if isinstance(operand, int) else repr(operand)


def _operand(value: Any) -> Operand:
    return value.place if isinstance(value, _Noted) else float(value)


def trace(system: System, quantities: Sequence[Quantity] = ()) -> Tape:
    """Record the operations of the equations.

    Parameters
    ----------
    system
        System; its derivative must use arithmetic only.
    quantities
        Recorded quantities: names of states, or functions that use arithmetic only.

    Raises
    ------
    TypeError
        If an equation branches on a value, or uses more than arithmetic.
    """
    return (_once if system.fixed else _traced)(system, tuple(quantities))


def _traced(system: System, quantities: tuple[Quantity, ...]) -> Tape:
    states, parameters = len(system.state._fields), len(system.parameters._fields)
    notes = _Notes(states + parameters)
    inputs = [_Noted(notes, place) for place in range(states + parameters)]
    state, own = system.state(*inputs[:states]), system.parameters(*inputs[states:])
    rates = system.derivative(state, own)
    seen = [getattr(state, each) if isinstance(each, str) else each(state, own) for each in quantities]
    return Tape(
        states,
        parameters,
        tuple(notes.operations),
        tuple(map(_operand, rates)),
        tuple(map(_operand, seen)),
    )


_once = lru_cache(maxsize=32)(_traced)


def python_text(tape: Tape) -> str:
    """Return the source of a function from parameters to the function of the rates."""
    lines: dict[bool, list[str]] = {False: [], True: []}
    for place, (operator, left, right) in enumerate(tape.operations, start=tape.first):
        value = f"-{_name(left)}" if operator == "neg" else f"{_name(left)} {operator} {_name(right)}"
        lines[tape.moving[place]].append(f"{_name(place)} = {value}")
    return "\n".join(
        [
            "def prepare(parameters):",
            f"    {_names(tape.states, tape.first)} = parameters",
            *(f"    {line}" for line in lines[False]),
            "    def rates(state):",
            f"        {_names(0, tape.states)} = state",
            *(f"        {line}" for line in lines[True]),
            f"        return [{', '.join(map(_name, tape.rates))}]",
            "    return rates",
        ]
    )


def _names(first: int, end: int) -> str:
    return "".join(f"{_name(place)}, " for place in range(first, end)).rstrip()


def _name(operand: Operand) -> str:
    return f"v{operand}" if isinstance(operand, int) else repr(operand)


@lru_cache(maxsize=8)
def compiled(text: str) -> Callable[[Sequence[float]], Rates]:
    """Return the function written by `python_text`.

    The text consists only of numbered names, operators and literal numbers, without external input.
    """
    scope: dict[str, Any] = {}
    exec(compile(text, "<traced equations>", "exec"), scope)
    prepare: Callable[[Sequence[float]], Rates] = scope["prepare"]
    return prepare
