"""Sums over the rats of each parameter set: all that estimates over many rats need.

Sums of parts of the rats are added up, so that any number of rats takes the memory of a part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.student import ENOUGH

# Rats that are summed at once: few enough for the processor's cache.
AT_ONCE = 1 << 13


@dataclass(frozen=True, eq=False)
class SetSums:
    """Sums of one sample, or of two samples of the same rats, for several columns of values.

    Attributes
    ----------
    rats
        Number of rats of each parameter set, shape (sets,).
    number, total
        Number and sum of the values, shapes (sets, columns) and (samples, sets, columns).
    moved
        Sums of products of the deviations from the sets' means, shape (samples, samples, sets, columns).
    least, most
        Lowest and highest value, shape (samples, columns).
    signs
        Number of values other than 0, shape (samples, columns).
    first
        Values of the first rats that have any, NaN where fewer have, shape (samples, rats, columns). Where
        values are so few that their interval is Student's, these are all.
    unpaired
        Number of rats with a value in only one of two samples, shape (columns,).
    """

    rats: Floats
    number: Floats
    total: Floats
    moved: Floats
    least: Floats
    most: Floats
    signs: Floats
    first: Floats
    unpaired: Floats

    @classmethod
    def empty(cls, samples: int, *, sets: int, columns: int) -> SetSums:
        """Return the sums of no rats."""
        ends = np.full((samples, columns), np.inf)
        return cls(
            np.zeros(sets),
            np.zeros((sets, columns)),
            np.zeros((samples, sets, columns)),
            np.zeros((samples, samples, sets, columns)),
            ends,
            -ends,
            np.zeros((samples, columns)),
            np.full((samples, ENOUGH, columns), np.nan),
            np.zeros(columns),
        )

    @classmethod
    def of(cls, *samples: Sequence[Floats], member: npt.NDArray[np.int64], sets: int) -> SetSums:
        """Return the sums of some rats.

        Parameters
        ----------
        *samples
            One or two samples of the same rats, each a sequence of columns, with NaN in rats without a value.
            A rat without a value in one of two samples has none in the other.
        member
            Index of each rat's parameter set.
        sets
            Number of parameter sets.

        Examples
        --------
        >>> found = SetSums.of([np.array([1.0, 3.0, 5.0])], member=np.array([0, 0, 1]), sets=2)
        >>> found.total.ravel().tolist(), found.moved.ravel().tolist()
        ([4.0, 5.0], [2.0, 0.0])
        """
        found = cls.empty(len(samples), sets=sets, columns=len(samples[0]))
        for start in range(0, len(member), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            values = np.array([[column[part] for column in sample] for sample in samples])
            found += cls._part(values, member[part], sets)
        return found

    @classmethod
    def _part(cls, values: Floats, member: npt.NDArray[np.int64], sets: int) -> SetSums:
        """Return the sums of values of shape (samples, columns, rats)."""
        order = np.argsort(member, kind="stable")
        rats = np.bincount(member, minlength=sets)
        own = np.flatnonzero(rats)
        firsts = np.cumsum(rats[own]) - rats[own]
        lost = np.isnan(values)
        is_lost = np.asarray(lost.any(axis=0))
        first = _first(values, ~is_lost)
        known = ~is_lost[:, order]
        values = np.where(known, values[..., order], 0.0)

        def sums(each: Floats) -> Floats:
            found = np.zeros((*each.shape[:-1], sets))
            found[..., own] = np.add.reduceat(each, firsts, axis=-1)
            return np.swapaxes(found, -1, -2)

        number, total = sums(known.astype(np.float64)), sums(values)
        means = np.swapaxes(total / np.maximum(number, 1.0), -1, -2)
        moves = np.where(known, values - np.repeat(means[..., own], rats[own], axis=-1), 0.0)
        return cls(
            rats.astype(np.float64),
            number,
            total,
            np.array([[sums(one * other) for other in moves] for one in moves]),
            np.where(known, values, np.inf).min(axis=-1),
            np.where(known, values, -np.inf).max(axis=-1),
            (values != 0).sum(axis=-1).astype(np.float64),
            first,
            (is_lost & ~lost.all(axis=0)).sum(axis=-1).astype(np.float64),
        )

    def __add__(self, other: SetSums) -> SetSums:
        """Return the sums of these and of further rats."""
        apart = other.total / np.maximum(other.number, 1.0) - self.total / np.maximum(self.number, 1.0)
        both = self.number + other.number
        weight = self.number * other.number / np.maximum(both, 1.0)
        first = np.concatenate([self.first, other.first], axis=1)
        # Those with a value come first, in their order.
        places = np.argsort(np.isnan(first), axis=1, kind="stable")[:, : self.first.shape[1]]
        return SetSums(
            self.rats + other.rats,
            both,
            self.total + other.total,
            self.moved + other.moved + weight * apart[:, None] * apart[None],
            np.minimum(self.least, other.least),
            np.maximum(self.most, other.most),
            self.signs + other.signs,
            np.take_along_axis(first, places, axis=1),
            self.unpaired + other.unpaired,
        )

    def inhabited(self) -> SetSums:
        """Return the sums of the sets that have rats."""
        own = self.rats > 0
        return SetSums(
            self.rats[own],
            self.number[own],
            self.total[:, own],
            self.moved[:, :, own],
            self.least,
            self.most,
            self.signs,
            self.first,
            self.unpaired,
        )

    def columns(self, places: Sequence[int]) -> SetSums:
        """Return the sums of some of the columns."""
        parts = (getattr(self, one.name)[..., places] for one in fields(self)[1:])
        return SetSums(self.rats, *parts)

    def together(self) -> SetSums:
        """Return the sums of all rats as of one set.

        Examples
        --------
        >>> found = SetSums.of([np.array([1.0, 3.0, 5.0])], member=np.array([0, 0, 1]), sets=2).together()
        >>> found.total.ravel().tolist(), found.moved.ravel().tolist()
        ([9.0], [8.0])
        """
        number, total = self.number.sum(axis=0, keepdims=True), self.total.sum(axis=1, keepdims=True)
        apart = self.total / np.maximum(self.number, 1.0) - total / np.maximum(number, 1.0)
        between = (self.number * apart[:, None] * apart[None]).sum(axis=2, keepdims=True)
        return SetSums(
            self.rats.sum(keepdims=True),
            number,
            total,
            self.moved.sum(axis=2, keepdims=True) + between,
            self.least,
            self.most,
            self.signs,
            self.first,
            self.unpaired,
        )


def _first(values: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Return the values of the first rats that have any, shape (samples, rats, columns)."""
    found = np.full((len(values), ENOUGH, len(known)), np.nan)
    for column, has in enumerate(known):
        rats = np.flatnonzero(has)[:ENOUGH]
        found[:, : len(rats), column] = values[:, column, rats]
    return found
