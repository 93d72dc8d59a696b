"""Given IgG in plasma between daily readings: its course, peak, area under the curve, and time above a level.

Doses change plasma IgG within hours, so it is solved again for doses alone: given IgG does not depend on the
disease. Values are read at every event, just before and just after it, and at steps between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.model import Parameters, Rat, State
from eaesim.protocol import Arm, Design, load_drug
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.timeline import Event
from eaesim.solver import FAILED, Events, Problem, solve
from eaesim.study.assembly import build_problem
from eaesim.study.chunk import individuals
from eaesim.study.cohort import draw_chunks
from eaesim.study.plan import plan_arm
from eaesim.study.schedule import NEVER, arm_schedules, waiting_lines

PLASMA = "igg_plasma"
# Steps a day: within a day after an event, when IgG still spreads into tissue, and later.
SOON, LATER = 24, 6
# Numbers that are held at once, which bounds the memory.
AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Moments:
    """The times at which plasma is read.

    Attributes
    ----------
    days
        Ascending.
    pieces
        Where each piece begins: the course is smooth within it, and its steps are equal and even in number.
    """

    days: Floats
    pieces: tuple[int, ...]

    @classmethod
    def of(cls, schedules: Sequence[Sequence[Event]], *, until: float) -> Moments:
        """Return the times for some schedules: every event, every whole day, and steps between."""
        events = sorted({event.day for events in schedules for event in events if event.day <= until})
        first = min([0.0, *events])
        ends = sorted({first, *events, *np.arange(np.ceil(first), until + 1.0).tolist()})
        given = np.array(events)
        days, pieces = [first], []
        for start, end in pairwise(ends):
            before = given[np.searchsorted(given, start, side="right") - 1] if len(given) else -np.inf
            soon = before <= start < before + 1.0
            steps = 2 * max(1, int(np.ceil((end - start) * (SOON if soon else LATER) / 2.0)))
            pieces.append(len(days) - 1)
            days += np.linspace(start, end, steps + 1)[1:].tolist()
        return cls(np.array(days), tuple(pieces))

    @cached_property
    def within(self) -> tuple[Floats, Floats]:
        """Weights of Simpson's rule: of values just after each time, and of those just before it."""
        after, before = np.zeros(len(self.days)), np.zeros(len(self.days))
        for start, end in zip(self.pieces, (*self.pieces[1:], len(self.days) - 1), strict=True):
            third = (self.days[end] - self.days[start]) / (end - start) / 3.0
            after[start] += third
            before[end] += third
            after[start + 1 : end : 2] += 4.0 * third
            after[start + 2 : end : 2] += 2.0 * third
        return after, before


@dataclass(frozen=True)
class Plasma:
    """Given IgG in the plasma of some rats, mg/mL.

    Attributes
    ----------
    moments
        When it was read.
    before, after
        Just before and just after what is given at each time, shape (rats, times); NaN for a rat that failed.
    """

    moments: Moments
    before: Floats
    after: Floats

    @property
    def days(self) -> Floats:
        """When it was read."""
        return self.moments.days

    @property
    def peak(self) -> Floats:
        """The highest value of each rat; between times, that of a parabola through three of them."""
        highest = np.maximum(self.before, self.after).max(axis=1)
        inner = np.setdiff1d(np.arange(1, len(self.days) - 1), self.moments.pieces)
        left, middle, right = self.after[:, inner - 1], self.after[:, inner], self.before[:, inner + 1]
        bend = left - 2.0 * middle + right
        # Where the top of the parabola lies, in steps from the middle.
        place = 0.5 * (left - right) / np.where(bend < 0, bend, -np.inf)
        top = (bend < 0) & (np.abs(place) <= 1.0)
        height = np.where(top, middle - 0.5 * bend * place**2, -np.inf)
        return np.asarray(np.maximum(highest, height.max(axis=1, initial=-np.inf)))

    @property
    def area(self) -> Floats:
        """The area under the curve of each rat, mg/mL times days, from the first dose or day 0 on."""
        after, before = self.moments.within
        return np.asarray(self.after @ after + self.before @ before)

    def days_above(self, level: float) -> Floats:
        """Return how long each rat has more than a level, in days."""
        left, right = self.after[:, :-1] - level, self.before[:, 1:] - level
        high, low = np.maximum(left, right), np.minimum(left, right)
        share = np.where(low > 0, 1.0, np.where(high > 0, high / np.where(high > low, high - low, 1.0), 0.0))
        return np.asarray(np.where(np.isnan(left[:, 0]), np.nan, share @ np.diff(self.days)))

    def course(self) -> tuple[Floats, Floats]:
        """Return times and values for drawing: a time at which something is given stands twice."""
        jumps = np.flatnonzero((self.before != self.after).any(axis=0) & ~np.isnan(self.before).all(axis=0))
        order = np.sort(np.concatenate([np.arange(len(self.days)), jumps]))
        second = np.concatenate([[False], order[1:] == order[:-1]])
        values = self.before[:, order]
        values[:, second] = self.after[:, order[second]]
        return self.days[order], values


@dataclass(frozen=True)
class Exposure:
    """How much given IgG the plasma of each rat saw; NaN for a rat that failed.

    Attributes
    ----------
    peak
        mg/mL.
    area
        Under the curve, mg/mL times days.
    days_above
        Days above the level.
    """

    peak: Floats
    area: Floats
    days_above: Floats


def exposure(parts: Iterable[Plasma], *, level: float) -> Exposure:
    """Return the exposure of the rats of all parts; `level` in mg/mL."""
    found = [(part.peak, part.area, part.days_above(level)) for part in parts]
    return Exposure(*(np.concatenate(each) for each in zip(*found, strict=True)))


