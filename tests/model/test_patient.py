"""Patients: a rat with human values, and nothing else changed."""

from __future__ import annotations

import pytest

from eaesim.errors import UnknownNameError
from eaesim.model import load, load_subject, rat_names
from eaesim.model.iggkinetics import igg_kinetics
from eaesim.model.patient import _table, patient_names, patient_of, with_kinetics

DA = load("da")


@pytest.mark.parametrize("name", patient_names())
def test_everything_that_the_file_does_not_name_is_the_rats(name: str) -> None:
    patient, table = load_subject(name), _table("patient")
    named = {
        *table["parameters"],
        *table["off"],
        *table["slower"]["rates"],
        *igg_kinetics(table["kinetics"]).entries,
    }
    named |= {*_table(name).get("parameters", {})}
    assert {key for key, entry in patient.entries.items() if entry != DA.entries[key]} <= named
    assert set(patient.entries) == set(DA.entries)


def test_the_rats_are_no_patients() -> None:
    assert all(load(name).species == "rat" and not load(name).attacks for name in rat_names())
    assert all(load_subject(name).species == "human" for name in patient_names())
    assert not {*rat_names()} & {*patient_names()}


def test_slowness_divides_each_rate_once() -> None:
    rates = _table("patient")["slower"]["rates"]
    for slowness in (1.0, 2.5):
        patient = patient_of(DA, "patient", {"cns_slowness": slowness})
        for rate in set(rates) - {*_table("patient")["parameters"]}:
            assert patient.entries[rate].value == pytest.approx(DA.entries[rate].value / slowness, rel=1e-15)


@pytest.mark.parametrize("name", patient_names())
def test_growth_is_a_share_of_death(name: str) -> None:
    patient = patient_of(DA, name, {"cns_slowness": 4.0})
    share = _table(name)["parameters"]["effector_cns_growth"]["value"]
    growth, death = (patient.entries[key].value for key in ("effector_cns_growth", "effector_cns_death"))
    assert growth == pytest.approx(share * death)
    # Above its death an attack never ends: that is the difference between the two patients.
    assert (growth > death) == (name == "patient_progressive")


@pytest.mark.parametrize("name", patient_names())
def test_a_patient_over_the_shipped_rat_is_the_shipped_patient(name: str) -> None:
    shipped, over = load_subject(name), patient_of(DA, name)
    assert over.entries == shipped.entries
    assert over.attacks == shipped.attacks


def test_fitted_values_reach_parameters_and_attacks_of_both_patients() -> None:
    fitted = {"size": 0.5, "remyelination_rate": 0.02, "cns_slowness": 2.0, "effector_cns_growth": 0.5}
    for name in patient_names():
        patient = patient_of(DA, name, fitted)
        assert patient.attacks["size"].value == 0.5
        assert patient.entries["remyelination_rate"].value == 0.02
    assert patient_of(DA, "patient", fitted).entries["effector_cns_growth"].value == pytest.approx(
        0.5 * DA.entries["effector_cns_death"].value / 2
    )


def test_another_parameter_set_of_the_rat_shows_through() -> None:
    rat = DA.replace(priming_rate=2 * DA.entries["priming_rate"].value, deficit_rate=9.0)
    patient = patient_of(rat, "patient", {"cns_slowness": 3.0})
    assert patient.entries["priming_rate"].value == rat.entries["priming_rate"].value
    assert patient.entries["deficit_rate"].value == pytest.approx(3.0)


@pytest.mark.parametrize("name", patient_names())
def test_every_value_has_a_source_and_lies_in_its_bounds(name: str) -> None:
    patient = load_subject(name)
    for entry in (*patient.entries.values(), *patient.attacks.values()):
        assert entry.source.strip(), entry.name
        # A process that is switched off has a value of 0, and bounds of the rat's process.
        if entry.high > entry.low and entry.name not in patient.off:
            assert entry.low <= entry.value <= entry.high, entry.name


def test_unknown_names_are_refused_in_one_line() -> None:
    with pytest.raises(UnknownNameError, match='did you mean "size"'):
        patient_of(DA, "patient", {"sise": 1.0})
    with pytest.raises(UnknownNameError, match='did you mean "patient"'):
        load_subject("patien")
    with pytest.raises(UnknownNameError, match="volunteers"):
        with_kinetics(load_subject("patient"), "volunteer")


def test_kinetics_of_others_change_igg_alone() -> None:
    own = load_subject("patient")
    other = with_kinetics(own, "cidp")
    changed = {name for name, entry in other.entries.items() if entry != own.entries[name]}
    assert {"igg_recycled_fraction"} < changed <= {*igg_kinetics("cidp").entries}
    assert with_kinetics(other, _table("patient")["kinetics"]).entries == own.entries
