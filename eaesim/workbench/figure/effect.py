"""Effect against the day of the dose: solid where an experiment was done, dashed where none was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.workbench.figure.course import week_ticks
from eaesim.workbench.figure.marks import draw_value, write_beside
from eaesim.workbench.figure.page import (
    INK,
    IVIG,
    MARKER,
    MEAN,
    MECHANISM_DASHES,
    POINT,
    PUBLISHED,
    QUIET,
    RULE,
    RULES,
    SMALLEST,
    WHISKER,
    Dash,
    LineStyle,
    Page,
    fit,
    length,
    line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Height of a row of the strip of findings without a number, in millimetres.
ROW = 3.6
#: Beside a published number, in millimetres, for what is written there.
LEAST_ROOM = 20.0
_BAND = 0.15
_draw_published = partial(draw_value, colour=PUBLISHED, size=MARKER + 0.5)


@dataclass(frozen=True)
class EffectCurve:
    """An effect by day.

    Attributes
    ----------
    days
        Days of the dose, after the induction.
    effect, low, high
        In percent.
    is_tested
        Whether an experiment was done on that day.
    label
        Written at its peak; empty for none.
    colour, dash, width
        Style of the line; it is solid where an experiment was done, and dashed like this elsewhere.
    has_band, has_outline
        Whether the range is filled, or only its ends are drawn.
    """

    days: Floats
    effect: Floats
    low: Floats
    high: Floats
    is_tested: Sequence[bool]
    label: str = ""
    colour: str = IVIG
    dash: Dash = MECHANISM_DASHES["H1a"]
    width: float = MEAN
    has_band: bool = True
    has_outline: bool = False


@dataclass(frozen=True)
class Number:
    """A published effect in percent, on its day, with its interval where one is known.

    Attributes
    ----------
    id, day, value
        Id, dosing day and effect of the finding.
    low, high
        NaN where unknown.
    label
        Text next to it.
    is_fitted
        Whether it set the strength: its mark is hollow then.
    """

    id: str
    day: float
    value: float
    low: float
    high: float
    label: str
    is_fitted: bool


@dataclass(frozen=True)
class Statement:
    """A published finding without a number, in the strip above the axes.

    Attributes
    ----------
    ids
        Ids of the findings.
    first, last
        Its days; the last is infinite for all later ones.
    is_protected
        Whether animals were protected; otherwise there was no effect.
    label
        Text next to it.
    is_known
        Whether the paper states the day.
    is_fitted
        Whether it set the strength.
    rows
        The codes of the findings, written instead of the label where axes are small.
    """

    ids: str
    first: float
    last: float
    is_protected: bool
    label: str
    is_known: bool = True
    is_fitted: bool = False
    rows: str = ""


def strip_height(statements: Sequence[Statement]) -> float:
    """Return the millimetres of the strip above the axes; its lowest row is for the first signs."""
    return ROW * (max(1, len(statements)) + 1) + 1.0


def draw_effects(
    page: Page,
    curves: Sequence[EffectCurve],
    *,
    numbers: Sequence[Number] = (),
    statements: Sequence[Statement] = (),
    left: float,
    top: float,
    width: float,
    height: float,
    strip: float,
    limits: tuple[float, float],
    lowest: float = -4.0,
    highest: float = 100.0,
    onset: float = math.nan,
    axis: str = "peak score\nprevented (%)",
    days: str = "dosing day (days after immunisation)",
    untested: str = "no experiment found",
    has_words: bool = True,
) -> Axes:
    """Draw one panel; `top` and `height` are those of the axes, the strip is above them.

    Small axes have no words inside; their marks have the codes of the findings next to them.
    """
    axes = page.axes(left=left, top=top, width=width, height=height)
    axes.set_xlim(*limits)
    axes.set_ylim(lowest, highest)
    step = 25 * math.ceil((highest - lowest) / 150) * (1 if height > 16 else 2)
    axes.set_yticks(np.arange(step * math.ceil(lowest / step), highest + 1, step))
    axes.set_ylabel(axis)
    axes.set_xlabel(days)
    week_ticks(axes, *limits)
    axes.axhline(0, color=RULES, linewidth=RULE, zorder=1)
    axes.axvline(0, color=RULES, linewidth=RULE, zorder=1)
    if math.isfinite(onset) and limits[0] < onset < limits[1]:
        axes.axvline(onset, color=RULES, linewidth=RULE, linestyle=(0, (4, 3)), zorder=1)
    for one in curves:
        _draw_curve(axes, one)
    scale = (width / (limits[1] - limits[0]), height / (highest - lowest))
    taken = [_draw_number(axes, number, onset, scale) for number in numbers]
    if has_words:
        _label_curves(axes, curves, taken, scale)
    above = page.strip(axes, height=strip)
    if has_words and math.isfinite(onset):
        _label_onset(above, onset, strip, scale=scale[0])
        strip -= ROW
    if statements:
        for row, statement in enumerate(statements):
            lift = strip - ROW * len(statements)
            _draw_statement(above, statement, lift + ROW * (row + 0.5), limits, width=width)
    elif not numbers and untested:
        middle = 0.5 * (limits[0] + limits[1])
        above.text(middle, 0.5 * strip, untested, ha="center", va="center", fontsize=SMALLEST, style="italic")
    return axes


def _draw_curve(axes: Axes, one: EffectCurve) -> None:
    known = np.isfinite(one.effect)
    days, effect = one.days[known], one.effect[known]
    if one.has_band:
        axes.fill_between(one.days, one.low, one.high, color=one.colour, alpha=_BAND, linewidth=0, zorder=2)
    if one.has_outline:
        for end in (one.low, one.high):
            axes.plot(one.days, end, color=one.colour, linewidth=RULE, alpha=0.8, zorder=2)
    if not len(days):
        return
    axes.plot(days, effect, color=one.colour, linestyle=one.dash, linewidth=one.width, zorder=3)
    tested = one.days[np.asarray(one.is_tested, dtype=bool) & known]
    for first, last in _stretches(tested, one.days):
        if first == last:
            axes.plot(
                first, np.interp(first, days, effect), "o", color=one.colour, markersize=MARKER, zorder=3.4
            )
            continue
        grid = np.unique([first, *days[(days > first) & (days < last)], last])
        style: LineStyle = {"color": one.colour, "linewidth": 1.3 * one.width, "solid_capstyle": "butt"}
        axes.plot(grid, np.interp(grid, days, effect), zorder=3.2, **style)


def _stretches(tested: Floats, days: Floats) -> list[tuple[float, float]]:
    """Return the stretches of dosing days in a row that were all tested."""
    found: list[tuple[float, float]] = []
    place = {day: number for number, day in enumerate(days)}
    for day in tested:
        if found and place[day] == place[found[-1][1]] + 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _label_onset(above: Axes, onset: float, strip: float, *, scale: float) -> None:
    """Write what the dashed line is above its end, within the days of the axes."""
    first, last = above.get_xlim()
    half = 0.5 * length("first signs", SMALLEST) / scale
    place = min(max(onset, first + half), last - half) if 2 * half < last - first else onset
    above.text(
        place, strip - 0.4 * ROW, "first signs", fontsize=SMALLEST, color=QUIET, ha="center", va="center"
    )


# A box of text in millimetres from the lower left corner of the axes: left, bottom, right, top.
Box = tuple[float, float, float, float]


def _label_curves(
    axes: Axes, curves: Sequence[EffectCurve], taken: Sequence[Box], scale: tuple[float, float]
) -> None:
    """Write the label of one curve at its peak; of several, a column in the order of their effects."""
    named = [one for one in curves if one.label and np.isfinite(one.effect).any()]
    if len(named) == 1:
        _label_peak(axes, named[0], taken, scale)
        return
    first, last = axes.get_xlim()
    wide = 0.12 + max((length(one.label, SMALLEST) for one in named), default=0.0) / scale[0] / (last - first)
    left = min((0.47, 0.97 - wide, 0.02), key=lambda place: round(_highest(named, axes, place, wide) / 20))
    for row, one in enumerate(sorted(named, key=lambda one: -float(np.nanmax(one.effect)))):
        height = 0.93 - 0.105 * row
        place = axes.transAxes
        axes.plot(
            [left, left + 0.09],
            [height, height],
            transform=place,
            color=one.colour,
            linestyle="-" if all(one.is_tested) else one.dash,
            linewidth=one.width,
        )
        axes.text(left + 0.105, height, one.label, transform=place, fontsize=SMALLEST, va="center", zorder=5)


def _highest(curves: Sequence[EffectCurve], axes: Axes, place: float, wide: float) -> float:
    """Return the largest effect on the days that a column of labels covers."""
    first, last = axes.get_xlim()
    ends = first + (last - first) * place, first + (last - first) * (place + wide)
    inside = [one.effect[(one.days >= ends[0]) & (one.days <= ends[1])] for one in curves]
    return max((float(value) for each in inside for value in each if np.isfinite(value)), default=0.0)


def _label_peak(axes: Axes, one: EffectCurve, taken: Sequence[Box], scale: tuple[float, float]) -> None:
    """Write the label of a curve next to its peak, where no published number is drawn."""
    best = int(np.nanargmax(one.effect))
    (first, last), (low, high) = axes.get_xlim(), axes.get_ylim()
    across, up = (one.days[best] - first) * scale[0], (one.effect[best] - low) * scale[1]
    wide, tall = length(one.label, SMALLEST), line(SMALLEST)
    ends = (last - first) * scale[0], (high - low) * scale[1]
    # In millimetres from the peak to the label's lower left corner, in the order in which they are tried.
    places = [(-wide - 1.8, 0.4), (1.8, 0.4), (-wide - 1.8, -tall - 0.4), (1.8, -tall - 0.4), (1.8, 4.0)]

    def fits(place: tuple[float, float]) -> bool:
        left, bottom = across + place[0], up + place[1]
        is_free = not any(
            left < box[2] and box[0] < left + wide and bottom < box[3] and box[1] < bottom + tall
            for box in taken
        )
        return is_free and left > 0 and left + wide < ends[0] and bottom > 0 and bottom + tall < ends[1] + 1.5

    right, rise = next(filter(fits, places), places[0])
    shift, colour = (right / POINT, rise / POINT), IVIG if one.colour == IVIG else INK
    at = (one.days[best], one.effect[best])
    write_beside(axes, one.label, at, shift, va="bottom", color=colour, zorder=5)


def _draw_number(axes: Axes, number: Number, onset: float, scale: tuple[float, float]) -> Box:
    """Draw a published number, and return where it and its label stand."""
    first, last = axes.get_xlim()
    low = axes.get_ylim()[0]
    if math.isfinite(number.low):
        axes.errorbar(
            [number.day],
            [number.value],
            yerr=[[number.value - number.low], [number.high - number.value]],
            color=PUBLISHED,
            linewidth=WHISKER,
            capsize=2,
            capthick=WHISKER,
            zorder=4,
        )
    mark = _draw_published(axes, number.day, number.value, "D", zorder=4.2, is_filled=not number.is_fitted)
    if number.id:
        mark.set_gid(number.id)
    # The label ends before the line of the first signs where there is room, and else stands on the left.
    end = onset if LEAST_ROOM < (onset - number.day) * scale[0] < (last - number.day) * scale[0] else last
    rooms = (end - number.day) * scale[0] - 2.5, (number.day - first) * scale[0] - 2.5
    is_right = rooms[0] > LEAST_ROOM - 2.5 or rooms[0] > rooms[1]
    text = fit(number.label, rooms[0 if is_right else 1], SMALLEST)
    box: dict[str, str | float] = {
        "boxstyle": "square,pad=0.05",
        "facecolor": "white",
        "edgecolor": "none",
        "alpha": 0.7,
    }
    shift, side = (5, "left") if is_right else (-5, "right")
    at = (number.day, number.value)
    write_beside(axes, text, at, (shift, 0), ha=side, va="center", bbox=box, zorder=5)
    lines = text.splitlines()
    across, up = (number.day - first) * scale[0], (number.value - low) * scale[1]
    tall = 0.5 * len(lines) * line(SMALLEST)
    wide = 2.5 + max(length(each, SMALLEST) for each in lines)
    ends = (across - 1.2, across + wide) if is_right else (across - wide, across + 1.2)
    return ends[0], up - tall, ends[1], up + tall


def _draw_statement(
    axes: Axes, one: Statement, height: float, limits: tuple[float, float], *, width: float
) -> None:
    first, last = max(one.first, limits[0]), min(one.last, limits[1])
    room = width * (first - limits[0]) / (limits[1] - limits[0])
    fits_left = room > length(one.label, SMALLEST) + 3.0
    if one.is_protected:
        is_filled = not one.is_fitted
        mark = _draw_published(axes, first, height, "^", clip_on=False, zorder=2, is_filled=is_filled)
        fits_left = False
    else:
        style: Dash = "-" if one.is_known else (0, (1, 0.6))
        last = last if last > first else min(first + 0.03 * (limits[1] - limits[0]), limits[1])
        (mark,) = axes.plot(
            [first, last],
            [height, height],
            color=PUBLISHED,
            linewidth=2.2,
            linestyle=style,
            solid_capstyle="butt",
            dash_capstyle="butt",
            clip_on=False,
        )
    if one.ids:
        mark.set_gid(one.ids)
    write = partial(axes.annotate, one.label, annotation_clip=False, fontsize=SMALLEST, va="center")
    wide = (last - first) / (limits[1] - limits[0]) * width
    if not one.is_protected and not fits_left and wide > length(one.label, SMALLEST):
        box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
        write((0.5 * (first + last), height), ha="center", bbox=box)
        return
    across, day = ("right", first) if fits_left else ("left", first if one.is_protected else last)
    shift = (-3 if fits_left else 5, 0)
    write((day, height), xytext=shift, textcoords="offset points", ha=across)
