"""Means of groups of rats, paired differences and ratios, with bootstrap intervals over rats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from eaesim.endpoints.clinical import Floats
from eaesim.proportion import wilson_interval

RESAMPLES = 2_000
CONFIDENCE = 0.95


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
        Shape (rats,), or (rats, days) for a mean a day.
    seed
        Of the resampling.

    Examples
    --------
    >>> mean(np.array([2.0, 2.0, np.nan]), seed=1)
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    return _bootstrap(lambda values: values, values, seed=seed)


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
    return _bootstrap(lambda a, b: a - b, treated, control, seed=seed)


def effect(treated: Floats, control: Floats, *, seed: int) -> Estimate:
    """Estimate 1 - treated / control of the means, resampling rats as pairs; NaN where control is 0.

    Examples
    --------
    >>> effect(np.array([0.0, 1.0]), np.array([2.0, 2.0]), seed=1).value
    0.75
    """
    return _bootstrap(lambda a, b: 1.0 - a / np.where(b == 0, np.nan, b), treated, control, seed=seed)


def _bootstrap(of_means: Callable[..., Floats], *samples: Floats, seed: int) -> Estimate:
    """Estimate a function of the means of samples whose rats belong together."""
    rats = len(samples[0])
    if rats == 0:
        return NO_ESTIMATE
    value = of_means(*(_means(sample, np.ones((1, rats))) for sample in samples))[0]
    if rats < 2:
        return _estimate(value, np.full_like(value, np.nan), np.full_like(value, np.nan))
    # The same rats are drawn from every sample: that is what keeps the pairs.
    drawn = _draws(rats, seed)
    resampled = of_means(*(_means(sample, drawn) for sample in samples))
    # A resample without any value (no rat with an onset, say) says nothing.
    resampled = np.where(np.isnan(value), 0.0, resampled)
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.nanquantile(resampled, [tail, 1.0 - tail], axis=0)
    return _estimate(value, *(np.where(np.isnan(value), np.nan, bound) for bound in (low, high)))


def _estimate(value: Floats, low: Floats, high: Floats) -> Estimate:
    if np.ndim(value):
        return Estimate(value, low, high)
    return Estimate(float(value), float(low), float(high))


@lru_cache(maxsize=8)
def _draws(rats: int, seed: int) -> Floats:
    """Return how often each rat is drawn, shape (resamples, rats)."""
    counts = np.random.default_rng(seed).multinomial(rats, np.full(rats, 1.0 / rats), size=RESAMPLES)
    return counts.astype(np.float64)


def _means(values: Floats, counts: Floats) -> Floats:
    """Return the means of resamples, NaN left out, shape (resamples,) or (resamples, days)."""
    known = ~np.isnan(values)
    number = counts @ known.astype(np.float64)
    return np.asarray(counts @ np.where(known, values, 0.0) / np.where(number == 0, np.nan, number))
