"""Conversion of rats and arms to the rows of a solver, and of its values to observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import EaesimError, ProtocolError
from eaesim.model import STATES, Drug, Parameter, Parameters, Rat, State, Treated, derivative, initial_state
from eaesim.model.score import daily_score, severity
from eaesim.protocol import Arm
from eaesim.protocol.induction import Harvest
from eaesim.protocol.timeline import Event
from eaesim.solver import Events, Problem, Quantity, Reducer, System
from eaesim.study.cohort import Cohort, individual_parameters

SYSTEM = System(derivative, State, Parameters, tuple(info.scale for info in STATES.values()), fixed=True)
RELATIVE_TOLERANCE = Problem.relative_tolerance
# Quantities required for observations in every run: daily, and one number per rat.
READ: tuple[Quantity, ...] = (severity, "death_hazard")
REDUCED = (Reducer("peak", "inflammation"), Reducer("last", "demyelination"))
# Scores of many rats are counted in bytes.
_ONE = np.int8(1)
# Like readings, it cannot differ between arms: every arm has the same rats.
SAME_IN_ARMS = ("animal_spread",)


@lru_cache(maxsize=64)
def system_with(drugs: tuple[Drug, ...], *, own_igg: bool = False) -> System:
    """Return the equations of a rat or patient that may be given IVIG and these drugs.

    With `own_igg`, the subject's own IgG acts as given IgG does.

    Examples
    --------
    >>> system_with(()) is SYSTEM
    True
    """
    if not drugs and not own_igg:
        return SYSTEM
    treated = Treated(drugs, own_igg=own_igg)
    return System(treated, treated.state, treated.parameters, (*SYSTEM.scale, *treated.scale), fixed=True)


def arm_rat(rat: Rat, arm: Arm) -> Rat:
    """Return the rat of an arm, with the parameter values of the arm.

    Raises
    ------
    UnknownNameError, QuantityError
        If a parameter is not known, or has no such value.
    ProtocolError
        If it determines scoring or variation between rats, which is the same in every arm.

    Examples
    --------
    >>> from eaesim.model import load
    >>> arm_rat(load("lewis"), Arm("few cells", parameters={"precursor_number": 100})).changes[0].value
    100.0
    """
    if not arm.parameters:
        return rat
    try:
        own = rat.replace(**dict(arm.parameters))
    except EaesimError as error:
        raise type(error)(f'arm "{arm.name}": {error}') from error
    for name, entry in own.entries.items():
        if entry is not rat.entries.get(name) and (entry.kind == "reading" or name in SAME_IN_ARMS):
            raise ProtocolError(
                f'arm "{arm.name}": {name} says how rats are scored or differ, the same in every arm; '
                "set it in [parameters]."
            )
    return own


def typical_parameters(rat: Rat, arm: Arm, *, mechanism: str) -> tuple[Parameters, Mapping[str, Parameter]]:
    """Return the parameters of the typical rat in one arm, and the entries for variation between rats.

    Parameters
    ----------
    rat
        Typical rat.
    arm
        Arm; its mechanism and parameters take precedence over the rat's. Parameters of its drugs follow.
    mechanism
        Mechanism of IVIG in the study.
    """
    rat, drugs = arm_rat(rat, arm), arm.drugs()
    typical = rat.parameters(arm.mechanism_or(mechanism))
    if not drugs:
        return typical, rat.entries
    own = {name: entry for drug in drugs for name, entry in drug.parameters.items()}
    # The user's values precede the drug's file.
    own |= {entry.name: entry for entry in rat.changes if entry.name in own}
    values = (*typical, *(entry.value for entry in own.values()))
    return system_with(drugs).parameters._make(values), {**rat.entries, **own}


def arm_parameters(rat: Rat, arm: Arm, cohort: Cohort, *, mechanism: str) -> Floats:
    """Return the parameters of every rat in one arm, shape (rats, parameters).

    Parameters
    ----------
    rat, arm, mechanism
        As for `typical_parameters`.
    cohort
        Rats.
    """
    typical, entries = typical_parameters(rat, arm, mechanism=mechanism)
    return individual_parameters(typical, entries=entries, differences=cohort.of(typical._fields))


def build_problem(
    parameters: Sequence[Floats] | Floats,
    schedules: Sequence[Sequence[Event]],
    *,
    until: int,
    record: Sequence[Quantity],
    reducers: Sequence[Reducer] = (),
    follows: npt.NDArray[np.int64] | None = None,
    harvested: Mapping[Harvest, Floats] | None = None,
    relative_tolerance: float = RELATIVE_TOLERANCE,
    initial: Floats | None = None,
    system: System = SYSTEM,
) -> Problem:
    """Build the problem for rats, one row each.

    Parameters
    ----------
    parameters
        Parameters of each row.
    schedules
        Schedules of events.
    until
        Last recorded day.
    record, reducers
        Quantities recorded daily, and summary numbers.
    follows
        Index of the schedule of each row; by default row i has schedule i.
    harvested
        Cells harvested for each row.
    relative_tolerance
        Relative tolerance of each step.
    initial
        Initial states of each row; by default healthy.
    system
        Equations, with the drugs that are given.
    """
    matrix = np.asarray(parameters)
    chosen = np.arange(len(matrix)) if follows is None else follows
    return Problem(
        system=system,
        parameters=matrix,
        initial=healthy(matrix, system) if initial is None else initial,
        events=event_table(schedules, chosen, matrix, harvested or {}, system=system),
        days=np.arange(until + 1.0),
        record=tuple(record),
        reducers=tuple(reducers),
        relative_tolerance=relative_tolerance,
    )


def healthy(parameters: Floats, system: System = SYSTEM) -> Floats:
    """Return the states of healthy rats without a drug, one row each; NaN without a steady state."""
    own = Parameters._make(parameters.T[: len(Parameters._fields)])
    initial = np.zeros((len(parameters), len(system.state._fields)))
    with np.errstate(all="ignore"):
        for place, value in enumerate(initial_state(own)):
            initial[:, place] = value
    # No steady state; the solver reports this for the single rat.
    initial[~np.isfinite(initial).all(axis=1)] = np.nan
    return initial


def event_table(
    schedules: Sequence[Sequence[Event]],
    follows: npt.NDArray[np.int64],
    parameters: Floats,
    harvested: Mapping[Harvest, Floats] = MappingProxyType({}),
    *,
    system: System = SYSTEM,
) -> Events:
    """Return the events of each row.

    Parameters
    ----------
    schedules
        Schedules of events.
    follows
        Index of the schedule of each row.
    parameters
        Parameters of each row, which determine the amount added by a dose.
    harvested
        Cells harvested for each row.
    system
        Equations, which name states and parameters.
    """
    state_of = {name: place for place, name in enumerate(system.state._fields)}
    parameter_of = {name: place for place, name in enumerate(system.parameters._fields)}
    shape = (len(parameters), max(map(len, schedules), default=0))
    day, state, amount = np.full(shape, np.inf), np.zeros(shape, dtype=np.int64), np.zeros(shape)
    order = np.argsort(follows, kind="stable")
    ends = np.searchsorted(follows[order], np.arange(len(schedules) + 1))
    for place, events in enumerate(schedules):
        rows = order[ends[place] : ends[place + 1]]
        day[rows, : len(events)] = [event.day for event in events]
        state[rows, : len(events)] = [state_of[event.state] for event in events]
        for column, event in enumerate(events):
            factor = parameters[rows, parameter_of[event.factor]] if event.factor else 1.0
            divisor = parameters[rows, parameter_of[event.divisor]] if event.divisor else 1.0
            amount[rows, column] = event.amount * factor / divisor
            if event.harvest is not None:
                amount[rows, column] *= harvested[event.harvest][rows]
    return Events(day, state, amount)


@dataclass(frozen=True)
class Readings:
    """Observations of rats, one row each.

    Attributes
    ----------
    score
        Daily score as if no rat died, shape (rows, days).
    death_day
        First day on which the rat is dead; infinity for a survivor.
    """

    score: Floats
    death_day: Floats


def read(
    severe: Floats, death_hazard: Floats, parameters: Floats, *, observer: Floats, death: Floats
) -> Readings:
    """Compute scores and deaths from recorded quantities.

    Parameters
    ----------
    severe
        Latent severity, shape (rows, days), or (rows, 1, days) where several observers see each rat; NaN in
        the rows of rats that failed.
    death_hazard
        Cumulative hazard of death, of the same shape.
    parameters
        Shape (rows, parameters).
    observer
        Standard normal errors, shape (rows, days) or (rows, observers, days).
    death
        Cumulative hazard at which each row dies, shape (rows,) or (rows, observers).
    """
    own = Parameters._make(
        parameters.T[: len(Parameters._fields)].reshape(-1, len(parameters), *[1] * (severe.ndim - 1))
    )
    lost = np.isnan(severe)
    is_lost = bool(lost.any())
    with np.errstate(over="ignore"):  # overflowing noise is above every threshold, or below
        read_as = daily_score(np.where(lost, 0.0, severe) if is_lost else severe, observer, own, one=_ONE)
    score = np.where(lost, np.nan, read_as) if is_lost else read_as.astype(np.float64)
    dead = death_hazard > death[..., None]
    return Readings(score, np.where(dead.any(axis=-1), dead.argmax(axis=-1), np.inf))
