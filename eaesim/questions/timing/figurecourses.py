"""The first panel of a timing: the courses of the living under one early and one late dose."""

from __future__ import annotations

from dataclasses import replace

from eaesim.questions.timing.plan import MOST_COURSES
from eaesim.questions.timing.result import Timing
from eaesim.workbench.figure.course import Course, course_height, draw_courses, label_room
from eaesim.workbench.figure.dosing import Dosing
from eaesim.workbench.figure.page import VEHICLE, Page
from eaesim.workbench.figure.words import rat_words

# Millimetres: the axes of the scores, and what their ticks in words take beside those of effects.
SCORES, WORDS = 24.0, 7.0


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
    )


def _courses(timing: Timing) -> tuple[Course, ...]:
    """Return what is drawn: untreated rats pale and thick, so that a line on theirs is seen."""
    untreated, early, *late = (
        Course(one.name, one.days, one.living, tuple(Dosing((day,)) for day in one.doses))
        for one in timing.courses
    )
    second = (replace(one, dash="--", width=1.0, is_filled=False, has_animals=False) for one in late)
    return replace(untreated, colour=VEHICLE, width=2.2), early, *second
