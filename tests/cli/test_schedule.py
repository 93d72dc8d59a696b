"""The verb that compares schedules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from shell import call

FILE = """
[study]
rat = "lewis"
until = 20
animals = 8

[schedule]
endpoint = "peak_score"

[[arm]]
name = "vehicle"

[[arm]]
name = "split"
dose = "0.2 g/kg every 1 day x 5"
day = 0
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("split.toml").write_text(FILE, encoding="utf-8")


def test_it_writes_a_table_and_a_figure(
    capsys: pytest.CaptureFixture[str], assert_answered: Callable[..., None]
) -> None:
    assert call("schedule", "split.toml", "--quiet") == 0
    table = pd.read_csv("split-schedule/schedule.csv")
    assert set(table["antibodies"]) == {"off", "on"}
    assert table["endpoint"].iloc[0] == "peak_score"
    assert Path("split-schedule/schedule.png").exists()
    printed = capsys.readouterr().out
    assert_answered(printed, "split-schedule/schedule.csv")
    assert "peak score" in printed.splitlines()[-1]


def test_an_option_comes_before_the_table() -> None:
    assert call("schedule", "split.toml", "--quiet", "--endpoint", "duration", "--antibodies", "2 1/day") == 0
    assert pd.read_csv("split-schedule/schedule.csv")["endpoint"].iloc[0] == "duration"


def test_check_and_run_speak_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "split.toml") == 0
    assert "[schedule]: 1 schedules by peak_score" in capsys.readouterr().out
    assert call("run", "split.toml", "--animals", "4", "--parameter-sets", "2", "--quiet") == 0
    assert "see eaesim schedule" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--endpoint", "peak"], "peak_score"),
        (["--antibodies", "-1 1/day"], "antibodies"),
        (["--optimise", "--mistiming"], "one at a time"),
        (["--level", "3 mg/mL", "--optimise"], "--level is not for --optimise"),
        (["--total", "3 g/kg"], "--total is not for schedule"),
        (["--level", "3"], '--level "3" has no unit'),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(options, message, capsys) -> None:
    assert call("schedule", "split.toml", "--quiet", *options) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["split.toml"]
