"""Means of groups of rats, paired differences and ratios, with bootstrap intervals over rats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from eaesim.endpoints.clinical import Floats
from eaesim.proportion import wilson_interval

RESAMPLES = 2_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; NaN where there is none."""

    value: float
    low: float
    high: float


NO_ESTIMATE = Estimate(np.nan, np.nan, np.nan)


def mean(values: Floats, *, seed: int) -> Estimate:
    """Estimate the mean over rats; rats without a value (NaN) are left out.

    Examples
    --------
    >>> mean(np.array([2.0, 2.0, np.nan]), seed=1)
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    return _bootstrap((values,), _mean, seed=seed)


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
    return _bootstrap((treated, control), lambda a, b, axis: _mean(a, axis) - _mean(b, axis), seed=seed)


def effect(treated: Floats, control: Floats, *, seed: int) -> Estimate:
    """Estimate 1 - treated / control of the means, resampling rats as pairs; NaN where control is 0.

    Examples
    --------
    >>> effect(np.array([0.0, 1.0]), np.array([2.0, 2.0]), seed=1).value
    0.75
    """

    def ratio(a: Floats, b: Floats, axis: int) -> Floats:
        above, below = _mean(a, axis), _mean(b, axis)
        return np.asarray(1.0 - above / np.where(below == 0, np.nan, below))

    return _bootstrap((treated, control), ratio, seed=seed)


def _mean(values: Floats, axis: int) -> Any:
    count = np.sum(~np.isnan(values), axis=axis)
    total = np.sum(np.where(np.isnan(values), 0.0, values), axis=axis)
    return total / np.where(count == 0, np.nan, count)


def _bootstrap(samples: tuple[Floats, ...], statistic: Callable[..., Any], *, seed: int) -> Estimate:
    rats = len(samples[0])
    if rats == 0:
        return NO_ESTIMATE
    value = float(statistic(*samples, axis=-1))
    if rats < 2 or np.isnan(value):
        return Estimate(value, np.nan, np.nan)
    # The same rats are drawn from every sample: that is what keeps the pairs.
    drawn = np.random.default_rng(seed).integers(rats, size=(RESAMPLES, rats))
    values = statistic(*(sample[drawn] for sample in samples), axis=-1)
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.nanquantile(values, [tail, 1.0 - tail])
    return Estimate(value, float(low), float(high))
