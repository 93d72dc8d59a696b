"""What holds for every question: one rule for file, call and option, and the command that repeats a run."""

from __future__ import annotations

import importlib
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import tomlkit
from columns import assert_described
from shell import call, folder_with, study_file

import eaesim
from eaesim.cli.question import QuestionCommand
from eaesim.errors import EaesimError
from eaesim.estimation import chain
from eaesim.estimation.target import Target
from eaesim.protocol import Arm, Bolus
from eaesim.study import Study
from eaesim.workbench.question import Question, question, questions

EVERY = questions()
STUDY = study_file(until=20, treated="early, once", seed=7)
# By question: settings of a small run, all kinds of values among them.
SMALL: dict[str, dict[str, Any]] = {
    "power": {"sizes": [5, 8], "studies": 200, "pool": 200, "parameter_sets": 2, "dropout": "10 %"},
    "schedule": {"animals": 8, "parameter_sets": 2, "level": "2 mg/mL", "antibodies": "0.3 1/day"},
    "optimise": {"animals": 8, "parameter_sets": 2, "total": "0.123 g/kg", "doses": 1, "latest": 1.5},
    "run": {"animals": 6, "parameter_sets": 2, "record": ["igg_plasma"], "endpoints": ["peak_score[:9]"]},
    "timing": {
        "rat": "da",
        "induction": "immunisation",
        "days": [0, 7.5],
        "dose": ["1 g/kg", "0.2 g/kg over 4 h"],
        "mechanism": ["H1a", "none"],
        "animals": 4,
        "parameter_sets": 2,
        "dead": "carry",
        "parameters": {"spreading_rate": 0.5},
        "endpoints": ["mean_score[0:30]"],
    },
    "targets": {
        "induction": "transfer",
        "targets": ["cns_entry", "effector_blood"],
        "windows": ["0:4.5", "onset"],
        "until": 14,
        "block": 0.9,
        "loss": "2 1/day",
        "animals": 4,
        "parameter_sets": 2,
        "dead": "carry",
    },
    "sensitivity": {
        "method": "sobol",
        "samples": 8,
        "parameters": ["expansion_rate", "divisions"],
        "arm": "early, once",
        "against": "vehicle",
        "animals": 2,
    },
    "mistiming": {"animals": 24, "parameter_sets": 2, "days": [-3, 0.5], "intervals": [14], "loss": 0.25},
    "mechanisms": {"mechanism": ["H1a"], "parameter_sets": 2, "animals": 4, "given": {"A4": "2 g/kg"}},
    "discriminate": {
        "mechanism": ["H1a", "H7"],
        "parameter_sets": 2,
        "animals": 4,
        "parameters": {"memory_loss": 0.5},
    },
    "ablation": {"shipped": True},
    "doses": {
        "amounts": ["0.2 g/kg"],
        "intervals": [28, 56.5],
        "from_lesion": [0.25],
        "placebo_rate": 0.8,
        "until": 200,
        "patients": 40,
        "parameter_sets": 1,
        "kinetics": "cidp",
        "seed": 3,
    },
    "sizes": {
        "amounts": ["0.4 g/kg"],
        "comparators": ["natalizumab"],
        "allocations": [2],
        "tests": ["rank"],
        "wanted": [0.8],
        "margin": 1.5,
        "limit": 100,
        "replicates": 100,
        "from_lesion": [0],
        "until": 200,
        "patients": 40,
        "parameter_sets": 1,
    },
    "attack": {
        "days": [-7, 0.5],
        "dose": ["1 g/kg", "0.2 g/kg over 4 h"],
        "mechanism": ["H1a", "none"],
        "patients": 40,
        "parameter_sets": 1,
        "seed": 3,
    },
    "scores": {"scale_max": 6, "marks": {"gone": "removed"}, "animal": ["rat"], "dead": "carry", "signs": 2},
    "laboratory": {"sets": 500, "scale_max": 6, "marks": {"gone": "removed"}, "signs": 1.5},
    "fit": {
        "rat": ["da"],
        "start": "prior",
        "particles": 8,
        "chains": 1,
        "animals": 4,
        "moves": 1,
        "seed": 3,
    },
    "calibration": {"of": "scores", "rat": ["da"], "data_sets": 2, "sets": 600, "seed": 2},
    "patient": {"shipped": True, "patients": 200, "seed": 3},
    "trial": {
        "mechanism": ["H1a", "none"],
        "replicates": 20,
        "patients": 120,
        "parameter_sets": 1,
        "from_lesion": 0.25,
        "own_igg": True,
        "kinetics": "cidp",
        "seed": 3,
    },
    "sweep": {
        "animals": 4,
        "parameter_sets": 2,
        "method": "sobol",
        "samples": 4,
        "sampling_seed": 3,
        "arm.early, once.day": {"low": 0, "high": 5},
        "mechanism": ["H1a", "none"],
    },
}
# Those that have to compile the equations anew for every drug of the findings.
LONG = ("mechanisms", "discriminate")
OF_ENSEMBLES = (*LONG, "ablation")
DEAR = (*LONG, "fit", "calibration", "optimise", "patient")
ENSEMBLES: list[tuple[str, Any]] = [
    ("rat", "lewis"), ("rat", ["da", "da"]), ("rat", [3]), ("ensemble", 3), ("parameters", "memory_fraction"),
    ("parameters", ["memory_fraction=0"]), ("parameters", {"memory_fraction": "none"}),
    ("parameters", {"memory_fraction": float("inf")}), ("seed", -1), ("seed", "one"),
]  # fmt: skip
POPULATIONS = [
    *ENSEMBLES, ("mechanism", "H1a"), ("mechanism", []), ("mechanism", ["H9", "H1a"]),
    ("mechanism", ["H1a", "none+H2"]), ("parameter_sets", 0), ("parameter_sets", 10**6), ("animals", 3),
    ("animals", 10_001), ("animals", 1e3),
]  # fmt: skip
# A laboratory's own scores.
SCORES = "rat,group,d8,d10,d11,d12,d13,d14\n" + "".join(
    f"{rat},PBS,0,1,2,{rat % 3 + 1},2,{'gone' if rat == 3 else 1}\n" for rat in range(4)
)
# What is typed before the options, where that is not the verb and a study file.
TYPED = {
    "scores": ["scores", "scores.csv"],
    "trial": ["trial", "tarims_index"],
    "attack": ["timing", "patient"],
    "laboratory": ["fit", "--scores", "scores.csv"],
    "fit": ["fit"],
    "calibration": ["fit"],
    "patient": ["fit", "--subject", "patient"],
}
# What a function is called, where that is not the name of its question.
FUNCTIONS = {
    "attack": "timing_patient",
    "laboratory": "fit_scores",
    "calibration": "calibrate_fit",
    "doses": "trial_doses",
    "patient": "fit_patients",
    "sizes": "trial_sizes",
}
BAD: dict[str, list[tuple[str, Any]]] = {}
BAD["mechanisms"] = [
    *POPULATIONS, ("given", "A1"), ("given", {"A1": "1 g"}), ("given", {"A1": 1}),
]  # fmt: skip
BAD["discriminate"] = [
    *POPULATIONS, ("mechanism", ["H1a"]), ("prior", "evn"), ("prior", 1),
]  # fmt: skip
BAD["ablation"] = [
    *ENSEMBLES, ("particles", 3), ("particles", 10_001), ("particles", "many"), ("moves", 0), ("moves", 1.5),
    ("shipped", 1),
]  # fmt: skip
BAD["power"] = [
    ("sizes", 5), ("sizes", []), ("sizes", [1]), ("sizes", [5.5]), ("sizes", [5, 5]), ("sizes", [True]),
    ("sizes", ["five"]), ("sizes", [2000]), ("sizes", {"a": 1}), ("endpoints", "incidence"),
    ("endpoints", [3]), ("endpoints", []), ("arms", []), ("arms", [["early"]]), ("studies", 10),
    ("studies", 1e4), ("studies", "many"), ("pool", "9" * 40), ("pool", None), ("wanted", 1.0),
    ("wanted", "0.8 of all"), ("wanted", float("nan")), ("wanted", [0.8]), ("alpha", 0), ("alpha", True),
    ("dropout", 1), ("dropout", -0.1), ("dropout", "much"), ("dropout", "100 % per day"), ("dropout", ""),
    ("correction", "tukey"), ("correction", ["holm"]), ("correction", ""), ("dead", 5), ("dead", "six"),
    ("seed", -1), ("seed", 1.5), ("seed", "one"), ("parameter_sets", 0), ("parameter_sets", "all"),
    ("course", 1), ("course", "yes"),
]  # fmt: skip
BAD["schedule"] = [
    ("level", 3), ("level", "3"), ("level", "3 mg/kg"), ("level", "-1 mg/mL"), ("level", "much"),
    ("level", True), ("level", ["3 mg/mL"]), ("antibodies", 1), ("antibodies", "1 mg"),
    ("antibodies", "1e400 1/day"), ("endpoint", 1), ("animals", 0), ("animals", 10**9), ("animals", "many"),
    ("dead", "six"),
]  # fmt: skip
BAD["optimise"] = [
    ("total", 3), ("total", "3 g"), ("total", "three"), ("least", -1), ("volume", "1 mL"),
    ("ceiling", "inf mg/mL"), ("ceiling", 3.0), ("doses", 0), ("doses", 21), ("doses", "3 of"),
    ("earliest", "day 3"), ("earliest", "1 kg"), ("latest", 1e6), ("robust", "median"), ("robust", 1),
    ("route", 4), ("target", 1.5), ("target", "half"), ("budgets", [0.5, 1.0]), ("budgets", [1]),
    ("budgets", "1 g/kg"), ("budgets", ["1 g/kg", "1 g/kg"]), ("endpoint", 3), ("seed", -1),
]  # fmt: skip
BAD["run"] = [
    ("animals", 0), ("animals", "many"), ("record", "igg_plasma"), ("record", ["igg_plasm"]), ("record", []),
    ("record", [3]), ("record", ["igg_plasma", "igg_plasma"]), ("endpoints", "peak_score[:9]"),
    ("endpoints", [3]), ("parameter_sets", 0),
]  # fmt: skip
BAD["timing"] = [
    ("rat", 3), ("induction", "relapsee"), ("dose", 1), ("dose", []), ("dose", "1"), ("dose", "1 g"),
    ("dose", "-1 g/kg"), ("dose", ["1 g/kg", "1 kg"]), ("days", []), ("days", "soon"), ("days", "14:-7"),
    ("days", "0:1:0"), ("days", ["soon"]), ("days", True), ("mechanism", "H1c"),
    ("mechanism", ["H1a", "H1a"]), ("mechanism", 5), ("parameters", 3), ("parameters", "spreading_rate"),
    ("parameters", {"spreading_rate": True}), ("parameters", {"spreading_rate": ""}),
]  # fmt: skip
BAD["targets"] = [
    ("induction", "relapse"), ("targets", "divisions"), ("targets", []), ("targets", 3), ("windows", "4"),
    ("windows", "6:4"), ("windows", []), ("block", 1.5), ("block", "all"), ("loss", 3), ("loss", "3 day"),
    ("endpoint", 3), ("until", 4), ("animals", 0),
]  # fmt: skip
BAD["sensitivity"] = [
    ("method", "moris"), ("method", 3), ("endpoint", ["peak_score"]), ("arm", 3), ("against", ["vehicle"]),
    ("relative", 1), ("relative", "yes"), ("outputs", []), ("outputs", {"arm": "vehicle"}),
    ("outputs", ["vehicle"]), ("outputs", [{"arms": "vehicle"}]),
    ("outputs", [{"arm": "vehicle", "relative": 1}]), ("parameters", "biology"), ("parameters", [1]),
    ("parameters", ["drug", "drug"]), ("ranges", [1, 2]), ("ranges", {"parameter.igg_uptake": 3}),
    ("ranges", {"parameter.igg_uptake": [1, 2]}), ("ranges", {"parameter.igg_uptake": {"lo": 3}}),
    ("ranges", {"parameter.igg_uptake": {"low": True, "high": 2}}),
    ("ranges", {"parameter.igg_uptake": {"low": 1, "high": 2, "scale": 2}}), ("trajectories", 3),
    ("trajectories", 2.5), ("samples", 4), ("samples", "all"), ("sampling_seed", -1), ("animals", 0),
    ("dead", "scor"),
]  # fmt: skip
BAD["mistiming"] = [
    ("dose", 1), ("dose", "1 g"), ("dose", "g/kg"), ("days", []), ("days", 3), ("days", ["soon"]),
    ("days", [0, 0]), ("distribution", "normal"), ("distribution", {"kind": "normall"}),
    ("distribution", {"kind": "normal"}), ("distribution", {"sd": 3}),
    ("distribution", {"kind": "normal", "sdd": 3}), ("distribution", {"kind": "list", "days": ["soon"]}),
    ("adjuvant", "incomplete"), ("adjuvant", 1), ("intervals", [0.5]), ("intervals", [40]),
    ("intervals", ["often"]), ("loss", True), ("loss", 1.0), ("loss", "half"), ("antibodies", "1"),
]  # fmt: skip
BAD["sweep"] = [
    ("method", "gird"), ("method", 1), ("method", ["grid"]), ("samples", 0), ("samples", 10**10),
    ("samples", "many"), ("samples", 4.5), ("samples", True), ("sampling_seed", -1), ("sampling_seed", "one"),
    ("animals", 0), ("animals", [4]), ("parameter_sets", 0), ("dead", "six"),
]  # fmt: skip
RELAPSING: list[tuple[str, Any]] = [
    ("placebo_rate", 0), ("placebo_rate", "often"), ("until", 89), ("until", 1.5), ("mechanism", "H9"),
    ("mechanism", 1), ("from_lesion", 0.3), ("from_lesion", [-0.1]), ("patients", 3), ("parameter_sets", 0),
    ("kinetics", "cipd"), ("seed", -1), ("amounts", ["-1 g/kg"]), ("amounts", ["1 g"]), ("amounts", "1 g/kg"),
]  # fmt: skip
BAD["doses"] = [*RELAPSING, ("intervals", [1]), ("intervals", ["soon"]), ("intervals", [])]
BAD["sizes"] = [
    *RELAPSING, ("interval", 400), ("interval", "soon"), ("comparators", ["natalizumb"]), ("margin", 1),
    ("margin", "wide"), ("allocations", [0]), ("allocations", 2), ("tests", []), ("wanted", [1.0]),
    ("limit", 0), ("replicates", "many"),
]  # fmt: skip
BAD["scores"] = [
    ("control", 3), ("sheet", ["one"]), ("scale_max", "many"), ("scale_max", True), ("dead_score", [5]),
    ("animal", "rat"), ("animal", ["rat", "rat"]), ("arm", 1), ("marks", "gone"),
    ("marks", {"gone": "away"}), ("marks", {"": "dead"}), ("lost", "scor"), ("dead", "cary"),
    ("signs", float("nan")), ("day_zero", 20260101),
]  # fmt: skip
BAD["laboratory"] = [
    ("rat", "lewsi"), ("rat", ["lewis"]), ("sets", 0), ("sets", 1e4), ("sets", "all"), ("seed", -1),
    ("scale_max", "many"), ("marks", {"gone": 1}), ("lost", 1), ("signs", "one"), ("day", 3),
]  # fmt: skip
BAD["trial"] = [
    ("mechanism", "H1c"), ("mechanism", 1), ("mechanism", ["H1a", "H1a"]), ("replicates", 19),
    ("replicates", "many"), ("patients", 0), ("patients", 10**9), ("parameter_sets", 0),
    ("parameter_sets", "all"), ("from_lesion", 1.5), ("from_lesion", "half"), ("microbial", -0.1),
    ("own_igg", "yes"), ("kinetics", "cdip"), ("kinetics", 1), ("seed", -1),
]  # fmt: skip
BAD["attack"] = [
    ("dose", 1), ("dose", "1 g"), ("dose", ["1 g/kg", "1 kg"]), ("days", []), ("days", "soon"),
    ("days", "28:-56"), ("days", "0:1:0"), ("days", True), ("mechanism", "H1c"), ("mechanism", 5),
    ("patients", 19), ("patients", 10**9), ("patients", "many"), ("parameter_sets", 0),
    ("parameter_sets", "all"), ("seed", -1), ("seed", "one"),
]  # fmt: skip
BAD["fit"] = [
    ("rat", "lewis"), ("rat", []), ("rat", ["lewsi"]), ("rat", ["da", "da"]), ("start", "emulater"),
    ("start", 1), ("particles", 7), ("particles", 10**20), ("chains", 0), ("moves", 0), ("moves", 2.5),
    ("animals", 3), ("animals", True), ("sets", 599), ("parameters", "memory_fraction"),
    ("parameters", {"memory_fraction": "none"}), ("parameters", [1]), ("seed", 2**60),
]  # fmt: skip
BAD["patient"] = [
    ("subject", "rat"), ("subject", 1), ("sets", 0), ("sets", "all"), ("sets", 1e3), ("patients", 199),
    ("patients", "many"), ("steps", 0), ("steps", 51), ("shipped", 1), ("plateau", "yes"),
    ("mechanism", "H9"), ("mechanism", ["H1a"]), ("seed", -1), ("seed", "one"),
]  # fmt: skip
BAD["calibration"] = [
    ("data_sets", 0), ("data_sets", "many"), ("data_sets", 1.5), ("of", "score"), ("of", 1),
    ("rat", ["mouse"]), ("particles", 3), ("moves", -1), ("animals", 2), ("sets", 10**9), ("ranks", 3),
    ("ranks", " "), ("seed", "one"),
]  # fmt: skip
# What a command line cannot be given: it has texts alone.
NO_TEXT = (bool, dict, list, type(None))


