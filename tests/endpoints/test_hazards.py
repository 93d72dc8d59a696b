"""Hazard ratios and median times: against statsmodels, closed forms and a textbook's trial."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from eaesim.endpoints.hazards import hazard_ratio, median_time, share_with_event
from eaesim.endpoints.times import event_free, time_test

# Freireich 1963: weeks in remission of leukaemia, 6-mercaptopurine against placebo.
TREATED = np.array([[6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35.0]])
SEEN = np.arange(21)[None] < 9
PLACEBO = np.array([[1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23.0]])
ALL = np.ones((1, 21), dtype=bool)


def drawn(patients: int, mean: float, *, seed: int, trials: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return times to an event on whole days, some of them censored."""
    random = np.random.default_rng(seed)
    time = np.ceil(random.exponential(mean, (trials, patients)))
    lost = random.integers(5, 40, time.shape)
    return np.minimum(time, lost).astype(float), time <= lost


def test_the_leukaemia_trial() -> None:
    ratio, log_error = hazard_ratio((TREATED, SEEN), (PLACEBO, ALL))
    # R's coxph, with Efron's ties, gives 1.5721 and 0.4124.
    assert math.log(ratio[0]) == pytest.approx(-1.5721, abs=1e-4)
    assert log_error[0] == pytest.approx(0.4124, abs=1e-4)
    assert median_time((TREATED, SEEN)).tolist() == [23.0]
    assert median_time((PLACEBO, ALL)).tolist() == [8.0]


@pytest.mark.parametrize("sizes", [(75, 73), (17, 15), (160, 160), (2, 9)])
def test_the_ratio_is_that_of_statsmodels(sizes: tuple[int, int]) -> None:
    regression = pytest.importorskip("statsmodels.duration.hazard_regression")
    one, two = drawn(sizes[0], 30.0, seed=1), drawn(sizes[1], 15.0, seed=2)
    ratio, log_error = hazard_ratio(one, two)
    arm = np.repeat([1.0, 0.0], sizes)[:, None]
    compared = 0
    for trial in np.flatnonzero(np.isfinite(log_error)):
        time, seen = (np.concatenate([group[each][trial] for group in (one, two)]) for each in range(2))
        fit = regression.PHReg(time, arm, status=seen.astype(int), ties="efron").fit()
        assert math.log(ratio[trial]) == pytest.approx(fit.params[0], abs=1e-6)
        assert log_error[trial] == pytest.approx(fit.bse[0], rel=1e-6)
        compared += 1
    assert compared >= 3


def test_groups_may_be_exchanged_and_the_unit_of_time_changed() -> None:
    one, two = drawn(30, 30.0, seed=3), drawn(20, 15.0, seed=4)
    ratio = hazard_ratio(one, two)[0]
    assert hazard_ratio(two, one)[0] == pytest.approx(1 / ratio)
    assert hazard_ratio((one[0] * 7, one[1]), (two[0] * 7, two[1]))[0] == pytest.approx(ratio, rel=1e-12)


def test_nobody_is_nan_and_changes_nothing() -> None:
    one, two = drawn(30, 30.0, seed=3), drawn(20, 15.0, seed=4)
    gap = np.full((8, 2), np.nan)
    padded = np.hstack([gap, one[0]]), np.hstack([gap > 0, one[1]])
    assert hazard_ratio(padded, two)[0] == pytest.approx(hazard_ratio(one, two)[0], rel=1e-12)
    assert median_time(padded).tolist() == median_time(one).tolist()
    assert share_with_event(padded) == pytest.approx(share_with_event(one))
    nobody = gap, gap > 0
    assert np.isnan(hazard_ratio(nobody, two)[0]).all()
    assert np.isnan(median_time(nobody)).all()
    assert np.isnan(share_with_event(nobody)).all()


def test_without_events_in_a_group_the_ratio_has_an_end_of_its_range() -> None:
    never, early = (
        (np.full((1, 6), 20.0), np.zeros((1, 6), bool)),
        (np.full((1, 6), 5.0), np.ones((1, 6), bool)),
    )
    assert hazard_ratio(never, early)[0].tolist() == [0.0]
    assert np.isposinf(hazard_ratio(early, never)[0]).all()
    assert np.isnan(hazard_ratio(never, never)[0]).all()
    # The treated are all lost before the first event: nothing is known.
    lost = np.full((1, 6), 2.0), np.zeros((1, 6), bool)
    assert np.isnan(hazard_ratio(lost, early)[0]).all()
    for one, two in ((never, early), (early, never), (never, never)):
        assert np.isnan(hazard_ratio(one, two)[1]).all()


def test_one_patient_in_each_group() -> None:
    ratio, _ = hazard_ratio((np.array([[1.0]]), np.array([[True]])), (np.array([[2.0]]), np.array([[True]])))
    assert np.isposinf(ratio[0])


def test_the_estimate_centres_on_the_truth_and_agrees_with_the_log_rank_test() -> None:
    random = np.random.default_rng(5)
    one, two = (np.minimum(random.exponential(mean, (400, 150)), 60.0) for mean in (80.0, 40.0))
    ratio, log_error = hazard_ratio((one, one < 60), (two, two < 60))
    assert np.log(ratio).mean() == pytest.approx(math.log(0.5), abs=0.03)
    assert np.log(ratio).std() == pytest.approx(log_error.mean(), rel=0.12)
    statistic, p_value, _ = time_test((one, one < 60), (two, two < 60))
    assert (np.sign(statistic) == np.sign(np.log(ratio))).all()
    wald = 2 * stats.norm.sf(np.abs(np.log(ratio)) / log_error)
    assert np.corrcoef(np.log(wald), np.log(p_value))[0, 1] > 0.99


def test_medians_and_shares_are_kaplan_and_meiers() -> None:
    time, seen = drawn(25, 20.0, seed=6)
    median, share = median_time((time, seen)), share_with_event((time, seen))
    for trial in range(len(time)):
        days, free = event_free(time[trial], seen[trial])
        reached = days[free.value <= 0.5 + 1e-12]
        assert median[trial] == (reached[0] if len(reached) else np.inf)
        assert share[trial] == pytest.approx(1 - free.value[-1])
    assert np.isfinite(median).any()


def test_without_losses_the_share_is_the_one_counted() -> None:
    time = np.array([[10.0, 730, 30, 730, 730]])
    assert share_with_event((time, time < 730)) == pytest.approx(0.4)
    assert median_time((time, time < 730)).tolist() == [np.inf]
