"""A forest: values of arms with their intervals, and published values below them in rows of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eaesim.workbench.figure.marks import draw_value, write_at_end
from eaesim.workbench.figure.page import (
    DOUBLE,
    INK,
    IVIG,
    MARGIN,
    MARKER,
    MECHANISM_DASHES,
    PUBLISHED,
    QUIET,
    RULE,
    RULES,
    SMALLEST,
    TEXT,
    WHISKER,
    LineStyle,
    Page,
    fit,
    length,
    line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Millimetres: the names of the rows, the space between columns, and the ticks below an axis.
NAMES, GAP, AXIS = 42.0, 4.0, 5.0
# Columns in a row; more are drawn below.
COLUMNS = 3
_ROW, _PUBLISHED = 4.2, 3.0
#: Effects within this many percent are none.
ZONE = 15.0
# Axes of percent have ticks on quarters where they are so wide in millimetres, and their range is no larger.
_WIDE, _MOST_PERCENT = 30.0, 180.0
_ROOM = DOUBLE - 2 * MARGIN


@dataclass(frozen=True)
class Mark:
    """A value with its interval, in the unit of its column.

    Attributes
    ----------
    value, low, high
        NaN where unknown.
    label
        Written at the right end of its row.
    colour
        Of its line and dot.
    is_tested
        Whether an experiment was done like this; the line is dashed elsewhere.
    is_filled
        Whether its mark is filled; a hollow published one was used in the fit.
    id
        Of a published finding.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    label: str = ""
    colour: str = IVIG
    is_tested: bool = True
    is_filled: bool = True
    id: str = ""


@dataclass(frozen=True)
class Row:
    """One arm.

    Attributes
    ----------
    name, note
        Its name, and a line below it.
    """

    name: str
    note: str = ""


@dataclass(frozen=True)
class Column:
    """One quantity.

    Attributes
    ----------
    axis
        Its name with its unit.
    marks
        A mark for each row; None where it has none.
    published
        Published values of each row.
    limits
        Ends of its axis.
    is_none
        Rows in whose zone of no effect a published finding lies.
    zone
        What is written above that zone.
    is_effect
        Whether 0 is no effect, which is marked.
    """

    axis: str
    marks: Sequence[Mark | None]
    published: Sequence[Sequence[Mark]]
    limits: tuple[float, float]
    is_none: Sequence[bool] = ()
    zone: str = ""
    is_effect: bool = False


def forest_height(rows: Sequence[Row], columns: Sequence[Column]) -> float:
    """Return the millimetres that `draw_forest` takes, with its axes."""
    return sum(_block_height(rows, block) for block in _blocks(columns))


def first_rows(
    rows: Sequence[Row], columns: Sequence[Column], *, room: float
) -> tuple[Sequence[Row], Sequence[Column]]:
    """Return as many of the first rows as have room in a height, at least one."""
    for count in range(len(rows), 0, -1):
        some = [replace(one, marks=one.marks[:count], published=one.published[:count]) for one in columns]
        if forest_height(rows[:count], some) <= room:
            break
    return rows[:count], some


def _blocks(columns: Sequence[Column]) -> list[Sequence[Column]]:
    """Return the columns in each row; four are two and two."""
    across = 2 if len(columns) == 2 * (COLUMNS - 1) else COLUMNS
    return [columns[first : first + across] for first in range(0, len(columns), across)]


def _block_height(rows: Sequence[Row], columns: Sequence[Column]) -> float:
    zone = line(SMALLEST) if any(one.zone for one in columns) else 0.0
    names = max(fit(one.axis, _width(one, columns) + GAP, TEXT).count("\n") + 1 for one in columns)
    return zone + sum(_row_heights(rows, columns)) + AXIS + line(TEXT) * names


def _width(one: Column, block: Sequence[Column]) -> float:
    """Return the width of the axes of a column, next to the labels of its marks."""
    words = [mark.label for mark in (*one.marks, *(mark for each in one.published for mark in each)) if mark]
    text = max((length(word, SMALLEST) for word in words), default=0.0)
    return (_ROOM - NAMES) / len(block) - text - GAP