def test_every_question_is_listed_here() -> None:
    assert set(SMALL) == set(BAD) == set(EVERY)


folder = folder_with({"study.toml": STUDY, "scores.csv": SCORES})


@pytest.fixture(autouse=True)
def quick_fit(monkeypatch: pytest.MonkeyPatch, few_rows: tuple[Target, ...]) -> None:
    """Let a fit see a few rows, move a little on the way, and try few strengths of each mechanism."""
    monkeypatch.setattr("eaesim.estimation.fit.read_targets", lambda: (few_rows[-2:], {}))
    monkeypatch.setattr(chain, "WAYS", {**chain.WAYS, "prior": chain.Way(8, 4, 2)})
    monkeypatch.setattr("eaesim.estimation.potency.TRIED", 3)


def study() -> Study:
    return Study("lewis", until=20, arms=[Arm("vehicle"), Arm("early, once", Bolus("1 g/kg").at(day=0))])


def function(name: str) -> Any:
    module = importlib.import_module(f"eaesim.questions.{EVERY[name].path}.answer")
    return getattr(module, FUNCTIONS.get(name, name))


def asked(name: str) -> Any:
    """Return what a question is asked of: a study, a rat, or data."""
    request = EVERY[name].request
    if name == "mistiming":
        return "da"
    by_input = {
        "data": {"trial": "tarims_index", "attack": "patient"}.get(name, "scores.csv"),
        "nothing": "da" if name == "timing" else None,
    }
    return by_input[request.input] if request.input in by_input else study()


