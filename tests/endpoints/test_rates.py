"""Rate ratios of the negative binomial: against statsmodels, closed forms, and where there is no effect."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize, special, stats

from eaesim.endpoints.rates import rate_test
from eaesim.errors import QuantityError

TRIALS = 6


def drawn(
    patients: int, mean: float, *, dispersion: float, seed: int, trials: int = TRIALS, unequal: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of relapses of patients whose rates differ, and the years in which they were counted."""
    random = np.random.default_rng(seed)
    years = random.uniform(0.3, 2.0, (trials, patients)) if unequal else np.full((trials, patients), 2.0)
    rate = mean * random.gamma(1.0 / dispersion, dispersion, years.shape)
    return random.poisson(rate * years).astype(float), years


def log_likelihood(count: np.ndarray, expected: np.ndarray, dispersion: float) -> float:
    """Return the log likelihood as a textbook has it, by SciPy's distribution."""
    size = 1.0 / dispersion
    return float(stats.nbinom.logpmf(count, size, size / (size + expected)).sum())


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "dispersion"), [((75, 73), 1.4), ((17, 15), 0.6), ((40, 40), 3.0)])
def test_the_fit_is_that_of_statsmodels(sizes: tuple[int, int], dispersion: float) -> None:
    models = pytest.importorskip("statsmodels.api")
    groups = [
        drawn(size, mean, dispersion=dispersion, seed=size + place)
        for place, (size, mean) in enumerate(zip(sizes, (1.0, 1.6), strict=True))
    ]
    found = rate_test(*groups)
    assert (found.dispersion > 0).all()
    for trial in range(TRIALS):
        count, years = (np.concatenate([group[each][trial] for group in groups]) for each in range(2))
        arm = np.repeat([1.0, 0.0], sizes)
        start = [math.log(count.sum() / years.sum()), 0.0, 1.0]
        both, one = models.add_constant(arm), np.ones((len(arm), 1))
        model = models.NegativeBinomial(count, both, offset=np.log(years))
        fit = model.fit(start_params=start, disp=0, maxiter=200)
        fit = model.fit(start_params=fit.params, method="newton", disp=0)
        null = models.NegativeBinomial(count, one, offset=np.log(years))
        null_fit = null.fit(start_params=[start[0], 1.0], disp=0, maxiter=200)
        null_fit = null.fit(start_params=null_fit.params, method="newton", disp=0)
        assert math.log(found.ratio[trial]) == pytest.approx(fit.params[1], abs=1e-6)
        assert found.dispersion[trial] == pytest.approx(fit.params[2], rel=1e-5)
        p_value = stats.chi2.sf(2.0 * (fit.llf - null_fit.llf), 1)
        assert found.p_value[trial] == pytest.approx(p_value, abs=1e-6)
        # The observed information of statsmodels and the expected one here differ by little.
        assert found.log_error[trial] == pytest.approx(fit.bse[1], rel=0.12)


def test_no_parameters_near_the_estimate_are_likelier() -> None:
    groups = [drawn(30, mean, dispersion=0.8, seed=place) for place, mean in enumerate((0.8, 1.5))]
    found = rate_test(*groups)
    for trial in range(TRIALS):
        count, years = (np.concatenate([group[each][trial] for group in groups]) for each in range(2))
        arm = np.repeat([1.0, 0.0], 30)

        def worse(at: np.ndarray, count=count, years=years, arm=arm) -> float:
            return -log_likelihood(count, years * np.exp(at[0] + at[1] * arm), math.exp(at[2]))

        best = optimize.minimize(worse, [0.0, 0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-7})
        own = [best.x[0], math.log(found.ratio[trial]), math.log(found.dispersion[trial])]
        assert own == pytest.approx(best.x, abs=2e-4)


def test_with_equal_times_the_ratio_is_that_of_the_counts() -> None:
    one, two = (drawn(25, mean, dispersion=1.0, seed=9, unequal=False) for mean in (0.5, 1.5))
    found = rate_test(one, two)
    assert found.ratio == pytest.approx(one[0].sum(axis=1) / two[0].sum(axis=1), rel=1e-12)


def test_counts_that_vary_less_than_poissons_are_poissons() -> None:
    count, years = np.tile([1.0, 2.0], (1, 10)), np.full((1, 20), 2.0)
    found = rate_test((count, years), (count + 1, years))
    assert found.dispersion.tolist() == [0.0]
    assert found.ratio == pytest.approx(30 / 50)
    # Poisson: the variance of a log rate is 1 over the number of events.
    assert found.log_error == pytest.approx(math.sqrt(1 / 30 + 1 / 50))
    expected = 2 * (30 * math.log(30 / 40) + 50 * math.log(50 / 40))
    assert found.p_value == pytest.approx(stats.chi2.sf(expected, 1))


