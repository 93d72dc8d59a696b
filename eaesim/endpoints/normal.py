"""The large-sample limit of the bootstrap: means and their differences are normal.

The interval of a ratio is Fieller's: it is valid for the ratio of two jointly normal means, and is the limit
of the percentiles of resampled ratios. Sums run over blocks of rats, which bounds the memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.proportion import NORMAL_95

# Rats times columns per block.
AT_ONCE = 1 << 17


def normal_mean(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean and the bounds of its interval, ignoring NaN.

    Parameters
    ----------
    values
        Shape (rats,) or (rats, columns).

    Examples
    --------
    >>> value, low, high = normal_mean(np.tile([1.0, 3.0], 10_000))
    >>> [round(float(each), 3) for each in (value, low, high)]
    [2.0, 1.986, 2.014]
    """
    found = _mean(values)
    return around(found.value, _scatter(found, found, times=np.zeros_like(found.value)).own)


def normal_difference(treated: Floats, control: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the difference of two means and the bounds of its interval; the rats are paired."""
    own, other = _mean(treated), _mean(control)
    scatter = _scatter(own, other, times=np.ones_like(own.value))
    return around(own.value - other.value, scatter.own)


def normal_effect(treated: Floats, control: Floats) -> tuple[Floats, Floats, Floats]:
    """Return 1 - treated / control of the means and the bounds of its interval; the rats are paired.

    There is no value where the mean of `control` is 0, and no interval where that of `control` contains 0.
    """
    own, other = _mean(treated), _mean(control)
    ratio = own.value / np.where(other.value == 0, np.nan, other.value)
    scatter = _scatter(own, other, times=ratio)
    return fieller(ratio, other.value, own=scatter.own, other=scatter.other, joint=scatter.joint)


def fieller(
    ratio: Floats,
    mean: Floats,
    *,
    own: Floats,
    other: Floats,
    joint: Floats,
    quantile: Floats | float = NORMAL_95,
) -> tuple[Floats, Floats, Floats]:
    """Return 1 - a ratio of two means and the bounds of its interval.

    Parameters
    ----------
    ratio, mean
        The ratio, and the mean that was divided by.
    own, other, joint
        Variance of the first mean minus the ratio times the second, of the second, and their covariance.
    quantile
        Standard errors on each side of a mean.

    Examples
    --------
    >>> exact = np.zeros(1)
    >>> [each.tolist() for each in fieller(exact + 0.25, exact + 2.0, own=exact, other=exact, joint=exact)]
    [[0.75], [0.75], [0.75]]
    """
    # Treated minus (ratio + step) times control has mean 0 at the bounds: a quadratic equation for the step.
    square = quantile**2
    leading = mean**2 - square * other
    leading = np.where(leading > 0, leading, np.nan)
    middle = square * joint
    root = np.sqrt(middle**2 + leading * square * own)
    effect = 1.0 - ratio
    return effect, effect - (root - middle) / leading, effect + (root + middle) / leading


def around(value: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    """Return a mean and the bounds of its interval.

    Examples
    --------
    >>> [round(float(each), 3) for each in around(np.array(2.0), np.array(1.0))]
    [2.0, 0.04, 3.96]
    """
    half = NORMAL_95 * np.sqrt(variance)
    return value, value - half, value + half


@dataclass(frozen=True)
class _Mean:
    """The mean of some values, and the number of rats with a value."""

    values: Floats
    value: Floats
    number: Floats


@dataclass(frozen=True)
class _Scatter:
    """Variances and covariance of two means, for the first minus a multiple of the second."""

    own: Floats
    other: Floats
    joint: Floats


def _mean(values: Floats) -> _Mean:
    total, number = np.zeros(values.shape[1:]), np.zeros(values.shape[1:])
    for block in _blocks(values):
        known = ~np.isnan(block)
        total, number = total + np.where(known, block, 0.0).sum(axis=0), number + known.sum(axis=0)
    return _Mean(values, total / np.where(number == 0, np.nan, number), number)


def _scatter(first: _Mean, second: _Mean, *, times: Floats) -> _Scatter:
    sums = np.zeros((3, *np.shape(times)))
    for one, two in zip(_blocks(first.values), _blocks(second.values), strict=True):
        other = _moves(two, second)
        own = _moves(one, first) - times * other
        for place, product in enumerate((own * own, other * other, own * other)):
            sums[place] += product.sum(axis=0)
    return _Scatter(*sums)


def _moves(block: Floats, mean: _Mean) -> Floats:
    """Return the contribution of each rat to the mean; 0 without a value."""
    return np.where(np.isnan(block), 0.0, block - mean.value) / np.maximum(mean.number, 1.0)


def _blocks(values: Floats) -> Iterator[Floats]:
    columns = values.shape[1] if values.ndim > 1 else 1
    rows = max(1, AT_ONCE // max(columns, 1))
    return (values[first : first + rows] for first in range(0, len(values), rows))
