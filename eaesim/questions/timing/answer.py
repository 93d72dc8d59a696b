"""The main job: the effect of one dose of IVIG against the day it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import NO_MEMBER_ESTIMATE, Floats, member_effect
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.living import living
from eaesim.errors import NothingComputedError
from eaesim.evidence.setting import is_prediction
from eaesim.model import Rat
from eaesim.model.patient import patient_names
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.questions.timing.panel import CALIBRATED, ENDPOINTS_AROUND, Panel
from eaesim.questions.timing.plan import (
    NOT_INDUCED,
    TimingPlan,
    adjuvants,
    arm_name,
    control_name,
)
from eaesim.questions.timing.plan import (
    plan_timing as plan,
)
from eaesim.questions.timing.request import TimingRequest
from eaesim.questions.timing.result import DRAWN, ArmCourse, Draws, Timing
from eaesim.solver import Effort, Progress
from eaesim.study import Result, Subjects
from eaesim.workbench.answer import Row
from eaesim.workbench.madestudy import RELAPSE_DAY, UNTIL
from eaesim.workbench.request import asks
from eaesim.workbench.runstudy import run_study

if TYPE_CHECKING:
    from eaesim.questions.timing.attack.answer import PatientTiming

__all__ = ["RELAPSE_DAY", "UNTIL", "Panel", "Timing", "TimingRequest", "answer", "plan", "timing"]


def answer(plan: TimingPlan, effort: Effort) -> Timing:
    """Run every study, and read the effects from it.

    Raises
    ------
    NothingComputedError
        If no rat is left in any treated arm.
    """
    asked, progress, before = plan.request, effort.progress, 0
    names = tuple(dict.fromkeys(find_endpoint(name).name for name in asked.endpoints))
    panels: list[Panel] = []
    rows: list[Row] = []
    reasons: list[str] = []
    draws: Draws = {}

    def part(before: int) -> Progress | None:
        return progress and (lambda done, _: progress(before + done, plan.runs))

    for (around, _), by_mechanism in plan.studies.items():
        results: dict[str, Result] = {}
        read = names if around == "relapse" else (*names, CALIBRATED)
        for name, study in by_mechanism.items():
            subjects = Subjects(asked.animals, asked.seed, plan.members(study.rat), asked.dead)
            results[name] = run_study(study, subjects, replace(effort, progress=part(before)))
            before += len(study.design.arms) * asked.animals
            reasons += results[name].failures()
        for adjuvant in adjuvants(around):
            own = {name: _panel(result, around, adjuvant, asked.drug) for name, result in results.items()}
            panels.append(next(iter(own.values())))
            for name, panel in own.items():
                for dose in asked.given(name):
                    for day, setting in panel.settings(asked.days, dose=dose.amount).items():
                        found = _effects(results[name], panel, (name, dose.text(), day), draws, read)
                        rows += [
                            row | {"prediction": panel.drug != STUDIED_DRUG or is_prediction(setting)}
                            for row in found
                        ]
    if reasons and not any(row["animals"] for row in rows):
        raise NothingComputedError(f"no rat is left in any treated arm; the first failed: {reasons[0]}.")
    import pandas as pd

    courses = _courses(plan, replace(effort, progress=part(before)))
    return Timing(pd.DataFrame(rows), tuple(panels), asked.animals, asked.seed, asked.dead, draws, courses)


def _courses(plan: TimingPlan, effort: Effort) -> tuple[ArmCourse, ...]:
    """Run the arms whose courses are shown."""
    study = plan.courses
    if study is None:
        return ()
    animals = plan.course_animals
    subjects = Subjects(animals, plan.request.seed, min(plan.members(study.rat), animals))
    result = run_study(study, subjects, effort, record=(), courses=True)
    scores, deaths = result.simulation.score, result.simulation.death_day
    doses = ((), *((day,) for day in plan.course_days))
    return tuple(
        ArmCourse(name, result.days, days, living(score, death))
        for name, days, score, death in zip(result.arms, doses, scores, deaths, strict=True)
    )


def _of_patient(given: Rat | str | None) -> Callable[..., PatientTiming] | None:
    """Return the question about a patient, where its name is given."""
    if not isinstance(given, str) or given not in patient_names():
        return None
    from eaesim.questions.timing.attack.answer import timing_patient

    return timing_patient


@asks(TimingRequest, others=_of_patient)
def timing(rat: Rat | str | None, request: TimingRequest) -> Timing:
    """Simulate the effect of one dose against dosing day.

    A relapse is induced on day 35, once without and once with complete adjuvant; its effects are on the
    excess over the same rats not induced. Effects have 95 % intervals from a paired bootstrap over rats; of
    an ensemble, over parameter sets and rats, and beside them those of the rats alone.

    Parameters
    ----------
    rat
        A `Rat`, the name of one, or the folder of a fit; None is ``lewis`` around immunisation and ``da``
        around relapse, and with both also ``da`` around immunisation: findings stand beside their own strain.

    Raises
    ------
    EaesimError
        If a name, dose or day is not allowed.

    Examples
    --------
    >>> result = timing("lewis", induction="immunisation", days=[0, 7], animals=3)
    >>> [float(effect) > 0.15 for effect in result.rows(result.panels[0])["effect"]]
    [True, False]
    """
    return answer(plan(rat, request), request.effort)


def _panel(result: Result, around: str, adjuvant: str, drug: str) -> Panel:
    control = control_name(adjuvant)
    if around == "immunisation":
        onset, (peak, _) = result.endpoint(control, "onset_day"), result.pair(control, control, "peak_score")
    else:
        onset = result.relapse_days(control) - RELAPSE_DAY
        peak, _, _ = _excess(result, control, control, "relapse_peak_score")
    return Panel(
        result.rat,
        around,
        adjuvant,
        onset=_mean(onset),
        control=_mean(peak),
        members=result.members,
        drug=drug,
    )


def _excess(
    result: Result, arm: str, control: str, endpoint: str
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Return treated and control in excess of the same rats not induced, where all three have a value."""
    treated, untreated, spontaneous = (
        np.where(result.has_failed(name), np.nan, result.endpoint(name, endpoint, since=RELAPSE_DAY))
        for name in (arm, control, NOT_INDUCED)
    )
    kept = ~np.isnan(treated + untreated + spontaneous) & ~result.dead_before(RELAPSE_DAY)
    return (treated - spontaneous)[kept], (untreated - spontaneous)[kept], result.member[kept]


