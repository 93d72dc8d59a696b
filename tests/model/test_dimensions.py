"""Every unit is checked where it enters: the equations run on quantities instead of numbers.

A kilogram in these units is one of body weight, so it gets a dimension of its own here: otherwise mg/kg
would be a plain number. Cells have one as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pint
import pytest

from eaesim.model import STATES, Parameters, State, derivative, load
from eaesim.model.score import severity
from eaesim.units import conversion

Animal = Callable[[int], tuple[State, Parameters]]
UNITS = {name: one.unit for name, one in load("da").entries.items()}


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry:
    units = pint.UnitRegistry()
    units.define("cell = [cell_count]")
    units.define("kg_rat = [body]")
    return units


def quantities(animal: Any, units: dict[str, str], registry: pint.UnitRegistry) -> Any:
    values = zip(animal._fields, animal, strict=True)
    return type(animal)(
        **{name: registry.Quantity(value, units[name].replace("kg", "kg_rat")) for name, value in values}
    )


@pytest.mark.parametrize("seed", range(3))
def test_every_rate_has_the_unit_of_its_state_per_day(
    random_animal: Animal, registry: pint.UnitRegistry, seed: int
) -> None:
    state, parameters = random_animal(seed)
    state_units = {name: one.unit for name, one in STATES.items()}
    rates = derivative(quantities(state, state_units, registry), quantities(parameters, UNITS, registry))
    plain = derivative(state, parameters)
    for name in set(State._fields) - {"igg_infusion"}:
        rate = getattr(rates, name)
        expected = registry.Quantity(1.0, f"{STATES[name].unit.replace('kg', 'kg_rat')}/day")
        assert rate.dimensionality == expected.dimensionality, name
        # Mixed prefixes (mg with g, mL with L) would give the right dimension and another number.
        assert rate.to(expected.units).magnitude == pytest.approx(getattr(plain, name), rel=1e-9), name


def test_severity_is_a_plain_number(random_animal: Animal, registry: pint.UnitRegistry) -> None:
    state, parameters = random_animal(0)
    state_units = {name: one.unit for name, one in STATES.items()}
    severe = severity(quantities(state, state_units, registry), quantities(parameters, UNITS, registry))
    assert severe.dimensionless


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("igg_volume_plasma", "mL"),
        ("igg_volume_plasma", "L/kg"),
        ("igg_exchange", "mL/day"),
        ("igg_exchange", "mL/kg"),
        ("treg_induction", "1/day"),
        ("priming_rate", "1/hour"),
        ("potency_priming", "mg/mL"),
        ("potency_adjuvant", "mL/mg"),
        ("spreading_rate", "1/day"),
        ("igg_volume_tissue", "mL"),
        ("divisions", "1/day"),
    ],
)
def test_a_wrong_unit_is_found(
    random_animal: Animal, registry: pint.UnitRegistry, monkeypatch: pytest.MonkeyPatch, name: str, wrong: str
) -> None:
    monkeypatch.setitem(UNITS, name, wrong)
    with pytest.raises((AssertionError, pint.DimensionalityError)):
        test_every_rate_has_the_unit_of_its_state_per_day(random_animal, registry, 0)


def test_the_unit_of_every_state_and_parameter_is_known() -> None:
    assert set(UNITS) == set(Parameters._fields)
    for unit in {*UNITS.values(), *(STATES[name].unit for name in State._fields)}:
        assert conversion(unit, unit) == 1.0, unit


def test_what_protocols_add_has_the_unit_of_the_state_it_is_added_to() -> None:
    assert UNITS["antigen_dose"] == STATES["antigen"].unit
    assert UNITS["adjuvant_dose"] == STATES["adjuvant_complete"].unit == STATES["adjuvant_incomplete"].unit
    assert UNITS["transferred_cells"] == STATES["licensing_early"].unit
