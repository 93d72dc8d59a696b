"""The page as a file: what is in it, what is not, and what it writes for the package."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eaesim as ea
from eaesim.endpoints.living import living
from eaesim.errors import EaesimError
from eaesim.livepage.content import PageContent, page_content
from eaesim.livepage.page import ENGINE, PLOTS, data_text, file_text, page_text, systems_text
from eaesim.questions.timing.answer import timing
from eaesim.solver import Effort
from eaesim.workbench.figure.save import plot
from eaesim.workbench.studyfile import asked as asked_in_file
from eaesim.workbench.studyfile import own_question, read_study

Evaluate = Callable[[str], Any]
# Of the files as their makers publish them: Observable Plot 0.6.17 and D3 7.9.0.
VENDORED = {
    "d3.min.js": "f2094bbf6141b359722c4fe454eb6c4b0f0e42cc10cc7af921fc158fceb86539",
    "plot.umd.min.js": "4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb",
}
SETTINGS: dict[str, Any] = {"animals": 16, "patients": 20, "seed": 2, "parameter_sets": 4, "effort": Effort()}


def made(**settings: Any) -> PageContent:
    given: dict[str, Any] = {
        "mechanism": ["H1a", "H7"],
        "drugs": ["ivig", "fingolimod"],
        "doses": ["1 g/kg", "0.3 mg/kg every 1 day x 7"],
    }
    given |= SETTINGS | settings
    return page_content(given.pop("subjects", ["lewis", "da"]), **given)


@pytest.fixture(scope="module")
def content() -> PageContent:
    return made()


@pytest.fixture(scope="module")
def page(content: PageContent) -> str:
    return page_text(content)


def test_the_same_settings_give_the_same_bytes() -> None:
    few = {"mechanism": ["H1a"], "drugs": ["ivig"], "doses": ["1 g/kg"], "subjects": ["lewis"], "animals": 4}
    page = page_text(made(**few))
    assert page_text(made(**few)) == page
    assert page_text(made(**few, seed=3)) != page


def test_it_names_no_path_of_this_machine_and_no_time(page: str) -> None:
    for name in PLOTS:
        page = page.replace(file_text(name), "")
    assert str(Path.home()) not in page
    assert str(Path(ea.__file__).parent) not in page
    assert not re.search(r"\b20\d\d-\d\d-\d\dT|\d\d:\d\d:\d\d", page)


def test_a_fitted_rat_is_named_and_not_its_folder(fit_folder: Path) -> None:
    few: dict[str, Any] = {"mechanism": ["H1a"], "drugs": ["ivig"], "doses": ["1 g/kg"], "animals": 4}
    content = made(subjects=[str(fit_folder)], **few, parameter_sets=2)
    text = data_text(content.data)
    assert str(fit_folder) not in text
    (subject,) = content.data["subjects"].values()
    assert not subject["isShipped"]
    assert f'rat = "{subject["name"]}"' in subject["panels"]["immunisation"]["study"]
    with pytest.raises(EaesimError, match="two subjects have the name"):
        made(subjects=[str(fit_folder), f"{fit_folder}/"], **few, parameter_sets=2)


def test_it_asks_for_nothing(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none';")
    assert "http" not in policy[1]
    assert "eval" not in policy[1]
    assert not re.search(r'<(script|link|img|iframe)\b[^>]*\b(src|href)="(?!data:)', page)


@pytest.mark.parametrize("name", VENDORED)
def test_the_libraries_are_those_of_their_makers(name: str) -> None:
    assert hashlib.sha256(file_text(name).encode()).hexdigest() == VENDORED[name]
    assert set(VENDORED) == set(PLOTS)


def test_every_licence_stands_on_the_page(page: str) -> None:
    for holder in ("Mike Bostock", "Observable, Inc.", "Mikola Lysenko", "Mapbox"):
        assert re.search(rf"Copyright[^\n]*{holder}", page[page.index("<h3>d3.LICENSE") :])


def test_a_title_cannot_leave_its_place_in_the_page(content: PageContent) -> None:
    subjects = {"lewis": content.data["subjects"]["lewis"] | {"title": "</script><script>alert(1)</script>"}}
    text = page_text(replace(content, data={**content.data, "subjects": subjects}))
    assert "alert(1)</script>" not in text
    assert json.loads(data_text({"a": "</script>"})) == {"a": "</script>"}


def test_every_code_on_the_page_is_explained(page: str, content: PageContent) -> None:
    folded = page[page.index('<details id="codes">') :]
    folded = folded[: folded.index("</details>")]
    shown = {row["row"] for row in content.data["findings"]} | {"H1a", "H7"}
    assert shown == set(re.findall(r"<dt>([^<]*)</dt>", folded))


def test_the_page_of_patients_explains_its_codes_and_says_prediction(of_patients: PageContent) -> None:
    page = page_text(of_patients)
    folded = page[page.index('<details id="codes">') :]
    codes = re.findall(r"<dt>([^<]*)</dt>", folded[: folded.index("</details>")])
    assert codes == ["H1a", "H7", "S2", "S3", "S4"]
    assert "In patients every number is a" in page
    assert "encephalomyelitis" not in page[: page.index("</header>")]


def ids(published: dict[str, Any]) -> set[str]:
    numbers = {one["id"] for one in published["numbers"]}
    return numbers | {name for one in published["statements"] for name in one["ids"]}


@pytest.mark.parametrize(
    ("rat", "induction"), [("lewis", "immunisation"), ("da", "immunisation"), ("da", "relapse")]
)
def test_published_findings_are_those_of_the_timing(content: PageContent, rat: str, induction: str) -> None:
    own = {name: SETTINGS[name] for name in ("animals", "seed", "parameter_sets")}
    with pytest.warns(ea.EaesimWarning, match="rats of 4 parameter sets"):
        found = timing(rat, induction=induction, mechanism=["H1a", "H7"], **own)
    drawn = {
        name
        for axes in plot(found).axes
        for line in axes.lines
        for name in (line.get_gid() or "").split("--")
        if name in {one["id"] for one in content.data["findings"]}
    }
    subject = content.data["subjects"][rat]
    panels = [one for one in subject["panels"].values() if one["isRelapse"] == (induction == "relapse")]
    assert set().union(*(ids(one["published"][one["drawn"]]) for one in panels)) == drawn
    assert bool(drawn) != (induction == "relapse")
    assert all(one["isPrediction"] for one in panels) == (induction == "relapse")
    compared = found.tables()["comparison"].set_index(["finding", "group"])["finding_verdict"]
    for mechanism in ("H1a", "H7") if drawn else ():
        verdicts = subject["treatments"][f"ivig-{mechanism}"]["verdicts"]
        assert drawn <= set(verdicts)
        for name, verdict in verdicts.items():
            assert verdict in set(compared[[name]].xs(f"{rat}, {mechanism}, 1 g/kg", level="group"))


PROGRAM = """
const page = %s;
function answer() {
  const asked = %s, subject = page.subjects[asked.subject], panel = subject.panels[asked.panel];
  const treatment = subject.treatments[asked.treatment], drug = page.drugs[treatment.drug];
  const group = new Group(page, subject, treatment, panel, 0, subject.animals, asked.own);
  const given = group.answer({ ...asked, sign: asked.start === "day" ? null : asked.start }, true);
  const { courses, plasma } = given;
  const mean = ({ score, alive }) => Array.from(score, (total, day) => total / alive[day]);
  return {
    study: (panel.isAttack ? attackFile : studyFile)(
      asked, subject, panel, treatment, drug, page, [asked.day],
    ),
    treated: mean(courses.treated), control: mean(courses.control),
    plasma: Array.from(plasma.total, (total, place) => [plasma.times[place], total / plasma.animals]),
    value: effectOf(given, asked.on, panel).value, dosed: effectOf(given, asked.on, panel).dosedShare,
    first: answerWords(asked, panel, treatment, drug, { effect: 0.5, interval: { low: 0.25, high: 0.75 } }),
    none: answerWords(asked, panel, treatment, drug, { effect: 0.001 }),
  };
}"""
OWN = {"potency_maturation": 3.0, "igg_uptake": 5.5, "inflammation_rate": 4.0}
ASKED = {
    "one dose": ("lewis", "immunisation", "ivig-H1a", 0, {"dose": 1000}),
    "before day 0": ("da", "immunisation", "ivig-H7", -3, {"dose": 400, "times": 5, "over": 4}),
    "into the peritoneum": ("da", "relapse-none", "ivig-H1a", 2, {"dose": 2000, "route": "ip"}),
    "another drug": ("lewis", "immunisation", "fingolimod", 5, {"dose": 0.3, "times": 7, "route": "oral"}),
    "at first signs": (
        "lewis",
        "immunisation",
        "fingolimod",
        0,
        {"dose": 3, "start": "onset", "route": "oral"},
    ),
    "after signs": ("da", "immunisation", "ivig-H1a", 2, {"dose": 2000, "start": "onset", "times": 3}),
    "at a bout": ("da", "immunisation", "ivig-H7", 0, {"dose": 2000, "start": "relapse"}),
    "at a relapse": ("da", "relapse-complete", "ivig-H1a", 1, {"dose": 2000, "start": "relapse", "over": 4}),
    "own values": ("da", "immunisation", "ivig-H1a", 1, {"dose": 1000, "own": OWN}),
    "all at once": ("da", "relapse-complete", "ivig-H1a", 0, {"dose": 1000, "own": OWN, "start": "relapse"}),
}


def asked_of(
    evaluate: Evaluate, content: PageContent, asked: tuple[str, str, str, int, dict[str, Any]]
) -> dict[str, Any]:
    """Return what the page computes and writes of what is asked."""
    subject, panel, treatment, day, own = asked
    whole = {"subject": subject, "panel": panel, "treatment": treatment, "day": day, "on": "peak"}
    whole |= {"times": 1, "every": 1, "over": 0, "route": "iv", "start": "day", "own": {}} | own
    files = (*ENGINE[:2], "effect.js", "words.js", "patientwords.js")
    code = systems_text(content.systems) + "".join(map(file_text, files))
    return dict(evaluate(code + PROGRAM % (data_text(content.data), json.dumps(whole))))


@pytest.mark.parametrize("name", ASKED)
def test_the_study_file_gives_the_same_courses(
    evaluate: Evaluate, content: PageContent, tmp_path: Path, name: str
) -> None:
    _, panel, treatment, _, asked = ASKED[name]
    found = asked_of(evaluate, content, ASKED[name])
    file = tmp_path / "study.toml"
    file.write_text(found["study"], encoding="utf-8")
    study, settings = read_study(file)
    written = tomllib.loads(found["study"])
    assert written["run"] == {"parameter_sets": 4}
    assert written.get("parameters", {}) == asked.get("own", {})
    assert (settings.animals, settings.seed) == (16, 2)
    state = "igg_plasma" if treatment.startswith("ivig") else "igg_tissue"
    run = study.run(animals=16, seed=2, members=4, record=(state,)).simulation
    for arm, course in (("untreated", found["control"]), ("treated", found["treated"])):
        place = [each.name for each in study.design.arms].index(arm)
        expected = living(run.score[place], run.death_day[place]).mean
        np.testing.assert_allclose(np.array(course, dtype=float), expected, atol=0.02)
    if state == "igg_plasma":
        whole = {time: value for time, value in found["plasma"] if time >= 0 and time == int(time)}
        mean = run.states[state][1].mean(axis=0)
        np.testing.assert_allclose(
            list(whole.values()), mean[[int(time) for time in whole]], rtol=1e-3, atol=1e-4
        )
        assert run.states[state][1].max() > 0.5
        dosed = run.states[state][1].max(axis=1) > 1.01 * run.states[state][0].max(axis=1)
        # Around a relapse those count that are alive at its induction.
        counted = run.death_day[0] > (35 if panel.startswith("relapse") else -1)
        assert found["dosed"] == pytest.approx(dosed[counted].mean())
    assert 0 < found["dosed"] <= 1


def test_it_says_the_effect_in_a_sentence(evaluate: Evaluate, content: PageContent) -> None:
    regimen = {"dose": 400, "times": 5, "every": 1, "over": 4}
    found = asked_of(evaluate, content, ("lewis", "immunisation", "ivig-H1a", -2, regimen))
    assert found["first"] == (
        "5 doses of 0.4 g/kg of IVIG that blocks maturation of dendritic cells (H1a), each given over "
        "4 hours, 1 day apart, the first 2 days before immunisation, reduce the peak score by 50\u00a0% "
        "(95\u00a0% interval 25\u00a0% to 75\u00a0%)."
    )
    assert found["none"].endswith("do not change the peak score.")
    waiting = {"dose": 1000, "start": "onset"}
    found = asked_of(evaluate, content, ("lewis", "immunisation", "ivig-H1a", 2, waiting))
    assert ", given 2 days after the first signs (a score of at least 1), reduces" in found["first"]


@pytest.fixture(scope="module")
def of_patients() -> PageContent:
    return made(subjects=["patient"], parameter_sets=None)


@pytest.mark.parametrize("treatment", ["ivig-H1a", "fingolimod"])
def test_the_file_of_a_patient_gives_the_same_relapses(
    evaluate: Evaluate, of_patients: PageContent, tmp_path: Path, treatment: str
) -> None:
    content = of_patients
    opening = content.data["drugs"][treatment.split("-")[0]]["opening"]
    asked = ("patient", "attack", treatment, 1, opening | {"on": "left"})
    found = asked_of(evaluate, content, asked)
    file = tmp_path / "study.toml"
    file.write_text(found["study"], encoding="utf-8")
    question = own_question(file)
    assert question is not None
    assert question.verb == "timing --attack"
    table = question.answer(question.plan(*asked_in_file(question, file)[:2]), Effort()).tables()["timing"]
    assert table["patients"].tolist() == [20 * 21]
    # The run-up to the attack is as long as the earliest dose needs, which no relapse depends on.
    assert table["left"].tolist() == pytest.approx([found["value"]], abs=0.011)
    assert found["value"] < 0.9 or treatment == "fingolimod"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subjects": ["lewiss"]}, 'did you mean "lewis"'),
        ({"mechanism": ["H9"]}, '"H9" is not a mechanism'),
        ({"drugs": ["ivigg"]}, 'did you mean "ivig"'),
        ({"doses": ["1"]}, "has no unit"),
        ({"doses": ["1 g/kg", "2 g/kg"]}, "2 doses for 1 drug;"),
        ({"animals": 0}, "animals 0 is not a whole number"),
    ],
)
def test_bad_settings_are_refused_in_a_line(settings: dict[str, Any], message: str) -> None:
    given = {"subjects": ["lewis"], "mechanism": ["H1a"], "drugs": ["ivig"], "doses": ["1 g/kg"]}
    given |= SETTINGS | settings
    with pytest.raises(EaesimError, match=re.escape(message)) as caught:
        page_content(given.pop("subjects"), **given)
    assert "\n" not in str(caught.value)
