"""The figure of all rows: how many parameter sets are on the published side of each, and its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE
from eaesim.evidence.thresholds import thresholds
from eaesim.questions.mechanisms.judged import Rows
from eaesim.workbench.figure.style import (
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

# Blue, orange and grey differ for all kinds of colour vision, and in lightness.
DOT_COLOURS = {AGREES: "#2f86bd", DISAGREES: "#d95f02", INCONCLUSIVE: "#b3b3b3"}
PANELS = {"validate": "Never fitted", "calibrate": "Fitted"}
# The layout, in inches.
EDGE, LEFT, WIDTH, RIGHT, ROW, HEAD, BETWEEN, BELOW = 0.15, 4.1, 2.6, 2.1, 0.17, 0.5, 0.3, 0.5
_LETTERS = 66


def rows_figure(result: Rows) -> Figure:
    """Draw a dot for every reading that was judged, by the share of sets on the published side.

    Rows on IVIG are drawn for the likeliest single mechanism, those that no fit has seen first.
    """
    mechanism = next((name for name in result.mechanisms if "+" not in name), "")
    table = result.table()
    judged = table["counts"] & table["mechanism"].isin(["", mechanism]) & table["share"].notna()
    shown = [table[judged & (table["use"] == use)] for use in PANELS]
    width = EDGE + LEFT + WIDTH + RIGHT
    top = EDGE + HEAD
    below = top + sum(ROW * len(rows) + 2 * BETWEEN for rows in shown) + BELOW
    footer = wrap(_footer(result), width - 2 * EDGE)
    entries = _entries()
    note = below + legend_height(entries, width - EDGE)
    figure = sheet(width, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    acting = f" (IVIG: {mechanism})" if mechanism else ""
    write(figure, f"Every row of the evidence{acting}", left=EDGE, top=EDGE, size=TITLE, weight="bold")
    text = "predicted: median and 90 % interval of the parameter sets' own values"
    write(figure, text, left=EDGE, top=EDGE + 0.19, size=TEXT)
    for rows, title in zip(shown, PANELS.values(), strict=True):
        write(figure, title, left=EDGE, top=top, size=TEXT, weight="bold")
        top += BETWEEN
        axes = add_axes(figure, left=EDGE + LEFT, top=top, width=WIDTH, height=max(ROW * len(rows), ROW))
        _draw(axes, rows, last=rows is shown[-1])
        top += ROW * len(rows) + BETWEEN
    add_legend(figure, entries, left=EDGE, top=below)
    write(figure, footer, left=EDGE, top=note, color=NOTE)
    return figure


def _draw(axes: Axes, rows: pd.DataFrame, *, last: bool) -> None:
    places = np.arange(len(rows))
    rule = thresholds()
    for edge in (rule.disagree_to, rule.agree_from):
        axes.axvline(100 * edge, color=PALE, linewidth=0.6)
    for verdict, colour in DOT_COLOURS.items():
        own = (rows["verdict"] == verdict).to_numpy()
        share = 100 * rows["share"].to_numpy(dtype=float)[own]
        axes.plot(share, places[own], "o", color=colour, markersize=4.5, clip_on=False, label=verdict)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_yticks(places, [_name(row) for _, row in rows.iterrows()], fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelbottom=last, length=3 if last else 0)
    axes.spines["left"].set_visible(False)
    for place, (_, row) in zip(places, rows.iterrows(), strict=True):
        text = f"{_number(row['predicted'])} [{_number(row['low'])}, {_number(row['high'])}]"
        axes.annotate(
            text,
            (1, place),
            (14, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=INK,
        )
    if last:
        axes.set_xlabel("parameter sets on the published side, %", fontsize=TEXT)


def _name(row: pd.Series[str]) -> str:
    """Return the id of a finding and what was published, cut to the room there is."""
    label = f" ({row['reading']})" if row["reading"] else ""
    text = f"{row['finding']}{label}: {row['published']}"
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1].rstrip()}…"


def _number(value: float) -> str:
    shown = 0.0 if abs(value) < 0.005 else value
    return f"{shown:.2g}".replace("-", "\N{MINUS SIGN}")


def _entries() -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D

    return [
        (Line2D([], [], marker="o", linestyle="none", color=colour, markersize=4.5), verdict)
        for verdict, colour in DOT_COLOURS.items()
    ]


def _footer(result: Rows) -> str:
    judged = {each.finding.partition(".")[0] for each in result.judged}
    missing = dict.fromkeys(name.partition(".")[0] for name in result.left_out)
    named = ", ".join(row for row in missing if row not in judged)
    rule = thresholds()
    return (
        f"A row in words agrees where {100 * rule.agree_from:.0f} % of parameter sets are on its side, and "
        f"disagrees at {100 * rule.disagree_to:.0f} % (lines); a number is compared with the predictive "
        "interval, so its colour may differ. Effects are 1 - treated/control. "
        f"Not simulated: {named or 'none'}; rows.csv gives the reasons."
    )
