"""Tests of two periods of the same patients: against SciPy and statsmodels, and where there is no effect."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from eaesim.endpoints.paired import mcnemar_test, signed_rank_test


def counts(
    patients: int, *, seed: int, trials: int = 20, apart: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    rate = random.gamma(1.0, 1.0, (trials, patients))
    return random.poisson(rate).astype(float), random.poisson(rate * np.exp(apart)).astype(float)


@pytest.mark.parametrize("patients", [6, 17, 60])
def test_signed_ranks_are_scipys(patients: int) -> None:
    one, two = counts(patients, seed=patients, apart=0.5)
    expected = [
        stats.wilcoxon(a, b, method="asymptotic").pvalue if (a != b).any() else 1.0
        for a, b in zip(one, two, strict=True)
    ]
    assert signed_rank_test(one, two) == pytest.approx(expected, abs=1e-12)
    assert signed_rank_test(two, one) == pytest.approx(expected, abs=1e-12)


def test_mcnemar_is_the_binomial_test_of_those_who_differ() -> None:
    one, two = ((each > 0).astype(float) for each in counts(17, seed=1))
    for trial, p_value in enumerate(mcnemar_test(one, two)):
        up, down = int((one > two)[trial].sum()), int((one < two)[trial].sum())
        expected = stats.binomtest(up, up + down).pvalue if up + down else 1.0
        assert p_value == pytest.approx(expected)


def test_patients_read_once_are_left_out() -> None:
    one, two = counts(12, seed=2)
    gap = np.full((20, 3), np.nan)
    padded = np.hstack([one, gap, one[:, :3]]), np.hstack([two, two[:, :3], gap])
    assert signed_rank_test(*padded) == pytest.approx(signed_rank_test(one, two))
    shares = (one > 0).astype(float), (two > 0).astype(float)
    padded = np.hstack([shares[0], gap]), np.hstack([shares[1], shares[1][:, :3]])
    assert mcnemar_test(*padded) == pytest.approx(mcnemar_test(*shares))
    assert np.isnan(signed_rank_test(gap, gap)).all()
    assert np.isnan(mcnemar_test(gap, gap)).all()


def test_no_difference_and_one_patient() -> None:
    same = np.ones((2, 5))
    assert signed_rank_test(same, same).tolist() == [1.0, 1.0]
    assert mcnemar_test(same, same).tolist() == [1.0, 1.0]
    assert mcnemar_test(np.array([[1.0]]), np.array([[0.0]])).tolist() == [1.0]
    assert signed_rank_test(np.array([[1.0]]), np.array([[0.0]])) == pytest.approx(2 * stats.norm.sf(1.0))


def test_without_an_effect_few_trials_are_significant() -> None:
    one, two = counts(17, seed=3, trials=6_000)
    assert 0.035 < (signed_rank_test(one, two) < 0.05).mean() < 0.06
    # Exact and of few patients who differ: it never exceeds its size, and is far below.
    assert (mcnemar_test((one > 0).astype(float), (two > 0).astype(float)) < 0.05).mean() < 0.05
