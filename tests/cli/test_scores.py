"""`eaesim scores` and `eaesim new scores`: files, words, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from eaesim.cli.main import main
from eaesim.evidence import LaboratoryResult, read_scores

TABLE = """rat,group,0,1,2,3
1,PBS,0,1,2,dead
2,PBS,0,1,x,
3,PBS,0,2,3,1
4,b,0,0,0,0
5,b,0,0,?,1
6,b,0,0,0,0
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


def test_it_leaves_its_files_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("scores", "mine.csv") == 0
    printed = capsys.readouterr()
    out = printed.out.splitlines()
    assert out[-2] == f"Figure: {Path('mine-scores') / 'scores.png'}"
    assert out[-1].startswith("Against PBS (signs in 3 of 3, mean cumulative score 8.3), b: signs in 1 of 3")
    assert "Mann-Whitney, p = 0.1" in printed.out
    assert 'warning: row 6, day 2: "?" is no score and counts as no reading.' in printed.err
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
        pd.testing.assert_frame_equal(written, table, check_dtype=False, check_names=False)


def test_quiet_leaves_out_the_table_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("scores", "mine.csv", "--quiet") == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2
    assert "warning: row 6" in printed.err


def test_changed_data_or_options_are_other_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("scores", "mine.csv") == 0
    first = {path.name: path.read_bytes() for path in Path("mine-scores").iterdir()}
    assert call("scores", "mine.csv") == 0
    assert {path.name: path.read_bytes() for path in Path("mine-scores").iterdir()} == first
    capsys.readouterr()
    assert call("scores", "mine.csv", "--dead", "last") == 2
    assert "--force" in capsys.readouterr().err
    Path("mine.csv").write_text(TABLE.replace("2,3,1", "2,3,2"), encoding="utf-8")
    assert call("scores", "mine.csv") == 2
    assert {path.name: path.read_bytes() for path in Path("mine-scores").iterdir()} == first
    assert call("scores", "mine.csv", "--force") == 0
    assert Path("mine-scores/animals.csv").read_bytes() != first["animals.csv"]
    assert call("scores", "mine.csv", "--out", "elsewhere", "--control", "b", "--scale-max", "6") == 0
    assert set(pd.read_csv("elsewhere/tests.csv")["control"]) == {"b"}
    assert pd.read_csv("elsewhere/animals.csv")["peak_score"].max() == 5


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
    assert capsys.readouterr().out.splitlines()[-1].startswith("Against vehicle (signs in 3 of 3")
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
    "fall.csv": ("rat,group,0,1\n1,PBS,dead,2\n", "after death"),
    "day.csv": ("rat,group,day,score\n1,PBS,x,0\n", "not a whole number of days"),
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
        (["--dead", "cary"], 'did you mean "carry"'),
        (["--scale-max", "0"], "above 0"),
        (["--scale-max", "nan"], "above 0"),
        (["--scale-max", "many"], "--scale-max"),
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
