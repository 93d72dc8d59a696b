"""Information about explanations: limits, invariances, and a Monte Carlo estimate of the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from eaesim.questions.discriminate.result import animals_needed, information, recognised

RANDOM = np.random.default_rng(3)
MEANS, SPREADS = RANDOM.normal(0, 2, (4, 6)), RANDOM.uniform(0.3, 1.5, (4, 6))
EVEN = np.ones(4)


def test_identical_explanations_cannot_be_told_apart():
    means, spreads = np.tile(MEANS[0], (3, 1)), np.tile(SPREADS[0], (3, 1))
    assert information(means, spreads, np.ones(3)) == pytest.approx(0, abs=1e-9)
    assert recognised(means, spreads) == pytest.approx(1 / 3, abs=1e-9)


@pytest.mark.parametrize("count", [2, 3, 8])
def test_explanations_far_apart_are_known_in_full(count):
    means, spreads = 100.0 * np.arange(count)[:, None] + np.zeros((count, 5)), np.ones((count, 5))
    assert information(means, spreads, np.ones(count)) == pytest.approx(np.log2(count), abs=1e-9)
    assert recognised(means, spreads) == pytest.approx(1, abs=1e-9)


def test_a_prior_bounds_what_there_is_to_know():
    means, spreads = np.array([[0.0], [100.0]]), np.ones((2, 1))
    entropy = -(0.9 * np.log2(0.9) + 0.1 * np.log2(0.1))
    assert information(means, spreads, np.array([9.0, 1.0])) == pytest.approx(entropy, abs=1e-9)


def test_information_grows_with_animals_and_stays_below_its_bound():
    found = [information(MEANS, SPREADS / np.sqrt(animals), EVEN) for animals in (1, 5, 10, 20, 1000)]
    assert (np.diff(found) > 0).all()
    assert found[0] > 0
    assert found[-1] <= 2


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_neither_order_nor_unit_nor_shift_matters(scale):
    expected, prior = information(MEANS, SPREADS, EVEN + np.arange(4)), EVEN + np.arange(4)
    order = [2, 0, 3, 1]
    found = information(scale * MEANS[order] + 7, scale * SPREADS[order], prior[order])
    assert found == pytest.approx(expected, abs=1e-9)


def test_quadrature_agrees_with_monte_carlo():
    random, draws = np.random.default_rng(5), 40_000
    which, member = random.integers(0, 4, draws), random.integers(0, 6, draws)
    seen = MEANS[which, member] + SPREADS[which, member] * random.standard_normal(draws)
    density = norm.pdf(seen[:, None, None], MEANS, SPREADS).mean(axis=2)
    own = density[np.arange(draws), which]
    bits, known = np.log2(own / density.mean(axis=1)), own / density.sum(axis=1)
    for estimate, exact in ((bits, information(MEANS, SPREADS, EVEN)), (known, recognised(MEANS, SPREADS))):
        assert abs(estimate.mean() - exact) < 4 * estimate.std() / np.sqrt(draws)


def test_animals_needed_is_the_first_number_that_suffices():
    differences, variances = np.array([[0.0], [1.0]]), np.full((2, 1), 2.0)
    needed = int(animals_needed(differences, variances))
    assert recognised(differences, np.sqrt(variances / needed)) > 0.8
    assert recognised(differences, np.sqrt(variances / (needed - 1))) <= 0.8
    assert animals_needed(differences, variances, sure=0.9) > needed
    assert np.isnan(animals_needed(0.1 * differences, variances))
