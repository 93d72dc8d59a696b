"""Fisher's exact test of many studies at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from eaesim.endpoints import Floats

# As probable as what was seen, but for rounding: as SciPy has it.
ROUNDING = 1e-7


def share_test(treated: Floats, control: Floats) -> Floats:
    """Return the two-sided p value of Fisher's exact test in each study.

    Parameters
    ----------
    treated, control
        A row a study, shape (studies, animals): 1 or 0, NaN for an animal that is left out.

    Returns
    -------
    array
        Shape (studies,); 1 where a group is empty.

    Examples
    --------
    >>> share_test(np.array([[1.0, 0, 0, 0]]), np.array([[1.0, 1, 1, 0]])).round(4)
    array([0.4857])
    """
    sizes = [(~np.isnan(group)).sum(axis=1) for group in (treated, control)]
    seen = [np.nansum(group, axis=1).astype(np.int64) for group in (treated, control)]
    p_value = np.ones(len(treated))
    for one, two in set(zip(*(size.tolist() for size in sizes), strict=True)):
        chosen = (sizes[0] == one) & (sizes[1] == two)
        p_value[chosen] = fisher_values(one, two)[seen[0][chosen], seen[1][chosen]]
    return p_value


@lru_cache(maxsize=512)
def fisher_values(first: int, second: int) -> Floats:
    """Return the p value of every outcome of two groups.

    Parameters
    ----------
    first, second
        Animals in each group.

    Returns
    -------
    array
        Shape (first + 1, second + 1): with so many seen in the first and in the second group.

    Examples
    --------
    >>> round(float(fisher_values(4, 4)[1, 3]), 4)
    0.4857
    """
    from scipy.special import gammaln

    ways = [
        gammaln(size + 1) - gammaln(np.arange(size + 1) + 1) - gammaln(size - np.arange(size + 1) + 1)
        for size in (first, second)
    ]
    p_value = np.ones((first + 1, second + 1))
    for total in range(first + second + 1):
        own = np.arange(max(0, total - second), min(first, total) + 1)
        weight = ways[0][own] + ways[1][total - own]
        share = np.exp(weight - weight.max())
        share /= share.sum()
        # Those at most as probable, added up from the least.
        order = np.argsort(share, kind="stable")
        added = np.concatenate([[0.0], np.cumsum(share[order])])
        up_to = np.searchsorted(share[order], share * (1.0 + ROUNDING), side="right")
        p_value[own, total - own] = np.minimum(added[up_to], 1.0)
    p_value.flags.writeable = False
    return p_value
