"""Rows of a figure, one per arm: its dosing days, and one endpoint of its rats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.study import Result
from eaesim.workbench.figure.dosing import dosings
from eaesim.workbench.figure.style import INK, SMALL, TEXT
from eaesim.workbench.figure.words import arm_words, endpoint_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# More dots an arm hide each other.
MOST_DOTS = 300
_GOLDEN = 0.6180339887


def draw_doses(axes: Axes, result: Result, colours: Sequence[str]) -> None:
    """Draw the dosing days of every arm in its own row, named at the left; the days' ends are set."""
    _rows(axes, result)
    axes.set_yticks(range(len(result.arms)), [arm_words(name) for name in result.arms], fontsize=TEXT)
    for label, colour in zip(axes.get_yticklabels(), colours, strict=True):
        label.set_color(colour)
    axes.tick_params(axis="y", length=0)
    for row, (arm, colour) in enumerate(zip(result.design.arms, colours, strict=True)):
        notes = 0
        for dosing in dosings(result, arm):
            mark_doses(axes, dosing.days, dosing.over, row, colour)
            if dosing.note:
                _note(axes, dosing.note, dosing.days, row + 0.3 * notes)
                notes += 1


def mark_doses(axes: Axes, days: Sequence[float], over: float, height: float, colour: str) -> None:
    """Draw a triangle on every dosing day, and a bar as long as an infusion."""
    axes.plot(
        days,
        [height] * len(days),
        linestyle="none",
        marker="^",
        markersize=6,
        color=colour,
        label="dose",
        zorder=4,
    )
    for day in days if over else ():
        axes.plot([day, day + over], [height, height], color=colour, linewidth=2.5, solid_capstyle="butt")


def draw_endpoint(axes: Axes, result: Result, name: str, colours: Sequence[str]) -> None:
    """Draw an endpoint of every arm in its own row: one dot per rat, the mean and its 95 % interval."""
    _rows(axes, result)
    axes.set_yticks([])
    axes.set_xlabel(endpoint_words(name), fontsize=TEXT)
    unit = find_endpoint(name).unit
    if unit == "score":
        axes.set_xlim(-0.3, 5.3)
    elif unit in ("share", "fraction"):
        axes.set_xlim(-0.06, 1.06)
    for row, (arm, colour) in enumerate(zip(result.arms, colours, strict=True)):
        # As in the table of the result: a rat that failed here or in the control is left out.
        values = result.values(arm, name, control=result.design.control)
        rats = np.arange(len(values))[:MOST_DOTS]
        scatter = 0.6 * (rats * _GOLDEN % 1 - 0.5)
        axes.plot(
            values[:MOST_DOTS],
            row + scatter,
            linestyle="none",
            marker="o",
            markersize=3.2,
            alpha=0.45,
            color=colour,
            markeredgewidth=0,
            label="rats",
            zorder=2,
        )
        found = result.mean(arm, name, control=result.design.control)
        axes.plot([found.low, found.high], [row, row], color=INK, linewidth=1.6, label="interval", zorder=3)
        if result.members > 1:
            alone = [found.animal_low, found.animal_high]
            axes.plot(alone, [row, row], color=INK, linewidth=3.4, label="interval of rats", zorder=3)
        axes.plot(
            [found.value],
            [row],
            marker="D",
            markersize=6,
            color=colour,
            markeredgecolor=INK,
            linestyle="none",
            label="mean",
            zorder=4,
        )
        if np.isnan(found.value):
            axes.text(
                0.03, row, "no value", transform=axes.get_yaxis_transform(), fontsize=SMALL, va="center"
            )


def _rows(axes: Axes, result: Result) -> None:
    arms = len(result.arms)
    axes.set_ylim(arms - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    axes.hlines(
        np.arange(arms - 1) + 0.5, 0, 1, transform=axes.get_yaxis_transform(), color="#e3e3e3", linewidth=0.8
    )


def _note(axes: Axes, text: str, days: Sequence[float], height: float) -> None:
    """Write next to the doses, on the side with more room."""
    first, last = axes.get_xlim()
    step = 0.018 * (last - first)
    late = bool(days) and min(days) - first > last - max(days)
    place = (min(days) if late else max(days)) if days else first
    axes.text(
        place - step if late else place + step,
        height,
        text,
        ha="right" if late else "left",
        va="center",
        fontsize=SMALL,
        color=INK,
        bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )
