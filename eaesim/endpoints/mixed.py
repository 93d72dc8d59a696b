"""Linear mixed model of whole courses: day means, group difference, random intercept per animal."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.statistics import Estimate
from eaesim.endpoints.tests import GroupTest
from eaesim.errors import missing_library

CONFIDENCE = 0.95
FEWEST = 2
# Tolerance of the between-animal variance, relative to the residual variance.
SMALLEST_SHARE = 1e-4
SINGULAR = "the mixed model is singular: no variance between animals beyond that of their readings"


def course_difference(treated: Floats, control: Floats) -> GroupTest:
    """Test whether two groups differ in their daily scores, by a linear mixed model.

    Score = day mean + group difference + random intercept per animal + residual. The animal is the unit of
    analysis, so the difference is tested with a t distribution with (number of animals - 2) degrees of
    freedom. With every animal read on every day this is the t test of their mean scores; in addition,
    animals with missing days are included.

    Parameters
    ----------
    treated, control
        Readings, shape (animals, days); NaN where missing.

    Returns
    -------
    GroupTest
        The statistic is t; the estimate is the difference in score. Where the model cannot be fitted, does
        not converge or is singular, there is a note and no value.

    Raises
    ------
    MissingLibraryError
        If statsmodels is not installed.

    Examples
    --------
    >>> course_difference(np.zeros((3, 4)), np.zeros((3, 4))).note
    'no animal differs from another'
    """
    read = [(~np.isnan(group)).any(axis=1).sum() for group in (treated, control)]
    score = np.concatenate([treated, control])
    animal, day = np.nonzero(~np.isnan(score))
    values = score[animal, day]
    none = (math.nan, math.nan, int(read[0]), int(read[1]))
    if min(read) < FEWEST:
        return GroupTest(*none, f"fewer than {FEWEST} animals in a group")
    known = np.unique(day)
    if all(np.ptp(values[day == each]) == 0 for each in known):
        return GroupTest(*none, "no animal differs from another")
    model = _library()
    design = np.column_stack([day == each for each in known] + [animal < len(treated)]).astype(np.float64)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return GroupTest(*none, "the groups were not read on the same days")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fit = model(values, design, groups=animal).fit(reml=True, method="powell")
            value, error = float(fit.params[design.shape[1] - 1]), float(fit.bse[design.shape[1] - 1])
        except (np.linalg.LinAlgError, ValueError) as failure:
            singular = isinstance(failure, np.linalg.LinAlgError)
            return GroupTest(*none, SINGULAR if singular else "the mixed model could not be fitted")
    # At the boundary (animals of a group do not differ) statsmodels reports any values as converged.
    at_edge = float(fit.cov_re[0, 0]) <= SMALLEST_SHARE * float(fit.scale)
    note = _trouble(caught, at_edge=at_edge)
    if note or not (fit.converged and math.isfinite(value) and math.isfinite(error) and error > 0):
        return GroupTest(*none, note or "the mixed model did not converge")
    return _judged(value, error, int(read[0]), int(read[1]))


def _trouble(caught: list[warnings.WarningMessage], *, at_edge: bool) -> str:
    """Return why a fit gives no value; empty if it does. A retry with another optimiser is accepted."""
    said = [
        " ".join(str(each.message).split())
        for each in caught
        if each.category.__name__ == "ConvergenceWarning" and "Retrying" not in str(each.message)
    ]
    if at_edge or any("boundary" in text or "singular" in text for text in said):
        return SINGULAR
    return f"the mixed model did not converge: {said[0]}" if said else ""


def _judged(value: float, error: float, animals: int, control_animals: int) -> GroupTest:
    from scipy import stats

    freedom = animals + control_animals - 2
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(value / error), freedom))
    estimate = Estimate(value, value - half, value + half)
    return GroupTest(
        value / error, p_value, animals, control_animals, f"t, {freedom} degrees of freedom", estimate
    )


def _library() -> Any:
    try:
        from statsmodels.regression.mixed_linear_model import MixedLM
    except ImportError as error:
        raise missing_library("the mixed model", "statsmodels", extra="laboratory") from error
    return MixedLM
