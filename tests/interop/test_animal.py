from __future__ import annotations

import pytest

from eaesim.errors import ProtocolError, UnknownNameError
from eaesim.interop.animal import typical_animal
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Transfer
from eaesim.study import Study

EARLY = Bolus("1 g/kg").at(day=0)
ONSET = Bolus("1 g/kg").at(onset="score >= 1")


def test_a_rat_alone_is_immunised_and_given_nothing() -> None:
    animal = typical_animal(load("da"))
    assert [(event.day, event.state) for event in animal.events] == [
        (0.0, "antigen"),
        (0.0, "adjuvant_complete"),
    ]
    assert (animal.rat.name, animal.mechanism, animal.start) == ("da", "H1a", 0.0)


def test_the_control_arm_is_the_default() -> None:
    study = Study("lewis", arms=[Arm("early", EARLY), Arm("none")], control="none")
    assert typical_animal(study).arm.name == "none"
    assert typical_animal(study, arm="early").arm.name == "early"


def test_a_run_starts_with_the_first_event() -> None:
    study = Study("lewis", arms=[Arm("early", Infusion("1 g/kg", over="4 h").at(day=-2.5))])
    assert typical_animal(study).start == -2.5


def test_only_the_chosen_mechanism_acts() -> None:
    parameters = typical_animal("lewis", mechanism="H2").parameters
    assert parameters == load("lewis").parameters("H2")
    assert parameters.potency_treg > 0 == parameters.potency_maturation


def test_inductions_of_the_arm_come_before_those_of_the_study() -> None:
    own = Arm("transfer", inductions=[Transfer(cells=1e5)])
    study = Study("lewis", arms=[Arm("vehicle"), own], inductions=[Immunisation()])
    assert [event.state for event in typical_animal(study, arm="transfer").events] == ["licensing_early"]


def test_a_second_drug_brings_its_numbers_and_their_sources() -> None:
    study = Study("lewis", arms=[Arm("late", Bolus("1 mg/kg", drug="late_acting").at(day=9))])
    entry = typical_animal(study).entries["late_acting_elimination"]
    assert (entry.value, entry.note) == (0.35, "Half-life of two days, so that one dose covers an attack.")
    own = Study(load("lewis").replace(late_acting_elimination=1.0), arms=study.design.arms)
    changed = typical_animal(own).entries["late_acting_elimination"]
    assert (changed.value, changed.source) == (1.0, "set by the user")


@pytest.mark.parametrize("at", [{"onset": "score >= 1"}, {"relapse": "score rise >= 1"}])
def test_a_dose_that_waits_is_refused_and_other_arms_are_named(at: dict[str, str]) -> None:
    waits = Arm("waits", EARLY, Bolus("1 g/kg").at(**at))
    study = Study("lewis", arms=[Arm("vehicle"), Arm("early", EARLY), waits])
    assert typical_animal(study, arm="early").events
    with pytest.raises(ProtocolError, match=r'arm "waits".*score.* >= 1.*: vehicle, early\.$'):
        typical_animal(study, arm="waits")


def test_where_every_arm_waits_none_is_named() -> None:
    with pytest.raises(ProtocolError, match=r"such a dose: none\.$"):
        typical_animal(Study("lewis", arms=[Arm("onset", ONSET)]))


def test_a_mechanism_of_the_arms_own_is_not_passed_over() -> None:
    study = Study("lewis", arms=[Arm("own", EARLY, mechanism="H2")])
    assert typical_animal(study).mechanism == "H2"
    assert typical_animal(study, mechanism="H2").mechanism == "H2"
    with pytest.raises(ProtocolError, match="H2; given: H1b"):
        typical_animal(study, mechanism="H1b")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match='did you mean "lewis"'):
        typical_animal("lewys")
    with pytest.raises(UnknownNameError, match="Arms: vehicle"):
        typical_animal("lewis", arm="vehicel")
    with pytest.raises(UnknownNameError, match="H1a"):
        typical_animal("lewis", mechanism="H1")
