"""The page's patients against the package's: EDSS steps one by one, and the relapses that a dose leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eaesim.livepage.content import TOLERANCE, PageContent, page_content
from eaesim.livepage.page import ENGINE, data_text, file_text, systems_text
from eaesim.model.pharmacy import drugs_from
from eaesim.protocol import Arm
from eaesim.protocol.dose import parse_dose
from eaesim.questions.timing.attack.answer import attacked, plan
from eaesim.questions.timing.attack.plan import UNTIL
from eaesim.questions.timing.attack.request import AttackRequest
from eaesim.solver import Effort
from eaesim.study.patients import follow

Evaluate = Callable[[str], Any]
SEED, PATIENTS, READINGS_A_DIFFERENCE = 3, 20, 10_000
OWN = """title = "antibody of our own"
source = "assumed"
[disposition]
volume = "40 mL/kg"
elimination = { value = "0.03 1/day", low = "0.01 1/day", high = "0.1 1/day", spread = 0.3 }
[[action]]
on = ["cns_entry", "priming"]
does = "inhibit"
half_effect = "0.05 mg/mL"
"""
# Also a day without a curve's point, repeats, and a dose within an infusion of hours.
DOSES = [
    (-56, "1 g/kg"),
    (1, "1 g/kg"),
    (8, "0.4 g/kg over 4 h every 1 day x 5"),
    (-3, "0.2 g/kg every 28 day x 3"),
]
PROGRAM = """
const page = %s;
function answer() {
  page.tolerance = %r;
  const subject = Object.values(page.subjects)[0], panel = subject.panels.attack;
  const told = ({ done, seen, read }) => ({ done, edss: Array.from(seen.score), relapses: read.ill });
  return Object.entries(subject.treatments).map(([name, treatment]) => {
    const group = new Group(page, subject, treatment, panel, 0, subject.animals);
    return [group.control, ...%s.map((each) => group.treated(each))].map((arm) => arm.map(told));
  });
}"""


def made(*, name: str = "patient", **settings: Any) -> PageContent:
    given = {"drugs": ["ivig"], "mechanism": ("H1a",), "doses": ("1 g/kg",), "animals": 4, "seed": SEED}
    given |= {"patients": PATIENTS, "parameter_sets": None, "effort": Effort()}
    return page_content([name], **(given | settings))  # type: ignore[arg-type]


def schedule(day: int, text: str, drug: str = "ivig") -> dict[str, Any]:
    dose = parse_dose(text, drug=drug)
    repeats = {"times": dose.doses, "every": dose.every or 1.0, "over": 24 * dose.over}
    return {"day": day, "dose": dose.amount, "route": "iv", **repeats}


def check(
    evaluate: Evaluate, content: PageContent, request: AttackRequest, doses: list[tuple[int, str]]
) -> None:
    """Compare every reading of every arm of each mechanism, and every relapse."""
    asked = [schedule(*one, request.drug) for one in doses]
    code = systems_text(content.systems) + "".join(map(file_text, ENGINE[:2]))
    found = evaluate(code + PROGRAM % (data_text(content.data), TOLERANCE, json.dumps(asked)))
    own, effort = plan(next(iter(content.data["subjects"])), request), Effort(accuracy="courses")
    readings = different = relapses = changed = 0
    for acting, page in zip(request.acting(), found, strict=True):
        subjects = own.subjects(acting)
        patients = attacked(own, subjects, effort)
        given = [parse_dose(text, drug=request.drug).at(day=day + own.lead) for day, text in doses]
        control: Any = None
        for arm, seen in zip([Arm("untreated"), *(Arm("treated", one) for one in given)], page, strict=True):
            expected = follow(
                patients,
                arm,
                until=own.lead + UNTIL,
                mechanism=own.mechanism(acting),
                effort=effort,
            ).edss
            edss = np.array([each["edss"] for each in seen])
            assert all(each["done"] for each in seen)
            readings += edss.size
            # An EDSS is read in steps of 0.5.
            different += int((np.round(2 * edss) != np.round(2 * expected)).sum())
            assert abs(edss - expected).max() < 0.005  # a hundredth of a step
            control = expected if control is None else control
            changed += int((np.round(2 * control) != np.round(2 * expected)).sum())
            relapses += sum(each["relapses"] for each in seen)
    assert different <= max(1, readings // READINGS_A_DIFFERENCE)
    assert min(relapses, changed) > 50  # somebody relapses, and a dose does something


def test_the_edss_of_every_day_agrees(evaluate: Evaluate) -> None:
    check(evaluate, made(), AttackRequest(patients=PATIENTS, seed=SEED), DOSES)


@pytest.mark.slow
def test_it_agrees_for_every_mechanism(evaluate: Evaluate) -> None:
    content = made(mechanism=("all",))
    check(evaluate, content, AttackRequest(patients=PATIENTS, seed=SEED, mechanism="all"), DOSES)


def test_a_drug_from_a_file_agrees(evaluate: Evaluate, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    with drugs_from(tmp_path):
        content = made(drugs=["own"], doses=["10 mg/kg"])
        request = AttackRequest(patients=PATIENTS, seed=SEED, drug="own", dose="10 mg/kg")
        check(evaluate, content, request, [(-5, "10 mg/kg"), (3, "20 mg/kg every 3 day x 3")])


EFFECTS = """
const page = %s;
function answer() {
  const [subject] = Object.values(page.subjects), panel = subject.panels.attack, found = [];
  for (const [name, treatment] of Object.entries(subject.treatments)) {
    const group = new Group(page, subject, treatment, panel, 0, subject.animals);
    for (const row of panel.intervals[name].left) {
      const answer = group.answer({ ...page.drugs[treatment.drug].opening, day: row.day }, false);
      const [left, protected_] = ["left", "protected"].map((on) => effectOf(answer, on, panel).value);
      found.push([row.effect, left, protected_]);
    }
  }
  return found;
}"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["patient", "patient_progressive"])
def test_the_relapses_left_are_those_of_timing(evaluate: Evaluate, name: str) -> None:
    content = made(name=name, effort=Effort(accuracy="courses"))
    code = systems_text(content.systems) + "".join(map(file_text, (*ENGINE[:2], "effect.js")))
    found = np.array(evaluate(code + EFFECTS % data_text(content.data)))
    assert len(found) == 22
    # One relapse of one patient is about 0.01.
    apart = abs(found[:, 0] - found[:, 1])
    assert (apart > 1e-9).sum() <= 1
    assert apart.max() <= 0.02
    # In these patients a dose makes nobody relapse.
    assert abs(found[:, 1] + found[:, 2] - 1).max() <= 0.02
    assert found[:, 1].min() < 0.5 < found[:, 1].max()
