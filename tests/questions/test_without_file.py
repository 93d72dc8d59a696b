"""Questions of a study that are asked without a file: options or settings make the study."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shell import call, folder_with, study_file

import eaesim as ea
from eaesim.errors import EaesimError
from eaesim.workbench.madestudy import MadeInduced, MadeRat, MadeStudy
from eaesim.workbench.question import question, questions
from eaesim.workbench.studyfile import asked

HEAD = '[study]\nrat = "{rat}"\nuntil = {until}\nanimals = {animals}\n[[arm]]\nname = "untreated"\n'
ONE = HEAD + '[[arm]]\nname = "1 g/kg on day 0"\ndose = "1 g/kg"\nday = 0\n'
SEVERAL = (
    HEAD
    + """
[[arm]]
name = "0.4 g/kg every 1 day x 5 from day 3"
dose = "0.4 g/kg every 1 day x 5"
day = 3
[[arm]]
name = "0.4 g/kg every 1 day x 5 from onset of signs"
dose = "0.4 g/kg every 1 day x 5"
onset = "score >= 1"
[[arm]]
name = "2 g/kg on day 3"
dose = "2 g/kg"
day = 3
[[arm]]
name = "2 g/kg at onset of signs"
dose = "2 g/kg"
onset = "score >= 1"
"""
)
RELAPSE = (
    HEAD
    + """
[[arm]]
name = "1 g/kg 1 day before relapse induction"
dose = "1 g/kg"
day = 34
[[arm]]
name = "1 g/kg at relapse induction"
dose = "1 g/kg"
day = 35
[[arm]]
name = "1 g/kg 2.5 days after relapse induction"
dose = "1 g/kg"
day = 37.5
[[induction]]
kind = "immunisation"
[[induction]]
kind = "relapse"
day = 35
"""
)
SWEPT = (
    HEAD
    + """
