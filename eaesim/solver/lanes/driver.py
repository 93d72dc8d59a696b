"""The driver: one rat per lane of a register, each with its own step; finished lanes are refilled.

It is independent of the model: sizes, tables and addresses of the equations are arguments, so it is compiled
once. A run lands on every recorded day and event, with equal steps up to it, so no value is interpolated.
Lanes are independent: the result of a rat is bit-identical alone and with others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from eaesim.solver.lanes.vector import bits, call_at, every, larger, load, rough_root, select, smaller, store

# Outcomes of a rat.
DONE, NO_STEP, TOO_MANY_STEPS = range(3)
# Rows of the integer bookkeeping, one column per lane.
ROW, EVENT, DAY, READ_ROW, READ_DAY = range(5)
PEAK, DAY_OF_PEAK, FIRST_DAY, SUM, LAST = range(5)
# Adding and subtracting this number rounds to an integer.
_WHOLE = 6755399441055744.0
_LEAST_STEP = 1e-10

COMPILED: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}
INNER = COMPILED | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@njit(**INNER)
def _begin(lane, row, space, state, books, initial, numbers, event_day, own, clock, first_step, lanes):
    """Put a rat into a lane, at the start of its run."""
    for moving in range(initial.shape[1]):
        space[state + moving * lanes + lane] = initial[row, moving]
    for number in range(numbers.shape[1]):
        space[own + number * lanes + lane] = numbers[row, number]
    start = min(0.0, event_day[row, 0])
    books[ROW, lane] = row
    books[EVENT, lane] = 0
    books[DAY, lane] = 0
    space[clock + lane] = start
    space[clock + lanes + lane] = first_step
    space[clock + 2 * lanes + lane] = start
    space[clock + 3 * lanes + lane] = 0.0


@njit(**INNER)
def _read(lane, row, day, time, space, seen, values, reduced, running, reducers, lanes):
    """Record or reduce the quantities of one rat on one day."""
    kinds, which, levels = reducers
    for place in range(values.shape[2]):
        values[row, day, place] = space[seen + place * lanes + lane]
    for place in range(kinds.shape[0]):
        value = space[seen + which[place] * lanes + lane]
        kind = kinds[place]
        if day == 0:
            running[lane, place] = -np.inf
            reduced[row, place] = 0.0 if kind == SUM else np.nan
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


@njit(**COMPILED)
def drive(
    equations,
    rows,
    initial,
    numbers,
    event_day,
    event_state,
    event_amount,
    days,
    layout,
    limits,
    reducers,
    values,
    reduced,
    status,
    counts,
    space,
    books,
    running,
    width,
):
    """Integrate rows to the end.

    Parameters
    ----------
    equations
        Addresses of the rates, of the quantities, and of a step.
    rows
        The first row, and the one after the last.
    initial, numbers
        Shape (rats, states that move) and (rats, numbers).
    event_day, event_state, event_amount
        Shape (rats, events + 1), days ascending; the last day is infinite.
    days
        Recorded days, ascending.
    layout
        Number of dynamic states; offsets of the numbers, quantities and clock, in vectors; number of
        quantities; root of the step control.
    limits
        First step, minimum and maximum step change, maximum steps per day between landings, tolerance.
    reducers
        Kinds, quantities and levels.
    values, reduced, status
        Results: shape (rats, days, kept quantities), (rats, reducers) and (rats,).
    counts
        Totals of register steps, rat steps, and slopes recomputed after a landing.
    space, books, running
        Working memory.
    width
        Tuple with one entry per lane.
    """
    lanes = len(width)
    first_step, least_change, greatest_change, most_steps, tolerance = limits
    moving, own, seen, clock, quantities, root = layout
    size, everyone = moving * lanes, (1 << lanes) - 1
    # The state and its slope, before and after a step.
    state, new = 0, 2 * size
    own, seen, clock = own * lanes, seen * lanes, clock * lanes
    store(space, clock + 6 * lanes, every(tolerance, width))
    end = days[-1]
    waiting, last = rows
    active = 0
    fresh = 0
    for lane in range(lanes):
        books[ROW, lane] = books[READ_ROW, lane] = -1
        space[clock + lane] = 0.0
        space[clock + lanes + lane] = 0.0
        space[clock + 2 * lanes + lane] = np.inf
        space[clock + 3 * lanes + lane] = 0.0
        if waiting < last:
            _begin(
                lane,
                waiting,
                space,
                state,
                books,
                initial,
                numbers,
                event_day,
                own,
                clock,
                first_step,
                lanes,
            )
            waiting += 1
            active += 1
            fresh |= 1 << lane
    arrived, stuck, exhausted = fresh, 0, 0
    changed = True
    while active > 0:
        while arrived != 0:
            looks = False
            for lane in range(lanes):
                if (arrived >> lane) & 1 and books[DAY, lane] < days.shape[0]:
                    looks |= days[books[DAY, lane]] == space[clock + lane]
            if looks and quantities > 0:
                call_at(equations[1], space, state, own, seen)
            fresh = 0
            for lane in range(lanes):
                if (arrived >> lane) & 1:
                    row, day, event = books[ROW, lane], books[DAY, lane], books[EVENT, lane]
                    time = space[clock + lane]
                    lost = (stuck >> lane) & 1
                    if not lost and day < days.shape[0] and days[day] == time:
                        books[READ_ROW, lane], books[READ_DAY, lane] = row, day
                        day += 1
                    if lost or time >= end:
                        status[row] = DONE
                        if lost:
                            status[row] = TOO_MANY_STEPS if (exhausted >> lane) & 1 else NO_STEP
                        changed = True
                        if waiting < last:
                            _begin(
                                lane,
                                waiting,
                                space,
                                state,
                                books,
                                initial,
                                numbers,
                                event_day,
                                own,
                                clock,
                                first_step,
                                lanes,
                            )
                            waiting += 1
                            fresh |= 1 << lane
                        else:
                            active -= 1
                            books[ROW, lane] = -1
                            for place in range(moving):
                                space[state + place * lanes + lane] = 0.0
                            space[clock + lane] = 0.0
                            space[clock + lanes + lane] = 0.0
                            space[clock + 2 * lanes + lane] = np.inf
                        continue
                    while event_day[row, event] <= time:
                        space[state + event_state[row, event] * lanes + lane] += event_amount[row, event]
                        space[clock + lanes + lane] = min(space[clock + lanes + lane], first_step)
                        event += 1
                        changed = True
                    following = min(event_day[row, event], end)
                    if day < days.shape[0]:
                        following = min(following, days[day])
                    books[DAY, lane], books[EVENT, lane] = day, event
                    space[clock + 2 * lanes + lane] = following
                    space[clock + 3 * lanes + lane] = most_steps * max(1.0, following - time)
            # Written last, because access to distant memory is slow.
            for lane in range(lanes):
                row, day = books[READ_ROW, lane], books[READ_DAY, lane]
                if row >= 0:
                    _read(lane, row, day, days[day], space, seen, values, reduced, running, reducers, lanes)
                    books[READ_ROW, lane] = -1
            arrived, stuck, exhausted = fresh, 0, 0
        if active == 0:
            break
        if changed:
            # The slopes of the other lanes are recomputed from the same state, bit-identically.
            call_at(equations[0], space, state, own, state + size)
            counts[2] += 1
            changed = False
        time = load(space, clock, width)
        wanted = load(space, clock + lanes, width)
        stop = load(space, clock + 2 * lanes, width)
        rest = stop - time
        pieces = larger((rest / wanted + (0.5 - 1e-6)) + _WHOLE - _WHOLE, 1.0)
        lands = pieces <= 1.0
        step = select(lands, rest, rest / pieces)
        store(space, clock + 4 * lanes, step)
        call_at(equations[2], space, state, new, 0)
        error = load(space, clock + 5 * lanes, width)
        counts[0] += 1
        counts[1] += active
        good = error <= 1.0
        change = 0.9 * rough_root(larger(error, 1e-12), root)
        grown = step * smaller(larger(change, least_change), greatest_change)
        # A step shortened for landing does not reduce the desired step.
        grown = select(error <= 0.5, larger(grown, wanted), grown)
        shrunk = step * select(error <= 1e300, smaller(larger(change, 0.1), 0.9), 0.1)
        ahead = select(good, select(lands, stop, time + step), time)
        following_step = select(good, grown, shrunk)
        left = load(space, clock + 3 * lanes, width) - 1.0
        store(space, clock, ahead)
        store(space, clock + lanes, following_step)
        store(space, clock + 3 * lanes, left)
        if bits(good) == everyone:
            state, new = new, state
        else:
            for place in range(0, 2 * size, lanes):
                taken, kept = load(space, new + place, width), load(space, state + place, width)
                store(space, state + place, select(good, taken, kept))
        exhausted = bits(left < 0.0)
        stuck = bits(following_step < _LEAST_STEP) | exhausted
        arrived = bits(stop <= ahead) | stuck
        if arrived != 0:
            for lane in range(lanes):
                if books[ROW, lane] < 0:  # empty lane
                    arrived &= ~(1 << lane)
