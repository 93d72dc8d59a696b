"""Courses: the doses above, the scores of the living, and below who is still alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.living import Living
from eaesim.workbench.figure.page import (
    ANIMAL,
    IVIG,
    MEAN,
    RULE,
    RULES,
    SMALLEST,
    TEXT,
    VEHICLE,
    Dash,
    Page,
    length,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Millimetres: a row of the timeline, the strip of the living, and the space around it.
ROW, ALIVE, SPACE = 3.2, 6.5, 2.0
HIGHEST = 5.2


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
        Days of the doses.
    colour, dash, width
        Style of the line.
    is_filled, has_animals
        Whether the marks of its doses are filled, and whether single animals are drawn.
    """

    name: str
    days: Floats
    living: Living
    doses: tuple[float, ...] = ()
    colour: str = IVIG
    dash: Dash = "-"
    width: float = MEAN
    is_filled: bool = True
    has_animals: bool = True


def course_height(courses: Sequence[Course], scores: float) -> float:
    """Return the millimetres that `draw_courses` takes, without the axis of days."""
    return _timeline(courses) + scores + SPACE + ALIVE


def _timeline(courses: Sequence[Course]) -> float:
    """Return the height of the timeline, which is drawn if any arm is dosed."""
    return ROW * len(courses) + 1.5 if any(one.doses for one in courses) else 0.0


def draw_courses(
    page: Page,
    courses: Sequence[Course],
    *,
    left: float,
    top: float,
    width: float,
    height: float,
    events: str,
    labels: Sequence[tuple[float, float, str]] = (),
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
        What day 0 is, for the axis of days.
    labels
        Day, score and text of each label in the panel.

    Returns
    -------
    matplotlib.axes.Axes
        Axes of the scores.
    """
    if _timeline(courses):
        _draw_timeline(page, courses, left=left, top=top, width=width)
    scores = page.axes(left=left, top=top + _timeline(courses), width=width, height=height)
    first, last = courses[0].days[0], courses[0].days[-1]
    scores.set_xlim(first - 0.02 * (last - first), last + 0.02 * (last - first))
    scores.set_ylim(-0.2, HIGHEST)
    scores.set_yticks(range(6), ["0", "1 tail", "2", "3 hind limbs", "4", "5 dead"])
    scores.tick_params(labelbottom=False)
    scores.set_ylabel("clinical score")
    below = top + _timeline(courses) + height + SPACE
    alive = page.axes(left=left, top=below, width=width, height=ALIVE)
    alive.sharex(scores)
    alive.set_ylim(-4, 104)
    alive.set_yticks([0, 100])
    alive.set_ylabel("alive\n(%)")
    alive.set_xlabel(f"days after {events}")
    week_ticks(alive, first, last)
    for one in courses:
        for animal in one.living.animals if one.has_animals else ():
            scores.plot(one.days, animal, color=one.colour, linewidth=ANIMAL, alpha=0.7, zorder=2)
    for one in courses:
        style: dict[str, Any] = {"color": one.colour, "linestyle": one.dash, "linewidth": one.width}
        scores.plot(one.days, one.living.mean, zorder=3, **style)
        alive.plot(one.days, 100 * one.living.alive, zorder=3, **style)
    for day, score, text in labels:
        scores.text(day, score, text, fontsize=TEXT, va="bottom", zorder=4)
    return scores


def _draw_timeline(page: Page, courses: Sequence[Course], *, left: float, top: float, width: float) -> None:
    axes = page.axes(left=left, top=top, width=width, height=ROW * len(courses))
    axes.set_axis_off()
    first, last = courses[0].days[0], courses[0].days[-1]
    axes.set_xlim(first - 0.02 * (last - first), last + 0.02 * (last - first))
    axes.set_ylim(len(courses) - 0.5, -0.5)
    for row, one in enumerate(courses):
        axes.plot([first, last], [row, row], color=RULES, linewidth=RULE, zorder=1)
        colour = VEHICLE if not one.doses else one.colour
        axes.plot(
            one.doses,
            [row] * len(one.doses),
            "v",
            color=colour,
            markersize=4.5,
            markeredgecolor=colour,
            markerfacecolor=colour if one.is_filled else "white",
            clip_on=False,
            zorder=2,
        )
        page.write(
            one.name, left + width + 1.0, top + ROW * (row + 0.5), va="center", size=SMALLEST, color=colour
        )


def week_ticks(axes: Axes, first: float, last: float) -> None:
    """Put the ticks of an axis of days on weeks, or on fewer of them where there are many."""
    from matplotlib.ticker import MultipleLocator

    weeks = max(1, int(np.ceil((last - first) / 7 / 6)))
    axes.xaxis.set_major_locator(MultipleLocator(7 * weeks if last - first >= 14 else 2))


def label_room(courses: Sequence[Course]) -> float:
    """Return the width of the names next to the timeline in millimetres."""
    return 1.0 + max(length(one.name, SMALLEST) for one in courses)
