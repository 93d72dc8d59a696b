"""The variance between parameter sets and its uncertainty, against exact distributions and simulations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import ncx2

from eaesim.endpoints.setvariance import SetVariance, paule_mandel

SETS, MANY = 64, 1_000_000


def of(own: np.ndarray, chance: float | np.ndarray, *, free: float = MANY) -> SetVariance:
    own = own[:, None] if own.ndim == 1 else own
    return SetVariance.of(
        own,
        np.broadcast_to(chance, own.shape),
        np.ones(own.shape, dtype=bool),
        free=np.full(own.shape[1], free),
    )


@pytest.mark.parametrize("ratio", [0.8, 1.0, 1.5, 3.0, 20.0])
def test_quantiles_are_those_of_the_noncentral_chi_square(ratio):
    # The sets' values are fixed, so that the squared deviations in units of chance have that distribution.
    own = np.random.default_rng(1).standard_normal(SETS)
    own = (own - own.mean()) / own.std(ddof=1) * np.sqrt(ratio)
    squares, free = ratio * (SETS - 1), SETS - 1

    def plausible(variance: float) -> float:
        """Return how probable fewer squares are, given this variance."""
        return float(ncx2.sf(squares, free, free * max(variance, 1e-12)))

    shares = np.array([0.1, 0.5, 0.9])
    found = of(own, 1.0).quantiles(shares).ravel()
    least = plausible(0.0)
    exact = [
        brentq(lambda v, at=least + share * (1 - least): plausible(v) - at, 0.0, 10 * ratio + 5)
        for share in shares
    ]
    assert found == pytest.approx(exact, rel=0.06, abs=0.08)


def test_the_estimate_is_unbiased_also_where_sets_do_not_differ():
    random = np.random.default_rng(2)
    chance = random.uniform(0.5, 3.0, (SETS, 1)) * np.ones((1, 3_000))
    spread = np.repeat([0.0, 0.5, 3.0], 1_000)
    own = spread * random.standard_normal((SETS, 3_000)) + np.sqrt(chance) * random.standard_normal(
        (SETS, 3_000)
    )
    found = SetVariance.of(own, chance, np.ones(own.shape, dtype=bool), free=np.full(3_000, MANY))
    for place, wanted in enumerate([0.0, 0.25, 9.0]):
        part = slice(1_000 * place, 1_000 * (place + 1))
        assert found.estimate[part].mean() == pytest.approx(wanted, abs=0.03 + 0.02 * wanted)
    # Its own sampling variance, where nothing else varies.
    assert found.noise[:1_000].mean() == pytest.approx(found.estimate[:1_000].var(), rel=0.2)


def test_where_it_is_positive_the_estimate_is_that_of_paule_and_mandel():
    random = np.random.default_rng(3)
    said = random.random((SETS, 40)) < 0.8
    chance = random.uniform(0.2, 2.0, said.shape)
    own = np.where(said, 2.0 * random.standard_normal(said.shape), 0.0)
    found = SetVariance.of(own, chance, said, free=np.full(40, MANY))
    np.testing.assert_allclose(found.estimate, paule_mandel(own, chance, said), rtol=1e-9)


def test_units_and_order_do_not_matter():
    random = np.random.default_rng(4)
    own, chance = random.standard_normal(SETS), random.uniform(0.5, 2.0, (SETS, 1))
    shares = np.linspace(0.05, 0.95, 7)
    found = of(own, chance, free=300).quantiles(shares)
    np.testing.assert_allclose(
        of(1e3 * own, 1e6 * chance, free=300).quantiles(shares), 1e6 * found, rtol=1e-9
    )
    order = random.permutation(SETS)
    np.testing.assert_allclose(of(own[order], chance[order], free=300).quantiles(shares), found, rtol=1e-9)


def test_without_sampling_error_the_variance_is_known_and_alone_a_set_has_none():
    own = np.array([1.0, 2.0, 4.0])
    assert of(own, 0.0).quantiles(np.array([0.01, 0.99])).ravel() == pytest.approx([own.var(ddof=1)] * 2)
    assert of(np.ones(3), 0.0).quantiles(np.array([0.5])).item() == 0.0
    alone = np.array([[True], [False], [False]])
    one = SetVariance.of(own[:, None], np.full((3, 1), 0.5), alone, free=np.array([5]))
    assert one.quantiles(np.array([0.5])).item() == 0.0
