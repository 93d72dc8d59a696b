"""Dosing days of the rats of an arm, as shown in a figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eaesim.endpoints import Floats
from eaesim.evidence.setting import tested
from eaesim.protocol import Arm, Relapse
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.regimen import DoseLine
from eaesim.study import Result, Study


@dataclass(frozen=True)
class Dosing:
    """One line of doses of an arm.

    Attributes
    ----------
    days
        When each is given; triggered ones from the mean day of the rats that got them on.
    over
        How long each takes, in days; 0 for a bolus.
    note
        Trigger of a triggered dose, and how many rats got it; "" for others.
    """

    days: tuple[float, ...]
    over: float
    note: str = ""


def dosings(result: Result, arm: Arm) -> tuple[Dosing, ...]:
    """Return the doses of the rats of an arm; doses of 0 are left out."""
    return tuple(
        _dosing(line, result.simulation.triggered.get((arm.name, place)))
        for place, line in enumerate(arm.regimen.lines)
        if line.dose.amount > 0
    )


def is_prediction(study: Result | Study) -> bool:
    """Say whether an arm gives IVIG to rats in which a relapse is induced, as no experiment found did."""
    return any(
        any(line.dose.drug == STUDIED_DRUG and line.dose.amount > 0 for line in arm.regimen.lines)
        and not tested(induction="relapse", adjuvant=induction.adjuvant, strain=study.rat.strain)
        for arm in study.design.arms
        for induction in study.design.inductions_of(arm)
        if isinstance(induction, Relapse)
    )


def _dosing(line: DoseLine, days: Floats | None) -> Dosing:
    offsets = [repeat * (line.dose.every or 0.0) for repeat in range(line.dose.doses)]
    if line.trigger is None or days is None:
        start = line.day or 0.0
        return Dosing(tuple(start + offset for offset in offsets), line.dose.over)
    given = days[~np.isnan(days)]
    sign = f"{line.after:g} d after {line.trigger.kind}" if line.after else f"at {line.trigger.kind}"
    if len(given) == 0:
        return Dosing((), line.dose.over, f"{sign}: no rat")
    start = float(given.mean())
    note = f"{sign}: mean day {start:.1f}, {len(given)} of {len(days)} rats"
    return Dosing(tuple(start + offset for offset in offsets), line.dose.over, note)
