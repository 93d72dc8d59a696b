"""The figure of a laboratory's own scores: courses of its living animals, and who is without signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints.living import Living
from eaesim.evidence.laboratorywords import arm_note
from eaesim.workbench.figure.course import SCORES, Course, week_ticks
from eaesim.workbench.figure.grid import Grid
from eaesim.workbench.figure.page import DOUBLE, HIGHEST, IVIG, MEAN, VEHICLE, Page, edges
from eaesim.workbench.figure.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from eaesim.questions.scores.answer import LaboratoryResult

MODEL_SCALE = 5.0
# In tops of the scale; animals with the same score are drawn next to each other, over so much of it.
_ABOVE, SPREAD = 1.06, 0.032
# Millimetres of the axes of animals without signs, and of the space above them.
ONSET, SPACE = 16.0, 2.0


def figure(result: LaboratoryResult) -> Figure:
    """Draw the daily scores of a laboratory, and when its animals fell ill.

    Parameters
    ----------
    result
        Scores to draw; every treated arm has a panel, with the control in grey.

    Returns
    -------
    matplotlib.figure.Figure
        Every animal and the mean of the living of each arm; below, the share alive and the share without
        signs by day (Kaplan and Meier) with its 95 % interval.
    """
    title, footer, grid = _title(result), _footer(result, 0), Grid((), (), ())
    for count in range(max(len(result.treated), 1), 0, -1):
        footer = _footer(result, max(len(result.treated) - count, 0))
        grid = _grid(result, count).fitted(HIGHEST - sum(edges(title, footer, DOUBLE)))
        if grid.titles:
            break
    start, foot = edges(title, footer, DOUBLE)
    page = Page(DOUBLE, start + grid.height + foot, title=title, footer=footer, alt=_alt(result))
    for (alive, left, top), pair in zip(grid.draw(page, top=start), grid.drawn, strict=True):
        axes = page.axes(left=left, top=top + SPACE, width=grid.width, height=ONSET)
        axes.set_xlim(*alive.get_xlim())
        axes.set_ylim(-4, 104)
        axes.set_yticks([0, 50, 100])
        week_ticks(axes, *alive.get_xlim())
        axes.set_xlabel(alive.get_xlabel())
        alive.set_xlabel("")
        alive.tick_params(labelbottom=False)
        if alive.get_ylabel():
            axes.set_ylabel("without\nsigns (%)")
        for one in pair:
            _draw_onset(axes, result, one)
    return page.figure


def _grid(result: LaboratoryResult, count: int) -> Grid:
    """Return a panel for each of the first treated arms, with the control."""
    control = result.scores.control
    pairs: list[tuple[str, ...]] = [(control, arm) for arm in result.treated[:count]] or [(control,)]
    alone = _course(result, control, control=control)
    return Grid(
        tuple(f"{pair[-1]} (n = {_number(result, pair[-1])})" for pair in pairs),
        tuple(tuple(_course(result, arm, control=control) for arm in pair) for pair in pairs),
        ("induction",) * len(pairs) if len(alone.days) else ("",) * len(pairs),
        more=SPACE + ONSET,
        ticks=_ticks(result),
        highest=_ABOVE * _top(result),
        is_lettered=len(pairs) > 1,
    )


def _number(result: LaboratoryResult, arm: str) -> int:
    return len(result.scores.animals(arm))


def _top(result: LaboratoryResult) -> float:
    return max(result.scores.scale_max, result.scores.dead_score)


def _ticks(result: LaboratoryResult) -> dict[float, str]:
    """Return the scores at the axis: their words on the model's scale, else numbers, and that of death."""
    top, dead = _top(result), result.scores.dead_score
    if result.scores.scale_max == dead == MODEL_SCALE:
        return dict(SCORES)
    step = max(1.0, float(np.ceil(top / 6)))
    found = {
        float(score): f"{score:g}" for score in np.arange(0, top + 0.01, step) if abs(score - dead) >= step
    }
    return dict(sorted({**found, dead: f"{dead:g} dead"}.items()))


def _course(result: LaboratoryResult, arm: str, *, control: str) -> Course:
    """Return the course of the living; a mean of the few that were observed says nothing about all."""
    first = max(0, int(result.scores.days[0]))
    days = np.arange(first, result.last_day + 1)
    seen, scores = result.watched(arm), result.daily(arm)[:, days]
    death = np.where(seen.is_lost & (result.lost == "score"), seen.last + 1, seen.death_day)
    dead = days >= death[:, None]
    living = np.where(dead, np.nan, scores)
    alive, known = (~np.isnan(living)).sum(axis=0), dead | ~np.isnan(scores)
    followed = 2 * known.sum(axis=0) >= len(scores)
    mean = np.nansum(living, axis=0) / np.where((alive > 0) & followed, alive, np.nan)
    share = np.where(followed, alive / np.maximum(known.sum(axis=0), 1), np.nan)
    own = 0 if arm == control else 1
    beside = (np.arange(len(living)) + 0.5 * own + 0.25) / len(living) - 0.5
    animals = living + (beside * SPREAD * _top(result))[:, None]
    return Course(
        f"{arm} (n = {len(living)})",
        days.astype(np.float64),
        Living(mean, share, animals),
        colour=IVIG if own else VEHICLE,
        width=MEAN if own else 2.0,
    )


def _draw_onset(axes: Axes, result: LaboratoryResult, one: Course) -> None:
    """Draw who is without signs, from the first day to the last on which an animal was seen."""
    days, share = result.without_signs(one.name.rpartition(" (n = ")[0])
    if not len(days):
        return
    at = np.concatenate([[one.days[0]], days])
    axes.step(
        at,
        100 * np.concatenate([[1.0], share.value]),
        where="post",
        color=one.colour,
        linewidth=one.width,
        label=one.name,
        zorder=4,
    )
    # Both ends of every step, so that the one before the interval ends is drawn too.
    low, high = (np.repeat(np.concatenate([[np.nan], 100 * end]), 2)[:-1] for end in (share.low, share.high))
    steps = np.repeat(at, 2)[1:]
    axes.fill_between(steps, low, high, color=one.colour, alpha=0.15, linewidth=0, zorder=3)


def _title(result: LaboratoryResult) -> str:
    """Return the peak scores of the control and of the arm that differs most from it."""
    control = result.scores.control
    means = {arm: result.mean(arm, "peak_score").value for arm in result.arms}
    known = [arm for arm in result.treated if np.isfinite(means[arm] - means[control])]
    most = max(known, key=lambda arm: abs(means[arm] - means[control]), default=None)
    said = [arm for arm in (control, most) if arm is not None and np.isfinite(means[arm])]
    if not said:
        return "Daily scores; the mean peak score is withheld"
    values = ", ".join(f"{means[arm]:.2g} ({shortened(arm, 4)})" for arm in said)
    return f"Peak score: {values}"


def _footer(result: LaboratoryResult, left_out: int) -> str:
    notes = [note for arm in result.arms if (note := arm_note(result, arm))]
    if left_out:
        notes.append(f"{left_out} of {len(result.treated)} treated arms have no room here: see summary.csv.")
    said = f"{result.signs_words.capitalize()}. Shaded: 95 % interval. Animals are drawn a little apart."
    return " ".join([said, *notes])


def _alt(result: LaboratoryResult) -> str:
    arms = "; ".join(
        f"{arm} (n = {_number(result, arm)}) {result.mean(arm, 'peak_score').value:.2g}"
        for arm in result.arms
    )
    return (
        "Courses of the clinical score of the living by day after induction, with the share alive and the "
        f"share without signs below. Mean peak score: {arms}."
    )
