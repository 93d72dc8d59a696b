"""Fewer divisions: the slowest instruction by far, so one is made to serve two quotients.

Pairs are chosen by the equations alone, before anything is left out of them, so that no bit depends on it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from eaesim.solver.trace import Operand, Operation, Tape


def shared_divisions(tape: Tape) -> Tape:
    """Return the same equations with one division for two: 1 / (b d) times d, and times b.

    Parameters
    ----------
    tape
        The equations; the values of the new ones differ by rounding.

    Examples
    --------
    >>> once = Tape(2, 0, (Operation("/", 1.0, 0), Operation("/", 1.0, 1)), (2, 3), ())
    >>> [operation.operator for operation in shared_divisions(once).operations]
    ['*', '/', '*', '*']
    """
    return _Rewriting(tape).result()


class _Rewriting:
    """A tape that is written anew, in the order in which its results ask for values."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.operations: list[Operation] = []
        self.written: dict[str, int] = {}
        self.places: dict[int, Operand] = {place: place for place in range(tape.first)}
        self.partners = _partners(tape)

    def result(self) -> Tape:
        rates = tuple(map(self.value, self.tape.rates))
        quantities = tuple(map(self.value, self.tape.quantities))
        return replace(self.tape, operations=tuple(self.operations), rates=rates, quantities=quantities)

    def value(self, operand: Operand) -> Operand:
        if not isinstance(operand, int):
            return operand
        if operand not in self.places:
            if operand in self.partners:
                self._write_pair(operand, self.partners[operand])
            else:
                operator, left, right = self._operation(operand)
                self.places[operand] = self.note(operator, self.value(left), self.value(right))
        return self.places[operand]

    def _write_pair(self, one: int, other: int) -> None:
        divisors = [self.value(self._operation(place).right) for place in (one, other)]
        shared = self.note("/", 1.0, self.note("*", *divisors))
        for place, factor in zip((one, other), reversed(divisors), strict=True):
            inverse = self.note("*", shared, factor)
            numerator = self._operation(place).left
            is_one = isinstance(numerator, float) and numerator == 1.0
            self.places[place] = inverse if is_one else self.note("*", self.value(numerator), inverse)

    def _operation(self, place: int) -> Operation:
        return self.tape.operations[place - self.tape.first]

    def note(self, operator: str, left: Operand, right: Operand) -> int:
        operation = Operation(operator, left, right)
        place = self.written.setdefault(repr(operation), self.tape.first + len(self.operations))
        if place == self.tape.first + len(self.operations):
            self.operations.append(operation)
        return place


def _partners(tape: Tape) -> dict[int, int]:
    """Return divisions by what changes with the state, two by two.

    Partners have as many divisions below them, so that no two pairs wait for each other. Divisors that are 1
    plus something, as those of an inhibitor that may be absent, are paired with their like: with both absent,
    both quotients are left out.
    """
    below: dict[int, int] = {}
    alike: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for place, (operator, left, right) in enumerate(tape.operations, start=tape.first):
        level = max(below.get(side, 0) for side in (left, right) if isinstance(side, int))
        divides = operator == "/" and isinstance(right, int) and tape.moving[right]
        if divides:
            divisor = tape.operations[int(right) - tape.first] if int(right) >= tape.first else None
            alike[level, divisor is not None and divisor.operator == "+" and 1.0 in _numbers(divisor)].append(
                place
            )
        below[place] = level + divides
    pairs = [pair for level in alike.values() for pair in zip(level[::2], level[1::2], strict=False)]
    return dict(pairs) | {other: one for one, other in pairs}


def _numbers(operation: Operation) -> list[float]:
    return [side for side in (operation.left, operation.right) if isinstance(side, float)]
