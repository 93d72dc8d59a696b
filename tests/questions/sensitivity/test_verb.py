"""The verb `sensitivity`, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shell import call, folder_with, study_file

STUDY = study_file(until=14, animals=2, seed=7)
TABLE = """
[sensitivity]
trajectories = 4
parameters = ["expansion_rate", "potency_maturation"]
outputs = [{ arm = "early", against = "vehicle" }, { arm = "vehicle", endpoint = "mean_score" }]

[sensitivity.ranges]
"arm.early.day" = { low = -2, high = 2 }
"""
FILES = ["convergence.csv", "manifest.json", "sensitivity.csv", "sensitivity.png", "sensitivity.svg"]


folder = folder_with({"plain.toml": STUDY, "asked.toml": STUDY + TABLE})


def test_it_leaves_its_files_and_a_sentence(
    capsys: pytest.CaptureFixture[str], assert_answered: Callable[..., None]
) -> None:
    assert call("sensitivity", "asked.toml", "--quiet") == 0
    printed = capsys.readouterr().out
    assert_answered(printed, "asked-sensitivity/sensitivity.csv")
    out = printed.splitlines()
    assert sorted(path.name for path in Path("asked-sensitivity").iterdir()) == FILES
    assert out[-2] == f"Figure: {Path('asked-sensitivity') / 'sensitivity.png'}"
    assert out[-1].startswith(
        "peak_score: vehicle minus early: no ranking yet; the halves of the sample agree by"
    )
    assert "16 sets of values, the same 2 rats at each" in out[-4]
    table = pd.read_csv("asked-sensitivity/sensitivity.csv")
    assert list(dict.fromkeys(table["output"])) == ["peak_score: vehicle minus early", "mean_score: vehicle"]
    assert set(table["parameter"]) == {"expansion_rate", "potency_maturation", "arm.early.day"}
    unsettled = table["output"] == "peak_score: vehicle minus early"
    assert table["rank"][unsettled].isna().all()
    manifest = json.loads(Path("asked-sensitivity/manifest.json").read_text("utf-8"))
    assert manifest["settings"]["verb"] == "sensitivity"
    assert manifest["files"] == [name for name in FILES if name != "manifest.json"]
    first = Path("asked-sensitivity/sensitivity.csv").read_bytes()
    assert call("sensitivity", "asked.toml", "--quiet") == 0
    assert Path("asked-sensitivity/sensitivity.csv").read_bytes() == first


def test_a_file_without_the_table_and_options_before_the_file() -> None:
    few = ("--parameters", "expansion_rate, divisions", "--trajectories", "4", "--quiet")
    assert call("sensitivity", "plain.toml", *few) == 0
    table = pd.read_csv("plain-sensitivity/sensitivity.csv")
    assert set(table["output"]) == {"peak_score: vehicle minus early"}
    assert set(table["parameter"]) == {"expansion_rate", "divisions"}
    asked = ("--arm", "vehicle", "--endpoint", "onset_day", "--method", "sobol", "--samples", "8")
    assert (
        call("sensitivity", "asked.toml", *asked, "--parameters", "divisions", "--out", "own", "--quiet") == 0
    )
    table = pd.read_csv("own/sensitivity.csv")
    assert table[["method", "output", "parameter"]].values.tolist() == [
        ["sobol", "onset_day: vehicle", "divisions"]
    ]
    assert call("sensitivity", "asked.toml", "--endpoint", "duration", "--out", "all", "--quiet") == 0
    table = pd.read_csv("all/sensitivity.csv")
    assert list(dict.fromkeys(table["output"])) == ["duration: vehicle minus early", "duration: vehicle"]


def test_other_settings_need_force(capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--parameters", "divisions", "--trajectories", "4", "--quiet", "--out", "here")
    assert call("sensitivity", "plain.toml", *few) == 0
    before = Path("here/sensitivity.csv").read_bytes()
    assert call("sensitivity", "plain.toml", *few, "--relative") == 2
    assert "other settings" in capsys.readouterr().err
    assert Path("here/sensitivity.csv").read_bytes() == before
    assert call("sensitivity", "plain.toml", *few, "--relative", "--force") == 0
    assert Path("here/sensitivity.csv").read_bytes() != before


def test_what_was_left_out_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    """No rat is ill by day 5, so a relative effect has no value anywhere, and a difference is 0."""
    Path("short.toml").write_text(STUDY.replace("until = 14", "until = 5"), encoding="utf-8")
    few = ("--parameters", "divisions", "--trajectories", "4", "--quiet")
    assert call("sensitivity", "short.toml", *few) == 0
    error = capsys.readouterr().err
    assert "at 8 of 8 sets of values the mean of vehicle is 0" in error
    assert all(line.startswith("warning: ") for line in error.splitlines())
    assert call("sensitivity", "short.toml", *few, "--relative", "--out", "relative") == 1
    assert "no output has a value" in capsys.readouterr().err
    assert not Path("relative").exists()


def test_check_says_the_cost_and_run_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "asked.toml") == 0
    assert "3 factors, 16 sets of values, 64 runs" in capsys.readouterr().out
    assert call("run", "asked.toml", "--quiet") == 0
    assert "[sensitivity]" in capsys.readouterr().err


def test_figures_draws_an_experiment_of_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    Path("experiments/12_sensitivity").mkdir(parents=True)
    Path("experiments/12_sensitivity/study.toml").write_text(STUDY + TABLE, encoding="utf-8")
    assert call("figures", "12_sensitivity", "--quiet") == 0
    assert call("sensitivity", "asked.toml", "--quiet") == 0
    own = Path("asked-sensitivity/sensitivity.svg").read_bytes()
    assert Path("figures/12_sensitivity.svg").read_bytes() == own


def test_an_interruption_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("eaesim.questions.sensitivity.sample.map_chunks", interrupted)
    before = sorted(Path().rglob("*"))
    assert call("sensitivity", "asked.toml", "--quiet") == 130
    assert sorted(Path().rglob("*")) == before
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["missing.toml"], "no such file"),
        (["plain.toml", "--method", "moris"], 'did you mean "morris"'),
        (["plain.toml", "--endpoint", "peak"], 'did you mean "peak_score"'),
        (["plain.toml", "--arm", "erly"], 'did you mean "early"'),
        (["plain.toml", "--against", "vehicle"], "arm"),
        (["plain.toml", "--arm", "early", "--relative"], "against"),
        (["plain.toml", "--parameters", "divsions"], 'did you mean "divisions"'),
        (["plain.toml", "--parameters", ""], "nothing to vary"),
        (["plain.toml", "--parameter-sets", "2"], "not for a sensitivity"),
        (["plain.toml", "--trajectories", "1"], "trajectories"),
        (["plain.toml", "--method", "sobol", "--samples", "100"], "64 or 128"),
        (["plain.toml", "--animals", "0"], "animals"),
        (["plain.toml", "--dead", "cary"], 'did you mean "carry"'),
        (["plain.toml", "--workers", "0"], "workers"),
        ([], "needs a study file"),
    ],
)
def test_bad_input_is_refused(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path().rglob("*"))
    assert call("sensitivity", *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert hint in printed.err
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("trajectories", "trajectory", 'did you mean "trajectories"'),
        ('against = "vehicle"', 'against = "vehicel"', 'did you mean "vehicle"'),
        ('"expansion_rate"', '"expansionrate"', 'did you mean "expansion_rate"'),
        ("high = 2", "high = 15", "day 14"),
        ("arm.early.day", "arm.early.when", "key"),
        ("[sensitivity]", "[sensitvity]", 'did you mean "sensitivity"'),
    ],
)
@pytest.mark.parametrize("verb", ["sensitivity", "check"])
def test_a_bad_table_is_refused(
    verb: str, old: str, new: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.toml").write_text((STUDY + TABLE).replace(old, new), encoding="utf-8")
    assert call(verb, "bad.toml") == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert hint in printed.err
    assert not Path("bad-sensitivity").exists()
