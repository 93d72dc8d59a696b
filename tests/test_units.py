from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import QuantityError
from eaesim.model.parameter_file import base_entries
from eaesim.units import KNOWN_FACTORS, KNOWN_UNITS, _computed, conversion, number, registry

UNITS = ("mg/kg", "mg/mL", "mL/mg", "mL/kg", "1/day", "day", "cell", "cell/day", "mL/mg/day", "dimensionless")


@given(st.floats(1e-6, 1e6))
def test_grams_and_milligrams_per_kilogram_go_both_ways(amount: float) -> None:
    in_milligrams = number(f"{amount!r} g/kg", "mg/kg", what="dose")
    assert in_milligrams == 1000.0 * amount
    assert number(f"{in_milligrams!r} mg/kg", "g/kg", what="dose") == pytest.approx(amount, rel=1e-15)


@given(st.floats(0, 1e9))
def test_text_in_the_unit_itself_is_read_to_the_last_bit(value: float) -> None:
    for unit in ("mg/kg", "day", "dimensionless"):
        assert number(f"{value!r} {unit}", unit, what="value") == value


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("1 g/kg", "mg/kg", 1000.0),
        ("0.4g/kg", "mg/kg", 400.0),
        ("  2  mg/g ", "mg/kg", 2000.0),
        ("1e-3 g/kg", "mg/kg", 1.0),
        ("4 h", "day", 4 / 24),
        ("90 min", "day", 1 / 16),
        ("1 week", "day", 7.0),
        ("-3 day", "day", -3.0),
        ("3", "day", 3.0),
        (".5", "dimensionless", 0.5),
        ("5 %", "dimensionless", 0.05),
        ("1 1/hour", "1/day", 24.0),
        ("10 g/L", "mg/mL", 10.0),
        ("0.04 L/kg", "mL/kg", 40.0),
        ("3 cell", "cell", 3.0),
    ],
)
def test_a_quantity_is_read_in_the_unit_that_is_wanted(text: str, unit: str, expected: float) -> None:
    assert number(text, unit, what="value") == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("unit", ["day", "dimensionless"])
def test_a_bare_number_passes_where_no_unit_can_be_mistaken(unit: str) -> None:
    assert number(3, unit, what="value") == number(3.0, unit, what="value") == 3.0


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1 mg", "mg/kg"),
        ("1", "mg/kg"),
        (1.0, "mg/kg"),
        ("1 dimensionless", "mg/kg"),
        ("100 %", "mg/kg"),
        ("1 mg/kg", "dimensionless"),
        ("1 mg/kg/day", "mg/kg"),
        ("1 mL/kg", "mg/kg"),
        ("1 mg/mL", "mg/kg"),
        ("1 kg", "day"),
        ("1 day", "1/day"),
        ("1 1/day", "day"),
        ("1 cell", "dimensionless"),
        ("1 mL/mg", "mg/mL"),
        ("1 gkg", "mg/kg"),
        ("1 g/kgg", "mg/kg"),
        ("1 2 g/kg", "mg/kg"),
        ("1,5 g/kg", "mg/kg"),
        ("1 g/kg + 1 g/kg", "mg/kg"),
        ("g/kg", "mg/kg"),
        ("one g/kg", "mg/kg"),
        ("", "mg/kg"),
        ("inf g/kg", "mg/kg"),
        ("-Infinity g/kg", "mg/kg"),
        ("nan g/kg", "mg/kg"),
        ("1e999 g/kg", "mg/kg"),
        (float("inf"), "day"),
        (float("nan"), "day"),
        (True, "day"),
        (None, "day"),
        (["1 day"], "day"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(text: object, unit: str) -> None:
    with pytest.raises(QuantityError) as raised:
        number(text, unit, what="the dose")  # type: ignore[arg-type]
    assert "the dose" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_missing_unit_is_named_in_the_message() -> None:
    with pytest.raises(QuantityError, match="has no unit; write for example 400 mg/kg"):
        number("400", "mg/kg", what="dose")


def test_the_example_of_a_negative_amount_is_one_that_is_allowed() -> None:
    with pytest.raises(QuantityError, match="write for example 1 mg/kg"):
        number("-1", "mg/kg", what="dose")


def test_a_wrong_unit_is_named_in_the_message() -> None:
    with pytest.raises(
        QuantityError, match='dose "1 mg": the unit "mg" does not fit; write for example mg/kg'
    ):
        number("1 mg", "mg/kg", what="dose")


@pytest.mark.parametrize("text", ["1 g/kg\n2 g/kg", "1\ng/kgg"])
def test_a_message_is_one_line_whatever_was_given(text: str) -> None:
    with pytest.raises(QuantityError) as raised:
        number(text, "mg/kg", what="dose")
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("value", "unit"), [(10**400, "day"), ("1e308 g/kg", "mg/kg")], ids=["whole", "in its unit"]
)
def test_a_number_too_large_is_refused(value: str | int, unit: str) -> None:
    with pytest.raises(QuantityError):
        number(value, unit, what="dose")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_converts_to_itself_exactly(unit: str) -> None:
    assert conversion(unit, unit) == 1.0


@pytest.mark.parametrize(
    ("unit", "target", "factor"), [("g/kg", "mg/kg", 1000.0), ("mg/kg", "g/kg", 0.001), ("day", "h", 24.0)]
)
def test_factors_between_units_are_exact(unit: str, target: str, factor: float) -> None:
    assert conversion(unit, target) == factor


def test_there_is_one_registry() -> None:
    assert registry() is registry()


@pytest.mark.parametrize("pair", [*((unit, unit) for unit in sorted(KNOWN_UNITS)), *KNOWN_FACTORS])
def test_factors_that_are_known_are_those_of_pint(pair: tuple[str, str]) -> None:
    assert conversion(*pair) == _computed(*pair)


def test_units_of_the_parameters_are_known() -> None:
    assert {entry["unit"] for entry in base_entries("base").values()} <= KNOWN_UNITS
