"""What groups of animals show by day: the range of the mean score of their surviving animals.

A group of n comes from one laboratory, so from one parameter set: a set is drawn, then n of its simulated
rats, with replacement. The distribution of the mean is computed exactly, not by drawing: the numbers of rats
with each score, and of dead rats, give the probability of every number of survivors and every sum of their
scores. It needs no seed, and the rats are only counted, so any number of them takes the same time and memory.

With m rats in a set, the sets' means differ by chance too, by 1/m of the variance within a set. Each set is
moved towards all rats until its mean varies no more than the sets truly do, so that the band is as wide with
few rats as with many. Sets of one rat each cannot be told from chance; the band is then too wide.
"""

from __future__ import annotations

from math import comb

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.daycounts import DayCounts
from eaesim.endpoints.dead import Floats

#: Number of animals in a group where nothing else is known, and the largest group.
USUAL_GROUP, MOST_GROUP = 8, 100
# A quarter of a percent more than 95 % on each side: ends estimated from few rats hold a little less.
LOW, HIGH = 0.0225, 0.9775
# Days that are computed together.
_BLOCK = 32
# Probabilities below this are rounding errors of the transform.
_ROUNDING = 1e-12


def counted_band(counts: DayCounts, *, animals: int) -> tuple[Floats, Floats]:
    """Return the range by day in which the mean score of the survivors lies in 95 % of groups.

    Parameters
    ----------
    counts
        Of the simulated rats; every parameter set that has rats is equally likely.
    animals
        Number of animals in a group.

    Returns
    -------
    tuple of arrays
        Both ends, shape (days,); NaN where no rat is alive. A group without a survivor has no mean.

    Examples
    --------
    >>> counts = DayCounts.of(np.array([[0.0], [1.0]]), np.full(2, np.inf), member=np.zeros(2, int), sets=1)
    >>> low, high = counted_band(counts, animals=2)
    >>> low.tolist(), high.tolist()
    ([0.0], [1.0])
    """
    rats = counts.levels[:, 0].sum(axis=1)
    levels = counts.levels[rats > 0]
    ends = np.full((2, counts.levels.shape[1]), np.nan)
    if len(levels):
        # Scores that no living rat has would only lengthen the transform.
        used = int(np.flatnonzero(levels.any(axis=(0, 1))).max()) + 1
        shares = np.roll(levels[:, :, : max(used, 2)], -1, axis=2) / rats[rats > 0][:, None, None]
        for first in range(0, shares.shape[1], _BLOCK):
            days = slice(first, first + _BLOCK)
            found = _without_chance(shares[:, days], rats[rats > 0])
            ends[:, days] = _quantiles(_probabilities(found, animals))
    return ends[0], ends[1]


def _without_chance(shares: Floats, rats: npt.NDArray[np.int64]) -> Floats:
    """Return the shares of each set, moved towards those of all rats as far as sets differ by chance."""
    if len(rats) < 2:
        return shares
    together, level = shares.mean(axis=0), np.arange(shares.shape[2] - 1)
    living = together[:, :-1]
    middle = (living * level).sum(axis=1) / np.maximum(living.sum(axis=1), _ROUNDING)
    # The dead are no score: they count as the mean.
    score = np.column_stack([level - middle[:, None], np.zeros(len(middle))])
    mean = (shares * score).sum(axis=2)
    within = rats @ ((shares * score**2).sum(axis=2) - mean**2) / max((rats - 1).sum(), 1)
    between, chance = mean.var(axis=0, ddof=1), within * (1 / rats).mean()
    true = np.sqrt(np.maximum(1 - chance / np.maximum(between, _ROUNDING), 0.0))
    return np.asarray(together + true[:, None] * (shares - together))


def _probabilities(shares: Floats, animals: int) -> Floats:
    """Return the probability of each number of survivors and sum of their scores: (days, survivors, sums)."""
    living, dead = shares[:, :, :-1], shares[:, :, -1]
    sums = (living.shape[2] - 1) * animals + 1
    transform = np.fft.rfft(living, n=sums, axis=2)
    power, found = np.ones_like(transform), np.empty((shares.shape[1], animals + 1, sums))
    for alive in range(animals + 1):
        chance = comb(animals, alive) * dead ** (animals - alive)
        found[:, alive] = np.fft.irfft((chance[:, :, None] * power).mean(axis=0), n=sums, axis=1)
        power *= transform
    return np.where(found > _ROUNDING, found, 0.0)


def _quantiles(probability: Floats) -> Floats:
    """Return both quantiles of the mean of the survivors, shape (2, days)."""
    alive, total = np.indices(probability.shape[1:]).reshape(2, -1)[:, probability.shape[2] :]
    mean = total / alive
    order = np.argsort(mean, kind="stable")
    mean = mean[order]
    chance = probability[:, 1:].reshape(len(probability), -1)[:, order]
    below = np.cumsum(chance, axis=1)
    whole = below[:, -1:]
    places = [(below < quantile * whole - _ROUNDING).sum(axis=1) for quantile in (LOW, HIGH)]
    return np.asarray(np.where(whole[:, 0] > 0, mean[np.minimum(places, len(mean) - 1)], np.nan))
