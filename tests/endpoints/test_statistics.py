"""Means, paired differences and effects with their bootstrap intervals."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints import difference, effect, mean
from eaesim.endpoints.statistics import share

Z = 1.959964  # 97.5 % of a standard normal


def interval(estimate):
    return np.array([estimate.low, estimate.high])


def normal(size, seed=1, centre=3.0):
    return np.random.default_rng(seed).normal(centre, 1.0, size)


def test_the_interval_of_a_mean_of_normal_draws_is_the_textbooks():
    values = normal(400)
    error = values.std() / 20
    estimate = mean(values, seed=3)
    assert estimate.value == pytest.approx(values.mean(), rel=1e-12)
    # A quantile at 2.5 % of 2,000 resamples is off by 6 % of a standard error.
    assert interval(estimate) == pytest.approx(values.mean() + np.array([-Z, Z]) * error, abs=0.25 * error)


@pytest.mark.slow
def test_the_interval_covers_the_truth_as_often_as_it_says():
    hits = [
        estimate.low <= 3.0 <= estimate.high
        for estimate in (mean(normal(50, seed=[7, number]), seed=number) for number in range(300))
    ]
    # 95 % less the known shortfall of a percentile interval at n = 50; binomial error 1.3 %.
    assert 0.90 <= np.mean(hits) <= 0.985


def test_the_interval_of_a_paired_difference_is_that_of_the_differences():
    control = normal(300)
    treated = control - 0.5 + 0.1 * normal(300, seed=2, centre=0.0)
    apart = treated - control
    error = apart.std() / np.sqrt(300)
    estimate = difference(treated, control, seed=3)
    assert estimate.value == pytest.approx(apart.mean(), abs=1e-12)
    assert interval(estimate) == pytest.approx(apart.mean() + np.array([-Z, Z]) * error, abs=0.25 * error)


def test_pairs_narrow_the_interval():
    control = normal(200)
    treated = control - 1 + 0.2 * normal(200, seed=2, centre=0.0)
    broken = np.random.default_rng(4).permutation(treated)
    for statistic in (difference, effect):
        paired, unpaired = statistic(treated, control, seed=3), statistic(broken, control, seed=3)
        assert paired.value == pytest.approx(unpaired.value, abs=1e-12)
        assert paired.high - paired.low < 0.4 * (unpaired.high - unpaired.low)


def test_a_difference_that_is_the_same_in_every_rat_has_no_width():
    control = np.arange(20.0)
    estimate = difference(control + 2, control, seed=1)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((2, 2, 2), abs=1e-12)


def test_an_arm_compared_with_itself_shows_nothing():
    values = normal(30)
    for estimate in (difference(values, values, seed=1), effect(values, values, seed=1)):
        assert (estimate.value, estimate.low, estimate.high) == (0, 0, 0)


def test_an_effect_is_one_less_the_ratio_of_the_means():
    treated, control = np.array([0.0, 1, 2]), np.array([2.0, 4, 6])
    assert effect(treated, control, seed=1).value == 0.75
    # Not the mean of the ratios of the rats, which would be 0.7222.
    assert effect(2 * control, control, seed=1).value == -1


def test_the_interval_of_an_effect_is_the_delta_methods():
    control = normal(500, centre=3.0)
    treated = 0.4 * control + 0.3 * normal(500, seed=2, centre=0.0)
    ratio = treated.mean() / control.mean()
    error = (treated - ratio * control).std() / control.mean() / np.sqrt(500)
    estimate = effect(treated, control, seed=3)
    assert interval(estimate) == pytest.approx(1 - ratio + np.array([-Z, Z]) * error, abs=0.3 * error)


def test_no_effect_where_the_control_is_zero():
    estimate = effect(np.array([0.0, 1, 2]), np.zeros(3), seed=1)
    assert np.isnan([estimate.value, estimate.low, estimate.high]).all()


def test_resamples_without_a_control_are_left_out_of_the_interval():
    # One rat in twenty carries the control: 36 % of the resamples have a mean of 0.
    treated, control = np.zeros(20), np.zeros(20)
    treated[3], control[3] = 1, 4
    estimate = effect(treated, control, seed=1)
    assert (estimate.value, estimate.low, estimate.high) == (0.75, 0.75, 0.75)


def test_rats_without_a_value_are_left_out_and_nothing_else():
    values = np.array([1.0, np.nan, 3.0, np.nan])
    assert mean(values, seed=1).value == 2
    many = np.tile(values, 20)
    assert 1 <= mean(many, seed=1).low <= mean(many, seed=1).high <= 3
    # A rat that fell ill in one arm only is no pair: it would be 15 - 11.
    found = difference(np.array([12.0, np.nan, 18]), np.array([10.0, 11, 12]), seed=1)
    assert found.value == 4
    assert effect(np.array([1.0, 2, np.nan]), np.array([4.0, np.nan, 9]), seed=1).value == 0.75


@pytest.mark.parametrize("values", [[], [np.nan], [np.nan, np.nan, np.nan]])
def test_nothing_gives_nothing(values):
    given = np.array(values, dtype=float)
    for estimate in (mean(given, seed=1), difference(given, given, seed=1), effect(given, given, seed=1)):
        assert np.isnan([estimate.value, estimate.low, estimate.high]).all()


def test_one_rat_has_a_value_and_no_interval():
    estimate = mean(np.array([2.0]), seed=1)
    assert estimate.value == 2
    assert np.isnan(interval(estimate)).all()


def test_the_order_of_the_rats_does_not_matter_to_the_value():
    control, treated = normal(50), normal(50, seed=2)
    order = np.random.default_rng(5).permutation(50)
    for statistic in (difference, effect):
        given, mixed = statistic(treated, control, seed=1), statistic(treated[order], control[order], seed=1)
        assert given.value == pytest.approx(mixed.value, rel=1e-12)
        assert interval(given) == pytest.approx(interval(mixed), abs=0.05)


def test_the_same_seed_gives_the_same_interval_and_another_a_near_one():
    values = normal(60)
    first, again, other = mean(values, seed=1), mean(values, seed=1), mean(values, seed=2)
    assert first == again
    assert first != other
    assert interval(first) == pytest.approx(interval(other), abs=0.05)


@pytest.mark.parametrize("animals", [30, 100, 320, 5_000])
def test_an_effect_without_a_single_death_is_not_certain(animals):
    control = (np.arange(animals) % 5 == 0).astype(float)
    found = effect(np.zeros(animals), control, seed=1)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(1 - share(np.zeros(animals)).high / control.mean())


@pytest.mark.slow
def test_the_interval_of_a_rare_death_holds_the_truth():
    random, covered = np.random.default_rng(3), []
    for draw in range(300):
        control = (random.random(60) < 0.5).astype(float)
        treated = (random.random(60) < 0.02).astype(float)
        found = effect(treated, control, seed=draw)
        covered.append(found.low <= 1 - 0.02 / 0.5 <= found.high)
    assert np.mean(covered) > 0.9


def test_only_a_column_without_anything_is_widened():
    random = np.random.default_rng(4)
    control = random.random((50, 2)) + 1
    treated = np.column_stack([np.zeros(50), random.random(50)])
    found, alone = effect(treated, control, seed=1), effect(treated[:, 1], control[:, 1], seed=1)
    assert found.low[1] == pytest.approx(alone.low)
    assert found.low[0] == pytest.approx(1 - share(np.zeros(50)).high)
