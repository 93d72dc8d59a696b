"""Means of groups of rats, paired differences and ratios, with 95 % intervals over rats.

Intervals come from a paired bootstrap; above `MOST_RESAMPLED` rats, from its normal limit
(`eaesim.endpoints.normal`); below 20 values, from Student's t (`eaesim.endpoints.student`), with no interval
below 3 values or where all of fewer than 20 are equal.

A sample is one value per rat, shape (rats,), or several, shape (rats, columns): endpoints, or days. Columns
are estimated separately from the same resamples, several times faster than one after the other; the bounds of
an interval may then differ in the last bits, because matrices are summed in another order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.bootstrap import resample
from eaesim.endpoints.dead import Floats
from eaesim.endpoints.normal import normal_difference, normal_effect, normal_mean
from eaesim.endpoints.student import ENOUGH, student_effect, student_mean
from eaesim.proportion import highest_of_none, wilson_interval

Ends = tuple[Floats, Floats, Floats]
Few = Callable[..., Ends]

MOST_RESAMPLED = 4_000


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, NaN where undefined: numbers or arrays."""

    value: Any
    low: Any
    high: Any

    def percent(self) -> str:
        """Return the estimate as a percentage, with its interval if defined.

        Examples
        --------
        >>> Estimate(0.53, 0.18, 0.9).percent(), Estimate(0.5, np.nan, np.nan).percent()
        ('53% (18% to 90%)', '50% (no interval)')
        """
        if self.low != self.low or self.high != self.high:
            return f"{self.value:.0%} (no interval)"
        return f"{self.value:.0%} ({self.low:.0%} to {self.high:.0%})"


NO_ESTIMATE = Estimate(np.nan, np.nan, np.nan)


def mean(values: Floats, *, seed: int) -> Estimate:
    """Estimate the mean over rats; rats without a value (NaN) are excluded.

    Parameters
    ----------
    values
        Shape (rats,) or (rats, columns).
    seed
        Random seed of the resampling.

    Examples
    --------
    >>> mean(np.array([2.0, 3.0, 4.0, np.nan]), seed=1).value
    3.0
    """
    if len(values) > MOST_RESAMPLED:
        return _estimate(values, normal_mean(values), student_mean)
    return _resampled(lambda own: own, values, few=student_mean, seed=seed)


def share(values: Floats) -> Estimate:
    """Estimate the proportion of rats that are 1, with Wilson's interval, ignoring NaN.

    Examples
    --------
    >>> share(np.array([0.0, 0.0, np.nan])).high > 0.5
    True
    """
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return NO_ESTIMATE
    value = float(known.mean())
    return Estimate(value, *wilson_interval(value, len(known)))


def difference(treated: Floats, control: Floats, *, seed: int) -> Estimate:
    """Estimate the mean of `treated` minus that of `control`, over rats with both values.

    Parameters
    ----------
    treated, control
        The same rats in both, shape (rats,) or (rats, columns).
    seed
        Random seed of the resampling.

    Examples
    --------
    >>> difference(np.array([2.0, 9.0, 4.0]), np.array([1.0, np.nan, 1.0]), seed=1).value
    2.0
    """
    treated, control = pairs(treated, control)
    if len(treated) > MOST_RESAMPLED:
        return _estimate(treated, normal_difference(treated, control), student_difference, control)
    return _resampled(lambda a, b: a - b, treated, control, few=student_difference, seed=seed)


def effect(treated: Floats, control: Floats, *, seed: int) -> Estimate:
    """Estimate 1 - treated / control of the means of the same rats; NaN where control is 0.

    Above `MOST_RESAMPLED` rats, and below 20 pairs, there is no interval where that of the control's mean
    contains 0. Where all treated rats are 0, the lower bound follows Wilson's interval for zero events.

    Parameters
    ----------
    treated, control
        The same rats in both, shape (rats,) or (rats, columns); those with both values count.
    seed
        Random seed of the resampling.

    Examples
    --------
    >>> effect(np.array([0.0, 1.0]), np.array([2.0, 2.0]), seed=1).value
    0.75
    """
    treated, control = pairs(treated, control)
    if len(treated) > MOST_RESAMPLED:
        found = _estimate(treated, normal_effect(treated, control), student_effect, control)
    else:
        found = _resampled(
            lambda a, b: 1.0 - a / np.where(b == 0, np.nan, b),
            treated,
            control,
            few=student_effect,
            seed=seed,
        )
    return replace(found, low=surely_taken_away(found.low, treated, control))


