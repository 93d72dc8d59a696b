from __future__ import annotations

import libsbml
import pytest
import sympy

from eaesim.interop.units import add_definition, identifier, unit_of
from eaesim.model import STATES, load
from eaesim.model.symbols import steps
from eaesim.units import registry

TEXTS = {one.unit for one in load("da").entries.values()} | {one.unit for one in STATES.values()}


@pytest.fixture
def model() -> libsbml.Model:
    document = libsbml.SBMLDocument(3, 1)
    model = document.createModel()
    model.document = document  # it lives as long as its document
    return model


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("dimensionless", "dimensionless"),
        ("1/day", "per_day"),
        ("mg/kg/day", "mg_per_kg_per_day"),
        ("mL/mg", "mL_per_mg"),
        ("cell", "cell"),
        ("mg/kg/day**2", "mg_per_kg_per_day2"),
    ],
)
def test_an_identifier_says_the_unit(unit: str, name: str) -> None:
    assert identifier(registry().parse_units(unit)) == name


@pytest.mark.parametrize("unit", sorted(TEXTS))
def test_every_unit_of_the_model_keeps_its_size(model: libsbml.Model, unit: str) -> None:
    name = add_definition(model, registry().parse_units(unit))
    if name == "dimensionless":
        assert registry().parse_units(unit).dimensionless
        return
    size, powers = 1.0, {}
    definition = model.getUnitDefinition(name)
    for part in (definition.getUnit(index) for index in range(definition.getNumUnits())):
        one = (part.getMultiplier() * 10.0 ** part.getScale()) ** part.getExponent()
        size *= one
        kind = libsbml.UnitKind_toString(part.getKind())
        powers[{"item": "cell"}.get(kind, kind)] = part.getExponent()
    of_sbml = size * registry().parse_expression("*".join(f"{kind}**{n}" for kind, n in powers.items()))
    assert of_sbml.to(unit).magnitude == pytest.approx(1.0, rel=1e-12)


def test_a_unit_is_defined_once(model: libsbml.Model) -> None:
    for _ in range(2):
        assert add_definition(model, registry().parse_units("mg/mL")) == "mg_per_mL"
    assert model.getNumUnitDefinitions() == 1


def test_numbers_have_no_unit_and_sums_that_of_their_terms() -> None:
    a, b = sympy.symbols("a b")
    units = {"a": registry().parse_units("mg/mL"), "b": registry().parse_units("mL/mg")}
    assert identifier(unit_of(1 / (1 + a**2 * b**2), units)) == "dimensionless"
    assert identifier(unit_of(3 * a + a**2 * b, units)) == "mg_per_mL"
    assert identifier(unit_of(a / b, units)) == "mg2_per_mL2"


def test_quantities_on_the_way_get_their_units() -> None:
    units = {name: one.unit for name, one in STATES.items()}
    units |= {name: one.unit for name, one in load("da").entries.items()}
    known = {name: registry().parse_units(unit) for name, unit in units.items()}
    for name, expression in steps().shared.items():
        known[name] = unit_of(expression, known)
    found = {name: identifier(known[name]) for name in steps().shared}
    assert {name: unit for name, unit in found.items() if unit != "dimensionless"} == {
        "igg_in_cns": "mg_per_mL",
        "igg_loss": "per_day",
        "maturation": "per_day",
        "priming": "cell_per_day",
        "priming_by_lesion": "cell_per_day",
        "recall": "cell_per_day",
        "damage": "per_day",
    }
