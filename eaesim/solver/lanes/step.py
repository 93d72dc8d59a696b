"""What the code of a step is written with: where its values stand, and sums and errors of all lanes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

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
        For each slope between a step's first and last, the slot it is kept in; a slope that is needed no more
        gives its slot away.
    numbers, quantities
        How many numbers a rat has, and how many quantities are read off.
    spare
        Vectors that only the step itself uses.
    """

    live: tuple[int, ...]
    slot: tuple[int, ...]
    numbers: int
    quantities: int
    spare: int = 0

    @property
    def new(self) -> int:
        """Where the new state stands, and its slope after it; the state and its slope stand at 0."""
        return 2 * len(self.live)

    @property
    def last(self) -> int:
        """The column of the slope at the new state."""
        return len(self.slot) + 1

    def slope(self, column: int) -> int:
        """Return where a slope stands."""
        if column == 0:
            return len(self.live)
        if column == self.last:
            return 3 * len(self.live)
        return (4 + self.slot[column - 1]) * len(self.live)

    @property
    def own(self) -> int:
        """Where a rat's numbers stand."""
        return (5 + max(self.slot)) * len(self.live)

    @property
    def seen(self) -> int:
        """Where the quantities stand."""
        return self.own + self.numbers

    @property
    def clock(self) -> int:
        """Where time, wanted step, next landing, steps left until then, step, error and tolerance stand."""
        return self.seen + self.quantities

    @property
    def size(self) -> int:
        """How many vectors there are."""
        return self.clock + 7 + self.spare


class StepWriter:
    """The function ``step`` while it is written; a value stands at a place counted in vectors.

    It is told where the state with its slope and where the new state with its slope stand, so that a step
    that all lanes take need not be copied: the two change places.
    """

    def __init__(self, module: Any, rates: Any, layout: Layout, floor: tuple[float, ...], width: int) -> None:
        self.module, self.rates, self.layout, self.floor, self.width = module, rates, layout, floor, width
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), [DOUBLE.as_pointer()] * 3), "step")
        self.state, self.new, self.space = function.args
        self.builder = ir.IRBuilder(function.append_basic_block())
        self.ahead: Any = None

    def place(self, vector: int) -> Any:
        """Return the address of a place, in a loop that of the block at hand."""
        base = self.space
        if vector < self.layout.new:
            base = self.state
        elif vector < 2 * self.layout.new:
            base, vector = self.new, vector - self.layout.new
        here = self.builder.gep(base, [ir.Constant(_WORD, vector * self.width)])
        return here if self.ahead is None else self.builder.gep(here, [self.ahead])

    def load(self, vector: int) -> Any:
        """Return what stands at a place."""
        kind = ir.VectorType(DOUBLE, self.width)
        return self.builder.load(self.builder.bitcast(self.place(vector), kind.as_pointer()), align=8)

    def store(self, vector: int, value: Any) -> None:
        """Put a value at a place."""
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
        """Return one times two plus three, rounded once."""
        return library("fma")(self.builder, one, two, three)

    def blocks(self) -> Iterator[range]:
        """Go through the states in blocks, whole ones in a loop of the code."""
        whole, rest = divmod(len(self.layout.live), _BLOCK)
        if whole:
            with self.repeated(whole):
                yield range(_BLOCK)
        if rest:
            yield range(whole * _BLOCK, whole * _BLOCK + rest)

    def call_rates(self, target: int) -> None:
        """Put the slopes at the new state where they belong."""
        places = (self.layout.new, self.layout.own, target)
        self.builder.call(self.rates, [self.place(place) for place in places])

    def factors(self, weights: tuple[float, ...], size: Any = None) -> dict[int, Any]:
        """Return the weights that are not 0, by column; times a size, if there is one."""
        constants = {column: constant(self.width, weight) for column, weight in enumerate(weights) if weight}
        if size is None:
            return constants
        return {column: self.builder.fmul(size, weight) for column, weight in constants.items()}

    def weighted(self, factors: dict[int, Any], block: range, start: list[Any] | None = None) -> list[Any]:
        """Return sums of slopes, one a state; slope by slope, so that no sum waits for itself."""
        sums: list[Any] = list(start or [None] * len(block))
        for column, factor in factors.items():
            for place, state in enumerate(block):
                slope = self.load(self.layout.slope(column) + state)
                earlier = sums[place]
                sums[place] = (
                    self.builder.fmul(factor, slope)
                    if earlier is None
                    else self.fused(factor, slope, earlier)
                )
        return [constant(self.width, 0.0) if each is None else each for each in sums]

    def squares(self, *rows: tuple[float, ...]) -> list[Any]:
        """Return, for each row of weights of slopes, the sum of squares of errors over their states' sizes.

        A state that is left out would add 0, exactly.
        """
        builder, layout, width = self.builder, self.layout, self.width
        size_of, totals = library("fabs"), [constant(width, 0.0) for _ in rows]
        factors = [self.factors(row) for row in rows]
        for first in range(0, len(layout.live), _BLOCK):
            block = range(first, min(first + _BLOCK, len(layout.live)))
            errors = [self.weighted(row, block) for row in factors]
            for place, state in enumerate(block):
                before, after = (size_of(builder, self.load(each)) for each in (state, layout.new + state))
                # Where the new state is no number, the error is none either, and the step is refused.
                largest = builder.select(builder.fcmp_ordered(">", before, after), before, after)
                floor = constant(width, self.floor[layout.live[state]])
                trust = rough_inverse(builder, builder.fadd(largest, floor))
                for row, each in enumerate(errors):
                    error = builder.fmul(each[place], trust)
                    totals[row] = self.fused(error, error, totals[row])
        return totals

    def tolerated(self, error: Any) -> Any:
        """Keep an error as a multiple of what is tolerated."""
        self.store(self.layout.clock + 5, self.builder.fdiv(error, self.load(self.layout.clock + 6)))

    def root_mean(self, total: Any) -> Any:
        """Return the root of a sum over all states, shared out among them."""
        mean = self.builder.fmul(total, constant(self.width, 1.0 / len(self.floor)))
        return library("sqrt")(self.builder, self.builder.fadd(mean, constant(self.width, 1e-300)))
