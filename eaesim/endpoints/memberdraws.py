"""Bootstrap of rats within parameter sets: means of every set, and of all rats, in each resample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.elementary import products
from eaesim.endpoints.bootstrap import MOST_DRAWN_AS_COUNTS, REMEMBERED, RESAMPLES, draw_counts
from eaesim.endpoints.dead import Floats
from eaesim.endpoints.statistics import MOST_RESAMPLED


@dataclass(frozen=True)
class Replicates:
    """Means of one sample and of its resamples, ignoring NaN.

    Attributes
    ----------
    total, number
        Sum and number of the values of each parameter set's rats, shape (members, columns).
    totals, numbers
        The same in every resample, shape (resamples, members, columns).
    """

    total: Floats
    number: Floats
    totals: Floats
    numbers: Floats

    @property
    def mean(self) -> Floats:
        """The mean of all rats, shape (columns,)."""
        return _ratio(self.total.sum(axis=0), self.number.sum(axis=0))

    @property
    def own(self) -> Floats:
        """The mean of each parameter set's rats, shape (members, columns)."""
        return _ratio(self.total, self.number)

    @property
    def means(self) -> Floats:
        """The mean of all rats in every resample, shape (resamples, columns)."""
        return _ratio(self.totals.sum(axis=1), self.numbers.sum(axis=1))

    @property
    def owns(self) -> Floats:
        """The mean of each parameter set's rats in every resample, shape (resamples, members, columns)."""
        return _ratio(self.totals, self.numbers)


def replicates(*samples: Floats, member: npt.NDArray[np.int64], seed: int) -> tuple[Replicates, ...]:
    """Resample rats within parameter sets; the same rats are drawn from every sample and column.

    Above `eaesim.endpoints.statistics.MOST_RESAMPLED` rats, means are drawn from the limit of the bootstrap:
    normal, with the variances of the rats and the covariance of the samples.

    Parameters
    ----------
    *samples
        One or two samples of the same rats, shape (rats, columns).
    member
        Index of each rat's parameter set.
    seed
        Random seed of the draws.

    Examples
    --------
    >>> values, member = np.array([[1.0], [1.0], [3.0], [np.nan]]), np.array([0, 0, 1, 1])
    >>> (found,) = replicates(values, member=member, seed=1)
    >>> found.own.ravel().tolist()
    [1.0, 3.0]
    """
    if len(member) <= MOST_RESAMPLED:
        return tuple(_resampled(sample, member, seed) for sample in samples)
    return _normal(samples, member, seed)