def typed(name: str) -> list[str]:
    has_file = EVERY[name].request.input in ("study", "table")
    return TYPED.get(name) or [*EVERY[name].verb.split(), *(["study.toml"] if has_file else [])]


def refusal(name: str, setting: str, value: Any, way: str) -> str:
    """Return the message without the name of the place."""
    request = EVERY[name].request
    place = {"file": f"[{name}] {setting}", "call": setting, "option": request.settings()[setting].flag}[way]
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    ways = {
        "file": lambda: request.from_table({setting: value}),
        "call": lambda: function(name)(asked(name), **{setting: value}),
        "option": lambda: request().with_options({setting: request.settings()[setting].kind.from_text(text)}),
    }
    with pytest.raises(EaesimError) as caught:
        ways[way]()
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(place)
    return message.removeprefix(place)


@pytest.mark.parametrize("name", EVERY)
def test_file_call_and_option_refuse_in_the_same_line(name: str) -> None:
    for setting, value in BAD[name]:
        if value is None:
            continue  # a file has no such value
        said = refusal(name, setting, value, "file")
        assert refusal(name, setting, value, "call") == said
        items = value if isinstance(value, list) else [value]
        kind = EVERY[name].request.settings()[setting].kind
        has_option = bool(EVERY[name].request.settings()[setting].flag) and not kind.is_flag
        is_typed = has_option and not any(isinstance(item, NO_TEXT) for item in items)
        if is_typed and items and (isinstance(value, list) or not kind.metavar.endswith("...")):
            given = kind.from_text(",".join(map(str, items)))
            if given == value:
                assert refusal(name, setting, value, "option") == said


