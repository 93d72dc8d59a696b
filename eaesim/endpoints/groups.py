"""Whether two groups of different animals differ: tests for scores and for shares, and an interval."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.bootstrap import resample
from eaesim.endpoints.clinical import Floats
from eaesim.endpoints.statistics import NO_ESTIMATE, Estimate

# Up to so many ways to part the animals into two groups, every one is looked at: from 10 in each group on,
# ranks with ties are taken for normal.
MOST_PARTITIONS = 50_000


@dataclass(frozen=True)
class GroupTest:
    """A test of two groups.

    Attributes
    ----------
    statistic, p_value
        NaN where there is nothing to test; the p value is two-sided.
    animals, control_animals
        With a value, in each group.
    note
        How it was computed, or why it was not.
    estimate
        Of the difference, where the test has one.
    """

    statistic: float
    p_value: float
    animals: int
    control_animals: int
    note: str = ""
    estimate: Estimate = NO_ESTIMATE


def mann_whitney(treated: Floats, control: Floats) -> GroupTest:
    """Test whether values in one group tend to be higher, by ranks (Mann-Whitney, Wilcoxon); NaN is left out.

    The statistic is U: how often a treated value is above a control one, a tie counting half. The p value is
    exact for small groups, with ties too.

    Examples
    --------
    >>> found = mann_whitney(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]))
    >>> found.statistic, round(found.p_value, 6)
    (0.0, 0.1)
    """
    from scipy import stats

    one, two = (values[~np.isnan(values)] for values in (treated, control))
    if not len(one) or not len(two):
        return _untested(one, two, "a group has no value")
    pooled = np.concatenate([one, two])
    if (pooled == pooled[0]).all():
        return GroupTest(len(one) * len(two) / 2, 1.0, len(one), len(two), "all values are the same")
    tied = len(np.unique(pooled)) < len(pooled)
    few = math.comb(len(pooled), len(one)) <= MOST_PARTITIONS
    found = stats.mannwhitneyu(one, two, method="exact" if few and not tied else "asymptotic")
    p_value, how = float(found.pvalue), "exact" if few else "normal approximation"
    if few and tied:
        p_value = _counted(stats.rankdata(pooled), len(one))
    return GroupTest(float(found.statistic), p_value, len(one), len(two), how)


def fisher(treated: Floats, control: Floats) -> GroupTest:
    """Test whether shares differ, exactly (Fisher); values are 1 or 0, NaN is left out.

    The statistic is the odds ratio of the sample: infinite or NaN where a cell of the table is 0.

    Examples
    --------
    >>> found = fisher(np.array([1.0, 0, 0, 0]), np.array([1.0, 1, 1, 0]))
    >>> round(found.statistic, 4), round(found.p_value, 4)
    (0.1111, 0.4857)
    """
    from scipy import stats

    one, two = (values[~np.isnan(values)] for values in (treated, control))
    if not len(one) or not len(two):
        return _untested(one, two, "a group has no value")
    table = [[int(group.sum()), int(len(group) - group.sum())] for group in (one, two)]
    found: Any = stats.fisher_exact(np.array(table))
    return GroupTest(float(found.statistic), float(found.pvalue), len(one), len(two), "exact")


def log_rank(
    treated: tuple[Floats, npt.NDArray[np.bool_]], control: tuple[Floats, npt.NDArray[np.bool_]]
) -> GroupTest:
    """Test whether an event comes earlier in one group (log-rank); the statistic is normal about 0.

    Parameters
    ----------
    treated, control
        Times, NaN is left out, and whether the event was seen then; otherwise it had not come by that time.

    Examples
    --------
    >>> early, late = np.array([1.0, 2, 3]), np.array([4.0, 5, 6])
    >>> round(log_rank((early, early > 0), (late, late > 5)).p_value, 4)
    0.0246
    """
    from scipy import stats

    (one, seen), (two, seen_too) = _known(*treated), _known(*control)
    if not len(one) or not len(two):
        return _untested(one, two, "a group has no time")
    if not seen.any() and not seen_too.any():
        return _untested(one, two, "no animal of either group had signs")
    first = stats.CensoredData.right_censored(one, ~seen)
    second = stats.CensoredData.right_censored(two, ~seen_too)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 0 / 0 where one time holds every event
        found = stats.logrank(first, second)
    if math.isnan(found.statistic):
        return _untested(one, two, "all times are the same")
    return GroupTest(float(found.statistic), float(found.pvalue), len(one), len(two), "normal approximation")


def event_free(time: Floats, seen: npt.NDArray[np.bool_]) -> tuple[Floats, Estimate]:
    """Return the share of animals without the event over time (Kaplan and Meier), with its 95 % interval.

    Parameters
    ----------
    time, seen
        As for `log_rank`.

    Returns
    -------
    tuple
        The times at which the share changes or an animal leaves, rising, and the share from each on. The
        interval is on the scale of log(-log); it is NaN where the share is 0 or 1.

    Examples
    --------
    >>> days, share = event_free(np.array([1.0, 2.0, 2.0]), np.array([True, True, False]))
    >>> days.tolist(), share.value.round(3).tolist()
    ([1.0, 2.0], [0.667, 0.333])
    """
    from scipy import stats

    time, seen = _known(time, seen)
    if not len(time):
        return np.empty(0), Estimate(np.empty(0), np.empty(0), np.empty(0))
    survival: Any = stats.ecdf(stats.CensoredData.right_censored(time, ~seen)).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no interval where the share is 0 or 1
        interval = survival.confidence_interval(0.95, method="log-log")
    share = np.asarray(survival.probabilities)
    low, high = (np.asarray(end.probabilities, dtype=np.float64) for end in (interval.low, interval.high))
    inside = (share > 0) & (share < 1)
    return np.asarray(survival.quantiles), Estimate(
        share, np.where(inside, low, np.nan), np.where(inside, high, np.nan)
    )


def group_difference(treated: Floats, control: Floats, *, seed: int) -> Estimate:
    """Estimate the difference of the means of two groups of different animals; NaN is left out.

    The interval is a bootstrap over the animals of both groups together, and there is none where a group has
    fewer than two animals.

    Examples
    --------
    >>> group_difference(np.array([1.0, 1.0]), np.array([3.0, 3.0]), seed=1)
    Estimate(value=-2.0, low=-2.0, high=-2.0)
    """
    one, two = (values[~np.isnan(values)] for values in (treated, control))
    if not len(one) or not len(two):
        return NO_ESTIMATE
    if min(len(one), len(two)) < 2:
        return Estimate(float(one.mean() - two.mean()), math.nan, math.nan)
    # Beside each group stand as many empty places as the other has animals.
    aside = np.concatenate([one, np.full(len(two), np.nan)]), np.concatenate([np.full(len(one), np.nan), two])
    value, low, high = resample(lambda a, b: a - b, *aside, seed=seed)
    return Estimate(float(value), float(low), float(high))


def _counted(ranks: Floats, first: int) -> float:
    """Return how many ways to part the animals give rank sums as far from the middle as the first so many."""
    middle = first * float(ranks.mean())
    sums = np.array([sum(part) for part in combinations(ranks.tolist(), first)])
    # Ranks are whole or half, and so are their sums: nothing is lost to rounding.
    return float(np.mean(np.abs(sums - middle) >= abs(float(ranks[:first].sum()) - middle)))


def _known(time: Floats, seen: npt.NDArray[np.bool_]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    known = ~np.isnan(time)
    return time[known], seen[known]


def _untested(one: Floats, two: Floats, why: str) -> GroupTest:
    return GroupTest(math.nan, math.nan, len(one), len(two), why)
