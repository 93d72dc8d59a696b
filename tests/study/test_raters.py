"""Raters' errors: the same for a patient whatever else is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from eaesim.study.raters import draw_rater_errors

VISITS = (0, 91, 182)


def test_a_patient_has_the_same_errors_in_any_crowd() -> None:
    many = draw_rater_errors(50, seed=4, visits=VISITS)
    assert (draw_rater_errors(7, seed=4, visits=VISITS) == many[:7]).all()
    more = draw_rater_errors(50, seed=4, visits=(0, 7, 91, 182, 273))
    assert (more[:, [0, 2, 3]] == many).all()


def test_visits_and_seeds_have_errors_of_their_own() -> None:
    errors = draw_rater_errors(4_000, seed=4, visits=VISITS)
    other = draw_rater_errors(4_000, seed=5, visits=VISITS)
    together = np.hstack([errors, other])
    assert np.abs(np.corrcoef(together.T) - np.eye(6)).max() < 0.06
    assert stats.kstest(errors.ravel(), "norm").pvalue > 0.01
    assert errors.std() == pytest.approx(1.0, abs=0.03)