@pytest.mark.parametrize("name", EVERY)
def test_an_unknown_setting_is_named_three_ways(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EaesimError, match="sede"):
        EVERY[name].request.from_table({"sede": 1})
    with pytest.raises(EaesimError, match=r'did you mean "'):
        function(name)(asked(name), sede=1)
    assert call(*typed(name), "--sede", "1") == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name", EVERY)
def test_a_table_survives_a_round_trip(name: str) -> None:
    request = EVERY[name].request
    asked = request.from_table(SMALL[name])
    assert request.from_table(asked.changed()) == asked
    json.dumps(asked.changed())
    every = {key: one.kind.write(one.default) for key, one in request.settings().items() if one.is_in_file}
    assert request.from_table({key: value for key, value in every.items() if value is not None}) == request()


@pytest.mark.parametrize("name", EVERY)
def test_the_schema_says_what_the_parser_says(name: str) -> None:
    schema = EVERY[name].request.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(SMALL[name], schema)
    for setting, value in BAD[name]:
        # Words and units are for the parser; kinds and limits are for both.
        inside = value if isinstance(value, list) else [value]
        is_word = any(isinstance(each, str | dict) or each != each for each in inside) or setting == "dead"
        # To JSON 10000.0 is a whole number.
        if not is_word and not (isinstance(value, float) and value.is_integer()):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({setting: value}, schema)


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (n in DEAR)) for n in EVERY])
def test_a_run_leaves_what_the_page_on_files_says_and_its_command_makes_the_same(
    name: str, capsys: pytest.CaptureFixture[str], assert_answered: Callable[..., None]
) -> None:
    if name == "mistiming":  # Lewis rats hardly fall ill again
        Path("study.toml").write_text(STUDY.replace("lewis", "da"), encoding="utf-8")
    known = EVERY[name].request.settings()
    options = [
        word for key, value in SMALL[name].items() if key in known for word in _words(name, key, value)
    ]
    free = {key: value for key, value in SMALL[name].items() if key not in known}
    if free:
        Path("study.toml").write_text(STUDY + tomlkit.dumps({name: free}), encoding="utf-8")
    assert call(*typed(name), *options, "--quiet", "--out", "one") == 0
    assert_answered(capsys.readouterr().out)
    assert_described(name, Path("one"))
    manifest = json.loads(Path("one/manifest.json").read_text("utf-8"))
    assert call("report", "one", "--out", "page") == 0
    words = shlex.split(manifest["command"])
    assert words[:2] == ["eaesim", typed(name)[0]]
    assert "--out" not in words
    assert call(*words[1:], "--quiet", "--out", "two") == 0
    assert json.loads(Path("two/manifest.json").read_text("utf-8"))["hash"] == manifest["hash"]