def _row_heights(rows: Sequence[Row], columns: Sequence[Column]) -> list[float]:
    return [
        max(
            _ROW + _PUBLISHED * max(len(one.published[place]) for one in columns),
            line(SMALLEST) * (_words(row).count("\n") + 1) + 0.8,
        )
        for place, row in enumerate(rows)
    ]


def _words(row: Row) -> str:
    return "\n".join(fit(text, NAMES - 2, SMALLEST) for text in (row.name, row.note) if text)


def draw_forest(
    page: Page, rows: Sequence[Row], columns: Sequence[Column], *, left: float, top: float
) -> list[Axes]:
    """Draw a column of values for every quantity, with the names of the rows at the left.

    Parameters
    ----------
    page
        Where.
    rows, columns
        What is drawn.
    left, top
        Place in millimetres; it is as wide as the page.

    Returns
    -------
    list of matplotlib.axes.Axes
        The axes of each column.
    """
    drawn = []
    for block in _blocks(columns):
        heights = _row_heights(rows, block)
        start = top + (line(SMALLEST) if any(one.zone for one in block) else 0.0)
        at = start
        for row, height in zip(rows, heights, strict=True):
            page.write(fit(row.name, NAMES - 2, SMALLEST), left, at + 0.3, size=SMALLEST)
            below = at + 0.3 + line(SMALLEST) * (fit(row.name, NAMES - 2, SMALLEST).count("\n") + 1)
            page.write(fit(row.note, NAMES - 2, SMALLEST), left, below, size=SMALLEST, color=QUIET)
            at += height
        for place, one in enumerate(block):
            start_of = left + NAMES + place * (_ROOM - NAMES) / len(block)
            wide = _width(one, block)
            axes = page.rows(heights, left=start_of, top=start, width=wide)
            _draw_column(axes, one, heights, width=wide)
            drawn.append(axes)
        top += _block_height(rows, block)
    return drawn


def _draw_column(axes: Axes, one: Column, heights: Sequence[float], *, width: float) -> None:
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    axes.set_xlim(*one.limits)
    is_percent = "%" in one.axis and one.limits[1] - one.limits[0] < _MOST_PERCENT
    quarters, few = MultipleLocator(25 if width > _WIDE else 50), MaxNLocator(max(2, int(width / 8)))
    axes.xaxis.set_major_locator(quarters if is_percent else few)
    axes.set_xlabel(fit(one.axis, width + GAP, TEXT))
    if one.is_effect:
        axes.axvline(0, color=RULES, linewidth=RULE, zorder=1)
    start = 0.0
    for place, height in enumerate(heights):
        if place:
            axes.axhline(start, color="#e3e3e3", linewidth=RULE, zorder=0.5)
        if place < len(one.is_none) and one.is_none[place]:
            axes.fill_between([-ZONE, ZONE], start, start + height, color="#e2e2e2", linewidth=0, zorder=0)
        mark, published = one.marks[place], one.published[place]
        if mark is not None:
            _draw_mark(axes, mark, start + 0.5 * _ROW, "o")
        for number, each in enumerate(published):
            _draw_mark(axes, each, start + _ROW + _PUBLISHED * (number + 0.4), "D")
        start += height
    if one.zone:
        axes.text(0, 0, one.zone, fontsize=SMALLEST, ha="center", va="bottom", color=INK)


def _draw_mark(axes: Axes, one: Mark, height: float, marker: str) -> None:
    colour = one.colour if marker == "o" else PUBLISHED
    if math.isfinite(one.low) and math.isfinite(one.high):
        dash = "-" if one.is_tested else MECHANISM_DASHES["H1a"]
        style: LineStyle = {"linewidth": WHISKER, "linestyle": dash, "label": "interval", "zorder": 2}
        axes.plot([one.low, one.high], [height, height], color=colour, **style)
    if math.isfinite(one.value):
        size, style = MARKER if marker == "o" else MARKER - 0.8, {"label": "value", "clip_on": False}
        drawn = draw_value(
            axes, one.value, height, marker, colour=colour, size=size, is_filled=one.is_filled, **style
        )
        if one.id:
            drawn.set_gid(one.id)
    write_at_end(axes, one.label, height, color=INK)
