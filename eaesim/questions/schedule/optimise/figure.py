"""The figures of the best schedule: beside plain ones, how flat it is, other totals, and the front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Estimate, endpoint
from eaesim.evidence.setting import arm_setting, is_prediction
from eaesim.proportion import percent
from eaesim.protocol.quantity import dose_text, number_text
from eaesim.questions.schedule.optimise.front import DOSES, TOTAL
from eaesim.questions.schedule.optimise.limits import Schedule
from eaesim.questions.schedule.optimise.result import AS_GOOD, BEST, OptimumResult
from eaesim.workbench.figure.course import week_ticks
from eaesim.workbench.figure.forest import (
    Column,
    ForestRow,
    Mark,
    draw_forest,
    forest_height,
    in_percent,
)
from eaesim.workbench.figure.lines import LOOKS, Line, draw_lines, label_lines
from eaesim.workbench.figure.marks import write_beside
from eaesim.workbench.figure.page import (
    DOUBLE,
    HEAD,
    INK,
    MARGIN,
    OF_SETS,
    RULE,
    RULES,
    SECOND,
    Page,
)
from eaesim.workbench.figure.words import acting_words, changes_words, effect_words, rat_words, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# More doses than looks cannot be told apart.
MOST_DOSES = len(LOOKS)
# The lower panels, in millimetres: beside their axes, their width and height, for labels, below.
LEFT, WIDE, TALL, LABELS, BELOW = 14.0, 56.0, 32.0, 30.0, 9.0
EVENTS = {"immunisation": "immunised", "transfer": "transfer", "relapse": "relapse induced"}
_LEFT, _WIDE, _TALL, _BELOW = 15.0, 62.0, 38.0, 10.0


def figure(found: OptimumResult) -> Figure:
    """Draw the best schedule next to plain ones, and how much each day matters.

    Parameters
    ----------
    found
        Of `eaesim.optimise`.

    Returns
    -------
    matplotlib.figure.Figure
        One row per schedule, with its doses, its effect on fresh rats, and how far it is behind the best;
        below, the effect when one dose is moved, and with budgets the best effect against the total.
    """
    names = sorted([BEST, *found.plain], key=lambda name: -np.nan_to_num(found.effect(name).value, nan=-9.0))
    columns, rows = _columns(found), [_row(found, name) for name in names]
    width = DOUBLE - 2 * MARGIN
    height = forest_height(rows, columns, width=width)
    has_doses = bool(found.best)
    body = HEAD + height + (3.0 + HEAD + TALL + BELOW if has_doses else 0.0)
    page, top = Page.around(DOUBLE, body, title=_title(found), footer=_footer(found), alt=_alt(found))
    limits, result = found.evaluation.limits, found.result
    tag = ": PREDICTION" if _is_prediction(found) else ""
    who = f"{rat_words(result.rat)}: {limits.total / 1000:g} g/kg in at most {limits.doses} doses{tag}"
    bars = f"bars: {OF_SETS}" if result.members > 1 else "one parameter set"
    said = f"{result.number} fresh rats; {bars}; grey: within {100 * AS_GOOD:.0f} points of the best"
    page.panel("a" if has_doses else "", who, said, left=MARGIN, top=top, width=width)
    draw_forest(
        page,
        rows,
        columns,
        days=(limits.earliest, limits.latest),
        events=[
            (each.day, EVENTS[each.kind])
            for each in result.design.inductions
            if limits.earliest <= each.day <= limits.latest
        ],
        left=MARGIN,
        top=top + HEAD,
        width=width,
    )
    if has_doses:
        _draw_flatness(page, found, top=top + HEAD + height + 3.0)
        if len(found.front) > 1:
            _draw_front(page, found, top=top + HEAD + height + 3.0)
    return page.figure


def _is_prediction(found: OptimumResult) -> bool:
    """Return whether no experiment gave the best: any of several doses, or a day that none tested."""
    design, strain = found.result.design, found.result.rat.strain
    arm = next((arm for arm in design.arms if arm.name == BEST), None)
    return (
        len(found.best) != 1 or arm is None or is_prediction(arm_setting(arm, design=design, strain=strain))
    )


def _columns(found: OptimumResult) -> tuple[Column, Column]:
    best = 100 * found.effect().value
    title = endpoint(found.evaluation.endpoint).title
    zone = (best - 100 * AS_GOOD, best) if np.isfinite(best) else None
    return (
        Column(effect_words(found.evaluation.endpoint, dead=found.result.dead), zone=zone),
        Column(f"{title} beyond that of the best", "difference"),
    )


def _row(found: OptimumResult, name: str) -> ForestRow:
    effect, behind, members = found.effect(name), found.beside_plain(name), found.result.members
    ends = (behind.low, behind.high) if members > 1 else (np.nan, np.nan)
    schedule = found.best if name == BEST else found.plain[name]
    largest = max((dose.amount for each in (found.best, *found.plain.values()) for dose in each), default=1.0)
    return ForestRow(
        name,
        doses_words(schedule),
        tuple(Mark(dose.day, dose.amount / largest, dose.day) for dose in schedule),
        (in_percent(effect, members=members), None if name == BEST else Estimate(behind.value, *ends)),
    )


def doses_words(schedule: Schedule) -> str:
    """Return the amounts of a schedule, equal ones once.

    Examples
    --------
    >>> from eaesim.questions.schedule.optimise.limits import Planned
    >>> doses_words((Planned(0.0, 600.0), Planned(1.0, 600.0)))
    '2 × 0.6 g/kg'
    >>> doses_words((Planned(0.0, 1750.0), Planned(1.0, 1250.0)))
    '1.75 g/kg on day 0, 1.25 g/kg on day 1'
    """
    amounts = {dose.amount for dose in schedule}
    if len(amounts) == 1 and len(schedule) > 1:
        return f"{len(schedule)} × {dose_text(schedule[0].amount)}"
    return ", ".join(f"{dose_text(dose.amount)} on day {number_text(dose.day)}" for dose in schedule)


def _draw_flatness(page: Page, found: OptimumResult, *, top: float) -> None:
    """Draw the effect by the day to which one of the largest doses is moved."""
    page.panel("b", "One dose of the best moved", "the others kept", left=MARGIN, top=top, width=86)
    axes = page.axes(left=MARGIN + LEFT, top=top + HEAD, width=WIDE - 14, height=TALL)
    largest = sorted(range(len(found.best)), key=lambda place: -found.best[place].amount)[:MOST_DOSES]
    lines = []
    for place, (colour, dash) in zip(sorted(largest), LOOKS, strict=False):
        dose = found.best[place]
        moved = {
            value: effect
            for number, what, value, effect in found.flat.values()
            if number == place and what == "day"
        } | {dose.day: found.reached}
        days = np.array(sorted(moved))
        label = f"{dose_text(dose.amount)} of day {number_text(dose.day)}"
        lines.append(Line(days, 100 * np.array([moved[day] for day in days]), label, colour, dash))
    _frame(axes, lines, found)
    limits = found.evaluation.limits
    space = 0.03 * (limits.latest - limits.earliest) or 0.5
    axes.set_xlim(limits.earliest - space, limits.latest + space)
    week_ticks(axes, limits.earliest, limits.latest)
    axes.set_xlabel("day to which it is moved")
    draw_lines(axes, lines)
    label_lines(page, axes, lines, room=LABELS)


def _draw_front(page: Page, found: OptimumResult, *, top: float) -> None:
    left = MARGIN + LEFT + WIDE + LABELS - 6
    page.panel("c", "A smaller total dose", "the best schedule for each total", left=left, top=top, width=70)
    axes = page.axes(left=left + LEFT, top=top + HEAD, width=WIDE, height=TALL)
    totals = np.array([each.total / 1000 for each in found.front])
    lines = [Line(totals, 100 * np.array([each.effect for each in found.front]), mark="o")]
    _frame(axes, lines, found)
    axes.set_xlim(0, 1.05 * totals.max())
    axes.set_xlabel("total dose (g/kg)")
    draw_lines(axes, lines)
    for total, effect in zip(totals, lines[0].up, strict=True):
        write_beside(axes, f"{effect:.0f}", (total, effect), (0, -5), ha="center", va="top")


def _frame(axes: Axes, lines: list[Line], found: OptimumResult) -> None:
    lowest = min(float(np.nanmin(one.up)) for one in lines)
    axes.set_ylim(min(-4.0, 25 * np.floor(lowest / 25)) if lowest < 0 else -4.0, 104)
    axes.axhline(0, color=RULES, linewidth=RULE, zorder=1)
    robust = found.evaluation.robust
    name = effect_words(found.evaluation.endpoint, dead="").replace(" prevented", "\nprevented")
    axes.set_ylabel(name if robust == "mean" else f"{name}, {robust}")


def _title(found: OptimumResult) -> str:
    """Return the finding: how much the best prevents, and whether a plain schedule does as well."""
    best, what = found.effect(), endpoint(found.evaluation.endpoint).title
    if not found.best or not best.low > 0:
        return f"No schedule within these limits clearly lowers the {what}"
    plain = max(found.plain, key=lambda name: np.nan_to_num(found.effect(name).value, nan=-9.0))
    both = f"{percent(found.effect(plain).value)} against {percent(best.value)}"
    if not found.beside_plain(plain).low > 0:
        return f"{sentence_case(plain)} does as well as the best: {both}"
    return f"The best found beats {plain}: {percent(best.value)} against {percent(found.effect(plain).value)}"


def _alt(found: OptimumResult) -> str:
    rows = [f"{name} {percent(found.effect(name).value)}" for name in (BEST, *found.plain)]
    tag = ", a prediction" if _is_prediction(found) else ""
    what = effect_words(found.evaluation.endpoint, dead="").removesuffix(" (%)")
    return f"Forest plot of schedules{tag}. {sentence_case(what)}: {', '.join(rows)}."


def _footer(found: OptimumResult) -> str:
    result, limits = found.result, found.evaluation.limits
    sets = f", {result.members} parameter sets" if result.members > 1 else ""
    parts = [
        f"{sentence_case(acting_words(result.design))}, {result.number} fresh rats{sets}, "
        f"seed {result.seed}; at once at most {dose_text(min(limits.most, limits.total))}.",
        f"Plasma IgG at most {limits.ceiling:g} mg/mL." if np.isfinite(limits.ceiling) else "",
        changes_words(result.rat),
    ]
    return " ".join(part for part in parts if part)


def front_figure(found: OptimumResult) -> Figure:
    """Draw the best effect for less in all, and for fewer doses, each with its interval."""
    result, limits = found.result, found.evaluation.limits
    page, top = Page.around(
        DOUBLE,
        HEAD + _TALL + _BELOW,
        title=_front_title(found),
        footer=(
            f"{sentence_case(acting_words(result.design))}; {result.number} fresh rats, seed {result.seed}; "
            f"bars: {OF_SETS if result.members > 1 else '95 % of resamples of rats'}. A prediction."
        ),
        alt=f"The front of the effect against the total and the number of doses. {_front_title(found)}.",
    )
    panels = (
        (TOTAL, "Less in all", "total (mg/kg)", 1.06 * limits.total),
        (DOSES, "Fewer doses", "most doses", limits.doses + 0.5),
    )
    for place, (along, title, label, end) in enumerate(panels):
        left = MARGIN + place * (_LEFT + _WIDE + 8.0)
        page.panel("ab"[place], title, rat_words(result.rat), left=left, top=top, width=_LEFT + _WIDE)
        axes = page.axes(left=left + _LEFT, top=top + HEAD, width=_WIDE, height=_TALL)
        points = [one for one in found.price if one.along == along]
        effects = [found.price_effect(one) for one in points]
        values, low, high = (
            100 * np.array([getattr(one, name) for one in effects], dtype=float)
            for name in ("value", "low", "high")
        )
        at = np.array([one.limit for one in points])
        axes.vlines(at, low, high, color=INK, linewidth=SECOND)
        axes.plot(at, values, color=INK, linewidth=SECOND, marker="o", markersize=3)
        axes.axhline(0, color=RULES, linewidth=RULE, zorder=1)
        axes.set_xlim(0, end)
        axes.set_ylim(min(-4.0, float(np.nanmin(low, initial=0.0)) - 2.0), 104)
        axes.set_xlabel(label)
        if along == DOSES:
            axes.set_xticks(at)
        if place == 0:
            axes.set_ylabel(
                effect_words(found.evaluation.endpoint, dead="").replace(" prevented", "\nprevented")
            )
    return page.figure


def _front_title(found: OptimumResult) -> str:
    words = found.price_words()
    if words:
        return "The front is flat: less does nearly as well"
    return f"Less of the drug lowers the {endpoint(found.evaluation.endpoint).title} less"
