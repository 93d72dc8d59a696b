"""Bootstrap of rats within parameter sets: means of every set, and of all rats, in each resample.

A resampled sum is linear in what each rat adds to it. So the mean of all rats in every resample is a product
with the weights of the draws, and the variance of a set's mean follows from their covariance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from eaesim.elementary import products
from eaesim.endpoints.bootstrap import MOST_DRAWN_AS_COUNTS, REMEMBERED, RESAMPLES, draw_counts
from eaesim.endpoints.dead import Floats
from eaesim.endpoints.setsums import SetSums
from eaesim.endpoints.statistics import MOST_RESAMPLED
from eaesim.endpoints.student import ROUNDING

# With more rats in a set, the sums of its resamples are cheaper than the covariance of its draws.
MOST_IN_COVARIANCE = 32


@dataclass(frozen=True, eq=False)
class Draws:
    """Random weights in every resample.

    Attributes
    ----------
    blocks
        How often each rat of each set is drawn, shape (resamples, rats); above
        `eaesim.endpoints.statistics.MOST_RESAMPLED` rats, standard normal numbers in place of a set's rats.
    weights
        The blocks of small sets side by side; None where a set is large.
    key
        Sizes of the sets and seed of the draws, if rats are drawn.
    """

    blocks: tuple[Floats, ...]
    weights: Floats | None
    key: tuple[tuple[int, ...], int] | None

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """Index of the first rat of each set, and the end of the last."""
        return (0, *np.cumsum([block.shape[1] for block in self.blocks]).tolist())

    def moved(self, values: Floats, *, by_set: bool) -> Floats:
        """Return the sum of all values in every resample, shape (resamples, columns).

        By set, the shape is (sets, resamples, columns).
        """
        if self.key is not None and values.shape[1] == 1:
            return _remembered(np.ascontiguousarray(values).tobytes(), *self.key, by_set)[..., None]
        return self._sums(values, by_set)

    def _sums(self, values: Floats, by_set: bool) -> Floats:
        if not by_set and self.weights is not None:
            return products(values, self.weights)
        spans = zip(self.blocks, pairwise(self.edges), strict=True)
        sums = np.stack([products(values[start:end], block) for block, (start, end) in spans])
        return sums if by_set else sums.sum(axis=0)

    @cached_property
    def _covariance(self) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Return the covariance of the weights within each set, and the columns of its rats.

        Shapes are (sets, most, most) and (sets, most); the column after the last stands for no rat.
        """
        sizes = np.diff(self.edges)
        rank = np.arange(sizes.max(initial=0))
        columns = np.where(rank < sizes[:, None], np.array(self.edges[:-1])[:, None] + rank, self.edges[-1])
        covariance = np.zeros((len(sizes), len(rank), len(rank)))
        for own, size, block in zip(covariance, sizes, self.blocks, strict=True):
            rows = np.ascontiguousarray((block - block.mean(axis=0)).T)
            own[:size, :size] = np.einsum("ib,jb->ij", rows, rows) / len(block)
        return covariance, columns

    def variances(self, moves: Floats) -> Floats:
        """Return the variance over resamples of the sum of every set's moves, shape (sets, columns)."""
        covariance, columns = self._covariance
        own = np.vstack([moves, np.zeros((1, moves.shape[1]))])[columns]
        return np.asarray((np.einsum("mij,mjc->mic", covariance, own) * own).sum(axis=1))


