"""The interface between model and solver: input and output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
# A recorded quantity: the name of a state, or arithmetic on (state, parameters).
Quantity = str | Callable[[Any, Any], Any]

SOLVED, HANDED_OVER, FAILED = range(3)
STATUS = ("solved", "handed over", "failed")
REDUCTIONS = ("peak", "day_of_peak", "first_day", "sum", "last")
# Courses to 1e-5 of a state; or as exact as daily scores and endpoints need, several times as fast.
ACCURACIES = ("courses", "scores")
SCORES_TOLERANCE = 5e-5
# Absolute tolerance of a state, as a fraction of the relative one times the state's scale.
ABSOLUTE_SHARE = 1e-5


@dataclass(frozen=True)
class System:
    """Autonomous equations on named values.

    Attributes
    ----------
    derivative
        Rates of change from (state, parameters), both named tuples.
    state, parameters
        The two named tuple types.
    scale
        Typical magnitude of each state, which sets its absolute tolerance.
    fixed
        Whether the derivative never changes, so that it is traced once. That of a user may read a variable.
    """

    derivative: Callable[[Any, Any], Any]
    state: Any
    parameters: Any
    scale: tuple[float, ...]
    fixed: bool = False


@dataclass(frozen=True)
class Events:
    """Amounts added to states on given days, one row per rat; a day of infinity is no event.

    Attributes
    ----------
    day, amount
        Shape (rats, events).
    state
        Index of the state, of the same shape.
    """

    day: Floats
    state: npt.NDArray[np.int64]
    amount: Floats


@dataclass(frozen=True)
class Reducer:
    """One number per rat, computed from a quantity on the recorded days.

    Attributes
    ----------
    kind
        ``"peak"``, ``"day_of_peak"`` (the first such day), ``"first_day"`` (on which it is at least `level`;
        NaN without one), ``"sum"`` or ``"last"``.
    of
        Quantity to reduce.
    level
        Threshold for ``"first_day"``.
    """

    kind: str
    of: Quantity
    level: float = 0.0


@dataclass(frozen=True)
class Begun:
    """Runs on their way, one row each: where they are continued with other events from then on.

    Attributes
    ----------
    state
        Shape (rats, states).
    clock
        Time, length of the next step, and steps left until the next recorded day.
    passed
        Numbers of events and of recorded days that are passed.
    values, reduced, extreme
        Recorded values, reducers, and their extremes so far; without values at the start of a run.
    rest
        What each state has lost by rounding, if the solver carries it; otherwise without columns.
    """

    state: Floats
    clock: Floats
    passed: npt.NDArray[np.int64]
    values: Floats
    reduced: Floats
    extreme: Floats
    rest: Floats

    def rows(self, chosen: Any) -> Begun:
        """Return some of the rows: a slice, or indices."""
        return Begun(*(each[chosen] for each in vars(self).values()))


@dataclass(frozen=True)
class Problem:
    """Rats to be solved.

    Attributes
    ----------
    system
        Equations.
    parameters
        Shape (rats, parameters).
    initial
        Shape (rats, states); the state on the day a rat's run starts.
    events
        Events. A run starts on day 0, or on a rat's earliest event before it.
    days
        Days at which quantities are read, each later than the one before; readings precede that day's events.
    record
        Quantities recorded daily.
    reducers
        Summary numbers of quantities that are not recorded daily.
    relative_tolerance
        Relative tolerance of each step. Below the default the lanes compute in double precision.
    waits
        Rows that may be continued from some day with other events; by default none.
    begun
        Where each run is continued; by default it starts with `initial`. A solver may also start there.
    subject
        Number of each row's subject, where it is known which rows have equal parameters and initial states.
    """

    system: System
    parameters: Floats
    initial: Floats
    events: Events
    days: Floats
    record: tuple[Quantity, ...]
    reducers: tuple[Reducer, ...] = ()
    relative_tolerance: float = 1e-7
    waits: npt.NDArray[np.bool_] | None = None
    begun: Begun | None = None
    subject: npt.NDArray[np.int64] | None = None

    @property
    def absolute_tolerance(self) -> Floats:
        """The absolute tolerance of each state."""
        return self.relative_tolerance * ABSOLUTE_SHARE * np.asarray(self.system.scale, dtype=np.float64)

    def rows(self, chosen: Any) -> Problem:
        """Return the problem of some of the rats: a slice, or indices."""
        events = self.events
        return Problem(
            self.system,
            self.parameters[chosen],
            self.initial[chosen],
            Events(events.day[chosen], events.state[chosen], events.amount[chosen]),
            self.days,
            self.record,
            self.reducers,
            self.relative_tolerance,
            None if self.waits is None else self.waits[chosen],
            None if self.begun is None else self.begun.rows(chosen),
            None if self.subject is None else self.subject[chosen],
        )


@dataclass(frozen=True)
class Solution:
    """Result of a solver.

    Attributes
    ----------
    values
        Shape (rats, days, recorded quantities); NaN for a rat that failed.
    reduced
        Shape (rats, reducers), likewise.
    status
        For each rat `SOLVED`, `HANDED_OVER` (too stiff for this engine, solved by the reference) or `FAILED`.
    reason
        Reason by row, only for rats that failed or were handed over.
    on_the_way
        Where runs that wait can be continued, if the solver kept it.
    """

    values: Floats
    reduced: Floats
    status: npt.NDArray[np.uint8]
    reason: dict[int, str] = field(default_factory=dict)
    on_the_way: OnTheWay | None = None


@dataclass(frozen=True)
class OnTheWay:
    """Runs on their way, before some days.

    Attributes
    ----------
    days
        The days.
    place
        Row of `kept` by row of the problem and day, -1 where nothing is kept.
    kept
        Runs, whose recorded values are those of the solution.
    """

    days: Floats
    place: npt.NDArray[np.int64]
    kept: Begun

    def before(
        self, rows: npt.NDArray[np.int64], days: Floats, problem: Problem, solution: Solution
    ) -> Begun:
        """Return rows of a solution before the last of the kept days that is not later than a day.

        Parameters
        ----------
        rows, days
            Rows of the problem, and a day for each.
        problem, solution
            What was solved.
        """
        known = (self.days <= days[:, None]) & (self.place[rows] >= 0)
        found = known.any(axis=1)
        last = np.where(known, np.arange(len(self.days)), -1).max(axis=1, initial=-1)
        begun = problem.begun.rows(rows) if problem.begun is not None else at_the_start(problem.rows(rows))
        chosen = self.place[rows, last][found]
        rest = np.zeros((len(rows), self.kept.rest.shape[1]))
        begun = replace(begun, values=solution.values[rows], rest=begun.rest if begun.rest.size else rest)
        for name in ("state", "clock", "passed", "reduced", "extreme", "rest"):
            getattr(begun, name)[found] = getattr(self.kept, name)[chosen]
        return begun


def at_the_start(problem: Problem) -> Begun:
    """Return runs that have not begun: their clock is NaN."""
    rats, reducers = len(problem.parameters), len(problem.reducers)
    return Begun(
        problem.initial,
        np.full((rats, 3), np.nan),
        np.zeros((rats, 2), dtype=np.int64),
        np.empty((rats, 0, 0)),
        np.full((rats, reducers), np.nan),
        np.full((rats, reducers), np.nan),
        np.empty((rats, 0)),
    )
