"""What newcomers mistype: one line that says what is meant instead, and exit status 2."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from shell import call, folder_with, study_file

from eaesim.cli.usage import unquoted

STUDY = study_file(until=20, animals=4)
folder = folder_with({"first.toml": STUDY})


def book() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Scores"
    for row in (["rat", "group", 9, 10], [1, "PBS", 0, 2], [2, "PBS", 1, 3], [3, "IVIG", 0, 1]):
        sheet.append(row)
    made.create_sheet("Weights").append(["a"])
    made.save("my_rats.xlsx")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("scores|my_rats.xlsx|--sheet|Score", 'did you mean "Scores"? Sheets: Scores, Weights.'),
        ("scores|my_rats.xlsx|--sheet|Weights", "no columns of scores were recognised"),
        ("scores|my_rats.xlsx|--control|PSB", 'did you mean "PBS"'),
        ("scores|my_rats.xlsx|--signs|1,5", "the decimal sign is a point: 1.5."),
        ("scores|my_rats.xlsx|--optimise", "eaesim schedule has it."),
        ("scores|my_rat.xlsx", "did you mean my_rats.xlsx?"),
        ("scores|folder", "this is a folder"),
        ("scores|first.toml", '".toml" files are not read'),
        ("scores", "scores needs a file of scores; eaesim new scores writes one"),
        ("score|my_rats.xlsx", 'did you mean "scores"'),
        ("help", "eaesim --help"),
        ("--timing", "write eaesim timing."),
        ("run", "run needs a study file; eaesim new NAME writes one"),
        ("run|first", "did you mean first.toml?"),
        ("run|my_rats.xlsx", "eaesim scores reads workbooks"),
        ("run|folder", "this is a folder"),
        ("run|lewis", "lewis is a rat"),
        ("run|aims", "eaesim trial aims"),
        ("run|first.toml|--sheet|x", "eaesim scores, eaesim fit have it."),
        ("run|first.toml|--anmals|5", "did you mean --animals?"),
        ("run|first.toml|first.toml", 'no further "first.toml"'),
        ("timing|--dose|1", "has no unit"),
        ("timing|--dose|1 g", "write for example mg/kg"),
        ("timing|--dose|1|g/kg", '--dose "1 g/kg"'),
        ("timing|--dose|0,4 g/kg", "the decimal sign is a point: 0.4 g/kg."),
        ("timing|--dose|\u201e1 g/kg\u201c", "leave out the quotation marks: 1 g/kg."),
        ("timing|--dose|'1 g/kg'", "leave out the quotation marks: 1 g/kg."),
        ("timing|--dose|", "is empty"),
        ("timing|--days|0 to 14", "FIRST:LAST"),
        ("timing|-animals|5", "two hyphens: --animals."),
        ("timing|\u2014animals|5", "two hyphens: --animals."),
        ("timing|lewis", "--rat lewis"),
        ("timing|--mechanism|H1A", 'did you mean "H1a"'),
        ("schedule|first.toml|--optimize", "did you mean --optimise?"),
        ("trial|AIMS", 'did you mean "aims"'),
        ("trial|first.toml", "for eaesim run"),
        ("report|first.toml", "takes the folder of a run"),
        ("list|drug", 'did you mean "drugs"'),
        ("new|first|--for|powr", 'did you mean "power"'),
    ],
)
def test_a_slip_is_answered_in_one_line(words: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    book()
    Path("folder").mkdir()
    assert call(*words.split("|")) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("eaesim: ")
    assert hint in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ('"vehicle"', "\u201cvehicle\u201d", "quotation marks are straight"),
        ("until = 20", "until = 20,5", "the decimal sign is a point: 20.5"),
        ("1 g/kg", "0,4 g/kg", "the decimal sign is a point: 0.4 g/kg."),
        ('"lewis"', "lewis", 'between quotation marks: rat = "lewis"'),
        ("[[arm]]", "[arm]", "two brackets, such as [[arm]]"),
        ('"1 g/kg"', "1", 'write for example "1 g/kg"'),
        ("dose =", "Dose =", 'did you mean "dose"'),
        ('"early"', '"vehicle"', "each needs a name of its own"),
        ("day = 0", 'day = "0,5 day"', "the decimal sign is a point: 0.5 day."),
    ],
)
def test_a_slip_in_a_study_file_is_answered_in_one_line(
    old: str, new: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("study.toml").write_text(STUDY.replace(old, new), encoding="utf-8")
    assert call("run", "study.toml") == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert hint in printed.err


def test_a_file_in_another_encoding_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("study.toml").write_bytes(STUDY.encode("utf-16"))
    assert call("run", "study.toml") == 2
    assert "save it as a text with that encoding" in capsys.readouterr().err


@pytest.mark.parametrize(
    "what", ["rats", "patients", "drugs", "mechanisms", "endpoints", "questions", "states"]
)
def test_a_part_of_the_list_is_the_same_as_in_the_whole(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("list", what) == 0
    part = capsys.readouterr().out
    assert call("list") == 0
    assert part in capsys.readouterr().out
    assert part.count("\n  ") >= 2


def test_a_text_in_quotation_marks_is_no_slip() -> None:
    assert unquoted("first.toml", ["run", "first.toml", "--animals", "5"]) == ""
    assert unquoted("first.toml", ["run", "--quiet", "first.toml"]) == ""
