"""IgG in plasma under repeated infusions, in the patients of a trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.humankinetics import igg_rise
from eaesim.model import Parameters
from eaesim.protocol import Arm
from eaesim.questions.trial.relapsing import regimen
from eaesim.study.patients import VEHICLE, Patients, parameters_of

# Patients whose IgG is computed: their mean is known to about 3 %. IgG is steady after so many days.
_PATIENTS, _STEADY = 200, 364
_READINGS = 29


class Exposure(NamedTuple):
    """IgG above the patient's own, means over patients, mg/mL.

    Attributes
    ----------
    mean
        Over the last interval between two infusions.
    trough
        Before an infusion.
    """

    mean: float
    trough: float


def individuals(patients: Patients) -> Parameters:
    """Return the parameters of the first patients, an array for each."""
    number = patients.number[:_PATIENTS]
    values = parameters_of(patients.subjects, number, VEHICLE, mechanism="none", seed=patients.seed)
    columns: list[Floats] = list(np.ascontiguousarray(values.T[: len(Parameters._fields)]))
    return Parameters(*columns)  # type: ignore[arg-type]


def exposure(persons: Parameters, amount: float, interval: float, until: int) -> Exposure:
    """Return the rise of IgG once it is steady.

    Parameters
    ----------
    persons
        Parameters of patients.
    amount, interval
        Of the infusions: g/kg, and days between two.
    until
        Last day of the trial.

    Examples
    --------
    >>> from eaesim.estimation.humankinetics import human_entries
    >>> person = Parameters(**{name: entry.value for name, entry in human_entries().items()})
    >>> found = exposure(person, 0.2, 28, 730)
    >>> 0 < found.trough < found.mean < 5
    True
    """
    days = min(until, _STEADY)
    given = regimen(amount, interval, days)
    last = (given.doses - 1) * interval or float(days)
    readings = np.linspace(max(last - interval, 0.0), last, _READINGS)
    if not amount:
        return Exposure(0.0, 0.0)
    rise = igg_rise(persons, given.text(), readings.tolist())
    return Exposure(
        float(np.trapezoid(rise, readings, axis=1).mean() / np.ptp(readings)), float(rise[:, -1].mean())
    )


def arm(name: str, amount: float, interval: float, until: int) -> Arm:
    """Return the arm of repeated infusions."""
    return Arm(name, regimen(amount, interval, until).at(day=0))
