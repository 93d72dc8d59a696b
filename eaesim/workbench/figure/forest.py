"""Rows of schedules: their doses on an axis of days, and to the right their effects with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from eaesim.endpoints import Estimate
from eaesim.workbench.figure.course import week_ticks
from eaesim.workbench.figure.marks import draw_value, write_at_end
from eaesim.workbench.figure.page import (
    IVIG,
    MARKER,
    QUIET,
    RULE,
    RULES,
    SMALLEST,
    WHISKER,
    LineStyle,
    Page,
    fit,
    length,
    line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Millimetres: the names, the doses, between columns, and beside one for its numbers.
NAMES, DOSES, GAP, NUMBERS = 42.0, 34.0, 3.0, 6.0
#: Millimetres: between rows, and below the last for the axes.
BETWEEN, BELOW = 1.8, 8.0
# Area of the mark of the largest dose, in square points.
_LARGEST = 36.0
_ZONE = "#e6e6e6"
_LOWEST = -100.0


@dataclass(frozen=True)
class Mark:
    """One dose.

    Attributes
    ----------
    day
        When it is given; of doses that wait for a sign, the median.
    size
        Its amount, as a share of the largest.
    last
        Day of its end; the same day for a bolus.
    colour
        By drug.
    spread
        First and last day of nine in ten rats, where the dose waits for a sign; its mark is hollow then.
    """

    day: float
    size: float
    last: float
    colour: str = IVIG
    spread: tuple[float, float] | None = None


@dataclass(frozen=True)
class ForestRow:
    """A row.

    Attributes
    ----------
    name, note
        What it is, and below it what is given.
    marks
        Its doses.
    found
        One estimate a column; None for none.
    beside
        Second estimates, drawn hollow; empty for none.
    """

    name: str
    note: str
    marks: tuple[Mark, ...]
    found: tuple[Estimate | None, ...]
    beside: tuple[Estimate | None, ...] = ()


@dataclass(frozen=True)
class Column:
    """An axis of effects.

    Attributes
    ----------
    title
        What is drawn, with its unit.
    kind
        ``"effect"`` in percent, on an axis from 0 to 100; ``"share"`` of rats in percent; another
        ``"difference"``.
    zone
        Two ends of a grey band; None for none.
    reference, label
        Place of a vertical line, and what it is.
    """

    title: str
    kind: Literal["effect", "share", "difference"] = "effect"
    zone: tuple[float, float] | None = None
    reference: float = 0.0
    label: str = ""


def in_percent(found: Estimate, *, members: int) -> Estimate:
    """Return a share in percent; of one parameter set without an interval, which is that of the simulation.

    Examples
    --------
    >>> in_percent(Estimate(0.5, 0.4, 0.6), members=20)
    Estimate(value=50.0, low=40.0, high=60.0)
    """
    ends = (100 * found.low, 100 * found.high) if members > 1 else (math.nan, math.nan)
    return Estimate(100 * found.value, *ends)


def key_of(rows: Sequence[ForestRow]) -> str:
    """Return what the marks of the doses of rows are, as far as they occur."""
    marks = [mark for row in rows for mark in row.marks]
    parts = [
        "Area: amount." if len({mark.size for mark in marks}) > 1 else "",
        "Hollow: waits for a sign, median day (line: nine of ten rats)."
        if any(mark.spread is not None for mark in marks)
        else "",
        "Brown: another drug." if any(mark.colour != IVIG for mark in marks) else "",
    ]
    return " ".join(part for part in parts if part)


def forest_height(rows: Sequence[ForestRow], columns: Sequence[Column], *, width: float) -> float:
    """Return the millimetres that `draw_forest` takes."""
    return _above(columns, width, key_of(rows)) + sum(map(_height, rows)) + BELOW


def _height(row: ForestRow) -> float:
    return _lines(row) * line(SMALLEST) + BETWEEN


def _room(columns: Sequence[Column], width: float) -> float:
    """Return the width of a column with its numbers."""
    return (width - NAMES - DOSES - len(columns) * GAP) / len(columns)


def _above(columns: Sequence[Column], width: float, key: str) -> float:
    """Return the height of the titles of the columns, the lines below them, and the key."""
    room = _room(columns, width)
    titles = [fit(one.title, room, SMALLEST).count("\n") + 1 + bool(one.label) for one in columns]
    return line(SMALLEST) * max(*titles, fit(key, NAMES - 2, SMALLEST).count("\n") + 2) + 1.0


def draw_forest(
    page: Page,
    rows: Sequence[ForestRow],
    columns: Sequence[Column],
    *,
    days: tuple[float, float],
    events: Sequence[tuple[float, str]],
    left: float,
    top: float,
    width: float,
) -> None:
    """Draw rows: name, doses, and an estimate with its 95 % interval in every column.

    Parameters
    ----------
    page
        Where.
    rows
        From above.
    columns
        From the left.
    days
        Ends of the axis of days.
    events
        Day and name of what happens to all.
    left, top, width
        Place in millimetres.
    """
    key = key_of(rows)
    room, above = _room(columns, width), _above(columns, width, key)
    start, heights = top + above, [_height(row) for row in rows]
    middles = [sum(heights[:place]) + each / 2 for place, each in enumerate(heights)]
    page.write(fit(key, NAMES - 2, SMALLEST), left, top, size=SMALLEST, color=QUIET)
    for row, middle in zip(rows, middles, strict=True):
        upper, name = start + middle - _lines(row) * line(SMALLEST) / 2, fit(row.name, NAMES - 1, SMALLEST)
        page.write(name, left, upper, size=SMALLEST)
        below = upper + line(SMALLEST) * (name.count("\n") + 1)
        page.write(fit(row.note, NAMES - 1, SMALLEST), left, below, size=SMALLEST, color=QUIET)
    doses = _rows(page, heights, left=left + NAMES, top=start, width=DOSES)
    _draw_doses(doses, rows, middles, days)
    taken = -math.inf
    for day, text in sorted(events):
        doses.axvline(day, color=RULES, linewidth=RULE, zorder=1)
        at = max(_across(doses, day, left + NAMES, DOSES), taken + length(text, SMALLEST) / 2)
        page.write(text, at, start - 0.6, size=SMALLEST, color=QUIET, ha="center", va="bottom")
        taken = at + length(text, SMALLEST) / 2 + 1.0
    for place, column in enumerate(columns):
        at = left + NAMES + DOSES + GAP + place * (room + GAP)
        page.write(fit(column.title, room, SMALLEST), at, top, size=SMALLEST)
        axes = _rows(page, heights, left=at, top=start, width=room - NUMBERS)
        pairs = [(row.found[place], row.beside[place] if row.beside else None) for row in rows]
        _draw_column(axes, pairs, middles, column)
        if column.label:
            here = _across(axes, column.reference, at, room - NUMBERS)
            here = max(here, at + length(column.label, SMALLEST) / 2)
            page.write(column.label, here, start - 0.6, size=SMALLEST, color=QUIET, ha="center", va="bottom")


def _across(axes: Axes, value: float, left: float, width: float) -> float:
    """Return the place of a value in millimetres."""
    return left + width * float(axes.transLimits.transform((value, 0))[0])


def _lines(row: ForestRow) -> int:
    return sum(fit(text, NAMES - 1, SMALLEST).count("\n") + 1 for text in (row.name, row.note) if text)


def _rows(page: Page, heights: Sequence[float], *, left: float, top: float, width: float) -> Axes:
    """Add axes of rows, parted by lines."""
    axes = page.rows(heights, left=left, top=top, width=width)
    whole, ends = axes.get_yaxis_transform(), np.cumsum(heights)[:-1]
    axes.hlines(ends, 0, 1, transform=whole, color="#e3e3e3", linewidth=RULE, zorder=0.5)
    return axes


def _draw_doses(
    axes: Axes, rows: Sequence[ForestRow], middles: Sequence[float], days: tuple[float, float]
) -> None:
    space = 0.04 * (days[1] - days[0])
    axes.set_xlim(days[0] - space, days[1] + space)
    axes.set_xlabel("day")
    week_ticks(axes, *days)
    for row, middle in zip(rows, middles, strict=True):
        for mark in row.marks:
            for ends in (mark.spread, (mark.day, mark.last)):
                if ends is not None and ends[1] > ends[0]:
                    axes.plot(ends, [middle, middle], color=mark.colour, linewidth=WHISKER)
            size = math.sqrt(_LARGEST * max(mark.size, 0.1))
            is_fixed, colour = mark.spread is None, mark.colour
            draw_value(
                axes, mark.day, middle, "v", colour=colour, size=size, is_filled=is_fixed, markeredgewidth=0.8
            )


def _draw_column(
    axes: Axes,
    pairs: Sequence[tuple[Estimate | None, Estimate | None]],
    middles: Sequence[float],
    column: Column,
) -> None:
    axes.set_xlim(*_limits([one for pair in pairs for one in pair if one is not None], column))
    if column.kind == "effect":
        axes.set_xticks([0, 50, 100])
    axes.axvline(column.reference, color=RULES, linewidth=RULE, zorder=1)
    if column.zone is not None:
        axes.axvspan(*column.zone, color=_ZONE, linewidth=0, zorder=0.2)
    for (found, beside), middle in zip(pairs, middles, strict=True):
        shift = 1.2 if beside is not None and not np.isnan(beside.value) else 0.0
        _draw_estimate(axes, found, middle - shift, is_filled=True)
        _draw_estimate(axes, beside, middle + shift, is_filled=False)
        text = "–" if found is None or np.isnan(found.value) else _number(found.value, column)
        write_at_end(axes, text, middle)


def _number(value: float, column: Column) -> str:
    # The sum turns a negative zero into one without a sign.
    return f"{round(value, 2) + 0.0:.2f}" if column.kind == "difference" else f"{round(value) + 0:d}"


def _draw_estimate(axes: Axes, found: Estimate | None, height: float, *, is_filled: bool) -> None:
    if found is None or np.isnan(found.value):
        return
    low, high = axes.get_xlim()
    if not np.isnan(found.low):
        ends = [max(found.low, low), min(found.high, high)]
        axes.plot(ends, [height, height], color=IVIG, linewidth=WHISKER, zorder=2)
    if found.low < low:
        axes.plot([low], [height], "<", markersize=3, color=IVIG, clip_on=False, zorder=3)
    style: LineStyle = {"markeredgewidth": 0.8, "clip_on": False, "zorder": 4}
    size = MARKER if is_filled else MARKER - 0.5
    draw_value(axes, found.value, height, colour=IVIG, size=size, is_filled=is_filled, **style)


def _limits(found: Sequence[Estimate], column: Column) -> tuple[float, float]:
    """Return the ends of an axis: 0 to 100 in percent, and wider where something lies beyond."""
    known = [one for one in found if not np.isnan(one.value)]
    values = [column.reference, *(one.value for one in known)]
    low = min([*values, *(one.low for one in known if not np.isnan(one.low))])
    high = max([*values, *(one.high for one in known if not np.isnan(one.high))])
    if column.kind == "share":
        return 0.0, 25.0 * max(1, math.ceil(high / 25))
    if column.kind == "effect":
        low = min(max(25 * math.floor(low / 25), _LOWEST), 25 * math.floor(min(values) / 25))
        return (low if low < 0 else -4.0), 25.0 * math.ceil(high / 25) if high > 100.5 else 103.0
    space = 0.06 * (high - low) or 1.0
    return low - space, high + space
