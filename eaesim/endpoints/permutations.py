"""Exact two-sided permutation tests over all divisions of the animals into two groups.

A statistic is a sum over the treated animals of integers that sum to 0 over both groups: doubled ranks about
their mean, or each animal's contribution to a log-rank statistic. Integers make ties exact. The p value is
the proportion of all divisions whose sum is at least as far from 0, on either side.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Floats

Numbers = npt.NDArray[np.int64]

#: Largest numbers of divisions and animals for the exact test: up to 10 animals in each group.
MOST_DIVISIONS, MOST_ANIMALS = 200_000, 60
# Studies per block, few enough for the processor's cache; and range of sums that are counted in a table.
AT_ONCE, WIDEST_TABLE = 128, 2_048


def is_counted(first: int, second: int) -> bool:
    """Return whether groups of these sizes are tested exactly.

    Examples
    --------
    >>> is_counted(10, 10), is_counted(11, 11), is_counted(3, 57)
    (True, False, True)
    """
    both = first + second
    return min(first, second) > 0 and both <= MOST_ANIMALS and math.comb(both, first) <= MOST_DIVISIONS


def two_sided(deviate: Floats) -> Floats:
    """Return the two-sided p value of a standard normal deviate.

    Examples
    --------
    >>> two_sided(np.array([0.0, -1.959964])).round(4)
    array([1.  , 0.05])
    """
    from scipy.special import erfc

    return np.asarray(erfc(np.abs(deviate) / np.sqrt(2.0)))


def division_p_value(scores: Numbers, first: int, *, rounding: int = 0) -> Floats:
    """Return the two-sided p value of the sum of the first `first` scores of each study.

    The animals are halved: the sum of any division is a sum from one half and one from the other, and pairs
    of these are counted in a table of the other half's sums, or by binary search where these are large.

    Parameters
    ----------
    scores
        Shape (studies, animals), the treated animals first; each row sums to 0.
    first
        Number of treated animals.
    rounding
        Rounding tolerance of equal sums.

    Examples
    --------
    >>> division_p_value(np.array([[-5, -3, -1, 1, 3, 5]]), 3)
    array([0.1])
    """
    blocks = (scores[place : place + AT_ONCE] for place in range(0, len(scores), AT_ONCE))
    return np.concatenate([np.empty(0), *(_p_value(block, first, rounding) for block in blocks)])


def _p_value(scores: Numbers, first: int, rounding: int) -> Floats:
    studies, animals = scores.shape
    half = animals // 2
    seen = np.maximum(np.abs(scores[:, :first].sum(axis=1)) - rounding, 0)[:, None]
    largest = int(np.abs(scores).sum(axis=1).max(initial=0))  # no sum is larger
    as_far = np.zeros(studies)
    for chosen in range(max(0, first - (animals - half)), min(half, first) + 1):
        left, right = _sums(scores[:, :half], chosen), _sums(scores[:, half:], first - chosen)
        highest, lowest = (np.clip(end, -largest - 1, largest + 1) for end in (seen - left, -seen - left))
        fewer = _fewer(right, np.concatenate([highest, lowest + 1], axis=1), largest)
        above, under = np.split(fewer, 2, axis=1)
        as_far += (right.shape[1] - above + under).sum(axis=1)
    return np.where(seen[:, 0] == 0, 1.0, as_far / math.comb(animals, first))


def _fewer(sums: Numbers, ends: Numbers, largest: int) -> Numbers:
    """Return how many sums of each study are below each end, shape (studies, ends)."""
    # All studies share one array, each in its own band.
    width = 2 * largest + 4
    band = width * np.arange(len(sums))[:, None] + largest + 1
    if width <= WIDEST_TABLE:
        counts = np.bincount((sums + 1 + band).ravel(), minlength=width * len(sums))
        return np.asarray(counts.reshape(-1, width).cumsum(axis=1).ravel()[ends + band])
    found = np.searchsorted((np.sort(sums, axis=1) + band).ravel(), (ends + band).ravel(), side="left")
    return np.asarray(found.reshape(ends.shape) - sums.shape[1] * np.arange(len(sums))[:, None])


def _sums(scores: Numbers, chosen: int) -> Numbers:
    """Return the sums of every choice of that many columns, shape (studies, choices)."""
    # Integers far below 2^53: float sums are exact, and float matrix products are fast.
    return np.asarray((scores.astype(np.float64) @ _choices(scores.shape[1], chosen)).astype(np.int64))


@lru_cache(maxsize=64)
def _choices(animals: int, chosen: int) -> Floats:
    """Return 1 where an animal is chosen, shape (animals, choices)."""
    ways = list(combinations(range(animals), chosen))
    taken = np.zeros((animals, len(ways)))
    if chosen:
        taken[np.array(ways).T, np.arange(len(ways))] = 1.0
    return taken
