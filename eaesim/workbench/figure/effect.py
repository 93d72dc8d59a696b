"""Effect against the day of the dose: solid where an experiment was done, dashed where none was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.workbench.figure.course import week_ticks
from eaesim.workbench.figure.page import (
    INK,
    IVIG,
    MARKER,
    MEAN,
    PUBLISHED,
    QUIET,
    RULE,
    RULES,
    SMALLEST,
    WHISKER,
    Dash,
    Page,
    fit,
    length,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Height of a row of the strip of findings without a number, in millimetres.
ROW = 3.6
_BAND = 0.15


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
        Style of the line where an experiment was done; elsewhere it is dashed.
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
    dash: Dash = "-"
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
    """

    ids: str
    first: float
    last: float
    is_protected: bool
    label: str
    is_known: bool = True
    is_fitted: bool = False


def strip_height(statements: Sequence[Statement]) -> float:
    """Return the millimetres of the strip above the axes."""
    return ROW * max(1, len(statements)) + 1.0


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
    highest: float = 100.0,
    onset: float = math.nan,
    axis: str = "peak score\nprevented (%)",
    days: str = "dosing day (days after immunisation)",
    untested: str = "no experiment found",
) -> Axes:
    """Draw one panel; `top` and `height` are those of the axes, the strip is above them."""
    axes = page.axes(left=left, top=top, width=width, height=height)
    axes.set_xlim(*limits)
    axes.set_ylim(-4, highest)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.set_ylabel(axis)
    axes.set_xlabel(days)
    week_ticks(axes, *limits)
    axes.axhline(0, color=RULES, linewidth=RULE, zorder=1)
    axes.axvline(0, color=RULES, linewidth=RULE, zorder=1)
    if math.isfinite(onset) and limits[0] < onset < limits[1]:
        axes.axvline(onset, color=RULES, linewidth=RULE, linestyle=(0, (4, 3)), zorder=1)
        axes.text(
            onset + 0.01 * (limits[1] - limits[0]),
            0.97 * highest,
            "first\nsigns",
            fontsize=SMALLEST,
            color=QUIET,
            va="top",
            linespacing=1.1,
        )
    for one in curves:
        _draw_curve(axes, one)
    _label_curves(axes, curves)
    for number in numbers:
        _draw_number(axes, number, width=width)
    above = page.strip(axes, height=strip)
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
    axes.plot(days, effect, color=one.colour, linestyle=(0, (3, 1.5)), linewidth=one.width, zorder=3)
    tested = one.days[np.asarray(one.is_tested, dtype=bool) & known]
    for first, last in _stretches(tested, one.days):
        if first == last:
            axes.plot(
                first, np.interp(first, days, effect), "o", color=one.colour, markersize=MARKER, zorder=3.4
            )
            continue
        grid = np.unique([first, *days[(days > first) & (days < last)], last])
        style: dict[str, Any] = {"color": one.colour, "linestyle": one.dash, "linewidth": 1.3 * one.width}
        axes.plot(grid, np.interp(grid, days, effect), zorder=3.2, solid_capstyle="butt", **style)


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


def _label_curves(axes: Axes, curves: Sequence[EffectCurve]) -> None:
    """Write the label of one curve at its peak; of several, a column in the order of their effects."""
    named = [one for one in curves if one.label and np.isfinite(one.effect).any()]
    if len(named) == 1:
        (one,) = named
        best = int(np.nanargmax(one.effect))
        near = 5 if best < 0.3 * len(one.days) else -5
        axes.annotate(
            one.label,
            (one.days[best], one.effect[best]),
            (near, 1),
            textcoords="offset points",
            ha="left" if near > 0 else "right",
            va="bottom",
            fontsize=SMALLEST,
            color=one.colour if one.colour == IVIG else INK,
            zorder=5,
        )
        return
    left, top = 0.47, 0.93
    for row, one in enumerate(sorted(named, key=lambda one: -float(np.nanmax(one.effect)))):
        height = top - 0.105 * row
        place = axes.transAxes
        axes.plot(
            [left, left + 0.07],
            [height, height],
            transform=place,
            color=one.colour,
            linestyle=one.dash,
            linewidth=one.width,
        )
        axes.text(left + 0.085, height, one.label, transform=place, fontsize=SMALLEST, va="center", zorder=5)


def _draw_number(axes: Axes, number: Number, *, width: float) -> None:
    first, last = axes.get_xlim()
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
    (mark,) = axes.plot(
        [number.day],
        [number.value],
        "D",
        markersize=MARKER + 0.5,
        color=PUBLISHED,
        markerfacecolor="white" if number.is_fitted else PUBLISHED,
        zorder=4.2,
    )
    mark.set_gid(number.id)
    room = (last - number.day) / (last - first) * width - 2.5
    text = fit(number.label, room, SMALLEST)
    axes.annotate(
        text,
        (number.day, number.value),
        (5, 0),
        textcoords="offset points",
        fontsize=SMALLEST,
        va="center",
        zorder=5,
    )


def _draw_statement(
    axes: Axes, one: Statement, height: float, limits: tuple[float, float], *, width: float
) -> None:
    first, last = max(one.first, limits[0]), min(one.last, limits[1])
    room = width * (first - limits[0]) / (limits[1] - limits[0])
    fits_left = room > length(one.label, SMALLEST) + 3.0
    if one.is_protected:
        (mark,) = axes.plot(
            [first],
            [height],
            "^",
            markersize=MARKER + 0.5,
            color=PUBLISHED,
            markerfacecolor="white" if one.is_fitted else PUBLISHED,
            clip_on=False,
        )
        fits_left = False
    else:
        style: Any = "-" if one.is_known else (0, (1, 0.6))
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
    mark.set_gid(one.ids)
    across, day = ("right", first) if fits_left else ("left", first if one.is_protected else last)
    shift = -3 if fits_left else 5
    axes.annotate(
        one.label,
        (day, height),
        (shift, 0),
        textcoords="offset points",
        fontsize=SMALLEST,
        ha=across,
        va="center",
        annotation_clip=False,
    )
