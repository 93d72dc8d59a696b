"""The whole course of a typical study, by an ordinal model: once a data set, outside the fast tests."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import missing_library
from eaesim.files import Content

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.questions.power.result import PowerResult

_NONE = {"odds_ratio": math.nan, "low": math.nan, "high": math.nan, "p_value": math.nan}


def course_table(result: PowerResult) -> pd.DataFrame:
    """Return the ordinal model of one typical study for every arm: the columns of ``course.csv``.

    Typical is the study whose p value of the first endpoint is nearest to the median, with the chosen number
    of animals. `odds_ratio` is that of a higher score on any day, treated against control.

    Parameters
    ----------
    result
        Result of a power analysis.

    Raises
    ------
    MissingLibraryError
        If statsmodels is not installed.
    """
    import pandas as pd

    plan, rows = result.plan, []
    for arm in plan.arms:
        p_values = result.trials.p_values(arm, plan.endpoints[0], result.chosen)
        p_values = np.nan_to_num(p_values, nan=1.0)
        study = int(np.abs(p_values - np.median(p_values)).argmin())
        treated, control = (_scores(result, name, study) for name in (arm, plan.control))
        rows.append(
            {"arm": arm, "animals": result.chosen, "study": study, **ordinal_difference(treated, control)}
        )
    return pd.DataFrame(rows)


def _scores(result: PowerResult, arm: str, study: int) -> Floats:
    """Return the daily scores that were read of an arm of a study, NaN after an animal was lost."""
    pool = result.trials.pool
    drawn = pool.draw(arm, result.chosen)
    score = pool.result.scores(arm)[drawn.rat[study]]
    return np.where(np.arange(score.shape[1]) <= drawn.last[study][:, None], score, np.nan)


def ordinal_difference(treated: Floats, control: Floats) -> dict[str, Content]:
    """Fit cumulative odds of the daily score: group, day and its square; animals are what varies.

    Generalised estimating equations with independence within an animal and a robust error, judged by a t
    distribution with two degrees of freedom less than there are animals.

    Parameters
    ----------
    treated, control
        Daily scores, shape (animals, days), NaN where none was read.

    Returns
    -------
    dict
        ``odds_ratio`` with ``low``, ``high`` and ``p_value``, and a ``note`` where there is no number.

    Raises
    ------
    MissingLibraryError
        If statsmodels is not installed.

    Examples
    --------
    >>> ordinal_difference(np.zeros((3, 4)), np.zeros((3, 4)))["note"]
    'a group has no signs: its odds are not finite'
    """
    if not all((group >= 1).any() for group in (treated, control)):
        return _NONE | {"note": "a group has no signs: its odds are not finite"}
    score = np.concatenate([treated, control])
    ill = np.nonzero((score >= 1).any(axis=0))[0]
    # Days on which nobody is ill tell nothing of the odds.
    animal, day = np.nonzero(~np.isnan(score[:, ill[0] : ill[-1] + 1]))
    values = score[:, ill[0] : ill[-1] + 1][animal, day]
    levels = np.searchsorted(np.unique(values), values)
    middle = (day - day.mean()) / max(float(day.std()), 1.0)
    design = np.column_stack([animal < len(treated), middle, middle**2]).astype(np.float64)
    try:
        from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE
    except ImportError as missing:
        raise missing_library("the ordinal model", "statsmodels", extra="laboratory") from missing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not converge is read from the fit
        try:
            fit = OrdinalGEE(levels, design, groups=animal).fit()
            value, error = float(np.asarray(fit.params)[-3]), float(np.asarray(fit.bse)[-3])
        except (np.linalg.LinAlgError, ValueError, IndexError, FloatingPointError):
            return _NONE | {"note": "the ordinal model could not be fitted"}
    if not (fit.converged and math.isfinite(value) and math.isfinite(error) and error > 0):
        return _NONE | {"note": "the ordinal model did not converge"}
    return _judged(value, error, len(score))


def _judged(value: float, error: float, animals: int) -> dict[str, Content]:
    from scipy import stats

    half = float(stats.t.ppf(0.975, animals - 2)) * error
    return {
        "odds_ratio": math.exp(value),
        "low": math.exp(value - half),
        "high": math.exp(value + half),
        "p_value": 2 * float(stats.t.sf(abs(value / error), animals - 2)),
        "note": "",
    }
