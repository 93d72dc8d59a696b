"""The study figure: mean daily score of every arm, when each was dosed, and one endpoint by arm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES, member_mean
from eaesim.protocol.timeline import induction_events
from eaesim.study import Result
from eaesim.workbench.figure.arms import MOST_DOTS, draw_doses, draw_endpoint, mark_doses
from eaesim.workbench.figure.bands import band_entries, draw_bands, members_words
from eaesim.workbench.figure.dosing import dosings, is_prediction
from eaesim.workbench.figure.style import (
    COLOURS,
    INK,
    NOTE,
    NOTE_LINE,
    PALE,
    TEXT,
    TINT,
    TITLE,
    add_axes,
    add_legend,
    days_axis,
    legend_height,
    mark_event,
    sheet,
    tag_prediction,
    wrap,
    write,
)
from eaesim.workbench.figure.words import (
    INDUCTIONS,
    SCORES,
    arm_words,
    changes_words,
    drawn_endpoint,
    endpoint_words,
    left_out_words,
    mechanism_words,
    rat_words,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# More arms on the same axes cannot be told apart; then every arm has its own axes.
MOST_ARMS = 8
HIGHEST = 5.2
THICKEST, THICKER, THINNEST = 4.5, 3.0, 1.5
# The layout, in inches.
LEFT, GAP, RIGHT, EDGE, TITLE_HEIGHT, TAG_HEIGHT, EVENT_HEIGHT, BELOW = (
    2.0,
    0.3,
    0.3,
    0.12,
    0.5,
    0.3,
    0.32,
    0.6,
)
COURSES_WIDTH, COURSES_HEIGHT, ENDPOINT_WIDTH, ROW_HEIGHT = 4.9, 2.8, 2.7, 0.36
COLUMNS, CELL_LEFT, CELL_GAP, CELL_WIDTH, CELL_HEIGHT, CELL_ABOVE = 4, 0.75, 0.25, 2.1, 1.2, 0.75
WIDTH = LEFT + COURSES_WIDTH + GAP + ENDPOINT_WIDTH + RIGHT


def study_figure(result: Result, *, endpoint: str | None = None) -> Figure:
    """Draw the daily scores of a study, its doses, and one endpoint by arm.

    Parameters
    ----------
    result
        Result of a study. Up to eight arms share axes; of more, each has its own, with the control in grey.
    endpoint
        The one drawn for every rat, with its mean and 95 % interval: by default the first window that the
        study names, else the peak score.

    Returns
    -------
    matplotlib.figure.Figure
        Tagged as a prediction where IVIG meets an induced relapse.

    Raises
    ------
    UnknownNameError
        If the endpoint is unknown.
    """
    endpoint = endpoint or drawn_endpoint(result.design)
    endpoint_words(endpoint)
    joint = len(result.arms) <= MOST_ARMS
    colours = _colours(result, joint=joint)
    entries = _entries(result, colours, joint=joint)
    footer = wrap(_footer(result), WIDTH - CELL_LEFT - RIGHT)
    top = EDGE + TITLE_HEIGHT + (TAG_HEIGHT if is_prediction(result) else 0.0)
    rows = top + (EVENT_HEIGHT + COURSES_HEIGHT + 0.1 if joint else _grid_height(result) + BELOW)
    legend = rows + ROW_HEIGHT * len(result.arms) + BELOW
    note = legend + (0.0 if joint else legend_height(entries, WIDTH - CELL_LEFT))
    figure = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    _write_title(figure, result, endpoint)
    if joint:
        _draw_joint(figure, result, colours, top=top + EVENT_HEIGHT)
        add_legend(figure, entries, left=LEFT + COURSES_WIDTH + GAP, top=top + EVENT_HEIGHT)
    else:
        _draw_grid(figure, result, colours, top=top)
        add_legend(figure, entries, left=CELL_LEFT, top=legend)
    height = ROW_HEIGHT * len(result.arms)
    doses = add_axes(figure, left=LEFT, top=rows, width=COURSES_WIDTH, height=height)
    mark_inductions(doses, result, named=False)
    draw_doses(doses, result, colours)
    doses.set_xlabel("day", fontsize=TEXT)
    by_arm = add_axes(figure, left=LEFT + COURSES_WIDTH + GAP, top=rows, width=ENDPOINT_WIDTH, height=height)
    draw_endpoint(by_arm, result, endpoint, colours)
    write(figure, footer, left=CELL_LEFT, top=note, color=NOTE)
    return figure


def _colours(result: Result, *, joint: bool) -> list[str]:
    """Return a colour for every arm: ink for the control; one for all others where each has its own axes."""
    others = iter(COLOURS)
    return [
        INK if name == result.design.control else next(others) if joint else COLOURS[0]
        for name in result.arms
    ]


def _grid_height(result: Result) -> float:
    return math.ceil(len(result.arms) / COLUMNS) * (CELL_ABOVE + CELL_HEIGHT)


def _write_title(figure: Figure, result: Result, endpoint: str) -> None:
    arms = f"{len(result.arms)} arms" if len(result.arms) > 1 else "1 arm"
    title = f"{rat_words(result.rat)}, {arms} of {result.number} rats"
    write(figure, title, left=CELL_LEFT, top=EDGE, size=TITLE, weight="bold")
    text = f"daily scores and {endpoint_words(endpoint).rpartition(' (')[0]}; {DEAD_RULES[result.dead]}"
    write(figure, text, left=CELL_LEFT, top=EDGE + 0.19, size=TEXT)
    if is_prediction(result):
        tag_prediction(figure, left=CELL_LEFT, top=EDGE + TITLE_HEIGHT)


def _draw_joint(figure: Figure, result: Result, colours: list[str], *, top: float) -> None:
    axes = add_axes(figure, left=LEFT, top=top, width=COURSES_WIDTH, height=COURSES_HEIGHT)
    mark_inductions(axes, result, named=True)
    axes.set_ylim(-0.1, HIGHEST)
    axes.set_ylabel(f"mean daily score ({SCORES});\n{DEAD_RULES[result.dead]}", fontsize=TEXT)
    axes.tick_params(labelbottom=False)
    # Arms that do not differ are the finding: each line is thinner than the one it covers.
    widths = np.linspace(THICKEST if len(colours) > 1 else THINNEST, THINNEST, len(colours))
    for name, colour, width in zip(result.arms, colours, widths.tolist(), strict=True):
        draw_course(axes, result, name, colour, width)


def _draw_grid(figure: Figure, result: Result, colours: list[str], *, top: float) -> None:
    for place, (arm, colour) in enumerate(zip(result.design.arms, colours, strict=True)):
        row, column = divmod(place, COLUMNS)
        axes = add_axes(
            figure,
            left=CELL_LEFT + column * (CELL_WIDTH + CELL_GAP),
            top=top + row * (CELL_ABOVE + CELL_HEIGHT) + CELL_ABOVE,
            width=CELL_WIDTH,
            height=CELL_HEIGHT,
        )
        mark_inductions(axes, result, named=True)
        axes.set_ylim(-0.8, HIGHEST)
        axes.set_yticks(range(6))
        last = place + COLUMNS >= len(result.arms)
        axes.tick_params(labelleft=column == 0, labelbottom=last)
        if last:
            axes.set_xlabel("day", fontsize=TEXT)
        if column == 0:
            axes.set_ylabel("mean daily\nscore", fontsize=TEXT)
        axes.annotate(
            arm_words(arm.name),
            (0, 1),
            (0, 72 * EVENT_HEIGHT),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=TEXT,
            weight="bold",
            va="bottom",
            color=colour,
            linespacing=1.1,
        )
        if arm.name != result.design.control:
            draw_course(axes, result, result.design.control, PALE, THICKER)
        draw_course(axes, result, arm.name, colour, THINNEST)
        for dosing in dosings(result, arm):
            mark_doses(axes, dosing.days, dosing.over, -0.45, colour)


def draw_course(axes: Axes, result: Result, arm: str, colour: str, width: float) -> None:
    """Draw the mean daily score of an arm with its bands."""
    scores = result.scores(arm)
    daily = member_mean(scores, member=result.member, seed=result.seed)
    both, rats = (daily.low, daily.high), (daily.animal_low, daily.animal_high)
    draw_bands(axes, result.days, both, rats, colour=colour, members=result.members)
    axes.plot(result.days, daily.value, color=colour, linewidth=width, label=arm, zorder=3)


def mark_inductions(axes: Axes, result: Result, *, named: bool) -> None:
    """Set the ends of the axis of days, and draw a line at every induction of any arm."""
    design, until = result.design, float(result.design.until)
    given = [day for arm in design.arms for dosing in dosings(result, arm) for day in dosing.days]
    margin = 0.02 * until
    days_axis(axes, min([0.0, *given]) - margin, until + margin)
    events = {
        (induction.day, induction.kind)
        for arm in design.arms
        for induction in design.inductions_of(arm)
        if induction_events([induction])
    }
    for day in sorted({day for day, _ in events}):
        axes.axvline(day, color=PALE, linewidth=1.0, zorder=1)
        if named:
            # Arms may begin differently on the same day: one label names them all.
            kinds = sorted(kind for other, kind in events if other == day)
            mark_event(axes, day, " or\n".join(INDUCTIONS[kind] for kind in kinds))
    relapses = [day for day, kind in events if kind == "relapse"]
    if relapses and is_prediction(result):
        axes.axvspan(min(relapses), until + margin, color=TINT, linewidth=0, zorder=0)


def _entries(result: Result, colours: list[str], *, joint: bool) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D

    shown = (
        dict(zip(result.arms, colours, strict=True)) if joint else {f"control: {result.design.control}": PALE}
    )
    entries: list[tuple[Artist, str]] = [
        (Line2D([], [], color=colour, linewidth=1.8), arm_words(name)) for name, colour in shown.items()
    ]
    entries += [
        *band_entries(result.members),
        (Line2D([], [], color=PALE, linestyle="none", marker="o", markersize=3.2), "a rat"),
        (Line2D([], [], color=INK, marker="D", markersize=6, markerfacecolor=PALE), _interval_words(result)),
    ]
    if any(dosings(result, arm) for arm in result.design.arms):
        dose = Line2D([], [], color=PALE, linestyle="none", marker="^", markersize=6)
        entries.append((dose, "dose (triggered: on the mean day)"))
    return entries


def _interval_words(result: Result) -> str:
    return "mean, 95 % interval" if result.members == 1 else "mean, both intervals"


def _footer(result: Result) -> str:
    mechanisms = dict.fromkeys(arm.mechanism_or(result.design.mechanism) for arm in result.design.arms)
    named = ", ".join(map(mechanism_words, mechanisms))
    failed = max(result.failed(arm, result.design.control) for arm in result.arms)
    parts = [
        f"Model: the same {result.number} rats{members_words(result.members)} in every arm. "
        f"Mechanism of IVIG: {named}.",
        changes_words(result.rat),
        f"Up to {failed} rats of an arm {left_out_words(result.design)} and are left out." if failed else "",
        f"Dots: the first {MOST_DOTS} rats." if result.number > MOST_DOTS else "",
    ]
    return " ".join(part for part in parts if part)
