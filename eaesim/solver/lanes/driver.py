"""The driver: it steps rats in the lanes of a register, each with its own step, and refills a lane that is done.

It knows no model: sizes, tables and the addresses of the equations are arguments, so it is compiled once.
Rats are rows from `first` to `last`. A run lands on every recorded day and event, with equal steps up to it, so
no value is interpolated. Lanes do not see each other: a rat has the same bits alone and in a crowd.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from eaesim.solver.lanes.vector import (
    absolute,
    bits,
    call_at,
    every,
    larger,
    load,
    select,
    smaller,
    square_root,
    store,
)

# What became of a rat.
DONE, NO_STEP, TOO_MANY_STEPS = range(3)
# Rows of the bookkeeping of whole numbers, one column a lane.
ROW, EVENT, DAY = range(3)
PEAK, DAY_OF_PEAK, FIRST_DAY, SUM, LAST = range(5)
# States go through the registers in blocks of this many.
BLOCK = 8
# Adding and taking away this number rounds to a whole one.
_WHOLE = 6755399441055744.0
_LEAST_STEP = 1e-10

_COMPILED: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}
_INNER = _COMPILED | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@njit(**_INNER)  # type: ignore[untyped-decorator]
def _combine(space, target, step, start, end, columns, weights, slopes, size, width):  # type: ignore[no-untyped-def]
    """Put state + step * (weighted sum of slopes) at `target`."""
    lanes = len(width)
    for block in range(0, size, BLOCK * lanes):
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
        store(space, target + block, load(space, block, width) + step * a)
        store(space, target + block + lanes, load(space, block + lanes, width) + step * b)
        store(space, target + block + 2 * lanes, load(space, block + 2 * lanes, width) + step * c)
        store(space, target + block + 3 * lanes, load(space, block + 3 * lanes, width) + step * d)
        store(space, target + block + 4 * lanes, load(space, block + 4 * lanes, width) + step * e)
        store(space, target + block + 5 * lanes, load(space, block + 5 * lanes, width) + step * f)
        store(space, target + block + 6 * lanes, load(space, block + 6 * lanes, width) + step * g)
        store(space, target + block + 7 * lanes, load(space, block + 7 * lanes, width) + step * h)


@njit(**_INNER)  # type: ignore[untyped-decorator]
def _tolerated(space, at, new, relative, floor, width):  # type: ignore[no-untyped-def]
    """Return the error that a state may have."""
    return every(floor, width) + relative * larger(absolute(load(space, at, width)), absolute(load(space, new + at, width)))


@njit(**_INNER)  # type: ignore[untyped-decorator]
def _weighted(space, at, start, end, columns, weights, size, width):  # type: ignore[no-untyped-def]
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


@njit(**_INNER)  # type: ignore[untyped-decorator]
def _error(space, step, first, starts, columns, weights, slopes, new, size, states, relative, floor, width):  # type: ignore[no-untyped-def]
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
        # Four states share two divisions, the slowest instruction.
        p = _tolerated(space, block, new, relative, floor[state], width)
        q = _tolerated(space, block + lanes, new, relative, floor[state + 1], width)
        r = _tolerated(space, block + 2 * lanes, new, relative, floor[state + 2], width)
        s = _tolerated(space, block + 3 * lanes, new, relative, floor[state + 3], width)
        one = 1.0 / (p * q)
        two = 1.0 / (r * s)
        p, q, r, s = q * one, p * one, s * two, r * two
        a, b, c, d = a * p, b * q, c * r, d * s
        total = total + ((a * a + b * b) + (c * c + d * d))
        if tempered:
            a, b, c, d = _weighted(
                space, slopes + block, starts[first + 1], starts[first + 2], columns, weights, size, width
            )
            a, b, c, d = a * p, b * q, c * r, d * s
            second = second + ((a * a + b * b) + (c * c + d * d))
        state += 4
    return absolute(step) * total / square_root((total + 0.01 * second) * (1.0 * states) + 1e-300)


@njit(**_INNER)  # type: ignore[untyped-decorator]
def _sixteenths(value, root, width):  # type: ignore[no-untyped-def]
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


@njit(**_INNER)  # type: ignore[untyped-decorator]
def _begin(lane, row, space, books, initial, numbers, event_day, running, own, clock, first_step, reduced, kinds, lanes):  # type: ignore[no-untyped-def]
    """Put a rat into a lane; it stands at the start of its run."""
    for state in range(initial.shape[1]):
        space[state * lanes + lane] = initial[row, state]
    for number in range(numbers.shape[1]):
        space[own + number * lanes + lane] = numbers[row, number]
    for place in range(kinds.shape[0]):
        running[lane, place] = -np.inf
        reduced[row, place] = 0.0 if kinds[place] == SUM else np.nan
    start = min(0.0, event_day[row, 0])
    books[ROW, lane] = row
    books[EVENT, lane] = 0
    books[DAY, lane] = 0
    space[clock + lane] = start
    space[clock + lanes + lane] = first_step
    space[clock + 2 * lanes + lane] = start
    space[clock + 3 * lanes + lane] = 0.0


@njit(**_INNER)  # type: ignore[untyped-decorator]
def _read(lane, row, day, time, space, seen, values, reduced, running, kinds, which, levels, lanes):  # type: ignore[no-untyped-def]
    """Keep or reduce the quantities of one rat on one day."""
    for place in range(values.shape[2]):
        values[row, day, place] = space[seen + place * lanes + lane]
    for place in range(kinds.shape[0]):
        value = space[seen + which[place] * lanes + lane]
        kind = kinds[place]
        if kind == SUM:
            reduced[row, place] += value
        elif kind == LAST:
            reduced[row, place] = value
        elif kind == FIRST_DAY:
            if value >= levels[place] and np.isnan(reduced[row, place]):
                reduced[row, place] = time
        elif value > running[lane, place]:
            running[lane, place] = value
            reduced[row, place] = value if kind == PEAK else time


@njit(**_INNER)  # type: ignore[untyped-decorator]
def _is_finite(lane, space, states, lanes):  # type: ignore[no-untyped-def]
    finite = True
    for state in range(states):
        finite = finite and np.isfinite(space[state * lanes + lane])
    return finite


@njit(**_COMPILED)  # type: ignore[untyped-decorator]
def drive(  # type: ignore[no-untyped-def]
    equations,
    rows,
    initial,
    numbers,
    event_day,
    event_state,
    event_amount,
    days,
    tolerance,
    floor,
    tableau,
    limits,
    reducers,
    quantities,
    values,
    reduced,
    status,
    counts,
    space,
    books,
    running,
    width,
):
    """Run rows to the end.

    Parameters
    ----------
    equations
        Addresses of the rates and of the quantities.
    rows
        The first row, and the one after the last.
    initial, numbers
        Shape (rats, states) and (rats, numbers).
    event_day, event_state, event_amount
        Shape (rats, events + 1), days ascending; the last day is infinite.
    days
        Recorded days, ascending.
    tolerance, floor
        The relative tolerance; the absolute one of each state, padded to whole blocks.
    tableau
        Starts, columns and weights of the method's rows; root of its step control.
    limits
        First step, least and greatest change of the step, most steps between two landings.
    reducers
        Kinds, quantities and levels.
    quantities
        How many there are.
    values, reduced, status
        Results: shape (rats, days, kept quantities), (rats, reducers) and (rats,).
    counts
        Adds up steps of the register, steps of rats, and calls of the rates.
    space, books, running
        Working memory.
    width
        A tuple as long as there are lanes.
    """
    lanes = len(width)
    starts, columns, weights, root = tableau
    first_step, least_change, greatest_change, most_steps = limits
    kinds, which, levels = reducers
    stages = starts.shape[0] - 3
    states = initial.shape[1]
    size = floor.shape[0] * lanes
    new, slopes = size, 2 * size
    own = slopes + (stages + 1) * size
    seen = own + numbers.shape[1] * lanes
    clock = seen + quantities * lanes
    end = days[-1]
    waiting, last = rows
    active = 0
    fresh = 0
    for lane in range(lanes):
        books[ROW, lane] = -1
        space[clock + lane] = 0.0
        space[clock + lanes + lane] = 0.0
        space[clock + 2 * lanes + lane] = np.inf
        space[clock + 3 * lanes + lane] = 0.0
        if waiting < last:
            _begin(lane, waiting, space, books, initial, numbers, event_day, running, own, clock, first_step, reduced, kinds, lanes)
            waiting += 1
            active += 1
            fresh |= 1 << lane
    arrived, stuck, exhausted = fresh, 0, 0
    while active > 0:
        changed = False
        while arrived != 0:
            looks = False
            for lane in range(lanes):
                if (arrived >> lane) & 1 and books[DAY, lane] < days.shape[0]:
                    looks |= days[books[DAY, lane]] == space[clock + lane]
            if looks and quantities > 0:
                call_at(equations[1], space, 0, own, seen)
            fresh = 0
            for lane in range(lanes):
                if (arrived >> lane) & 1:
                    row, day, event = books[ROW, lane], books[DAY, lane], books[EVENT, lane]
                    time = space[clock + lane]
                    lost = (stuck >> lane) & 1 or not _is_finite(lane, space, states, lanes)
                    if not lost and day < days.shape[0] and days[day] == time:
                        _read(lane, row, day, time, space, seen, values, reduced, running, kinds, which, levels, lanes)
                        day += 1
                    if lost or time >= end:
                        status[row] = DONE
                        if lost:
                            status[row] = TOO_MANY_STEPS if (exhausted >> lane) & 1 else NO_STEP
                        changed = True
                        if waiting < last:
                            _begin(lane, waiting, space, books, initial, numbers, event_day, running, own, clock, first_step, reduced, kinds, lanes)
                            waiting += 1
                            fresh |= 1 << lane
                        else:
                            active -= 1
                            books[ROW, lane] = -1
                            for state in range(states):
                                space[state * lanes + lane] = 0.0
                            space[clock + lane] = 0.0
                            space[clock + lanes + lane] = 0.0
                            space[clock + 2 * lanes + lane] = np.inf
                        continue
                    while event_day[row, event] <= time:
                        space[event_state[row, event] * lanes + lane] += event_amount[row, event]
                        space[clock + lanes + lane] = min(space[clock + lanes + lane], first_step)
                        event += 1
                        changed = True
                    following = min(event_day[row, event], end)
                    if day < days.shape[0]:
                        following = min(following, days[day])
                    books[DAY, lane], books[EVENT, lane] = day, event
                    space[clock + 2 * lanes + lane] = following
                    space[clock + 3 * lanes + lane] = 0.0
            arrived, stuck, exhausted = fresh, 0, 0
        if active == 0:
            break
        if changed:
            # The slopes of the other lanes are computed again from the same state, to the same bits.
            call_at(equations[0], space, 0, own, slopes)
            counts[2] += 1
        time = load(space, clock, width)
        wanted = load(space, clock + lanes, width)
        stop = load(space, clock + 2 * lanes, width)
        rest = stop - time
        pieces = larger((rest / wanted + (0.5 - 1e-6)) + _WHOLE - _WHOLE, 1.0)
        lands = pieces <= 1.0
        step = select(lands, rest, rest / pieces)
        for stage in range(stages):
            _combine(space, new, step, starts[stage], starts[stage + 1], columns, weights, slopes, size, width)
            call_at(equations[0], space, new, own, slopes + (stage + 1) * size)
        counts[0] += 1
        counts[1] += active
        counts[2] += stages
        error = _error(
            space, step, stages, starts, columns, weights, slopes, new, size, states, tolerance, floor, width
        )
        good = error <= 1.0
        change = 0.9 / _sixteenths(larger(error, 1e-12), root, width)
        grown = step * smaller(larger(change, least_change), greatest_change)
        # A step that was cut to land says nothing against the step that was wanted.
        grown = select(error <= 0.5, larger(grown, wanted), grown)
        shrunk = step * select(error <= 1e300, smaller(larger(change, 0.1), 0.9), 0.1)
        ahead = select(good, select(lands, stop, time + step), time)
        following_step = select(good, grown, shrunk)
        taken = load(space, clock + 3 * lanes, width) + 1.0
        store(space, clock, ahead)
        store(space, clock + lanes, following_step)
        store(space, clock + 3 * lanes, taken)
        for place in range(0, size, lanes):
            store(space, place, select(good, load(space, new + place, width), load(space, place, width)))
        final = slopes + stages * size
        for place in range(0, size, lanes):
            store(
                space,
                slopes + place,
                select(good, load(space, final + place, width), load(space, slopes + place, width)),
            )
        exhausted = bits(taken > most_steps)
        stuck = bits(following_step < _LEAST_STEP) | exhausted
        arrived = bits(stop <= ahead) | stuck
        if arrived != 0:
            for lane in range(lanes):
                if books[ROW, lane] < 0:  # nobody is in it
                    arrived &= ~(1 << lane)