@dataclass(frozen=True, eq=False)
class Replicates:
    """Means of one sample and of its resamples, ignoring NaN.

    Attributes
    ----------
    total, number
        Sum and number of the values of each parameter set's rats, shape (members, columns).
    draws
        Draws of the rats.
    moves
        What each drawn rat adds to the sum, besides the mean of its set, shape (rats, columns).
    known
        Where rats have values, of the same shape; None where it is the same in every resample how many do.
    """

    total: Floats
    number: Floats
    draws: Draws
    moves: Floats
    known: npt.NDArray[np.bool_] | None = None

    @property
    def mean(self) -> Floats:
        """The mean of all rats, shape (columns,)."""
        return _ratio(self.total.sum(axis=0), self.number.sum(axis=0))

    @property
    def own(self) -> Floats:
        """The mean of each parameter set's rats, shape (members, columns)."""
        return _ratio(self.total, self.number)

    @cached_property
    def means(self) -> Floats:
        """The mean of all rats in every resample, shape (resamples, columns)."""
        moved = self.draws.moved(self.moves, by_set=False) if self._moved is None else self._moved.sum(axis=0)
        means = _ratio(self.total.sum(axis=0) + moved, self.number.sum(axis=0))
        for column in self._scattered:
            numbers = self._numbers(column)
            total = (np.nan_to_num(self.own)[:, None, [column]] * numbers).sum(axis=0) + moved[:, [column]]
            means[:, [column]] = _ratio(total, numbers.sum(axis=0))
        return means

    def variance(self, other: Replicates | None = None, share: Floats | float = 1.0) -> Floats:
        """Return the variance of each parameter set's mean over resamples, shape (members, columns).

        With another sample of the same rats, it is that of the mean minus a share of the other's.
        """
        if self._moved is None:
            moves = self.moves if other is None else self.moves - share * other.moves
            variance = self.draws.variances(moves) / np.maximum(self.number, 1.0) ** 2
            scattered = self.draws.moved(moves[:, self._scattered], by_set=True)
        else:
            moved = self._moved if other is None else self._moved - share * np.asarray(other._moved)
            variance = moved.var(axis=1) / np.maximum(self.number, 1.0) ** 2
            scattered = moved[..., self._scattered]
        for place, column in enumerate(self._scattered):
            variance[:, column] = _variance(_ratio(scattered[..., place], self._numbers(column)[..., 0]))
        return np.asarray(variance)

    @cached_property
    def _moved(self) -> Floats | None:
        """Sums of the moves of large sets in every resample, shape (members, resamples, columns)."""
        return None if self.draws.weights is not None else self.draws.moved(self.moves, by_set=True)

    @cached_property
    def _scattered(self) -> list[int]:
        """The columns in which resamples differ in the number of values."""
        return [] if self.known is None else np.flatnonzero(~self.known.all(axis=0)).tolist()

    def _numbers(self, column: int) -> Floats:
        """Return the number of values of each set in every resample, shape (members, resamples, 1)."""
        assert self.known is not None
        return self.draws.moved(self.known[:, [column]].astype(np.float64), by_set=True)


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
    if len(member) > MOST_RESAMPLED:
        own = np.unique(member, return_inverse=True)[1]
        summed = SetSums.of(*([*sample.T] for sample in samples), member=own, sets=int(own.max()) + 1)
        return normal_replicates(summed, seed=seed)
    order = np.argsort(member, kind="stable")
    _, firsts = np.unique(member[order], return_index=True)
    sizes = np.diff(np.append(firsts, len(member)))

    def sums(values: Floats) -> Floats:
        # Along rows, so that the sums are exact to the last bits for collinear rows.
        return np.add.reduceat(values.T, firsts, axis=-1).T if len(firsts) else np.empty((0, values.shape[1]))

    found = []
    for sample in samples:
        values = sample[order]
        known = ~np.isnan(values)
        total, number = sums(np.where(known, values, 0.0)), sums(known.astype(np.float64))
        moves = np.where(known, values - np.repeat(_ratio(total, number), sizes, axis=0), 0.0)
        found.append((total, number, moves, known))
    draws = _drawn(tuple(sizes.tolist()), seed)
    return tuple(
        Replicates(total, number, draws, np.repeat(_stretch(number), sizes, axis=0) * moves, known)
        for total, number, moves, known in found
    )


