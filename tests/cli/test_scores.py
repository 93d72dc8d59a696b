"""`eaesim scores` and `eaesim new scores`: files, words, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from shell import call, folder_with

from eaesim.evidence import read_scores
from eaesim.questions.scores.answer import LaboratoryResult

TABLE = """rat,group,0,1,2,3
1,PBS,0,1,2,dead
2,PBS,0,1,dead,
3,PBS,0,2,3,1
4,b,0,0,0,0
5,b,0,0,?,1
6,b,0,0,0,0
"""


folder = folder_with({"mine.csv": TABLE})


def test_it_leaves_its_files_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("scores", "mine.csv") == 0
    printed = capsys.readouterr()
    out = printed.out.splitlines()
    assert out[-2] == f"Figure: {Path('mine-scores') / 'scores.png'}"
    assert out[-1].startswith(
        "Against PBS (3 of 3 with signs by day 3, mean cumulative score 8.3), b: 1 of 3 with signs by day 3"
    )
    assert "Mann-Whitney p = 0.1" in out[-1]
    assert "signs: score >= 1; the dead score 5" in " ".join(printed.out.split())
    assert "warning: PBS: 2 of 3 died (days 2 to 3)" in printed.err
    manifest = json.loads(Path("mine-scores/manifest.json").read_text("utf-8"))
    assert set(manifest["files"]) == {"animals.csv", "summary.csv", "tests.csv", "scores.png", "scores.svg"}
    there = {path.name for path in Path("mine-scores").iterdir()}
    assert there == {*manifest["files"], "manifest.json"}


def test_the_tables_are_those_of_the_result() -> None:
    assert call("scores", "mine.csv", "--quiet") == 0
    result = LaboratoryResult(read_scores("mine.csv"))
    for name, table in {
        "animals": result.animals_table().astype({"animal": "int64"}),
        "summary": result.table().reset_index(),
        "tests": result.tests_table(),
    }.items():
        written = pd.read_csv(Path("mine-scores") / f"{name}.csv")
        # An empty text is an empty cell, as no number is.
        expected = table.replace("", np.nan)
        pd.testing.assert_frame_equal(written, expected, check_dtype=False, check_names=False)


def test_changed_data_or_options_are_other_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("scores", "mine.csv") == 0
    first = {path.name: path.read_bytes() for path in Path("mine-scores").iterdir()}
    assert call("scores", "mine.csv") == 0
    assert {path.name: path.read_bytes() for path in Path("mine-scores").iterdir()} == first
    capsys.readouterr()
    assert call("scores", "mine.csv", "--dead", "carry") == 2
    assert "--force" in capsys.readouterr().err
    Path("mine.csv").write_text(TABLE.replace("2,3,1", "2,3,2"), encoding="utf-8")
    assert call("scores", "mine.csv") == 2
    assert {path.name: path.read_bytes() for path in Path("mine-scores").iterdir()} == first
    assert call("scores", "mine.csv", "--force") == 0
    assert Path("mine-scores/animals.csv").read_bytes() != first["animals.csv"]
    assert call("scores", "mine.csv", "--out", "elsewhere", "--control", "b", "--scale-max", "6") == 0
    assert set(pd.read_csv("elsewhere/tests.csv")["control"]) == {"b"}
    # Of the scale of 6 a death is 6, and every other score is what the file says.
    assert pd.read_csv("elsewhere/animals.csv")["peak_score"].tolist() == [6, 6, 3, 0, 1, 0]


LOST = """rat,group,0,10,12,14,20
1,vehicle,0,2,4,,
2,vehicle,0,2,4,,
3,vehicle,0,1,2,1,0
4,drug,0,1,2,1,0
5,drug,0,0,1,0,0
6,drug,0,0,0,0,0
"""


def test_lost_animals_are_counted_and_the_option_gives_their_sums(capsys: pytest.CaptureFixture[str]) -> None:
    Path("lost.csv").write_text(LOST, encoding="utf-8")
    assert call("scores", "lost.csv") == 0
    printed = capsys.readouterr()
    assert "withheld" in printed.out
    assert printed.out.splitlines()[-1].startswith(
        "Against vehicle (3 of 3 with signs by day 20, mean cumulative"
    )
    lines = [line for line in printed.err.splitlines() if line.startswith("warning: vehicle: 2 of 3 lost")]
    assert len(lines) == 1
    assert "say --lost score, carry or exclude" in lines[0]
    animals = pd.read_csv("lost-scores/animals.csv")
    assert animals["ended"].fillna("").tolist() == ["blank", "blank", "", "", "", ""]
    assert animals["at_least"].fillna("").tolist() == ["peak_score", "peak_score", "", "", "", ""]
    assert call("scores", "lost.csv") == 0
    capsys.readouterr()
    assert call("scores", "lost.csv", "--lost", "carry") == 2  # other settings, the same folder
    assert "--force" in capsys.readouterr().err
    assert call("scores", "lost.csv", "--lost", "carry", "--signs", "2", "--force") == 0
    printed = capsys.readouterr()
    assert "signs: score >= 2" in printed.out
    assert "withheld" not in printed.out
    assert pd.read_csv("lost-scores/animals.csv")["cumulative_score"].tolist() == [40, 40, 12, 12, 2, 0]


def test_a_sheet_can_be_named() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("scores")
    for row in TABLE.splitlines():
        book["scores"].append(row.split(","))
    book.save("mine.xlsx")
    assert call("scores", "mine.xlsx", "--sheet", "scores") == 0
    assert len(pd.read_csv("mine-scores/animals.csv")) == 6


def test_a_new_table_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("new", "scores") == 0
    assert capsys.readouterr().out.strip() == "scores.csv: edit it, then eaesim scores scores.csv"
    assert call("scores", "scores.csv") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Against vehicle (3 of 3 with signs by day 21")
    assert call("new", "scores") == 2
    assert "scores.csv is there already" in capsys.readouterr().err
    assert call("new", "scores", "--force") == 0


def test_a_study_may_still_be_called_scores() -> None:
    assert call("new", "scores.toml") == 0
    assert call("check", "scores.toml") == 0


BAD = {
    "nothing.csv": (None, "no such file"),
    "seven.csv": ("rat,group,0\n1,PBS,7\n", "--scale-max"),
    "twice.csv": ("rat,group,day,score\n1,PBS,3,0\n1,PBS,3,1\n", "in rows 2 and 3"),
    "fall.csv": ("rat,group,0,1\n1,PBS,dead,2\n", "after its death on day 0"),
    "day.csv": ("rat,group,day,score\n1,PBS,x,0\n", "is not a day after induction"),
    "words.csv": ("a,b\n1,2\n", "no columns of scores were recognised"),
    "empty.csv": ("", "empty"),
    "which.csv": ("rat,group,0\n1,a,0\n2,b,0\n", "Arms: a, b."),
    "table.doc": ("rat,group,0\n", ".csv, .tsv, .txt or .xlsx"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_tables_are_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, hint = BAD[name]
    if text is not None:
        Path(name).write_text(text, encoding="utf-8")
    assert_refused(["scores", name], hint, capsys)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--control", "PBSS"], 'did you mean "PBS"'),
        (["--signs", "0"], "above 0, and at most the top of the scale, 5"),
        (["--signs", "6"], "above 0, and at most the top of the scale, 5"),
        (["--scale-max", "0"], "above 0"),
        (["--sheet", "one"], "only an .xlsx file has sheets"),
        (["--out", "mine.csv"], "is a file"),
    ],
)
def test_bad_options_are_refused(options: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert_refused(["scores", "mine.csv", *options], hint, capsys)


def test_a_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert_refused(["scores", "."], "folder", capsys)


def assert_refused(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path().rglob("*"))
    assert call(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert hint in printed.err
    assert sorted(Path().rglob("*")) == before
