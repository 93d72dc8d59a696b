"""`schedule --optimise`, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from shell import call, folder_with

STUDY = """
[study]
rat = "lewis"
until = 20
seed = 7

[[arm]]
name = "vehicle"

[optimise]
total = "1 g/kg"
doses = 2
latest = 7
"""
FILES = [
    "budgets.csv",
    "flatness.csv",
    "front.csv",
    "manifest.json",
    "optimum.csv",
    "optimum.png",
    "optimum.svg",
    "optimum_front.png",
    "optimum_front.svg",
    "schedules.csv",
]


folder = folder_with({"asked.toml": STUDY})


def test_it_leaves_its_files_and_a_sentence(
    capsys: pytest.CaptureFixture[str], assert_answered: Callable[..., None]
) -> None:
    assert call("schedule", "asked.toml", "--optimise", "--parameter-sets", "2", "--quiet") == 0
    out = Path("asked-optimise")
    assert sorted(path.name for path in out.iterdir()) == FILES
    sentence = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["sentence"]
    printed = capsys.readouterr().out
    assert_answered(printed, "asked-optimise/schedules.csv")
    assert_answered(printed, "asked-optimise/optimum.csv")
    assert printed.rstrip().endswith(sentence)
    assert pd.read_csv(out / "optimum.csv")["amount"].sum() <= 1000
    schedules = pd.read_csv(out / "schedules.csv")
    assert (schedules["total"] <= 1000).all()
    assert schedules["schedule"].is_unique


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('total = "1 g/kg"', 'total = "0 g/kg"', "the budget is 0"),
        ("latest = 7", "latest = 30", "lies past the end"),
        ("latest = 7", "earliest = 8\nlatest = 7", "comes after the latest"),
        ("latest = 7", 'latest = 7\nleast = "2 g/kg"', "does not fit"),
        ("latest = 7", "earliest = 6\nlatest = 7\ntarget = 0.99", "the best reaches"),
    ],
)
def test_limits_that_cannot_be_met_are_one_line(
    before: str, after: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("asked.toml").write_text(STUDY.replace(before, after), encoding="utf-8")
    assert call("schedule", "asked.toml", "--optimise", "--parameter-sets", "1", "--quiet") == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert not Path("asked-optimise").exists()


def test_what_is_not_for_it_is_refused() -> None:
    assert call("schedule", "asked.toml", "--optimise", "--level", "3 mg/mL") == 2
    assert call("schedule", "asked.toml", "--optimise", "--dead", "last") == 2
    assert not Path("asked-optimise").exists()


def test_check_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "asked.toml") == 0
    assert "1 g/kg in all, at most 2 doses between day 0 and 7" in capsys.readouterr().out
    Path("asked.toml").write_text(STUDY.replace("latest = 7", "latest = 30"), encoding="utf-8")
    assert call("check", "asked.toml") == 2
