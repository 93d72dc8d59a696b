"""A dose repeated until the relapse comes: what is left of its effect in each phase between two doses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eaesim.endpoints import MemberEstimate, member_effect
from eaesim.model import Rat
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Regimen, Relapse
from eaesim.protocol.dose import parse_dose
from eaesim.questions.schedule.mistiming.request import MistimingRequest
from eaesim.questions.timing.answer import RELAPSE_DAY, UNTIL
from eaesim.solver import Effort
from eaesim.study import Result, Study, Subjects
from eaesim.workbench.runstudy import run_study

#: Doses begin so many days before the relapse is induced, and continue so many after it.
BEFORE, AFTER = 28.0, 14.0
#: Where between two doses the relapse begins, as a share of the interval.
PHASES = (0.0, 0.25, 0.5, 0.75)
ENDPOINT = "relapse_peak_score"
_INDUCED, _NOT = "induced", "not induced"


@dataclass(frozen=True)
class Maintenance:
    """What a repeated dose does.

    Attributes
    ----------
    interval
        Days between two doses.
    phase
        Days from the last dose to the induction.
    effect
        On the excess over rats that were given the same and not induced.
    doses
        In 28 days.
    """

    interval: float
    phase: float
    effect: MemberEstimate
    doses: float


def repeated(dose: Bolus | Infusion, *, interval: float, phase: float) -> Regimen:
    """Return a dose every so many days, the last before the induction `phase` days before it.

    Examples
    --------
    >>> days = [line.day for line in repeated(Bolus("1 g/kg"), interval=14, phase=7).lines]
    >>> [float(day) for day in days]
    [14.0, 28.0, 42.0]
    """
    last = RELAPSE_DAY - phase
    first = last - interval * np.floor((last - (RELAPSE_DAY - BEFORE)) / interval + 1e-9)
    days = np.arange(first, RELAPSE_DAY + AFTER + 1e-9, interval)
    return sum((dose.at(day=float(day)) for day in days), Regimen())


def run_maintenance(rat: Rat, asked: MistimingRequest, effort: Effort) -> list[Maintenance]:
    """Run a dose at every interval and phase, in rats whose relapse is induced and in the same without."""
    dose, first = parse_dose(asked.dose), Immunisation(day=0)
    starts = {_INDUCED: (first, Relapse(RELAPSE_DAY, adjuvant=asked.adjuvant)), _NOT: (first,)}
    settings = [(interval, share * interval) for interval in asked.intervals for share in PHASES]
    arms = [Arm(name, inductions=inductions) for name, inductions in starts.items()]
    arms += [
        Arm(
            _name(name, interval, phase),
            repeated(dose, interval=interval, phase=phase),
            inductions=inductions,
        )
        for interval, phase in settings
        for name, inductions in starts.items()
    ]
    study = Study(rat, until=UNTIL["relapse"], arms=arms, mechanism=asked.mechanism, control=_INDUCED)
    result = run_study(study, Subjects(asked.animals, asked.seed, asked.parameter_sets), effort)
    return [
        Maintenance(interval, phase, _effect(result, interval, phase), BEFORE / interval)
        for interval, phase in settings
    ]


def _name(start: str, interval: float, phase: float) -> str:
    return f"{start}, every {interval:g} days, {phase:g} days before"


def _effect(result: Result, interval: float, phase: float) -> MemberEstimate:
    names = (_name(_INDUCED, interval, phase), _name(_NOT, interval, phase), _INDUCED, _NOT)
    treated, treated_not, control, control_not = (
        np.where(result.has_failed(name), np.nan, result.endpoint(name, ENDPOINT, since=RELAPSE_DAY))
        for name in names
    )
    kept = ~np.isnan(treated + treated_not + control + control_not) & ~result.dead_before(RELAPSE_DAY)
    return member_effect(
        (treated - treated_not)[kept],
        (control - control_not)[kept],
        member=result.member[kept],
        seed=result.seed,
    )
