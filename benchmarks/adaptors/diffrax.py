"""diffrax on JAX: vmap and jit over batches of rats, a scan over the pieces between events, on one core."""

from __future__ import annotations

import os
from typing import Any

# One thread, said before JAX is imported.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.adaptors.contract import Adaptor, Solve, absolute_tolerance
from benchmarks.pieces import packed, pieces
from eaesim.solver import Problem
from eaesim.solver.problem import Floats

jax.config.update("jax_enable_x64", True)

MOST_STEPS = 100_000


def _prepare(problem: Problem, setting: str) -> Solve:
    method, batch = setting.split(" vmap ")
    size = min(int(batch), len(problem.parameters))
    boundaries, added = packed(problem)
    # A batch takes as long as its slowest rat, so rats that are alike are put together.
    order = np.argsort(_stiffness(problem), kind="stable")
    solve = jax.jit(jax.vmap(_one(problem, getattr(diffrax, method)()), in_axes=(0, 0, 0, 0, None, None)))
    inputs = (problem.parameters, problem.initial, boundaries, added)

    def run(tolerance: float, rats: int) -> Floats:
        chosen = order[order < rats]
        absolute = absolute_tolerance(problem, tolerance)
        values = np.empty((rats, len(problem.days), problem.initial.shape[1]))
        for start in range(0, rats, size):
            rows = chosen[start : start + size]
            # The last batch is filled up, lest another size be compiled.
            full = np.resize(rows, size)
            values[rows] = solve(*(array[full] for array in inputs), tolerance, absolute)[: len(rows)]
        return values

    return run


def _stiffness(problem: Problem) -> Floats:
    return problem.parameters[:, problem.system.parameters._fields.index("potency_adjuvant")]


def _one(problem: Problem, method: Any) -> Any:
    """Return the function that solves one rat."""
    system, width = problem.system, len(problem.system.scale)
    # No piece of any rat has more recorded days than the window; the others wait for their own piece.
    window = max(len(piece.days) for row in range(len(problem.initial)) for piece in pieces(problem, row))
    days = jnp.asarray(np.pad(problem.days, (0, window), constant_values=np.inf))

    def rates(_: Any, state: Any, parameters: Any) -> Any:
        change = system.derivative(system.state(*state), system.parameters(*parameters))
        return jnp.stack([jnp.asarray(rate, dtype=state.dtype) for rate in change])

    def one(parameters: Any, initial: Any, boundaries: Any, added: Any, relative: Any, absolute: Any) -> Any:
        controller = diffrax.PIDController(rtol=relative, atol=absolute)

        def piece(carried: Any, given: Any) -> Any:
            state, values = carried
            start, end, additions = given
            place = jnp.searchsorted(days, start, side="right")
            wanted = jax.lax.dynamic_slice_in_dim(days, place, window)
            course = diffrax.diffeqsolve(
                *(diffrax.ODETerm(rates), method, start, end, None, state + additions, parameters),
                saveat=diffrax.SaveAt(ts=jnp.clip(wanted, start, end), t1=True),
                stepsize_controller=controller,
                max_steps=MOST_STEPS,
                throw=False,
            )
            before = jax.lax.dynamic_slice_in_dim(values, place, window)
            found = jnp.where((wanted <= end)[:, None], course.ys[:-1], before)
            return (course.ys[-1], jax.lax.dynamic_update_slice_in_dim(values, found, place, 0)), None

        values = jnp.broadcast_to(initial, (len(problem.days) + window, width))
        stretches = (boundaries[:-1], boundaries[1:], added)
        return jax.lax.scan(piece, (initial, values), stretches)[0][1][: len(problem.days)]

    return one


ADAPTOR = Adaptor(
    library="diffrax",
    packages=("diffrax", "jax"),
    settings={
        "Tsit5 vmap 16": (1e-5, 2e-6, 7e-7, 2e-7),
        "Tsit5 vmap 32": (1e-5, 2e-6, 7e-7, 2e-7),
        "Tsit5 vmap 128": (1e-5, 2e-6, 7e-7, 2e-7),
        "Dopri8 vmap 32": (1e-6, 3e-7, 1e-7, 3e-8),
    },
    prepare=_prepare,
)
