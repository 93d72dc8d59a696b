"""Means of groups of rats, paired differences and ratios, with 95 % intervals over rats.

Intervals come from a paired bootstrap; of more than `MOST_RESAMPLED` rats, from what the bootstrap then comes
to (`eaesim.endpoints.normal`).

A sample is one value a rat, shape (rats,), or several, shape (rats, columns): endpoints, or days. Columns are
estimated each on its own, from the same resamples, several times quicker than one after the other; the ends
of an interval may then differ in the last bits, because matrices are summed in another order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eaesim.endpoints.bootstrap import resample
from eaesim.endpoints.clinical import Floats
from eaesim.endpoints.normal import normal_difference, normal_effect, normal_mean
from eaesim.proportion import wilson_interval

MOST_RESAMPLED = 10_000


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, NaN where there is none: numbers, or arrays of them."""

    value: Any
    low: Any
    high: Any


NO_ESTIMATE = Estimate(np.nan, np.nan, np.nan)


def mean(values: Floats, *, seed: int) -> Estimate:
    """Estimate the mean over rats; rats without a value (NaN) are left out.

    Parameters
    ----------
    values
        Shape (rats,) or (rats, columns).
    seed
        Of the resampling.

    Examples
    --------
    >>> mean(np.array([2.0, 2.0, np.nan]), seed=1)
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    if len(values) > MOST_RESAMPLED:
        return _estimate(*normal_mean(values))
    return _resampled(lambda values: values, values, seed=seed)


def share(values: Floats) -> Estimate:
    """Estimate the share of rats that are 1 rather than 0, with Wilson's interval; NaN is left out.

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
    """Estimate the mean of `treated` less that of `control`, resampling rats as pairs."""
    if len(treated) > MOST_RESAMPLED:
        return _estimate(*normal_difference(treated, control))
    return _resampled(lambda a, b: a - b, treated, control, seed=seed)


def effect(treated: Floats, control: Floats, *, seed: int) -> Estimate:
    """Estimate 1 - treated / control of the means, resampling rats as pairs; NaN where control is 0.

    Of more than `MOST_RESAMPLED` rats there is no interval where that of the control's mean holds 0.

    Parameters
    ----------
    treated, control
        The same rats in both, shape (rats,) or (rats, columns).
    seed
        Of the resampling.

    Examples
    --------
    >>> effect(np.array([0.0, 1.0]), np.array([2.0, 2.0]), seed=1).value
    0.75
    """
    if len(treated) > MOST_RESAMPLED:
        return _estimate(*normal_effect(treated, control))
    return _resampled(lambda a, b: 1.0 - a / np.where(b == 0, np.nan, b), treated, control, seed=seed)


def _resampled(of_means: Any, *samples: Floats, seed: int) -> Estimate:
    return _estimate(*resample(of_means, *samples, seed=seed)) if len(samples[0]) else NO_ESTIMATE


def _estimate(value: Floats, low: Floats, high: Floats) -> Estimate:
    if np.ndim(value):
        return Estimate(value, low, high)
    return Estimate(float(value), float(low), float(high))
