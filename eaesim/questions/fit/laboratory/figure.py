"""The figure of a laboratory's fit: its animals' own courses over what its rat is predicted to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints.living import Living
from eaesim.questions.fit.laboratory.result import DEAD_SCORE, LaboratoryFit
from eaesim.workbench.figure.course import Course
from eaesim.workbench.figure.grid import Grid
from eaesim.workbench.figure.page import DOUBLE, INK, IVIG, OF_RATS, Page, edges

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Animals with the same score are drawn next to each other, over so many points of the score.
SPREAD = 0.16


def figure(fit: LaboratoryFit) -> Figure:
    """Draw the daily scores of the living control animals over the predicted intervals.

    Parameters
    ----------
    fit
        Of `eaesim.fit_scores`.

    Returns
    -------
    matplotlib.figure.Figure
        Every animal's course, their mean, and the predicted 95 % intervals of single rats and of the mean of
        as many rats.
    """
    title, footer = _title(fit), _footer(fit)
    observed, rats, group = _courses(fit)
    said = f"{fit.group.sick} of {fit.group.animals} control animals with signs by day {fit.bank.until}"
    grid = Grid((said,), ((rats, group, observed),), ("induction",), scores=40.0, is_lettered=False)
    start, foot = edges(title, footer, DOUBLE)
    page = Page(DOUBLE, start + grid.height + foot, title=title, footer=footer, alt=_alt(fit))
    grid.draw(page, top=start)
    return page.figure


def _courses(fit: LaboratoryFit) -> tuple[Course, Course, Course]:
    """Return what was observed, and what is predicted of single rats and of groups."""
    table = fit.courses()
    days, predicted = table["day"].to_numpy(float), fit.predicted
    # The mean of the few that are left says nothing about all.
    many = 2 * table["animals"] >= len(fit.observed)
    beside = (np.arange(len(fit.observed)) + 0.5) / len(fit.observed) - 0.5
    animals = np.where(fit.observed < DEAD_SCORE, fit.observed, np.nan) + (beside * SPREAD)[:, None]
    shown, alive = (table[name].where(many).to_numpy(float) for name in ("shown", "alive"))
    none = np.full_like(predicted.mean, np.nan)
    return (
        Course(f"{len(animals)} animals and their mean", days, Living(shown, alive, animals), colour=INK),
        Course(
            f"predicted, dotted: {OF_RATS}",
            days,
            Living(none, none, animals[:0]),
            colour=IVIG,
            width=0.5,
            band=(predicted.low, predicted.high),
            has_outline=True,
        ),
        Course(
            f"predicted: mean, and 95 % of groups of n = {predicted.animals}",
            days,
            Living(predicted.mean, predicted.alive, animals[:0]),
            colour=IVIG,
            dash="--",
            band=(predicted.mean_low, predicted.mean_high),
        ),
    )


def _title(fit: LaboratoryFit) -> str:
    """Return the largest mean score of the animals, and that of the rat estimated from them."""
    table = fit.courses()
    shown, predicted = table["shown"].max(), table["predicted"].max()
    return f"Largest mean score: {shown:.1f} in the animals, {predicted:.1f} in their rat"


def _footer(fit: LaboratoryFit) -> str:
    lost = f" {len(fit.group.without)} lost before day {fit.bank.until}." if len(fit.group.without) else ""
    return " ".join(
        [
            f"Signs: score >= {fit.bank.signs:.3g}.{lost} Animals are drawn a little apart.",
            *fit.assumed,
        ]
    )


def _alt(fit: LaboratoryFit) -> str:
    return (
        "Graph of the clinical score of the living by day after induction: "
        f"{fit.group.animals} control animals, and the rat estimated from them with 95 % intervals. "
        f"{_title(fit)}."
    )