def _effects(
    result: Result, panel: Panel, given: tuple[str, str, float], draws: Draws, names: Sequence[str]
) -> list[Row]:
    """Return a row an endpoint, and put beside the others what the parameter sets' own effects may be.

    `given` is the mechanism, the dose and the day, `names` are endpoints beside the usual ones.
    """
    arm, control = arm_name(panel.adjuvant, *given), control_name(panel.adjuvant)
    arms = (arm, control, NOT_INDUCED) if panel.relapse else (arm, control)
    failed = int(np.any([result.has_failed(name) for name in arms], axis=0).sum())
    rows = []
    for endpoint in dict.fromkeys((*ENDPOINTS_AROUND[panel.around], *names)):
        if panel.relapse:
            treated, untreated, member = _excess(result, arm, control, endpoint)
        else:
            treated, untreated = result.pair(arm, control, endpoint)
            member = result.pair_member(arm, control, endpoint)
        found = NO_MEMBER_ESTIMATE
        if not panel.empty:
            found = member_effect(treated, untreated, member=member, seed=result.seed)
        mechanism, dose, day = given
        row: Row = {
            "rat": panel.rat.name,
            "mechanism": mechanism,
            "around": panel.around,
            "adjuvant": panel.adjuvant,
            "dose": dose,
            "day": day,
            "endpoint": endpoint,
            "treated": _mean(treated),
            "control": _mean(untreated),
            "effect": found.value,
            "effect_low": found.low,
            "effect_high": found.high,
            "animal_low": found.animal_low,
            "animal_high": found.animal_high,
            "animals": int((~np.isnan(treated)).sum()),
            "failed": failed,
        }
        rows.append(row)
        if not panel.empty:
            draws[tuple(row[name] for name in DRAWN)] = found.draws
    return rows


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
