"""The tails of the normal distribution."""

from __future__ import annotations

import numpy as np

from eaesim.endpoints import Floats


def two_sided(statistic: Floats) -> Floats:
    """Return how probable a normal deviate is at least as far from 0, on either side.

    Examples
    --------
    >>> two_sided(np.array([0.0, -1.959964])).round(4)
    array([1.  , 0.05])
    """
    from scipy.special import erfc

    return np.asarray(erfc(np.abs(statistic) / np.sqrt(2.0)))
