"""The figure of mistiming: effect against how far a dose misses, and a repeated dose that covers it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eaesim.proportion import percent
from eaesim.protocol.quantity import number_text
from eaesim.questions.schedule.mistiming.answer import OFF, ON, Mistiming
from eaesim.workbench.figure.course import week_ticks
from eaesim.workbench.figure.effect import EffectCurve, draw_effects, strip_height
from eaesim.workbench.figure.lines import Line, draw_lines, label_lines
from eaesim.workbench.figure.marks import write_beside
from eaesim.workbench.figure.page import (
    DOUBLE,
    INK,
    IVIG,
    MARGIN,
    OF_SETS,
    QUIET,
    RULE,
    RULES,
    SECOND,
    SINGLE,
    SMALLEST,
    WHISKER,
    Page,
    head,
    length,
)
from eaesim.workbench.figure.words import changes_words, rat_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Millimetres: beside the axes of the curve, their width; those of repeated doses; between panels; the labels.
LEFT, CURVE, SIDE_LEFT, SIDE, GAP, BETWEEN, LABELS = 14.0, 62.0, 12.0, 28.0, 6.0, 4.0, 20.0
# Heights: of the axes, of the strip of the chance below the curve, and below all.
TALL, CHANCE, BELOW = 36.0, 9.5, 8.5
_CHANCE, _AREA = "#c9c9c9", 0.25


def figure(found: Mistiming) -> Figure:
    """Draw the cost of uncertain timing.

    Parameters
    ----------
    found
        Of `eaesim.mistiming`.

    Returns
    -------
    matplotlib.figure.Figure
        Left the effect of one dose against its day, and what is to be expected of a dose planned for a day;
        below it how likely the relapse is on each day. Right a repeated dose, without and with antibodies
        against IgG: from its mean to its worst phase.
    """
    sheet = DOUBLE if found.intervals else SINGLE
    names, widths = _names(found), (LEFT + CURVE, SIDE_LEFT + SIDE, SIDE + BETWEEN + LABELS)
    heads = max(head(*name, width) for name, width in zip(names, widths, strict=False))
    strip = strip_height(())
    page, top = Page.around(
        sheet,
        heads + strip + TALL + CHANCE + 1.5 + BELOW,
        title=_title(found),
        footer=_footer(found),
        alt=_alt(found),
    )
    limits = _range(found)
    page.panel("a" if found.intervals else "", *names[0], left=MARGIN, top=top, width=widths[0])
    start = top + heads + strip
    _draw_curve(page, found, limits, top=start, strip=strip)
    for place, antibodies in enumerate((OFF, ON) if found.intervals else ()):
        left = MARGIN + LEFT + CURVE + GAP + place * (SIDE_LEFT + SIDE + BETWEEN)
        page.panel("bc"[place], *names[1 + place], left=left, top=top, width=widths[1 + place])
        axes = page.axes(left=left + (0 if place else SIDE_LEFT), top=start, width=SIDE, height=TALL)
        axes.set_ylim(*limits)
        axes.set_yticks(np.arange(25 * math.ceil(limits[0] / 25), limits[1] + 1, 25))
        axes.tick_params(labelleft=not place)
        lines = _draw_repeated(axes, found, antibodies)
        if place:
            label_lines(page, axes, lines, room=LABELS)
        else:
            axes.set_ylabel("relapse's peak score\nprevented (%)")
    return page.figure


def _names(found: Mistiming) -> list[tuple[str, str]]:
    """Return title and subtitle of each panel."""
    tag = ": PREDICTION" if found.panel.prediction else ""
    several = found.panel.members > 1
    band = f"band: {OF_SETS}" if several else "one parameter set"
    adjuvant = "without adjuvant" if found.panel.adjuvant == "none" else f"{found.panel.adjuvant} adjuvant"
    first = f"{rat_words(found.panel.rat)}, one dose of {found.dose}{tag}"
    return [
        (first, f"relapse induced {adjuvant}; {band}; uncertain: {found.distribution.title}"),
        (f"Repeated{tag}", "bars: the same, worst phase" if several else "by its interval"),
        ("With antibodies against IgG", "assumed"),
    ]


def _draw_curve(
    page: Page, found: Mistiming, limits: tuple[float, float], *, top: float, strip: float
) -> None:
    curve = found.curve
    days, none = curve["day"].to_numpy(float), np.full(len(curve), np.nan)
    effect, low, high = (
        100 * curve[name].to_numpy(float) for name in ("effect", "effect_low", "effect_high")
    )
    expected = 100 * np.array([found.expected(float(day)) for day in days])
    untested = [False] * len(days)
    space = 0.03 * (days.max() - days.min()) or 0.5
    ends = days.min() - space, days.max() + space
    axes = draw_effects(
        page,
        [
            EffectCurve(
                days, effect, low, high, untested, label=f"day known: {np.max(effect):.0f} % at best"
            ),
            EffectCurve(
                days,
                expected,
                none,
                none,
                untested,
                label=f"day uncertain: {100 * found.best_plan()[1]:.0f} % at best",
                colour=INK,
                dash=(0, (7, 1.2)),
                width=SECOND,
                has_band=False,
            ),
        ],
        left=MARGIN + LEFT,
        top=top,
        width=CURVE,
        height=TALL,
        strip=strip,
        limits=ends,
        lowest=limits[0],
        highest=limits[1],
        axis="relapse's peak score\nprevented (%)",
        days="",
    )
    axes.tick_params(labelbottom=False)
    _mark_window(axes, found)
    chance = page.axes(left=MARGIN + LEFT, top=top + TALL + 1.5, width=CURVE, height=CHANCE)
    chance.set_xlim(*ends)
    week_ticks(chance, *ends)
    _draw_chance(chance, found, ends)


def _mark_window(axes: Axes, found: Mistiming) -> None:
    """Mark the first and the last day with half of the best effect."""
    first, last = axes.get_xlim()
    for day, side in zip(whole_window(found), (-1, 1), strict=True):
        height = float(100 * found.at(np.array([day]))[0])
        axes.plot([day], [height], "o", markersize=3, color=IVIG, zorder=4)
        text = f"day {number_text(day)}"
        room = CURVE * (day - first if side < 0 else last - day) / (last - first)
        if room > length(text, SMALLEST) + 2.0:
            ha = "right" if side < 0 else "left"
            write_beside(axes, text, (day, height), (4 * side, 2), ha=ha, va="bottom", zorder=5)


def whole_window(found: Mistiming) -> tuple[float, float]:
    """Return the first and the last whole day with at least half of the best effect, or the best day."""
    first, last = found.window()
    days = np.arange(math.ceil(first), math.floor(last) + 1.0)
    return (float(days[0]), float(days[-1])) if len(days) else (found.best[0], found.best[0])


def _draw_chance(axes: Axes, found: Mistiming, ends: tuple[float, float]) -> None:
    given = found.distribution
    inside = (given.days >= ends[0]) & (given.days <= ends[1])
    days, weights = given.days[inside], given.weights[inside]
    if len(given.days) > 20:
        axes.fill_between(days, 0, weights / np.gradient(given.days)[inside], color=_CHANCE, linewidth=0)
    elif len(days):
        axes.bar(days, weights, width=0.4, color=_CHANCE)
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    axes.set_ylabel("relapse")
    axes.set_xlabel("day (0: the relapse is induced, or expected)")


def _draw_repeated(axes: Axes, found: Mistiming, antibodies: str) -> list[Line]:
    intervals = np.array(found.intervals)
    worst = [found.worst(interval, antibodies).effect for interval in found.intervals]
    mean = 100 * np.array(
        [np.mean([each.effect.value for each in found.phases(one, antibodies)]) for one in found.intervals]
    )
    least = 100 * np.array([each.value for each in worst])
    half = 100 * (1 - found.loss) * found.best[1]
    ends = 0.0, 1.06 * intervals.max()
    name = "half" if math.isclose(found.loss, 0.5) else percent(1 - found.loss)
    lines = [
        Line(intervals, mean, "mean of the phases", IVIG, mark="o"),
        Line(intervals, least, "worst phase", "#0b2f55", width=SECOND, mark="o"),
        Line(np.array(ends), np.array([half, half]), f"{name} of the best", QUIET, ":", RULE),
    ]
    axes.set_xlim(*ends)
    axes.axhline(0, color=RULES, linewidth=RULE, zorder=1)
    axes.fill_between(intervals, least, mean, color=IVIG, alpha=_AREA, linewidth=0, zorder=1.5)
    low, high = (100 * np.array([getattr(each, end) for each in worst]) for end in ("low", "high"))
    if found.panel.members > 1:
        axes.vlines(intervals, low, high, color=RULES, linewidth=WHISKER, zorder=1.4)
    draw_lines(axes, lines)
    axes.set_xticks(intervals, [f"{interval:g}" for interval in intervals])
    axes.set_xlabel("days between doses")
    return lines


def _range(found: Mistiming) -> tuple[float, float]:
    """Return the ends of the axes of effects, the same in all panels."""
    curve = found.curve
    runs = [
        each.effect
        for interval in found.intervals
        for kind in (OFF, ON)
        for each in found.phases(interval, kind)
    ]
    lows = [*curve["effect_low"], *(each.low for each in runs)]
    highs = [*curve["effect_high"], *(each.high for each in runs)]
    low, high = 100 * float(np.nanmin(lows)), 100 * float(np.nanmax(highs))
    return (25.0 * math.floor(low / 25) if low < -4 else -4.0), 25.0 * math.ceil(
        high / 25
    ) if high > 100.5 else 100.0


def _title(found: Mistiming) -> str:
    """Return the finding: how early and how late a dose may come."""
    if not found.best[1] > 0:
        return "No dosing day prevents the relapse"
    first, last = map(number_text, whole_window(found))
    if first == last:
        return f"Only a dose on day {first} keeps half of the best effect"
    return f"Doses on days {first} to {last} keep half of the best effect"


def _alt(found: Mistiming) -> str:
    day, effect = found.best
    first, last = map(number_text, whole_window(found))
    tag = ", a prediction" if found.panel.prediction else ""
    parts = [
        f"Graphs of the relapse's peak score prevented{tag}: {percent(effect)} at best, on day "
        f"{number_text(day)}; at least half of it from day {first} to day {last}",
        f"with the day uncertain {percent(found.best_plan()[1])} at best",
    ]
    for antibodies, words in ((OFF, ""), (ON, " with antibodies against IgG")):
        worst = [
            f"{percent(found.worst(interval, antibodies).effect.value)} every {interval:g} days"
            for interval in found.intervals
        ]
        if worst:
            parts.append(f"repeated{words}, in the worst phase, {worst[0]} to {worst[-1]}")
    return f"{'; '.join(parts)}."


def _footer(found: Mistiming) -> str:
    panel = found.panel
    sets = f", {panel.members} parameter sets" if panel.members > 1 else ""
    parts = [
        f"Model {found.curve['mechanism'].iloc[0]}, {found.dose}, the same {found.timing.animals} rats{sets}"
        f", seed {found.timing.seed}.",
        changes_words(panel.rat),
    ]
    return " ".join(part for part in parts if part)
