"""Tests of two proportions, Fisher's exact one and chi-square, for one study or many at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.permutations import two_sided

# Relative tolerance for outcomes as probable as the observed one, as in R.
ROUNDING = 1e-7


def share_test(treated: Floats, control: Floats) -> tuple[Floats, Floats]:
    """Test exactly whether proportions differ in each study, summing all outcomes at most as probable.

    Parameters
    ----------
    treated, control
        One row per study, shape (studies, animals): 1 or 0, NaN for an excluded animal.

    Returns
    -------
    tuple of arrays
        Shape (studies,): the sample odds ratio, infinite or NaN where a cell of the table is 0;
        and the two-sided p value, NaN where a group is empty.

    Examples
    --------
    >>> ratio, p_value = share_test(np.array([[1.0, 0, 0, 0]]), np.array([[1.0, 1, 1, 0]]))
    >>> ratio.round(4).tolist(), p_value.round(4).tolist()
    ([0.1111], [0.4857])
    """
    one, two = ((~np.isnan(group)).sum(axis=1) for group in (treated, control))
    own, other = (np.nansum(group, axis=1).astype(np.int64) for group in (treated, control))
    p_value = np.full(len(treated), np.nan)
    tables = np.stack([one, two, own + other], axis=1)
    for first, second, total in np.unique(tables, axis=0).tolist():
        if min(first, second) > 0:
            chosen = (tables == (first, second, total)).all(axis=1)
            p_value[chosen] = _outcomes(first, second, total)[own[chosen] - max(0, total - second)]
    seen, unseen = own * (two - other), (one - own) * other
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.true_divide(seen, unseen)), p_value


def chi_square_test(treated: Floats, control: Floats) -> Floats:
    """Return the chi-square p value of two proportions in each study, without a correction for continuity.

    Parameters
    ----------
    treated, control
        One row per study, shape (studies, animals): 1 or 0, NaN for an excluded animal.

    Returns
    -------
    array
        Shape (studies,): 1 where all animals are alike, NaN where a group is empty.

    Examples
    --------
    >>> chi_square_test(np.array([[1.0, 0, 0, 0]]), np.array([[1.0, 1, 1, 0]])).round(4).tolist()
    [0.1573]
    """
    one, two = ((~np.isnan(group)).sum(axis=1) for group in (treated, control))
    own, other = (np.nansum(group, axis=1) for group in (treated, control))
    seen, both = own + other, one + two
    varies = (seen > 0) & (seen < both) & (one > 0) & (two > 0)
    spread = np.sqrt(np.where(varies, one * two * seen * (both - seen) / np.maximum(both, 1), 1.0))
    p_value = np.where(varies, two_sided((own * two - other * one) / spread), 1.0)
    return np.where((one == 0) | (two == 0), np.nan, p_value)


@lru_cache(maxsize=4096)
def _outcomes(first: int, second: int, total: int) -> Floats:
    """Return the p value of every possible count in the first group, given the total."""
    from scipy.special import gammaln

    own = np.arange(max(0, total - second), min(first, total) + 1)
    weight = np.zeros(len(own))
    for size, seen in ((first, own), (second, total - own)):
        weight -= gammaln(seen + 1) + gammaln(size - seen + 1)
    share = np.exp(weight - weight.max())
    share /= share.sum()
    # Outcomes at most as probable, summed from the smallest.
    order = np.argsort(share, kind="stable")
    added = np.concatenate([[0.0], np.cumsum(share[order])])
    up_to = np.searchsorted(share[order], share * (1.0 + ROUNDING), side="right")
    return np.asarray(np.minimum(added[up_to], 1.0))
