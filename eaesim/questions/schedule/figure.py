"""The schedule figure: a row for every schedule with its doses and what it does, and plasma IgG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES, Estimate, Floats, MemberEstimate, member_effect, member_mean
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.model.pharmacy import load_drug
from eaesim.proportion import percent
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.quantity import dose_text
from eaesim.protocol.regimen import DoseLine
from eaesim.questions.schedule.answer import Schedules
from eaesim.study import Result
from eaesim.workbench.figure.course import week_ticks
from eaesim.workbench.figure.dosing import is_prediction
from eaesim.workbench.figure.forest import Column, ForestRow, Mark, draw_forest, forest_height, in_percent
from eaesim.workbench.figure.lines import LOOKS, Line, draw_lines, label_lines
from eaesim.workbench.figure.page import (
    DOUBLE,
    HEAD,
    IVIG,
    MARGIN,
    OF_SETS,
    OTHER_DRUG,
    RULE,
    RULES,
    Page,
)
from eaesim.workbench.figure.words import changes_words, effect_words, rat_words, sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More schedules do not fit on a page; more lines of IgG cannot be told apart.
MOST_ROWS, MOST_LINES = 16, 3
# The panel of IgG, in millimetres: beside its axes, its height, below it, and for its labels.
LEFT, TALL, BELOW, LABELS = 12.0, 26.0, 8.0, 45.0
EVENTS = {"immunisation": "immunised", "transfer": "transfer", "relapse": "relapse induced"}
RELAPSES = "relapse_incidence"
_NINE_IN_TEN = (0.05, 0.95)
_NO_SPREAD: tuple[float, float] | None = None


def figure(result: Schedules) -> Figure:
    """Draw schedules below each other.

    Parameters
    ----------
    result
        Of `eaesim.schedule`.

    Returns
    -------
    matplotlib.figure.Figure
        One row per schedule, the strongest first: its doses, its effect on the endpoint that schedules are
        ranked by, on relapses and on the score of the living, and the rats that died; below, the mean plasma
        IgG of up to three schedules.
    """
    names = result.ranked()[:MOST_ROWS]
    columns, rows = columns_of(result), rows_of(result, names)
    width = DOUBLE - 2 * MARGIN
    height = forest_height(rows, columns, width=width)
    drawn = _plasma(result, names)
    below = HEAD + TALL + BELOW + 3.0 if drawn else 0.0
    page, top = Page.around(
        DOUBLE,
        HEAD + height + below,
        title=_title(result),
        footer=_footer(result),
        alt=_alt(result, names),
    )
    who = f"{rat_words(result.plain.rat)}: {len(result.arms)} schedules"
    tag = ": PREDICTION" if is_prediction(result.plain) else ""
    beside = "; hollow dots: with antibodies against IgG (assumed)" if result.immune is not None else ""
    bars = f"bars: {OF_SETS}" if result.plain.members > 1 else "one parameter set"
    page.panel(
        "a" if drawn else "",
        who + tag,
        f"effect against {result.control}; {bars}{beside}",
        left=MARGIN,
        top=top,
        width=width,
    )
    events = {each.day: EVENTS[each.kind] for each in result.plain.design.inductions}
    draw_forest(
        page,
        rows,
        columns,
        days=(min([0.0, *(mark.day for row in rows for mark in row.marks)]), result.plain.design.until),
        events=sorted(events.items()),
        left=MARGIN,
        top=top + HEAD,
        width=width,
    )
    if drawn:
        _draw_plasma(page, result, drawn, top=top + HEAD + height + 3.0)
    return page.figure


def _plasma(result: Schedules, names: list[str]) -> list[str]:
    """Return the strongest schedules that give IVIG in ways of their own."""
    by_dose: dict[tuple[object, ...], str] = {}
    arms = {arm.name: arm for arm in result.plain.design.arms}
    for name in sorted(names, key=lambda each: len(arms[each].regimen.lines)):
        lines = tuple(line for line in arms[name].regimen.lines if line.dose.drug == "ivig")
        if lines and result.given[name, "off"].grams > 0:
            by_dose.setdefault(lines, name)
    return [name for name in names if name in by_dose.values()][:MOST_LINES]


def _draw_plasma(page: Page, result: Schedules, names: list[str], *, top: float) -> None:
    width = DOUBLE - 2 * MARGIN
    subtitle = f"mean over rats; dotted: {result.plan.level:g} mg/mL"
    page.panel("b", "Given IgG in plasma", subtitle, left=MARGIN, top=top, width=width)
    axes = page.axes(left=MARGIN + LEFT, top=top + HEAD, width=width - LEFT - LABELS, height=TALL)
    lines = []
    for name, (colour, dash) in zip(names, LOOKS, strict=False):
        days, values = result.plain.plasma.course(name).course()
        lines.append(Line(days, np.nanmean(values, axis=0), name, colour, dash))
    highest = max(result.plan.level, *(float(np.nanmax(one.up)) for one in lines))
    axes.set_ylim(0, 1.1 * highest)
    ends = min(one.across[0] for one in lines), max(one.across[-1] for one in lines)
    axes.set_xlim(*ends)
    week_ticks(axes, *ends)
    axes.axhline(result.plan.level, color=RULES, linewidth=RULE, linestyle=":")
    axes.set_ylabel("IgG (mg/mL)")
    axes.set_xlabel("day")
    draw_lines(axes, lines)
    label_lines(page, axes, lines, room=LABELS)


def _title(result: Schedules) -> str:
    """Return the finding: the schedule that does most, and whether that is clear."""
    best = result.ranked()[0]
    found = result.effect(best)
    what = find_endpoint(result.plan.endpoint).title
    if found is None or not found.low > 0:
        return f"No schedule clearly lowers the {what}"
    name = " ".join(best.split()[:4]) + (" …" if len(best.split()) > 4 else "")
    return f"{sentence_case(name)} lowers the {what} most, by {percent(found.value)}"


def _alt(result: Schedules, names: list[str]) -> str:
    rows = []
    for name in names:
        found = result.effect(name)
        if found is not None and not np.isnan(found.value):
            rows.append(f"{name} {percent(found.value)}")
    tag = ", a prediction" if is_prediction(result.plain) else ""
    title = find_endpoint(result.plan.endpoint).title
    return f"Forest plot of schedules{tag}. {sentence_case(title)} prevented: {', '.join(rows)}."


def _footer(result: Schedules) -> str:
    plain = result.plain
    sets = f", {plain.members} parameter sets" if plain.members > 1 else ""
    left = len(result.arms) - MOST_ROWS
    parts = [
        f"Model {plain.design.mechanism}, the same {plain.number} rats{sets}, seed {plain.seed}; "
        f"{DEAD_RULES[plain.dead]}.",
        changes_words(plain.rat),
        f"{left} more schedules are in the table." if left > 0 else "",
    ]
    return " ".join(part for part in parts if part)


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
