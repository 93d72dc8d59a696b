"""What all chunks of rats share: events, where runs begin, families, and the machine code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.solver.lanes.drivercode import load_driver
from eaesim.solver.lanes.emission import influential
from eaesim.solver.lanes.family import Families, families
from eaesim.solver.lanes.machinecode import MachineCode, machine_code
from eaesim.solver.lanes.method import Method, Rosenbrock
from eaesim.solver.lanes.processor import lanes_width, single_width
from eaesim.solver.lanes.waiting import Waiting
from eaesim.solver.problem import ABSOLUTE_SHARE, Begun, Events, Problem, Quantity, at_the_start
from eaesim.solver.trace import Tape, trace

# Step after an event, and limits of the step as a fraction of the last.
FIRST_STEP, LEAST_CHANGE, GREATEST_CHANGE = 0.1, 0.2, 8.0
# Maximum steps per day; beyond it a rat is stiff, and an implicit method is better.
MOST_STEPS = 200


@dataclass(frozen=True)
class Job:
    """A problem, what was asked and with events in order, and how it is solved."""

    asked: Problem
    problem: Problem
    code: MachineCode
    method: Method | Rosenbrock
    width: int
    single: bool
    drive: Any
    quantities: tuple[Quantity, ...]
    begun: Begun
    families: Families
    waiting: Waiting | None


def job_of(problem: Problem, method: Method | Rosenbrock, *, single: bool = False) -> Job:
    """Return how a problem is solved, with a method, and in single precision or not."""
    width = single_width() if single else lanes_width()
    quantities = tuple(dict.fromkeys((*problem.record, *(reducer.of for reducer in problem.reducers))))
    # Recorded quantities come first and in order, even if requested twice.
    quantities = (*problem.record, *(each for each in quantities if each not in problem.record))
    explicit = isinstance(method, Method)
    share = method.share if isinstance(method, Method) else ABSOLUTE_SHARE
    begun, asked = _begun(problem), problem
    problem = replace(problem, initial=begun.state)
    tape = trace(problem.system, quantities)
    # The bits of an implicit step would depend on omitted states, so none is omitted.
    code = machine_code(
        tape,
        zero_parameters=frozenset(_zero_parameters(problem) if explicit else ()),
        still=frozenset(_still(problem) if explicit else ()),
        resting=resting(problem) if explicit else {},
        method=method,
        floor=tuple((share * np.asarray(problem.system.scale)).tolist()),
        width=width,
        single=single,
        rat_days=len(problem.parameters) * len(problem.days),
    )
    drive = load_driver(width, single=single).drive
    ordered = replace(problem, events=_in_order(problem))
    own = families(ordered, begun.clock[:, 0], *_quiet(ordered, tape))
    if code.layout.carries and not begun.rest.size:
        begun = replace(begun, rest=np.zeros_like(begun.state))
    waiting = None if problem.waits is None else Waiting.of(ordered, own, begun)
    return Job(asked, ordered, code, method, width, single, drive, quantities, begun, own, waiting)


def _begun(problem: Problem) -> Begun:
    """Return where each run begins: at its start, or on its way."""
    begun = problem.begun or at_the_start(problem)
    time = np.minimum(0.0, problem.events.day.min(axis=1, initial=0.0))
    left = MOST_STEPS * np.maximum(1.0, problem.days[0] - time)
    start = np.column_stack([time, np.full(len(time), FIRST_STEP), left])
    clock = np.where(np.isnan(begun.clock), start, begun.clock)
    return Begun(begun.state, clock, *(each.copy() for each in list(vars(begun).values())[2:]))


def _in_order(problem: Problem) -> Events:
    """Return events by ascending day, those of an influence first, and a last one without."""
    events = problem.events
    # Readings precede the events of their day, so those of the last day have no influence.
    day = np.where((events.amount != 0) & (events.day < problem.days[-1]), events.day, np.inf)
    order = np.argsort(day, axis=1, kind="stable")
    day, state, amount = (
        np.take_along_axis(each, order, axis=1) for each in (day, events.state, events.amount)
    )
    rats = len(day)
    return Events(
        np.column_stack([day, np.full(rats, np.inf)]),
        np.column_stack([state, np.zeros(rats, dtype=np.int64)]),
        np.column_stack([amount, np.zeros(rats)]),
    )


def _quiet(problem: Problem, tape: Tape) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which parameters have no influence before some events, and the states of these events."""
    states, parameters = problem.initial.shape[1], problem.parameters.shape[1]
    awake: npt.NDArray[np.bool_] = np.zeros(states, dtype=np.bool_)
    quiet = np.zeros(parameters, dtype=np.bool_)
    added = _added(problem)
    starts_at_zero = np.logical_not(problem.initial.any(axis=0))
    given = np.isfinite(problem.events.day)
    for state in added.tolist():
        everywhere = (given & (problem.events.state == state)).any(axis=1).all()
        awake[state] = starts_at_zero[state] and not everywhere
    if awake.any():
        still = np.setdiff1d(np.flatnonzero(starts_at_zero), added[~awake[added]])
        quiet[:] = True
        quiet[list(influential(tape, frozenset(still.tolist())))] = False
    return quiet, awake


def _zero_parameters(problem: Problem) -> list[int]:
    return np.flatnonzero(~problem.parameters.any(axis=0)).tolist()


def _still(problem: Problem) -> list[int]:
    """Return the states that start at 0 in every rat and have no events."""
    starts = np.flatnonzero(~problem.initial.any(axis=0))
    return np.setdiff1d(starts, _added(problem)).tolist()  # type: ignore[no-any-return]


def resting(problem: Problem) -> dict[int, int]:
    """Return the states that start at a parameter's value in every rat and have no events."""
    starts = np.setdiff1d(np.flatnonzero(problem.initial.any(axis=0)), _added(problem))
    found = {}
    for state in starts.tolist():
        alike = np.flatnonzero(problem.parameters[0] == problem.initial[0, state]).tolist()
        same = (
            number
            for number in alike
            if np.array_equal(problem.parameters[:, number], problem.initial[:, state])
        )
        number = next(same, None)
        if number is not None:
            found[state] = number
    return found


def _added(problem: Problem) -> npt.NDArray[np.int64]:
    """Return the states with an event in any rat."""
    events = problem.events
    added = np.zeros(problem.initial.shape[1], dtype=np.bool_)
    added[events.state[np.isfinite(events.day) & (events.amount != 0)]] = True
    return np.flatnonzero(added)
