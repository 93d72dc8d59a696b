"""What all figures share: colours, letter sizes, bare axes, and the mark of a prediction."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1a1a1a"
PALE = "#8c8c8c"
NOTE = "#555555"
# Okabe and Ito's colours for all kinds of colour vision, with a grey for their yellow, too faint on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8c8c8c")
DASHES: tuple[Literal["-", "--", ":", "-."], ...] = ("-", "--", ":", "-.")
TITLE, TEXT, SMALL = 10.0, 8.5, 7.5
BAND = 0.18

PREDICTION = "PREDICTION - no experiment found has tested this"
TINT, TINT_EDGE = "#faf4e6", "#b8a878"

# For the smallest size; a line of text is never measured, so that a figure does not depend on a renderer.
LETTERS_PER_INCH, LINE_HEIGHT = 17, 0.13
NOTE_LINE = 0.16
# A legend is narrower, being without capitals and bold letters.
LEGEND_LINE, LEGEND_HANDLE, LEGEND_LETTERS = 0.17, 0.58, 19


def sheet(width: float, height: float) -> Figure:
    """Return an empty white figure, in inches, bound to no window."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100, facecolor="white")
    figure.set_layout_engine("none")
    return figure


def add_axes(figure: Figure, *, left: float, top: float, width: float, height: float) -> Axes:
    """Add bare axes, placed in inches from the upper left corner of the figure."""
    across, down = figure.get_size_inches()
    axes = figure.add_axes(
        (left / across, 1 - (top + height) / down, width / across, height / down), facecolor="white"
    )
    axes.grid(False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=TEXT, color=PALE, labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_color(PALE)
    return axes


def inches(axes: Axes) -> tuple[float, float]:
    """Return width and height of axes."""
    return axes.bbox.width / axes.figure.dpi, axes.bbox.height / axes.figure.dpi


def write(figure: Figure, text: str, *, left: float, top: float, size: float = SMALL, **options: Any) -> None:
    """Write text whose upper left corner is placed in inches from that of the figure."""
    across, down = figure.get_size_inches()
    settings: dict[str, Any] = {"color": INK, "va": "top", "ha": "left", "linespacing": 1.25} | options
    figure.text(left / across, 1 - top / down, text, fontsize=size, **settings)


def wrap(text: str, inches: float, *, size: float = SMALL) -> str:
    """Break text into lines that fit a width."""
    return textwrap.fill(text, max(int(inches * LETTERS_PER_INCH * SMALL / size), 8))


def tag_prediction(figure: Figure, *, left: float, top: float) -> None:
    """Write in a box that the figure below is a prediction."""
    box = {"boxstyle": "round,pad=0.3", "facecolor": TINT, "edgecolor": TINT_EDGE, "linewidth": 0.8}
    write(figure, PREDICTION, left=left + 0.04, top=top + 0.04, bbox=box)


def mark_event(axes: Axes, day: float, text: str, *, place: str = "center") -> None:
    """Write above the axes what happens on a day."""
    axes.annotate(
        text,
        (day, 1),
        (0, 3),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        fontsize=SMALL,
        color=INK,
        ha=place,
        va="bottom",
        linespacing=1.05,
    )


def legend_height(entries: Sequence[tuple[Artist, str]], width: float) -> float:
    """Return how many inches a legend takes within a width."""
    return LEGEND_LINE * math.ceil(len(entries) / _legend_columns(entries, width)) + 0.15


def add_legend(figure: Figure, entries: Sequence[tuple[Artist, str]], *, left: float, top: float) -> None:
    """Add a legend below everything drawn, placed in inches from the upper left corner."""
    across, down = figure.get_size_inches()
    figure.legend(
        [artist for artist, _ in entries],
        [label for _, label in entries],
        loc="upper left",
        bbox_to_anchor=(left / across, 1 - top / down),
        ncols=_legend_columns(entries, across - left),
        fontsize=SMALL,
        frameon=False,
        borderpad=0.0,
        borderaxespad=0.0,
        labelspacing=0.45,
        handlelength=3.0,
        columnspacing=1.6,
    )


def _legend_columns(entries: Sequence[tuple[Artist, str]], width: float) -> int:
    """Return the most columns whose widest labels fit next to each other."""
    letters = [len(label) for _, label in entries]
    for columns in range(len(letters), 1, -1):
        rows = math.ceil(len(letters) / columns)
        widest = [max(letters[start : start + rows]) for start in range(0, len(letters), rows)]
        if sum(LEGEND_HANDLE + count / LEGEND_LETTERS for count in widest) <= width:
            return len(widest)
    return 1


def days_axis(axes: Axes, first: float, last: float) -> None:
    """Set the ends of an axis of days, with ticks on whole weeks where they fit."""
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    axes.set_xlim(first, last)
    weeks = 14 <= last - first <= 70
    axes.xaxis.set_major_locator(MultipleLocator(7) if weeks else MaxNLocator(6, integer=True))
