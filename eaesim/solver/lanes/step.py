"""Building blocks of step code: memory layout, and sums and errors of all lanes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

from eaesim.solver.lanes.instructions import constant, library, rough_inverse
from eaesim.solver.lanes.layout import Layout
from eaesim.solver.lanes.processor import states_at_once

_WORD = ir.IntType(64)


class StepWriter:
    """Writer of a function on the working memory; positions of values are counted in vectors.

    It takes the addresses of the old and the new state, each with its slope, so that a step accepted by all
    lanes is not copied: the two are swapped.
    """

    def __init__(
        self, module: Any, name: str, rates: Any, layout: Layout, floor: tuple[float, ...], kind: Any
    ) -> None:
        self.module, self.rates, self.layout, self.floor, self.kind = module, rates, layout, floor, kind
        self.width = kind.count
        self.block = states_at_once()
        pointer = kind.element.as_pointer()
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * 3), name)
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
        """Return the value at a place."""
        return self.builder.load(self.builder.bitcast(self.place(vector), self.kind.as_pointer()), align=4)

    def store(self, vector: int, value: Any) -> None:
        """Store a value at a place."""
        self.builder.store(value, self.builder.bitcast(self.place(vector), value.type.as_pointer()), align=4)

    @contextmanager
    def repeated(self, times: int) -> Iterator[None]:
        """Emit the enclosed code in a loop over blocks of states."""
        before = self.builder.block
        body = self.builder.append_basic_block()
        self.builder.branch(body)
        self.builder.position_at_end(body)
        counter = self.builder.phi(_WORD)
        counter.add_incoming(ir.Constant(_WORD, 0), before)
        self.ahead = counter
        yield
        self.ahead = None
        following = self.builder.add(counter, ir.Constant(_WORD, self.block * self.width))
        counter.add_incoming(following, body)
        after = self.builder.append_basic_block()
        more = self.builder.icmp_unsigned("<", following, ir.Constant(_WORD, times * self.block * self.width))
        self.builder.cbranch(more, body, after)
        self.builder.position_at_end(after)

    def fused(self, one: Any, two: Any, three: Any) -> Any:
        """Return one times two plus three, rounded once."""
        return library("fma")(self.builder, one, two, three)

    def blocks(self) -> Iterator[range]:
        """Iterate over the states in blocks, full ones in an emitted loop."""
        whole, rest = divmod(len(self.layout.live), self.block)
        if whole:
            with self.repeated(whole):
                yield range(self.block)
        if rest:
            yield range(whole * self.block, whole * self.block + rest)

    def call_rates(self, target: int) -> None:
        """Store the slopes at the new state."""
        places = (self.layout.new, self.layout.own, target)
        self.builder.call(self.rates, [self.place(place) for place in places])

    def factors(self, weights: tuple[float, ...], size: Any = None) -> dict[int, Any]:
        """Return the weights that are not 0, by column; times a size, if there is one."""
        constants = {column: constant(self.kind, weight) for column, weight in enumerate(weights) if weight}
        if size is None:
            return constants
        return {column: self.builder.fmul(size, weight) for column, weight in constants.items()}

    def weighted(self, factors: dict[int, Any], block: range, start: list[Any] | None = None) -> list[Any]:
        """Return sums of slopes, one per state; slope by slope, to avoid latency."""
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
        return [constant(self.kind, 0.0) if each is None else each for each in sums]

    def squares(self, *rows: tuple[float, ...]) -> list[Any]:
        """Return, for each row of weights of slopes, the sum of squares of errors over their states' sizes.

        An omitted state would add exactly 0.
        """
        builder, layout = self.builder, self.layout
        size_of, totals = library("fabs"), [constant(self.kind, 0.0) for _ in rows]
        factors = [self.factors(row) for row in rows]
        for first in range(0, len(layout.live), self.block):
            block = range(first, min(first + self.block, len(layout.live)))
            errors = [self.weighted(row, block) for row in factors]
            for place, state in enumerate(block):
                largest = size_of(builder, self.load(layout.new + state))
                if not layout.carries:
                    before = size_of(builder, self.load(state))
                    # If the new state is NaN, so is the error, and the step is rejected.
                    largest = builder.select(builder.fcmp_ordered(">", before, largest), before, largest)
                floor = constant(self.kind, self.floor[layout.live[state]])
                trust = rough_inverse(builder, builder.fadd(largest, floor))
                for row, each in enumerate(errors):
                    error = builder.fmul(each[place], trust)
                    totals[row] = self.fused(error, error, totals[row])
        return totals

    def tolerated(self, error: Any) -> Any:
        """Store an error as a multiple of the tolerance."""
        self.store(self.layout.clock + 1, self.builder.fdiv(error, self.load(self.layout.clock + 2)))

    def root_mean(self, total: Any) -> Any:
        """Return the root mean square over all states from a sum."""
        mean = self.builder.fmul(total, constant(self.kind, 1.0 / len(self.floor)))
        return library("sqrt")(self.builder, self.builder.fadd(mean, constant(self.kind, 1e-30)))
