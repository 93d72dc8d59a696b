"""The figure of a fit: predicted and published readings, and what the data say about each number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.estimation.target import Target
from eaesim.questions.fit.result import ESTIMATED, Fit
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
    wrap,
    write,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STATUSES = {
    "estimated": COLOURS[0],
    "bounded on both sides": COLOURS[2],
    "bounded from below": COLOURS[4],
    "bounded from above": COLOURS[1],
    "not estimable": COLOURS[6],
}
# Standard deviations that are drawn to each side; what lies beyond is drawn at the edge.
FARTHEST = 5.0
# The layout, in inches.
EDGE, NAME_LEFT, LEFT, ROWS_WIDTH, SAID, GAP, BARS_WIDTH, RIGHT = 0.12, 0.25, 2.2, 3.0, 2.0, 2.3, 2.2, 0.3
HEAD, ABOVE, ROW, BAR, BELOW = 0.45, 0.3, 0.23, 0.155, 0.78
WIDTH = LEFT + ROWS_WIDTH + SAID + GAP + BARS_WIDTH + RIGHT


def figure(fit: Fit) -> Figure:
    """Draw every row with its prediction, and the width of every posterior relative to its prior.

    Parameters
    ----------
    fit
        What was found.

    Returns
    -------
    matplotlib.figure.Figure
        At the left, medians with 90 % intervals in standard deviations of what was published; at the right,
        how wide what is left of each prior is.
    """
    rows = fit.rows
    lines = len(rows) + rows["experiment"].nunique()
    height = max(ROW * lines, BAR * len(fit.identifiability))
    top = EDGE + HEAD + ABOVE
    entries = _entries(fit.identifiability)
    bottom = top + height + BELOW
    note = bottom + legend_height(entries, WIDTH - NAME_LEFT)
    footer = wrap(_footer(fit), WIDTH - NAME_LEFT - RIGHT)
    page = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    write(page, _title(fit), left=NAME_LEFT, top=EDGE, size=TITLE, weight="bold")
    write(page, fit.sentence(), left=NAME_LEFT, top=EDGE + 0.19, size=TEXT)
    _draw_rows(add_axes(page, left=LEFT, top=top, width=ROWS_WIDTH, height=height), fit)
    bars = add_axes(
        page,
        left=LEFT + ROWS_WIDTH + SAID + GAP,
        top=top,
        width=BARS_WIDTH,
        height=height,
    )
    _draw_widths(bars, fit.identifiability)
    add_legend(page, entries, left=NAME_LEFT, top=bottom)
    write(page, footer, left=NAME_LEFT, top=note, color=NOTE)
    return page


def _title(fit: Fit) -> str:
    names = " and ".join(rat.title.partition(":")[0] for rat in fit.simulator.prior.rats.values())
    return f"{names}: predicted and published, and what the rows say about each parameter"


def standardised(target: Target, values: Any) -> Any:
    """Return how many standard deviations predictions lie above what was published.

    For a bound, above that bound; a value between two bounds is 0.
    """
    values = np.asarray(values, dtype=float)
    if np.isinf(target.low) or np.isinf(target.high):
        bound = target.high if np.isinf(target.low) else target.low
        return (target.on_scale(values) - bound) / target.spread
    return target.off(values)


def _draw_rows(axes: Axes, fit: Fit) -> None:
    """Draw one line per row, below the name of its experiment; published and predicted are at the right."""
    table = fit.rows
    axes.set_xlim(-FARTHEST - 0.3, FARTHEST + 0.3)
    axes.axvspan(-1.96, 1.96, color="#f0f0f0", zorder=0, linewidth=0)
    axes.axvline(0, color=PALE, linewidth=0.8, zorder=1)
    place, ticks, names = 0.0, [], []
    across = axes.get_yaxis_transform()
    for experiment in table["experiment"].unique():
        text = experiment.replace("_", " ").replace("da ", "DA ").replace("lewis ", "Lewis ")
        start = -(LEFT - NAME_LEFT) / ROWS_WIDTH
        axes.text(start, place, text, transform=across, va="center", fontsize=SMALL, weight="bold")
        place += 1
        for number in np.flatnonzero(table["experiment"] == experiment):
            row, target = table.iloc[number], fit.simulator.targets[number]
            _draw_row(axes, place, target, row)
            axes.text(
                1.03, place, _said(target, row), transform=across, va="center", fontsize=SMALL, color=INK
            )
            ticks.append(place)
            # For an assumed bound there is room to say only that.
            known = re.split(r"[.:]", row["finding"])[0]
            names.append(f"{row['reading'].replace('_', ' ')}  {known}")
            place += 1
    axes.set_ylim(place - 0.4, -0.6)
    axes.set_yticks(ticks, names, fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("predicted, in standard deviations of what was published\n(median, 90 % interval)")
    axes.xaxis.label.set_fontsize(TEXT)
    axes.text(1.03, -0.75, "published → predicted", transform=across, fontsize=SMALL, color=NOTE, va="bottom")


def _draw_row(axes: Axes, place: float, target: Target, row: pd.Series[Any]) -> None:
    if np.isnan(row["predicted"]):
        return
    low, middle, high = standardised(target, row[["low", "predicted", "high"]].to_numpy(dtype=float))
    if np.isinf(target.low) or np.isinf(target.high):
        ends = [0, FARTHEST + 0.3] if np.isinf(target.high) else [-FARTHEST - 0.3, 0]
        axes.plot(ends, [place] * 2, color="#dcebf5", linewidth=7, solid_capstyle="butt", zorder=0.5)
    shown = np.clip([low, high], -FARTHEST, FARTHEST)
    axes.plot(shown, [place] * 2, color=COLOURS[0], linewidth=1.4, label="interval", zorder=2)
    beyond = abs(middle) > FARTHEST
    marker = (">" if middle > 0 else "<") if beyond else "o"
    point = float(np.clip(middle, -FARTHEST, FARTHEST))
    axes.plot([point], [place], marker, color=COLOURS[0], markersize=4.5, label="predicted", zorder=3)


def _said(target: Target, row: pd.Series[Any]) -> str:
    """Return what was published, or the bound that its words became, and what is predicted."""
    if np.isinf(target.high):
        published = f"≥ {_read_back(target, target.low)}"
    elif np.isinf(target.low):
        published = f"≤ {_read_back(target, target.high)}"
    else:
        published = str(row["published"])
    if np.isnan(row["predicted"]):
        return f"{published} → no value"
    predicted = float(row["predicted"])
    share = target.scale == "logit"
    return f"{published} → " + (f"{100 * predicted:.0f} %" if share else f"{predicted:.2g}")


def _read_back(target: Target, bound: float) -> str:
    """Return a bound as it was before it was scaled."""
    return f"{100 / (1 + np.exp(-bound)):.0f} %" if target.scale == "logit" else f"{bound:g}"


def _draw_widths(axes: Axes, table: pd.DataFrame) -> None:
    """Draw how wide each posterior is relative to its prior, the narrowest first."""
    table = table.sort_values("width", kind="stable")
    places = np.arange(len(table))
    axes.barh(places, table["width"], 0.72, color=[STATUSES[status] for status in table["status"]])
    names = [
        row["parameter"].replace("_", " ").replace("cns", "CNS")
        + ("" if row["strain"] == "shared" else f" ({_strain(row)})")
        for _, row in table.iterrows()
    ]
    axes.set_yticks(places, names, fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.set_xlim(0, max(1.05, float(table["width"].max()) * 1.03))
    for line in (ESTIMATED, 1.0):
        axes.axvline(line, color=INK, linewidth=0.7, linestyle=":", zorder=3)
    axes.set_xlabel("width of the posterior, prior = 1", fontsize=TEXT)


def _strain(row: pd.Series[Any]) -> str:
    return {"da": "DA", "lewis": "Lewis"}[str(row["strain"])]


def _entries(table: pd.DataFrame) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    there = set(table["status"])
    return [
        (Line2D([], [], color=COLOURS[0], marker="o", markersize=4.5, linewidth=1.4), "predicted, 90 %"),
        (Patch(color="#f0f0f0"), "95 % between-laboratory range"),
        (Patch(color="#dcebf5"), "allowed by a published bound"),
        *((Patch(color=colour), status) for status, colour in STATUSES.items() if status in there),
    ]


def _footer(fit: Fit) -> str:
    chains, members, _ = fit.places.shape
    return " ".join(
        [
            f"Model: {chains} chains of {members} parameter sets; {fit.simulator.animals} rats in each "
            "population. The standard deviation combines the row's own error with that between laboratories, "
            "which is assumed. A parameter is estimated where its posterior is at most "
            f"{ESTIMATED} as wide as its prior.",
            *(note[0].upper() + note[1:] for note in fit.notes()),
        ]
    )
