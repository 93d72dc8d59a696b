"""Dosing days of the rats of an arm, as shown in a figure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.evidence.setting import tested
from eaesim.protocol import Arm, Relapse
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.regimen import DoseLine
from eaesim.protocol.trigger import Trigger
from eaesim.study import Result, Study


@dataclass(frozen=True)
class Dosing:
    """One line of doses of an arm.

    Attributes
    ----------
    days
        When each is given; triggered ones from the median day of the rats that got them on.
    over
        How long each takes, in days; 0 for a bolus.
    note
        Trigger of a triggered dose, the days of 95 % of its rats, and their number; "" for others.
    share
        Amount, as a share of the largest dose of the same drug in the study.
    early, late
        Days from the median to both ends of those of 95 % of the rats; 0 for a dose on a fixed day.
    """

    days: tuple[float, ...]
    over: float = 0.0
    note: str = ""
    share: float = 1.0
    early: float = 0.0
    late: float = 0.0


def dosings(result: Result, arm: Arm) -> tuple[Dosing, ...]:
    """Return the doses of the rats of an arm; doses of 0 are left out."""
    lines = [line.dose for each in result.design.arms for line in each.regimen.lines]
    return tuple(
        replace(
            _dosing(line, result.simulation.triggered.get((arm.name, place))),
            share=line.dose.amount / max(one.amount for one in lines if one.drug == line.dose.drug),
        )
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
    sign = _sign(line.trigger)
    sign = f"{line.after:g} d after {sign}" if line.after else f"at {sign}"
    if len(given) == 0:
        return Dosing((), line.dose.over, f"{sign}: no rat")
    low, start, high = (float(day) for day in np.quantile(given, (0.025, 0.5, 0.975), method="inverted_cdf"))
    span = f"{low:g}" if low == high else f"{low:g}\u2013{high:g}"
    return Dosing(
        tuple(start + offset for offset in offsets),
        line.dose.over,
        f"{sign}: day {span}, {len(given)} of {len(days)}",
        early=start - low,
        late=high - start,
    )


def _sign(trigger: Trigger) -> str:
    if trigger.kind == "relapse":
        return "relapse" if trigger.number == 1 else f"relapse {trigger.number}"
    return "first signs" if trigger.threshold <= 1 else f"score {trigger.threshold:g}"
