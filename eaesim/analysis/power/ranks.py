"""The Mann-Whitney test of many studies at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from eaesim.analysis.power.tails import two_sided
from eaesim.endpoints import Floats

# As SciPy does by itself: with one group up to so large and no ties, every order is counted.
EXACT_UP_TO = 8


def rank_test(treated: Floats, control: Floats) -> Floats:
    """Return the two-sided p value of a Mann-Whitney test in each study; NaN is an animal left out.

    Exact without ties where a group has at most 8 animals; otherwise the normal approximation, corrected for
    ties and continuity: what SciPy's ``mannwhitneyu`` does by itself. A study in which a group is empty, or
    all values are the same, shows nothing: p = 1.

    Parameters
    ----------
    treated, control
        A row a study, shape (studies, animals); the groups may differ in size.

    Returns
    -------
    array
        Shape (studies,).

    Examples
    --------
    >>> rank_test(np.array([[1.0, 2, 3]]), np.array([[4.0, 5, 6]])).round(6)
    array([0.1])
    """
    pooled = np.concatenate([treated, control], axis=1)
    first = (~np.isnan(treated)).sum(axis=1)
    second = (~np.isnan(control)).sum(axis=1)
    order = np.argsort(pooled, axis=1)
    begin, end = _runs(np.take_along_axis(pooled, order, axis=1))
    rank = 0.5 * (begin + end) + 1.0
    own = (order < treated.shape[1]) & (rank <= (first + second)[:, None])
    above = (rank * own).sum(axis=1) - 0.5 * first * (first + 1)
    tied = np.square(end - begin + 1.0).sum(axis=1) - pooled.shape[1]  # the sum of t^3 - t over runs of t
    p_value = _normal(above, first, second, tied)
    small = (tied == 0) & (np.minimum(first, second) <= EXACT_UP_TO) & (np.minimum(first, second) > 0)
    for one, two in set(zip(first[small].tolist(), second[small].tolist(), strict=True)):
        chosen = small & (first == one) & (second == two)
        p_value[chosen] = _exact(one, two)[above[chosen].astype(np.int64)]
    return p_value


def _runs(ordered: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where the run of equal values begins and ends that each value is in; NaN is equal to none."""
    places = np.broadcast_to(np.arange(ordered.shape[1]), ordered.shape)
    parted = ordered[:, 1:] != ordered[:, :-1]
    edge = np.ones((len(ordered), 1), dtype=np.bool_)
    begins, ends = np.hstack([edge, parted]), np.hstack([parted, edge])
    begin = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    last = ordered.shape[1] - 1
    end = np.minimum.accumulate(np.where(ends, places, last)[:, ::-1], axis=1)[:, ::-1]
    return begin, end


def _normal(
    above: Floats, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], tied: Floats
) -> Floats:
    both, product = first + second, first * second
    spread = np.maximum(both * (both - 1.0), 1.0)
    variance = product / 12.0 * (both + 1.0 - tied / spread)
    away = np.maximum(np.abs(above - 0.5 * product) - 0.5, 0.0)
    # All values the same leave rounding where the variance should be 0.
    varies = variance > 1e-9
    return np.where(varies, two_sided(away / np.sqrt(np.where(varies, variance, 1.0))), 1.0)


@lru_cache(maxsize=512)
def _exact(one: int, two: int) -> Floats:
    """Return the p value of each statistic from 0 to the product of the sizes."""
    # Each treated animal in turn lies above 0 to `two` controls: a product of polynomials counts the orders.
    counts = np.zeros(one * two + 1)
    counts[0] = 1.0
    for number in range(1, one + 1):
        counts[two + number :] -= counts[: -(two + number)].copy() if two + number <= one * two else 0.0
        for place in range(number, len(counts)):
            counts[place] += counts[place - number]
    share = counts / counts.sum()
    below = np.cumsum(share)
    p_value: Floats = np.minimum(2.0 * np.minimum(below, below[::-1]), 1.0)
    return p_value