def test_the_groups_and_the_unit_of_time_may_be_exchanged() -> None:
    one, two = (drawn(20, mean, dispersion=1.0, seed=5) for mean in (0.7, 1.5))
    found, swapped = rate_test(one, two), rate_test(two, one)
    assert swapped.ratio == pytest.approx(1 / found.ratio, rel=1e-7)
    assert swapped.p_value == pytest.approx(found.p_value, rel=1e-6)
    in_days = rate_test((one[0], one[1] * 365.25), (two[0], two[1] * 365.25))
    assert in_days.ratio == pytest.approx(found.ratio, rel=1e-7)
    assert in_days.p_value == pytest.approx(found.p_value, rel=1e-6)


def test_a_trial_does_not_depend_on_the_others_and_nan_is_nobody() -> None:
    one, two = (drawn(20, mean, dispersion=1.0, seed=6) for mean in (0.7, 1.5))
    found = rate_test(one, two)
    alone = rate_test((one[0][3:4], one[1][3:4]), (two[0][3:4], two[1][3:4]))
    assert alone.p_value == pytest.approx(found.p_value[3:4], rel=1e-12)
    gap = np.full((TRIALS, 2), np.nan)
    padded = rate_test((np.hstack([gap, one[0]]), np.hstack([gap, one[1]])), two)
    assert padded.p_value == pytest.approx(found.p_value, rel=1e-9)


def test_a_group_without_an_event() -> None:
    years = np.full((1, 12), 1.0)
    some = np.array([[0.0, 1, 0, 3, 0, 0, 2, 0, 0, 1, 5, 0]])
    none = np.zeros((1, 12))
    found = rate_test((none, years), (some, years))
    assert (found.ratio.tolist(), found.log_error.tolist()) == ([0.0], [math.inf])
    assert 0 < found.p_value[0] < 0.05
    swapped = rate_test((some, years), (none, years))
    assert np.isinf(swapped.ratio[0])
    assert swapped.p_value == pytest.approx(found.p_value)
    nothing = rate_test((none, years), (none, years))
    assert np.isnan(nothing.ratio[0])
    assert nothing.p_value.tolist() == [1.0]


def test_one_patient_in_each_group_and_nobody_in_one() -> None:
    found = rate_test((np.array([[2.0]]), np.ones((1, 1))), (np.array([[4.0]]), np.ones((1, 1))))
    assert found.ratio.tolist() == [0.5]
    # Two patients with two rates say nothing of how much patients differ.
    assert np.isnan([found.log_error[0], found.p_value[0]]).all()
    nobody = np.full((1, 3), np.nan)
    empty = rate_test((nobody, nobody), (np.ones((1, 3)), np.ones((1, 3))))
    assert np.isnan([empty.ratio[0], empty.log_error[0], empty.p_value[0]]).all()


def test_one_very_ill_patient_does_not_stop_the_fit() -> None:
    count = np.zeros((1, 30))
    count[0, 0] = 60.0
    found = rate_test((count, np.ones((1, 30))), (np.tile([0.0, 1], (1, 15)), np.ones((1, 30))))
    assert found.ratio == pytest.approx(4.0)
    assert found.dispersion[0] > 5
    assert 0 < found.p_value[0] < 1


@pytest.mark.parametrize("size", [20, 75])
def test_without_an_effect_one_trial_in_twenty_is_significant(size: int) -> None:
    trials = 4_000
    groups = [drawn(size, 1.26, dispersion=1.5, seed=place, trials=trials) for place in (3, 4)]
    p_value = rate_test(*groups).p_value
    # The likelihood ratio is a little liberal in small arms: up to 6.5 % is allowed for.
    assert 0.04 < (p_value < 0.05).mean() < 0.065
    assert (p_value < 0.5).mean() == pytest.approx(0.5, abs=0.03)


def test_estimates_centre_on_the_truth() -> None:
    one, two = (
        drawn(300, mean, dispersion=1.5, seed=seed, trials=300) for mean, seed in ((0.5, 7), (1.0, 8))
    )
    found = rate_test(one, two)
    assert np.log(found.ratio).mean() == pytest.approx(math.log(0.5), abs=0.025)
    assert found.dispersion.mean() == pytest.approx(1.5, abs=0.06)
    assert np.log(found.ratio).std() == pytest.approx(found.log_error.mean(), rel=0.12)


def test_the_likelihood_sums_are_the_gamma_functions() -> None:
    # The product over the numbers below a count replaces the gamma functions of the textbook.
    count, dispersion = np.array([0.0, 1, 2, 7]), 0.7
    by_products = [np.log1p(dispersion * np.arange(1, own)).sum() for own in count]
    by_gamma = special.gammaln(count + 1 / dispersion) - special.gammaln(1 / dispersion)
    assert by_products == pytest.approx(by_gamma + count * math.log(dispersion))


def test_counts_that_are_none_are_refused() -> None:
    ones = np.ones((1, 2))
    for wrong in (np.array([[0.5, 1.0]]), np.array([[-1.0, 1.0]])):
        with pytest.raises(QuantityError, match="whole numbers from 0"):
            rate_test((wrong, ones), (ones, ones))
    with pytest.raises(QuantityError, match="above 0"):
        rate_test((ones, ones * 0), (ones, ones))
