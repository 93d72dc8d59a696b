"""The contract between a model and a solver: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
SOLVED, FAILED = "solved", "failed"


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
        A size that matters for each state; sets its absolute tolerance.
    """

    derivative: Callable[[Any, Any], Any]
    state: Any
    parameters: Any
    scale: tuple[float, ...]


@dataclass(frozen=True)
class Events:
    """Amounts added to states at given days, a row a rat; a day of infinity is no event.

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
class Problem:
    """Rats to be solved.

    Attributes
    ----------
    system
        The equations.
    parameters
        Shape (rats, parameters).
    initial
        Shape (rats, states); the state on the day a rat's run starts.
    events
        What is added, and when. A run starts on day 0, or on a rat's earliest event before it.
    days
        Days at which states are recorded, ascending, before that day's events.
    record
        Indices of the recorded states.
    relative_tolerance
        Of each step; the absolute one is 1e-5 of it times the state's scale.
    """

    system: System
    parameters: Floats
    initial: Floats
    events: Events
    days: Floats
    record: tuple[int, ...]
    relative_tolerance: float = 1e-7


@dataclass(frozen=True)
class Solution:
    """What a solver returns.

    Attributes
    ----------
    values
        Shape (rats, days, recorded states); NaN for a rat that failed.
    status
        ``"solved"`` or ``"failed"``, one a rat.
    reason
        Why a rat failed, else an empty text.
    """

    values: Floats
    status: tuple[str, ...]
    reason: tuple[str, ...]
