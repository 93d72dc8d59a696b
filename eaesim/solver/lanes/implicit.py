"""One step of a Rosenbrock method for every lane, for rats too stiff for explicit steps.

Each stage solves a linear system with the matrix of the state at the start of the step. The matrix is sparse,
and so are its factors; both are straight-line code.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from llvmlite import ir

from eaesim.solver.lanes.emission import emit, needed_numbers
from eaesim.solver.lanes.folding import Folded
from eaesim.solver.lanes.instructions import constant, library
from eaesim.solver.lanes.jacobian import Factors, Notes, factors, jacobian
from eaesim.solver.lanes.layout import Layout
from eaesim.solver.lanes.method import Rosenbrock
from eaesim.solver.lanes.step import StepWriter
from eaesim.solver.trace import Operand


def implicit_layout(
    folded: Folded, method: Rosenbrock
) -> tuple[Layout, tuple[int, ...], tuple[Folded, tuple[Operand, ...]], Factors]:
    """Return the memory layout, the rat's numbers, the factors of the matrix, and the steps for them.

    Parameters
    ----------
    folded
        Folded equations.
    method
        The method.
    """
    # 1 / (step * gamma) is the last of the numbers.
    scale = max(folded.steps, default=folded.tape.first) + 1
    notes = Notes(folded.steps, scale + 1)
    matrix = {place: notes.note("neg", value) for place, value in jacobian(folded, notes).items()}
    size = len(folded.live)
    for row in range(size):
        matrix[row, row] = notes.note("+", matrix.get((row, row), 0.0), scale)
    factored = factors(matrix, size, notes)
    entries = (*factored.lower.values(), *factored.upper.values(), *factored.inverse.values())
    with_matrix = replace(folded, steps=notes.steps)
    results = (*folded.rates, *folded.quantities, *entries)
    numbers = (*(place for place in needed_numbers(with_matrix, results) if place != scale), scale)
    columns = len(method.stages)
    layout = Layout(folded.live, tuple(range(columns)), len(numbers), len(folded.quantities), len(entries))
    return layout, numbers, (with_matrix, entries), factored


def emit_implicit_step(
    module: Any,
    rates: Any,
    *,
    method: Rosenbrock,
    layout: Layout,
    numbers: tuple[int, ...],
    matrix: tuple[Folded, tuple[Operand, ...]],
    factored: Factors,
    floor: tuple[float, ...],
    kind: Any,
) -> None:
    """Emit the function ``step`` of the working memory; it stores the same results as for an explicit method.

    Parameters
    ----------
    module, rates, floor, kind
        As in `eaesim.solver.lanes.explicit.emit_explicit_step`.
    method
        The method.
    layout, numbers, matrix, factored
        From `implicit_layout`.
    """
    factor = emit(module, "factor", matrix[0], matrix[1], numbers, kind)
    factor.attributes.add("noinline")
    writer = _ImplicitStep(module, "step", rates, layout, floor, kind)
    writer.emit(method, factor, _emit_solve(module, factored, kind), len(factored.order))


def _emit_solve(module: Any, factored: Factors, kind: Any) -> Any:
    """Emit the function that solves for a right-hand side in place; factors come first."""
    pointer = kind.element.as_pointer()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * 2), "solve")
    for argument in function.args:
        argument.add_attribute("noalias")
    function.attributes.add("noinline")
    builder = ir.IRBuilder(function.append_basic_block())
    lower, upper, inverse = factored.lower, factored.upper, factored.inverse
    keys = [*(("lower", key) for key in lower), *(("upper", key) for key in upper)]
    keys += [("inverse", key) for key in inverse]  # type: ignore[misc]
    columns = {key: column for column, key in enumerate(keys)}

    def at(base: Any, column: int) -> Any:
        element = builder.gep(base, [ir.Constant(ir.IntType(64), column * kind.count)])
        return builder.bitcast(element, kind.as_pointer())

    def entry(key: Any) -> Any:
        return builder.load(at(function.args[0], columns[key]), align=8)

    def less(value: Any, one: Any, two: Any) -> Any:
        return library("fma")(builder, builder.fneg(one), two, value)

    values = [builder.load(at(function.args[1], row), align=8) for row in range(len(factored.order))]
    for pivot in factored.order:
        for row, column in lower:
            if column == pivot:
                values[row] = less(values[row], entry(("lower", (row, column))), values[pivot])
    for pivot in reversed(factored.order):
        for row, column in upper:
            if row == pivot:
                values[row] = less(values[row], entry(("upper", (row, column))), values[column])
        values[pivot] = builder.fmul(values[pivot], entry(("inverse", pivot)))
    for row, value in enumerate(values):
        builder.store(value, at(function.args[1], row), align=8)
    builder.ret_void()
    return function


class _ImplicitStep(StepWriter):
    """Writer of the function."""

    def emit(self, method: Rosenbrock, factor: Any, solve: Any, pivots: int) -> None:
        """Write the whole function."""
        layout, builder = self.layout, self.builder
        spare = layout.clock + 5
        inverse = builder.fdiv(constant(self.kind, 1.0), self.load(layout.clock))
        scale = builder.fmul(inverse, constant(self.kind, 1.0 / method.gamma))
        self.store(layout.own + layout.numbers - 1, scale)
        builder.call(factor, [self.place(place) for place in (0, layout.own, spare)])
        for stage, (weights, corrections) in enumerate(
            zip(method.stages, method.corrections, strict=True), start=1
        ):
            slope = layout.slope(stage)
            if stage == 1:
                for block in self.blocks():
                    for state in block:
                        self.store(slope + state, self.load(layout.slope(0) + state))
            else:
                self.combine((0.0, *weights))
                self.call_rates(slope)
                for block in self.blocks():
                    changes = self.weighted(self.factors((0.0, *corrections)), block)
                    for state, change in zip(block, changes, strict=True):
                        self.store(slope + state, self.fused(inverse, change, self.load(slope + state)))
            builder.call(solve, [self.place(place) for place in (spare, slope)])
        # The last stage is the error estimate.
        only_last = (*(0.0,) * len(method.stages), 1.0)
        for block in self.blocks():
            for state, change in zip(block, self.weighted(self.factors(only_last), block), strict=True):
                self.store(layout.new + state, builder.fadd(self.load(layout.new + state), change))
        (total,) = self.squares(only_last)
        # A pivot not above 0 means that the step is too long for a growing mode, which would be damped.
        least = constant(self.kind, 1.0)
        for pivot in range(pivots):
            least = library("minnum")(builder, least, self.load(spare + layout.spare - 1 - pivot))
        grows = builder.fcmp_unordered("<=", least, constant(self.kind, 0.0))
        error = builder.select(grows, constant(self.kind, math.inf), self.root_mean(total))
        self.tolerated(error)
        self.call_rates(layout.slope(layout.last))
        builder.ret_void()

    def combine(self, weights: tuple[float, ...]) -> None:
        """Store the state plus a weighted sum as the new state."""
        for block in self.blocks():
            for state, change in zip(block, self.weighted(self.factors(weights), block), strict=True):
                self.store(self.layout.new + state, self.builder.fadd(self.load(state), change))
