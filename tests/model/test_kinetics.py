from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.model.kinetics import braking, grading, inhibition, saturation

AMOUNTS = st.floats(0, 1e6)
HALVES = st.floats(1e-3, 1e6)


@given(AMOUNTS, HALVES)
def test_a_saturation_and_its_brake_make_one(amount: float, half: float) -> None:
    assert saturation(amount, half) + braking(amount, half) == pytest.approx(1.0)
    assert 0.0 <= saturation(amount, half) <= 1.0


@given(HALVES)
def test_half_is_half(half: float) -> None:
    assert saturation(half, half) == braking(half, half) == 0.5
    assert inhibition(half, 1.0 / half) == pytest.approx(0.5)


@given(AMOUNTS, HALVES, st.floats(0, 1))
def test_an_exponent_from_2_to_1_keeps_the_half_and_the_order(
    amount: float, half: float, linearity: float
) -> None:
    assert grading(half, half, linearity) == pytest.approx(0.5)
    assert inhibition(1.0, 1.0, linearity=linearity) == pytest.approx(0.5)
    square, plain = grading(amount, half, 0.0), saturation(amount, half)
    assert square == pytest.approx(amount**2 / (half**2 + amount**2))
    assert grading(amount, half, 1.0) == pytest.approx(plain)
    low, high = sorted((square, plain))
    assert low * (1 - 1e-9) <= grading(amount, half, linearity) <= high * (1 + 1e-9)


@given(st.floats(0, 1e3), st.floats(0, 10), st.floats(0, 1))
def test_an_inhibitor_and_the_response_it_leaves_make_one(
    amount: float, potency: float, linearity: float
) -> None:
    left = inhibition(amount, potency, linearity=linearity)
    assert left + grading(amount * potency, 1.0, linearity) == pytest.approx(1.0)


@given(AMOUNTS, HALVES)
def test_what_is_off_leaves_exactly_everything(amount: float, potency: float) -> None:
    assert inhibition(amount, 0.0) == inhibition(0.0, potency) == inhibition(amount, potency, 0.0) == 1.0


@given(st.floats(0, 1e3), st.floats(0, 10), st.floats(0, 1))
def test_reach_interpolates_in_what_the_inhibitor_adds(amount: float, potency: float, reach: float) -> None:
    left = inhibition(amount, potency)
    assert inhibition(amount, potency, reach) == pytest.approx(1 / (1 + reach * (1 / left - 1)))
