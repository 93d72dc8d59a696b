"""The figure of a laboratory's fit: its animals' own courses over what its rat is predicted to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.questions.fit.laboratory.result import LaboratoryFit
from eaesim.workbench.figure.style import (
    BAND,
    COLOURS,
    INK,
    NOTE,
    NOTE_LINE,
    PALE,
    TEXT,
    TITLE,
    add_axes,
    add_legend,
    days_axis,
    legend_height,
    sheet,
    wrap,
    write,
)
from eaesim.workbench.figure.words import SCORES

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HIGHEST, SPREAD = 5.3, 0.16
# The layout, in inches.
LEFT, RIGHT, EDGE, TITLE_HEIGHT, BELOW = 0.75, 0.3, 0.12, 0.5, 0.55
AXES_WIDTH, HEIGHT = 5.6, 3.1
WIDTH = LEFT + AXES_WIDTH + RIGHT


def figure(fit: LaboratoryFit) -> Figure:
    """Draw the daily scores of the control animals over the predicted intervals.

    Parameters
    ----------
    fit
        Of `eaesim.fit_scores`.

    Returns
    -------
    matplotlib.figure.Figure
        Every animal's course, their mean, and the predicted 90 % intervals of single rats and of the mean of
        as many rats.
    """
    entries = _entries(fit)
    footer = wrap(_footer(fit), WIDTH - LEFT - RIGHT)
    legend = EDGE + TITLE_HEIGHT + HEIGHT + BELOW
    note = legend + legend_height(entries, WIDTH - LEFT)
    page = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    title = f"{fit.group.animals} control animals over the rat that was estimated from them"
    write(page, title, left=LEFT, top=EDGE, size=TITLE, weight="bold")
    lost = f", {len(fit.group.without)} lost before" if len(fit.group.without) else ""
    said = f"{fit.group.sick} with signs by day {fit.bank.until}{lost}; signs: score >= {fit.bank.signs:.3g}"
    write(page, said, left=LEFT, top=EDGE + 0.19, size=TEXT)
    axes = add_axes(page, left=LEFT, top=EDGE + TITLE_HEIGHT, width=AXES_WIDTH, height=HEIGHT)
    _draw(axes, fit)
    add_legend(page, entries, left=LEFT, top=legend)
    write(page, footer, left=LEFT, top=note, color=NOTE)
    return page


def _draw(axes: Axes, fit: LaboratoryFit) -> None:
    table, observed = fit.courses(), fit.observed
    days = table["day"].to_numpy()
    colour = COLOURS[0]
    axes.fill_between(
        days, table["rat_low"], table["rat_high"], color=colour, alpha=BAND / 2, linewidth=0, label="rats"
    )
    axes.fill_between(
        days, table["low"], table["high"], color=colour, alpha=2 * BAND, linewidth=0, label="mean"
    )
    axes.plot(
        days, table["predicted"], color=colour, linewidth=1.6, linestyle="--", label="predicted", zorder=3
    )
    beside = (np.arange(len(observed)) + 0.5) / len(observed) - 0.5
    for course, shift in zip(observed, beside, strict=True):
        axes.plot(days, course + shift * SPREAD, color=PALE, linewidth=0.6, label="animal", zorder=2)
    # The mean of the few that are left says nothing about all.
    many = 2 * table["animals"] >= len(observed)
    axes.plot(days, table["shown"].where(many), color=INK, linewidth=2.2, label="shown", zorder=4)
    margin = 0.02 * max(len(days), 1)
    days_axis(axes, -margin, days[-1] + margin)
    axes.set_ylim(-0.03 * HIGHEST, HIGHEST)
    axes.set_ylabel(f"daily score ({SCORES})", fontsize=TEXT)
    axes.set_xlabel("day after induction", fontsize=TEXT)


def _entries(fit: LaboratoryFit) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        (Line2D([], [], color=INK, linewidth=2.2), "mean of the animals"),
        (Line2D([], [], color=PALE, linewidth=0.6), "an animal"),
        (Line2D([], [], color=COLOURS[0], linewidth=1.6, linestyle="--"), "predicted mean"),
        (
            Patch(color=COLOURS[0], alpha=2 * BAND, linewidth=0),
            f"90 % of means of {fit.predicted.animals} rats",
        ),
        (Patch(color=COLOURS[0], alpha=BAND / 2, linewidth=0), "90 % of rats"),
    ]


def _footer(fit: LaboratoryFit) -> str:
    parts = [
        "Lines of animals are shifted slightly; an animal counts as long as it was observed, and the dead "
        "score 5. Their mean is drawn while half of them were observed. Model: the rat's intervals are of "
        "parameter sets and rats together.",
        *fit.assumed,
    ]
    return " ".join(parts)
