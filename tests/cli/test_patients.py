"""Patients and trials by name, and refusals in one line that say what to use instead."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from shell import call, folder_with, study_file

import eaesim
from eaesim.cli.question import QuestionCommand
from eaesim.model.patient import patient_names
from eaesim.protocol.trialfile import not_simulable, read_trial, trial_names
from eaesim.workbench.question import question
from eaesim.workbench.trialtemplate import new_trial_text

TRIAL = """
[study]
subject = "patient"
until = "200 day"
run_in = "1 year"
[attacks]
rate = "calibrate"
[[arm]]
name = "placebo"
patients = 20
[[arm]]
name = "IVIG"
patients = 20
dose = "0.4 g/kg every 28 day x 6"
[trial]
entry = { relapses = 1, years = 1 }
placebo = { endpoint = "relapse_rate", value = 0.8 }
[[trial.published]]
endpoint = "relapse_rate"
measure = "ratio"
arm = "IVIG"
value = 0.5
low = 0.3
high = 0.8
source = "Fazekas1997"
"""
folder = folder_with({"own.toml": TRIAL, "rats.toml": study_file(until=20)})

# By what is wrong: what is written instead of what, and a part of the message; tests/protocol has many more.
BAD = {
    "misspelt endpoint": ('"relapse_rate"\nm', '"relapse_rat"\nm', 'did you mean "relapse_rate"'),
    "no until": ('until = "200 day"\n', "", "until"),
    "misspelt subject": ('subject = "patient"', 'subject = "patiant"', "patient"),
    "a rat": ('subject = "patient"', 'subject = "da"', "is not a patient"),
    "dose without unit": ('"0.4 g/kg every', '"0.4 every', "0.4"),
    "patients as text": ("patients = 20\n[[arm]]", 'patients = "many"\n[[arm]]', "patients"),
    "share above 1": ('rate = "calibrate"', 'rate = "calibrate"\nfrom_lesion = 1.5', "from_lesion"),
    "crossover of one": ("[[trial.published]]", 'sequence = ["IVIG"]\n[[trial.published]]', "sequence"),
    "impossible EDSS": ('run_in = "1 year"', 'run_in = "1 year"\nedss = 12', "edss"),
    "not TOML": ("[study]", "[study", "line"),
}  # fmt: skip


def refused(capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    assert call(*typed) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("eaesim: ")
    return told.err


@pytest.mark.parametrize("verb", ["check", "trial"])
@pytest.mark.parametrize("wrong", BAD)
def test_a_bad_trial_is_refused_in_one_line(
    wrong: str, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after, said = BAD[wrong]
    assert before in TRIAL
    Path("own.toml").write_text(TRIAL.replace(before, after, 1), encoding="utf-8")
    told = refused(capsys, verb, "own.toml")
    assert said in told
    assert "own" in told
    assert not Path("own-trial").exists()


def test_a_trial_that_too_few_patients_meet_leaves_nothing(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    before = set(folder.iterdir())
    told = refused(capsys, "trial", "own.toml", "--patients", "40", "--parameter-sets", "1", "--quiet")
    assert "give more patients" in told
    assert set(folder.iterdir()) == before


def test_the_trial_itself_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "own.toml") == 0
    told = capsys.readouterr().out
    for part in (
        "placebo: 20 patients",
        "0.4 g/kg every 28 day x 6",
        "own.toml is valid",
        "eaesim trial own.toml",
    ):
        assert part in told


@pytest.mark.parametrize(
    "typed",
    [
        ("run", "own.toml"),
        ("power", "own.toml"),
        ("schedule", "own.toml"),
        ("timing", "--rat", "patient"),
        ("targets", "--rat", "patient_progressive"),
        ("run", "rats.toml"),
    ],
)
def test_verbs_of_rats_name_those_of_patients(
    typed: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    rats = Path("rats.toml").read_text("utf-8").replace('rat = "lewis"', 'rat = "patient"')
    Path("rats.toml").write_text(rats, encoding="utf-8")
    told = refused(capsys, *typed)
    assert "eaesim trial" in told
    assert "eaesim timing patient" in told


def test_a_subject_in_a_study_file_is_refused_too(capsys: pytest.CaptureFixture[str]) -> None:
    rats = Path("rats.toml").read_text("utf-8").replace("rat =", "subject =")
    Path("rats.toml").write_text(rats, encoding="utf-8")
    assert "eaesim timing patient" in refused(capsys, "run", "rats.toml")


def test_a_study_of_rats_is_no_trial(capsys: pytest.CaptureFixture[str]) -> None:
    assert "eaesim run" in refused(capsys, "trial", "rats.toml")


def test_from_python() -> None:
    assert eaesim.load("patient").species == "human"
    with pytest.raises(eaesim.EaesimError, match="eaesim timing patient"):
        eaesim.Study("patient", arms=[eaesim.Arm("vehicle")])
    with pytest.raises(eaesim.EaesimError, match="eaesim timing patient"):
        eaesim.Study(eaesim.load("patient"), arms=[eaesim.Arm("vehicle")])


@pytest.mark.parametrize("name", patient_names())
def test_the_card_of_a_patient(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", name) == 0
    told = capsys.readouterr().out
    subject = eaesim.load(name)
    for part in (subject.title, "Attacks", "Own IgG", "igg_endogenous", *subject.attacks):
        assert part in told
    assert "log evidence" not in told
    assert max(map(len, told.splitlines())) <= 110
    assert "\\section" in subject_latex(name, capsys)


def subject_latex(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert call("show", name, "--latex") == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", trial_names())
def test_a_trial_is_shown_with_all_that_was_published(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", name) == 0
    told = " ".join(capsys.readouterr().out.split())
    trial = read_trial(name)
    for arm in trial.arms:
        assert f"{arm.name}: {arm.patients} patients" in told
    for row in trial.published:
        assert all(f"{key}: " in told for key in row.source)
        if row.value is not None:
            assert f"{row.endpoint} {row.value:g}" in told


def test_names_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    for typed in (("list",), ("list", "trials")):
        assert call(*typed) == 0
        told = capsys.readouterr().out
        assert all(f"\n  {name}" in told for name in trial_names())
    for name, why in not_simulable().items():
        assert name in told
        assert why.split(" (")[0] in " ".join(told.split())
    assert call("list") == 0
    assert all(f"\n  {name}" in capsys.readouterr().out for name in patient_names()[:1])
    assert call("list", "trials", "--schema") == 0
    assert '"eaesim trial"' in capsys.readouterr().out


@pytest.mark.parametrize("name", not_simulable())
def test_a_trial_that_is_not_simulable_says_why(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", name) == 0
    assert "not simulable" in capsys.readouterr().out
    assert "not simulable" in refused(capsys, "trial", name)


def test_a_new_trial_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("new", "mine", "--for", "trial") == 0
    assert Path("eaesim-trial.schema.json").is_file()
    assert new_trial_text("mine") in Path("mine.toml").read_text("utf-8")
    assert call("check", "mine.toml") == 0
    refused_again = capsys.readouterr()
    assert "valid" in refused_again.out
    assert "there already" in refused(capsys, "new", "mine", "--for", "trial")
    assert "not a name" in refused(capsys, "new", "a/b", "--for", "trial")


def test_a_patient_is_exported(capsys: pytest.CaptureFixture[str]) -> None:
    for to, ending in (("sbml", "xml"), ("antimony", "ant")):
        assert call("export", "patient", "--to", to) == 0
        assert Path(f"patient.{ending}").is_file()
    assert "taxonomy:9606" in Path("patient.xml").read_text("utf-8")
    assert "typical patient, arm" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verb", "begun", "found"), [("trial", "aim", "aims"), ("timing", "patient_", "patient_progressive")]
)
def test_names_are_completed(verb: str, begun: str, found: str) -> None:
    command = QuestionCommand(question(verb))
    context = click.Context(command)
    (argument,) = [one for one in command.get_params(context) if isinstance(one, click.Argument)]
    assert [item.value for item in argument.shell_complete(context, begun)] == [found]
    (files,) = argument.shell_complete(context, "stud")
    assert files.type == "file"


ATTACK = """
[attack]
of = "patient"
dose = "1 g/kg"
days = [0, 28]
patients = 100
parameter_sets = 1
"""


@pytest.mark.parametrize("words", [["attack.toml"], ["--attack", "attack.toml"]])
def test_a_file_of_one_attack_is_asked_as_its_options_are(words: list[str]) -> None:
    Path("attack.toml").write_text(ATTACK, encoding="utf-8")
    assert call("timing", *words, "--out", "of_file", "--quiet") == 0
    options = ("--days", "0,28", "--patients", "100", "--parameter-sets", "1", "--out", "of_options")
    assert call("timing", "patient", *options, "--quiet") == 0
    tables = [Path(folder, "timing.csv").read_text("utf-8") for folder in ("of_file", "of_options")]
    assert tables[0] == tables[1]
    assert tables[0].count("\n") == 3


def test_a_file_and_a_name_of_a_patient_are_too_much(capsys: pytest.CaptureFixture[str]) -> None:
    Path("attack.toml").write_text(ATTACK, encoding="utf-8")
    assert call("timing", "attack.toml", "--attack", "patient") == 2
    assert "attack.toml is not for --attack" in capsys.readouterr().err
