"""The driver: one rat per lane of a register, each with its own step; finished lanes are refilled.

It is independent of the model: sizes, tables and addresses of the equations are arguments, so it is compiled
once. Lanes are independent: the result of a rat is bit-identical alone and with others. A run lands on every
recorded day and event; or, if the method has states within steps, it reads days and stops at events there, so
that nothing before an event depends on it. A run that is equal to another up to an event starts from that
run's state before the step in which it comes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from eaesim.solver.lanes.vector import (
    bits,
    call_at,
    every,
    larger,
    load,
    lowest,
    narrowed,
    rough_root,
    select,
    smaller,
    store,
    widened,
)

# Outcomes of a rat.
DONE, NO_STEP, TOO_MANY_STEPS = range(3)
# Of a lane, whole numbers: its row, next event, next recorded day, and next run that branches off.
ROW, EVENT, DAY, CHILD = range(4)
# Of a lane, times: now, next landing, next recorded day, when a run branches off, how far the step goes; and
# the steps left until the next recorded day.
TIME, STOP, LOOK, MARK, UNTIL, LEFT = range(6)
# Vectors of a step: its length, error, tolerance, the share of it at which is read, and the next length.
STEP, ERROR, TOLERANCE, SHARE, WANTED = range(5)
PEAK, DAY_OF_PEAK, FIRST_DAY, SUM, LAST = range(5)
_LEAST_STEP = 1e-10

COMPILED: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}
INNER = COMPILED | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@njit(**INNER)
def _begin(lane, row, state, wanted, own, space, clock, books, runs, numbers, child, read, days, lanes):
    """Put a rat into a lane, at the start of its run."""
    initial, starts, firsts = runs
    for moving in range(initial.shape[1]):
        space[state + moving * lanes + lane] = initial[row, moving]
    for number in range(numbers.shape[1]):
        space[own + number * lanes + lane] = numbers[row, number]
    clock[TIME * lanes + lane] = starts[row, 0]
    space[wanted + lane] = starts[row, 1]
    clock[LEFT * lanes + lane] = starts[row, 2]
    day = firsts[row, 1]
    clock[LOOK * lanes + lane] = days[day] if day < days.shape[0] else np.inf
    books[ROW, lane], books[EVENT, lane], books[DAY, lane] = row, firsts[row, 0], day
    books[CHILD, lane] = child[row]
    values, lines = read[0], read[3]
    for past in range(day):
        for place in range(lines.shape[2]):
            lines[lane, past, place] = values[row, past, place]


@njit(**INNER)
def _end(lane, state, wanted, space, clock, books, moving, lanes):
    """Leave a lane empty: it does not move."""
    for place in range(moving):
        space[state + place * lanes + lane] = 0.0
    space[wanted + lane] = 0.0
    clock[TIME * lanes + lane] = clock[LEFT * lanes + lane] = 0.0
    clock[STOP * lanes + lane] = clock[LOOK * lanes + lane] = clock[MARK * lanes + lane] = np.inf
    books[ROW, lane] = books[CHILD, lane] = -1


@njit(**INNER)
def _read(lane, seen, space, clock, books, read, reducers, days, most_steps, lanes):
    """Record or reduce the quantities of one rat on one day, and set the next day."""
    kinds, which, levels = reducers
    _, reduced, running, lines = read
    row, day = books[ROW, lane], books[DAY, lane]
    for place in range(lines.shape[2]):
        lines[lane, day, place] = space[seen + place * lanes + lane]
    for place in range(kinds.shape[0]):
        value = np.float64(space[seen + which[place] * lanes + lane])
        kind = kinds[place]
        if day == 0:
            running[row, place] = -np.inf
            reduced[row, place] = 0.0 if kind == SUM else np.nan
        if kind == SUM:
            reduced[row, place] += value
        elif kind == LAST:
            reduced[row, place] = value
        elif kind == FIRST_DAY:
            if value >= levels[place] and np.isnan(reduced[row, place]):
                reduced[row, place] = days[day]
        elif value > running[row, place]:
            running[row, place] = value
            reduced[row, place] = value if kind == PEAK else days[day]
    books[DAY, lane] = day + 1
    if day + 1 < days.shape[0]:
        clock[LOOK * lanes + lane] = days[day + 1]
        clock[LEFT * lanes + lane] = most_steps * max(1.0, days[day + 1] - days[day])
    else:
        clock[LOOK * lanes + lane] = np.inf


@njit(**INNER)
def _branch(lane, ready, state, wanted, space, clock, books, runs, family, read, lanes):
    """Hand the state of a lane to the runs that branch off in the step; return how many rows are ready."""
    initial, starts, firsts = runs
    _, following, mark, queue = family
    values, reduced, running, lines = read
    row, day, until = books[ROW, lane], books[DAY, lane], clock[UNTIL * lanes + lane]
    while books[CHILD, lane] >= 0 and mark[books[CHILD, lane]] <= until:
        own = books[CHILD, lane]
        books[CHILD, lane] = following[own]
        for moving in range(initial.shape[1]):
            initial[own, moving] = space[state + moving * lanes + lane]
        starts[own, 0] = clock[TIME * lanes + lane]
        starts[own, 1] = space[wanted + lane]
        starts[own, 2] = clock[LEFT * lanes + lane]
        firsts[own, 0], firsts[own, 1] = books[EVENT, lane], day
        for place in range(reduced.shape[1]):
            reduced[own, place] = reduced[row, place]
            running[own, place] = running[row, place]
        # Others are states that are kept, for runs that begin later.
        if own < values.shape[0]:
            for past in range(day):
                for place in range(values.shape[2]):
                    values[own, past, place] = lines[lane, past, place]
            queue[ready] = own
            ready += 1
    _mark(lane, clock, books, mark, lanes)
    return ready


@njit(**INNER)
def _mark(lane, clock, books, mark, lanes):
    """Set when the next run branches off."""
    following = books[CHILD, lane]
    clock[MARK * lanes + lane] = mark[following] if following >= 0 else np.inf


@njit(**COMPILED)
def drive(
    equations,
    ready,
    runs,
    numbers,
    events,
    family,
    days,
    layout,
    limits,
    reducers,
    read,
    status,
    counts,
    space,
    clock,
    books,
    width,
):
    """Integrate rows to the end.

    Parameters
    ----------
    equations
        Addresses of the rates, of the quantities, of a step, of what is read within a step, and of the whole
        state there; the last two are 0 if a run lands on every recorded day and event instead.
    ready
        Number of rows that wait for no other, the first of the queue.
    runs
        At the start of each row: state, shape (rows, states that move); time, wanted step and steps left
        until the next recorded day; next event and recorded day. They are replaced for a row that branches
        off. Rows beyond those with recorded values are not run: they keep the states where they would begin.
    numbers
        Shape (rats, numbers).
    events
        Day, state and amount, shape (rats, events + 1), days ascending; the last day is infinite.
    family
        First row that branches off each row, the next one that branches off the same, the time at which a row
        leaves the other; the queue of rows.
    days
        Recorded days, ascending.
    layout
        Number of dynamic states; offsets of the numbers, quantities, state within a step and step, in
        vectors; number of quantities; root of the step control.
    limits
        First step, minimum and maximum step change, maximum steps per day, tolerance, and what rounds to an
        integer when added and subtracted.
    reducers
        Kinds, quantities and levels.
    read
        Recorded values, shape (rats, days, kept quantities); reductions, and the extreme of each so far,
        shape (rows, reducers); and the values recorded in each lane.
    status
        Result, shape (rats,).
    counts
        Totals of register steps, rat steps, slopes recomputed after a landing, and days integrated.
    space, clock, books
        Working memory.
    width
        Tuple with one entry per lane.
    """
    lanes = len(width)
    first_step, least_change, greatest_change, most_steps, tolerance, rounding = limits
    moving, own, seen, between, step_at, quantities, root = layout
    event_day, event_state, event_amount = events
    child, following, mark, queue = family
    values, _, _, lines = read
    everyone = (1 << lanes) - 1
    # The state and its slope, before and after a step.
    state, new = 0, 2 * moving * lanes
    own, seen, between, step_at = own * lanes, seen * lanes, between * lanes, step_at * lanes
    wanted_at = step_at + WANTED * lanes
    lands = equations[3] == 0
    store(space, step_at + TOLERANCE * lanes, every(tolerance, width))
    taken, free, active = 0, everyone, 0
    arrived, stuck, exhausted, marked = 0, 0, 0, 0
    for lane in range(lanes):
        _end(lane, state, wanted_at, space, clock, books, moving, lanes)
    changed = True
    while True:
        while arrived != 0 or (free != 0 and taken < ready):
            fresh, looks = 0, 0
            while free != 0 and taken < ready:
                lane = lowest(free)
                free &= free - 1
                fresh |= 1 << lane
                _begin(
                    lane,
                    queue[taken],
                    state,
                    wanted_at,
                    own,
                    space,
                    clock,
                    books,
                    runs,
                    numbers,
                    child,
                    read,
                    days,
                    lanes,
                )
                if clock[LOOK * lanes + lane] == clock[TIME * lanes + lane]:
                    looks |= 1 << lane
                taken += 1
                active += 1
            if looks != 0 and quantities > 0:
                call_at(equations[1], space, state, own, seen)
            left = arrived | fresh
            changed |= fresh != 0
            while left != 0:
                lane = lowest(left)
                left &= left - 1
                row, time = books[ROW, lane], clock[TIME * lanes + lane]
                if (looks >> lane) & 1:
                    _read(lane, seen, space, clock, books, read, reducers, days, most_steps, lanes)
                is_done = books[DAY, lane] >= days.shape[0]
                if is_done or (stuck >> lane) & 1:
                    status[row] = DONE
                    if not is_done:
                        status[row] = TOO_MANY_STEPS if (exhausted >> lane) & 1 else NO_STEP
                    counts[3] += min(time, days[-1]) - runs[1][row, 0]
                    # Written at once, because access to distant memory is slow.
                    for day in range(books[DAY, lane]):
                        for place in range(lines.shape[2]):
                            values[row, day, place] = lines[lane, day, place]
                    # What would have branched off starts from its beginning.
                    while books[CHILD, lane] >= 0:
                        if books[CHILD, lane] < status.shape[0]:
                            queue[ready] = books[CHILD, lane]
                            ready += 1
                        books[CHILD, lane] = following[books[CHILD, lane]]
                    _end(lane, state, wanted_at, space, clock, books, moving, lanes)
                    free |= 1 << lane
                    marked &= ~free
                    active -= 1
                    changed = True
                    continue
                event = books[EVENT, lane]
                while event_day[row, event] <= time:
                    space[state + event_state[row, event] * lanes + lane] += event_amount[row, event]
                    space[wanted_at + lane] = min(space[wanted_at + lane], first_step)
                    event += 1
                    changed = True
                books[EVENT, lane] = event
                stop = event_day[row, event]
                clock[STOP * lanes + lane] = min(stop, days[books[DAY, lane]]) if lands else stop
                if (fresh >> lane) & 1 and books[CHILD, lane] >= 0:
                    _mark(lane, clock, books, mark, lanes)
                    marked |= 1 << lane
            arrived, stuck = 0, 0
        if free == everyone:
            break
        if changed:
            # The slopes of the other lanes are recomputed from the same state, bit-identically.
            call_at(equations[0], space, state, own, state + moving * lanes)
            counts[2] += 1
            changed = False
        time, stop = load(clock, TIME * lanes, width), load(clock, STOP * lanes, width)
        wanted = load(space, wanted_at, width)
        until = stop if lands else time + widened(wanted)
        if marked != 0:
            store(clock, UNTIL * lanes, until)
            left = bits(load(clock, MARK * lanes, width) <= until) & marked
            while left != 0:
                lane = lowest(left)
                left &= left - 1
                ready = _branch(lane, ready, state, wanted_at, space, clock, books, runs, family, read, lanes)
                if books[CHILD, lane] < 0:
                    marked &= ~(1 << lane)
        step, pieces = wanted, wanted
        if lands:
            # Equal steps to the next landing.
            rest = narrowed(stop - time, wanted)
            pieces = larger((rest / wanted + (0.5 - 1e-6)) + rounding - rounding, 1.0)
            step = rest / pieces
        store(space, step_at, step)
        call_at(equations[2], space, state, new, 0)
        error = load(space, step_at + ERROR * lanes, width)
        counts[0] += 1
        counts[1] += active
        good = error <= 1.0
        change = 0.9 * rough_root(larger(error, 1e-12), root)
        grown = step * smaller(larger(change, least_change), greatest_change)
        # A step shortened for landing does not reduce the desired step.
        grown = select(error <= 0.5, larger(grown, wanted), grown)
        shrunk = step * select(error <= 1e30, smaller(larger(change, 0.1), 0.9), 0.1)
        wanted = select(good, grown, shrunk)
        store(space, wanted_at, wanted)
        ahead = select(pieces <= 1.0, stop, time + widened(step)) if lands else smaller(until, stop)
        store(clock, LEFT * lanes, load(clock, LEFT * lanes, width) - 1.0)
        store(clock, UNTIL * lanes, select(good, ahead, -np.inf))
        ahead = select(good, ahead, time)
        if lands:
            left = bits(load(clock, LOOK * lanes, width) <= load(clock, UNTIL * lanes, width))
            if left != 0 and quantities > 0:
                call_at(equations[1], space, new, own, seen)
            while left != 0:
                lane = lowest(left)
                left &= left - 1
                _read(lane, seen, space, clock, books, read, reducers, days, most_steps, lanes)
                if books[DAY, lane] == days.shape[0]:
                    arrived |= 1 << lane
        while not lands:
            # What comes first within the step: a recorded day, or an event.
            look = load(clock, LOOK * lanes, width)
            point = smaller(look, stop)
            passed = bits(point <= load(clock, UNTIL * lanes, width))
            if passed == 0:
                break
            looks = bits(look <= point) & passed
            store(space, step_at + SHARE * lanes, (point - time) / (until - time))
            call_at(equations[3] if looks == passed else equations[4], space, state, new, 0)
            if looks != 0 and quantities > 0:
                call_at(equations[1], space, between, own, seen)
            while passed != 0:
                lane = lowest(passed)
                passed &= passed - 1
                if (looks >> lane) & 1:
                    _read(lane, seen, space, clock, books, read, reducers, days, most_steps, lanes)
                    if books[DAY, lane] == days.shape[0]:
                        arrived |= 1 << lane
                        clock[UNTIL * lanes + lane] = -np.inf
                else:
                    for place in range(moving):
                        space[new + place * lanes + lane] = space[between + place * lanes + lane]
                    clock[UNTIL * lanes + lane] = -np.inf
        store(clock, TIME * lanes, ahead)
        # A refused step leaves its lane as it was.
        left = everyone & ~bits(good)
        while left != 0:
            lane = lowest(left)
            left &= left - 1
            for place in range(2 * moving):
                space[new + place * lanes + lane] = space[state + place * lanes + lane]
        state, new = new, state
        exhausted = bits(load(clock, LEFT * lanes, width) < 0.0) & ~free
        stuck = (bits(wanted < _LEAST_STEP) | exhausted) & ~free
        arrived |= (bits(stop <= ahead) | stuck) & ~free
