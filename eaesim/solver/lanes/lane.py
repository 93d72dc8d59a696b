"""What happens to one lane of a register: a rat begins in it, is read, hands its state on, and ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from eaesim.solver.lanes.vector import among, every, item, load, lowest, put, select, store, widened

# Of a lane, whole numbers: its row, next event, next recorded day, and next run that branches off.
ROW, EVENT, DAY, CHILD = range(4)
# Of a lane, times: now, next landing, next recorded day, when a run branches off, how far the step goes; the
# steps left until the next recorded day; and from REDUCED on, each reduction and the extreme it belongs to.
TIME, STOP, LOOK, MARK, UNTIL, LEFT, REDUCED = range(7)
PEAK, DAY_OF_PEAK, FIRST_DAY, SUM, LAST = range(5)

COMPILED: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}
INNER = COMPILED | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
# A call passes some ninety words, so what is called in every step is none.
INLINE = INNER | {"forceinline": True}


@njit(**INLINE)
def copy(target, first, source, start, count, width):
    """Copy numbers from one array, from `start` on, to another, from `first` on."""
    whole = count // len(width) * len(width)
    for place in range(0, whole, len(width)):
        store(target, first + place, load(source, start + place, width))
    for place in range(whole, count):
        put(target, first + place, item(source, start + place))


@njit(**INNER)
def begin(
    lane,
    row,
    state,
    rest,
    wanted,
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
):
    """Put a rat into a lane, at the start of its run."""
    initial, rests, starts, firsts = runs
    values, reduced, extreme, lines = read
    lanes, moving, recorded, kept = len(width), initial.shape[1], values.shape[1], values.shape[2]
    for place in range(moving):
        at = state + place * lanes + lane
        put(space, at, item(initial, row * moving + place))
        if rest != 0:
            lost = item(initial, row * moving + place) - item(space, at)
            put(space, at + rest, lost + item(rests, row * moving + place))
    for number in range(numbers.shape[1]):
        put(space, own + number * lanes + lane, item(numbers, row * numbers.shape[1] + number))
    clock[TIME * lanes + lane] = starts[row, 0]
    space[wanted + lane] = starts[row, 1]
    clock[LEFT * lanes + lane] = starts[row, 2]
    day = firsts[row, 1]
    clock[LOOK * lanes + lane] = calendar[0, day]
    books[ROW, lane], books[EVENT, lane], books[DAY, lane] = row, firsts[row, 0], day
    books[CHILD, lane] = child[row]
    for place in range(reduced.shape[1]):
        at = (REDUCED + 2 * place) * lanes + lane
        clock[at], clock[at + lanes] = reduced[row, place], extreme[row, place]
        if day == 0:
            clock[at] = 0.0 if reducers[0][place] == SUM else np.nan
            clock[at + lanes] = -np.inf
    copy(lines, lane * recorded * kept, values, row * recorded * kept, day * kept, width)


@njit(**INLINE)
def add(place, amount, rest, space):
    """Add an amount to a state; the rest of the sum is kept if there is a place for it."""
    if rest == 0:
        space[place] += amount
    else:
        total = (item(space, place) + amount) + item(space, place + rest)
        put(space, place, total)
        put(space, place + rest, total - item(space, place))


@njit(**INNER)
def end(lane, state, rest, wanted, space, clock, books, moving, lanes):
    """Leave a lane empty: it does not move."""
    for place in range(moving):
        space[state + place * lanes + lane] = 0.0
        space[state + rest + place * lanes + lane] = 0.0
    space[wanted + lane] = 0.0
    clock[TIME * lanes + lane] = clock[LEFT * lanes + lane] = 0.0
    clock[STOP * lanes + lane] = clock[LOOK * lanes + lane] = clock[MARK * lanes + lane] = np.inf
    books[ROW, lane] = books[CHILD, lane] = -1


@njit(**INNER)
def hand_in(lane, row, clock, books, read, width):
    """Store what was recorded and reduced in a lane, at once, because access to distant memory is slow."""
    values, reduced, extreme, lines = read
    lanes, recorded, kept = len(width), values.shape[1], values.shape[2]
    for place in range(reduced.shape[1]):
        at = (REDUCED + 2 * place) * lanes + lane
        reduced[row, place], extreme[row, place] = clock[at], clock[at + lanes]
    if row < values.shape[0]:
        count = books[DAY, lane] * kept
        copy(values, row * recorded * kept, lines, lane * recorded * kept, count, width)


@njit(**INLINE)
def look_at(looks, seen, space, clock, books, lines, reducers, calendar, width):
    """Record or reduce the quantities of some lanes, and set their next day; return lanes without one."""
    kinds, which, levels = reducers
    lanes, recorded, kept = len(width), lines.shape[1], lines.shape[2]
    chosen, day = among(looks, width), load(clock, LOOK * lanes, width)
    for place in range(kinds.shape[0]):
        kind, at = kinds[place], (REDUCED + 2 * place) * lanes
        value = widened(load(space, seen + which[place] * lanes, width))
        held = load(clock, at, width)
        if kind == SUM:
            held = held + select(chosen, value, 0.0)
        elif kind == LAST:
            held = select(chosen, value, held)
        elif kind == FIRST_DAY:
            found = select(value >= levels[place], day, every(np.nan, width))
            # Ordered: NaN, which is no day yet, is not below infinity.
            held = select(held <= np.inf, held, select(chosen, found, held))
        else:
            most, best = load(clock, at + lanes, width), value if kind == PEAK else day
            value = select(chosen, value, -np.inf)
            held = select(value > most, best, held)
            store(clock, at + lanes, select(value > most, value, most))
        store(clock, at, held)
    done = 0
    while looks != 0:
        lane = lowest(looks)
        looks &= looks - 1
        place = item(books, DAY * lanes + lane)
        line = (lane * recorded + place) * kept
        for quantity in range(kept):
            put(lines, line + quantity, item(space, seen + quantity * lanes + lane))
        place += 1
        put(books, DAY * lanes + lane, place)
        put(clock, LOOK * lanes + lane, item(calendar, place))
        put(clock, LEFT * lanes + lane, item(calendar, recorded + 1 + place))
        done |= (1 if place == recorded else 0) << lane
    return done


@njit(**INLINE)
def replace(chosen, target, source, count, space, width):
    """Replace vectors by others in some lanes."""
    for place in range(count):
        here, there = target + place * len(width), source + place * len(width)
        store(space, here, select(chosen, load(space, there, width), load(space, here, width)))


@njit(**INNER)
def branch(lane, ready, state, rest, wanted, space, clock, books, runs, family, read, width):
    """Hand the state of a lane to the runs that branch off in the step; return how many rows are ready."""
    initial, rests, starts, firsts = runs
    _, following, mark, queue = family
    values, lanes, moving = read[0], len(width), initial.shape[1]
    until = clock[UNTIL * lanes + lane]
    while books[CHILD, lane] >= 0 and mark[books[CHILD, lane]] <= until:
        own = books[CHILD, lane]
        books[CHILD, lane] = following[own]
        for place in range(moving):
            at = state + place * lanes + lane
            initial[own, place] = space[at]
            if rest != 0:
                rests[own, place] = space[at + rest]
        starts[own, 0] = clock[TIME * lanes + lane]
        starts[own, 1] = space[wanted + lane]
        starts[own, 2] = clock[LEFT * lanes + lane]
        firsts[own, 0], firsts[own, 1] = books[EVENT, lane], books[DAY, lane]
        hand_in(lane, own, clock, books, read, width)
        # Others are states that are kept, for runs that begin later.
        if own < values.shape[0]:
            queue[ready] = own
            ready += 1
    set_mark(lane, clock, books, mark, lanes)
    return ready


@njit(**INNER)
def set_mark(lane, clock, books, mark, lanes):
    """Set when the next run branches off."""
    following = books[CHILD, lane]
    clock[MARK * lanes + lane] = mark[following] if following >= 0 else np.inf
