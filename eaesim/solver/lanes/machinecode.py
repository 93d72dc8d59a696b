"""Equations as machine code for the lanes: LLVM compiles them, in hundredths of a second.

Nothing is kept on disk, and code is found by the equations it was made from: it cannot be stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from llvmlite import binding, ir

from eaesim.solver.lanes.folding import Folded, fold
from eaesim.solver.lanes.method import Method
from eaesim.solver.lanes.step import Layout, emit_step, slots
from eaesim.solver.lanes.vector import DOUBLE, constant, library
from eaesim.solver.problem import Floats
from eaesim.solver.trace import Operand, Tape

_FUSED = ("ab+c", "ab-c", "c-ab")
_EMITTED = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_COMPUTED: dict[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power}
_LOCK = Lock()

_MOST_KNOWN = 32


@dataclass(frozen=True)
class MachineCode:
    """Equations that the lanes can run.

    Attributes
    ----------
    rates, quantities
        Addresses of the two functions; each takes live states, a rat's numbers, and where its results go.
    step
        Address of the function that tries a step.
    layout
        Where it expects what.
    numbers
        Places of what the functions take besides the state.
    folded
        The equations.
    keep
        Owns the memory that the addresses point to.
    """

    rates: int
    quantities: int
    step: int
    layout: Layout
    numbers: tuple[int, ...]
    folded: Folded
    keep: object

    def prepared(self, parameters: Floats) -> Floats:
        """Return each rat's numbers: its parameters, and what is made of parameters alone.

        Parameters
        ----------
        parameters
            Shape (rats, parameters).

        Returns
        -------
        array
            Shape (rats, numbers).
        """
        folded = self.folded
        known: dict[int, Any] = dict(enumerate(parameters.T, start=folded.tape.states))
        with np.errstate(all="ignore"):
            for place in sorted(folded.fixed):
                operator, sides = folded.steps[place]
                values = [known[side] if isinstance(side, int) else side for side in sides]
                known[place] = -values[0] if operator == "neg" else _COMPUTED[operator](*values)
        numbers = np.empty((len(parameters), len(self.numbers)))
        for column, place in enumerate(self.numbers):
            numbers[:, column] = known[place]
        return numbers


_KNOWN: dict[Any, MachineCode] = {}


def machine_code(
    tape: Tape,
    *,
    zero_parameters: frozenset[int],
    still: frozenset[int],
    method: Method,
    floor: tuple[float, ...],
    width: int,
) -> MachineCode:
    """Compile equations for a number of lanes.

    Parameters
    ----------
    tape
        The equations.
    zero_parameters, still
        What is 0 in every rat, as in `eaesim.solver.lanes.folding.fold`.
    method, floor
        The method, and for every state the size below which the tolerance is absolute.
    width
        How many rats run abreast.
    """
    # As text, a place and a number that equals it are two things.
    key = repr(tape), zero_parameters, still, method, floor, width
    with _LOCK:  # LLVM's compiler is asked by one thread at a time
        if key not in _KNOWN:
            while len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.pop(next(iter(_KNOWN)))
            folded = fold(tape, zero_parameters=zero_parameters, still=still)
            _KNOWN[key] = _build(folded, method, floor, width)
        return _KNOWN[key]


def _build(folded: Folded, method: Method, floor: tuple[float, ...], width: int) -> MachineCode:
    numbers = _numbers(folded)
    module = ir.Module("equations")
    rates = _emit(module, "rates", folded, folded.rates, numbers, width)
    _emit(module, "quantities", folded, folded.quantities, numbers, width)
    rates.attributes.add("noinline")
    layout = Layout(folded.live, slots(method), len(numbers), len(folded.quantities))
    emit_step(module, rates, method=method, layout=layout, floor=floor, width=width)
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=2, jit=True
    )
    # LLVM's passes over the code gain nothing here: it has no loops to speak of, and nothing twice.
    parsed = binding.parse_assembly(str(module))
    parsed.verify()
    engine = binding.create_mcjit_compiler(parsed, machine)
    engine.finalize_object()
    address = engine.get_function_address
    return MachineCode(
        address("rates"), address("quantities"), address("step"), layout, numbers, folded, engine
    )


def _needed(folded: Folded, results: Iterable[Operand]) -> set[int]:
    """Return the places that results are made of while a rat runs."""
    needed: set[int] = set()
    waiting = [place for place in results if isinstance(place, int)]
    while waiting:
        place = waiting.pop()
        if place not in needed:
            needed.add(place)
            if place in folded.steps and place not in folded.fixed:
                waiting += [side for side in folded.steps[place].sides if isinstance(side, int)]
    return needed


def _numbers(folded: Folded) -> tuple[int, ...]:
    first, end = folded.tape.states, folded.tape.first
    needed = _needed(folded, (*folded.rates, *folded.quantities))
    return tuple(place for place in sorted(needed) if place in folded.fixed or first <= place < end)


def _emit(
    module: Any, name: str, folded: Folded, results: tuple[Operand, ...], numbers: tuple[int, ...], width: int
) -> Any:
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
        return values[operand] if isinstance(operand, int) else constant(width, operand)

    for place in sorted(_needed(folded, results)):
        if place in inputs:
            values[place] = builder.load(at(*inputs[place]), align=8)
        else:
            operator, sides = folded.steps[place]
            values[place] = _instruction(builder, operator, *map(value, sides))
    for column, result in enumerate(results):
        builder.store(value(result), at(out, column), align=8)
    builder.ret_void()
    return function


def _instruction(builder: Any, operator: str, *sides: Any) -> Any:
    """Return one operation; without flags, so that it is rounded as it stands."""
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
