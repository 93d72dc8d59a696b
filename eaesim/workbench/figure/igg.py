"""Plasma IgG after one dose, the level that blocks half, and the dendritic cells that it has to meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.evidence import finding
from eaesim.protocol import Arm, Bolus
from eaesim.study import Result, Study
from eaesim.workbench.figure.course import week_ticks
from eaesim.workbench.figure.dotrows import ZONE
from eaesim.workbench.figure.page import (
    DOUBLE,
    HEAD,
    IVIG,
    MARGIN,
    MEAN,
    OF_SETS,
    PUBLISHED,
    QUIET,
    RULE,
    SMALLEST,
    VEHICLE,
    WHISKER,
    Dash,
    Page,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MECHANISM, DOSE, SETS, RATS, SEED = "H1a", "1 g/kg", 20, 200, 1
#: Only a dose at immunisation was tested.
DASHES: dict[int, Dash] = {-7: (0, (4, 1.5)), 0: "-", 2: (0, (1.2, 0.9))}
UNTIL, MATURE = 14, "dendritic_mature"
# The increase by 1 g/kg in rats, and a level that is too low to matter.
PUBLISHED_RISE, LOWEST = "C6.middle", 0.1
# The layout, in millimetres.
LEFT, GAP, TALL, BELOW, RIGHT = 12.0, 6.0, 42.0, 9.0, 3.0


def igg_figure(*, sets: int = SETS, rats: int = RATS) -> Figure:
    """Draw why a dose a week before immunisation works and one two days later does not.

    Parameters
    ----------
    sets, rats
        Parameter sets of the Lewis rat, and rats in all of them.

    Returns
    -------
    matplotlib.figure.Figure
        At the left plasma IgG after doses on three days, with the range of the level that leaves half of
        maturation; at the right mature dendritic cells with these doses and without.
    """
    arms = [Arm("vehicle"), *(Arm(_name(day), Bolus(DOSE).at(day=day)) for day in DASHES)]
    study = Study("lewis", until=UNTIL, arms=arms)
    result = study.run(animals=rats, seed=SEED, members=sets, record=[MATURE])
    halves = np.array(
        [1.0 / one.parameters(MECHANISM).potency_maturation for one in result.sets or (result.rat,)]
    )
    at_immunisation = float(np.interp(0.0, *_plasma(result, -7)))
    half = float(np.median(halves))
    title = _title(at_immunisation, half)
    page, top = Page.around(
        DOUBLE,
        HEAD + TALL + BELOW,
        title=title,
        footer=(
            f"{MECHANISM}, {DOSE}, Lewis, {len(halves)} parameter sets, seed {SEED}; medians of {rats} rats. "
            "Dashed: day not tested."
        ),
        alt=(
            f"Two graphs by days after immunisation. Plasma IgG after {DOSE} on days -7, 0 and 2; the first "
            f"leaves {at_immunisation:.1f} mg/mL at immunisation, half block is at {half:.1f}. Mature "
            "dendritic cells with and without. Days -7 and 2 are predictions."
        ),
    )
    width = (DOUBLE - 2 * MARGIN - GAP) / 2
    for place, (letter, name, said) in enumerate(
        (
            ("a", "IgG in plasma", f"grey: half block, {OF_SETS}"),
            ("b", "Mature dendritic cells", "in the lymph node"),
        )
    ):
        left = MARGIN + place * (width + GAP)
        page.panel(letter, name, said, left=left, top=top, width=width)
        axes = page.axes(left=left + LEFT, top=top + HEAD, width=width - LEFT - RIGHT, height=TALL)
        axes.set_xlim(-1 if place else -8, UNTIL)
        axes.set_xlabel("days after immunisation")
        week_ticks(axes, -8, UNTIL)
        axes.axvline(0, color=QUIET, linewidth=RULE, zorder=1)
        if place:
            _draw_cells(axes, result)
        else:
            _draw_igg(axes, result, halves)
    return page.figure


def _name(day: int) -> str:
    return f"day {day}"


def _plasma(result: Result, day: int) -> tuple[Floats, Floats]:
    """Return times, and the median over rats, with the step at the dose."""
    seen = result.plasma.course(_name(day))
    before, after = np.nanmedian(seen.before, axis=0), np.nanmedian(seen.after, axis=0)
    times = np.repeat(seen.moments.days, 2)
    return times, np.column_stack([before, after]).ravel()


def _title(level: float, half: float) -> str:
    where = "above" if level > half else "below"
    return f"A week after IVIG {level:.1f} mg/mL is left, {where} half block ({half:.1f})"


def _draw_igg(axes: Axes, result: Result, halves: Floats) -> None:
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.set_ylim(LOWEST, 40)
    axes.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
    axes.set_ylabel("given IgG (mg/mL)")
    low, middle, high = np.quantile(halves, [0.025, 0.5, 0.975])
    axes.axhspan(low, high, color=ZONE, linewidth=0, zorder=0)
    axes.axhline(middle, color=QUIET, linewidth=RULE, zorder=1)
    for day, dash in DASHES.items():
        times, level = _plasma(result, day)
        seen = (level > LOWEST) & (times >= day)
        axes.plot(times[seen], level[seen], color=IVIG, linestyle=dash, linewidth=MEAN, zorder=3)
    axes.text(-6.3, 15, _shown(_name(-7)), fontsize=SMALLEST)
    axes.text(2.8, 15, _name(2), fontsize=SMALLEST)
    axes.text(-0.2, 28, _name(0), fontsize=SMALLEST, ha="right")
    rise = finding(PUBLISHED_RISE)
    ends = [float(end) for end in (rise.low, rise.high) if end is not None]
    axes.plot([0, 0], ends, color=PUBLISHED, linewidth=2 * WHISKER, zorder=4, gid=rise.id)
    axes.text(-0.4, 20, rise.row, fontsize=SMALLEST, ha="right")


def _draw_cells(axes: Axes, result: Result) -> None:
    """Draw the median over rats in percent of the highest value without IVIG."""
    courses = {
        arm: np.nanmedian(result.simulation.states[MATURE][number], axis=0)
        for number, arm in enumerate(result.arms)
    }
    whole = float(courses["vehicle"].max())
    axes.set_ylim(0, 105)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.set_ylabel("of the untreated peak (%)")
    styles: dict[str, tuple[str, Dash]] = {"vehicle": (VEHICLE, "-")}
    styles |= {_name(day): (IVIG, dash) for day, dash in DASHES.items()}
    for name, (colour, dash) in styles.items():
        course = 100 * courses[name] / whole
        axes.plot(result.days, course, color=colour, linestyle=dash, linewidth=MEAN, zorder=3)
    # Each label is joined to its curve, on the day on which the curves are far apart.
    for name, day, height in (("vehicle", 4, 84), (_name(2), 3, 64), (_name(-7), 3, 46), (_name(0), 3, 30)):
        value = 100 * float(np.interp(day, result.days, courses[name])) / whole
        axes.plot([day, 7.8], [value, height], color=QUIET, linewidth=RULE, zorder=2)
        axes.text(8, height, _shown(name), fontsize=SMALLEST, va="center")


def _shown(name: str) -> str:
    return name.replace("-", "\N{MINUS SIGN}")
