"""The figure of mistiming: effect against how far a dose misses, and maintenance that covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.questions.schedule.mistiming.result import OFF, ON, MistimingResult
from eaesim.workbench.figure.bands import draw_bands, members_words
from eaesim.workbench.figure.style import (
    COLOURS,
    INK,
    NOTE,
    NOTE_LINE,
    PALE,
    SMALL,
    TEXT,
    TINT,
    TITLE,
    add_axes,
    sheet,
    tag_prediction,
    wrap,
    write,
)
from eaesim.workbench.figure.words import changes_words, mechanism_words, rat_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, CURVE, GAP, SIDE, RIGHT, EDGE = 0.75, 4.4, 0.85, 3.3, 0.2, 0.12
TOP, HEIGHT, CHANCE, BETWEEN, BELOW = 1.05, 2.6, 0.7, 0.15, 0.6
WIDTH = LEFT + CURVE + GAP + SIDE + RIGHT


def figure(found: MistimingResult) -> Figure:
    """Draw the cost of uncertain timing.

    Parameters
    ----------
    found
        Of `eaesim.mistiming`.

    Returns
    -------
    matplotlib.figure.Figure
        Left the effect of one dose against its day, and what is to be expected of a dose planned for a day;
        below it how likely the relapse is on each day. Right a repeated dose, in its mean and worst phase.
    """
    footer = wrap(_footer(found), WIDTH - 2 * EDGE)
    note = TOP + HEIGHT + BETWEEN + CHANCE + BELOW
    page = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    title = f"{rat_words(found.panel.rat)}: a relapse induced on an unknown day"
    write(page, title, left=EDGE, top=EDGE, size=TITLE, weight="bold")
    text = f"effect of {found.dose} on the relapse's peak, in excess of the same rats not induced"
    write(page, text, left=EDGE, top=EDGE + 0.19, size=TEXT)
    if found.panel.prediction:
        tag_prediction(page, left=EDGE, top=EDGE + 0.45)
    axes = add_axes(page, left=LEFT, top=TOP, width=CURVE, height=HEIGHT)
    _draw_curve(axes, found)
    chance = add_axes(page, left=LEFT, top=TOP + HEIGHT + BETWEEN, width=CURVE, height=CHANCE)
    _draw_chance(chance, found, axes.get_xlim())
    if found.intervals:
        _draw_maintenance(
            add_axes(page, left=LEFT + CURVE + GAP, top=TOP, width=SIDE, height=HEIGHT + BETWEEN + CHANCE),
            found,
        )
    write(page, footer, left=EDGE, top=note, color=NOTE)
    return page


def _draw_curve(axes: Axes, found: MistimingResult) -> None:
    curve = found.curve
    days = curve["day"].to_numpy()
    both = (curve["effect_low"], curve["effect_high"])
    rats = (curve["animal_low"], curve["animal_high"])
    axes.set_facecolor(TINT)
    axes.axhline(0, color=PALE, linewidth=0.8)
    axes.axvline(0, color=PALE, linewidth=1.0)
    draw_bands(axes, days, both, rats, colour=COLOURS[0], members=found.panel.members)
    axes.plot(days, curve["effect"], color=COLOURS[0], linewidth=1.8, label="a dose on that day")
    expected = [found.expected(float(day)) for day in days]
    label = f"planned for that day;\nrelapse: {found.distribution.title}"
    axes.plot(days, expected, color=COLOURS[1], linewidth=1.8, linestyle="--", label=label)
    first, last = found.window()
    axes.annotate(
        "",
        (first, found.best[1] / 2),
        (last, found.best[1] / 2),
        arrowprops={"arrowstyle": "<->", "color": INK, "linewidth": 0.9},
    )
    axes.text(
        (first + last) / 2,
        found.best[1] / 2 - 0.03,
        "half of the best",
        fontsize=SMALL,
        ha="center",
        va="top",
    )
    axes.set_ylim(-0.15, 1.08)
    axes.set_xlim(days.min() - 0.5, days.max() + 0.5)
    axes.tick_params(labelbottom=False)
    axes.set_ylabel("effect (1: relapse abolished)", fontsize=TEXT)
    axes.legend(fontsize=SMALL, frameon=False, loc="upper left")


def _draw_chance(axes: Axes, found: MistimingResult, ends: tuple[float, float]) -> None:
    given = found.distribution
    if len(given.days) > 20:
        density = given.weights / np.gradient(given.days)
        axes.fill_between(given.days, 0, density, color=COLOURS[1], alpha=0.35, linewidth=0)
    else:
        axes.bar(given.days, given.weights, width=0.4, color=COLOURS[1], alpha=0.5)
    axes.set_xlim(*ends)
    axes.set_yticks([])
    axes.set_ylabel("relapse", fontsize=TEXT)
    axes.set_xlabel("day (0: the relapse is induced, or expected)", fontsize=TEXT)


def _draw_maintenance(axes: Axes, found: MistimingResult) -> None:
    places = np.arange(len(found.intervals))
    for antibodies, colour, shift, words in (
        (OFF, COLOURS[0], -0.12, "no antibodies"),
        (ON, COLOURS[1], 0.12, "antibodies against IgG"),
    ):
        mean = [
            float(np.mean([each.effect.value for each in found.phases(interval, antibodies)]))
            for interval in found.intervals
        ]
        worst = [found.worst(interval, antibodies).effect for interval in found.intervals]
        axes.plot(
            places + shift,
            mean,
            color=colour,
            linewidth=1.4,
            marker="o",
            markersize=4,
            label=f"{words}: mean phase",
        )
        axes.plot(
            places + shift,
            [each.value for each in worst],
            color=colour,
            linewidth=1.4,
            linestyle=":",
            marker="v",
            markersize=5,
            label=f"{words}: worst phase",
        )
        axes.vlines(
            places + shift,
            [each.low for each in worst],
            [each.high for each in worst],
            color=colour,
            linewidth=1.0,
        )
    level = (1 - found.loss) * found.best[1]
    axes.axhline(level, color=PALE, linewidth=0.9, linestyle="--", label=f"{1 - found.loss:.0%} of the best")
    axes.set_xticks(places, [f"{interval:g}" for interval in found.intervals])
    axes.set_ylim(-0.15, 1.75)
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.set_xlabel(f"days between two doses of {found.dose}", fontsize=TEXT)
    axes.set_ylabel("effect of a repeated dose", fontsize=TEXT)
    axes.legend(fontsize=SMALL, frameon=False, loc="upper right")


def _footer(found: MistimingResult) -> str:
    panel = found.panel
    adjuvant = "without adjuvant" if panel.adjuvant == "none" else f"with {panel.adjuvant} adjuvant"
    mechanism = str(found.curve["mechanism"].iloc[0])
    parts = [
        f"Model: the same {found.timing.animals} rats{members_words(panel.members)}, the relapse induced "
        f"{adjuvant}. Mechanism of IVIG: {mechanism_words(mechanism)}.",
        "Bands and lines: 95 %. Phases: the relapse begins 0, 1/4, 1/2, 3/4 of the interval after a dose.",
        f"Antibodies: an assumed extra clearance of {found.antibodies:g} per day at their full response.",
        changes_words(panel.rat),
        found.sentence(),
    ]
    return " ".join(part for part in parts if part)
