"""One explicit step of every lane: stages, the new state, and its error."""

from __future__ import annotations

from typing import Any

from eaesim.solver.lanes.method import Method
from eaesim.solver.lanes.step import Layout, StepWriter
from eaesim.solver.lanes.vector import constant, library


def slots(method: Method) -> tuple[int, ...]:
    """Return a slot for each slope, as few as will do: a smaller working memory stays in the fastest cache.

    Parameters
    ----------
    method
        The method.

    Examples
    --------
    >>> from eaesim.solver.lanes.method import tsit5
    >>> slots(tsit5())
    (0, 1, 2, 3, 4, 5, 6)
    """
    rows = (*method.stages, *method.error)
    columns = len(method.stages) + 1
    # The first slope is needed again should the step be refused, the last one should it be taken.
    last = {0: len(rows), columns - 1: len(rows)}
    for place, row in enumerate(rows):
        last |= {
            column: max(place, last.get(column, 0)) for column, weight in enumerate(row) if weight != 0.0
        }
    holds: list[int] = []
    slot: list[int] = []
    for column in range(columns):
        free = (place for place, held in enumerate(holds) if last.get(held, len(rows)) < column)
        taken = next(free, len(holds))
        holds[taken : taken + 1] = [column]
        slot.append(taken)
    return tuple(slot)


def emit_explicit_step(
    module: Any, rates: Any, *, method: Method, layout: Layout, floor: tuple[float, ...], width: int
) -> None:
    """Emit the function ``step`` of the working memory.

    It leaves the new state, its slope, and the error: 1 where it is just tolerated.

    Parameters
    ----------
    module
        Where it goes.
    rates
        The function of the rates of change.
    method, layout
        The method, and where its values stand.
    floor
        For every state, also those that do not move, the size below which the tolerance is absolute.
    width
        How many lanes there are.
    """
    _ExplicitStep(module, rates, layout, floor, width).emit(method)


class _ExplicitStep(StepWriter):
    """The function while it is written."""

    def emit(self, method: Method) -> None:
        """Write all of it."""
        layout, builder = self.layout, self.builder
        size = self.load(layout.clock + 4)
        for column, weights in enumerate(method.stages, start=1):
            for block in self.blocks():
                for state, change in zip(block, self.weighted(weights, block), strict=True):
                    self.store(layout.new + state, self.fused(size, change, self.load(state)))
            self.call_rates(layout.slope(column))
        total, second = self.squares(*method.error)
        # The second estimate tempers the first, as Hairer and Wanner's code for this method does.
        mixed = self.root_mean(self.fused(constant(self.width, 0.01), second, total))
        scale = builder.fmul(library("fabs")(builder, size), constant(self.width, 1.0 / len(self.floor)))
        self.store(layout.clock + 5, builder.fdiv(builder.fmul(scale, total), mixed))
        builder.ret_void()
