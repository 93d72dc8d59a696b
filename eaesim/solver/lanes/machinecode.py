"""Equations as machine code for the lanes: LLVM compiles them, in hundredths of a second.

Nothing is kept on disk, and code is found by the equations it was made from: it cannot be stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from llvmlite import binding, ir

from eaesim.elementary import exp2
from eaesim.solver.lanes.emission import emit, needed_numbers
from eaesim.solver.lanes.explicit import emit_explicit_step, slots
from eaesim.solver.lanes.folding import Folded, fold
from eaesim.solver.lanes.implicit import emit_implicit_step, implicit_layout
from eaesim.solver.lanes.method import Method, Rosenbrock
from eaesim.solver.lanes.step import Layout
from eaesim.solver.problem import Floats
from eaesim.solver.trace import Tape


def _power(base: Any, exponent: Any) -> Any:
    """Return a power; of 2, the one that the model has, with the same bits on every processor."""
    return exp2(np.asarray(exponent)) if isinstance(base, float) and base == 2.0 else np.power(base, exponent)


_COMPUTED: dict[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": _power}
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
    resting: Mapping[int, int] | None = None,
    method: Method | Rosenbrock,
    floor: tuple[float, ...],
    width: int,
) -> MachineCode:
    """Compile equations for a number of lanes.

    Parameters
    ----------
    tape
        The equations.
    zero_parameters, still, resting
        What never moves in any rat, as in `eaesim.solver.lanes.folding.fold`.
    method, floor
        The method, and for every state the size below which the tolerance is absolute.
    width
        How many rats run abreast.
    """
    # As text, a place and a number that equals it are two things.
    at_rest = tuple(sorted((resting or {}).items()))
    key = repr(tape), zero_parameters, still, at_rest, method, floor, width
    with _LOCK:  # LLVM's compiler is asked by one thread at a time
        if key not in _KNOWN:
            while len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.pop(next(iter(_KNOWN)))
            folded = fold(tape, zero_parameters=zero_parameters, still=still, resting=resting)
            _KNOWN[key] = _build(folded, method, floor, width)
        return _KNOWN[key]


def _build(folded: Folded, method: Method | Rosenbrock, floor: tuple[float, ...], width: int) -> MachineCode:
    module = ir.Module("equations")
    options: dict[str, Any] = {"method": method, "floor": floor, "width": width}
    if isinstance(method, Rosenbrock):
        layout, numbers, matrix, factored = implicit_layout(folded, method)
        rates = emit(module, "rates", folded, folded.rates, numbers, width)
        options |= {"numbers": numbers, "matrix": matrix, "factored": factored}
        emit_implicit_step(module, rates, layout=layout, **options)
        numbers = numbers[:-1]
    else:
        numbers = needed_numbers(folded, (*folded.rates, *folded.quantities))
        layout = Layout(folded.live, slots(method), len(numbers), len(folded.quantities))
        rates = emit(module, "rates", folded, folded.rates, numbers, width)
        emit_explicit_step(module, rates, layout=layout, **options)
    rates.attributes.add("noinline")
    emit(module, "quantities", folded, folded.quantities, numbers, width)
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
