"""Preparation of equations for the lanes: fused products and sums, and constant parts omitted.

Omission is bit-neutral: only operations with an exactly known result are removed, after fusion is decided. So
rats may share reduced equations without a change in their results.
"""

from __future__ import annotations

import operator as operator_module
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from eaesim.solver.trace import Operand, Tape

MOST_POWER = 64
_FUSED = ("ab+c", "ab-c", "c-ab")
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator_module.add,
    "-": operator_module.sub,
    "*": operator_module.mul,
    "/": operator_module.truediv,
    "**": operator_module.pow,
}


class Step(NamedTuple):
    """An operation on one to three operands.

    Besides those of the tape there are ``ab+c``, ``ab-c`` and ``c-ab``, rounded once.
    """

    operator: str
    sides: tuple[Operand, ...]


@dataclass(frozen=True)
class Folded:
    """Equations for the lanes.

    Attributes
    ----------
    tape
        Original equations; places up to its first operation are states and parameters.
    steps
        Operations by place, in order.
    fixed
        Places that depend on no state, omitted ones included, and are computed once per rat.
    live
        Integrated states: those not constant at 0 or at a parameter's value.
    rates
        Places of the rates of change of live states.
    quantities
        Places of the quantities.
    """

    tape: Tape
    steps: dict[int, Step]
    fixed: frozenset[int]
    live: tuple[int, ...]
    rates: tuple[Operand, ...]
    quantities: tuple[Operand, ...]


def fold(
    tape: Tape,
    *,
    zero_parameters: frozenset[int],
    still: frozenset[int],
    resting: Mapping[int, int] | None = None,
) -> Folded:
    """Omit from equations what is 0, and states constant at a parameter's value.

    Parameters
    ----------
    tape
        The equations.
    zero_parameters
        Indices of the parameters that are 0 in every rat.
    still
        Indices of the states that start at 0 in every rat and have no events.
    resting
        Indices of states that start at a parameter's value in every rat and have no events, with the index of
        that parameter.

    Returns
    -------
    Folded
        States in `still` or `resting` are kept if other states change them.

    Raises
    ------
    TypeError
        If a state is raised to a power that is not a whole number from 1 to 64.
    """
    fused, fixed, renamed = _fused(tape)
    zeros: dict[int, Operand] = {tape.states + number: 0.0 for number in zero_parameters}
    constant: dict[int, Operand] = dict.fromkeys(still, 0.0)
    constant |= {state: tape.states + number for state, number in (resting or {}).items()}
    while True:
        steps, known = _without_constants(fused, fixed, zeros | constant)

        def value(operand: Operand, known: dict[int, Operand] = known) -> Operand:
            place = renamed.get(operand, operand) if isinstance(operand, int) else operand
            return known.get(place, place) if isinstance(place, int) else place

        rates = tuple(map(value, tape.rates))
        moved = [state for state in constant if not _is(rates[state], 0.0)]
        if not moved:
            live = tuple(state for state in range(tape.states) if state not in constant)
            kept = tuple(rates[state] for state in live)
            # What only an omitted state made vary stays computed in every step: once per rat would be
            # in double precision, so that rats alone and in a crowd would be rounded differently.
            own = fixed & steps.keys()
            return Folded(tape, steps, own, live, kept, tuple(map(value, tape.quantities)))
        constant = {state: value for state, value in constant.items() if state not in moved}


def _fused(tape: Tape) -> tuple[dict[int, Step], frozenset[int], dict[int, int]]:
    """Return steps by place, the fixed ones, and the new places of the tape's operations."""
    steps: dict[int, Step] = {}
    fixed: set[int] = set()
    renamed: dict[int, int] = {}
    following = tape.first

    def note(operator: str, *sides: Operand, is_fixed: bool = False) -> int:
        nonlocal following
        steps[following] = Step(operator, sides)
        if is_fixed:
            fixed.add(following)
        following += 1
        return following - 1

    def product(operand: Operand) -> tuple[Operand, Operand] | None:
        step = steps.get(operand) if isinstance(operand, int) and operand not in fixed else None
        return (step.sides[0], step.sides[1]) if step is not None and step.operator == "*" else None

    for place, (operator, *given) in enumerate(tape.operations, start=tape.first):
        left, right = (renamed.get(side, side) if isinstance(side, int) else side for side in given)
        if not tape.moving[place]:
            sides = (left,) if operator == "neg" else (left, right)
            renamed[place] = note(operator, *sides, is_fixed=True)
        elif operator == "neg":
            renamed[place] = note("neg", left)
        elif operator == "**":
            renamed[place] = _power(left, right, note)
        elif operator == "/" and not (isinstance(given[1], int) and tape.moving[given[1]]):
            renamed[place] = note("*", left, note("/", 1.0, right, is_fixed=True))
        elif operator in "+-" and (parts := product(right)) is not None:
            renamed[place] = note("ab+c" if operator == "+" else "c-ab", *parts, left)
        elif operator in "+-" and (parts := product(left)) is not None:
            renamed[place] = note("ab+c" if operator == "+" else "ab-c", *parts, right)
        else:
            renamed[place] = note(operator, left, right)
    return steps, frozenset(fixed), renamed


