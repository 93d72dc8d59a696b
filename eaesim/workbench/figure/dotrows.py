"""Rows of words, each with dots and their intervals on one common axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eaesim.workbench.figure.marks import draw_value
from eaesim.workbench.figure.page import (
    IVIG,
    MARKER,
    RULE,
    RULES,
    SMALLEST,
    WHISKER,
    Page,
    fit,
    line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Millimetres between the text of two rows, and between the words and the axes.
APART, BESIDE = 0.7, 2.0
ZONE = "#ececec"


@dataclass(frozen=True)
class Dot:
    """A value with its interval.

    Attributes
    ----------
    value, low, high
        NaN without an interval. A value or end outside the axes is an arrow at their end.
    colour, marker, size, is_filled
        Style of the mark.
    lift
        By how many millimetres it stands above the middle of its row.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    colour: str = IVIG
    marker: str = "o"
    size: float = MARKER
    is_filled: bool = True
    lift: float = 0.0


@dataclass(frozen=True)
class DotRow:
    """One row.

    Attributes
    ----------
    words
        At its left.
    dots
        Drawn in one line; none for a heading, which is bold.
    said
        At its right.
    zone
        Ends of a grey stretch that belongs to this row.
    """

    words: str
    dots: tuple[Dot, ...] = ()
    said: str = ""
    zone: tuple[float, float] | None = None


def row_heights(rows: Sequence[DotRow], words: float, said: float = 0.0) -> list[float]:
    """Return the millimetres that each row takes if its words have this width."""
    return [
        APART
        + line(SMALLEST)
        * max(
            fit(text, width, SMALLEST).count("\n") + 1
            for text, width in ((row.words, words), (row.said, said))
        )
        for row in rows
    ]


def draw_dot_rows(
    page: Page,
    rows: Sequence[DotRow],
    *,
    left: float,
    top: float,
    words: float,
    width: float,
    said: float = 0.0,
    limits: tuple[float, float],
    axis: str,
    is_log: bool = False,
    zone: tuple[float, float] | None = None,
    reference: float | None = None,
    has_words: bool = True,
) -> Axes:
    """Draw rows below each other.

    Parameters
    ----------
    page
        Where.
    rows
        From top to bottom.
    left, top
        Upper left corner of the words, in millimetres.
    words, width, said
        Widths of the words, of the axes, and of what stands at the right.
    limits, axis, is_log
        Ends and name of the axis, and whether it is logarithmic.
    zone
        A grey stretch over all rows.
    reference
        A thin upright line.
    has_words
        Whether the words are written; they are not where other axes with the same rows stand at the left.
    """
    heights = row_heights(rows, words, said)
    across = left + (words + BESIDE if has_words else 0.0)
    axes = page.rows(heights, left=across, top=top, width=width)
    if is_log:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xlim(*limits)
    axes.set_xlabel(axis)
    if zone is not None:
        axes.axvspan(*zone, color=ZONE, linewidth=0, zorder=0)
    if reference is not None:
        axes.axvline(reference, color=RULES, linewidth=RULE, zorder=1)
    start = 0.0
    for row, height in zip(rows, heights, strict=True):
        middle = start + height / 2
        start += height
        weight = "normal" if row.dots else "bold"
        if has_words:
            text = fit(row.words, words, SMALLEST)
            page.write(text, left, top + middle, size=SMALLEST, va="center", weight=weight)
        if row.said:
            text = fit(row.said, said, SMALLEST)
            page.write(text, across + width + BESIDE, top + middle, size=SMALLEST, va="center")
        if row.zone is not None:
            low, high = max(row.zone[0], limits[0]), min(row.zone[1], limits[1])
            axes.fill_between([low, high], middle - 1.2, middle + 1.2, color=ZONE, linewidth=0, zorder=0.5)
        for dot in row.dots:
            _draw_dot(axes, dot, middle - dot.lift, limits)
    return axes


def _draw_dot(axes: Axes, dot: Dot, height: float, limits: tuple[float, float]) -> None:
    first, last = limits
    if not math.isfinite(dot.value):
        return
    if math.isfinite(dot.low) and dot.low < last and dot.high > first:
        ends = [max(dot.low, first), min(dot.high, last)]
        axes.plot(ends, [height] * 2, color=dot.colour, linewidth=WHISKER, solid_capstyle="butt", zorder=2)
    marks = [(dot.value, dot.marker)] if first <= dot.value <= last else []
    if dot.value < first or dot.low < first:
        marks.append((first, "<"))
    if dot.value > last or dot.high > last:
        marks.append((last, ">"))
    for value, marker in marks:
        draw_value(
            axes,
            value,
            height,
            marker,
            colour=dot.colour,
            size=dot.size,
            is_filled=dot.is_filled,
            clip_on=False,
        )
