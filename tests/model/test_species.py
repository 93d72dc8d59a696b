from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import FileError, QuantityError, UnknownNameError
from eaesim.model import FULL, LEAN, MECHANISMS, Parameters, load, rat_names, species

LEWIS = load("lewis")
POTENCIES = {one.potency for one in MECHANISMS.values()}


@pytest.mark.parametrize("name", rat_names())
def test_every_rat_loads_under_its_name(name: str) -> None:
    rat = load(name)
    assert rat.name == name
    assert rat.title
    assert rat.source
    assert set(rat.parameters()._fields) == set(rat.entries)


@pytest.mark.parametrize("name", ["Lewis", "lewsi", "", "base", "../base", "lewis.toml"])
def test_an_unknown_rat_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError, match="Rats: da, da_antibody, da_lean, lewis, lewis_lean") as raised:
        load(name)
    if "l" in name.lower()[:1] and name:
        assert 'did you mean "lewis"' in str(raised.value)


@pytest.mark.parametrize("strain", ["lewis", "da"])
def test_a_lean_rat_is_its_strain_but_for_what_it_says(strain: str) -> None:
    full, lean = load(strain), load(f"{strain}_lean")
    assert lean.strain == strain
    assert set(lean.off) <= set(lean.differences)
    assert not full.off
    changed = {name for name, entry in lean.entries.items() if entry != full.entries[name]}
    assert changed <= set(lean.differences)


@pytest.mark.parametrize(("default", "rats"), [(FULL, ("lewis", "da")), (LEAN, ("lewis_lean", "da_lean"))])
def test_the_default_is_changed_in_one_place(
    monkeypatch: pytest.MonkeyPatch, default: tuple[str, ...], rats: tuple[str, ...]
) -> None:
    monkeypatch.setattr(species, "DEFAULT", default)
    assert tuple(species.default_rat(strain) for strain in ("lewis", "da")) == rats


@pytest.mark.parametrize("names", [["lewis"], ["da"], ["da", "lewis"]])
def test_companions_are_of_one_kind(names: list[str]) -> None:
    assert species.companions(names) == FULL
    assert species.companions([f"{name}_lean" for name in names]) == LEAN
    with pytest.raises(QuantityError, match="estimated together"):
        species.companions([*names, "lewis_lean"])


def test_a_variant_differs_from_its_parent_only_where_it_says_so() -> None:
    da, variant = load("da"), load("da_antibody")
    differing = {name for name in da.entries if da.entries[name].value != variant.entries[name].value}
    assert differing == {"autoantibody_damage", "demyelination_weight"}
    assert set(da.differences) <= set(variant.differences)
    assert variant.strain == "da"


def test_rats_differ_only_in_what_they_say_is_different() -> None:
    lewis, da = load("lewis"), load("da")
    differing = {name for name in da.entries if da.entries[name].value != lewis.entries[name].value}
    assert differing <= set(lewis.differences) == set(da.differences)


@pytest.mark.parametrize("name", MECHANISMS)
def test_one_mechanism_switches_the_others_off_and_nothing_else(name: str) -> None:
    parameters, everything = LEWIS.parameters(name), LEWIS.parameters("+".join(MECHANISMS))
    changed = {one for one in Parameters._fields if getattr(parameters, one) != getattr(everything, one)}
    assert changed == POTENCIES - {MECHANISMS[name].potency}
    assert all(getattr(parameters, one) == 0.0 for one in changed)


def test_no_mechanism_acts_by_default() -> None:
    assert LEWIS.parameters() == LEWIS.parameters("none")
    assert {getattr(LEWIS.parameters(), one) for one in POTENCIES} == {0.0}


def test_an_unknown_mechanism_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="H9"):
        LEWIS.parameters("H9")


@given(st.floats(1e-6, 1e6))
def test_a_replaced_value_is_used_and_everything_else_stays(value: float) -> None:
    before = LEWIS.entries["treg_loss"].value
    changed = LEWIS.replace(treg_loss=value)
    assert changed.parameters() == LEWIS.parameters()._replace(treg_loss=value)
    assert changed.entries["treg_loss"].source == "set by the user"
    assert load("lewis").entries["treg_loss"].value == LEWIS.entries["treg_loss"].value == before


def test_replacing_marks_what_is_set_apart() -> None:
    changed = LEWIS.replace(priming_rate=1, ic50_priming=2.0, treg_loss=0.1)
    assert set(changed.differences) == {*LEWIS.differences, "priming_rate", "potency_priming"}
    assert len(changed.differences) == len(set(changed.differences))


