"""The figure of a laboratory's own scores: mean daily scores over the animals' own, and the onset by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from eaesim.endpoints import mean
from eaesim.endpoints.readings import MISSING_RULE
from eaesim.evidence.laboratoryendpoints import SEED
from eaesim.evidence.laboratorywords import arm_note
from eaesim.workbench.figure.style import (
    BAND,
    COLOURS,
    DASHES,
    INK,
    NOTE,
    NOTE_LINE,
    PALE,
    TEXT,
    TITLE,
    add_axes,
    add_legend,
    days_axis,
    legend_height,
    sheet,
    wrap,
    write,
)
from eaesim.workbench.figure.words import SCORES, arm_words

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from eaesim.questions.scores.answer import LaboratoryResult

Dash = Literal["-", "--", ":", "-."]
# With more arms, the animals' own lines hide each other.
MOST_ARMS = 4
MODEL_SCALE = 5.0
# In tops of the scale.
HIGHEST = 1.06
MEAN_LINE, ANIMAL_LINE, ANIMAL_ALPHA = 2.2, 0.7, 0.35
# Animals with the same score are drawn next to each other, over so much of the scale.
SPREAD = 0.032
# The layout, in inches.
LEFT, GAP, RIGHT, EDGE, TITLE_HEIGHT, BELOW = 0.75, 0.85, 0.3, 0.12, 0.5, 0.55
COURSES_WIDTH, ONSET_WIDTH, HEIGHT = 4.9, 3.1, 2.9
WIDTH = LEFT + COURSES_WIDTH + GAP + ONSET_WIDTH + RIGHT


def figure(result: LaboratoryResult) -> Figure:
    """Draw the daily scores of a laboratory, and when its animals fell ill.

    Parameters
    ----------
    result
        Scores to draw; with up to four arms, every animal is drawn too.

    Returns
    -------
    matplotlib.figure.Figure
        At the left the mean score of each arm with its 95 % interval over animals, at the right the share
        without signs by day (Kaplan and Meier) with its 95 % interval.
    """
    looks = _looks(result)
    entries = _entries(result, looks)
    footer = wrap(_footer(result), WIDTH - LEFT - RIGHT)
    legend = EDGE + TITLE_HEIGHT + HEIGHT + BELOW
    note = legend + legend_height(entries, WIDTH - LEFT)
    page = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    animals = sum(len(result.scores.animals(arm)) for arm in result.arms)
    arms = f"{len(result.arms)} arms" if len(result.arms) > 1 else "1 arm"
    write(page, f"{animals} animals in {arms}", left=LEFT, top=EDGE, size=TITLE, weight="bold")
    text = f"daily scores and days without signs; {result.signs_words}; {result.dead_words}"
    write(page, text, left=LEFT, top=EDGE + 0.19, size=TEXT)
    top = EDGE + TITLE_HEIGHT
    courses = add_axes(page, left=LEFT, top=top, width=COURSES_WIDTH, height=HEIGHT)
    onset = add_axes(page, left=LEFT + COURSES_WIDTH + GAP, top=top, width=ONSET_WIDTH, height=HEIGHT)
    for arm, (colour, dash) in looks.items():
        _draw_courses(courses, result, arm, colour, dash)
        _draw_onset(onset, result, arm, colour, dash)
    scale = result.scores.scale_max
    same = scale == result.scores.dead_score == MODEL_SCALE
    label = f"daily score ({SCORES})" if same else f"daily score, 0 to {scale:g}"
    _finish(courses, result, highest=HIGHEST * _top(result), label=label)
    _finish(onset, result, highest=1.06, label="share of animals without signs")
    add_legend(page, entries, left=LEFT, top=legend)
    write(page, footer, left=LEFT, top=note, color=NOTE)
    return page


def _looks(result: LaboratoryResult) -> dict[str, tuple[str, Dash]]:
    """Return colour and dash of every arm: ink for the control; dashes where the colours are used up."""
    looks: dict[str, tuple[str, Dash]] = {}
    for place, arm in enumerate(result.treated):
        dash = DASHES[place // len(COLOURS) % len(DASHES)]
        looks[arm] = (COLOURS[place % len(COLOURS)], dash)
    return {arm: looks.get(arm, (INK, "-")) for arm in result.arms}


def _top(result: LaboratoryResult) -> float:
    return max(result.scores.scale_max, result.scores.dead_score)


def _first(result: LaboratoryResult) -> int:
    return max(0, int(result.scores.days[0]))


def _draw_courses(axes: Axes, result: LaboratoryResult, arm: str, colour: str, dash: Dash) -> None:
    days = np.arange(_first(result), result.last_day + 1)
    scores = result.daily(arm)[:, days]
    if len(result.arms) <= MOST_ARMS:
        own = result.arms.index(arm) / max(len(result.arms), 1)
        beside = (np.arange(len(scores)) + own + 0.5) / (len(scores) + 1) - 0.5
        for course, shift in zip(scores, beside * SPREAD * _top(result), strict=True):
            axes.plot(
                days,
                course + shift,
                color=colour,
                linewidth=ANIMAL_LINE,
                alpha=ANIMAL_ALPHA,
                label="animal",
                zorder=2,
            )
    # The mean of the few that are left says nothing about all: sick animals leave first.
    followed = 2 * (~np.isnan(scores)).sum(axis=0) >= len(scores)
    daily = mean(scores[:, followed], seed=SEED)
    axes.fill_between(days[followed], daily.low, daily.high, color=colour, alpha=BAND, linewidth=0, zorder=3)
    axes.plot(
        days[followed], daily.value, color=colour, linestyle=dash, linewidth=MEAN_LINE, label=arm, zorder=4
    )


def _draw_onset(axes: Axes, result: LaboratoryResult, arm: str, colour: str, dash: Dash) -> None:
    days, share = result.without_signs(arm)
    if not len(days):
        return
    # From the start, when none has signs, to the last day that an animal was seen.
    at = np.concatenate([[float(_first(result))], days])
    axes.step(
        at,
        np.concatenate([[1.0], share.value]),
        where="post",
        color=colour,
        linestyle=dash,
        linewidth=MEAN_LINE,
        label=arm,
        zorder=4,
    )
    # Both ends of every step, so that the one before the interval ends is drawn too.
    low, high = (np.repeat(np.concatenate([[np.nan], end]), 2)[:-1] for end in (share.low, share.high))
    axes.fill_between(np.repeat(at, 2)[1:], low, high, color=colour, alpha=BAND, linewidth=0, zorder=3)


def _finish(axes: Axes, result: LaboratoryResult, *, highest: float, label: str) -> None:
    margin = 0.02 * max(result.last_day, 1)
    days_axis(axes, min(0, _first(result)) - margin, result.last_day + margin)
    axes.set_ylim(-0.03 * highest, highest)
    axes.set_ylabel(label, fontsize=TEXT)
    axes.set_xlabel("day after induction", fontsize=TEXT)


def _entries(result: LaboratoryResult, looks: dict[str, tuple[str, Dash]]) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[tuple[Artist, str]] = [
        (
            Line2D([], [], color=colour, linestyle=dash, linewidth=MEAN_LINE),
            f"{arm_words(arm)} ({len(result.scores.animals(arm))})",
        )
        for arm, (colour, dash) in looks.items()
    ]
    entries.append((Patch(color=PALE, alpha=2 * BAND, linewidth=0), "95 % interval over animals"))
    if len(result.arms) <= MOST_ARMS:
        animal = Line2D([], [], color=PALE, linewidth=ANIMAL_LINE)
        entries.append((animal, "an animal"))
    return entries


def _footer(result: LaboratoryResult) -> str:
    apart = "Lines of animals are moved apart a little. " if len(result.arms) <= MOST_ARMS else ""
    filled = {"score": "scored as dead", "carry": "given its last score"}.get(result.lost or "")
    lost = (
        f"a lost animal is {filled} from then on"
        if filled
        else "an animal counts as long as it was observed, and a mean is drawn while half of its animals were"
    )
    notes = "".join(f" {note}" for arm in result.arms if (note := arm_note(result, arm)))
    return (
        f"A laboratory's own scores; in brackets the animals of each arm. {apart}In the means, "
        f"{MISSING_RULE}; {lost}.{notes}"
    )
