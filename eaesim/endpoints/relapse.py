"""Definition of a relapse, applied to daily scores as in a laboratory."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Score = TypeVar("Score", bound=np.generic)
# Of scores in single bytes: that of the dead, one above all, and the greatest rise that may be added to it.
_BELOW, _ABOVE, _MOST_RISE = -128, 100, 20


def relapse_days(
    scores: Floats, *, rise: float = 1.0, induced: int | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find each rat's first relapse: a rise over the nadir since the last peak, confirmed on two readings.

    Parameters
    ----------
    scores
        Shape (rats, days), one column per day from day 0; NaN from death on.
    rise
        Minimum rise in score.
    induced
        Day a relapse was induced: only days from it on count. Without it, a first peak is required.

    Returns
    -------
    tuple of arrays
        The day of the rise and the day of the second reading that confirms it; -1 without a relapse.

    Examples
    --------
    >>> scores = np.array([[0, 1, 3, 1, 0, 0, 1, 1, 2.0]])
    >>> relapse_days(scores)
    (array([6]), array([7]))
    """
    first = 0 if induced is None else induced
    # Days first: contiguous rats are fast to process.
    score, highest = _small(np.ascontiguousarray(scores[:, first:].T), rise)
    if len(score) < 3:
        return np.full(len(scores), -1), np.full(len(scores), -1)
    low = score
    if induced is None:
        # Without a fall there is no peak yet: the rise of the first attack is not a relapse.
        fallen = _running(np.logical_or, score < _running(np.maximum, score))
        low = np.where(fallen, score, highest)
    low = _running(np.minimum, low[:-2])
    held = np.minimum(score[1:-1], score[2:]) >= low + score.dtype.type(rise)
    found = np.where(held.any(axis=0), first + 1 + held.argmax(axis=0), -1)
    return found, np.where(found < 0, -1, found + 1)


def _small(score: Floats, rise: float) -> tuple[npt.NDArray[np.float64 | np.int8], float | np.int8]:
    """Return scores, in single bytes where they are whole, and a number above all of them.

    The dead, whose scores are NaN to the end, are then below every score, so that they have no rise either.
    """
    filled = np.where(np.isnan(score), _BELOW, score)
    with np.errstate(invalid="ignore"):  # what does not fit into a byte differs from what was given
        small = filled.astype(np.int8)
    is_whole = rise == int(rise) and 1 <= rise <= _MOST_RISE and bool((small == filled).all())
    if is_whole and small.max(initial=0) < _ABOVE:
        return small, np.int8(_ABOVE)
    return score, np.inf


def _running(function: np.ufunc, by_day: npt.NDArray[Score]) -> npt.NDArray[Score]:
    """Return the running `function` over days, as its ``accumulate`` over the first axis, but faster."""
    result = by_day.copy()
    for before, today in pairwise(result):
        function(before, today, out=today)
    return result
