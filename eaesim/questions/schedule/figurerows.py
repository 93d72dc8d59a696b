"""Rows of the schedule figure: the doses of a schedule, and the estimates that are drawn of it."""

from __future__ import annotations

import numpy as np

from eaesim.endpoints import Estimate, Floats, MemberEstimate, member_effect, member_mean
from eaesim.model.pharmacy import load_drug
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.quantity import dose_text
from eaesim.protocol.regimen import DoseLine
from eaesim.questions.schedule.answer import Schedules
from eaesim.study import Result
from eaesim.workbench.figure.endpointwords import effect_words
from eaesim.workbench.figure.forest import Column, ForestRow, Mark, in_percent
from eaesim.workbench.figure.page import IVIG, OTHER_DRUG

RELAPSES = "relapse_incidence"
_NINE_IN_TEN = (0.05, 0.95)
_NO_SPREAD: tuple[float, float] | None = None


def columns_of(result: Schedules) -> tuple[Column, ...]:
    """Return the axes: the endpoint that is ranked by, relapses where there are any, the living, the dead."""
    died = 100 * float(np.nanmean(result.plain.endpoint(result.control, "mortality")))
    return (
        Column(effect_words(result.plan.endpoint, dead=result.plain.dead)),
        *([Column(effect_words(RELAPSES, dead=""))] if _has_relapses(result) else []),
        Column("mean score while alive: prevented (%)"),
        Column("rats that died (%)", "share", reference=died, label=f"{result.control} {died:.0f}"),
    )


def rows_of(result: Schedules, names: list[str]) -> tuple[ForestRow, ...]:
    """Return a row for each schedule."""
    arms = {arm.name: arm for arm in result.plain.design.arms}
    largest: dict[str, float] = {}
    for arm in arms.values():
        for line in arm.regimen.lines:
            largest[line.dose.drug] = max(largest.get(line.dose.drug, 0.0), line.dose.amount)
    return tuple(
        ForestRow(
            name,
            _given(result.plain, arms[name]),
            _marks(result.plain, arms[name], largest),
            _estimates(result, result.plain, name),
            _estimates(result, result.immune, name)
            if result.immune is not None and name in result.immune.arms
            else (),
        )
        for name in names
    )


def living_effect(result: Result, arm: str, control: str) -> MemberEstimate:
    """Return the effect on the mean daily score of a rat while it is alive."""
    treated, untreated = _while_alive(result, arm), _while_alive(result, control)
    kept = ~np.isnan(treated + untreated)
    return member_effect(treated[kept], untreated[kept], member=result.member[kept], seed=result.seed)


def _while_alive(result: Result, arm: str) -> Floats:
    simulation, place = result.simulation, result.place(arm)
    death = simulation.death_day[place][:, None]
    lives = np.arange(simulation.score.shape[2]) < death
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(lives, simulation.score[place], 0.0).sum(axis=1) / lives.sum(axis=1))


def _estimates(result: Schedules, run: Result, name: str) -> tuple[Estimate | None, ...]:
    control = result.control
    died = member_mean(run.endpoint(name, "mortality"), member=run.member, seed=run.seed)
    return (
        in_percent(run.effect(name, control, result.plan.endpoint), members=run.members),
        *(
            [in_percent(run.effect(name, control, RELAPSES), members=run.members)]
            if _has_relapses(result)
            else []
        ),
        in_percent(living_effect(run, name, control), members=run.members),
        in_percent(died, members=run.members),
    )


def _has_relapses(result: Schedules) -> bool:
    return bool(np.nansum(result.plain.endpoint(result.control, RELAPSES)) > 0)


def _marks(result: Result, arm: Arm, largest: dict[str, float]) -> tuple[Mark, ...]:
    marks = []
    for number, line in enumerate(arm.regimen.lines):
        if line.dose.amount <= 0:
            continue
        start, spread = line.day, _NO_SPREAD
        if start is None:
            given = result.simulation.triggered[arm.name, number]
            given = given[~np.isnan(given)]
            if not len(given):
                continue
            start = float(np.median(given))
            early, late = np.quantile(given, _NINE_IN_TEN).tolist()
            spread = (early, late)
        for repeat in range(line.dose.doses):
            day = start + repeat * (line.dose.every or 0.0)
            if day <= result.design.until:
                size = line.dose.amount / largest[line.dose.drug]
                colour = IVIG if line.dose.drug == STUDIED_DRUG else OTHER_DRUG
                marks.append(
                    Mark(day, size, day + line.dose.over, colour, (day, day) if repeat and spread else spread)
                )
    return tuple(marks)


def _given(result: Result, arm: Arm) -> str:
    """Return the doses of an arm in words, with the rats that got those that wait for a sign."""
    words: dict[str, None] = {}
    for line in arm.regimen.lines:
        if line.dose.amount > 0:
            words.setdefault(_line_words(line))
    # Of a dose at every sign, the first is given to the most rats.
    waiting = [result.simulation.triggered[key] for key in result.simulation.triggered if key[0] == arm.name]
    rats = f"; {int((~np.isnan(waiting[0])).sum())} of {len(waiting[0])} rats" if waiting else ""
    return ", ".join(words) + rats


def _line_words(line: DoseLine) -> str:
    times = f"{line.dose.doses} × " if line.dose.doses > 1 else ""
    drug = "" if line.dose.drug == STUDIED_DRUG else f" {load_drug(line.dose.drug).title}"
    return f"{times}{dose_text(line.dose.amount)}{drug}"
