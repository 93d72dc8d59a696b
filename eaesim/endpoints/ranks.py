"""The Mann-Whitney test, for one study or many at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.permutations import division_p_value, is_counted, two_sided

#: Without ties, groups below this size use the exact distribution of U, as in R.
FEWER_WITHOUT_TIES = 50

Places = npt.NDArray[np.int64]


def rank_test(treated: Floats, control: Floats) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Test whether values in one group tend to be higher, in each study; NaN is an excluded animal.

    Exact without ties below 50 animals in each group, and with ties up to 200,000 divisions of the
    animals (10 in each group): the proportion of divisions whose U is at least as far from its mean. Beyond
    that, the normal approximation with corrections for ties and continuity.

    Parameters
    ----------
    treated, control
        One row per study, shape (studies, animals); the groups may differ in size.

    Returns
    -------
    tuple of arrays
        Of shape (studies,): how often a treated value is above a control one, a tie counting half; the
        two-sided p value, NaN where a group is empty; and whether it is exact.

    Examples
    --------
    >>> above, p_value, exact = rank_test(np.array([[1.0, 2, 3]]), np.array([[4.0, 5, 6]]))
    >>> above.tolist(), p_value.round(6).tolist(), exact.tolist()
    ([0.0], [0.1], [True])
    """
    pooled = np.concatenate([treated, control], axis=1)
    first, second = ((~np.isnan(group)).sum(axis=1) for group in (treated, control))
    order = np.argsort(pooled, axis=1, kind="stable")
    begin, end = runs(np.take_along_axis(pooled, order, axis=1))
    ranks = begin + end + 2  # doubled, so that they are integers
    own = (order < treated.shape[1]) & (np.arange(pooled.shape[1]) < (first + second)[:, None])
    above = 0.5 * ((ranks * own).sum(axis=1) - first * (first + 1))
    tied = np.square(end - begin + 1.0).sum(axis=1) - pooled.shape[1]  # the sum of t^3 - t over runs of t
    p_value = normal_p_value(above, first, second, tied)
    exact = np.zeros(len(pooled), dtype=np.bool_)
    # Treated animals first, NaN last: the order of `division_p_value`.
    known = np.arange(pooled.shape[1]) < (first + second)[:, None]
    grouped = np.argsort(np.where(known, ~own, 2), axis=1, kind="stable")
    for one, two in sorted(set(zip(first.tolist(), second.tolist(), strict=True))):
        same = (first == one) & (second == two)
        if min(one, two) == 0:
            p_value[same] = np.nan
            continue
        if max(one, two) < FEWER_WITHOUT_TIES:
            chosen = same & (tied == 0)
            p_value[chosen] = _untied(one, two)[above[chosen].astype(np.int64)]
            exact |= chosen
        if is_counted(one, two):
            chosen = same & (tied > 0)
            scores = np.take_along_axis(ranks[chosen], grouped[chosen], axis=1)[:, : one + two]
            p_value[chosen] = division_p_value(scores - (one + two + 1), one)
            exact |= chosen
    return above, p_value, exact


def runs(ordered: Floats) -> tuple[Places, Places]:
    """Return the start and end of each value's run of ties; NaN ties with nothing.

    Examples
    --------
    >>> begin, end = runs(np.array([[1.0, 2.0, 2.0, np.nan]]))
    >>> begin.tolist(), end.tolist()
    ([[0, 1, 1, 3]], [[0, 2, 2, 3]])
    """
    places = np.broadcast_to(np.arange(ordered.shape[1]), ordered.shape)
    parted = ordered[:, 1:] != ordered[:, :-1]
    edge = np.ones((len(ordered), 1), dtype=np.bool_)
    begins, ends = np.hstack([edge, parted]), np.hstack([parted, edge])
    begin = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    last = ordered.shape[1] - 1
    end = np.minimum.accumulate(np.where(ends, places, last)[:, ::-1], axis=1)[:, ::-1]
    return begin, end


def normal_p_value(above: Floats, first: Places, second: Places, tied: Floats) -> Floats:
    """Return the p value of the normal approximation, corrected for ties and continuity.

    Parameters
    ----------
    above
        Pairs in which the treated value is the higher one, a tie counting half.
    first, second
        Treated and control values.
    tied
        Sum of t^3 - t over runs of t equal values.
    """
    both, product = first + second, first * second
    spread = np.maximum(both * (both - 1.0), 1.0)
    variance = product / 12.0 * (both + 1.0 - tied / spread)
    away = np.maximum(np.abs(above - 0.5 * product) - 0.5, 0.0)
    # With all values equal, the variance should be 0 but for rounding.
    varies = variance > 1e-9
    return np.where(varies, two_sided(away / np.sqrt(np.where(varies, variance, 1.0))), 1.0)


@lru_cache(maxsize=512)
def _untied(one: int, two: int) -> Floats:
    """Return the p value of each U from 0 to the product of the group sizes."""
    share = _orders(min(one, two), max(one, two))
    below = np.cumsum(share / share.sum())
    return np.asarray(np.minimum(2.0 * np.minimum(below, below[::-1]), 1.0))


@lru_cache(maxsize=FEWER_WITHOUT_TIES**2)
def _orders(one: int, two: int) -> Floats:
    """Return the number of orderings for each U, by recursion on the group of the highest value."""
    if one == 0:
        return np.ones(1)
    counts = np.zeros(one * two + 1)
    counts[two:] += _orders(one - 1, two)
    shorter = _orders(min(one, two - 1), max(one, two - 1))
    counts[: len(shorter)] += shorter
    return counts
