"""The mixed model: the t test where nothing is missing, and no number where it cannot be fitted."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from eaesim.endpoints.mixed import SINGULAR, course_difference


def courses(animals: int, shift: float, seed: int) -> np.ndarray:
    """Return courses with a mean of the day, a level of the animal, and noise."""
    random = np.random.default_rng(seed)
    level = random.normal(shift, 1, (animals, 1))
    return level + np.sin(np.arange(8)) + random.normal(0, 0.5, (animals, 8))


def test_with_every_reading_it_is_the_t_test_of_mean_scores() -> None:
    one, two = courses(6, 0, 1), courses(8, 1, 2)
    found = course_difference(one, two)
    expected = stats.ttest_ind(one.mean(axis=1), two.mean(axis=1))
    interval = expected.confidence_interval()
    assert found.statistic == pytest.approx(expected.statistic, rel=2e-3)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-2)
    assert found.estimate.value == pytest.approx(one.mean() - two.mean(), abs=1e-4)
    assert (found.estimate.low, found.estimate.high) == pytest.approx((interval.low, interval.high), rel=5e-3)
    assert found.note == "t, 12 degrees of freedom"


def test_animals_with_missing_days_take_part() -> None:
    one, two = courses(6, 0, 1), courses(6, 3, 2)
    one[0, 3:] = np.nan
    found = course_difference(one, two)
    assert found.animals == 6
    assert found.p_value < 0.01
    assert found.estimate.value == pytest.approx(-3, abs=1.2)


def test_groups_that_swap_change_the_sign_only() -> None:
    one, two = courses(5, 0, 3), courses(5, 1, 4)
    found, swapped = course_difference(one, two), course_difference(two, one)
    assert swapped.statistic == pytest.approx(-found.statistic, rel=1e-3)


@pytest.mark.parametrize(
    ("one", "two", "note"),
    [
        (np.zeros((3, 4)), np.zeros((3, 4)), "no animal differs from another"),
        (np.ones((1, 4)), np.zeros((3, 4)), "fewer than 2 animals in a group"),
        (np.full((3, 4), np.nan), np.zeros((3, 4)), "fewer than 2 animals in a group"),
        (
            np.array([[0, 1, np.nan, np.nan], [1, 0, np.nan, np.nan]]),
            np.array([[np.nan, np.nan, 1, 1], [np.nan, np.nan, 0, 1]]),
            "the groups were not read on the same days",
        ),
        # Animals of a group that do not differ: the variance between animals is 0.
        (np.tile([0.0, 1, 0, 1], (3, 1)), np.tile([1.0, 0, 1, 0], (3, 1)), SINGULAR),
    ],
)
def test_where_it_cannot_be_fitted_there_is_a_note_and_no_number(
    one: np.ndarray, two: np.ndarray, note: str
) -> None:
    found = course_difference(one, two)
    assert found.note == note
    assert np.isnan([found.statistic, found.p_value, found.estimate.value, found.estimate.low]).all()


def test_where_animals_do_not_differ_it_is_singular_and_never_a_p_value() -> None:
    """Readings that scatter about nothing: either the fit is inside, or it says what it is at its edge."""
    notes = []
    for seed in range(24):
        one, two = np.random.default_rng([seed, 5]).normal(0, 0.5, (2, 4, 8))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = course_difference(one, two)
        notes.append(found.note)
        assert np.isnan(found.p_value) == (found.note != "t, 6 degrees of freedom")
    assert notes.count(SINGULAR) > 6
    assert "singular" in SINGULAR


def test_what_the_fit_warns_of_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    own = MixedLM.fit

    def warned(text: str) -> object:
        def fit(*given: object, **named: object) -> object:
            warnings.warn(text, ConvergenceWarning, stacklevel=1)
            return own(*given, **named)

        return fit

    pair = courses(5, 0, 3), courses(5, 1, 4)
    assert np.isfinite(course_difference(*pair).p_value)
    monkeypatch.setattr(MixedLM, "fit", warned("Gradient optimization failed."))
    found = course_difference(*pair)
    assert found.note == "the mixed model did not converge: Gradient optimization failed."
    assert np.isnan(found.p_value)
    monkeypatch.setattr(MixedLM, "fit", warned("Retrying MixedLM optimization with lbfgs"))
    assert np.isfinite(course_difference(*pair).p_value)
