"""Kinetics of IgG in people: named files, their bounds and what they refuse."""

import pytest

from eaesim.errors import FileError, UnknownNameError
from eaesim.model import load
from eaesim.model.iggkinetics import SHIPPED, igg_kinetics, igg_kinetics_names, kinetics_table

# Litres and litres a day of one person, as published for a body weight (table P).
CIDP = {"igg_volume_plasma": 4.69 / 82, "igg_volume_tissue": 1.87 / 82, "igg_exchange": 0.50 / 82}


@pytest.mark.parametrize("name", igg_kinetics_names())
def test_every_value_lies_within_its_bounds_and_says_its_source(name):
    found = igg_kinetics(name)
    assert set(found.entries) == set(igg_kinetics(SHIPPED).entries)
    for entry in found.entries.values():
        assert entry.low <= entry.value <= entry.high
        assert entry.source
        assert entry.unit == load("lewis").entries[entry.name].unit


def test_cidp_is_the_published_model():
    values = igg_kinetics("cidp").values
    for name, litres in CIDP.items():
        assert values[name] == pytest.approx(1000 * litres, rel=0.005)
    # Linear: the loss does not depend on the concentration.
    assert values["igg_recycled_fraction"] == 0
    assert values["igg_uptake"] == pytest.approx(0.435 / 4.69, rel=0.005)
    assert values["igg_endogenous"] == 12.5


def test_spreads_between_patients_are_those_of_the_population_model():
    for name in igg_kinetics_names():
        entries = igg_kinetics(name).entries
        assert (entries["igg_volume_plasma"].spread, entries["igg_uptake"].spread) == (0.23, 0.28)


def test_guillain_barre_differs_from_volunteers_in_the_loss_alone():
    sick, well = igg_kinetics("guillain_barre").values, igg_kinetics("volunteers").values
    assert {name for name in sick if sick[name] != well[name]} == {"igg_uptake"}
    assert sick["igg_uptake"] > 2 * well["igg_uptake"]


def own(**entry):
    given = {"value": 50.0, "source": "assumed", **entry}
    return {
        "title": "Own",
        "source": "assumed",
        "base": "volunteers",
        "parameters": {"igg_volume_plasma": given},
    }


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (own(value=500.0), FileError, "own.toml: igg_volume_plasma must have low <= value <= high"),
        (own(source=""), FileError, "a value and no source"),
        (own(hihg=60.0), UnknownNameError, 'did you mean "high"'),
        (own() | {"bas": "volunteers"}, UnknownNameError, 'did you mean "base"'),
        (own() | {"base": "volunters"}, UnknownNameError, 'did you mean "volunteers"'),
        (own() | {"parameters": {"igg_uptak": {}}}, UnknownNameError, 'did you mean "igg_uptake"'),
        (own() | {"parameters": {"divisions": {}}}, UnknownNameError, "parameter of IgG"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(table, error, message):
    with pytest.raises(error, match=message) as caught:
        kinetics_table(table, name="own")
    assert "\n" not in str(caught.value)


def test_a_misspelt_name_gets_the_closest():
    with pytest.raises(UnknownNameError, match='did you mean "guillain_barre"'):
        igg_kinetics("guillain_bare")