def joined(parts: Sequence[Plasma]) -> Plasma:
    """Return the plasma of the rats of all parts, which were read at the same times."""
    if len(parts) == 1:
        return parts[0]
    before, after = (np.concatenate([getattr(part, name) for part in parts]) for name in ("before", "after"))
    return Plasma(parts[0].moments, before, after)


@dataclass(frozen=True)
class Dosing:
    """What one arm gives of the studied drug.

    Attributes
    ----------
    schedules
        Those that differ.
    follows
        The schedule of each rat, by its place.
    moments
        When plasma is read under any of them.
    """

    schedules: tuple[tuple[Event, ...], ...]
    follows: npt.NDArray[np.int64]
    moments: Moments

    def problem(self, parameters: Floats, follows: npt.NDArray[np.int64]) -> Problem:
        """Return the problem of rats, one row each, with the schedule of each by its place."""
        problem = build_problem(parameters, self.schedules, follows=follows, until=0, record=(PLASMA,))
        return replace(problem, days=self.moments.days)

    def solve(self, parameters: Floats, follows: npt.NDArray[np.int64], *, engine: str) -> Plasma:
        """Return the plasma of rats; parameters as for `problem`."""
        if not any(self.schedules):
            nothing = np.zeros((len(follows), len(self.moments.days)))
            return Plasma(self.moments, nothing, nothing)
        problem = self.problem(parameters, follows)
        solution = solve(problem, engine=engine)
        before = np.where((solution.status == FAILED)[:, None], np.nan, solution.values[:, :, 0])
        return Plasma(self.moments, before, before + _injected(problem.events, self.moments))


def dosing(design: Design, arm: Arm, *, animals: int, triggered: Mapping[int, Floats]) -> Dosing:
    """Return what an arm gives of the studied drug up to the last day.

    Parameters
    ----------
    design, arm
        What is done.
    animals
        How many rats there are.
    triggered
        By the place of a line that waits for a sign: the day of each rat's first dose, NaN without one.
    """
    waited = [triggered[place] for place in waiting_lines(arm)]
    starts = np.array(waited).reshape(len(waited), animals).T
    given, follows = arm_schedules(design, arm, np.where(np.isnan(starts), NEVER, starts))
    drug = load_drug(STUDIED_DRUG)
    states = {drug.infusion, *(route.state for route in drug.routes.values())}
    schedules = tuple(
        tuple(event for event in events if event.state in states and event.day <= design.until)
        for events in given
    )
    return Dosing(schedules, follows, Moments.of(schedules, until=design.until))


def plasma_parts(
    given: Dosing,
    rat: Rat,
    design: Design,
    arm: Arm,
    *,
    seed: int,
    members: Sequence[Rat] = (),
    engine: str = "auto",
) -> Iterator[Plasma]:
    """Solve the plasma of the rats of one arm, some rats at a time.

    Parameters
    ----------
    given
        What the arm gives.
    rat, design, seed, members, engine
        As for `eaesim.study.simulation.simulate`.
    arm
        One arm of the design.

    Yields
    ------
    Plasma
        Of the next rats; all parts are read at the same times.
    """
    own = plan_arm(rat, design, arm, members)
    varied = [name for name in Parameters._fields if own.entries[name].spread]
    size = max(1, AT_ONCE // len(given.moments.days))
    for cohort in draw_chunks(len(given.follows), seed=seed, days=1, size=size, varied=varied):
        rows = slice(cohort.first, cohort.first + len(cohort.death))
        yield given.solve(individuals(own, cohort), given.follows[rows], engine=engine)


def typical_exposure(
    given: Dosing, rat: Rat, design: Design, arm: Arm, *, level: float, engine: str = "auto"
) -> Exposure:
    """Return the exposure of the typical rat, once for every rat of an arm with the doses of that rat.

    Parameters
    ----------
    given, rat, design, arm, engine
        As for `plasma_parts`.
    level
        In mg/mL.
    """
    typical = np.array(plan_arm(rat, design, arm, ()).typical[0])
    every = np.arange(len(given.schedules))
    found = exposure([given.solve(np.tile(typical, (len(every), 1)), every, engine=engine)], level=level)
    of_rats = given.follows
    return Exposure(found.peak[of_rats], found.area[of_rats], found.days_above[of_rats])


def typical_peaks(rat: Rat, design: Design) -> Floats:
    """Return the highest plasma IgG of the typical rat in every arm, mg/mL; no dose may wait for a sign."""
    given = [dosing(design, arm, animals=1, triggered={}).schedules[0] for arm in design.arms]
    first = min([0.0, *(event.day for events in given for event in events)])
    # They are read at the same times, so all runs start on the same day.
    given = [(Event(first, PLASMA, 0.0), *events) for events in given]
    every = np.arange(len(given))
    together = Dosing(tuple(given), every, Moments.of(given, until=design.until))
    typical = np.array(plan_arm(rat, design, design.arms[0], ()).typical[0])
    return together.solve(np.tile(typical, (len(every), 1)), every, engine="auto").peak


def _injected(events: Events, moments: Moments) -> Floats:
    """Return what injections into a vein add at each time, shape (rats, times)."""
    added = np.zeros((len(events.day), len(moments.days)))
    for day, state, amount in zip(events.day.T, events.state.T, events.amount.T, strict=True):
        hit = np.flatnonzero(np.isfinite(day) & (state == State._fields.index(PLASMA)))
        added[hit, np.searchsorted(moments.days, day[hit])] += amount[hit]
    return added
