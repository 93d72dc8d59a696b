"""Tests of counts from tables: the same numbers as the tests of single patients give."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints.counttables import draw_tables, rank_test_of_tables, rate_test_of_tables
from eaesim.endpoints.ranks import rank_test
from eaesim.endpoints.rates import rate_test
from eaesim.errors import QuantityError

RANDOM = np.random.default_rng(5)
SIZES = (60, 45)


def spread_out(table: np.ndarray) -> np.ndarray:
    return np.array([np.repeat(np.arange(table.shape[1]), row) for row in table], dtype=float)


def tables(mean: float, size: int, shape: float = 0.8, trials: int = 40) -> np.ndarray:
    pool = RANDOM.poisson(mean * RANDOM.gamma(shape, 1 / shape, 4000))
    return draw_tables(pool, size, trials, most=60, random=RANDOM)


@pytest.mark.parametrize("shape", [0.4, 1.3, 500.0])
def test_both_tests_are_those_of_single_patients(shape: float) -> None:
    one, two = (tables(mean, size, shape) for mean, size in zip((0.6, 1.2), SIZES, strict=True))
    counts = [spread_out(each) for each in (one, two)]
    single = rate_test(*((each, np.ones_like(each)) for each in counts))
    found = rate_test_of_tables(one, two)
    np.testing.assert_allclose(found.ratio, single.ratio, rtol=1e-12)
    np.testing.assert_allclose(found.p_value, single.p_value, atol=1e-6)
    np.testing.assert_allclose(found.log_error, single.log_error, rtol=1e-5)
    ranks = rank_test_of_tables(one, two)
    np.testing.assert_allclose(ranks.p_value, rank_test(*counts)[1], rtol=1e-12)
    assert (ranks.ratio == found.ratio).all()


def test_turning_the_arms_round_turns_the_ratio_and_keeps_the_p_value() -> None:
    one, two = tables(0.5, 60), tables(0.9, 60)
    for test in (rank_test_of_tables, rate_test_of_tables):
        there, back = test(one, two), test(two, one)
        np.testing.assert_allclose(there.ratio * back.ratio, 1.0)
        np.testing.assert_allclose(there.p_value, back.p_value, rtol=1e-9)


@pytest.mark.parametrize("test", [rank_test_of_tables, rate_test_of_tables])
def test_a_test_holds_its_size_where_arms_are_alike(test: object) -> None:
    one, two = tables(0.8, 100, trials=4000), tables(0.8, 100, trials=4000)
    share = float((test(one, two).p_value < 0.05).mean())  # type: ignore[operator]
    # The pools of both arms are drawn apart, which adds a little; standard error 0.0035.
    assert 0.035 < share < 0.07


def test_an_arm_without_an_event_has_a_p_value_and_no_finite_error() -> None:
    one, two = np.array([[50, 0, 0]]), np.array([[30, 15, 5]])
    found = rate_test_of_tables(one, two)
    assert found.ratio[0] == 0
    assert np.isinf(found.log_error[0])
    assert found.p_value[0] < 1e-6
    same = rate_test_of_tables(one, one)
    assert same.p_value[0] == 1


def test_drawn_arms_have_the_pool_s_shares() -> None:
    pool = np.array([0, 0, 0, 1, 1, 4])
    drawn = draw_tables(pool, 600, 2000, most=5, random=np.random.default_rng(2))
    assert (drawn.sum(axis=1) == 600).all()
    np.testing.assert_allclose(drawn.mean(axis=0), [300, 200, 0, 0, 100, 0], atol=1.5)


@pytest.mark.parametrize(
    ("size", "trials", "most"), [(0, 10, 5), (10, 0, 5), (10, 10, 1)], ids=["no arm", "no trial", "too many"]
)
def test_bad_input_is_one_line(size: int, trials: int, most: int) -> None:
    with pytest.raises(QuantityError, match=r"give 1 or more|ends at 1") as caught:
        draw_tables(np.array([0, 2]), size, trials, most=most, random=np.random.default_rng(1))
    assert "\n" not in str(caught.value)
