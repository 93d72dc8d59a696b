"""The page's engine against the package: states, daily scores one by one, deaths and effects."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eaesim.interop.javascript import javascript_text
from eaesim.livepage import page as page_module
from eaesim.livepage.content import TOLERANCE, PageContent, page_content
from eaesim.livepage.page import ENGINE, data_text, file_text, seen, systems_text
from eaesim.model import MECHANISMS
from eaesim.model.pharmacy import drugs_from
from eaesim.model.score import severity
from eaesim.protocol import Arm, Immunisation, Relapse
from eaesim.protocol.dose import parse_dose
from eaesim.solver import Effort
from eaesim.solver.lanes.method import tsit5
from eaesim.study import Study, assembly, chunk, load
from eaesim.study.simulation import Simulation
from eaesim.workbench.madestudy import RELAPSE_DAY, UNTIL

Evaluate = Callable[[str], Any]
OWN = """title = "antibody of our own"
source = "assumed"
[disposition]
volume = "40 mL/kg"
volume_tissue = "80 mL/kg"
exchange = "30 mL/kg/day"
elimination = { value = "0.3 1/day", low = "0.1 1/day", high = "1 1/day", spread = 0.3 }
[route.ip]
absorption = "2 1/day"
bioavailability = 0.8
[[action]]
on = ["cns_entry", "priming"]
does = "inhibit"
half_effect = "0.05 mg/mL"
"""
# A score is a threshold: no tolerance removes a tie, so one reading in this many may differ.
READINGS_A_DIFFERENCE = 10_000
EVENTS = {"immunisation": (), "relapse-none": ("none",), "relapse-complete": ("complete",)}
DOSES = [(-7.0, "1 g/kg", "iv"), (0.0, "0.4 g/kg over 4 h every 1 day x 5", "iv"), (7.0, "2 g/kg", "ip")]
MEMBERS, SEED = 8, 3
# What the program returns of each run, and the engine, are functions of the page.
PROGRAM = """
const page = %s, own = %s;
function answer() {
  page.tolerance = %r;
  const subject = Object.values(page.subjects)[0], panel = subject.panels[%s];
  const told = ({ done, seen, values }) => ({
    done, score: Array.from(seen.score), death: seen.death === Infinity ? null : seen.death,
    values: values.slice(4).map((each) => Array.from(each)),
  });
  return Object.values(subject.treatments).map((treatment) => {
    const group = new Group(page, subject, treatment, panel, 0, subject.animals, own);
    return [group.control, ...%s.map((each) => group.treated(each))].map((arm) => arm.map(told));
  });
}"""


def made(subject: str, *, drug: str = "ivig", animals: int = 40, **settings: Any) -> PageContent:
    given = {
        "patients": 20,
        "mechanism": ("H1a",),
        "doses": ("1 g/kg",),
        "parameter_sets": MEMBERS,
        "effort": Effort(),
    }
    return page_content([subject], drugs=[drug], animals=animals, seed=SEED, **(given | settings))


def program(
    content: PageContent,
    panel: str,
    schedules: list[Any],
    *,
    tolerance: float = TOLERANCE,
    systems: str = "",
    own: dict[str, float] | None = None,
) -> str:
    """Return the program that runs every animal untreated and under each schedule."""
    code = (systems or systems_text(content.systems)) + "".join(map(file_text, ENGINE[:2]))
    asked = (json.dumps(own or {}), tolerance, json.dumps(panel), json.dumps(schedules))
    return code + PROGRAM % (data_text(content.data), *asked)


def schedule(day: float, text: str, route: str, drug: str = "ivig") -> dict[str, Any]:
    dose = parse_dose(text, drug=drug, route=route)
    repeats = {"times": dose.doses, "every": dose.every or 1.0, "over": 24 * dose.over}
    return {"day": day, "dose": dose.amount, "route": route, **repeats}


def study(
    subject: str, panel: str, doses: list[Any], *, mechanism: str = "none", drug: str = "ivig"
) -> Study:
    """Return the same arms as a study of the package."""
    is_relapse = panel != "immunisation"
    again = [Relapse(RELAPSE_DAY, adjuvant=one) for one in EVENTS[panel]]
    arms = [Arm("control")] + [
        Arm(f"arm {number}", parse_dose(text, drug=drug, route=route).at(day=day + RELAPSE_DAY * is_relapse))
        for number, (day, text, route) in enumerate(doses)
    ]
    until = UNTIL["relapse" if is_relapse else "immunisation"]
    return Study(
        subject, until=until, inductions=[Immunisation(day=0), *again], arms=arms, mechanism=mechanism
    )


def run(own: Study, *, animals: int = 40, record: tuple[str, ...] = ()) -> Simulation:
    found = own.run(animals=animals, seed=SEED, members=MEMBERS, record=record, accuracy="courses")
    return found.simulation


def different(found: list[list[Any]], expected: Simulation) -> int:
    """Return how many daily scores and days of death differ."""
    score = np.array([[animal["score"] for animal in arm] for arm in found])
    death = np.array([[animal["death"] for animal in arm] for arm in found], dtype=float)
    assert all(animal["done"] for arm in found for animal in arm)
    assert expected.score.max() >= 2  # of healthy animals every score agrees
    deaths = np.where(np.isnan(death), np.inf, death) != expected.death_day
    return int((score != expected.score).sum() + deaths.sum())


def check(evaluate: Evaluate, subject: str, panel: str, *, mechanisms: tuple[str, ...] = ("H1a",)) -> None:
    content = made(subject, mechanism=mechanisms)
    found = evaluate(program(content, panel, [schedule(*one) for one in DOSES]))
    expected = [run(study(subject, panel, DOSES, mechanism=mechanism)) for mechanism in mechanisms]
    readings = sum(each.score.size for each in expected)
    total = sum(different(*pair) for pair in zip(found, expected, strict=True))
    assert total <= max(1, readings // READINGS_A_DIFFERENCE)


@pytest.mark.parametrize("panel", list(EVENTS))
@pytest.mark.parametrize("subject", ["lewis", pytest.param("da", marks=pytest.mark.slow)])
def test_daily_scores_and_deaths_agree(evaluate: Evaluate, subject: str, panel: str) -> None:
    check(evaluate, subject, panel)


@pytest.mark.slow
@pytest.mark.parametrize("panel", list(EVENTS))
@pytest.mark.parametrize("subject", ["lewis", "da"])
def test_they_agree_for_every_mechanism(evaluate: Evaluate, subject: str, panel: str) -> None:
    check(evaluate, subject, panel, mechanisms=tuple(MECHANISMS))


def test_a_drug_from_a_file_agrees(evaluate: Evaluate, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    with drugs_from(tmp_path):
        doses = [(5.0, "10 mg/kg", "iv"), (8.0, "20 mg/kg every 3 day x 3", "ip")]
        content = made("lewis", drug="own", doses=["10 mg/kg"])
        asked = [schedule(*one, drug="own") for one in doses]
        (found,) = evaluate(program(content, "immunisation", asked))
        expected = run(study("lewis", "immunisation", doses, drug="own"))
        assert different(found, expected) <= 1
        assert (expected.score[0] != expected.score[1]).any()  # the drug acts


@pytest.mark.parametrize("panel", list(EVENTS))
def test_a_dose_that_waits_for_a_sign_agrees(evaluate: Evaluate, panel: str) -> None:
    signs = [("onset", 0), ("onset", 4), ("relapse", 0), ("relapse", 2)]
    dose = parse_dose("2 g/kg every 2 day x 3")
    asked = [schedule(after, "2 g/kg every 2 day x 3", "iv") | {"sign": sign} for sign, after in signs]
    plain = study("da", panel, [], mechanism="H6")
    conditions = {"onset": "score >= 1", "relapse": "score rise >= 1"}
    arms = [Arm(f"{each}", dose.at(**{each[0]: conditions[each[0]]}, after=each[1])) for each in signs]
    own = Study(
        "da",
        until=plain.design.until,
        inductions=plain.design.inductions,
        arms=[Arm("control"), *arms],
        mechanism="H6",
    )
    (found,) = evaluate(program(made("da", mechanism=("H6",)), panel, asked))
    expected = run(own)
    assert different(found, expected) <= 1
    assert (expected.score[0] != expected.score[1:]).any()  # the doses act


def test_values_of_a_reader_s_own_agree(evaluate: Evaluate) -> None:
    values = {"potency_maturation": 2.5, "expansion_rate": 0.9, "igg_exchange": 30.0, "deficit_rate": 1.2}
    asked, usual = [schedule(*one) for one in DOSES], study("da", "immunisation", DOSES, mechanism="H1a")
    (found,) = evaluate(program(made("da"), "immunisation", asked, own=values))
    changed = Study(
        load("da").replace(**values), until=usual.design.until, arms=usual.design.arms, mechanism="H1a"
    )
    expected = run(changed)
    assert different(found, expected) <= 1
    assert (expected.score != run(usual).score).sum() > 50


def with_states(content: PageContent) -> str:
    """Return the equations of a page that reads every state too."""
    (system,) = content.systems.values()
    text = javascript_text(system, (*seen("ivig"), *system.state._fields), method=tsit5())
    return f"const SYSTEMS = {{ ivig: {text} }};\n"


@pytest.mark.parametrize("subject", ["lewis", "da"])
def test_states_are_exact(evaluate: Evaluate, subject: str) -> None:
    content = made(subject, animals=12)
    asked = [schedule(*one) for one in DOSES]
    text = program(content, "immunisation", asked, systems=with_states(content))
    (found,) = evaluate(text)
    names = next(iter(content.systems.values())).state._fields
    own = study(subject, "immunisation", DOSES, mechanism="H1a")
    states = run(own, animals=12, record=names).states
    expected = np.stack([states[name] for name in names], axis=2)  # arms, animals, states, days
    values = np.array([[animal["values"] for animal in arm] for arm in found])
    typical = Study(subject, until=40, arms=own.design.arms, mechanism="H1a")
    base = typical.run(animals=1, seed=SEED, members=1, record=names, accuracy="courses").simulation.states
    peak = np.maximum(
        abs(expected).max(axis=3, keepdims=True),
        np.stack([base[name] for name in names], axis=2).max(axis=(0, 3))[..., None],
    )
    error = abs(values - expected) / np.maximum(np.maximum(abs(expected), 1e-3 * peak), 1e-300)
    assert error.max() < 1e-3


def test_an_edited_equation_changes_both(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    asked, own = [schedule(*DOSES[2])], study("lewis", "immunisation", DOSES[2:], mechanism="H1a")
    before = run(own)
    edited = replace(
        assembly.SYSTEM,
        derivative=lambda state, parameters: (rates := assembly.derivative(state, parameters))._replace(
            deficit=0.7 * rates.deficit
        ),
    )
    unedited = made("lewis")
    monkeypatch.setattr(assembly, "SYSTEM", edited)
    assembly.system_with.cache_clear()
    request.addfinalizer(assembly.system_with.cache_clear)
    after = run(own)
    (page,), (old_page,) = (
        evaluate(program(content, "immunisation", asked)) for content in (made("lewis"), unedited)
    )
    assert different(page, after) <= 1
    assert different(old_page, before) <= 1
    assert different(old_page, after) > 50


def test_an_edited_reading_changes_both(evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    # The factor 5 of the severity becomes 4.
    weaker = (lambda state, parameters: 0.8 * severity(state, parameters), "death_hazard")
    own, content = study("lewis", "immunisation", [], mechanism="H1a"), made("lewis")
    monkeypatch.setattr(chunk, "READ", weaker)
    after = run(own)
    (old_page,) = evaluate(program(content, "immunisation", []))
    assert different(old_page, after) > 50
    monkeypatch.setattr(page_module, "READ", weaker)
    (page,) = evaluate(program(content, "immunisation", []))
    assert different(page, after) <= 1


def test_a_run_that_begins_from_the_control_is_the_same(evaluate: Evaluate) -> None:
    # Rats dosed on day 7 begin from the state of the untreated ones; in a group without marks they do not.
    content = made("lewis", animals=10)
    asked = [schedule(*DOSES[2])]
    shared = evaluate(program(content, "immunisation", asked))
    alone = evaluate(
        program(content, "immunisation", asked)
        .replace("(from) from.values", "(false) from.values")
        .replace("const begin = from ?", "const begin = false ?")
    )
    assert shared == alone


EFFECTS = """
const page = %s;
function answer() {
  const subject = Object.values(page.subjects)[0], found = [];
  for (const [name, treatment] of Object.entries(subject.treatments))
    for (const panel of Object.values(subject.panels)) {
      const group = new Group(page, subject, treatment, panel, 0, subject.animals);
      const intervals = Object.entries(panel.intervals[name]);
      panel.days.forEach((day, place) => {
        const asked = { ...page.drugs[treatment.drug].opening, day };
        const answer = group.answer(asked, false);
        for (const [on, rows] of intervals)
          if (rows.length) found.push([rows[place].effect, effectOf(answer, on, panel).value, on]);
      });
    }
  return found;
}"""


@pytest.mark.slow
@pytest.mark.parametrize("subject", ["lewis", "da"])
def test_effects_are_those_of_timing(evaluate: Evaluate, subject: str) -> None:
    content = made(subject, animals=400, parameter_sets=None, effort=Effort(accuracy="courses"))
    code = systems_text(content.systems) + "".join(map(file_text, (*ENGINE[:2], "effect.js")))
    found = evaluate(code + EFFECTS % data_text(content.data))
    known = [(package, page) for package, page, _ in found if package is not None]
    assert len(known) >= 3 * 22
    assert max(abs(package - page) for package, page in known) <= 0.002
    assert max(package for package, _ in known) > 0.3
