"""The timing figure: effect against dosing day, a panel for each induction, published findings on top."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from eaesim.analysis.comparison import CALIBRATION_END
from eaesim.endpoints import DEAD_RULES, endpoint
from eaesim.plot.bands import band_entries, draw_bands, members_words
from eaesim.plot.style import (
    COLOURS,
    DASHES,
    NOTE,
    NOTE_LINE,
    PALE,
    TEXT,
    TINT,
    TITLE,
    add_axes,
    add_legend,
    days_axis,
    inches,
    legend_height,
    mark_event,
    sheet,
    tag_prediction,
    wrap,
    write,
)
from eaesim.plot.words import INDUCTIONS, changes_words, mechanism_words, rat_words
from eaesim.questions.timing.panel import Panel
from eaesim.questions.timing.plan import UNTIL
from eaesim.questions.timing.published_figure import draw_published, legend_entries, undrawn
from eaesim.questions.timing.result import Timing

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOWEST, HIGHEST = -24.0, 114.0
# More curves on the same axes cannot be told apart; then every mechanism has axes of its own.
MOST_MECHANISMS, MOST_CURVES = 4, 6
# The layout, in inches.
LEFT, GAP, RIGHT, EDGE = 0.75, 0.32, 0.5, 0.12
LINE, TAG_HEIGHT, NAME_HEIGHT, EVENT_HEIGHT, ROW_GAP, BELOW = 0.19, 0.3, 0.36, 0.32, 0.18, 0.58
COLUMNS = 4
MOST_ACROSS = 3

DAYS = {"immunisation": "days after immunisation", "relapse": "days after relapse induction"}


@dataclass(frozen=True)
class _Curve:
    """A line and its look."""

    mechanism: str
    dose: str
    colour: str
    dash: Literal["-", "--", ":", "-."]
    width: float
    label: str


@dataclass(frozen=True)
class _Cell:
    """One pair of axes, placed in inches from the upper left corner; `title` is None below the first row."""

    panel: Panel
    curves: tuple[_Curve, ...]
    name: str
    title: float | None
    left: float
    top: float
    outer_left: bool
    outer_bottom: bool


def figure(timing: Timing) -> Figure:
    """Draw the effect of a dose against the day it is given.

    Parameters
    ----------
    timing
        Its panels share one scale. With many mechanisms each has axes of its own, in rows that belong to one
        panel.

    Returns
    -------
    matplotlib.figure.Figure
        Panels of which no published experiment has tested anything are tinted and tagged as a prediction.
    """
    mechanisms = list(dict.fromkeys(timing.table["mechanism"]))
    doses = list(dict.fromkeys(timing.table["dose"]))
    split = len(mechanisms) > MOST_MECHANISMS or (
        len(mechanisms) * len(doses) > MOST_CURVES and len(mechanisms) > 1
    )
    curves = _curves(mechanisms, doses, split=split)
    size = (2.35, 1.75) if split else (5.6, 3.3) if len(timing.panels) == 1 else (3.7, 3.1)
    cells = (_split_cells if split else _joint_cells)(timing, curves, *size)
    width = max(cell.left for cell in cells) + size[0] + RIGHT
    footer = wrap(_footer(timing), width - LEFT - RIGHT)
    entries = _entries(curves, _members(timing)) + legend_entries(timing.panels)
    bottom = max(cell.top for cell in cells) + size[1] + BELOW
    note = bottom + legend_height(entries, width - LEFT)
    page = sheet(width, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    limits = _limits(timing)
    for cell in cells:
        if cell.title is not None:
            room = size[0] * (min(COLUMNS, len(mechanisms)) if split else 1)
            _write_title(page, cell.panel, left=cell.left, top=cell.title, width=room)
        axes = add_axes(page, left=cell.left, top=cell.top, width=size[0], height=size[1])
        _frame(axes, cell, limits)
        if cell.panel.empty:
            _write_reason(axes, cell.panel)
            continue
        for curve in cell.curves:
            _draw(axes, timing, cell.panel, curve)
        draw_published(axes, cell.panel, brief=split)
    add_legend(page, entries, left=LEFT, top=bottom)
    write(page, footer, left=LEFT, top=note, color=NOTE)
    return page


def _curves(mechanisms: list[str], doses: list[str], *, split: bool) -> tuple[_Curve, ...]:
    by_dose = split or len(mechanisms) == 1
    curves = []
    for row, mechanism in enumerate(mechanisms):
        for column, dose in enumerate(doses):
            colour, dash = (column, column // len(COLOURS)) if by_dose else (row, column)
            label = dose if split else f"{mechanism_words(mechanism)}, {dose}"
            look = COLOURS[colour % len(COLOURS)], DASHES[dash % len(DASHES)]
            covering = len(doses) - 1 - column + (0 if split else len(doses) * (len(mechanisms) - 1 - row))
            # Curves that do not differ are a finding: each is thinner than the one it covers.
            curves.append(_Curve(mechanism, dose, *look, 1.6 + 0.5 * min(covering, 6), label))
    return tuple(curves)


def _joint_cells(timing: Timing, curves: tuple[_Curve, ...], width: float, height: float) -> list[_Cell]:
    """Place panels side by side; of more than three, those timed by one induction make a row."""
    rows = [timing.panels]
    if len(timing.panels) > MOST_ACROSS:
        rows = [tuple(group) for _, group in groupby(timing.panels, key=lambda panel: panel.around)]
    cells, top = [], EDGE
    for panels in rows:
        title = top
        top += max(_title_height(panel, width) for panel in panels) + EVENT_HEIGHT
        top += TAG_HEIGHT if any(panel.prediction for panel in panels) else 0.0
        cells += [
            _Cell(panel, curves, "", title, LEFT + place * (width + GAP), top, place == 0, outer_bottom=True)
            for place, panel in enumerate(panels)
        ]
        top += height + BELOW
    return cells


def _split_cells(timing: Timing, curves: tuple[_Curve, ...], width: float, height: float) -> list[_Cell]:
    names = list(dict.fromkeys(curve.mechanism for curve in curves))
    cells, top = [], EDGE
    for panel in timing.panels:
        title: float | None = top
        top += _title_height(panel, min(COLUMNS, len(names)) * width) + (
            TAG_HEIGHT if panel.prediction else 0.0
        )
        for start in range(0, len(names), COLUMNS):
            top += NAME_HEIGHT + EVENT_HEIGHT + (ROW_GAP if start else 0.0)
            for place, name in enumerate(names[start : start + COLUMNS]):
                own = tuple(curve for curve in curves if curve.mechanism == name)
                left, last = LEFT + place * (width + GAP), start + place + COLUMNS >= len(names)
                cells.append(_Cell(panel, own, name, title, left, top, place == 0, last))
                title = None
            top += height
        top += BELOW
    return cells


def _limits(timing: Timing) -> tuple[float, float, float]:
    """Return the first and last day of the axes, and the lowest effect in percent."""
    days = timing.table["day"]
    effects = [100 * timing.rows(panel)["effect"].min() for panel in timing.panels]
    onsets = [panel.onset for panel in timing.panels if math.isfinite(panel.onset)]
    first, last = min(0.0, days.min(), *onsets), max(0.0, days.max(), *onsets)
    margin = 0.03 * (last - first) or 1.0
    lowest = min([LOWEST, *(effect - 5 for effect in effects if math.isfinite(effect))])
    return first - margin, last + margin, lowest


def _title(panel: Panel, width: float) -> str:
    adjuvant = "without adjuvant" if panel.adjuvant == "none" else f"with {panel.adjuvant} adjuvant"
    return wrap(
        f"{rat_words(panel.rat)}, {'relapse induced' if panel.relapse else 'immunised'} {adjuvant}",
        width,
        size=TITLE,
    )


def _title_height(panel: Panel, width: float) -> float:
    return LINE * (_title(panel, width).count("\n") + 2) + 0.1


def _write_title(figure: Figure, panel: Panel, *, left: float, top: float, width: float) -> None:
    title, height = _title(panel, width), _title_height(panel, width)
    write(figure, title, left=left, top=top, size=TITLE, weight="bold")
    excess = "excess " if panel.relapse else ""
    text = f"effect on the {excess}{endpoint(panel.endpoint).title}"
    write(figure, text, left=left, top=top + height - LINE - 0.1, size=TEXT)
    if panel.prediction:
        tag_prediction(figure, left=left, top=top + height)


def _frame(axes: Axes, cell: _Cell, limits: tuple[float, float, float]) -> None:
    """Draw everything of the axes but the results."""
    from matplotlib.ticker import MultipleLocator

    first, last, lowest = limits
    panel = cell.panel
    days_axis(axes, first, last)
    axes.set_ylim(lowest, HIGHEST)
    axes.yaxis.set_major_locator(MultipleLocator(25 if lowest > -100 else 50))
    axes.tick_params(labelleft=cell.outer_left, labelbottom=cell.outer_bottom)
    if panel.prediction:
        axes.set_facecolor(TINT)
    if cell.outer_left:
        axes.set_ylabel(f"{'' if cell.name else 'effect: '}1 − treated/control (%)", fontsize=TEXT)
    if cell.outer_bottom:
        axes.set_xlabel(
            DAYS[panel.around] if cell.name else f"dosing day ({DAYS[panel.around]})", fontsize=TEXT
        )
    axes.axhline(0, color=PALE, linewidth=0.8, zorder=1)
    axes.axvline(0, color=PALE, linewidth=1.0, zorder=1)
    near = abs(panel.onset) < 0.2 * (last - first)
    mark_event(axes, 0.0, INDUCTIONS[panel.around], place="right" if near else "center")
    if math.isfinite(panel.onset):
        axes.axvline(panel.onset, color=PALE, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        mark_event(axes, panel.onset, "untreated\nonset", place="left" if near else "center")
    if cell.name:
        name = wrap(mechanism_words(cell.name), inches(axes)[0], size=TEXT)
        axes.annotate(
            name,
            (0, 1),
            (0, 72 * EVENT_HEIGHT),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=TEXT,
            weight="bold",
            va="bottom",
            linespacing=1.1,
        )


def _write_reason(axes: Axes, panel: Panel) -> None:
    text = wrap(panel.reason.capitalize(), 0.8 * inches(axes)[0], size=TEXT)
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=TEXT)


def _draw(axes: Axes, timing: Timing, panel: Panel, curve: _Curve) -> None:
    rows = timing.rows(panel)
    rows = rows[(rows["mechanism"] == curve.mechanism) & (rows["dose"] == curve.dose)].sort_values("day")
    days = rows["day"].to_numpy()
    low, effect, high = (100 * rows[name].to_numpy() for name in ("effect_low", "effect", "effect_high"))
    rats = (low, high)
    if panel.members > 1:
        rats = (100 * rows["animal_low"].to_numpy(), 100 * rows["animal_high"].to_numpy())
    draw_bands(axes, days, (low, high), rats, colour=curve.colour, members=panel.members)
    axes.plot(
        days,
        effect,
        color=curve.colour,
        linestyle=curve.dash,
        linewidth=curve.width,
        marker=".",
        markersize=5,
        label=curve.label,
        zorder=3,
    )


def _members(timing: Timing) -> int:
    return max(panel.members for panel in timing.panels)


def _entries(curves: tuple[_Curve, ...], members: int) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D

    lines = {curve.label: curve for curve in curves}
    entries: list[tuple[Artist, str]] = [
        (Line2D([], [], color=curve.colour, linestyle=curve.dash, linewidth=1.8), label)
        for label, curve in lines.items()
    ]
    return entries + band_entries(members)


def _footer(timing: Timing) -> str:
    failed = int(timing.table["failed"].max())
    rats = f"{timing.animals} rats{members_words(_members(timing))}"
    parts = [
        f"Model: {rats}, the same on every dosing day; {DEAD_RULES[timing.dead]}.",
        f"Effects on a first attack are over days 0 to {UNTIL['immunisation']}; strengths were set to A1 on "
        f"days 0 to {CALIBRATION_END}."
        if any(not panel.relapse for panel in timing.panels)
        else "",
        *dict.fromkeys(changes_words(panel.rat) for panel in timing.panels),
        f"Up to {failed} of them could not be solved and are left out." if failed else "",
        *dict.fromkeys(undrawn(panel) for panel in timing.panels),
    ]
    return " ".join(part for part in parts if part)
