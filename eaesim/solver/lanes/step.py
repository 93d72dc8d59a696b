"""The arithmetic of one explicit step, for all lanes at once."""

from __future__ import annotations

from typing import Any

from numba import njit

from eaesim.solver.lanes.vector import (
    absolute,
    every,
    larger,
    load,
    rough_inverse,
    square_root,
    store,
)

# States stand in whole blocks of this many.
BLOCK = 4
COMPILED: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}
INNER = COMPILED | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@njit(**INNER)
def _weighted(space, at, start, end, columns, weights, size, width):
    """Return weighted sums of the slopes of four states."""
    lanes = len(width)
    a = every(0.0, width)
    b = c = d = a
    for entry in range(start, end):
        weight = every(weights[entry], width)
        place = at + columns[entry] * size
        a = a + weight * load(space, place, width)
        b = b + weight * load(space, place + lanes, width)
        c = c + weight * load(space, place + 2 * lanes, width)
        d = d + weight * load(space, place + 3 * lanes, width)
    return a, b, c, d


@njit(**INNER)
def _put_four(space, target, at, step, a, b, c, d, width):
    """Put four states plus their changes where the new ones go."""
    lanes = len(width)
    store(space, target + at, load(space, at, width) + step * a)
    store(space, target + at + lanes, load(space, at + lanes, width) + step * b)
    store(space, target + at + 2 * lanes, load(space, at + 2 * lanes, width) + step * c)
    store(space, target + at + 3 * lanes, load(space, at + 3 * lanes, width) + step * d)


@njit(**INNER)
def combine(space, target, step, start, end, columns, weights, slopes, size, width):
    """Put state + step * (weighted sum of slopes) at `target`."""
    lanes = len(width)
    block = 0
    while block + 8 * lanes <= size:
        a = every(0.0, width)
        b = c = d = e = f = g = h = a
        for entry in range(start, end):
            weight = every(weights[entry], width)
            at = slopes + columns[entry] * size + block
            a = a + weight * load(space, at, width)
            b = b + weight * load(space, at + lanes, width)
            c = c + weight * load(space, at + 2 * lanes, width)
            d = d + weight * load(space, at + 3 * lanes, width)
            e = e + weight * load(space, at + 4 * lanes, width)
            f = f + weight * load(space, at + 5 * lanes, width)
            g = g + weight * load(space, at + 6 * lanes, width)
            h = h + weight * load(space, at + 7 * lanes, width)
        _put_four(space, target, block, step, a, b, c, d, width)
        _put_four(space, target, block + 4 * lanes, step, e, f, g, h, width)
        block += 8 * lanes
    if block < size:
        a, b, c, d = _weighted(space, slopes + block, start, end, columns, weights, size, width)
        _put_four(space, target, block, step, a, b, c, d, width)


@njit(**INNER)
def _trust(space, at, new, relative, floor, width):
    """Return one over the error that a state may have."""
    old, ahead = load(space, at, width), load(space, new + at, width)
    return rough_inverse(every(floor, width) + relative * larger(absolute(old), absolute(ahead)))


@njit(**INNER)
def error_of(space, step, first, starts, columns, weights, slopes, new, size, states, relative, floor, width):
    """Return the size of the error, 1 where it is just tolerated."""
    lanes = len(width)
    total = every(0.0, width)
    second = total
    tempered = starts[first + 2] > starts[first + 1]
    state = 0
    for block in range(0, size, 4 * lanes):
        a, b, c, d = _weighted(
            space, slopes + block, starts[first], starts[first + 1], columns, weights, size, width
        )
        p = _trust(space, block, new, relative, floor[state], width)
        q = _trust(space, block + lanes, new, relative, floor[state + 1], width)
        r = _trust(space, block + 2 * lanes, new, relative, floor[state + 2], width)
        s = _trust(space, block + 3 * lanes, new, relative, floor[state + 3], width)
        a, b, c, d = a * p, b * q, c * r, d * s
        # One after the other: states that are left out, and 0, do not change the sum.
        total = total + a * a
        total = total + b * b
        total = total + c * c
        total = total + d * d
        if tempered:
            a, b, c, d = _weighted(
                space, slopes + block, starts[first + 1], starts[first + 2], columns, weights, size, width
            )
            a, b, c, d = a * p, b * q, c * r, d * s
            second = second + a * a
            second = second + b * b
            second = second + c * c
            second = second + d * d
        state += 4
    return absolute(step) * total / square_root((total + 0.01 * second) * (1.0 * states) + 1e-300)


@njit(**INNER)
def sixteenths(value, root, width):
    """Return value to the power of root / 16, from square roots alone."""
    result = every(1.0, width)
    left = root
    for _ in range(4):
        value = square_root(value)
        left = left * 2
        if left >= 16:
            result = result * value
            left -= 16
    return result
