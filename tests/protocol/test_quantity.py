from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import QuantityError
from eaesim.protocol.quantity import count, days, dose_text, duration_text, length, quantity, whole_days


@given(st.floats(0, 1e9))
def test_dose_text_reads_back_to_the_last_bit(amount: float) -> None:
    assert quantity(dose_text(amount), "mg/kg", what="dose") == amount


@given(st.floats(1e-9, 1e4))
def test_duration_text_reads_back_to_the_last_bit(time: float) -> None:
    assert length(duration_text(time), what="time") == time


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1000, "1 g/kg"), (400, "0.4 g/kg"), (100, "0.1 g/kg"), (99, "99 mg/kg"), (0, "0 mg/kg")],
)
def test_dose_text_changes_to_grams_at_100_mg(amount: float, text: str) -> None:
    assert dose_text(amount) == text


@pytest.mark.parametrize("text", ["1 day", "7 day", "4 h", "10 min", "25 h", "0.1 h", "2.5 day"])
def test_duration_text_is_what_a_person_types(text: str) -> None:
    assert duration_text(length(text, what="time")) == text


def test_whole_days_are_written_as_days() -> None:
    assert duration_text(length("48 h", what="time")) == "2 day"


@pytest.mark.parametrize(
    "value", [-1e-9, "-1 day", math.nan, math.inf, "1 kg", "soon", True, None, 0, "0 h", 10**400]
)
def test_a_length_is_finite_and_above_0(value: object) -> None:
    with pytest.raises(QuantityError):
        length(value, what="over")


@pytest.mark.parametrize("value", [1e4 + 1, -1e4 - 1, math.inf, math.nan, "1e9 day"])
def test_a_day_out_of_range_is_refused(value: object) -> None:
    with pytest.raises(QuantityError, match="day"):
        days(value, what="day")


def test_numpy_numbers_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    assert [days(day, what="day") for day in numpy.arange(-1, 2)] == [-1.0, 0.0, 1.0]
    assert count(numpy.int64(3), what="doses", least=1, most=9) == 3


def test_minus_zero_is_zero() -> None:
    assert math.copysign(1, days(-0.0, what="day")) == 1
    assert math.copysign(1, quantity("-0 mg/kg", "mg/kg", what="dose")) == 1


@pytest.mark.parametrize("value", ["many", 0, -5, True, 2.0, None, 11, [3]])
def test_a_count_is_a_whole_number_in_range(value: object) -> None:
    with pytest.raises(QuantityError, match="whole number from 1 to 10"):
        count(value, what="animals", least=1, most=10)


@pytest.mark.parametrize("value", [0.5, -1, "12 h", "x"])
def test_whole_days_refuses_parts(value: object) -> None:
    with pytest.raises(QuantityError):
        whole_days(value, what="after", least=0)


def test_whole_days_takes_hours_that_make_days() -> None:
    assert whole_days("48 h", what="after", least=0) == 2
