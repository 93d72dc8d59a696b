"""What counts as a relapse, read from daily scores as a laboratory would."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def relapse_days(
    scores: Floats, *, rise: float = 1.0, induced: int | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find each rat's first relapse: a rise over the lowest score since the last peak, held on two readings.

    Parameters
    ----------
    scores
        Shape (rats, days), a column a day from day 0; NaN from death on.
    rise
        By how much the score must rise.
    induced
        The day a relapse was induced: only days from it on count. Without it a first peak must come before.

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
    window = scores[:, first:]
    rats = len(window)
    found = np.full(rats, -1)
    if window.shape[1] == 0:
        return found, found.copy()
    peak, low = window[:, 0].copy(), window[:, 0].copy()
    for day in range(1, window.shape[1] - 1):
        today, tomorrow = window[:, day], window[:, day + 1]
        # Without a fall there was no peak yet: the climb of the first attack is not a relapse.
        fallen = (low < peak) | (induced is not None)
        held = np.minimum(today, tomorrow) >= low + rise
        found = np.where((found < 0) & fallen & held, first + day, found)
        low = np.where((today > peak) & ~fallen, today, np.minimum(low, today))
        peak = np.maximum(peak, today)
    return found, np.where(found < 0, -1, found + 1)
