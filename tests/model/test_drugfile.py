"""Drug files: what they may say, what is refused and how, and that actions are the functions they name."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from eaesim.errors import EaesimError, FileError, ProtocolError, QuantityError, UnknownNameError
from eaesim.files import parse_toml
from eaesim.model.action import Route
from eaesim.model.drug import Drug, read_drug
from eaesim.model.kinetics import inhibition
from eaesim.model.mechanism import MECHANISMS
from eaesim.model.pharmacy import drug_names, drugs_from, load_drug, shipped_drugs
from eaesim.model.processes import PROCESSES, Effects, target_parameters, target_states
from eaesim.units import conversion

HEAD = 'title = "t"\nsource = "assumed"\n'
BODY = '[disposition]\nvolume = "40 mL/kg"\nelimination = "0.1 1/day"\n'
ACTION = '[[action]]\non = "priming"\ndoes = "inhibit"\n'


def drug(text: str = "", *, head: str = HEAD, body: str = BODY, name: str = "own") -> Drug:
    return read_drug(name, parse_toml(head + body + text))


def acts(text: str, **values: float) -> float:
    """Return the effect of the one action of a drug at 6 mg/mL in plasma and 2 in the CNS."""
    own = drug(text, body=BODY + "cns_intact = 0.1\n")
    numbers = {name: entry.value for name, entry in own.parameters.items()} | values
    return float(own.actions[0].factor(numbers.__getitem__, plasma=6.0, cns=2.0))


@pytest.mark.parametrize("name", shipped_drugs())
def test_every_parameter_has_bounds_around_its_value_a_known_unit_and_a_source(name: str) -> None:
    own = load_drug(name)
    assert own.source
    for parameter in own.parameters.values():
        assert parameter.low <= parameter.value <= parameter.high
        assert parameter.spread >= 0
        assert parameter.kind == "drug"
        assert parameter.source
        conversion(parameter.unit, parameter.unit)


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
    assert not ivig.states
    assert list(MECHANISMS) == ["H1a", "H1b", "H2", "H3", "H4", "H5", "H6", "H7"]


def test_every_process_is_a_factor_or_scales_rates() -> None:
    for name, process in PROCESSES.items():
        assert bool(process.rates) != (name in Effects._fields), name
    assert "divisions" not in target_parameters()
    assert "death_hazard" not in target_states()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('half_effect = "2 mg/mL"\n', 1 - 6 / 8),
        ('half_effect = "2 mg/mL"\nsteepness = 3\n', 1 - 6**3 / (2**3 + 6**3)),
        ('half_effect = "2 mg/mL"\nmost = 0.5\nreach = 0.4\n', 1 - 0.5 * 0.4 * 6 / 8),
        ('potency = "0.5 mL/mg"\nsteepness = 2.0\n', 1 - 9 / 10),
        ('potency = "0.5 mL/mg"\nshape = "mixed"\n', inhibition(6.0, 0.5)),
        ('half_effect = "2 mg/mL"\nshape = "mixed"\nlinearity = 0.3\n', inhibition(6.0, 0.5, linearity=0.3)),
        ('half_effect = "2 mg/mL"\nsees = "cns"\n', 0.5),
        ('half_effect = "2 mg/mL"\nsees = { plasma = 0.25 }\n', 0.25 * 0.25 + 0.75 * 0.5),
    ],
)
def test_an_inhibition_is_what_its_shape_says(text: str, expected: float) -> None:
    assert acts(ACTION + text) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('on = "treg_growth"\ndoes = "stimulate"\nhalf_effect = "2 mg/mL"\nmost = 4\n', 1 + 4 * 6 / 8),
        ('on = "treg_growth"\ndoes = "stimulate"\nper_concentration = "0.5 mL/mg"\n', 4.0),
        ('on = "effector_cns"\ndoes = "deplete"\nhalf_effect = "2 mg/mL"\nrate = "8 1/day"\n', 6.0),
        ('on = "effector_cns"\ndoes = "deplete"\nper_concentration = "2 mL/mg/day"\n', 12.0),
        ('does = "competes_for_fcrn"\nper_concentration = 3\n', 18.0),
    ],
)
def test_other_actions_are_what_they_say(text: str, expected: float) -> None:
    assert acts("[[action]]\n" + text) == pytest.approx(expected, rel=1e-14)


def test_a_value_may_be_a_parameter_of_the_animal() -> None:
    text = ACTION + 'potency = "potency_maturation"\nreach = "lesion_priming_reach"\n'
    assert drug(text).actions[0].reach == "lesion_priming_reach"
    assert acts(text, potency_maturation=0.5, lesion_priming_reach=0.5) == 1 - 0.5 * 3 / 4


def test_parameters_are_named_after_the_drug_and_with_several_actions_after_the_target() -> None:
    one = drug(ACTION + 'half_effect = "2 ug/mL"\n')
    assert one.parameters["own_half_effect"].value == 0.002
    two = drug(
        ACTION
        + 'half_effect = "2 mg/mL"\n'
        + ACTION.replace("priming", "recall")
        + 'half_effect = "1 mg/mL"\n'
    )
    assert {"own_half_effect_priming", "own_half_effect_recall"} <= set(two.parameters)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ('[[action]]\non = "prming"\ndoes = "inhibit"\n', UnknownNameError, 'did you mean "priming"'),
        ('[[action]]\non = "divisions"\ndoes = "inhibit"\n', QuantityError, "exponent"),
        ('[[action]]\non = "score_noise"\ndoes = "inhibit"\n', UnknownNameError, "process or parameter"),
        ('[[action]]\non = "priming"\ndoes = "deplete"\n', UnknownNameError, "state to deplete"),
        ('[[action]]\non = "death_hazard"\ndoes = "deplete"\n', UnknownNameError, "state to deplete"),
        ('[[action]]\non = "priming"\ndoes = "inhibits"\n', UnknownNameError, 'did you mean "inhibit"'),
        ('[[action]]\ndoes = "inhibit"\n', ProtocolError, "TARGET"),
        (ACTION, ProtocolError, "half_effect or potency"),
        (ACTION + 'half_effect = "2 mL"\n', QuantityError, "does not fit"),
        (ACTION + "half_effect = 2\n", QuantityError, "no unit"),
        (ACTION + 'half_effect = "0 mg/mL"\n', QuantityError, "above 0"),
        (ACTION + 'half_effect = "2 mg/mL"\nmost = 1.5\n', QuantityError, "share taken away"),
        (ACTION + 'half_effect = "2 mg/mL"\nreach = 2\n', QuantityError, "is a share"),
        (ACTION + 'half_effect = "2 mg/mL"\nsteepness = 1.5\n', QuantityError, "whole number"),
        (ACTION + 'half_effect = "2 mg/mL"\nsees = "brain"\n', UnknownNameError, "site"),
        (ACTION + 'half_effect = "2 mg/mL"\nsees = "cns"\n', ProtocolError, "cns_intact"),
        (ACTION + 'half_effect = "2 mg/mL"\nshape = "linear"\n', ProtocolError, "more than all"),
        (ACTION + 'potency = "igg_uptake"\n', QuantityError, "does not fit"),
        ("[mechanism.M1]\ntitle = 'm'\n", ProtocolError, "has no action"),
        ("[mechanism.M1]\ntitel = 'm'\n", UnknownNameError, 'did you mean "title"'),
        ("[route.ip]\nbioavailability = 0.5\n", ProtocolError, 'no "absorption"'),
        ('[route.ipp]\nabsorption = "1 1/day"\n', UnknownNameError, 'did you mean "ip"'),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, error: type[EaesimError], words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        drug(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("head", "body", "words"),
    [
        ("", BODY, 'no "source"'),
        (HEAD, "", 'no "disposition"'),
        (HEAD, '[disposition]\nvolume = "40 mL/kg"\n', 'no "elimination"'),
        (HEAD, BODY + 'exchange = "1 mL/kg/day"\n', 'no "volume_tissue"'),
        (HEAD, 'disposition = "igg"\n', "ivig alone"),
        (HEAD + 'concentration = "100"\n', BODY, "no unit"),
        (HEAD + 'key = ["Nobody1900"]\n', BODY, "bibliography"),
    ],
)
def test_what_is_missing_is_said(head: str, body: str, words: str) -> None:
    with pytest.raises(EaesimError, match=words):
        drug(head=head, body=body)


@pytest.mark.parametrize("name", ["Own", "two words", "", "1a", "a__b", "treg", "igg"])
def test_a_name_must_not_begin_names_of_the_animal(name: str) -> None:
    with pytest.raises(ProtocolError):
        drug(name=name)


def test_a_drug_beside_a_study_is_found_and_two_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "beside.toml").write_text(HEAD + BODY, encoding="utf-8")
    with pytest.raises(UnknownNameError):
        load_drug("beside")
    with drugs_from(tmp_path):
        assert load_drug("beside").title == "t"
        assert "beside" in drug_names()
        (tmp_path / "ivig.toml").write_text(HEAD + BODY, encoding="utf-8")
        with pytest.raises(FileError, match="another drug has the name ivig"):
            load_drug("ivig")
    with pytest.raises(FileError, match="not a folder"), drugs_from(tmp_path / "none"):
        pass


def test_a_drug_survives_the_way_to_another_process() -> None:
    own = drug(ACTION + 'half_effect = "2 mg/mL"\n', name="travelled")
    assert pickle.loads(pickle.dumps(own)) == own
    assert load_drug("travelled") == own
    assert hash(pickle.loads(pickle.dumps(own))) == hash(own)


@pytest.mark.parametrize("name", ["ivg", "../ivig", "", 3, None])
def test_an_unknown_drug_names_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"Drugs: .*ivig"):
        load_drug(name)
