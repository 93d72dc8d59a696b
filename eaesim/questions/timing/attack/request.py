"""Settings of the effect against the dosing day in a patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from eaesim.model.patient import patient_names
from eaesim.protocol.kinds import Count, MaybeCount, count, optional
from eaesim.protocol.settings import Setting
from eaesim.questions.timing.request import TimedDose
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.workbench.dosing import DosingDays, dosing_days
from eaesim.workbench.request import PATIENT_SETS, WorkRequest

DAYS = (-56, -42, -28, -21, -14, -10, -7, -5, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 10, 14, 21, 28)


@dataclass(frozen=True, kw_only=True)
class AttackRequest(TimedDose, WorkRequest):
    """Simulate one dose at different days around the only attack of a patient.

    Every patient has one attack, on day 0, of a size drawn as the patient's attacks are. Writes timing.csv,
    the share of the relapses that is left by dosing day, relapses.csv, when they are seen, and the figure. No
    trial gave one dose at such days: it is a prediction.

    Examples
    --------
    >>> AttackRequest(days=[-28, 0], mechanism="H7").changed()
    {'days': [-28.0, 0.0], 'mechanism': ['H7']}
    """

    table = "attack"
    title = "Effect of IVIG by dosing day in a patient"
    input = "data"
    data_names = staticmethod(patient_names)
    _ONE_ATTACK = "a patient has one attack, on day 0, by which doses are timed"
    refused: ClassVar[Mapping[str, str]] = {
        "rat": "eaesim timing patient is about a patient; for a rat write eaesim timing --rat NAME.",
        "induction": f"{_ONE_ATTACK}; leave it out.",
        "around": f"{_ONE_ATTACK}; leave it out.",
        "animals": "for a patient write {patients}.",
        "dead": "patients do not die in a simulation; leave it out.",
        "endpoints": "of a patient, relapses are read; leave it out.",
        "parameters": "a patient's values are those of its file; leave it out.",
        "accuracy": "relapses are solved as scores are; leave it out.",
    }

    days: DosingDays = Setting(
        dosing_days(),
        tuple(map(float, DAYS)),
        "Dosing days relative to the attack; default: 22 from -56 to 28.",
    )
    patients: MaybeCount = Setting(
        optional(count(20, MOST_ANIMALS)),
        None,
        "Patients of each parameter set, the same for every dosing day; default: 2000, or 400 of each of "
        "several sets.",
    )
    parameter_sets: MaybeCount = PATIENT_SETS
    seed: Count = Setting(count(0, 2**63 - 1), 1, "Random seed of the patients.")
