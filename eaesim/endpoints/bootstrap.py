"""Resampling rats: a function of the means of samples, and the ends of its 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.clinical import Floats

RESAMPLES = 2_000
CONFIDENCE = 0.95
# Of more rats, weights are kept as bytes: a resample never holds one of them 256 times.
MOST_AS_NUMBERS = 500
# Resamples that are worked on at once, which bounds the memory.
AT_ONCE = 1_000


def resample(of_means: Callable[..., Floats], *samples: Floats, seed: int) -> tuple[Floats, Floats, Floats]:
    """Resample rats, and return a function of the means of samples with the ends of its interval.

    Parameters
    ----------
    of_means
        Takes the mean of each sample.
    *samples
        Of the same rats, shape (rats,) or (rats, columns): the same rats are drawn from every sample and
        column, and that keeps the pairs. NaN is left out.
    seed
        Of the draws.

    Returns
    -------
    tuple of arrays
        Value, low and high end, shape () or (columns,); NaN where there is none.

    Examples
    --------
    >>> value, low, high = resample(lambda mean: mean, np.array([2.0, 2.0, np.nan]), seed=1)
    >>> float(value), float(low), float(high)
    (2.0, 2.0, 2.0)
    """
    rats = len(samples[0])
    value = of_means(*(_means(sample, np.ones((1, rats))) for sample in samples))[0]
    if rats < 2:
        return value, np.full_like(value, np.nan), np.full_like(value, np.nan)
    resampled = of_means(*_resampled_means(samples, _draws(rats, seed)))
    # A resample without any value (no rat with an onset, say) says nothing.
    low, high = tails(resampled)
    return value, np.where(np.isnan(value), np.nan, low), np.where(np.isnan(value), np.nan, high)


@lru_cache(maxsize=4)
def _draws(rats: int, seed: int) -> npt.NDArray[Any]:
    """Return how often each rat is drawn, shape (resamples, rats)."""
    random, shares = np.random.default_rng(seed), np.full(rats, 1.0 / rats)
    drawn = np.empty((RESAMPLES, rats), dtype=np.float64 if rats <= MOST_AS_NUMBERS else np.uint8)
    for first in range(0, RESAMPLES, AT_ONCE):
        block = drawn[first : first + AT_ONCE]
        block[:] = random.multinomial(rats, shares, size=len(block))
    return drawn


def _resampled_means(samples: Sequence[Floats], drawn: npt.NDArray[Any]) -> list[Floats]:
    at_once = RESAMPLES if drawn.dtype == np.float64 else AT_ONCE
    means: list[list[Floats]] = [[] for _ in samples]
    for first in range(0, RESAMPLES, at_once):
        counts = drawn[first : first + at_once].astype(np.float64, copy=False)
        for blocks, sample in zip(means, samples, strict=True):
            blocks.append(_means(sample, counts))
    return [np.concatenate(blocks) for blocks in means]


def _means(values: Floats, counts: Floats) -> Floats:
    """Return the means of resamples, NaN left out, shape (resamples,) or (resamples, columns)."""
    known = ~np.isnan(values)
    total = counts @ np.where(known, values, 0.0)
    if known.all():  # then every resample holds as many values as there are rats
        return np.asarray(total / float(len(values)))
    number = counts @ known.astype(np.float64)
    return np.asarray(total / np.where(number == 0, np.nan, number))


def tails(resampled: Floats) -> Floats:
    """Return the ends of the interval over resamples, NaN left out.

    That is `np.nanquantile`, to the last bit and several times quicker.

    Parameters
    ----------
    resampled
        Shape (resamples,) or (resamples, columns).

    Returns
    -------
    array
        Low and high end, shape (2,) or (2, columns).

    Examples
    --------
    >>> tails(np.arange(41.0)).round(9).tolist()
    [1.0, 39.0]
    """
    rows = np.atleast_2d(np.ascontiguousarray(resampled.T))
    ends = np.full((2, len(rows)), np.nan)
    lost = np.isnan(rows).any(axis=1)
    ends[:, ~lost] = _quantiles(rows[~lost])
    for row in np.flatnonzero(lost):
        known = rows[row][~np.isnan(rows[row])]
        if len(known):
            ends[:, row] = _quantiles(known)
    return ends if resampled.ndim > 1 else ends[:, 0]


def _quantiles(rows: Floats) -> Floats:
    """Return both quantiles of each row of numbers, linear between neighbours; low and high come first."""
    tail = (1.0 - CONFIDENCE) / 2.0
    last = rows.shape[-1] - 1
    places = np.array([tail, 1.0 - tail]) * last
    below = places.astype(np.int64)
    above = np.minimum(below + 1, last)
    ordered = np.partition(rows, (*below, *above), axis=-1)
    low, high, share = ordered[..., below], ordered[..., above], places - below
    apart = high - low
    # From the nearer end, as NumPy does it: so the value never leaves the two.
    return np.moveaxis(np.where(share < 0.5, low + apart * share, high - apart * (1.0 - share)), -1, 0)
