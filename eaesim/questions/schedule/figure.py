"""The schedule figure: a row for every schedule, with its scores, plasma IgG, and what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES, Floats, MemberEstimate, member_mean
from eaesim.questions.schedule.result import OFF, ON, ScheduleResult
from eaesim.study import Result
from eaesim.workbench.figure.arms import mark_doses
from eaesim.workbench.figure.bands import band_entries, draw_bands, members_words
from eaesim.workbench.figure.courses import HIGHEST, THICKER, THINNEST, draw_course, mark_inductions
from eaesim.workbench.figure.dosing import dosings, is_prediction
from eaesim.workbench.figure.style import (
    COLOURS,
    INK,
    NOTE,
    NOTE_LINE,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    add_axes,
    add_legend,
    legend_height,
    sheet,
    tag_prediction,
    wrap,
    write,
)
from eaesim.workbench.figure.words import arm_words, changes_words, endpoint_words, mechanism_words, rat_words

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The layout, in inches.
NAMES, SCORES, PLASMA, EFFECTS, GAP, EDGE = 2.15, 2.7, 1.9, 2.4, 0.45, 0.12
HEAD, TAG, EVENTS, ROW, SPACE, BELOW = 0.5, 0.3, 0.32, 0.62, 0.16, 0.5
WIDTH = NAMES + SCORES + PLASMA + EFFECTS + 3 * GAP
SCORE, IGG, WITH_ANTIBODIES = COLOURS[0], COLOURS[2], COLOURS[1]
# Every so many of the times between days and doses have an interval drawn.
EVERY = 12


def figure(result: ScheduleResult) -> Figure:
    """Draw schedules side by side.

    Parameters
    ----------
    result
        Of `eaesim.schedule`.

    Returns
    -------
    matplotlib.figure.Figure
        One row per schedule: mean daily score over the control's in grey, mean plasma IgG with the peak right
        after each dose, and the effect with
        antibodies against IgG off and, of repeated schedules, on.
    """
    arms = [arm for arm in result.plan.study.design.arms if arm.name != result.control]
    entries = _entries(result)
    footer = wrap(_footer(result), WIDTH - 2 * EDGE)
    courses = {arm.name: _courses(result, arm.name) for arm in arms}
    highest = max(result.plan.level, *(each.mean.max() for own in courses.values() for each, _ in own))
    top = EDGE + HEAD + (TAG if is_prediction(result.plain) else 0.0) + EVENTS
    legend = top + len(arms) * (ROW + SPACE) + BELOW
    note = legend + legend_height(entries, WIDTH - 2 * EDGE)
    page = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    _title(page, result)
    for place, arm in enumerate(arms):
        last, height = place == len(arms) - 1, top + place * (ROW + SPACE)
        write(page, _name(result, arm.name), left=EDGE, top=height, size=TEXT)
        axes = add_axes(page, left=NAMES, top=height, width=SCORES, height=ROW)
        mark_inductions(axes, result.plain, named=place == 0)
        axes.set_ylim(-0.9, HIGHEST)
        axes.set_yticks([0, 5])
        draw_course(axes, result.plain, result.control, PALE, THICKER)
        draw_course(axes, result.plain, arm.name, SCORE, THINNEST)
        for dosing in dosings(result.plain, arm):
            mark_doses(axes, dosing.days, dosing.over, -0.55, SCORE)
        plasma = add_axes(page, left=NAMES + SCORES + GAP, top=height, width=PLASMA, height=ROW)
        _draw_plasma(plasma, result, courses[arm.name], highest)
        axes.tick_params(labelbottom=last)
        plasma.tick_params(labelbottom=last)
        if last:
            axes.set_xlabel("day; score 0 to 5", fontsize=TEXT)
            plasma.set_xlabel("day; plasma IgG (mg/mL)", fontsize=TEXT)
    left = NAMES + SCORES + PLASMA + 2 * GAP
    height = len(arms) * (ROW + SPACE) - SPACE
    _draw_effects(
        add_axes(page, left=left, top=top, width=EFFECTS, height=height), result, [arm.name for arm in arms]
    )
    add_legend(page, entries, left=EDGE, top=legend)
    write(page, footer, left=EDGE, top=note, color=NOTE)
    return page


def _title(figure: Figure, result: ScheduleResult) -> None:
    plain = result.plain
    title = f"{rat_words(plain.rat)}: {len(result.arms)} schedules, the same {plain.number} rats"
    write(figure, title, left=EDGE, top=EDGE, size=TITLE, weight="bold")
    text = f"effect on {endpoint_words(result.plan.endpoint).rpartition(' (')[0]}; {DEAD_RULES[plain.dead]}"
    write(figure, text, left=EDGE, top=EDGE + 0.19, size=TEXT)
    if is_prediction(plain):
        tag_prediction(figure, left=EDGE, top=EDGE + HEAD - 0.05)


def _name(result: ScheduleResult, arm: str) -> str:
    own = result.given[arm, OFF]
    number = "1 dose" if own.doses == 1 else f"{own.doses:.2g} doses"
    given = f"{own.grams:.2g} g/kg IVIG in {number}" if own.doses else "no IVIG"
    return f"{arm_words(arm)}\n{given}"


@dataclass(frozen=True)
class _Course:
    """Plasma IgG for drawing: its mean over rats at many times, and its intervals at fewer."""

    days: Floats
    mean: Floats
    fewer: Floats
    bands: MemberEstimate


def _courses(result: ScheduleResult, arm: str) -> list[tuple[_Course, str]]:
    """Return the course without antibodies against IgG and, of repeated schedules, with them; and colours."""
    runs = ((result.plain, IGG), (result.immune, WITH_ANTIBODIES))
    return [(_course(run, arm), colour) for run, colour in runs if run is not None and arm in run.arms]


def _course(run: Result, arm: str) -> _Course:
    days, values = run.plasma.course(arm).course()
    # Resampling every time would cost more than the runs: whole days, doses, and some of the rest.
    again = np.append(days[1:] == days[:-1], False)
    some = again | np.roll(again, 1) | (days == np.round(days)) | (np.arange(len(days)) % EVERY == 0)
    bands = member_mean(values[:, some], member=run.member, seed=run.seed)
    return _Course(days, np.nanmean(values, axis=0), days[some], bands)


def _draw_plasma(
    axes: Axes, result: ScheduleResult, courses: Sequence[tuple[_Course, str]], highest: float
) -> None:
    plain = result.plain
    mark_inductions(axes, plain, named=False)
    axes.set_ylim(0, 1.15 * highest)
    for course, colour in courses:
        bands = course.bands
        both, rats = (bands.low, bands.high), (bands.animal_low, bands.animal_high)
        draw_bands(axes, course.fewer, both, rats, colour=colour, members=plain.members)
        axes.plot(course.days, course.mean, color=colour, linewidth=THINNEST, zorder=3)
    axes.axhline(result.plan.level, color=PALE, linewidth=0.8, linestyle=":")


def _draw_effects(axes: Axes, result: ScheduleResult, arms: list[str]) -> None:
    axes.set_ylim((len(arms) * (ROW + SPACE) - SPACE), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=PALE, linewidth=1.0)
    axes.set_xlabel("effect: reduction relative to control", fontsize=TEXT)
    for place, arm in enumerate(arms):
        middle = place * (ROW + SPACE) + ROW / 2
        for antibodies, colour, shift in ((OFF, SCORE, -0.08), (ON, WITH_ANTIBODIES, 0.12)):
            found = result.effect(arm, antibodies=antibodies)
            if found is None or np.isnan(found.value):
                continue
            height = middle + shift
            axes.plot([found.low, found.high], [height, height], color=colour, linewidth=1.4)
            axes.plot(
                [found.animal_low, found.animal_high],
                [height, height],
                color=colour,
                linewidth=3.2,
                alpha=0.6,
            )
            axes.plot([found.value], [height], marker="D", markersize=5, color=colour, linestyle="none")
            if antibodies == OFF:
                axes.text(
                    found.value,
                    height - 0.1,
                    f"{found.value:.0%}",
                    fontsize=SMALL,
                    ha="center",
                    va="bottom",
                    color=INK,
                )
    left, right = axes.get_xlim()
    axes.set_xlim(min(left, -0.1), max(right, 0.5))


def _entries(result: ScheduleResult) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D

    entries: list[tuple[Artist, str]] = [
        (Line2D([], [], color=PALE, linewidth=THICKER), f"control: {arm_words(result.control)}"),
        (Line2D([], [], color=SCORE, marker="D", markersize=5), "the schedule"),
        (Line2D([], [], color=IGG), "IgG in plasma"),
    ]
    if result.immune is not None:
        entries.append(
            (
                Line2D([], [], color=WITH_ANTIBODIES, marker="D", markersize=5),
                "with antibodies against IgG (assumed)",
            )
        )
    entries += [
        (Line2D([], [], color=PALE, linewidth=0.8, linestyle=":"), f"{result.plan.level:g} mg/mL"),
        (
            Line2D([], [], color=SCORE, linestyle="none", marker="^", markersize=6),
            "dose (triggered: mean day)",
        ),
        *band_entries(result.plain.members),
    ]
    return entries


def _footer(result: ScheduleResult) -> str:
    plain = result.plain
    parts = [
        f"Model: the same {plain.number} rats{members_words(plain.members)} under every schedule. "
        f"Mechanism of IVIG: {mechanism_words(plain.design.mechanism)}.",
        f"Antibodies against the given IgG: an assumed extra clearance of {result.plan.antibodies:g} per day "
        "at their full response, shown for schedules with more than one dose."
        if result.immune is not None
        else "",
        changes_words(plain.rat),
        result.sentence(),
    ]
    return " ".join(part for part in parts if part)