def _power(base: Operand, exponent: Operand, note: Callable[..., int]) -> int:
    if not (isinstance(exponent, float) and exponent.is_integer() and 1 <= exponent <= MOST_POWER):
        raise TypeError(
            f"the lanes raise a state to whole powers from 1 to {MOST_POWER}; write it with products."
        )
    result = note("*", base, 1.0)
    for _ in range(int(exponent) - 1):
        result = note("*", result, base)
    return result


def _without_constants(
    fused: dict[int, Step], fixed: frozenset[int], constant: dict[int, Operand]
) -> tuple[dict[int, Step], dict[int, Operand]]:
    """Return the remaining steps, and the replacement of the others: a number, or another place."""
    known = dict(constant)
    steps: dict[int, Step] = {}
    # By operator and sides, numbers as text: what was the same but for a factor of 1 is computed once. What
    # is computed once per rat is rounded otherwise than in a step, so neither may replace the other.
    first: dict[tuple[bool | str, ...], int] = {}
    for place, (operator, given) in fused.items():
        sides = tuple(known.get(side, side) if isinstance(side, int) else side for side in given)
        result = simpler(operator, sides)
        if isinstance(result, Step):
            same = first.setdefault((place in fixed, result.operator, *map(repr, result.sides)), place)
            if same == place:
                steps[place] = result
            else:
                known[place] = same
        else:
            known[place] = result
    return steps, known


def _is(operand: Operand, number: float) -> bool:
    return isinstance(operand, float) and operand == number


def simpler(operator: str, sides: tuple[Operand, ...]) -> Step | Operand:
    """Return an exactly known value (never a rounded one), or the step."""
    if operator in _FUSED:
        return _simpler_fused(operator, *sides)
    if operator == "neg":
        return -sides[0] if isinstance(sides[0], float) else Step(operator, sides)
    left, right = sides
    if isinstance(left, float) and isinstance(right, float):
        return _computed(operator, left, right)
    if operator == "*":
        if _is(left, 0.0) or _is(right, 0.0):
            return 0.0
        if _is(left, 1.0) or _is(right, 1.0):
            return right if _is(left, 1.0) else left
    elif operator == "+":
        if _is(left, 0.0) or _is(right, 0.0):
            return right if _is(left, 0.0) else left
    elif operator == "-":
        if _is(right, 0.0):
            return left
        if _is(left, 0.0):
            return Step("neg", (right,))
        if isinstance(left, int) and isinstance(right, int) and left == right:
            return 0.0  # the same place: a state constant at a parameter's value minus that value
    elif operator == "/":
        if _is(left, 0.0):
            return 0.0
        if _is(right, 1.0):
            return left
    return Step(operator, sides)


def _simpler_fused(operator: str, a: Operand, b: Operand, c: Operand) -> Step | Operand:
    if _is(a, 0.0) or _is(b, 0.0):
        return simpler("neg", (c,)) if operator == "ab-c" else c
    if _is(a, 1.0) or _is(b, 1.0):
        one = b if _is(a, 1.0) else a
        return (
            simpler("+", (one, c))
            if operator == "ab+c"
            else simpler("-", (one, c) if operator == "ab-c" else (c, one))
        )
    if _is(c, 0.0) and operator != "c-ab":
        return Step("*", (a, b))
    return Step(operator, (a, b, c))


def _computed(operator: str, left: float, right: float) -> Step | Operand:
    try:
        return _ARITHMETIC[operator](left, right)
    except ArithmeticError:  # left to the machine (NaN or infinity)
        return Step(operator, (left, right))
