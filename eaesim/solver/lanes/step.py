"""One explicit step of every lane as straight-line machine code: stages, the new state, and its error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from eaesim.solver.lanes.method import Method
from eaesim.solver.lanes.vector import DOUBLE, constant, library, rough_inverse

# States whose sums stand in registers at once.
_BLOCK = 11
_WORD = ir.IntType(64)


@dataclass(frozen=True)
class Layout:
    """Where things stand in a lane group's working memory, counted in vectors.

    Attributes
    ----------
    live
        The states that move.
    slot
        For each slope of a step, the slot it is kept in; a slope that is needed no more gives its slot away.
    numbers, quantities
        How many numbers a rat has, and how many quantities are read off.
    """

    live: tuple[int, ...]
    slot: tuple[int, ...]
    numbers: int
    quantities: int

    @property
    def new(self) -> int:
        """Where the new state stands; the state itself stands at 0."""
        return len(self.live)

    def slope(self, column: int) -> int:
        """Return where a slope stands."""
        return (2 + self.slot[column]) * len(self.live)

    @property
    def own(self) -> int:
        """Where a rat's numbers stand."""
        return (3 + max(self.slot)) * len(self.live)

    @property
    def seen(self) -> int:
        """Where the quantities stand."""
        return self.own + self.numbers

    @property
    def clock(self) -> int:
        """Where time, wanted step, next landing, steps since the last, step, error and tolerance stand."""
        return self.seen + self.quantities

    @property
    def size(self) -> int:
        """How many vectors there are."""
        return self.clock + 7


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


def emit_step(
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
    _Step(module, rates, method, layout, floor, width).emit()


class _Step:
    """The function while it is written."""

    def __init__(
        self, module: Any, rates: Any, method: Method, layout: Layout, floor: tuple[float, ...], width: int
    ) -> None:
        self.rates, self.method, self.layout, self.floor, self.width = rates, method, layout, floor, width
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), [DOUBLE.as_pointer()] * 3), "step")
        self.space = function.args[0]
        self.builder = ir.IRBuilder(function.append_basic_block())
        self.ahead: Any = None

    def place(self, vector: int) -> Any:
        here = self.builder.gep(self.space, [ir.Constant(_WORD, vector * self.width)])
        return here if self.ahead is None else self.builder.gep(here, [self.ahead])

    def load(self, vector: int) -> Any:
        kind = ir.VectorType(DOUBLE, self.width)
        return self.builder.load(self.builder.bitcast(self.place(vector), kind.as_pointer()), align=8)

    def store(self, vector: int, value: Any) -> None:
        self.builder.store(value, self.builder.bitcast(self.place(vector), value.type.as_pointer()), align=8)

    @contextmanager
    def repeated(self, times: int) -> Iterator[None]:
        """Repeat what is emitted meanwhile, each time a block of states further on."""
        before = self.builder.block
        body = self.builder.append_basic_block()
        self.builder.branch(body)
        self.builder.position_at_end(body)
        counter = self.builder.phi(_WORD)
        counter.add_incoming(ir.Constant(_WORD, 0), before)
        self.ahead = counter
        yield
        self.ahead = None
        following = self.builder.add(counter, ir.Constant(_WORD, _BLOCK * self.width))
        counter.add_incoming(following, body)
        after = self.builder.append_basic_block()
        more = self.builder.icmp_unsigned("<", following, ir.Constant(_WORD, times * _BLOCK * self.width))
        self.builder.cbranch(more, body, after)
        self.builder.position_at_end(after)

    def fused(self, one: Any, two: Any, three: Any) -> Any:
        return library("fma")(self.builder, one, two, three)

    def emit(self) -> None:
        layout, builder = self.layout, self.builder
        size = self.load(layout.clock + 4)
        for column, weights in enumerate(self.method.stages, start=1):
            blocks, rest = divmod(len(layout.live), _BLOCK)
            if blocks:
                with self.repeated(blocks):
                    self.combine(weights, size, range(_BLOCK))
            self.combine(weights, size, range(blocks * _BLOCK, blocks * _BLOCK + rest))
            places = (layout.new, layout.own, layout.slope(column))
            builder.call(self.rates, [self.place(place) for place in places])
        self.store(layout.clock + 5, self.error(size))
        builder.ret_void()

    def combine(self, weights: tuple[float, ...], size: Any, block: range) -> None:
        """Put the state of a stage where the new one goes."""
        for state, change in zip(block, self.weighted(weights, block), strict=True):
            self.store(self.layout.new + state, self.fused(size, change, self.load(state)))

    def weighted(self, weights: tuple[float, ...], block: range) -> list[Any]:
        """Return sums of slopes, one a state; slope by slope, so that no sum waits for itself."""
        sums: list[Any] = [None] * len(block)
        for column, weight in enumerate(weights):
            if weight == 0.0:
                continue
            factor = constant(self.width, weight)
            for place, state in enumerate(block):
                slope = self.load(self.layout.slope(column) + state)
                earlier = sums[place]
                sums[place] = (
                    self.builder.fmul(factor, slope)
                    if earlier is None
                    else self.fused(factor, slope, earlier)
                )
        return [constant(self.width, 0.0) if each is None else each for each in sums]

    def error(self, size: Any) -> Any:
        """Return the size of the error over all states; one that is left out would add 0, exactly."""
        builder, layout, width = self.builder, self.layout, self.width
        size_of, larger = library("fabs"), library("maxnum")
        tolerance, total, second = self.load(layout.clock + 6), constant(width, 0.0), constant(width, 0.0)
        main, tempering = self.method.error
        for first in range(0, len(layout.live), _BLOCK):
            block = range(first, min(first + _BLOCK, len(layout.live)))
            errors, others = self.weighted(main, block), self.weighted(tempering, block)
            for state, one, other in zip(block, errors, others, strict=True):
                before, after = self.load(state), self.load(layout.new + state)
                largest = larger(builder, size_of(builder, before), size_of(builder, after))
                floor = constant(width, self.floor[layout.live[state]])
                trust = rough_inverse(builder, builder.fmul(tolerance, builder.fadd(largest, floor)))
                one, other = builder.fmul(one, trust), builder.fmul(other, trust)
                total, second = self.fused(one, one, total), self.fused(other, other, second)
        mixed = self.fused(constant(width, 0.01), second, total)
        mean = builder.fmul(mixed, constant(width, float(len(self.floor))))
        root = library("sqrt")(builder, builder.fadd(mean, constant(width, 1e-300)))
        return builder.fdiv(builder.fmul(size_of(builder, size), total), root)
