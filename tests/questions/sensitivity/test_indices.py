"""Indices against closed forms: Ishigami, Sobol's G, linear functions and a product."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from eaesim.questions.sensitivity.indices import METHODS, draw, estimate, rank_agreement, ranks

Function = Callable[[np.ndarray], np.ndarray]
ISHIGAMI_A, ISHIGAMI_B = 7.0, 0.1
G = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
WEIGHTS = np.array([4.0, -3.0, 2.0, -1.0, 0.0])


def ishigami(shares: np.ndarray) -> np.ndarray:
    one, two, three = np.moveaxis(np.pi * (2 * shares - 1), -1, 0)
    return np.sin(one) + ISHIGAMI_A * np.sin(two) ** 2 + ISHIGAMI_B * three**4 * np.sin(one)


def ishigami_indices() -> tuple[np.ndarray, np.ndarray]:
    a, b, pi = ISHIGAMI_A, ISHIGAMI_B, np.pi
    first = np.array([0.5 * (1 + b * pi**4 / 5) ** 2, a**2 / 8, 0.0])
    joint = b**2 * pi**8 * (1 / 18 - 1 / 50)  # of the first and the third
    variance = first.sum() + joint
    return first / variance, (first + np.array([joint, 0.0, joint])) / variance


def product_g(shares: np.ndarray) -> np.ndarray:
    return np.prod((np.abs(4 * shares - 2) + G) / (1 + G), axis=-1)


def product_g_indices() -> tuple[np.ndarray, np.ndarray]:
    parts = 1 / 3 / (1 + G) ** 2
    variance = np.prod(1 + parts) - 1
    return parts / variance, parts / (1 + parts) * np.prod(1 + parts) / variance


def linear(shares: np.ndarray) -> np.ndarray:
    return shares @ WEIGHTS


def linear_indices() -> tuple[np.ndarray, np.ndarray]:
    return WEIGHTS**2 / (WEIGHTS**2).sum(), WEIGHTS**2 / (WEIGHTS**2).sum()


CLOSED = [
    (ishigami, ishigami_indices(), 3),
    (product_g, product_g_indices(), 5),
    (linear, linear_indices(), 5),
]


@pytest.mark.parametrize(("function", "closed", "factors"), CLOSED)
def test_sobol_indices_are_those_of_the_closed_form(
    function: Function, closed: tuple[np.ndarray, np.ndarray], factors: int
) -> None:
    points = draw("sobol", factors, size=4096, seed=1)
    found = estimate("sobol", points, function(points), seed=1)
    for name, expected in zip(("S1", "ST"), closed, strict=True):
        assert found[name] == pytest.approx(expected, abs=0.02)
        assert ((found[f"{name}_low"] <= expected) & (expected <= found[f"{name}_high"])).all()


@pytest.mark.parametrize(("function", "closed", "factors"), CLOSED)
def test_a_larger_sample_comes_nearer(
    function: Function, closed: tuple[np.ndarray, np.ndarray], factors: int
) -> None:
    def error(size: int) -> float:
        apart = []
        for seed in range(6):
            points = draw("sobol", factors, size=size, seed=seed)
            apart.append(np.abs(estimate("sobol", points, function(points), seed=1)["ST"] - closed[1]).max())
        return float(np.mean(apart))

    assert error(1024) < 0.5 * error(32)


def test_morris_finds_the_slopes_of_a_linear_function_with_their_signs() -> None:
    points = draw("morris", 5, size=6, seed=3)
    found = estimate("morris", points, linear(points), seed=1)
    assert found["mu"] == pytest.approx(WEIGHTS, abs=1e-12)
    assert found["mu_star"] == pytest.approx(np.abs(WEIGHTS), abs=1e-12)
    assert found["sigma"] == pytest.approx(0, abs=1e-12)
    assert found["mu_star_high"] == pytest.approx(found["mu_star_low"], abs=1e-12)


def test_morris_of_a_product_has_the_spread_of_its_grid() -> None:
    """The effect of one factor is the value of the other: 0, 1/3, 2/3 or 1, each as often."""
    points = draw("morris", 2, size=4000, seed=5)
    found = estimate("morris", points, points.prod(axis=-1), seed=1)
    assert found["mu_star"] == pytest.approx(0.5, abs=0.02)
    assert found["sigma"] == pytest.approx(np.sqrt(5) / 6, abs=0.01)
    width = 2 * 1.96 * np.sqrt(5) / 6 / np.sqrt(4000)
    assert found["mu_star_high"] - found["mu_star_low"] == pytest.approx(width, rel=0.25)


def test_effects_of_either_sign_cancel_in_mu_alone() -> None:
    points = draw("morris", 2, size=2000, seed=2)
    found = estimate("morris", points, (points[..., 0] - 0.5) * (2 * points[..., 1] - 1), seed=1)
    assert abs(found["mu"][0]) < 0.05
    assert found["mu_star"][0] > 0.5


@pytest.mark.parametrize("method", METHODS)
def test_a_factor_that_cannot_matter_comes_out_as_exactly_nothing(method: str) -> None:
    points = draw(method, 5, size=64, seed=1)
    found = estimate(method, points, linear(points) + np.exp(points[..., 0]), seed=1)
    assert all(values[4] == 0 for values in found.values())
    assert all((values[:3] != 0).all() for name, values in found.items() if not name.endswith("low"))


@pytest.mark.parametrize("method", METHODS)
def test_a_smaller_sample_is_the_beginning_of_a_larger_one(method: str) -> None:
    small, large = (draw(method, 4, size=size, seed=9) for size in (16, 64))
    assert (small == large[:16]).all()
    assert (draw(method, 4, size=16, seed=9) == small).all()
    assert (draw(method, 4, size=16, seed=10) != small).any()
    assert ((large >= 0) & (large <= 1)).all()
    assert large.shape == (64, 4 + METHODS[method].extra, 4)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_intervals(method: str, seed: int) -> None:
    points = draw(method, 3, size=16, seed=0)
    one, two = (estimate(method, points, ishigami(points), seed=seed) for _ in range(2))
    assert all((one[name] == two[name]).all() for name in one)


def test_an_output_that_never_varies() -> None:
    points = draw("morris", 3, size=8, seed=1)
    assert all((values == 0).all() for values in estimate("morris", points, np.ones((8, 4)), seed=1).values())
    points = draw("sobol", 3, size=8, seed=1)
    nothing = estimate("sobol", points, np.ones((8, 5)), seed=1)
    assert all(np.isnan(values).all() for values in nothing.values())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [0, 1])
def test_less_than_two_say_nothing(method: str, size: int) -> None:
    points = draw(method, 3, size=8, seed=1)[:size]
    found = estimate(method, points, points.sum(axis=-1), seed=1)
    assert all(np.isnan(values).all() for values in found.values())


@pytest.mark.parametrize("method", METHODS)
def test_one_factor_alone_is_everything(method: str) -> None:
    points = draw(method, 1, size=1024, seed=1)
    found = estimate(method, points, 3 * points[..., 0], seed=1)
    assert found[METHODS[method].leading] == pytest.approx({"morris": 3.0, "sobol": 1.0}[method], rel=0.02)


def test_ranks_share_a_place_and_leave_out_what_is_missing() -> None:
    assert ranks(np.array([1.0, 3.0, 3.0, 0.0])).tolist() == [3, 1, 1, 4]
    assert np.isnan(ranks(np.array([np.nan, np.nan]))).all()


def test_rank_agreement_is_spearmans() -> None:
    from scipy.stats import spearmanr

    random = np.random.default_rng(1)
    for _ in range(20):
        one, two = random.integers(0, 6, (2, 12)).astype(float)
        assert rank_agreement(one, two) == pytest.approx(spearmanr(one, two).statistic)
    assert np.isnan(rank_agreement(np.ones(4), np.arange(4.0)))