def surely_taken_away(low: float | Floats, treated: Floats, control: Floats) -> float | Floats:
    """Return the lower bound of an effect, lowered where all treated rats are 0.

    The bootstrap interval would have zero width. Some treated rats could still have shown what a control rat
    with signs does: the proportion is the upper bound of Wilson's interval for zero events.

    Parameters
    ----------
    low
        Shape () or (columns,).
    treated, control
        Shape (rats,) or (rats, columns), NaN in both or in none.

    Examples
    --------
    >>> round(surely_taken_away(1.0, np.zeros(100), np.ones(100)), 3)
    0.963
    """
    known = ~np.isnan(treated)
    signs = ((np.where(known, each, 0.0) != 0).sum(axis=0) for each in (treated, control))
    return taken_away(low, known.sum(axis=0), *signs)


def taken_away(
    low: float | Floats, number: npt.ArrayLike, treated_signs: npt.ArrayLike, control_signs: npt.ArrayLike
) -> float | Floats:
    """Return what `surely_taken_away` does, from the number of pairs and of values other than 0.

    Examples
    --------
    >>> round(taken_away(1.0, 100, 0, 100), 3)
    0.963
    """
    nothing = np.asarray(treated_signs) == 0
    if not nothing.any():
        return low
    number = np.maximum(number, 1)
    with_signs = np.asarray(control_signs) / number
    possible = highest_of_none(number)
    ends = np.where(nothing & (with_signs > 0), 1.0 - possible / np.maximum(with_signs, 1 / number), np.inf)
    lowered = np.minimum(low, ends)
    return lowered if np.ndim(lowered) else float(lowered)


def pairs(treated: Floats, control: Floats) -> tuple[Floats, Floats]:
    """Return both samples with NaN in rats that have a value in only one of them.

    Examples
    --------
    >>> pairs(np.array([1.0, 2.0]), np.array([np.nan, 3.0]))
    (array([nan,  2.]), array([nan,  3.]))
    """
    missing, missing_too = np.isnan(treated), np.isnan(control)
    if np.array_equal(missing, missing_too):
        return treated, control
    either = missing | missing_too
    return np.where(either, np.nan, treated), np.where(either, np.nan, control)


def few_by_student(few: Few, found: Ends, *samples: Floats) -> Ends:
    """Return estimates, with Student's intervals for small samples.

    Parameters
    ----------
    few
        Function that returns value and bounds of samples.
    found
        Value and bounds by another method, shape () or (columns,).
    *samples
        Shape (rats,) or (rats, columns), NaN in all or none.

    Examples
    --------
    >>> value = np.array(2.0)
    >>> found = few_by_student(student_mean, (value, value, value), np.array([1.0, 2.0, 3.0]))
    >>> round(float(found[2]), 3)
    4.484
    """
    scarce = (~np.isnan(samples[0])).sum(axis=0) < ENOUGH
    if not scarce.any():
        return found
    if not np.ndim(scarce):
        return found[0], *few(*samples)[1:]
    value, low, high = found
    low, high = low.copy(), high.copy()
    _, low[scarce], high[scarce] = few(*(sample[:, scarce] for sample in samples))
    return value, low, high


def student_difference(treated: Floats, control: Floats) -> Ends:
    """Return the mean paired difference and the bounds of Student's interval."""
    return student_mean(treated - control)


def _resampled(of_means: Callable[..., Floats], *samples: Floats, few: Few, seed: int) -> Estimate:
    if not len(samples[0]):
        return NO_ESTIMATE
    own, *others = samples
    return _estimate(own, resample(of_means, *samples, seed=seed), few, *others)


def _estimate(own: Floats, found: Ends, few: Few, *others: Floats) -> Estimate:
    value, low, high = few_by_student(few, found, own, *others)
    if np.ndim(value):
        return Estimate(value, low, high)
    return Estimate(float(value), float(low), float(high))
