from __future__ import annotations

import math
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import libsbml
import pytest

from eaesim.errors import MissingLibraryError
from eaesim.interop import sbml_text
from eaesim.model import STATES, Parameters, State, derivative, initial_state, load
from eaesim.model.score import severity
from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.study import Study


@pytest.fixture(scope="module")
def lewis() -> libsbml.SBMLDocument:
    return libsbml.readSBMLFromString(sbml_text("lewis"))


def complaints(text: str) -> list[str]:
    """Return everything libSBML has to say, warnings and units included."""
    document = libsbml.readSBMLFromString(text)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, True)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, True)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_SBO_CONSISTENCY, True)
    document.checkInternalConsistency()
    document.checkConsistency()
    return [document.getError(index).getMessage() for index in range(document.getNumErrors())]


def test_a_file_is_valid_without_a_warning(case: Study) -> None:
    assert complaints(sbml_text(case)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r'(id="igg_volume_plasma" name="[^"]*" value="[^"]*" units=)"mL_per_kg"', r'\1"mL_per_mg"'),
        (r'(id="antigen" name="[^"]*" value="0") units="dimensionless"', r"\1"),
        (r'(id="priming" name="[^"]*" units=)"cell_per_day"', r'\1"per_day"'),
        ('variable="antigen"', 'variable="antigens"'),
        ('<cn sbml:units="dimensionless" type="integer"> 1 </cn>', '<cn type="integer"> 1 </cn>'),
    ],
)
def test_the_check_finds_what_is_wrong(old: str, new: str) -> None:
    text = sbml_text("lewis")
    changed, changes = re.subn(old, new, text, count=1)
    assert changes == 1
    assert complaints(changed)


def parameters_of(document: libsbml.SBMLDocument) -> dict[str, libsbml.Parameter]:
    found = document.getModel().getListOfParameters()
    return {found.get(index).getId(): found.get(index) for index in range(len(found))}


def test_states_have_their_units_words_and_healthy_values(lewis: libsbml.SBMLDocument) -> None:
    found = parameters_of(lewis)
    healthy = initial_state(load("lewis").parameters("H1a"))
    for name, state in STATES.items():
        assert not found[name].getConstant()
        assert found[name].getValue() == pytest.approx(getattr(healthy, name), rel=1e-14)
        assert state.title in found[name].getNotesString()
    assert found["igg_plasma"].getUnits() == "mg_per_mL"
    assert found["precursor"].getUnits() == "cell"


def test_every_parameter_has_its_value_and_its_source(lewis: libsbml.SBMLDocument) -> None:
    found = parameters_of(lewis)
    values = load("lewis").parameters("H1a")
    for name, entry in load("lewis").entries.items():
        assert found[name].getConstant()
        assert found[name].getValue() == pytest.approx(getattr(values, name), rel=1e-14, abs=0)
        notes = found[name].getNotesString().replace("&apos;", "'").replace("&quot;", '"')
        for words in (entry.basis, entry.note, entry.kind):
            assert " ".join(words.split()) in notes.replace("&lt;", "<").replace("&gt;", ">"), name


def test_the_notes_say_what_the_file_holds() -> None:
    arm = Arm("a < b & c", Bolus("1 g/kg", route="ip").at(day=-3))
    notes = libsbml.readSBMLFromString(sbml_text(Study("da", arms=[arm]))).getModel().getNotesString()
    for words in (
        "arm: a &lt; b &amp; c",
        "day -3: 1 g/kg ivig, ip",
        "day 0: immunisation, complete adjuvant",
        "H1a blocks maturation",
        "time 0 is day -3",
        "prediction",
    ):
        assert words in notes


def evaluate(node: libsbml.ASTNode, values: dict[str, float]) -> float:
    parts = [evaluate(node.getChild(index), values) for index in range(node.getNumChildren())]
    match node.getType():
        case libsbml.AST_NAME:
            return values[node.getName()]
        case libsbml.AST_INTEGER | libsbml.AST_REAL | libsbml.AST_REAL_E:
            return float(node.getValue())
        case libsbml.AST_PLUS:
            return math.fsum(parts)
        case libsbml.AST_MINUS:
            return -parts[0] if len(parts) == 1 else parts[0] - parts[1]
        case libsbml.AST_TIMES:
            return math.prod(parts)
        case libsbml.AST_DIVIDE:
            return parts[0] / parts[1]
        case libsbml.AST_POWER | libsbml.AST_FUNCTION_POWER:
            return float(parts[0] ** parts[1])
    raise AssertionError(libsbml.formulaToL3String(node))


def random_animals() -> Iterator[tuple[State, Parameters]]:
    """Yield animals with every number drawn at random, so that no term hides behind a 0 or a 1."""
    for seed in range(5):
        source = random.Random(seed)
        state = State(*(info.scale * source.uniform(0.05, 0.95) for info in STATES.values()))
        entries = load("da").entries.values()
        yield state, Parameters(*(source.uniform(max(one.low, 1e-3), one.high) for one in entries))


