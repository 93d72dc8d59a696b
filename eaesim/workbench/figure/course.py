"""Courses: the doses above, the scores of the living, and below who is still alive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.living import Living
from eaesim.workbench.figure.dosing import Dosing
from eaesim.workbench.figure.page import (
    ANIMAL,
    INK,
    IVIG,
    MEAN,
    RULE,
    RULES,
    SMALLEST,
    TEXT,
    VEHICLE,
    Dash,
    LineStyle,
    Page,
    fit,
    length,
    line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Millimetres: a row of the timeline, its names, the strip of the living, and the space around it.
ROW, NAMES, ALIVE, SPACE = 3.2, 34.0, 6.5, 2.0
# Of a line in front of a name.
KEY = 7.0
HIGHEST = 5.2
#: Scores are ranks, whose words stand at the axis.
SCORES: Mapping[float, str] = {0: "0", 1: "1 tail", 2: "2", 3: "3 hind limbs", 4: "4", 5: "5 dead"}
# Means that differ by less are drawn as the same.
SAME = 0.1
# Between two labels, in the units of the score.
_APART = 0.8
_BAND, _OUTLINE = 0.18, 0.8


@dataclass(frozen=True)
class Course:
    """One arm of the figure.

    Attributes
    ----------
    name
        Label of its line.
    days
        Days of the scores.
    living
        The scores of the living, and who is alive.
    doses
        Its doses.
    colour, dash, width
        Style of the line.
    is_filled, has_animals
        Whether the marks of its doses are filled, and whether single animals are drawn.
    band, has_outline
        Low and high ends of a range of its mean by day, and whether these alone are drawn.
    inductions
        Days of its inductions after the first, with their words.
    same_as
        Name of the arm whose line covers its own.
    room
        Width of its name where that stands above its doses.
    """

    name: str
    days: Floats
    living: Living
    doses: tuple[Dosing, ...] = ()
    colour: str = IVIG
    dash: Dash = "-"
    width: float = MEAN
    is_filled: bool = True
    has_animals: bool = True
    band: tuple[Floats, Floats] | None = None
    has_outline: bool = False
    inductions: tuple[tuple[float, str], ...] = ()
    same_as: str = ""
    room: float = NAMES


def course_height(courses: Sequence[Course], scores: float) -> float:
    """Return the millimetres that `draw_courses` takes, without the axis of days."""
    return above_scores(courses, names=NAMES) + scores + SPACE + ALIVE


def above_scores(courses: Sequence[Course], *, names: float) -> float:
    """Return the height of the timeline, which is drawn if any arm is dosed, and of the inductions' words."""
    rows = sum(_row(one, names) for one in _rows(courses, names))
    words = line(SMALLEST) if any(one.inductions for one in courses) else 0.0
    return (rows + 1.5 if rows else 0.0) + words


def _rows(courses: Sequence[Course], names: float) -> list[Course]:
    """Return the arms of the timeline: all, where one is dosed or there are several to name."""
    return list(courses) if any(one.doses for one in courses) or (not names and len(courses) > 1) else []


def _row(one: Course, names: float) -> float:
    """Return the height of an arm: of its doses and its name beside them, or of its name above them."""
    lines = _name(one, names).count("\n")
    doses = ROW if names or one.doses else 0.0
    return doses + line(SMALLEST) * (lines if names else lines + 1)


def _name(one: Course, names: float) -> str:
    """Return the name of an arm at its timeline, and when its triggered doses were given."""
    notes = [dosing.note for dosing in one.doses if dosing.note]
    if names:
        return "\n".join(fit(text, names, SMALLEST) for text in (one.name, *notes))
    same = f": the same as {one.same_as}" if one.same_as else ""
    return fit("; ".join([f"{one.name}{same}", *notes]), one.room - KEY, SMALLEST)


