"""Tests of the same patients in both periods of a crossover, for one trial or many at once."""

from __future__ import annotations

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.permutations import two_sided
from eaesim.endpoints.ranks import runs


def signed_rank_test(treated: Floats, control: Floats) -> Floats:
    """Return Wilcoxon's signed-rank p value in each trial, two-sided, by the normal approximation.

    Patients without a difference are left out, and the variance is corrected for ties.

    Parameters
    ----------
    treated, control
        Shape (trials, patients), the same patients in the same order; one with NaN in either is left out.

    Returns
    -------
    array
        Shape (trials,): 1 where no patient differs, NaN where there is no patient.

    Examples
    --------
    >>> signed_rank_test(np.array([[0.0, 1, 0, 2]]), np.array([[2.0, 2, 3, 2]])).round(4).tolist()
    [0.1088]
    """
    apart = treated - control
    size = np.where((apart == 0) | np.isnan(apart), np.nan, np.abs(apart))
    order = np.argsort(size, axis=1, kind="stable")
    begin, end = runs(np.take_along_axis(size, order, axis=1))
    known = np.arange(apart.shape[1]) < (~np.isnan(size)).sum(axis=1)[:, None]
    rank = np.where(known, 0.5 * (begin + end) + 1.0, 0.0)
    sign = np.where(known, np.sign(np.take_along_axis(apart, order, axis=1)), 0.0)
    variance = (rank**2).sum(axis=1)
    p_value = two_sided((sign * rank).sum(axis=1) / np.sqrt(np.where(variance > 0, variance, 1.0)))
    return np.where(np.isnan(apart).all(axis=1), np.nan, p_value)


def mcnemar_test(treated: Floats, control: Floats) -> Floats:
    """Return McNemar's exact p value of two proportions of the same patients in each trial, two-sided.

    Parameters
    ----------
    treated, control
        Shape (trials, patients): 1 or 0, the same patients in the same order; a patient with NaN in either is
        left out.

    Returns
    -------
    array
        Shape (trials,): 1 where no patient differs, NaN where there is no patient.

    Examples
    --------
    >>> mcnemar_test(np.array([[1.0, 1, 1, 1, 1, 0]]), np.array([[0.0, 0, 0, 0, 0, 0]])).tolist()
    [0.0625]
    """
    from scipy.special import bdtr

    apart = treated - control
    up, down = (apart > 0).sum(axis=1), (apart < 0).sum(axis=1)
    p_value = np.minimum(2.0 * bdtr(np.minimum(up, down).astype(np.float64), up + down, 0.5), 1.0)
    return np.where(np.isnan(apart).all(axis=1), np.nan, p_value)
