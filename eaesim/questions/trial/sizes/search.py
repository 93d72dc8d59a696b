"""How many patients an arm needs: powers at sizes between which the wanted one is interpolated."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from eaesim.endpoints import Floats

#: Smallest size that is tried; the next is twice as large, up to the limit.
SMALLEST, FACTOR = 12, 2
# How often the interval that holds a wanted power is narrowed; powers from here on need no larger size.
_NARROWED, _SURE = 4, 0.998
Power = Callable[[int], Floats]


def power_curve(power: Power, wanted: Sequence[float], *, limit: int) -> dict[int, Floats]:
    """Return the power of every parameter set at sizes around those that are needed, in ascending order.

    Sizes are doubled up to the limit; then the interval in which the mean reaches a wanted power is narrowed,
    by interpolation between its ends.

    Parameters
    ----------
    power
        Function that returns the power of each parameter set at a size.
    wanted
        Mean powers to reach.
    limit
        Largest size.

    Examples
    --------
    >>> curve = power_curve(lambda size: np.array([size / (size + 50)]), [0.8], limit=1000)
    >>> round(needed(curve, 0.8))
    200
    """
    found = dict[int, Floats]()
    size = min(SMALLEST, limit)
    while True:
        found[size] = power(size)
        if size == limit or found[size].min() > _SURE:
            break
        size = min(size * FACTOR, limit)
    for each in wanted:
        for _ in range(_NARROWED):
            place = needed(found, each)
            if not math.isfinite(place) or (next_one := math.ceil(place)) in found:
                break
            found[next_one] = power(next_one)
            found = dict(sorted(found.items()))
    return found


def needed(curve: dict[int, Floats], wanted: float, *, of_set: int | None = None) -> float:
    """Return the size at which a power is reached, infinite if at none that was tried.

    The normal deviate of the power is nearly a straight line against the root of the size.

    Parameters
    ----------
    curve
        Power of every parameter set by size, in ascending order.
    wanted
        Power to reach.
    of_set
        Parameter set; by default the mean over all, which is the assurance.
    """
    from scipy.special import ndtri

    sizes = np.array(list(curve), dtype=np.float64)
    powers = np.array([each.mean() if of_set is None else each[of_set] for each in curve.values()])
    # Chance makes a power fall here and there; it does not fall with the size.
    powers = np.maximum.accumulate(powers)
    reached = np.flatnonzero(powers >= wanted)
    if not len(reached):
        return math.inf
    last = int(reached[0])
    if last == 0:
        return float(sizes[0])
    ends, roots = np.clip(powers[last - 1 : last + 1], 1e-4, 1 - 1e-4), np.sqrt(sizes[last - 1 : last + 1])
    low, high = ndtri(ends)
    share = (float(ndtri(wanted)) - low) / (high - low)
    return float((roots[0] + share * (roots[1] - roots[0])) ** 2)
