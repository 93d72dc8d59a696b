"""`eaesim report`: where the page goes, what it never replaces, and the same run made again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import call, folder_with

from eaesim.study import Store

folder = folder_with()


def store(seed: int = 1, folder: str = "run") -> Store:
    return Store(Path(folder), {"verb": "unheard", "seed": seed})


def make(seed: int = 1, folder: str = "run") -> None:
    store(seed, folder).write(lambda to: (to / "a.csv").write_text("b\n1\n", encoding="utf-8"))


def refused(capsys: pytest.CaptureFixture[str], hint: str, *arguments: str) -> None:
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    capsys.readouterr()
    assert call("report", *arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert hint in printed.err
    assert printed.out == ""
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_the_page_lies_in_the_folder_and_belongs_to_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    make()
    assert call("report", "run") == 0
    assert capsys.readouterr().out == f"Report: {Path('run/report.html')}\n"
    first = Path("run/report.html").read_bytes()
    assert json.loads(Path("run/manifest.json").read_text("utf-8"))["files"] == ["a.csv", "report.html"]
    store().check()
    assert call("report", "run") == 0
    assert Path("run/report.html").read_bytes() == first
    make()  # made again, the run leaves the page, which a user made, where it is
    assert Path("run/report.html").read_bytes() == first
    assert sorted(path.name for path in Path("run").iterdir()) == ["a.csv", "manifest.json", "report.html"]
    make()
    assert call("report", "run") == 0
    assert Path("run/report.html").read_bytes() == first


def test_elsewhere_it_leaves_the_folder_as_it_was() -> None:
    make()
    before = Path("run/manifest.json").read_bytes()
    assert call("report", "run", "--out", "page.html") == 0
    assert Path("page.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert Path("run/manifest.json").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["page.html", "run"]


def test_a_foreign_file_is_replaced_by_force_alone(capsys: pytest.CaptureFixture[str]) -> None:
    make()
    make(seed=2, folder="other")
    Path("page.html").write_text("mine", encoding="utf-8")
    refused(capsys, "--force", "run", "--out", "page.html")
    assert call("report", "run", "--out", "page.html", "--force") == 0
    assert call("report", "run", "--out", "page.html") == 0
    refused(capsys, "no report of this run", "other", "--out", "page.html")


def test_what_is_no_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    make()
    Path("empty").mkdir()
    refused(capsys, "not there", "nowhere")
    refused(capsys, "manifest.json", "empty")
    refused(capsys, "is a file", "run/a.csv")
    refused(capsys, "RUN")
    refused(capsys, "a file of the run itself", "run", "--out", "run/a.csv", "--force")
    refused(capsys, "a file of the run itself", "run", "--out", "run/manifest.json", "--force")
    refused(capsys, "is a folder", "run", "--out", "empty")
    refused(capsys, "not a folder", "run", "--out", "nowhere/page.html")
    Path("run/a.csv").write_text("b\n1,2\n", encoding="utf-8")
    refused(capsys, "a.csv", "run")
    refused(capsys, "a.csv", "run", "--out", "page.html")
