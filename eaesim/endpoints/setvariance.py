"""Variance between parameter sets beyond sampling error, with its uncertainty.

Each set's own estimate comes from few rats, so that the variance between sets is the difference of two nearly
equal numbers. An estimate cut off at 0 would often be 0 although sets differ, and an interval from it would
be much too narrow; so the whole distribution of what the variance may be is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Floats

# Replacement for a variance of 0 in a division; most steps to find a variance, and a negligible step.
LEAST, MOST_STEPS, CLOSE = 1e-200, 100, 1e-15
# An estimate so many standard errors below 0 is as good as impossible; further ones have no quantile.
MOST_BELOW = -30.0


@dataclass(frozen=True)
class SetVariance:
    """Variance between sets of each column, and how precisely it is known.

    The sampling variance of the estimate is `noise` + `slope` x the variance itself.

    Attributes
    ----------
    estimate
        Variance between the sets' estimates minus sampling error, shape (columns,); may be negative.
    noise, slope
        Of the sampling variance of the estimate, likewise.
    """

    estimate: Floats
    noise: Floats
    slope: Floats

    @classmethod
    def of(cls, own: Floats, chance: Floats, said: npt.NDArray[np.bool_], *, free: Floats) -> SetVariance:
        """Estimate the variance between sets.

        Sets are weighted as by `paule_mandel`. The sets are those of the ensemble: only their rats are a
        sample.

        Parameters
        ----------
        own, chance
            Each set's estimate and its sampling variance, shape (sets, columns).
        said
            Where a set has an estimate.
        free
            Degrees of freedom of the sampling variances, which are known up to a common factor,
            shape (columns,).

        Examples
        --------
        >>> own, said = np.array([[1.0], [2.0], [3.0]]), np.ones((3, 1), dtype=bool)
        >>> found = SetVariance.of(own, np.full((3, 1), 0.25), said, free=np.array([12]))
        >>> found.estimate.tolist()
        [0.75]
        """
        variance = np.maximum(chance + paule_mandel(own, chance, said), LEAST)
        weight = np.where(said, np.where(said, variance, np.inf).min(axis=0, initial=np.inf) / variance, 0.0)
        number = said.sum(axis=0)
        total = np.where(number, weight.sum(axis=0), 1.0)
        middle = (weight * own).sum(axis=0) / total
        scale = np.where(number > 1, total - (weight**2).sum(axis=0) / total, 1.0)
        sampling = (weight * (1.0 - weight / total) * chance).sum(axis=0) / scale
        estimate = (weight * (own - middle) ** 2).sum(axis=0) / scale - sampling
        # Of squares of normal numbers around the sets' values; one degree of freedom goes to the middle.
        lost = np.maximum(number - 1, 0) / np.maximum(number, 1)
        noise = 2.0 * lost * ((weight * chance / scale) ** 2).sum(axis=0)
        noise += 2.0 * sampling**2 / np.maximum(free, 1)
        slope = 4.0 * lost * (weight**2 * chance).sum(axis=0) / scale**2
        return cls(np.where(number > 1, estimate, 0.0), noise, slope)

    def quantiles(self, shares: Floats) -> Floats:
        """Return quantiles of the variance, given that it is not negative, shape (shares, columns).

        A variance is as plausible as the estimate is probable to lie below what was found if it is true: the
        confidence distribution, inverted as Wilson's interval of a proportion is.

        Parameters
        ----------
        shares
            Between 0 and 1, shape (shares,).

        Examples
        --------
        >>> known = SetVariance(np.array([2.0]), np.zeros(1), np.zeros(1))
        >>> known.quantiles(np.array([0.1, 0.9])).ravel().tolist()
        [2.0, 2.0]
        """
        from scipy.special import ndtr, ndtri

        error = np.sqrt(self.noise)
        above = np.where(error > 0, self.estimate / np.where(error > 0, error, 1.0), np.inf)
        plausible = ndtr(np.maximum(above, MOST_BELOW))
        normal = -ndtri((1.0 - shares)[:, None] * plausible)
        half = 0.5 * normal * self.slope
        root = np.maximum(half**2 + self.noise + self.slope * self.estimate, 0.0)
        return np.asarray(np.maximum(self.estimate + normal * (half + np.sqrt(root)), 0.0))


def paule_mandel(own: Floats, chance: Floats, said: npt.NDArray[np.bool_]) -> Floats:
    """Return the variance between sets beyond sampling error, at least 0, shape (columns,).

    With it, the weighted squared deviations sum to their degrees of freedom. With equal sampling errors it
    is the variance of the estimates minus the sampling variance.

    Parameters
    ----------
    own, chance, said
        As for `SetVariance.of`.

    Examples
    --------
    >>> own, said = np.array([[1.0], [2.0], [3.0]]), np.ones((3, 1), dtype=bool)
    >>> paule_mandel(own, np.full((3, 1), 0.25), said).tolist()
    [0.75]
    """
    free = said.sum(axis=0) - 1
    if (chance == chance[:1]).all():
        middle = np.where(said, own, 0.0).sum(axis=0) / np.maximum(free + 1, 1)
        square = (np.where(said, own - middle, 0.0) ** 2).sum(axis=0)
        return np.asarray(np.maximum(square / np.maximum(free, 1) - chance[0], 0.0))

    def squares(between: Floats) -> tuple[Floats, Floats]:
        """Return the weighted squared deviations, and how much they fall with the variance."""
        weight = said / np.maximum(chance + between, LEAST)
        middle = (weight * own).sum(axis=0) / np.maximum(weight.sum(axis=0), LEAST)
        terms = weight * (own - middle) ** 2
        return terms.sum(axis=0), (weight * terms).sum(axis=0)

    low = np.zeros(own.shape[1])
    high = np.where(said, own - own.min(axis=0), 0.0).max(axis=0) ** 2 * len(own)
    found = (free > 0) & (squares(low)[0] > free)
    between = 0.5 * high
    for _ in range(MOST_STEPS):
        square, fall = squares(between)
        above = square > free
        low, high = np.where(above, between, low), np.where(above, high, between)
        # Newton's step for the inverse of the sum, which is nearly linear; halved if it leaves the bracket.
        with np.errstate(all="ignore"):
            following = between + square * (square / free - 1.0) / fall
        following = np.where((low < following) & (following < high), following, 0.5 * (low + high))
        moved = abs(following - between) > CLOSE * following
        between = following
        if not (moved & found).any():
            break
    return np.where(found, between, 0.0)