def draw_courses(
    page: Page,
    courses: Sequence[Course],
    *,
    left: float,
    top: float,
    width: float,
    height: float,
    events: str,
    ticks: Mapping[float, str] = SCORES,
    highest: float = HIGHEST,
    above: float | None = None,
    names: float = NAMES,
    is_labelled: bool = True,
) -> Axes:
    """Draw courses in one panel.

    Parameters
    ----------
    page
        Where.
    courses
        The first is drawn first, below the others.
    left, top, width, height
        Place in millimetres; the height is that of the scores.
    events
        What day 0 is, for the axis of days; empty for an axis of plain days.
    ticks, highest
        Words of the scores, and the end of their axis.
    above
        Height of what is drawn above the scores, where panels in a row share it.
    names
        Width of the names next to the timeline, with labels at the lines; 0 puts names above its rows.
    is_labelled
        Whether the axes of the scores have names and words.

    Returns
    -------
    matplotlib.axes.Axes
        Axes of the living, the lowest; those of the scores are before them in the figure.
    """
    own = above_scores(courses, names=names)
    above = own if above is None else above
    # The timeline stands just above the scores.
    _draw_timeline(page, courses, left=left, top=top + above - own, width=width, names=names)
    top += above
    scores = page.axes(left=left, top=top, width=width, height=height)
    scores.set_xlim(*_limits(courses))
    scores.set_ylim(-0.04 * highest, highest)
    scores.set_yticks(list(ticks), list(ticks.values()) if is_labelled else [f"{score:g}" for score in ticks])
    scores.tick_params(labelbottom=False)
    alive = page.axes(left=left, top=top + height + SPACE, width=width, height=ALIVE)
    alive.sharex(scores)
    alive.set_ylim(-4, 104)
    alive.set_yticks([0, 100])
    if is_labelled:
        scores.set_ylabel("clinical score")
        alive.set_ylabel("alive\n(%)")
    alive.set_xlabel(f"days after {events}" if events else "day")
    week_ticks(alive, *_limits(courses))
    _draw_inductions(scores, courses, width=width)
    for one in courses:
        _draw_course(scores, alive, one)
    for day, score, text in course_labels(courses, width) if names else ():
        box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}
        scores.text(day, score, text, fontsize=TEXT, va="bottom", zorder=4, bbox=box)
    return alive


def _draw_course(scores: Axes, alive: Axes, one: Course) -> None:
    style: LineStyle
    for animal in _known(one.living.animals) if one.has_animals else ():
        scores.plot(one.days, animal, color=one.colour, linewidth=ANIMAL, alpha=0.7, zorder=2, label="animal")
    if one.band is not None and one.has_outline:
        style = {"color": one.colour, "linestyle": (0, (1, 1.2)), "linewidth": _OUTLINE}
        for end in one.band:
            scores.plot(one.days, end, zorder=2.5, label="band", **style)
    elif one.band is not None:
        scores.fill_between(one.days, *one.band, color=one.colour, alpha=_BAND, linewidth=0, zorder=1.5)
    style = {"color": one.colour, "linestyle": one.dash, "linewidth": one.width}
    for mean in _known(one.living.mean[None]):
        scores.plot(one.days, mean, zorder=3, label=one.name, **style)
    for share in _known(one.living.alive[None]):
        alive.plot(one.days, 100 * share, zorder=3, label=one.name, **style)


def _known(courses: Floats) -> Floats:
    """Return the courses that have any value."""
    return courses[np.isfinite(courses).any(axis=1)]


def _limits(courses: Sequence[Course]) -> tuple[float, float]:
    given = [
        day + end
        for one in courses
        for dosing in one.doses
        for day in dosing.days
        for end in (-dosing.early, dosing.over + dosing.late)
    ]
    first, last = min([courses[0].days[0], *given]), max([courses[0].days[-1], *given])
    margin = 0.02 * (last - first) or 0.5
    return float(first - margin), float(last + margin)


def _draw_inductions(scores: Axes, courses: Sequence[Course], *, width: float) -> None:
    """Draw a line on the day of every further induction, named above the axes."""
    first, last = scores.get_xlim()
    if any(one.inductions for one in courses) or first < courses[0].days[0] - 0.03 * (last - first):
        scores.axvline(0, color=RULES, linewidth=RULE, zorder=1)
    for day, words in dict.fromkeys(each for one in courses for each in one.inductions):
        scores.axvline(day, color=RULES, linewidth=RULE, zorder=1)
        half = 0.5 * length(words, SMALLEST) / width * (last - first)
        middle = min(max(day, first + half), last - half) if 2 * half < last - first else 0.5 * (first + last)
        scores.text(
            middle, scores.get_ylim()[1], words, fontsize=SMALLEST, ha="center", va="bottom", color=INK
        )


