"""A drug of the user's own on the command line: written, checked, given, and refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eaesim.cli.main import main

STUDY = """[study]
rat = "lewis"
until = 15
animals = 3
[[arm]]
name = "vehicle"
[[arm]]
name = "own"
dose = "10 mg/kg"
drug = "own_drug"
day = 0
"""


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert call("new", "own_drug", "--for", "drug") == 0
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def test_a_new_drug_is_valid_and_has_a_schema(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "own_drug.toml") == 0
    assert "inhibit priming" in capsys.readouterr().out
    schema = json.loads((folder / "eaesim-drug.schema.json").read_text(encoding="utf-8"))
    assert schema["required"] == ["title", "source", "disposition"]
    assert "priming_lesion" in str(schema)
    assert call("show", "own_drug") == 0


def test_a_drug_beside_the_study_is_given_and_part_of_the_manifest(folder: Path) -> None:
    run = ("run", "study.toml", "--parameter-sets", "1", "--workers", "1", "--quiet")
    assert call(*run) == 0
    manifest = json.loads((folder / "study-run" / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["settings"]["drugs"]) == ["own_drug"]
    text = (folder / "own_drug.toml").read_text(encoding="utf-8")
    (folder / "own_drug.toml").write_text(text.replace('"0.2 mg/mL"', '"0.3 mg/mL"', 1), encoding="utf-8")
    assert call(*run) == 2


def test_a_drug_in_another_folder(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "own_drug.toml").rename(folder / "mine" / "own_drug.toml")
    assert call("check", "study.toml", "--drugs", "mine") == 0
    run = ("run", "study.toml", "--parameter-sets", "1", "--workers", "1", "--quiet", "--drugs", "mine")
    assert call(*run) == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('on = "priming"', 'on = "divisions"', "cannot be a target"),
        ('on = "priming"', 'on = "primin"', 'did you mean "priming"'),
        ('half_effect = "0.2 mg/mL"', 'half_effect = "0.2 mL"', "does not fit"),
        ("[[action]]", "[mechanism.M1]\ntitle = 'm'\n[[action]]", "has no action"),
    ],
)
def test_what_is_wrong_with_a_drug_is_one_line(
    folder: Path, old: str, new: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "own_drug.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    capsys.readouterr()
    for verb, file in (("check", "own_drug.toml"), ("check", "study.toml"), ("run", "study.toml")):
        assert call(verb, file) == 2
        said = capsys.readouterr().err.strip()
        assert words in said
        assert "own_drug.toml" in said
        assert "\n" not in said


def test_two_drugs_of_one_name_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "own_drug.toml").rename(folder / "ivig.toml")
    study = (folder / "study.toml").read_text(encoding="utf-8").replace("own_drug", "ivig")
    (folder / "study.toml").write_text(study, encoding="utf-8")
    capsys.readouterr()
    assert call("check", "study.toml") == 2
    assert "another drug has the name ivig" in capsys.readouterr().err


def test_targets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("list", "targets") == 0
    listed = capsys.readouterr().out
    assert "recall_lesion" in listed
    assert "divisions" not in listed
    assert max(map(len, listed.splitlines())) <= 80


def test_a_study_of_ivig_is_asked_of_another_drug(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = STUDY.replace('drug = "own_drug"\n', "")
    (folder / "study.toml").write_text(study, encoding="utf-8")
    run = ("run", "study.toml", "--parameter-sets", "1", "--workers", "1", "--quiet")
    assert call(*run, "--drug", "own_drug") == 0
    settings = json.loads((folder / "study-run" / "manifest.json").read_text(encoding="utf-8"))["settings"]
    assert 'drug = "own_drug"' in settings["study"]
    assert list(settings["drugs"]) == ["own_drug"]
    capsys.readouterr()
    assert call(*run, "--drug", "own_drag", "--force") == 2
    assert 'did you mean "own_drug"' in capsys.readouterr().err


def test_without_a_file_a_drug_of_the_working_directory_is_known(folder: Path) -> None:
    few = ("--rat", "lewis", "--induction", "immunisation", "--days", "0:1", "--animals", "2")
    asked = ("timing", "--drug", "own_drug", "--dose", "10 mg/kg", *few, "--parameter-sets", "1", "--quiet")
    assert call(*asked) == 0
    manifest = json.loads((folder / "eaesim-timing" / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["settings"]["drugs"]) == ["own_drug"]