def test_the_equations_are_those_of_the_model(lewis: libsbml.SBMLDocument) -> None:
    rules = [lewis.getModel().getRule(index) for index in range(lewis.getModel().getNumRules())]
    for state, parameters in random_animals():
        values = {**state._asdict(), **parameters._asdict()}
        for rule in (rule for rule in rules if rule.isAssignment()):  # each is made of earlier ones
            values[rule.getVariable()] = evaluate(rule.getMath(), values)
        rates = {rule.getVariable(): evaluate(rule.getMath(), values) for rule in rules if rule.isRate()}
        assert rates == pytest.approx(derivative(state, parameters)._asdict(), rel=1e-10, abs=0)
        assert values["severity"] == pytest.approx(severity(state, parameters), rel=1e-12)


def test_a_rat_with_other_parameters_starts_healthy_too(lewis: libsbml.SBMLDocument) -> None:
    model = lewis.getModel()
    starts = [model.getInitialAssignment(index) for index in range(model.getNumInitialAssignments())]
    for _, parameters in random_animals():
        found = {one.getSymbol(): evaluate(one.getMath(), parameters._asdict()) for one in starts}
        healthy = {name: value for name, value in initial_state(parameters)._asdict().items() if value}
        assert found == pytest.approx(healthy)


def events_of(text: str) -> list[tuple[float, dict[str, str]]]:
    document = libsbml.readSBMLFromString(text)
    found = []
    for event in (document.getModel().getEvent(index) for index in range(document.getModel().getNumEvents())):
        assert event.getTrigger().getPersistent()
        assert not event.getUseValuesFromTriggerTime()
        assert not event.getTrigger().getInitialValue()
        changes = [event.getEventAssignment(index) for index in range(event.getNumEventAssignments())]
        found.append(
            (
                event.getTrigger().getMath().getChild(1).getValue(),
                {one.getVariable(): libsbml.formulaToL3String(one.getMath()) for one in changes},
            )
        )
    return found


def test_one_event_a_time_with_all_that_is_added_then() -> None:
    iv, ip = Bolus("1 g/kg"), Bolus("1 g/kg", route="ip")
    study = Study("lewis", arms=[Arm("given", iv.at(day=0), iv.at(day=0), ip.at(day=0), iv.at(day=7))])
    assert events_of(sbml_text(study)) == [
        (
            0.0,
            {
                "antigen": "antigen + 1 dimensionless * antigen_dose",
                "adjuvant_complete": "adjuvant_complete + 1 dimensionless * adjuvant_dose",
                "igg_plasma": "igg_plasma + 1000 mg_per_kg / igg_volume_plasma + "
                "1000 mg_per_kg / igg_volume_plasma",
                "igg_peritoneal": "igg_peritoneal + 1000 mg_per_kg * igg_bioavailability_ip",
            },
        ),
        (7.0, {"igg_plasma": "igg_plasma + 1000 mg_per_kg / igg_volume_plasma"}),
    ]


def test_time_0_is_the_first_event_and_the_day_of_the_study_is_kept() -> None:
    study = Study("lewis", arms=[Arm("given", Infusion("1 g/kg", over="12 h").at(day=-2))])
    text = sbml_text(study)
    assert events_of(text)[:2] == [
        (0.0, {"igg_infusion": "igg_infusion + 2000 mg_per_kg_per_day"}),
        (0.5, {"igg_infusion": "igg_infusion - 2000 mg_per_kg_per_day"}),
    ]
    assert events_of(text)[2][0] == 2.0
    found = parameters_of(libsbml.readSBMLFromString(text))
    assert found["first_day"].getValue() == -2
    assert "study_day" in found
    assert "study_day" not in sbml_text("lewis")


def test_a_mechanism_is_set_for_the_file() -> None:
    found = parameters_of(libsbml.readSBMLFromString(sbml_text("lewis", mechanism="H2")))
    assert found["potency_treg"].getValue() > 0 == found["potency_maturation"].getValue()


def test_a_name_that_sbml_cannot_say_is_changed() -> None:
    rat = replace(load("lewis"), name="7 of-mine")
    document = libsbml.readSBMLFromString(sbml_text(rat))
    assert document.getModel().getId() == "_7_of_mine"


@pytest.mark.slow
def test_the_same_bytes_every_time_and_in_every_process() -> None:
    code = (
        "import sys; from eaesim.interop import sbml_text; sys.stdout.buffer.write(sbml_text('da').encode())"
    )
    seed = {**os.environ, "PYTHONHASHSEED": "1"}
    other = subprocess.run([sys.executable, "-c", code], env=seed, capture_output=True, check=True)
    assert other.stdout == sbml_text("da").encode()


def test_without_the_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(
        MissingLibraryError,
        match=r'pip install "eaesim\[exchange\]" \(in the .* pip install "\.\[exchange\]"',
    ):
        sbml_text("lewis")
