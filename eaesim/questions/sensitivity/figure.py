"""The sensitivity figure: what ranks first for each output, and how its indices grew with the sample."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints import DEAD_RULES, endpoint
from eaesim.questions.sensitivity.factors import POSTERIOR
from eaesim.questions.sensitivity.plan import Output
from eaesim.questions.sensitivity.tables import TOP, settled
from eaesim.workbench.figure.dosing import is_prediction
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
    add_legend,
    legend_height,
    sheet,
    tag_prediction,
    wrap,
    write,
)
from eaesim.workbench.figure.words import changes_words, rat_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from eaesim.questions.sensitivity.answer import Sensitivity

# So many of the first have their own colour, and are followed as the sample grows.
FOLLOWED = 5
# The layout, in inches.
LEFT, DOTS_WIDTH, GAP, CURVES_WIDTH, RIGHT, EDGE = 2.55, 3.5, 0.8, 2.9, 0.3, 0.12
HEAD, TAG_HEIGHT, ABOVE, ROW, LEAST_HEIGHT, BELOW = 0.5, 0.3, 0.5, 0.19, 1.5, 0.62
WIDTH = LEFT + DOTS_WIDTH + GAP + CURVES_WIDTH + RIGHT
NAME_LEFT, LONGEST_NAME = 0.25, 36
# The marks of the two indices.
FULL: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 5}
HOLLOW: dict[str, Any] = {
    "linestyle": "none",
    "marker": "D",
    "markersize": 4,
    "markerfacecolor": "white",
    "markeredgewidth": 0.9,
}

LEADING = {
    "mu_star": "μ*: mean size of an elementary effect, its 95 % interval over trajectories",
    "ST": "ST: share of the variance, interactions included, with 95 % interval",
}
BESIDE = {
    "sigma": "σ: how elementary effects differ (interaction, curvature)",
    "S1": "S1: share of the variance alone, with 95 % interval",
}


def figure(result: Sensitivity) -> Figure:
    """Draw a row for each output: the indices of at most 20 factors by rank, and how the first five grew.

    What was left out, and what failed, is listed below.
    """
    plan = result.plan
    shown = [result.first(output, TOP) for output in plan.outputs]
    heights = [max(LEAST_HEIGHT, ROW * len(rows) + 0.15) for rows in shown]
    tagged = is_prediction(plan.study)
    top = EDGE + HEAD + (TAG_HEIGHT if tagged else 0.0)
    bottom = top + sum(heights) + (ABOVE + BELOW) * len(heights)
    entries = _entries(result)
    note = bottom + legend_height(entries, WIDTH - NAME_LEFT)
    footer = wrap(_footer(result), WIDTH - NAME_LEFT - RIGHT)
    page = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    title = f"{rat_words(plan.study.rat)}: {len(plan.factors)} unknowns varied together"
    write(page, title, left=NAME_LEFT, top=EDGE, size=TITLE, weight="bold")
    text = f"{plan.way.title}; the {TOP} largest indices; at the right, what parts of the sample give"
    write(page, text, left=NAME_LEFT, top=EDGE + 0.19, size=TEXT)
    if tagged:
        tag_prediction(page, left=NAME_LEFT, top=EDGE + HEAD)
    for output, rows, height in zip(plan.outputs, shown, heights, strict=True):
        title = output.text().replace(output.endpoint, endpoint(output.endpoint).title, 1)
        write(page, title.replace("$", r"\$"), left=NAME_LEFT, top=top + 0.12, size=TITLE, weight="bold")
        top += ABOVE
        dots = add_axes(page, left=LEFT, top=top, width=DOTS_WIDTH, height=height)
        _draw_indices(dots, result, output, rows)
        curves = add_axes(page, left=LEFT + DOTS_WIDTH + GAP, top=top, width=CURVES_WIDTH, height=height)
        _draw_growth(curves, result, output, rows)
        top += height + BELOW
    add_legend(page, entries, left=NAME_LEFT, top=bottom)
    write(page, footer, left=NAME_LEFT, top=note, color=NOTE)
    return page


def _colour(row: int) -> str:
    return COLOURS[row] if row < FOLLOWED else INK


def _draw_indices(axes: Axes, result: Sensitivity, output: Output, rows: pd.DataFrame) -> None:
    """Draw the two indices of every factor in its own row, named at the left."""
    leading, beside = result.plan.way.leading, result.plan.way.beside
    axes.set_xlabel(_index_words(result, output), fontsize=TEXT)
    if not len(rows):
        axes.set_yticks([])
        text = "no varied parameter has\na detectable influence"
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=TEXT)
        return
    axes.set_ylim(len(rows) - 0.4, -0.6)
    names = [textwrap.shorten(name, LONGEST_NAME, placeholder=" …") for name in rows["parameter"]]
    axes.set_yticks(range(len(rows)), [name.replace("$", r"\$") for name in names], fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    whole = axes.get_yaxis_transform()
    axes.hlines(np.arange(len(rows)), 0, 1, transform=whole, color="#ececec", linewidth=0.7)
    axes.axvline(0, color=PALE, linewidth=0.8, zorder=1)
    for row, (label, (_, found)) in enumerate(zip(axes.get_yticklabels(), rows.iterrows(), strict=True)):
        colour, below = _colour(row), 0.0
        label.set_color(colour)
        if f"{beside}_low" in rows:
            ends, below = [found[f"{beside}_low"], found[f"{beside}_high"]], 0.2
            axes.plot(ends, [row + below] * 2, color=colour, linewidth=0.8, label="beside", zorder=2)
        axes.plot([found[beside]], [row + below], color=colour, label=beside, zorder=3, **HOLLOW)
        ends = [found[f"{leading}_low"], found[f"{leading}_high"]]
        axes.plot(ends, [row - below / 2] * 2, color=colour, linewidth=1.6, label="interval", zorder=3)
        axes.plot([found[leading]], [row - below / 2], color=colour, label=leading, zorder=4, **FULL)


def _index_words(result: Sensitivity, output: Output) -> str:
    if result.plan.request.method == "sobol":
        return "share of the variance"
    unit = endpoint(output.endpoint).unit
    return f"{'share of the control' if output.relative else unit}, over the whole range of an unknown"


def _draw_growth(axes: Axes, result: Sensitivity, output: Output, rows: pd.DataFrame) -> None:
    """Draw the leading index of the first factors from growing parts of the sample."""
    plan = result.plan
    leading, size = plan.way.leading, plan.way.size
    grown = result.convergence[result.convergence["output"] == output.text()]
    sizes = sorted(grown[size].unique())
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(part) for part in sizes], fontsize=TEXT)
    axes.minorticks_off()
    axes.set_xlabel(f"{size.removesuffix('s') if sizes == [1] else size} used", fontsize=TEXT)
    axes.set_ylabel({"mu_star": "μ*"}.get(leading, leading), fontsize=TEXT)
    axes.axhline(0, color=PALE, linewidth=0.8, zorder=1)
    for row, name in enumerate(rows["parameter"].head(FOLLOWED)):
        part = grown[grown["parameter"] == name].sort_values(size)
        # Side by side, so that no interval hides another.
        days = part[size].to_numpy(dtype=float) * 2.0 ** (0.07 * (row - (FOLLOWED - 1) / 2))
        axes.vlines(days, part[f"{leading}_low"], part[f"{leading}_high"], color=_colour(row), linewidth=0.9)
        axes.plot(days, part[leading], color=_colour(row), linewidth=1.4, marker=".", label=name, zorder=3)
    agreement = result.agreement(output)
    if math.isfinite(agreement):
        text = f"ranks of the two halves agree: {agreement:.2f}"
        if not settled(agreement):
            text = f"no ranking yet ({text})"
        axes.text(1, 1.02, text, transform=axes.transAxes, ha="right", va="bottom", fontsize=SMALL, color=INK)


def _entries(result: Sensitivity) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D

    way = result.plan.way
    full = Line2D([], [], color=PALE, marker="o", markersize=5, linewidth=1.6)
    hollow = Line2D([], [], color=PALE, marker="D", markersize=4, markerfacecolor="white", linewidth=0.8)
    if way.beside == "sigma":
        hollow.set_linestyle("none")
    return [(full, LEADING[way.leading]), (hollow, BESIDE[way.beside])]


def _footer(result: Sensitivity) -> str:
    plan = result.plan
    scales, drawn = (
        sum(factor.values.scale == scale for factor in plan.factors) for scale in ("log", POSTERIOR)
    )
    parts = [
        f"Model: {plan.samples} sets of values ({plan.size} {plan.way.size}); {drawn} of {len(plan.factors)} "
        "unknowns over the central 95 % of their posterior, independently, the others between their bounds "
        f"({scales} of them on a logarithmic scale); the same {plan.request.animals} rats at "
        f"each set; {DEAD_RULES[plan.request.dead]}. All else is that of the typical rat.",
        changes_words(plan.study.rat),
        "Agreement: Spearman's rank correlation of the leading parameters.",
        *result.notes(),
    ]
    return " ".join(part for part in parts if part)