def normal_replicates(sums: SetSums, *, seed: int) -> tuple[Replicates, ...]:
    """Return the limit of the resamples of many rats: of normal means, with the rats' own covariance.

    Parameters
    ----------
    sums
        Sums over the rats of each parameter set; every set has rats.
    seed
        Random seed of the draws.

    Examples
    --------
    >>> member = np.repeat([0, 1], 5_000)
    >>> summed = SetSums.of([np.tile([1.0, 3.0], 5_000)], member=member, sets=2)
    >>> (found,) = normal_replicates(summed, seed=1)
    >>> found.own.ravel().tolist()
    [2.0, 2.0]
    """
    samples, stretch = len(sums.total), _stretch(sums.number)
    draws = _normal(samples, seed, len(sums.rats))
    return tuple(
        Replicates(total, sums.number, draws, np.repeat(stretch, samples, axis=0) * own)
        for total, own in zip(sums.total, _coefficients(sums.moved), strict=True)
    )


def _coefficients(moved: Floats) -> list[Floats]:
    """Return what a set's normal numbers add to its sum, shape (sets x samples, columns) for each sample."""
    first = np.sqrt(moved[0, 0])
    if len(moved) == 1:
        return [first]
    shared = moved[0, 1] / np.where(first > 0, first, 1.0)
    rest = moved[1, 1] - shared**2
    # A rest that is rounding is none: the same rats in two arms that do not differ have one mean.
    rest = np.sqrt(np.where(rest > ROUNDING * moved[1, 1], rest, 0.0))
    pairs = (first, np.zeros_like(first)), (shared, rest)
    return [np.stack(pair, axis=1).reshape(-1, first.shape[1]) for pair in pairs]


def _drawn(sizes: tuple[int, ...], seed: int) -> Draws:
    return _few_draws(sizes, seed) if sum(sizes) <= MOST_DRAWN_AS_COUNTS else _many_draws(sizes, seed)


@lru_cache(maxsize=4)
def _few_draws(sizes: tuple[int, ...], seed: int) -> Draws:
    return _counts(sizes, seed, quick=False)


@lru_cache(maxsize=2)  # 64 MB each for 4,000 rats
def _many_draws(sizes: tuple[int, ...], seed: int) -> Draws:
    return _counts(sizes, seed, quick=True)


def _counts(sizes: tuple[int, ...], seed: int, *, quick: bool) -> Draws:
    """Return how often each rat of each parameter set is drawn."""
    random = np.random.default_rng(seed)
    blocks = tuple(draw_counts(random, rats, quick=quick) for rats in sizes)
    is_small = max(sizes, default=0) <= MOST_IN_COVARIANCE
    return Draws(blocks, np.hstack(blocks) if is_small and blocks else None, (sizes, seed))


@lru_cache(maxsize=REMEMBERED)
def _remembered(values: bytes, sizes: tuple[int, ...], seed: int, by_set: bool) -> Floats:
    found = _drawn(sizes, seed)._sums(np.frombuffer(values)[:, None], by_set)[..., 0]
    found.flags.writeable = False
    return found


@lru_cache(maxsize=4)  # 1 or 2 MB each for 64 parameter sets
def _normal(samples: int, seed: int, members: int) -> Draws:
    """Return standard normal numbers of each parameter set, one a sample."""
    each = [
        np.random.default_rng((seed, place)).standard_normal((samples, RESAMPLES)) for place in range(members)
    ]
    blocks = tuple(np.ascontiguousarray(own.T) for own in each)
    return Draws(blocks, np.hstack(blocks), None)


def _variance(means: Floats) -> Floats:
    """Return the variance of each set's mean over resamples, ignoring NaN, shape (sets,)."""
    known = np.isfinite(means)
    count = np.maximum(known.sum(axis=1), 1)
    middle = np.where(known, means, 0.0).sum(axis=1) / count
    return np.asarray((np.where(known, means - middle[:, None], 0.0) ** 2).sum(axis=1) / count)


def _stretch(number: Floats) -> Floats:
    """Return the small-sample correction of the bootstrap spread: sqrt(n) / sqrt(n - 1)."""
    return np.sqrt(number / np.maximum(number - 1.0, 1.0))


def _ratio(total: Floats, number: Floats) -> Floats:
    return np.asarray(total / np.where(number == 0, np.nan, number))
