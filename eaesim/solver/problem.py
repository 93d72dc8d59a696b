"""The interface between model and solver: input and output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
    """

    derivative: Callable[[Any, Any], Any]
    state: Any
    parameters: Any
    scale: tuple[float, ...]


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
        Relative tolerance of each step.
    """

    system: System
    parameters: Floats
    initial: Floats
    events: Events
    days: Floats
    record: tuple[Quantity, ...]
    reducers: tuple[Reducer, ...] = ()
    relative_tolerance: float = 1e-7

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
    """

    values: Floats
    reduced: Floats
    status: npt.NDArray[np.uint8]
    reason: dict[int, str] = field(default_factory=dict)