def _words(name: str, setting: str, value: Any) -> list[str]:
    flag = EVERY[name].request.settings()[setting].flag
    if value is True:
        return [flag]
    if isinstance(value, dict):
        return [f"{flag}={key}={each}" for key, each in value.items()]
    return [f"{flag}={','.join(map(str, value)) if isinstance(value, list) else value}"]


@pytest.mark.parametrize("name", EVERY)
def test_it_has_everything_that_a_page_needs(name: str) -> None:
    question = EVERY[name]
    for text in (question.title, question.summary, question.help, question.caption, question.methods):
        assert text.strip()
    assert question.summary.endswith(".")
    command = QuestionCommand(EVERY[typed(name)[0]])
    options = {option.name for option in command.get_params(click.Context(command))}
    assert options >= {"out", "force", "quiet"}


@pytest.mark.parametrize("name", EVERY)
def test_the_function_shows_every_setting(name: str) -> None:
    import inspect

    found = inspect.signature(function(name))
    first, *others = found.parameters
    settings = {key: one for key, one in EVERY[name].request.settings().items() if key != first}
    assert others == list(settings)
    for key, one in settings.items():
        assert found.parameters[key].default == one.default
        assert one.help in (function(name).__doc__ or "")
    assert getattr(eaesim, FUNCTIONS.get(name, name)) is function(name)


def test_names_are_found_in_the_folder() -> None:
    assert all(isinstance(each, Question) for each in EVERY.values())
    with pytest.raises(EaesimError, match="did you mean"):
        question("powr")


@pytest.mark.parametrize("name", EVERY)
def test_what_it_is_asked_of_is_said(name: str) -> None:
    for wrong in (5, ["lewis"], "leuis"):
        with pytest.raises(EaesimError) as caught:
            function(name)(wrong)
        assert "\n" not in str(caught.value)