def _groups(member: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    return [np.flatnonzero(member == each) for each in np.unique(member)]


def _resampled(sample: Floats, member: npt.NDArray[np.int64], seed: int) -> Replicates:
    if sample.shape[1] > 1:
        return _resample(sample, member, seed)
    values, numbers = np.ascontiguousarray(sample, dtype=np.float64), np.ascontiguousarray(member, np.int64)
    return _remembered(values.tobytes(), numbers.tobytes(), seed)


@lru_cache(maxsize=REMEMBERED)
def _remembered(sample: bytes, member: bytes, seed: int) -> Replicates:
    found = _resample(np.frombuffer(sample)[:, None], np.frombuffer(member, np.int64), seed)
    for values in (found.total, found.number, found.totals, found.numbers):
        values.flags.writeable = False
    return found


def _resample(sample: Floats, member: npt.NDArray[np.int64], seed: int) -> Replicates:
    groups = _groups(member)
    draws = _draws(tuple(map(len, groups)), seed)
    found = [_sums(sample[rats], drawn) for rats, drawn in zip(groups, draws, strict=True)]
    return _joined(sample, groups, found)


def _joined(sample: Floats, groups: list[Any], found: list[tuple[Floats, Floats]]) -> Replicates:
    whole = [_sums(sample[rats], np.ones((1, len(rats)))) for rats in groups]
    total = np.concatenate([total for total, _ in whole])
    number = np.concatenate([number for _, number in whole])
    totals = np.stack([totals for totals, _ in found], axis=1)
    numbers = np.stack([numbers for _, numbers in found], axis=1)
    middle = np.where(number == 0, 0.0, total / np.maximum(number, 1.0))
    return Replicates(
        total, number, numbers * middle + _stretch(number) * (totals - numbers * middle), numbers
    )


def _draws(sizes: tuple[int, ...], seed: int) -> tuple[Floats, ...]:
    return _few_draws(sizes, seed) if sum(sizes) <= MOST_DRAWN_AS_COUNTS else _many_draws(sizes, seed)


@lru_cache(maxsize=4)
def _few_draws(sizes: tuple[int, ...], seed: int) -> tuple[Floats, ...]:
    return _counts(sizes, seed, quick=False)


@lru_cache(maxsize=2)  # 160 MB each for 10,000 rats
def _many_draws(sizes: tuple[int, ...], seed: int) -> tuple[Floats, ...]:
    return _counts(sizes, seed, quick=True)


def _counts(sizes: tuple[int, ...], seed: int, *, quick: bool) -> tuple[Floats, ...]:
    """Return for each parameter set how often each of its rats is drawn, shape (resamples, rats)."""
    random = np.random.default_rng(seed)
    return tuple(draw_counts(random, rats, quick=quick) for rats in sizes)


def _sums(values: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return sums of resamples and their numbers of values, ignoring NaN, shape (resamples, columns)."""
    known = ~np.isnan(values)
    totals = products(np.where(known, values, 0.0), counts)
    if known.all():  # then every resample has as many values as there are rats
        return totals, np.full_like(totals, len(values))
    return totals, products(known.astype(np.float64), counts)


@lru_cache(maxsize=4)  # 1 or 2 MB each for 64 parameter sets
def _deviates(samples: int, seed: int, members: int) -> Floats:
    """Return standard normal numbers, shape (samples, resamples, members, 1)."""
    each = [
        np.random.default_rng((seed, place)).standard_normal((samples, RESAMPLES)) for place in range(members)
    ]
    found = np.stack(each, axis=-1)[..., None]
    found.flags.writeable = False
    return found


def _normal(samples: Sequence[Floats], member: npt.NDArray[np.int64], seed: int) -> tuple[Replicates, ...]:
    """Return the limit of `_resampled` for many rats."""
    order = np.argsort(member, kind="stable")
    _, firsts, place = np.unique(member[order], return_index=True, return_inverse=True)

    def sums(values: Floats) -> Floats:
        return np.add.reduceat(values, firsts, axis=-1)  # exact to the last bits for collinear rows

    totals, numbers, moves = [], [], []
    for sample in samples:
        values = np.ascontiguousarray(sample[order].T)
        missing = np.isnan(values)
        total, number = sums(np.where(missing, 0.0, values)), sums((~missing).astype(np.float64))
        totals.append(total)
        numbers.append(number)
        # Contribution of each rat to the sum; 0 without a value.
        moves.append(np.where(missing, 0.0, values - _ratio(total, number)[:, place]))
    deviates = _deviates(len(samples), seed, len(firsts))
    first = np.sqrt(sums(moves[0] ** 2))
    steps = [first.T * deviates[0]]
    if len(samples) > 1:
        shared = sums(moves[0] * moves[1]) / np.where(first > 0, first, 1.0)
        rest = np.sqrt(np.maximum(sums(moves[1] ** 2) - shared**2, 0.0))
        steps.append(shared.T * deviates[0] + rest.T * deviates[1])
    return tuple(
        Replicates(
            total.T, number.T, total.T + _stretch(number.T) * step, np.broadcast_to(number.T, step.shape)
        )
        for total, number, step in zip(totals, numbers, steps, strict=True)
    )


def _stretch(number: Floats) -> Floats:
    """Return the small-sample correction of the bootstrap spread: sqrt(n) / sqrt(n - 1)."""
    return np.sqrt(number / np.maximum(number - 1.0, 1.0))


def _ratio(total: Floats, number: Floats) -> Floats:
    return np.asarray(total / np.where(number == 0, np.nan, number))
