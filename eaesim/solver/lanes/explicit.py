"""One explicit step of every lane: stages, the new state, and its error."""

from __future__ import annotations

from typing import Any

from eaesim.solver.lanes.instructions import constant, library
from eaesim.solver.lanes.layout import Layout
from eaesim.solver.lanes.method import Method
from eaesim.solver.lanes.step import StepWriter


def slots(method: Method) -> tuple[int, ...]:
    """Return a slot for each slope between the first and the last, as few as will do.

    A smaller working memory stays in the fastest cache.

    Parameters
    ----------
    method
        Explicit method.

    Examples
    --------
    >>> from eaesim.solver.lanes.method import tsit5
    >>> slots(tsit5())
    (0, 1, 2, 3, 4)
    """
    rows = (*method.stages, *method.error)
    last: dict[int, int] = {}
    for place, row in enumerate(rows):
        last |= {
            column: max(place, last.get(column, 0)) for column, weight in enumerate(row) if weight != 0.0
        }
    holds: list[int] = []
    slot: list[int] = []
    for column in range(1, len(method.stages)):
        free = (place for place, held in enumerate(holds) if last.get(held, len(rows)) < column)
        taken = next(free, len(holds))
        holds[taken : taken + 1] = [column]
        slot.append(taken)
    return tuple(slot)


def emit_explicit_step(
    module: Any, rates: Any, *, method: Method, layout: Layout, floor: tuple[float, ...], kind: Any
) -> None:
    """Emit the function ``step`` of the working memory.

    It stores the new state, its slope, and the error: 1 at the tolerance.

    Parameters
    ----------
    module
        Module of the function.
    rates
        Function of the rates of change.
    method, layout
        Method, and memory layout.
    floor
        Size of every state (also constant ones) below which the tolerance is absolute.
    kind
        Type of a vector.
    """
    _ExplicitStep(module, "step", rates, layout, floor, kind).emit(method)


class _ExplicitStep(StepWriter):
    """Writer of the function."""

    def emit(self, method: Method) -> None:
        """Write the whole function."""
        layout, builder = self.layout, self.builder
        size = self.load(layout.clock)
        for column, weights in enumerate(method.stages, start=1):
            factors = self.factors(weights, size)
            if layout.carries and column == layout.last:
                self.add_with_rest(factors)
            else:
                self.add(factors)
            self.call_rates(layout.slope(column))
        length = library("fabs")(builder, size)
        if any(method.error[1]):
            total, second = self.squares(*method.error)
            # The second estimate dampens the first, as in Hairer and Wanner's code for this method.
            mixed = self.root_mean(self.fused(constant(self.kind, 0.01), second, total))
            mean = builder.fmul(total, constant(self.kind, 1.0 / len(self.floor)))
            self.tolerated(builder.fdiv(builder.fmul(length, mean), mixed))
        else:
            (total,) = self.squares(method.error[0])
            self.tolerated(builder.fmul(length, self.root_mean(total)))
        builder.ret_void()

    def add(self, factors: dict[int, Any]) -> None:
        """Store the state plus a sum of slopes as the new state."""
        for block in self.blocks():
            before = [self.load(state) for state in block]
            for state, after in zip(block, self.weighted(factors, block, before), strict=True):
                self.store(self.layout.new + state, after)

    def add_with_rest(self, factors: dict[int, Any]) -> None:
        """Store the same, and what the sum with the state loses by rounding: Kahan's summation."""
        layout, builder = self.layout, self.builder
        for block in self.blocks():
            rest = [self.load(layout.rest + state) for state in block]
            for state, change in zip(block, self.weighted(factors, block, rest), strict=True):
                before = self.load(state)
                after = builder.fadd(before, change)
                self.store(layout.new + state, after)
                lost = builder.fsub(change, builder.fsub(after, before))
                self.store(layout.new + layout.rest + state, lost)


def emit_between(
    module: Any, name: str, rates: Any, *, method: Method, layout: Layout, states: tuple[int, ...], kind: Any
) -> None:
    """Emit a function for states within a step, at a share of it, by the method's interpolant.

    Parameters
    ----------
    name
        Name of the function.
    module, rates, method, layout, kind
        As for `emit_explicit_step`.
    states
        Live states that are needed.
    """
    _Between(module, name, rates, layout, (), kind).emit(method, states)


class _Between(StepWriter):
    """Writer of the function."""

    def emit(self, method: Method, states: tuple[int, ...]) -> None:
        """Write the whole function."""
        layout, builder = self.layout, self.builder
        share = self.load(layout.clock + 3)
        length = builder.fmul(share, self.load(layout.clock))
        factors = {}
        for column, powers in enumerate(method.between):
            weight = constant(self.kind, powers[-1])
            for factor in powers[-2::-1]:
                weight = self.fused(weight, share, constant(self.kind, factor))
            factors[column] = builder.fmul(length, weight)
        for state in states:
            place = layout.live.index(state)
            (value,) = self.weighted(factors, range(place, place + 1), [self.load(place)])
            self.store(layout.between + place, value)
        builder.ret_void()
