"""The figure of the best schedule: comparison with plain ones, how flat it is, and other totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.questions.schedule.optimise.limits import schedule_text
from eaesim.questions.schedule.optimise.result import AS_GOOD, BEST, OptimumResult
from eaesim.workbench.figure.bands import members_words
from eaesim.workbench.figure.style import (
    COLOURS,
    INK,
    NOTE,
    NOTE_LINE,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    add_axes,
    sheet,
    wrap,
    write,
)
from eaesim.workbench.figure.words import changes_words, endpoint_words, mechanism_words, rat_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES, DOSES, EFFECTS, GAP, EDGE = 1.9, 2.9, 2.6, 0.35, 0.12
HEAD, ROW, BELOW, FLAT, LEGEND = 0.75, 0.36, 0.65, 2.0, 0.17
WIDTH = NAMES + DOSES + EFFECTS + 2 * GAP


def figure(found: OptimumResult) -> Figure:
    """Draw the best schedule next to plain ones, and how much each day matters.

    Parameters
    ----------
    found
        Of `eaesim.optimise`.

    Returns
    -------
    matplotlib.figure.Figure
        One row per schedule, with its doses and its effect on fresh rats; below, the effect left when one
        dose is moved, and with budgets the best effect against the total.
    """
    names = [BEST, *found.plain]
    footer = wrap(_footer(found), WIDTH - 2 * EDGE)
    rows = ROW * len(names)
    flat = HEAD + rows + BELOW + LEGEND * ((len(found.best) + 1) // 2)
    note = flat + FLAT + 0.55
    page = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    _title(page, found)
    _draw_doses(add_axes(page, left=NAMES, top=HEAD, width=DOSES, height=rows), found, names)
    _draw_effects(
        add_axes(page, left=NAMES + DOSES + GAP, top=HEAD, width=EFFECTS, height=rows), found, names
    )
    _draw_flatness(add_axes(page, left=NAMES, top=flat, width=DOSES, height=FLAT), found)
    if len(found.front) > 1:
        _draw_front(
            add_axes(page, left=NAMES + DOSES + GAP + 0.45, top=flat, width=EFFECTS - 0.45, height=FLAT),
            found,
        )
    write(page, footer, left=EDGE, top=note, color=NOTE)
    return page


def _title(figure: Figure, found: OptimumResult) -> None:
    result, limits = found.result, found.evaluation.limits
    title = f"{rat_words(result.rat)}: the best of {limits.doses} doses, {limits.total / 1000:g} g/kg in all"
    write(figure, title, left=EDGE, top=EDGE, size=TITLE, weight="bold")
    endpoint = endpoint_words(found.evaluation.endpoint).rpartition(" (")[0]
    text = f"effect on {endpoint} of {result.number} fresh rats"
    write(figure, text, left=EDGE, top=EDGE + 0.19, size=TEXT)


def _rows(axes: Axes, names: list[str]) -> None:
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.hlines(
        np.arange(len(names) - 1) + 0.5,
        0,
        1,
        transform=axes.get_yaxis_transform(),
        color="#e3e3e3",
        linewidth=0.8,
    )
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _draw_doses(axes: Axes, found: OptimumResult, names: list[str]) -> None:
    _rows(axes, names)
    axes.set_yticks(range(len(names)), names, fontsize=TEXT)
    limits = found.evaluation.limits
    axes.set_xlim(limits.earliest - 0.7, limits.latest + 0.7)
    for row, name in enumerate(names):
        schedule = found.best if name == BEST else found.plain[name]
        for dose in schedule:
            height = 0.84 * dose.amount / limits.total
            axes.bar(
                dose.day,
                -height,
                bottom=row + 0.42,
                width=0.7,
                color=COLOURS[0] if name == BEST else PALE,
                linewidth=0,
            )
    axes.get_yticklabels()[0].set_fontweight("bold")
    axes.set_xlabel("day of the doses; height: amount", fontsize=TEXT)


def _draw_effects(axes: Axes, found: OptimumResult, names: list[str]) -> None:
    _rows(axes, names)
    axes.set_yticks([])
    axes.axvline(0, color=PALE, linewidth=1.0)
    for row, name in enumerate(names):
        colour = COLOURS[0] if name == BEST else PALE
        each = found.effect(name)
        axes.plot([each.low, each.high], [row, row], color=colour, linewidth=1.4)
        axes.plot([each.animal_low, each.animal_high], [row, row], color=colour, linewidth=3.4, alpha=0.6)
        axes.plot([each.value], [row], marker="D", markersize=5, color=colour, linestyle="none")
        if not np.isnan(each.value):
            axes.text(
                each.value,
                row - 0.16,
                f"{each.value:.0%}",
                fontsize=SMALL,
                ha="center",
                va="bottom",
                color=INK,
            )
    left, right = axes.get_xlim()
    axes.set_xlim(min(left, -0.05), max(right, 0.5))
    axes.set_xlabel("effect; thick: between rats, thin: + uncertainty", fontsize=TEXT)


def _draw_flatness(axes: Axes, found: OptimumResult) -> None:
    for place, dose in enumerate(found.best):
        moved = sorted(
            (value, effect)
            for number, what, value, effect in found.flat.values()
            if number == place and what == "day"
        )
        days = [day for day, _ in moved] + [dose.day]
        effects = [effect for _, effect in moved] + [found.reached]
        order = np.argsort(days, kind="stable")
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(
            np.array(days)[order],
            np.array(effects)[order],
            color=colour,
            linewidth=1.4,
            label=schedule_text((dose,)),
        )
        axes.plot([dose.day], [found.reached], marker="o", markersize=5, color=colour)
    axes.axhspan(found.reached - AS_GOOD, found.reached, color="#e8eef4", linewidth=0, zorder=0)
    axes.set_xlim(found.evaluation.limits.earliest - 0.7, found.evaluation.limits.latest + 0.7)
    axes.set_xlabel("day to which one dose is moved, the others kept", fontsize=TEXT)
    axes.set_ylabel(_effect_words(found, "that is left"), fontsize=TEXT)
    if found.best:
        # Above the lines, which may run anywhere.
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            borderaxespad=0.2,
            fontsize=SMALL,
            frameon=False,
            ncols=2,
            handlelength=1.2,
            columnspacing=1,
        )


def _draw_front(axes: Axes, found: OptimumResult) -> None:
    totals = [each.total / 1000 for each in found.front]
    axes.plot(totals, [each.effect for each in found.front], color=COLOURS[0], marker="o", markersize=5)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.set_xlabel("IVIG in all (g/kg)", fontsize=TEXT)
    axes.set_ylabel(_effect_words(found, "of the best"), fontsize=TEXT)


def _effect_words(found: OptimumResult, which: str) -> str:
    robust = found.evaluation.robust
    return f"effect {which}" if robust == "mean" else f"effect {which} ({robust})"


def _footer(found: OptimumResult) -> str:
    result, limits = found.result, found.evaluation.limits
    parts = [
        f"Model: the same {result.number} rats{members_words(result.members)} under every schedule, others "
        "than those of the search. Prediction.",
        f"Mechanism of IVIG: {mechanism_words(result.design.mechanism)}.",
        f"Shaded: at most {AS_GOOD:.2f} of the effect is lost.",
        f"At once at most {limits.most / 1000:g} g/kg." if limits.most < limits.total else "",
        f"Plasma IgG at most {limits.ceiling:g} mg/mL; moved doses may bring it higher."
        if np.isfinite(limits.ceiling)
        else "",
        changes_words(result.rat),
        found.sentence(),
    ]
    return " ".join(part for part in parts if part)
