"""From rats and arms to the rows that a solver takes, and from its values back to what an observer reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.model import STATES, Parameter, Parameters, Rat, State, derivative, initial_state
from eaesim.model.score import daily_score, severity
from eaesim.protocol import Arm, load_drug
from eaesim.protocol.timeline import Event
from eaesim.solver import Events, Problem, System
from eaesim.study.cohort import Cohort, individual_parameters
from eaesim.units import conversion

SYSTEM = System(derivative, State, Parameters, tuple(info.scale for info in STATES.values()))
# What the readings need, recorded in every run.
READ = ("deficit", "demyelination", "axon_loss", "death_hazard", "inflammation")
_STATE = {name: index for index, name in enumerate(State._fields)}
_PARAMETER = {name: index for index, name in enumerate(Parameters._fields)}


def arm_entries(rat: Rat, arm: Arm, *, mechanism: str) -> dict[str, Parameter]:
    """Return every parameter of the typical rat in one arm, by name.

    Parameters
    ----------
    rat
        The typical rat.
    arm
        Its mechanism, and a second drug's own numbers, come before the rat's.
    mechanism
        What IVIG does in the study; the strength of every other mechanism is 0.
    """
    values = rat.parameters(arm.mechanism_or(mechanism))._asdict()
    entries = {name: replace(rat.entries[name], value=value) for name, value in values.items()}
    for line in arm.regimen.lines:
        for name, given in load_drug(line.dose.drug).parameters.items():
            if rat.entries[name] in rat.changes:  # what the user set comes before the drug's file
                continue
            value, spread = float(str(given["value"])), float(str(given["spread"]))
            entries[name] = replace(
                entries[name],
                value=value * conversion(str(given["unit"]), entries[name].unit),
                spread=spread,
                source=str(given["source"]),
                note=str(given["note"]),
            )
    return entries


def arm_parameters(rat: Rat, arm: Arm, cohort: Cohort, *, mechanism: str) -> Floats:
    """Return the parameters of every rat in one arm, shape (rats, parameters).

    Parameters
    ----------
    rat, arm, mechanism
        As for `arm_entries`.
    cohort
        How the rats differ.
    """
    entries = arm_entries(rat, arm, mechanism=mechanism)
    typical = Parameters(**{name: entry.value for name, entry in entries.items()})
    return individual_parameters(typical, entries=entries, differences=cohort.differences)


def build_problem(
    parameters: Sequence[Floats], events: Sequence[Sequence[Event]], *, until: int, record: Sequence[str]
) -> Problem:
    """Build the problem for rats, one row each.

    Parameters
    ----------
    parameters
        The parameters of each row.
    events
        What is done to each row.
    until
        The last recorded day.
    record
        Names of the recorded states.
    """
    matrix = np.array(parameters)
    return Problem(
        system=SYSTEM,
        parameters=matrix,
        initial=np.array([_healthy(row) for row in matrix.tolist()]),
        events=_event_table(events, matrix),
        days=np.arange(until + 1.0),
        record=tuple(record),
    )


def _healthy(parameters: list[float]) -> Sequence[float]:
    try:
        return initial_state(Parameters._make(parameters))
    except ArithmeticError:  # Such a rat has no resting state; the solver says so of this rat alone.
        return [np.nan] * len(State._fields)


def _event_table(rows: Sequence[Sequence[Event]], parameters: Floats) -> Events:
    shape = (len(rows), max((len(row) for row in rows), default=0))
    day, state, amount = np.full(shape, np.inf), np.zeros(shape, dtype=np.int64), np.zeros(shape)
    for row, events in enumerate(rows):
        for place, event in enumerate(events):
            day[row, place], state[row, place] = event.day, _STATE[event.state]
            factor = parameters[row, _PARAMETER[event.factor]] if event.factor else 1.0
            divisor = parameters[row, _PARAMETER[event.divisor]] if event.divisor else 1.0
            amount[row, place] = event.amount * factor / divisor
    return Events(day, state, amount)


@dataclass(frozen=True)
class Readings:
    """What an observer reads off rats, one row each.

    Attributes
    ----------
    score
        Daily score as if no rat died, shape (rows, days).
    severity
        Latent severity, of the same shape.
    death_day
        First day on which the rat is dead; infinity for one that lives.
    """

    score: Floats
    severity: Floats
    death_day: Floats


def read(values: Mapping[str, Floats], parameters: Floats, *, observer: Floats, death: Floats) -> Readings:
    """Read scores and deaths off recorded states.

    Parameters
    ----------
    values
        The states of `READ`, each of shape (rows, days).
    parameters
        Shape (rows, parameters).
    observer
        Standard normal errors, shape (rows, days).
    death
        The cumulative hazard at which each row dies.
    """
    own: Any = Parameters._make(parameters.T[:, :, None])
    state: Any = SimpleNamespace(**values)
    severe: Any = severity(state, own)
    lost = np.isnan(severe)
    score = np.where(lost, np.nan, daily_score(np.where(lost, 0.0, severe), observer, own))
    dead = values["death_hazard"] > death[:, None]
    death_day = np.where(dead.any(axis=1), dead.argmax(axis=1), np.inf)
    return Readings(score, severe, death_day)