def _draw_timeline(
    page: Page, courses: Sequence[Course], *, left: float, top: float, width: float, names: float
) -> None:
    rows = _rows(courses, names)
    if not rows:
        return
    height = sum(_row(one, names) for one in rows)
    axes = page.axes(left=left, top=top, width=width, height=height)
    axes.set_axis_off()
    axes.set_xlim(*_limits(courses))
    axes.set_ylim(height, 0)
    start = 0.0
    for one in rows:
        tall, text = _row(one, names), _name(one, names)
        row = start + (0.5 * tall if names else tall - 0.5 * ROW)
        if names or one.doses:
            axes.plot(axes.get_xlim(), [row, row], color=RULES, linewidth=RULE, zorder=1)
        if not names:
            axes.plot(
                [0.0, (KEY - 1.5) / width],
                [start + 0.5 * line(SMALLEST)] * 2,
                transform=axes.get_yaxis_transform(),
                color=one.colour,
                linestyle=one.dash,
                linewidth=one.width,
                label="key",
            )
        for dosing in one.doses:
            _draw_doses(axes, one, dosing, row)
        colour = INK if not names else VEHICLE if not one.doses else IVIG if one.colour == IVIG else INK
        place = (left + width + 1.0, top + row) if names else (left + KEY, top + start)
        page.write(text, *place, va="center" if names else "top", size=SMALLEST, color=colour)
        start += tall


def _draw_doses(axes: Axes, one: Course, dosing: Dosing, row: float) -> None:
    """Draw a mark per dose, whose area is the amount, over the days of an infusion or of 95 % of the rats."""
    for day in dosing.days if dosing.over or dosing.early or dosing.late else ():
        ends = [day - dosing.early, day + dosing.over + dosing.late]
        axes.plot(ends, [row, row], color=one.colour, linewidth=2.2, solid_capstyle="butt", zorder=2)
    axes.plot(
        dosing.days,
        [row] * len(dosing.days),
        "v",
        color=one.colour,
        markersize=max(4.5 * dosing.share**0.5, 1.5),
        markerfacecolor=one.colour if one.is_filled else "white",
        clip_on=False,
        zorder=3,
        label="dose",
    )


def week_ticks(axes: Axes, first: float, last: float) -> None:
    """Put the ticks of an axis of days on weeks, or on fewer of them where there are many."""
    from matplotlib.ticker import MultipleLocator

    weeks = max(1, int(np.ceil((last - first) / 7 / 6)))
    axes.xaxis.set_major_locator(MultipleLocator(7 * weeks if last - first >= 14 else 2))


def label_room(courses: Sequence[Course]) -> float:
    """Return the width of the names next to the timeline in millimetres."""
    return 1.0 + max(length(text, SMALLEST) for one in courses for text in _name(one, NAMES).splitlines())


def is_same(one: Course, other: Course) -> bool:
    """Return whether the lines of two arms cannot be told apart."""
    return float(np.nanmax(np.abs(one.living.mean - other.living.mean), initial=0.0)) < SAME


def course_labels(courses: Sequence[Course], width: float) -> list[tuple[float, float, str]]:
    """Return day, score and text of what is written at the lines; arms like the first are named with it."""
    first, *others = courses
    if not np.isfinite(first.living.mean).any():
        return []
    room = 0.45 * width
    same = [one for one in others if is_same(one, first)]
    named = [first.name, *(f"{one.name} the same" for one in same)]
    text = ";\n".join(fit(name, room, TEXT) for name in named)
    drawn = [(first, text), *((one, fit(one.name, room, TEXT)) for one in others if one not in same)]
    drawn = [(one, name) for one, name in drawn if np.isfinite(one.living.mean).any()]
    longest = max(length(each, TEXT) for _, name in drawn for each in name.splitlines())
    start, end = float(first.days[0]), float(first.days[-1])
    latest = end - longest / width * (end - start)
    labels: list[tuple[float, float, str]] = []
    for one, name in sorted(drawn, key=lambda each: np.nanmax(each[0].living.mean)):
        best = int(np.nanargmax(one.living.mean))
        lines = name.count("\n") + 1
        height = min(0.6 * float(one.living.mean[best]) + 0.15, HIGHEST - _APART * lines)
        if labels:
            height = max(height, labels[-1][1] + _APART * (labels[-1][2].count("\n") + 1))
        labels.append((min(max(_quiet_from(courses), one.days[best] + 3.5), latest), height, name))
    return labels


def _quiet_from(courses: Sequence[Course]) -> float:
    """Return the day after the last one on which a single animal that is drawn has signs."""
    days = courses[0].days
    signs = [
        days[np.nansum(one.living.animals, axis=0) > 0].max(initial=days[0])
        for one in courses
        if one.has_animals and len(one.living.animals)
    ]
    return float(max(signs, default=days[0])) + 0.5