def test_a_replaced_value_may_carry_a_unit() -> None:
    changed = LEWIS.replace(
        priming_rate="0.05 1/hour", igg_volume_plasma="0.04 L/kg", transferred_cells="2e5 cell"
    )
    assert changed.entries["priming_rate"].value == pytest.approx(1.2)
    assert changed.entries["igg_volume_plasma"].value == pytest.approx(40.0)
    assert changed.entries["transferred_cells"].value == 2e5


@given(st.floats(1e-3, 1e3))
def test_an_ic50_is_one_over_a_potency(ic50: float) -> None:
    assert LEWIS.replace(ic50_priming=ic50).entries["potency_priming"].value == 1.0 / ic50


@pytest.mark.parametrize(
    "values",
    [
        {"priming_rate": "1 day"},
        {"priming_rate": "1"},
        {"priming_rate": "fast"},
        {"priming_rate": math.nan},
        {"priming_rate": math.inf},
        {"priming_rate": None},
        {"igg_volume_plasma": "40 mL"},
        {"spreading_rate": "1 mg/kg"},
        {"ic50_priming": 0},
        {"ic50_priming": -1.0},
        {"ic50_priming": math.nan},
        {"ic50_priming": None},
        {"ic50_priming": [1.0]},
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_one_line(values: dict[str, object]) -> None:
    with pytest.raises(QuantityError) as raised:
        LEWIS.replace(**values)  # type: ignore[arg-type]
    assert next(iter(values)) in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("given_name", "closest"),
    [("primng_rate", "priming_rate"), ("ic50_primng", "potency_priming"), ("tregloss", "treg_loss")],
)
def test_an_unknown_parameter_is_refused_with_the_closest_name(given_name: str, closest: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        LEWIS.replace(**{given_name: 1.0})
    assert f'"{given_name}" is not a parameter; did you mean "{closest}"?' in str(raised.value)


@pytest.mark.parametrize("name", ["treg", "fcrn", "adjuvant"])
def test_a_strength_that_is_not_a_concentration_has_no_ic50(name: str) -> None:
    """They are a factor, a share and a rate: one over them is no concentration of half effect."""
    with pytest.raises((UnknownNameError, QuantityError)):
        LEWIS.replace(**{f"ic50_{name}": 0.5})


HEAD = 'title = "a"\nbase = "da"\nstrain = "da"\nsource = "assumed"\n'


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (HEAD + "[parameters.primng_rate]\nvalue = 1.0\nsource = 'a'\n", UnknownNameError, "priming_rate"),
        (
            HEAD + "[parameters.priming_rate]\nvalue = 1.0\n",
            FileError,
            "priming_rate has a value and no source",
        ),
        (HEAD + "colour = 1\n[parameters]\n", UnknownNameError, '"colour" is not a strain key'),
        (HEAD + "[parameters.priming_rate]\nvalue = nan\nsource = 'a'\n", QuantityError, "priming_rate"),
        (
            HEAD + "[parameters.priming_rate]\nvalue = 99.0\nsource = 'a'\n",
            FileError,
            "is not within 0.1 to 2 1/day",
        ),
        (HEAD.replace('"da"', '"base"', 1) + "[parameters]\n", QuantityError, "leaves it to the rat"),
        ("title = \n", FileError, "not valid TOML"),
    ],
)
def test_a_bad_rat_file_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    error: type[Exception],
    message: str,
) -> None:
    folder = tmp_path_factory.mktemp("rats")
    for name in ("base", "da"):
        (folder / f"{name}.toml").write_text((species.DATA / f"{name}.toml").read_text("utf-8"), "utf-8")
    (folder / "mine.toml").write_text(text, "utf-8")
    monkeypatch.setattr(species, "DATA", folder)
    with pytest.raises(error) as raised:
        species._load.__wrapped__("mine")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_values_from_elsewhere_leave_what_the_user_set_and_belong_to_no_ensemble():
    rat = replace(load("lewis").replace(divisions=7), ensemble="folder")
    fitted = rat.with_values({"divisions": 9, "precursor_number": 40}, source="a fit")
    assert fitted.entries["divisions"].value == 7
    assert fitted.entries["precursor_number"].value == 40
    assert fitted.entries["precursor_number"].source == "a fit"
    assert [entry.name for entry in fitted.changes] == ["divisions"]
    assert "precursor_number" in fitted.differences
    assert fitted.ensemble == ""
    assert rat.replace(divisions=8).ensemble == "folder"
    with pytest.raises(UnknownNameError, match='did you mean "divisions"'):
        rat.with_values({"divison": 9}, source="a fit")
    with pytest.raises(QuantityError, match="negative"):
        rat.with_values({"precursor_number": -1}, source="a fit")
