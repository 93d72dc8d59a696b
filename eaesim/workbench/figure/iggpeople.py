"""IgG in people after IVIG: published rises, and what each of the named kinetics makes of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.humankinetics import draw_human_kinetics, human_entries, igg_rise
from eaesim.estimation.kinetics import parameters_of
from eaesim.evidence import finding
from eaesim.workbench.figure.dotrows import ZONE
from eaesim.workbench.figure.page import (
    DOSE_COLOURS,
    DOUBLE,
    HEAD,
    IVIG,
    MARGIN,
    MARKER,
    MEAN,
    OF_SETS,
    PUBLISHED,
    SMALLEST,
    WHISKER,
    Dash,
    Page,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SETS, SEED = 400, 1
#: Doses of the volunteers: row of table P, colour, and place of the label.
VOLUNTEERS = {
    "0.2 g/kg": ("P1", DOSE_COLOURS[0], (8.0, 0.8)),
    "0.4 g/kg": ("P2", DOSE_COLOURS[2], (5.0, 6.3)),
}
FIVE_DAYS = "0.4 g/kg over 4 h every 1 day x 5"
MONTHLY = "0.2 g/kg over 4 h every 28 day x 3"
#: Kinetics, with their line and their label.
LINES: dict[str, tuple[Dash, str]] = {
    "volunteers": ("-", "volunteers"),
    "together": ((0, (7, 1.2)), "both together"),
    "cidp": ((0, (3, 1.5)), "CIDP"),
    "guillain_barre": ((0, (1.2, 0.9)), "Guillain-Barré"),
}
# The layout, in millimetres.
LEFT, GAP, TALL, BELOW, RIGHT = 9.0, 4.0, 42.0, 9.0, 1.0


def igg_people_figure(*, sets: int = SETS) -> Figure:
    """Draw IgG in people after IVIG, with what was published.

    Parameters
    ----------
    sets
        Draws of the volunteers' kinetics.

    Returns
    -------
    matplotlib.figure.Figure
        Volunteers after one infusion; Guillain-Barré syndrome after five; monthly infusions under each of
        the named kinetics.
    """
    missed = _rise("volunteers", FIVE_DAYS, [14.0])[0]
    published = _number(finding("P4").value)
    ends, lates = np.array([_rise("volunteers", f"{dose} over 4 h", [1 / 6, 29.0]) for dose in VOLUNTEERS]).T
    page, top = Page.around(
        DOUBLE,
        HEAD + TALL + BELOW,
        title=f"Kinetics of volunteers miss Guillain-Barré syndrome: {missed:.0f} g/L against {published:g}",
        footer=f"Band: {OF_SETS}, {sets} draws, seed {SEED}. Black: published means, P4 with its SD.",
        alt=(
            "Three graphs of the rise of IgG (g/L) by day. Volunteers after 0.2 and 0.4 g/kg: "
            f"{ends[0]:.1f} and {ends[1]:.1f} at the end, published 4.0 and 8.8; {lates[0]:.1f} and "
            f"{lates[1]:.1f} on day 29, published 1.5 and 2.8. Guillain-Barré, 2 g/kg: {missed:.0f} against "
            f"{published:g}. Monthly 0.2 g/kg under four kinetics."
        ),
    )
    width = (DOUBLE - 2 * MARGIN - 2 * GAP) / 3
    heads = (
        ("a", "Volunteers, one infusion", "points: published"),
        ("b", "Five infusions of 0.4 g/kg", "point: Guillain-Barré, SD"),
        ("c", "0.2 g/kg every 28 days", "by kinetics"),
    )
    for place, (letter, title, said) in enumerate(heads):
        left = MARGIN + place * (width + GAP)
        page.panel(letter, title, said, left=left, top=top, width=width)
        axes = page.axes(left=left + LEFT, top=top + HEAD, width=width - LEFT - RIGHT, height=TALL)
        axes.set_xlabel("days after the first infusion")
        (partial(_draw_volunteers, sets=sets), _draw_five, _draw_monthly)[place](axes)
    return page.figure


def _rise(kinetics: str, dose: str, days: Floats | list[float]) -> Floats:
    entries = human_entries(kinetics)
    one = parameters_of(entries, ["igg_uptake"], np.array([[entries["igg_uptake"].value]]))
    return np.asarray(igg_rise(one, dose, list(days))[0])


def _number(value: float | None) -> float:
    """Return a published number; NaN, which is not drawn, where there is none."""
    return np.nan if value is None else value


def _draw_volunteers(axes: Axes, *, sets: int) -> None:
    drawn = draw_human_kinetics(sets, seed=SEED)
    people = parameters_of(human_entries(), drawn.names, drawn.values)
    days = np.append(np.linspace(0.0, 1 / 6, 5), np.linspace(0.5, 35.0, 70))
    for dose, (row, colour, label) in VOLUNTEERS.items():
        given = f"{dose} over 4 h"
        low, high = np.percentile(igg_rise(people, given, list(days)), [2.5, 97.5], axis=0)
        axes.fill_between(days, low, high, color=ZONE, linewidth=0, zorder=1)
        axes.plot(days, _rise("volunteers", given, days), color=colour, linewidth=MEAN, zorder=2)
        for day, reading in ((1 / 6, "end"), (29.0, "day_29")):
            seen = finding(f"{row}.{reading}")
            height = [_number(seen.value)]
            axes.plot([day], height, "o", color=PUBLISHED, markersize=MARKER, zorder=3, gid=seen.id)
        axes.text(*label, dose, fontsize=SMALLEST)
    axes.set_xlim(-1, 35)
    axes.set_ylim(0, 10)
    axes.set_xticks([0, 7, 14, 21, 28, 35])
    axes.set_ylabel("rise of IgG (g/L)")


def _draw_five(axes: Axes) -> None:
    days = np.linspace(0.0, 28.0, 169)
    _draw_kinetics(axes, FIVE_DAYS, days)
    row = finding("P4")
    place = ([14.0], [_number(row.value)], [_number(row.error)])
    axes.errorbar(*place, fmt="o", color=PUBLISHED, markersize=MARKER, elinewidth=WHISKER, gid=row.id)
    axes.set_xlim(0, 28)
    axes.set_ylim(0, 36)
    axes.set_xticks([0, 7, 14, 21, 28])


def _draw_monthly(axes: Axes) -> None:
    days = np.unique(np.append(np.linspace(0.0, 84.0, 253), 28.0 * np.arange(3) + 1 / 6))
    _draw_kinetics(axes, MONTHLY, days)
    axes.set_xlim(0, 84)
    axes.set_ylim(0, 10)
    axes.set_xticks([0, 28, 56, 84])
    axes.legend(loc="upper left", fontsize=SMALLEST, frameon=False, handlelength=3, borderpad=0)


def _draw_kinetics(axes: Axes, dose: str, days: Floats) -> None:
    for kinetics, (dash, label) in LINES.items():
        axes.plot(days, _rise(kinetics, dose, days), color=IVIG, linestyle=dash, linewidth=MEAN, label=label)
