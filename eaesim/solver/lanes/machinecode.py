"""Traced equations as machine code for the lanes: LLVM compiles them, in hundredths of a second.

Nothing is kept on disk, and code is found by the equations it was made from: it cannot be stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from llvmlite import binding, ir

from eaesim.solver.lanes.vector import DOUBLE, FLAGS, constant
from eaesim.solver.problem import Floats
from eaesim.solver.trace import Operand, Operation, Tape

_EMITTED = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_COMPUTED = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power}
_LOCK = Lock()
_KNOWN: dict[tuple[str, int], Any] = {}
_MOST_KNOWN = 32


@dataclass(frozen=True)
class MachineCode:
    """Equations that the lanes can run.

    Attributes
    ----------
    rates, quantities
        Addresses of the two functions; each takes a state, a rat's numbers, and where its results go.
    numbers
        Places on the tape of what the functions take besides the state.
    tape
        The equations.
    keep
        Owns the memory that the addresses point to.
    """

    rates: int
    quantities: int
    numbers: tuple[int, ...]
    tape: Tape
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
        tape, known = self.tape, dict(enumerate(parameters.T, start=self.tape.states))
        value = lambda operand: known[operand] if isinstance(operand, int) else operand  # noqa: E731
        numbers = np.empty((len(parameters), len(self.numbers)))
        with np.errstate(all="ignore"):
            for place, (operator, left, right) in enumerate(tape.operations, start=tape.first):
                if not tape.moving[place]:
                    one = value(left)
                    known[place] = -one if operator == "neg" else _COMPUTED[operator](one, value(right))
        for column, place in enumerate(self.numbers):
            numbers[:, column] = known[place]
        return numbers


def machine_code(tape: Tape, *, width: int) -> MachineCode:
    """Compile equations for a number of lanes.

    Parameters
    ----------
    tape
        The equations.
    width
        How many rats run abreast.

    Raises
    ------
    TypeError
        If a state is raised to a power that is not a whole number.
    """
    # As text, a place on the tape and a number that equals it are two things.
    key = repr(tape), width
    with _LOCK:  # LLVM's compiler is asked by one thread at a time
        if key not in _KNOWN:
            while len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.pop(next(iter(_KNOWN)))
            _KNOWN[key] = _build(tape, width)
        return _KNOWN[key]


def _build(tape: Tape, width: int) -> MachineCode:
    numbers = _numbers(tape)
    module = ir.Module("equations")
    _emit(module, "rates", tape, tape.rates, numbers, width)
    _emit(module, "quantities", tape, tape.quantities, numbers, width)
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=2, jit=True
    )
    parsed = binding.parse_assembly(str(module))
    parsed.verify()
    passes = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=2))
    passes.getModulePassManager().run(parsed, passes)
    engine = binding.create_mcjit_compiler(parsed, machine)
    engine.finalize_object()
    address = engine.get_function_address
    return MachineCode(address("rates"), address("quantities"), numbers, tape, engine)


def _needed(tape: Tape, results: Iterable[Operand]) -> set[int]:
    """Return the places that results are made of."""
    needed: set[int] = set()
    waiting = [place for place in results if isinstance(place, int)]
    while waiting:
        place = waiting.pop()
        if place not in needed:
            needed.add(place)
            if place >= tape.first and tape.moving[place]:
                sides = tape.operations[place - tape.first][1:]
                waiting += [side for side in sides if isinstance(side, int)]
    return needed


def _numbers(tape: Tape) -> tuple[int, ...]:
    needed = _needed(tape, (*tape.rates, *tape.quantities))
    return tuple(place for place in sorted(needed) if not tape.moving[place])


def _emit(
    module: Any, name: str, tape: Tape, results: tuple[Operand, ...], numbers: tuple[int, ...], width: int
) -> None:
    pointer = DOUBLE.as_pointer()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * 3), name)
    for argument in function.args:
        argument.add_attribute("noalias")
    state, own, out = function.args
    builder = ir.IRBuilder(function.append_basic_block())
    slots = {place: slot for slot, place in enumerate(numbers)}

    def at(base: Any, place: int) -> Any:
        element = builder.gep(base, [ir.Constant(ir.IntType(64), place * width)])
        return builder.bitcast(element, ir.VectorType(DOUBLE, width).as_pointer())

    values: dict[int, Any] = {}

    def value(operand: Operand) -> Any:
        return values[operand] if isinstance(operand, int) else constant(width, operand)

    for place in sorted(_needed(tape, results)):
        if place in slots:
            values[place] = builder.load(at(own, slots[place]), align=8)
        elif place < tape.states:
            values[place] = builder.load(at(state, place), align=8)
        else:
            operation = tape.operations[place - tape.first]
            values[place] = _instruction(builder, operation, value, width)
    for place, result in enumerate(results):
        builder.store(value(result), at(out, place), align=8)
    builder.ret_void()


def _instruction(builder: Any, operation: Operation, value: Any, width: int) -> Any:
    operator, left, right = operation
    if operator == "neg":
        return builder.fneg(value(left), flags=FLAGS)
    if operator == "**":
        return _power(builder, value(left), right, width)
    return getattr(builder, _EMITTED[operator])(value(left), value(right), flags=FLAGS)


def _power(builder: Any, base: Any, exponent: Operand, width: int) -> Any:
    if not (isinstance(exponent, float) and exponent.is_integer() and 1 <= exponent <= 64):
        raise TypeError("the lanes raise a state to whole powers only; write it with products or a quotient.")
    result = base
    for _ in range(int(exponent) - 1):
        result = builder.fmul(result, base, flags=FLAGS)
    return result
