"""Kinetics of IgG in people, from the rows of table P, by the same equations as in rats."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import pairwise

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import unknown_name
from eaesim.estimation.kinetics import Kinetics, clearance, likely_kinetics, read_rows, tracer_rates
from eaesim.estimation.prior import DATA, SHARED, free_numbers
from eaesim.estimation.target import Target, read_targets
from eaesim.model import Parameter, Parameters, State, load
from eaesim.model.iggkinetics import SHIPPED, igg_kinetics
from eaesim.model.ivig import igg_plasma_change, igg_tissue_change
from eaesim.model.processes import Effects
from eaesim.protocol.dose import parse_dose

#: Table P, and how it is used.
ROWS = DATA / "kinetics_human.toml"
#: Sets that are tried; those that the rows make likely are kept.
TRIED = 200_000
# Longest step of the integration, days: the rates are below 1 per day, and a tenth of it changes no digit.
_STEP = 0.5


def human_entries(kinetics: str = SHIPPED) -> dict[str, Parameter]:
    """Return an entry for every parameter, those of IgG being of people."""
    return {**load("lewis").entries, **igg_kinetics(kinetics).entries}


def human_targets(kinetics: str = SHIPPED) -> tuple[Target, ...]:
    """Return the rows of table P that some kinetics are estimated from.

    Raises
    ------
    UnknownNameError
        If these kinetics are not estimated.

    Examples
    --------
    >>> [row.finding for row in human_targets("together") if row not in human_targets()]
    ['P4']
    """
    rows = _content()["rows"]
    if kinetics not in rows:
        raise unknown_name(kinetics, "kinetics that are estimated", rows)
    return tuple(row for row in _targets() if row.finding.partition(".")[0] in rows[kinetics])


def _content() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(ROWS.read_text(encoding="utf-8"))


@cache
def _targets() -> tuple[Target, ...]:
    return read_targets(ROWS, tables=("P",))[0]


def draw_human_kinetics(count: int, *, seed: int, kinetics: str = SHIPPED) -> Kinetics:
    """Draw the kinetics of IgG in people from their priors, as likely as the rows of table P make them.

    Parameters
    ----------
    count
        Draws.
    seed
        Random seed of the draws.
    kinetics
        ``"volunteers"``, or ``"together"``: volunteers and patients with Guillain-Barré syndrome.

    Raises
    ------
    UnknownNameError
        If these kinetics are not estimated.

    Examples
    --------
    >>> drawn = draw_human_kinetics(50, seed=1)
    >>> half_life = drawn.readings[:, [row.reading for row in drawn.targets].index("half_life")]
    >>> bool(18 < half_life.min() < half_life.max() < 28)
    True
    """
    entries = human_entries()
    free = tuple(free_numbers(_content()["drawn"]["names"], SHARED, entries))
    read = partial(read_human_kinetics, entries)
    return likely_kinetics(free, human_targets(kinetics), read, count, seed=seed, tried=TRIED)


def _reading(parameters: Parameters, target: Target) -> Floats:
    if target.reading in RISES:
        day = RISES[target.reading]
        at = parse_dose(target.experiment).over if day is None else day
        return igg_rise(parameters, target.experiment, [at])[:, 0]
    if target.reading not in READINGS:
        raise unknown_name(target.reading, "reading", [*READINGS, *RISES])
    return READINGS[target.reading](parameters)


#: What each row on people would read, as `eaesim.estimation.kinetics.read_rows` says.
read_human_kinetics = partial(read_rows, _reading)


def igg_rise(parameters: Parameters, dose: str, days: Sequence[float]) -> Floats:
    """Return the given IgG in plasma after a dose on day 0 with its repeats, mg/mL, shape (sets, days).

    The equations are those of the model, integrated by the fourth-order Runge-Kutta method from one end of
    an infusion to the next.

    Parameters
    ----------
    parameters
        Of one person, or with arrays of several sets.
    dose
        Such as ``"0.4 g/kg over 4 h every 1 day x 5"``.
    days
        Days to read, from 0 on; a bolus of that day is in.

    Examples
    --------
    >>> person = Parameters(**{name: entry.value for name, entry in human_entries().items()})
    >>> igg_rise(person, "0.2 g/kg over 4 h", [0, 29]).round().tolist()
    [[0.0, 1.0]]
    """
    given = parse_dose(dose)
    starts = [(given.every or 0.0) * number for number in range(given.doses)]
    rate = given.amount / given.over if given.over else 0.0
    moments = np.unique([0.0, *days, *starts, *(start + given.over for start in starts)])
    # One number for each set, whichever of the parameters hold several.
    none = 0.0 * np.atleast_1d(tracer_rates(parameters)[0])
    plasma, tissue = none, none
    seen = dict[float, Floats]()
    for first, last in pairwise(moments):
        if not given.over and first in starts:
            plasma = plasma + given.amount / parameters.igg_volume_plasma
        seen[first] = plasma
        running = sum(start <= first and last <= start + given.over for start in starts)
        plasma, tissue = _integrated(parameters, plasma, tissue, rate * running, last - first)
        seen[last] = plasma
    return np.column_stack([seen[day] for day in np.asarray(days, dtype=float)])


def _integrated(
    parameters: Parameters, plasma: Floats, tissue: Floats, rate: float, time: float
) -> tuple[Floats, Floats]:
    """Return plasma and tissue IgG after some days at a constant rate of infusion."""
    steps = int(np.ceil(time / _STEP))
    step = time / steps
    state = State(**dict.fromkeys(State._fields, 0.0))._replace(igg_infusion=rate)

    def change(now: Floats) -> Floats:
        here = state._replace(igg_plasma=now[0], igg_tissue=now[1])
        return np.array([igg_plasma_change(here, parameters, Effects()), igg_tissue_change(here, parameters)])

    now = np.array([plasma, tissue])
    for _ in range(steps):
        first = change(now)
        second = change(now + step / 2 * first)
        third = change(now + step / 2 * second)
        fourth = change(now + step * third)
        now = now + step / 6 * (first + 2 * second + 2 * third + fourth)
    return now[0], now[1]


#: Rises after the dose of a row, by day; None is the end of the infusion.
RISES: dict[str, float | None] = {"rise_at_end": None, "rise_on_day_14": 14.0, "rise_on_day_29": 29.0}
#: Readings without a dose.
READINGS: dict[str, Callable[[Parameters], Floats]] = {
    "own": lambda parameters: np.asarray(parameters.igg_endogenous),
    "half_life": lambda parameters: np.log(2) / tracer_rates(parameters)[0],
    "clearance": clearance,
    "volume": lambda parameters: np.asarray(parameters.igg_volume_plasma + parameters.igg_volume_tissue),
    "uptake_over_loss": lambda parameters: np.asarray(
        parameters.igg_uptake * parameters.igg_volume_plasma / clearance(parameters)
    ),
}
