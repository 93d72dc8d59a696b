"""Mean course of surviving animals, and survival: deaths are counted, never averaged as disease."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eaesim.endpoints.dead import Floats

#: Number of animals that are shown individually: a typical group size.
SHOWN = 8


class Living(NamedTuple):
    """Daily scores of the surviving animals of an arm.

    Attributes
    ----------
    mean
        Mean score by day; NaN where no animal is alive.
    alive
        Proportion of animals alive, by day.
    animals
        Daily scores of the first animals, NaN from their death on, shape (animals, days).
    """

    mean: Floats
    alive: Floats
    animals: Floats


def living(score: Floats, death_day: Floats) -> Living:
    """Return the course of surviving animals; failed simulations are excluded.

    Parameters
    ----------
    score
        Shape (animals, days).
    death_day
        Shape (animals,); infinite for survivors, NaN for failed simulations.

    Examples
    --------
    >>> found = living(np.array([[0.0, 3, 4], [0, 1, 1]]), np.array([2.0, np.inf]))
    >>> found.mean.tolist(), found.alive.tolist()
    ([0.0, 2.0, 1.0], [1.0, 1.0, 0.5])
    """
    solved = ~np.isnan(death_day) & ~np.isnan(score).any(axis=1)
    score, death_day = score[solved], death_day[solved]
    lives = np.arange(score.shape[1]) < death_day[:, None]
    count = lives.sum(axis=0)
    total = np.where(lives, score, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
        alive = count / len(score) if len(score) else np.full(score.shape[1], np.nan)
    return Living(mean, alive, np.where(lives, score, np.nan)[:SHOWN])
