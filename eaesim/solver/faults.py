"""Validation of problems, and of rats with non-finite numbers."""

from __future__ import annotations

import numpy as np

from eaesim.errors import ProblemError, unknown_name
from eaesim.solver.problem import REDUCTIONS, Problem


def check(problem: Problem) -> None:
    """Check that a problem is valid.

    Parameters
    ----------
    problem
        Problem to be solved.

    Raises
    ------
    ProblemError
        If shapes do not match, days do not ascend, an event has no state, or the tolerance is not above 0.
    UnknownNameError
        If there is no such state or reduction.
    """
    _check_shapes(problem)
    days, tolerance = np.asarray(problem.days), problem.relative_tolerance
    if not len(days) or not np.isfinite(days).all() or (np.diff(days) <= 0).any():
        raise ProblemError("recorded days must be numbers, at least one, each later than the one before.")
    # A run starts on day 0, or on the earliest event before it; NaN days are detected later.
    if len(problem.parameters) and days[0] < np.fmin.reduce(problem.events.day, axis=1, initial=0.0).max():
        raise ProblemError(f"day {days[0]:g} is to be recorded, but a rat's run starts later.")
    if not 0 < tolerance < np.inf:
        raise ProblemError(f"the relative tolerance is {tolerance:g}; it must be above 0 and finite.")
    states = problem.system.state._fields
    which = problem.events.state
    wrong = which[(which < 0) | (which >= len(states))]
    if wrong.size:
        raise ProblemError(f"an event adds to state {wrong[0]}; there are states 0 to {len(states) - 1}.")
    for quantity in (*problem.record, *(reducer.of for reducer in problem.reducers)):
        if isinstance(quantity, str) and quantity not in states:
            raise unknown_name(quantity, "state", states)
    for reducer in problem.reducers:
        if reducer.kind not in REDUCTIONS:
            raise unknown_name(reducer.kind, "reduction", REDUCTIONS)


def _check_shapes(problem: Problem) -> None:
    rats, events = len(problem.parameters), problem.events
    wanted = {
        "parameters": (problem.parameters, (rats, len(problem.system.parameters._fields))),
        "initial": (problem.initial, (rats, len(problem.system.state._fields))),
        "the day of events": (events.day, (rats, *events.day.shape[1:2])),
        "the state of events": (events.state, events.day.shape),
        "the amount of events": (events.amount, events.day.shape),
    }
    for name, (array, shape) in wanted.items():
        if array.shape != shape or array.ndim != 2:
            raise ProblemError(f"{name} has the shape {array.shape}; it must have {shape}.")


def unsolvable(problem: Problem) -> dict[int, str]:
    """Return which rats have a non-finite number, and where.

    Parameters
    ----------
    problem
        Problem that passes `check`.

    Returns
    -------
    dict of int to str
        Reason by row, only for invalid rats.
    """
    events = problem.events
    comes = events.day < np.inf
    wrong = {
        "a parameter is not a finite number": ~np.isfinite(problem.parameters),
        "a state to start from is not a finite number": ~np.isfinite(problem.initial),
        "the day of an event is not a number": ~(events.day > -np.inf),
        "the amount of an event is not a finite number": comes & ~np.isfinite(events.amount),
    }
    reasons: dict[int, str] = {}
    for reason, where in wrong.items():
        for row in np.flatnonzero(where.any(axis=1)).tolist():
            reasons.setdefault(row, reason)
    return reasons
