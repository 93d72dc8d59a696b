"""Steps as LLVM code for all lanes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from llvmlite import ir

from eaesim.solver.lanes.folding import Folded, fold
from eaesim.solver.lanes.instructions import constant, library
from eaesim.solver.trace import Operand, Tape

_FUSED = ("ab+c", "ab-c", "c-ab")
_EMITTED = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}


@lru_cache(maxsize=64)
def influential(tape: Tape, still: frozenset[int]) -> frozenset[int]:
    """Return the parameters that rates and quantities depend on while some states are 0.

    Parameters
    ----------
    tape
        The equations.
    still
        Indices of the states that start at 0 and have no events.
    """
    folded = fold(tape, zero_parameters=frozenset(), still=still)
    needed = _needed(folded, (*folded.rates, *folded.quantities), fixed=True)
    return frozenset(place - tape.states for place in needed if tape.states <= place < tape.first)


def _needed(folded: Folded, results: Iterable[Operand], *, fixed: bool = False) -> set[int]:
    """Return the places that results depend on during a run; with what is computed once, if `fixed`."""
    needed: set[int] = set()
    waiting = [place for place in results if isinstance(place, int)]
    while waiting:
        place = waiting.pop()
        if place not in needed:
            needed.add(place)
            if place in folded.steps and (fixed or place not in folded.fixed):
                waiting += [side for side in folded.steps[place].sides if isinstance(side, int)]
    return needed


def needed_states(folded: Folded, results: Iterable[Operand]) -> tuple[int, ...]:
    """Return the places of the live states that results depend on, in order."""
    needed = _needed(folded, results)
    return tuple(place for place in folded.live if place in needed)


def needed_numbers(folded: Folded, results: Iterable[Operand]) -> tuple[int, ...]:
    """Return the places of results that depend on parameters only, in order."""
    first, end = folded.tape.states, folded.tape.first
    needed = _needed(folded, results)
    return tuple(place for place in sorted(needed) if place in folded.fixed or first <= place < end)


def emit(
    module: Any, name: str, folded: Folded, results: tuple[Operand, ...], numbers: tuple[int, ...], kind: Any
) -> Any:
    """Emit a function that takes live states, a rat's numbers, and the address of its results.

    Parameters
    ----------
    module, name
        Module, and name of the function.
    folded
        The steps.
    results
        Places whose values it stores.
    numbers
        Places of the rat's numbers.
    kind
        Type of a vector.
    """
    pointer = kind.element.as_pointer()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * 3), name)
    for argument in function.args:
        argument.add_attribute("noalias")
    state, own, out = function.args
    builder = ir.IRBuilder(function.append_basic_block())
    inputs = {place: (state, column) for column, place in enumerate(folded.live)}
    inputs |= {place: (own, column) for column, place in enumerate(numbers)}

    def at(base: Any, column: int) -> Any:
        element = builder.gep(base, [ir.Constant(ir.IntType(64), column * kind.count)])
        return builder.bitcast(element, kind.as_pointer())

    values: dict[int, Any] = {}

    def value(operand: Operand) -> Any:
        if not isinstance(operand, int):
            return constant(kind, operand)
        if operand not in values:
            values[operand] = builder.load(at(*inputs[operand]), align=4)
        return values[operand]

    columns: dict[int, list[int]] = defaultdict(list)
    for column, result in enumerate(results):
        if isinstance(result, int) and result not in inputs:
            columns[result].append(column)
        else:
            builder.store(value(result), at(out, column), align=4)
    # Loaded at first use and stored immediately, because registers are few.
    for place in sorted(_needed(folded, results) - inputs.keys()):
        operator, sides = folded.steps[place]
        values[place] = _instruction(builder, operator, *map(value, sides))
        for column in columns[place]:
            builder.store(values[place], at(out, column), align=4)
    builder.ret_void()
    return function


def _instruction(builder: Any, operator: str, *sides: Any) -> Any:
    """Return one operation, without fast-math flags, so that it is rounded as written."""
    if operator == "neg":
        return builder.fneg(sides[0])
    if operator not in _FUSED:
        return getattr(builder, _EMITTED[operator])(*sides)
    one, two, three = sides
    if operator == "c-ab":
        one = builder.fneg(one)
    elif operator == "ab-c":
        three = builder.fneg(three)
    return library("fma")(builder, one, two, three)
