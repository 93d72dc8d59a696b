"""Choice of parameter sets by their weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats


def equal_steps(weight: Floats, count: int) -> npt.NDArray[np.int64]:
    """Return places at equal steps of the summed weights; a large weight may be met several times.

    Examples
    --------
    >>> import numpy as np
    >>> equal_steps(np.array([1.0, 1.0, 2.0]), 4).tolist()
    [0, 1, 2, 2]
    """
    reached = np.cumsum(weight) / weight.sum()
    places = np.searchsorted(reached, (np.arange(count) + 0.5) / count)
    return np.minimum(places, len(weight) - 1).astype(np.int64)
