"""The mixed model: the t test where nothing is missing, and no number where it cannot be fitted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from eaesim.endpoints.mixed import course_difference


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
        (
            np.tile([0.0, 1, 0, 1], (3, 1)),
            np.tile([1.0, 0, 1, 0], (3, 1)),
            "the mixed model did not converge",
        ),
    ],
)
def test_where_it_cannot_be_fitted_there_is_a_note_and_no_number(
    one: np.ndarray, two: np.ndarray, note: str
) -> None:
    found = course_difference(one, two)
    assert found.note == note
    assert np.isnan([found.statistic, found.p_value, found.estimate.value, found.estimate.low]).all()
