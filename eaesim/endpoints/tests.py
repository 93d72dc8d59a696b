"""Comparison of two groups of different animals: tests of scores, proportions and times, and an interval.

These are the tests of one study. `eaesim power` uses the same functions (`ranks`, `shares`, `times`) for
thousands of studies at once, so the planned test is the one performed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.bootstrap import resample
from eaesim.endpoints.dead import Floats
from eaesim.endpoints.ranks import rank_test
from eaesim.endpoints.shares import share_test
from eaesim.endpoints.statistics import NO_ESTIMATE, Estimate, mean
from eaesim.endpoints.student import ENOUGH, interval_note, welch_difference
from eaesim.endpoints.times import time_test

EXACT, APPROXIMATE = "exact", "normal approximation"


@dataclass(frozen=True)
class GroupTest:
    """A test of two groups.

    Attributes
    ----------
    statistic, p_value
        NaN where the test is undefined; the p value is two-sided.
    animals, control_animals
        Number of animals with a value in each group.
    note
        How it was computed, or why it was not.
    estimate
        Estimate of the difference, where the test has one.
    """

    statistic: float
    p_value: float
    animals: int
    control_animals: int
    note: str = ""
    estimate: Estimate = NO_ESTIMATE


def mann_whitney(treated: Floats, control: Floats) -> GroupTest:
    """Test whether values in one group tend to be higher, by ranks (Mann-Whitney, Wilcoxon), ignoring NaN.

    The statistic is U: how often a treated value is above a control one, a tie counting half. See
    `eaesim.endpoints.ranks.rank_test` for when the p value is exact.

    Examples
    --------
    >>> found = mann_whitney(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]))
    >>> found.statistic, round(found.p_value, 6)
    (0.0, 0.1)
    """
    one, two = (values[~np.isnan(values)] for values in (treated, control))
    if not len(one) or not len(two):
        return _untested(one, two, "a group has no value")
    above, p_value, exact = rank_test(one[None], two[None])
    why = EXACT if exact[0] else APPROXIMATE
    if (np.concatenate([one, two]) == one[0]).all():
        why = "all values are the same"
    return _tested(one, two, above, p_value, why)


def fisher(treated: Floats, control: Floats) -> GroupTest:
    """Test exactly whether proportions differ (Fisher); values are 1 or 0, NaN is ignored.

    The statistic is the sample odds ratio: infinite or NaN where a cell of the table is 0.

    Examples
    --------
    >>> found = fisher(np.array([1.0, 0, 0, 0]), np.array([1.0, 1, 1, 0]))
    >>> round(found.statistic, 4), round(found.p_value, 4)
    (0.1111, 0.4857)
    """
    one, two = (values[~np.isnan(values)] for values in (treated, control))
    if not len(one) or not len(two):
        return _untested(one, two, "a group has no value")
    return _tested(one, two, *share_test(one[None], two[None]), EXACT)


def log_rank(
    treated: tuple[Floats, npt.NDArray[np.bool_]], control: tuple[Floats, npt.NDArray[np.bool_]]
) -> GroupTest:
    """Test whether an event comes earlier in one group (log-rank); a positive statistic: in the treated one.

    See `eaesim.endpoints.times.time_test` for when the p value is exact.

    Parameters
    ----------
    treated, control
        Times (NaN is ignored), and whether the event was observed; otherwise the time is censored.

    Examples
    --------
    >>> early, late = np.array([1.0, 2, 3]), np.array([4.0, 5, 6])
    >>> round(log_rank((early, early > 0), (late, late > 5)).p_value, 4)
    0.1
    """
    (one, seen), (two, seen_too) = _known(*treated), _known(*control)
    if not len(one) or not len(two):
        return _untested(one, two, "a group has no time")
    statistic, p_value, exact = time_test((one[None], seen[None]), (two[None], seen_too[None]))
    why = EXACT if exact[0] else APPROXIMATE
    if not seen.any() and not seen_too.any():
        why = "no animal of either group had signs"
    elif (np.concatenate([one, two]) == one[0]).all():
        why = "all times are the same"
    elif math.isnan(statistic[0]):
        why = "when there were signs, only one group was still watched"
    return _tested(one, two, statistic, p_value, why)


def group_mean(values: Floats, *, seed: int) -> Estimate:
    """Estimate the mean of a group of animals, ignoring NaN.

    As `eaesim.endpoints.mean`, but without an interval where all readings are equal, whatever their
    number.

    Examples
    --------
    >>> group_mean(np.zeros(30), seed=1)
    Estimate(value=0.0, low=nan, high=nan)
    """
    known = values[~np.isnan(values)]
    if len(known) and interval_note(known):
        return Estimate(float(known.mean()), math.nan, math.nan)
    return mean(known, seed=seed)


def group_difference(treated: Floats, control: Floats, *, seed: int) -> Estimate:
    """Estimate the difference of the means of two groups of different animals, ignoring NaN.

    The interval is Welch's where a group has fewer than 20 animals, else a bootstrap over the animals of both
    groups together. It is undefined where a group has fewer than 3 animals, or all readings in each group are
    equal (see `eaesim.endpoints.statistics.interval_note`).

    Examples
    --------
    >>> found = group_difference(np.array([1.0, 2.0, 3.0]), np.array([4.0, 6.0, 8.0]), seed=1)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (-4.0, -8.155, 0.155)
    """
    one, two = (values[~np.isnan(values)] for values in (treated, control))
    if not len(one) or not len(two):
        return NO_ESTIMATE
    if min(len(one), len(two)) < ENOUGH or interval_note(one, two):
        return Estimate(*welch_difference(one, two))
    # Each group is padded with as many empty places as the other has animals.
    aside = np.concatenate([one, np.full(len(two), np.nan)]), np.concatenate([np.full(len(one), np.nan), two])
    value, low, high = resample(lambda a, b: a - b, *aside, seed=seed)
    return Estimate(float(value), float(low), float(high))


def _known(time: Floats, seen: npt.NDArray[np.bool_]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    known = ~np.isnan(time)
    return time[known], seen[known]


def _tested(one: Floats, two: Floats, statistic: Floats, p_value: Floats, note: str) -> GroupTest:
    return GroupTest(float(statistic[0]), float(p_value[0]), len(one), len(two), note)


def _untested(one: Floats, two: Floats, why: str) -> GroupTest:
    return GroupTest(math.nan, math.nan, len(one), len(two), why)
