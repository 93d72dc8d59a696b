from __future__ import annotations

from importlib.resources import files

import pytest

from eaesim.errors import FileError, QuantityError, UnknownNameError
from eaesim.protocol.drug import Route, drug_from_text, drug_names, load_drug
from eaesim.units import conversion

MINIMAL = 'title = "t"\ntarget = "x"\nsource = "assumed"\nnote = ""\n'


@pytest.mark.parametrize("name", drug_names())
def test_every_parameter_has_bounds_around_its_value_a_known_unit_and_a_source(name: str) -> None:
    drug = load_drug(name)
    assert drug.source
    for parameter in drug.parameters.values():
        low, value, high = (float(str(parameter[key])) for key in ("low", "value", "high"))
        assert low < value < high
        assert float(str(parameter["spread"])) >= 0
        assert parameter["kind"] == "drug"
        assert parameter["source"]
        conversion(str(parameter["unit"]), str(parameter["unit"]))


@pytest.mark.parametrize("name", [name for name in drug_names() if load_drug(name).parameters])
def test_routes_of_a_drug_with_parameters_use_only_those(name: str) -> None:
    drug = load_drug(name)
    used = {parameter for route in drug.routes.values() for parameter in (route.factor, route.divisor)} - {
        None
    }
    assert used <= set(drug.parameters)


def test_ivig_as_agreed() -> None:
    ivig = load_drug("ivig")
    assert ivig.concentration == 100
    assert dict(ivig.routes) == {
        "iv": Route("igg_plasma", None, "igg_volume_plasma"),
        "ip": Route("igg_peritoneal", "igg_bioavailability_ip", None),
        "sc": Route("igg_subcutaneous", "igg_bioavailability_sc", None),
    }
    assert ivig.infusion == "igg_infusion"
    assert not ivig.parameters


def test_one_mg_of_the_late_acting_drug_inhibits_strongly() -> None:
    parameters = load_drug("late_acting").parameters
    concentration = 1 / float(str(parameters["companion_volume"]["value"]))
    exposure = concentration * float(str(parameters["companion_potency_inflammation"]["value"]))
    assert 1 / (1 + exposure**2) < 0.05


@pytest.mark.parametrize(
    "text",
    [
        MINIMAL + 'titel = "x"\n[routes]\n',
        MINIMAL + '[routes.iv]\nstate = "a"\nvolume = "b"\n',
        MINIMAL + "[routes]\n[parameters.a]\nvalu = 1\n",
    ],
)
def test_an_unknown_key_raises(text: str) -> None:
    with pytest.raises(UnknownNameError):
        drug_from_text("x", text)


@pytest.mark.parametrize(
    ("text", "close"),
    [
        ('[routes.iv]\nstate = "companion_plasm"\n', "companion_plasma"),
        ('infusion = "companion_infuson"\n[routes]\n', "companion_infusion"),
        ('[routes.iv]\nstate = "igg_plasma"\ndivisor = "igg_volume_plsma"\n', "igg_volume_plasma"),
        ("[routes]\n[parameters.companion_volum]\nvalue = 1\n", "companion_volume"),
    ],
)
def test_a_state_or_parameter_that_the_model_lacks_raises(text: str, close: str) -> None:
    with pytest.raises(UnknownNameError, match=f'did you mean "{close}"'):
        drug_from_text("x", MINIMAL + text)


def test_a_parameter_of_a_route_that_the_file_lacks_raises() -> None:
    text = (files("eaesim.protocol") / "drugs" / "late_acting.toml").read_text("utf-8")
    shorter = text.replace("[parameters.companion_bioavailability]", "[parameters.companion_potency_treg]")
    with pytest.raises(UnknownNameError, match="companion_bioavailability"):
        drug_from_text("x", shorter)


@pytest.mark.parametrize(
    "text",
    [
        "",
        MINIMAL,
        MINIMAL + "[routes.iv]\n",
        MINIMAL + "[routes]\n[parameters.companion_volume]\nvalue = 1\n",
    ],
)
def test_a_missing_key_raises(text: str) -> None:
    with pytest.raises(FileError, match="has no"):
        drug_from_text("x", text)


def test_a_concentration_needs_its_unit() -> None:
    with pytest.raises(QuantityError):
        drug_from_text("x", "concentration = 100\n" + MINIMAL + "[routes]\n")


def test_a_drug_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load_drug("late_acting").parameters["companion_volume"]["value"] = 1  # type: ignore[index]


@pytest.mark.parametrize("name", ["ivg", "../ivig", "", 3, None])
def test_an_unknown_drug_names_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"Drugs: .*ivig"):
        load_drug(name)