[[arm]]
name = "treated"
dose = "1 g/kg"
day = -7
[sweep]
"arm.treated.day" = [-7.0, 0.0, 7.0, 14.0]
"arm.treated.dose" = ["1 g/kg", "2 g/kg"]
"""
)
DOSES = ["0.4 g/kg every 1 day x 5", "2 g/kg"]
# By question: the file written by hand, and the settings that make the same study.
SAME: list[tuple[str, str, dict[str, Any]]] = [
    ("power", ONE.format(rat="lewis", until=40, animals=320), {"dose": "1 g/kg"}),
    ("power", ONE.format(rat="lewis", until=40, animals=320), {"day": "0"}),
    (
        "schedule",
        SEVERAL.format(rat="da", until=30, animals=320),
        {"rat": "da", "until": 30, "dose": DOSES, "day": [3, "onset"]},
    ),
    ("run", RELAPSE.format(rat="da", until=65, animals=320), {"induction": "relapse", "day": [-1, 0, 2.5]}),
    ("sensitivity", ONE.format(rat="lewis", until=40, animals=20), {"rat": "lewis"}),
    ("optimise", HEAD.format(rat="lewis", until=20, animals=320), {"until": 20}),
    (
        "sweep",
        SWEPT.format(rat="lewis", until=40, animals=320),
        {"day": "-7:14:7", "dose": ["1 g/kg", "2 g/kg"]},
    ),
]
SMALL = ["--sizes", "5", "--studies", "100", "--pool", "100", "--parameter-sets", "1", "--quiet"]
folder = folder_with({"first.toml": study_file(until=20, animals=4)})


@pytest.mark.parametrize(("name", "text", "settings"), SAME)
def test_settings_ask_what_the_file_written_by_hand_asks(
    name: str, text: str, settings: dict[str, Any]
) -> None:
    Path("hand.toml").write_text(text, encoding="utf-8")
    study, request, _ = asked(question(name), Path("hand.toml"))
    made, own = question(name).request(**settings).of(None)
    assert question(name).plan(made, own).settings() == question(name).plan(study, request).settings()


def test_a_run_its_files_and_its_command_are_those_of_the_file_written_by_hand() -> None:
    Path("hand.toml").write_text(ONE.format(rat="lewis", until=20, animals=320), encoding="utf-8")
    assert call("power", "hand.toml", *SMALL, "--out", "hand") == 0
    assert call("power", "--dose", "1 g/kg", "--until", "20", *SMALL) == 0
    manifests = [
        json.loads(Path(one, "manifest.json").read_text("utf-8")) for one in ("hand", "eaesim-power")
    ]
    assert manifests[0]["hash"] == manifests[1]["hash"]
    for name in ("power", "needed", "expected"):
        assert Path("hand", f"{name}.csv").read_bytes() == Path("eaesim-power", f"{name}.csv").read_bytes()
    assert call(*shlex.split(manifests[1]["command"])[1:], "--out", "again") == 0
    assert json.loads(Path("again/manifest.json").read_text("utf-8"))["hash"] == manifests[0]["hash"]


def test_a_call_takes_the_same_settings() -> None:
    small: dict[str, Any] = {"sizes": [5], "studies": 100, "pool": 100, "parameter_sets": 1}
    arms = [ea.Arm("untreated"), ea.Arm("1 g/kg on day 0", ea.Bolus("1 g/kg").at(day=0))]
    given = ea.power(ea.Study("lewis", until=20, arms=arms), **small)
    for dose in ("1 g/kg", ea.Bolus("1 g/kg")):
        pd.testing.assert_frame_equal(ea.power(dose=dose, until=20, **small).table(), given.table())


def test_a_sweep_is_of_the_days_around_the_induction_if_none_is_given() -> None:
    _, early = question("sweep").request(dose="1 g/kg").of(None)
    _, late = question("sweep").request(induction="relapse").of(None)
    assert early.changed() == {"arm.treated.day": [*range(-7, 15)]}
    assert late.changed() == {"arm.treated.day": [*range(28, 50)]}


def test_every_question_of_a_study_may_be_asked_without_a_file() -> None:
    found = {one.name: one.request for one in questions().values() if one.request.input in ("study", "table")}
    assert all(issubclass(request, MadeRat) for request in found.values())
    doses = {name for name, request in found.items() if issubclass(request, MadeStudy)}
    assert doses == {"power", "schedule", "run", "sensitivity", "sweep"}
    assert issubclass(found["optimise"], MadeInduced)
    own = set(MadeStudy.settings())
    for request in found.values():
        assert not own & {name for name, one in request.settings().items() if one.is_in_file} - {"dose"}


def test_an_unknown_day_is_asked_of_a_rat_by_its_name() -> None:
    plan = question("mistiming").plan(*question("mistiming").request(rat="lewis").of(None))
    assert plan.rat.name == "lewis"
    assert question("mistiming").plan(*question("mistiming").request().of(None)).rat.name == "da"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("power", "power needs a study file; eaesim new NAME writes one to start from, or options"),
        ("power|--drug|fingolimod", "power needs a study file"),
        ("schedule|--optimise", "needs a study file"),
        ("power|first.toml|--dose|1 g/kg", "--dose is for a question without a study file"),
        ("sweep|first.toml|--day|0", "no [sweep] table"),
        ("schedule|first.toml|--mistiming|--rat|da", "--rat is for a question without a study file"),
        ("schedule|--mistiming|--dose|1 g/kg|--dose|2 g/kg", "--dose is given once here"),
        ("schedule|--mistiming|--drug|fingolimod", "which is asked of IVIG"),
        ("schedule|--optimise|--dose|1 g/kg", "--dose is not for --optimise"),
        ("power|--rat|lewsi", 'did you mean "lewis"'),
        ("power|--dose|1", '--dose: dose "1" has no unit'),
        ("power|--dose|1 g", "write for example mg/kg"),
        ("power|--dose|1|g/kg", '--dose "1 g/kg"'),
        ("power|--dose|1 g/kg,1000 mg/kg", 'two arms are named "1 g/kg on day 0"'),
        ("power|--day|onste", 'did you mean "onset"? Signs: onset.'),
        ("power|--day|3:1", "run backwards; write 1:3"),
        ("power|--day|", "give at least one, such as 0"),
        ("power|--day|41", "the study runs until day 40"),
        ("power|--days|3", "did you mean --day?"),
        ("power|--until|1.5", "not a whole number of days"),
        ("power|--induction|relaps", 'did you mean "relapse"'),
        ("power|--induction|relapse|--day|onset", "around a relapse give days"),
        ("sweep|--dose|1 g/kg|--day|3", "nothing is swept"),
        ("sweep|--day|onset,3", "day onset is not swept with days"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    words: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*words.split("|")) == 2
    said = capsys.readouterr().err
    assert hint in said
    assert said.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["first.toml"]


def test_doses_that_differ_in_drug_or_route_are_told_apart() -> None:
    doses = [ea.Bolus("1 mg/kg", drug="fingolimod"), ea.Bolus("1 mg/kg", route="ip"), ea.Bolus("1 mg/kg")]
    study, _ = question("power").request(dose=doses).of(None)
    names = [arm.name for arm in study.design.arms]
    assert names[1:] == ["1 mg/kg of fingolimod on day 0", "1 mg/kg ip on day 0", "1 mg/kg on day 0"]
    with pytest.raises(EaesimError, match="one drug and by one route"):
        question("sweep").request(dose=doses[1:]).of(None)


def test_a_study_and_what_makes_one_are_refused_together() -> None:
    study: Any = ea.Study("lewis", until=20, arms=[ea.Arm("vehicle")])
    with pytest.raises(EaesimError, match=r"^dose is for a question without a study, and one is given"):
        ea.power(study, dose="1 g/kg")
    with pytest.raises(EaesimError, match=r"^power takes a Study, or settings that make one, such as rat"):
        ea.power()
