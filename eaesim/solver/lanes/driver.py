"""The driver: one rat per lane of a register, each with its own step; finished lanes are refilled.

It is independent of the model: sizes, tables and addresses of the equations are arguments, so it is compiled
once. Lanes are independent: the result of a rat is bit-identical alone and with others. A run lands on every
recorded day and event; or, if the method has states within steps, it reads days and stops at events there, so
that nothing before an event depends on it. A run that is equal to another up to an event starts from that
run's state before the step in which it comes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from eaesim.solver.lanes.lane import (
    CHILD,
    COMPILED,
    DAY,
    EVENT,
    LEFT,
    LOOK,
    MARK,
    ROW,
    STOP,
    TIME,
    UNTIL,
    add,
    begin,
    branch,
    end,
    hand_in,
    look_at,
    replace,
    set_mark,
)
from eaesim.solver.lanes.vector import (
    among,
    bits,
    call_at,
    every,
    larger,
    load,
    lowest,
    narrowed,
    restored,
    rough_root,
    select,
    smaller,
    store,
    tiny_is_zero,
    widened,
)

# Outcomes of a rat.
DONE, NO_STEP, TOO_MANY_STEPS = range(3)
# Vectors of a step: its length, error, tolerance, the share of it at which is read, and the next length.
STEP, ERROR, TOLERANCE, SHARE, WANTED = range(5)
_LEAST_STEP = 1e-10


@njit(**COMPILED)
def drive(
    equations,
    ready,
    runs,
    numbers,
    events,
    family,
    calendar,
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
        At the start of each row: state, shape (rows, states that move); what it lost by rounding, likewise,
        or without columns; time, wanted step and steps left until the next recorded day; next event and
        recorded day. They are replaced for a row that branches off. Rows beyond those with recorded values
        are not run: they keep the states where they would begin.
    numbers
        Shape (rats, numbers).
    events
        Day, state and amount, shape (rats, events + 1), days ascending; the last day is infinite.
    family
        First row that branches off each row, the next one that branches off the same, the time at which a row
        leaves the other; the queue of rows.
    calendar
        Recorded days, ascending, and infinity; and for each of them the steps allowed on the way to it.
    layout
        Number of dynamic states, and of the vectors of each (state, slope, rest); offsets of the numbers,
        quantities, state within a step and step, in vectors; root of the step control.
    limits
        First step, minimum and maximum step change, tolerance, and what rounds to an integer when added and
        subtracted.
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
    first_step, least_change, greatest_change, tolerance, rounding = limits
    moving, parts, own, seen, between, step_at, root = layout
    event_day, event_state, event_amount = events
    child, following, mark, queue = family
    lines, recorded = read[3], read[3].shape[1]
    everyone = (1 << lanes) - 1
    # The state, its slope and its rest, before and after a step.
    state, new = 0, parts * moving * lanes
    rest_at = 2 * moving * lanes if parts == 3 else 0
    own, seen, between, step_at = own * lanes, seen * lanes, between * lanes, step_at * lanes
    wanted_at = step_at + WANTED * lanes
    lands = equations[3] == 0
    store(space, step_at + TOLERANCE * lanes, every(tolerance, width))
    taken, free, active = 0, everyone, 0
    arrived, stuck, exhausted, marked = 0, 0, 0, 0
    for lane in range(lanes):
        end(lane, state, rest_at, wanted_at, space, clock, books, moving, lanes)
    changed = True
    before = tiny_is_zero(space)
    while True:
        while arrived != 0 or (free != 0 and taken < ready):
            fresh, looks = 0, 0
            while free != 0 and taken < ready:
                lane = lowest(free)
                free &= free - 1
                fresh |= 1 << lane
                begin(
                    lane,
                    queue[taken],
                    state,
                    rest_at,
                    wanted_at,
                    own,
                    space,
                    clock,
                    books,
                    runs,
                    numbers,
                    child,
                    read,
                    reducers,
                    calendar,
                    width,
                )
                if clock[LOOK * lanes + lane] == clock[TIME * lanes + lane]:
                    looks |= 1 << lane
                taken += 1
                active += 1
            if looks != 0:
                call_at(equations[1], space, state, own, seen)
                look_at(looks, seen, space, clock, books, lines, reducers, calendar, width)
            left = arrived | fresh
            changed |= fresh != 0
            while left != 0:
                lane = lowest(left)
                left &= left - 1
                row, time = books[ROW, lane], clock[TIME * lanes + lane]
                is_done = books[DAY, lane] >= recorded
                if is_done or (stuck >> lane) & 1:
                    status[row] = DONE
                    if not is_done:
                        status[row] = TOO_MANY_STEPS if (exhausted >> lane) & 1 else NO_STEP
                    counts[3] += min(time, calendar[0, recorded - 1]) - runs[2][row, 0]
                    hand_in(lane, row, clock, books, read, width)
                    # What would have branched off starts from its beginning.
                    while books[CHILD, lane] >= 0:
                        if books[CHILD, lane] < status.shape[0]:
                            queue[ready] = books[CHILD, lane]
                            ready += 1
                        books[CHILD, lane] = following[books[CHILD, lane]]
                    end(lane, state, rest_at, wanted_at, space, clock, books, moving, lanes)
                    free |= 1 << lane
                    marked &= ~free
                    active -= 1
                    changed = True
                    continue
                event = books[EVENT, lane]
                while event_day[row, event] <= time:
                    add(
                        state + event_state[row, event] * lanes + lane,
                        event_amount[row, event],
                        rest_at,
                        space,
                    )
                    space[wanted_at + lane] = min(space[wanted_at + lane], first_step)
                    event += 1
                    changed = True
                books[EVENT, lane] = event
                stop = event_day[row, event]
                clock[STOP * lanes + lane] = min(stop, calendar[0, books[DAY, lane]]) if lands else stop
                if (fresh >> lane) & 1 and books[CHILD, lane] >= 0:
                    set_mark(lane, clock, books, mark, lanes)
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
                ready = branch(
                    lane, ready, state, rest_at, wanted_at, space, clock, books, runs, family, read, width
                )
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
        # How far the step is good; a lane that is there has no further reading in it.
        reached, ahead = select(good, ahead, -np.inf), select(good, ahead, time)
        if lands:
            looks = bits(load(clock, LOOK * lanes, width) <= reached)
            if looks != 0:
                call_at(equations[1], space, new, own, seen)
                arrived |= look_at(looks, seen, space, clock, books, lines, reducers, calendar, width)
        while not lands:
            # What comes first within the step: a recorded day, or an event.
            look = load(clock, LOOK * lanes, width)
            point = smaller(look, stop)
            passed = bits(point <= reached)
            if passed == 0:
                break
            looks = bits(look <= point) & passed
            store(space, step_at + SHARE * lanes, (point - time) / (until - time))
            call_at(equations[3] if looks == passed else equations[4], space, state, new, 0)
            if looks != 0:
                call_at(equations[1], space, between, own, seen)
                arrived |= look_at(looks, seen, space, clock, books, lines, reducers, calendar, width)
            if looks != passed:
                halted = among(passed & ~looks, width)
                reached = select(halted, -np.inf, reached)
                replace(halted, new, between, moving, space, width)
        store(clock, TIME * lanes, ahead)
        refused = everyone & ~bits(good)
        if refused != 0:
            # A refused step leaves its lane as it was.
            replace(among(refused, width), new, state, parts * moving, space, width)
        state, new = new, state
        exhausted = bits(load(clock, LEFT * lanes, width) < 0.0) & ~free
        stuck = (bits(wanted < _LEAST_STEP) | exhausted) & ~free
        arrived |= (bits(stop <= ahead) | stuck) & ~free
    restored(space, before)
