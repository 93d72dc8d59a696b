"""Estimates over an ensemble, with one interval for parameter uncertainty and rats, and one for rats alone.

Rats belong to parameter sets consistent with the data ("members"). For the interval of the rats alone, rats
are resampled within their set. For the combined interval, the variation between sets is added: each set's own
estimate is computed from its rats; sampling variance is subtracted from the variance between these; the sets'
deviations from the estimate of all rats are shrunk to the remainder (and stretched slightly, because sets are
few), and each resample of rats is shifted by one of them. The remainder is uncertain, more so the fewer rats
a set has: every resample has another value of its distribution (`eaesim.endpoints.setvariance`).

With one set, everything is bit-identical to `eaesim.endpoints.statistics`. Below 20 values the interval of
the rats alone is Student's, as there, and the combined interval is never inside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.bootstrap import tails
from eaesim.endpoints.dead import Floats
from eaesim.endpoints.memberdraws import Replicates, replicates
from eaesim.endpoints.setvariance import LEAST, SetVariance
from eaesim.endpoints.statistics import (
    NO_ESTIMATE,
    Estimate,
    Few,
    difference,
    effect,
    few_by_student,
    mean,
    pairs,
    share,
    student_difference,
    surely_taken_away,
)
from eaesim.endpoints.student import student_effect, student_mean

Members = npt.NDArray[np.int64]
Bounds = tuple[float | Floats, float | Floats]
# A set has an effect 1 - treated/control only if its control is this many standard errors above 0.
CLEAR_OF_0 = 2.0
# With fewer rats, a set has no variance of its own.
FEWEST_RATS = 2
# Of rare events only a few sets have an effect of their own, those with most events: below this number they
# say nothing of the others.
FEWEST_SETS = 5


@dataclass(frozen=True)
class MemberEstimate(Estimate):
    """An estimate whose interval covers parameter uncertainty and rats.

    Attributes
    ----------
    animal_low, animal_high
        The interval of the rats alone; the same without an ensemble.
    draws
        Draws of the sets' own values, whose bounds are `low` and `high`: with many rats a draw is the value
        of a set, with few it includes sampling error. Empty where sets are ignored, and for several columns
        of rats' values.
    """

    animal_low: Any
    animal_high: Any
    draws: Floats = field(default_factory=lambda: np.empty(0), repr=False, compare=False, kw_only=True)

    @classmethod
    def of_rats(cls, found: Estimate) -> MemberEstimate:
        """Return an estimate without an ensemble.

        Examples
        --------
        >>> MemberEstimate.of_rats(Estimate(1.0, 0.0, 2.0)).animal_high
        2.0
        """
        return cls(found.value, found.low, found.high, found.low, found.high)

    def column(self, place: int) -> MemberEstimate:
        """Return the estimate of one of several columns, as numbers.

        Examples
        --------
        >>> MemberEstimate.of_rats(Estimate(*np.array([[1.0, 2.0], [0.0, 1.0], [2.0, 3.0]]))).column(1).low
        1.0
        """
        numbers = (self.value, self.low, self.high, self.animal_low, self.animal_high)
        draws = self.draws[:, place] if self.draws.ndim > 1 else self.draws
        return MemberEstimate(*(float(each[place]) for each in numbers), draws=draws)


NO_MEMBER_ESTIMATE = MemberEstimate.of_rats(NO_ESTIMATE)


def member_mean(values: Floats, *, member: Members, seed: int) -> MemberEstimate:
    """Estimate the mean over rats; rats without a value (NaN) are excluded.

    Parameters
    ----------
    values
        Shape (rats,) or (rats, columns).
    member
        Index of each rat's parameter set.
    seed
        Random seed of the resampling.

    Examples
    --------
    >>> values, member = np.repeat([1.0, 3.0], 10), np.repeat([0, 1], 10)
    >>> found = member_mean(values, member=member, seed=1)
    >>> found.animal_low, found.low
    (2.0, 1.0)
    """
    if _as_rats(member):
        return MemberEstimate.of_rats(mean(values, seed=seed))
    return _over_members(
        lambda own: own, values, few=student_mean, member=member, seed=seed, ends=_ends(values)
    )


def member_share(values: Floats, *, member: Members, seed: int) -> MemberEstimate:
    """Estimate the proportion of rats that are 1; the interval of the rats alone is Wilson's.

    Where all rats are equal, the bootstrap interval would have zero width, so the combined interval is never
    inside Wilson's.

    Examples
    --------
    >>> found = member_share(np.zeros(4), member=np.array([0, 0, 1, 1]), seed=1)
    >>> found.low, found.high == found.animal_high > 0.4
    (0.0, True)
    """
    rats = share(values)
    if _as_rats(member):
        return MemberEstimate.of_rats(rats)
    both = _over_members(lambda own: own, values, few=None, member=member, seed=seed, ends=(0.0, 1.0))
    low, high = np.fmin(rats.low, both.low), np.fmax(rats.high, both.high)
    return MemberEstimate(rats.value, float(low), float(high), rats.low, rats.high, draws=both.draws)


def member_difference(treated: Floats, control: Floats, *, member: Members, seed: int) -> MemberEstimate:
    """Estimate the mean of `treated` minus that of `control`, over rats with both values."""
    if _as_rats(member):
        return MemberEstimate.of_rats(difference(treated, control, seed=seed))
    treated, control = pairs(treated, control)
    (least, most), (lowest, highest) = _ends(treated), _ends(control)
    return _over_members(
        lambda own, other: own - other,
        treated,
        control,
        few=student_difference,
        member=member,
        seed=seed,
        ends=(least - highest, most - lowest),
    )


def member_effect(treated: Floats, control: Floats, *, member: Members, seed: int) -> MemberEstimate:
    """Estimate 1 - treated / control of the means, resampling rats as pairs; NaN where control is 0.

    A set whose control mean is not clearly above 0 has no effect of its own, and shifts no resample.

    Parameters
    ----------
    treated, control
        The same rats in both, shape (rats,) or (rats, columns); those with both values count.
    member
        Index of each rat's parameter set.
    seed
        Random seed of the resampling.
    """
    if _as_rats(member):
        return MemberEstimate.of_rats(effect(treated, control, seed=seed))
    treated, control = pairs(treated, control)
    # A quantity that is never negative cannot be reduced by more than 100 %.
    most = np.where(_ends(treated)[0] >= 0, 1.0, np.inf)
    found = _over_members(
        effect_of_means,
        treated,
        control,
        few=student_effect,
        member=member,
        seed=seed,
        ends=(-np.inf, most),
        divided=True,
    )
    low, animal_low = (surely_taken_away(each, treated, control) for each in (found.low, found.animal_low))
    return replace(found, low=low, animal_low=animal_low)


def effect_of_means(own: Floats, other: Floats) -> Floats:
    """Return 1 - own / other; NaN where the other is 0."""
    return np.asarray(1.0 - own / np.where(other == 0, np.nan, other))


def _ends(values: Floats) -> tuple[Floats, Floats]:
    """Return the minimum and maximum of each column: no mean of such rats lies outside."""
    known = ~np.isnan(values)
    least = np.where(known, values, np.inf).min(axis=0)
    most = np.where(known, values, -np.inf).max(axis=0)
    return np.asarray(least), np.asarray(most)


def _as_rats(member: Members) -> bool:
    """Return whether sets are ignored: there is one, or each has too few rats."""
    number = len(np.unique(member))
    return number < 2 or len(member) < FEWEST_RATS * number


def _over_members(
    of_means: Callable[..., Floats],
    *samples: Floats,
    few: Few | None,
    member: Members,
    seed: int,
    ends: Bounds,
    divided: bool = False,
) -> MemberEstimate:
    """Estimate a function of means; `ends` are its bounds, and `few` handles small samples."""
    flat = samples[0].ndim == 1
    columns = tuple(each[:, None] if flat else each for each in samples)
    drawn = replicates(*columns, member=member, seed=seed)
    found = estimated(of_means, drawn, *columns, few=few, seed=seed, ends=ends, divided=divided)
    return found.column(0) if flat else replace(found, draws=np.empty(0))


def estimated(
    of_means: Callable[..., Floats],
    drawn: tuple[Replicates, ...],
    *samples: Floats,
    few: Few | None,
    seed: int,
    ends: Bounds,
    divided: bool = False,
) -> MemberEstimate:
    """Estimate a function of means, column by column, with the draws of every column.

    Parameters
    ----------
    of_means
        Function of the mean of each sample.
    drawn
        Means of each sample and of its resamples.
    *samples
        The rats' values, shape (rats, columns); with many rats those of the first, as `SetSums` has them.
    few
        Function for small samples; None where the interval of the rats alone is not used.
    seed
        Random seed of the resampling.
    ends
        Bounds of the function.
    divided
        Whether it is 1 - the first mean / the second.
    """
    value = of_means(*(each.mean for each in drawn))
    resampled = of_means(*(each.means for each in drawn))
    # Each resample of rats is shifted by the deviation of a set.
    moved = resampled + _moves(of_means, drawn, value, seed=seed, divided=divided)
    rats, both = (np.clip(tails(found), *ends) for found in (resampled, moved))
    # With rare signs, sets may differ by less than rats: the combined interval is never the narrower one.
    low, high = np.fmin(both[0], rats[0]), np.fmax(both[1], rats[1])
    if few is not None:
        rats = np.array(few_by_student(few, (value, *rats), *samples)[1:])
        # With too few rats, sets add no information.
        low, high = np.where(np.isnan(rats), np.nan, (np.fmin(low, rats[0]), np.fmax(high, rats[1])))
    numbers = [value] + [np.where(np.isnan(value), np.nan, end) for end in (low, high, *rats)]
    return MemberEstimate(*numbers, draws=np.asarray(np.clip(moved, *ends)))


def _moves(
    of_means: Callable[..., Floats],
    drawn: tuple[Replicates, ...],
    value: Floats,
    *,
    seed: int,
    divided: bool,
) -> Floats:
    """Return the shift of each resample, shape (resamples, columns): a set's shrunk deviation."""
    own = of_means(*(each.own for each in drawn))
    said = np.isfinite(own) & (np.min([each.number for each in drawn], axis=0) >= FEWEST_RATS)
    first, *others = drawn
    control = others[0] if others else None
    if divided and control is not None:
        # As a sum: a ratio from few rats is occasionally extreme, and its variance is uninformative.
        said &= control.own > CLEAR_OF_0 * np.sqrt(np.maximum(control.variance(), 0.0))
        chance = _pooled(first.variance(control, np.nan_to_num(1.0 - value)), said)
        chance = chance / np.where(said, control.own, 1.0) ** 2
    else:
        chance = _pooled(first.variance(control), said)
    members = said.sum(axis=0)
    # The pooled variance of the rats within sets has as many degrees of freedom.
    free = np.min([np.where(said, each.number, 0.0).sum(axis=0) for each in drawn], axis=0) - members
    variance = SetVariance.of(np.where(said, own, 0.0), chance, said, free=free)
    # Informative sets take turns over the resamples, each with other values of the variance between sets.
    resamples = len(first.means)
    turns = np.arange(resamples)[:, None] % np.maximum(members, 1)
    taken = np.take_along_axis(np.argsort(~said, axis=0, kind="stable"), turns, axis=0)
    between = variance.quantiles(_shares(resamples, seed))
    # A new set lies further from the mean of a few sets than these do.
    stretch = np.sqrt((members + 1) / np.maximum(members - 1, 1))
    shrink = np.sqrt(between / np.maximum(between + np.take_along_axis(chance, taken, axis=0), LEAST))
    told = said & (members >= min(FEWEST_SETS, len(said)))
    deviation = np.take_along_axis(np.where(told, own - value, 0.0), taken, axis=0)
    return np.asarray(stretch * shrink * deviation)


@lru_cache(maxsize=4)
def _shares(resamples: int, seed: int) -> Floats:
    """Return evenly spread shares in random order, one for each resample."""
    return np.asarray((np.random.default_rng((seed, resamples)).permutation(resamples) + 0.5) / resamples)


def _pooled(variance: Floats, said: npt.NDArray[np.bool_]) -> Floats:
    """Return the mean variance of all sets for every set; that of few rats would be imprecise."""
    mean_of_all = np.where(said, variance, 0.0).sum(axis=0) / np.maximum(said.sum(axis=0), 1)
    return np.asarray(np.broadcast_to(mean_of_all, variance.shape))
