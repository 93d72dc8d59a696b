"""Relapses that one dose leaves, against the day it is given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.proportion import percent
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.questions.timing.attack.answer import PatientTiming
from eaesim.questions.timing.attack.words import trial_windows
from eaesim.workbench.figure.page import (
    DOUBLE,
    INK,
    IVIG,
    MARGIN,
    MEAN,
    MECHANISM_COLOURS,
    PUBLISHED,
    QUIET,
    RULE,
    RULES,
    SMALLEST,
    TEXT,
    Dash,
    Page,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, BELOW, TALL, ROW, RIGHT = 15.0, 10.0, 52.0, 4.2, 34.0
DASHES: tuple[Dash, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1.0)), (0, (9, 2)))
COLOURS = (IVIG, "#D55E00", "#009E73", "#CC79A7", "#7a4b00", "#56B4E9", "#404040", "#E69F00")


def figure(found: PatientTiming) -> Figure:
    """Draw a curve for each mechanism and dose, and above it when trials gave IVIG."""
    relapses = found.relapses.iloc[0]
    windows = trial_windows(relapses["median_day"])
    strip = ROW * len(windows) + 1.5
    page, top = Page.around(
        DOUBLE,
        strip + TALL + BELOW,
        title=_title(found),
        footer=_footer(found),
        alt=f"Lines, share of relapses left by dosing day. {found.sentence()}",
    )
    axes = page.axes(
        left=MARGIN + LEFT, top=top + strip, width=DOUBLE - 2 * MARGIN - LEFT - RIGHT, height=TALL
    )
    days = found.table["day"]
    margin = 0.03 * (days.max() - days.min()) or 1.0
    axes.set_xlim(days.min() - margin, days.max() + margin)
    axes.set_ylim(0, max(100.0, 10.0 * math.ceil(10 * found.table["left"].max() - 1e-9)) + 4)
    axes.set_yticks(range(0, 101, 25))
    axes.set_ylabel("relapses left (%)")
    axes.set_xlabel("dosing day (days after the attack that becomes the relapse)")
    for level in (50, 100):
        axes.axhline(level, color=RULES, linewidth=RULE, linestyle=(0, (1, 2)), zorder=0)
    axes.axvline(0, color=RULES, linewidth=RULE, zorder=1)
    _draw_relapses(axes, relapses)
    _draw_curves(axes, found)
    _draw_windows(page.strip(axes, height=strip), windows, axes.get_xlim())
    return page.figure


def _draw_relapses(axes: Axes, relapses: pd.Series) -> None:
    """Draw when untreated patients relapse."""
    axes.axvspan(
        relapses["day_5_percent"], relapses["day_95_percent"], color="#e8e8e8", linewidth=0, zorder=0
    )
    axes.axvline(relapses["median_day"], color=QUIET, linewidth=RULE, linestyle=(0, (4, 3)), zorder=1)
    axes.annotate(
        "relapse seen\nuntreated",
        (axes.get_xlim()[1], 4),
        ha="right",
        fontsize=SMALLEST,
        color=QUIET,
        va="bottom",
    )


def _draw_curves(axes: Axes, found: PatientTiming) -> None:
    curves = [*found.table.groupby(["mechanism", "dose"], sort=False)]
    mechanisms = list(dict.fromkeys(found.table["mechanism"]))
    doses = list(dict.fromkeys(found.table["dose"]))
    for place, (names, rows) in enumerate(curves):
        mechanism, dose = map(str, names)
        rank = mechanisms.index(mechanism)
        colour = MECHANISM_COLOURS.get(mechanism, COLOURS[rank % len(COLOURS)])
        dash = DASHES[(doses.index(dose) if len(doses) > 1 else rank) % len(DASHES)]
        if len(curves) <= 2:
            axes.fill_between(
                rows["day"], 100 * rows["left_low"], 100 * rows["left_high"], color=colour, alpha=0.18, lw=0
            )
        axes.plot(
            rows["day"], 100 * rows["left"], color=colour, linewidth=MEAN, linestyle=dash, marker="o", ms=2.2
        )
        height = 0.97 - 0.075 * place
        axes.plot([1.02, 1.07], [height] * 2, transform=axes.transAxes, color=colour, clip_on=False,
                  linewidth=MEAN, linestyle=dash)  # fmt: skip
        label = ", ".join(
            name
            for name, several in ((mechanism, mechanisms), (dose, doses))
            if len(several) > 1 or len(curves) == 1
        )
        axes.text(1.09, height, label, transform=axes.transAxes, fontsize=TEXT, color=INK, va="center")


def _draw_windows(above: Axes, windows: list[tuple[str, float, float]], limits: tuple[float, float]) -> None:
    """Draw the days on which trials gave IVIG, one line each, with its name beside the axes."""
    for row, (name, first, last) in enumerate(windows):
        height, ends = ROW * (row + 0.5), (max(first, limits[0]), min(last, limits[1]))
        if ends[0] < ends[1]:
            above.plot(ends, [height] * 2, color=PUBLISHED, linewidth=2.2, solid_capstyle="butt")
        above.annotate(
            name,
            (limits[1], height),
            (4, 0),
            textcoords="offset points",
            fontsize=SMALLEST,
            va="center",
            annotation_clip=False,
        )


def _title(found: PatientTiming) -> str:
    first = found.table[found.table["mechanism"] == found.table["mechanism"].iloc[0]]
    first = first[first["dose"] == first["dose"].iloc[0]]
    at = first.iloc[int(first["day"].abs().to_numpy().argmin())]
    who = f"Predicted ({at['mechanism']})" if found.table["mechanism"].nunique() > 1 else "Predicted"
    when = "at the attack" if at["day"] == 0 else f"on day {at['day']:g}"
    late = first[first["day"] > first.loc[first["left"] < 0.95, "day"].max()]
    after = f"; hardly from day {late['day'].iloc[0]:g}" if len(late) and first["left"].min() < 0.95 else ""
    return f"{who}: {percent(1 - at['left'])} fewer relapses, dosed {when}{after}"


def _footer(found: PatientTiming) -> str:
    request, relapses = found.plan.request, found.relapses
    sets = int(found.table["sets"].max())
    acting, doses = (list(dict.fromkeys(found.table[name])) for name in ("mechanism", "dose"))
    who = "the typical patient" if sets == 1 else f"{sets} parameter sets"
    curves = len(acting) * len(doses)
    drug = "IVIG" if request.drug == STUDIED_DRUG else request.drug
    named = f"{', '.join(acting)}; {', '.join(doses)} of {drug}"
    band = "95 % interval" if curves <= 2 else "intervals are in the table"
    return (
        f"PREDICTION: no trial gave one dose at such days. {named}; {who}, {int(relapses['patients'].max())} "
        f"patients with one attack each, seed {request.seed}. Band: {band}. Grey: days on which 5 to 95 % of "
        "untreated relapses are seen. Black: when trials gave IVIG."
    )
