"""The interval of a share that was counted: it stays honest where all or none were seen."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])
NORMAL_95 = 1.959963984540054


def wilson_interval(share: float, number: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share.

    Parameters
    ----------
    share
        Between 0 and 1.
    number
        How many were looked at, at least 1.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson_interval(0.0, 10)]
    [0.0, 0.278]
    """
    square = NORMAL_95**2
    centre = share + square / (2 * number)
    half = NORMAL_95 * math.sqrt(share * (1 - share) / number + square / (4 * number**2))
    scale = 1 + square / number
    # Rounding must not move the ends: none seen leaves none possible, all seen all.
    low = (centre - half) / scale if share > 0 else 0.0
    return low, (centre + half) / scale if share < 1 else 1.0


def highest_of_none(number: Number) -> Number:
    """Return the upper end of the Wilson interval where none of so many has it: a number, or an array.

    Examples
    --------
    >>> round(highest_of_none(10), 3) == round(wilson_interval(0.0, 10)[1], 3)
    True
    """
    square = NORMAL_95**2
    return square / (number + square)


def percent(share: float) -> str:
    """Return a share in per cent, without decimals.

    Examples
    --------
    >>> percent(0.534)
    '53 %'
    """
    return f"{100 * share:.0f} %"
