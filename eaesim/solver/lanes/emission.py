"""Steps as LLVM code for all lanes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from llvmlite import ir

from eaesim.solver.lanes.folding import Folded
from eaesim.solver.lanes.vector import DOUBLE, constant, library
from eaesim.solver.trace import Operand

_FUSED = ("ab+c", "ab-c", "c-ab")
_EMITTED = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}


def _needed(folded: Folded, results: Iterable[Operand]) -> set[int]:
    """Return the places that results depend on during a run."""
    needed: set[int] = set()
    waiting = [place for place in results if isinstance(place, int)]
    while waiting:
        place = waiting.pop()
        if place not in needed:
            needed.add(place)
            if place in folded.steps and place not in folded.fixed:
                waiting += [side for side in folded.steps[place].sides if isinstance(side, int)]
    return needed


def needed_numbers(folded: Folded, results: Iterable[Operand]) -> tuple[int, ...]:
    """Return the places of results that depend on parameters only, in order."""
    first, end = folded.tape.states, folded.tape.first
    needed = _needed(folded, results)
    return tuple(place for place in sorted(needed) if place in folded.fixed or first <= place < end)


def emit(
    module: Any, name: str, folded: Folded, results: tuple[Operand, ...], numbers: tuple[int, ...], width: int
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
    width
        Number of lanes.
    """
    pointer, vector = DOUBLE.as_pointer(), ir.VectorType(DOUBLE, width)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * 3), name)
    for argument in function.args:
        argument.add_attribute("noalias")
    state, own, out = function.args
    builder = ir.IRBuilder(function.append_basic_block())
    inputs = {place: (state, column) for column, place in enumerate(folded.live)}
    inputs |= {place: (own, column) for column, place in enumerate(numbers)}

    def at(base: Any, column: int) -> Any:
        element = builder.gep(base, [ir.Constant(ir.IntType(64), column * width)])
        return builder.bitcast(element, vector.as_pointer())

    values: dict[int, Any] = {}

    def value(operand: Operand) -> Any:
        if not isinstance(operand, int):
            return constant(width, operand)
        if operand not in values:
            values[operand] = builder.load(at(*inputs[operand]), align=8)
        return values[operand]

    columns: dict[int, list[int]] = defaultdict(list)
    for column, result in enumerate(results):
        if isinstance(result, int) and result not in inputs:
            columns[result].append(column)
        else:
            builder.store(value(result), at(out, column), align=8)
    # Loaded at first use and stored immediately, because registers are few.
    for place in sorted(_needed(folded, results) - inputs.keys()):
        operator, sides = folded.steps[place]
        values[place] = _instruction(builder, operator, *map(value, sides))
        for column in columns[place]:
            builder.store(values[place], at(out, column), align=8)
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
