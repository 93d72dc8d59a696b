"""The first panel of a timing: the courses of the living under one early and one late dose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eaesim.questions.timing.plan import MOST_COURSES
from eaesim.questions.timing.result import Timing
from eaesim.workbench.figure.course import Course, course_height, draw_courses, label_room
from eaesim.workbench.figure.page import TEXT, VEHICLE, Page, length
from eaesim.workbench.figure.words import rat_words

# Millimetres: the axes of the scores, and what their ticks in words take beside those of effects.
SCORES, WORDS = 24.0, 7.0
# Courses whose means differ by less are drawn as the same.
SAME = 0.1
# Between two labels, in the units of the score.
_APART = 0.8


def course_panel(timing: Timing) -> tuple[str, str]:
    """Return the title and the subtitle of the panel."""
    courses, panel = timing.courses, timing.panels[0]
    rats, single = min(timing.animals, MOST_COURSES), len(courses[0].living.animals)
    return (
        f"{rat_words(panel.rat)}, immunised: one dose of {timing.table['dose'].iloc[0]}",
        f"mean of the living, and {single} of {rats} rats",
    )


def height_of_courses(timing: Timing) -> float:
    """Return the millimetres that the courses take; 0 where there are none."""
    return course_height(_courses(timing), SCORES) if timing.courses else 0.0


def draw_course_panel(page: Page, timing: Timing, *, left: float, top: float, width: float) -> None:
    """Draw the courses."""
    courses = _courses(timing)
    inner = width - WORDS - label_room(courses) - 1.0
    draw_courses(
        page,
        courses,
        left=left + WORDS,
        top=top,
        width=inner,
        height=SCORES,
        events="immunisation",
        labels=_labels(courses, inner),
    )


def _courses(timing: Timing) -> tuple[Course, ...]:
    """Return what is drawn: untreated rats pale and thick, so that a line on theirs is seen."""
    looks: list[dict[str, Any]] = [
        {"colour": VEHICLE, "width": 2.2},
        {},
        {"dash": "--", "is_filled": False, "width": 1.0, "has_animals": False},
    ]
    return tuple(
        Course(one.name, one.days, one.living, one.doses, **look)
        for one, look in zip(timing.courses, looks, strict=False)
    )


def _labels(courses: Sequence[Course], width: float) -> list[tuple[float, float, str]]:
    """Return what is written at the lines; arms that do not differ from the first are named with it."""
    first, *others = courses
    if not np.isfinite(first.living.mean).any():
        return []
    same = [one for one in others if _differ(one, first) < SAME]
    text = "".join(f";\n{one.name} the same" for one in same)
    drawn = [(first, f"{first.name}{text}"), *((one, one.name) for one in others if one not in same)]
    longest = max(length(each, TEXT) for _, name in drawn for each in name.splitlines())
    start, end = float(first.days[0]), float(first.days[-1])
    latest = end - longest / width * (end - start)
    labels: list[tuple[float, float, str]] = []
    for one, name in sorted(drawn, key=lambda each: np.nanmax(each[0].living.mean)):
        best = int(np.nanargmax(one.living.mean))
        height = 0.6 * float(one.living.mean[best]) + 0.15
        if labels:
            below = labels[-1][1] + _APART * (labels[-1][2].count("\n") + 1)
            height = max(height, below)
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


def _differ(one: Course, other: Course) -> float:
    return float(np.nanmax(np.abs(one.living.mean - other.living.mean), initial=0.0))
