"""Estimates over many rats from their sums by parameter set, for all columns at once.

They are what `eaesim.endpoints.members` estimates from the rats' values where there are more than
`eaesim.endpoints.statistics.MOST_RESAMPLED`; without parameter sets, what `eaesim.endpoints.normal` does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.memberdraws import normal_replicates
from eaesim.endpoints.members import FEWEST_RATS, MemberEstimate, effect_of_means, estimated
from eaesim.endpoints.normal import around, fieller
from eaesim.endpoints.setsums import SetSums
from eaesim.endpoints.statistics import Ends, Estimate, Few, few_by_student, student_difference, taken_away
from eaesim.endpoints.student import student_effect, student_mean
from eaesim.proportion import wilson_interval


def summed_mean(sums: SetSums, *, seed: int) -> MemberEstimate:
    """Estimate the mean of every column, as `eaesim.endpoints.member_mean` does of rats.

    Examples
    --------
    >>> member = np.repeat([0, 1], 5_000)
    >>> sums = SetSums.of([np.repeat([1.0, 3.0], 5_000)], member=member, sets=2)
    >>> found = summed_mean(sums, seed=1).column(0)
    >>> found.animal_low, found.low
    (2.0, 1.0)
    """
    sums = sums.inhabited()
    if _as_rats(sums):
        means, moved = _moments(sums)
        return _of_rats(around(means[0], moved[0, 0]), sums, student_mean)
    drawn = normal_replicates(sums, seed=seed)
    ends = (sums.least[0], sums.most[0])
    return estimated(lambda own: own, drawn, sums.first[0], few=student_mean, seed=seed, ends=ends)


def summed_share(sums: SetSums, *, seed: int) -> MemberEstimate:
    """Estimate the proportion of rats that are 1 in every column, as `eaesim.endpoints.member_share` does.

    Examples
    --------
    >>> sums = SetSums.of([np.zeros(5_000)], member=np.repeat([0, 1], 2_500), sets=2)
    >>> found = summed_share(sums, seed=1).column(0)
    >>> found.low, found.high == found.animal_high > 0
    (0.0, True)
    """
    sums = sums.inhabited()
    number, total = sums.number.sum(axis=0), sums.total[0].sum(axis=0)
    value = total / np.where(number == 0, np.nan, number)
    ends = [
        wilson_interval(*each) if each[1] else (np.nan, np.nan) for each in zip(value, number, strict=True)
    ]
    low, high = np.array(ends).T
    rats = MemberEstimate.of_rats(Estimate(value, low, high))
    if _as_rats(sums):
        return rats
    drawn = normal_replicates(sums, seed=seed)
    both = estimated(lambda own: own, drawn, few=None, seed=seed, ends=(0.0, 1.0))
    return replace(rats, low=np.fmin(low, both.low), high=np.fmax(high, both.high), draws=both.draws)


def summed_difference(sums: SetSums, *, seed: int) -> MemberEstimate:
    """Estimate the mean of the first sample minus that of the second, in every column."""
    sums = sums.inhabited()
    if _as_rats(sums):
        means, moved = _moments(sums)
        apart = np.maximum(moved[0, 0] - 2.0 * moved[0, 1] + moved[1, 1], 0.0)
        return _of_rats(around(means[0] - means[1], apart), sums, student_difference)
    drawn = normal_replicates(sums, seed=seed)
    ends = (sums.least[0] - sums.most[1], sums.most[0] - sums.least[1])
    return estimated(
        lambda own, other: own - other, drawn, *sums.first, few=student_difference, seed=seed, ends=ends
    )


def summed_effect(sums: SetSums, *, seed: int) -> MemberEstimate:
    """Estimate 1 - the first mean / the second, in every column."""
    sums = sums.inhabited()
    if _as_rats(sums):
        means, moved = _moments(sums)
        own, joint = moved[0, 0], moved[0, 1]
        ratio = means[0] / np.where(means[1] == 0, np.nan, means[1])
        rest = np.maximum(own - 2.0 * ratio * joint + ratio**2 * moved[1, 1], 0.0)
        ends = fieller(ratio, means[1], own=rest, other=moved[1, 1], joint=joint - ratio * moved[1, 1])
        found = _of_rats(ends, sums, student_effect)
    else:
        drawn = normal_replicates(sums, seed=seed)
        # A quantity that is never negative cannot be reduced by more than 100 %.
        most = np.where(sums.least[0] >= 0, 1.0, np.inf)
        found = estimated(
            effect_of_means,
            drawn,
            *sums.first,
            few=student_effect,
            seed=seed,
            ends=(-np.inf, most),
            divided=True,
        )
    counts = (sums.number.sum(axis=0), *sums.signs)
    low, animal_low = (taken_away(each, *counts) for each in (found.low, found.animal_low))
    return replace(found, low=low, animal_low=animal_low)


def _as_rats(sums: SetSums) -> bool:
    """Return whether sets are ignored: there is one, or each has too few rats."""
    return len(sums.rats) < 2 or sums.rats.sum() < FEWEST_RATS * len(sums.rats)


def _moments(sums: SetSums) -> tuple[Floats, Floats]:
    """Return the means of each sample, and their variances and covariances, over all rats."""
    whole = sums.together()
    number = whole.number[0]
    return whole.total[:, 0] / np.where(number == 0, np.nan, number), whole.moved[:, :, 0] / np.maximum(
        number, 1.0
    ) ** 2


def _of_rats(found: Ends, sums: SetSums, few: Few) -> MemberEstimate:
    return MemberEstimate.of_rats(Estimate(*few_by_student(few, found, *sums.first)))
