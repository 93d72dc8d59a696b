"""Equations as machine code for the lanes, compiled by LLVM in tenths of a second, and kept on disk.

Code is looked up by its equations, so it cannot be stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from llvmlite import ir

from eaesim.elementary import exp2
from eaesim.solver.lanes.compiled import Compiled, emitted, kept, linked
from eaesim.solver.lanes.emission import emit, needed_numbers, needed_states
from eaesim.solver.lanes.explicit import emit_between, emit_explicit_step, slots
from eaesim.solver.lanes.folding import Folded, fold
from eaesim.solver.lanes.implicit import emit_implicit_step, implicit_layout
from eaesim.solver.lanes.instructions import DOUBLE, SINGLE
from eaesim.solver.lanes.layout import Layout
from eaesim.solver.lanes.method import Method, Rosenbrock
from eaesim.solver.problem import Floats
from eaesim.solver.trace import Tape


def _power(base: Any, exponent: Any) -> Any:
    """Return a power; the square, used by the model, is bit-identical on every processor."""
    return exp2(np.asarray(exponent)) if isinstance(base, float) and base == 2.0 else np.power(base, exponent)


_COMPUTED: dict[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": _power}
_LOCK = Lock()

_MOST_KNOWN = 256  # about 200 kB each


@dataclass(frozen=True)
class MachineCode:
    """Compiled equations for the lanes.

    Attributes
    ----------
    rates, quantities
        Addresses of the two functions, of live states, a rat's numbers, and the address of results.
    step
        Address of the function for a trial step.
    between, whole
        Addresses of the functions for what is read within a step, and for the whole state there; 0 if runs
        land on every recorded day and event.
    layout
        Memory layout.
    numbers
        Places of the arguments other than the state.
    folded
        The equations.
    keep
        Owner of the memory behind the addresses.
    """

    rates: int
    quantities: int
    step: int
    between: int
    whole: int
    layout: Layout
    numbers: tuple[int, ...]
    folded: Folded
    keep: object

    def prepared(self, parameters: Floats) -> Floats:
        """Return each rat's numbers: its parameters, and expressions of parameters only.

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
        columns = np.ascontiguousarray(parameters.T)
        known: dict[int, Any] = dict(enumerate(columns, start=folded.tape.states))
        with np.errstate(all="ignore"):
            for place in sorted(folded.fixed):
                operator, sides = folded.steps[place]
                values = [known[side] if isinstance(side, int) else side for side in sides]
                known[place] = -values[0] if operator == "neg" else _COMPUTED[operator](*values)
        # A row is a little longer than needed: with rows of a power of two, columns share few cache lines.
        numbers = np.empty((len(self.numbers), len(parameters) + 8))[:, : len(parameters)]
        for column, place in enumerate(self.numbers):
            numbers[column] = known[place]
        return np.ascontiguousarray(numbers.T)


_KNOWN: dict[Any, MachineCode] = {}
# Rat-days solved by the code of others; so many take less time, even if twice as long, than to compile.
_BORROWED: dict[Any, int] = {}
SMALL = 60_000


def machine_code(
    tape: Tape,
    *,
    zero_parameters: frozenset[int],
    still: frozenset[int],
    resting: Mapping[int, int] | None = None,
    method: Method | Rosenbrock,
    floor: tuple[float, ...],
    width: int,
    single: bool = False,
    rat_days: int = SMALL + 1,
) -> MachineCode:
    """Compile equations for a number of lanes.

    Parameters
    ----------
    tape
        The equations.
    zero_parameters, still, resting
        Constants in all rats, as in `eaesim.solver.lanes.folding.fold`.
    method, floor
        Method, and size of every state below which the tolerance is absolute.
    width
        Number of lanes.
    single
        Whether states are in single precision. Then a method that can read days within steps does so; another
        carries what states lose by rounding.
    rat_days
        Rat-days to be solved. Of few, code of more general equations will do, if there is some: its results
        have the same bits.
    """
    # As text, because a place may equal a number.
    at_rest = tuple(sorted((resting or {}).items()))
    key = (
        tape.text,
        tuple(sorted(zero_parameters)),
        tuple(sorted(still)),
        at_rest,
        method,
        floor,
        width,
        single,
    )

    def build() -> Compiled:
        folded = fold(tape, zero_parameters=zero_parameters, still=still, resting=resting)
        return _build(folded, method, floor, ir.VectorType(SINGLE if single else DOUBLE, width))

    with _LOCK:  # LLVM's compiler is used by one thread at a time
        if key not in _KNOWN:
            borrowed = _BORROWED.pop(key, 0) + rat_days
            general = _more_general(key) if borrowed <= SMALL else None
            if general is not None:
                if len(_BORROWED) >= _MOST_KNOWN:
                    _BORROWED.clear()
                _BORROWED[key] = borrowed
                return general
            while len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.pop(next(iter(_KNOWN)))
            _KNOWN[key] = _load(kept(key, tape, build), reads_between=single and _reads_between(method))
        return _KNOWN[key]


def _more_general(key: tuple[Any, ...]) -> MachineCode | None:
    """Return the code of the same equations that has fewer constants, and of these the most; None without."""
    tape, zero, still, resting, *others = key
    fit = [
        (len(own_zero) + len(own_still) + len(own_resting), code)
        for (own_tape, own_zero, own_still, own_resting, *own_others), code in _KNOWN.items()
        if own_others == others
        and own_tape == tape
        and {*own_zero} <= {*zero}
        and {*own_still} <= {*still}
        and {*own_resting} <= {*resting}
    ]
    return max(fit, key=lambda each: each[0])[1] if fit else None


def _reads_between(method: Method | Rosenbrock) -> bool:
    return isinstance(method, Method) and bool(method.between)


def _build(folded: Folded, method: Method | Rosenbrock, floor: tuple[float, ...], kind: Any) -> Compiled:
    module = ir.Module("equations")
    single = kind.element == SINGLE
    reads_between = single and _reads_between(method)
    options: dict[str, Any] = {"method": method, "floor": floor, "kind": kind}
    if isinstance(method, Rosenbrock):
        layout, numbers, matrix, factored = implicit_layout(folded, method)
        rates = emit(module, "rates", folded, folded.rates, numbers, kind)
        options |= {"numbers": numbers, "matrix": matrix, "factored": factored}
        emit_implicit_step(module, rates, layout=layout, **options)
        numbers = numbers[:-1]
    else:
        numbers = needed_numbers(folded, (*folded.rates, *folded.quantities))
        carries = single and not reads_between
        layout = Layout(folded.live, slots(method), len(numbers), len(folded.quantities), carries=carries)
        rates = emit(module, "rates", folded, folded.rates, numbers, kind)
        emit_explicit_step(module, rates, layout=layout, **options)
        if reads_between:
            read = needed_states(folded, folded.quantities)
            for name, states in (("between", read), ("whole", folded.live)):
                emit_between(module, name, rates, method=method, layout=layout, states=states, kind=kind)
    rates.attributes.add("noinline")
    emit(module, "quantities", folded, folded.quantities, numbers, kind)
    return Compiled(emitted(str(module)), layout, numbers, folded)


def _load(compiled: Compiled, *, reads_between: bool) -> MachineCode:
    engine = linked(compiled.code)
    rates, quantities, step = map(engine.get_function_address, ("rates", "quantities", "step"))
    between, whole = (
        engine.get_function_address(name) if reads_between else 0 for name in ("between", "whole")
    )
    return MachineCode(
        rates, quantities, step, between, whole, compiled.layout, compiled.numbers, compiled.folded, engine
    )
