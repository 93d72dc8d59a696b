"""The verbs `fit` and `mechanisms`, as a user types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shell import call, folder_with

from eaesim.endpoints import Floats
from eaesim.estimation import chain, fit, potency
from eaesim.estimation.emulator import Emulator
from eaesim.estimation.target import Target
from eaesim.evidence import load_findings
from eaesim.study import read_ensemble

SMALL = ("--start", "prior", "--particles", "8", "--chains", "2", "--moves", "1", "--animals", "4")
FILES = [
    "da.ensemble.parquet", "da.ensemble.toml", "fit.log", "fit.png", "fit.svg", "identifiability.csv",
    "identifiability.png", "identifiability.svg", "igg.csv", "lewis.ensemble.parquet", "lewis.ensemble.toml",
    "manifest.json", "posterior.parquet", "rows.csv",
]  # fmt: skip


folder = folder_with()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, few_rows: tuple[Target, ...]) -> None:
    """Let a fit see a few rows, move a little on the way, and try few strengths of each mechanism."""
    monkeypatch.setattr(fit, "read_targets", lambda: (few_rows, {}))
    monkeypatch.setattr(chain, "WAYS", {**chain.WAYS, "prior": chain.Way(8, 4, 2)})
    monkeypatch.setattr(potency, "TRIED", 3)


@pytest.fixture
def quick_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the emulator narrow, and draw from around where NUTS would begin, which takes long to compile."""

    def draw(emulator: Emulator, targets: object, first: Floats, *, draws: int, **_: object) -> Floats:
        random = np.random.default_rng(1)
        around = first[:, None] + 0.05 * random.standard_normal((len(first), draws, emulator.numbers))
        return np.clip(around, 0.01, 0.99)

    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    monkeypatch.setattr("eaesim.estimation.emulator.WIDTH", 16)
    monkeypatch.setattr("eaesim.estimation.start.draw", draw)
    monkeypatch.setattr("eaesim.estimation.start._SURE", 100)
    monkeypatch.setattr("eaesim.estimation.emulated._STEPS", ((2, 1),))


@pytest.mark.slow  # a fit and its mechanisms, each of which has quicker tests of its own
def test_a_fit_leaves_its_files_and_its_ensembles_can_be_named(
    capsys: pytest.CaptureFixture[str], assert_answered: Callable[..., None], few: None
) -> None:
    assert call("fit", *SMALL, "--quiet") == 0
    out = capsys.readouterr().out
    assert_answered(out, "eaesim-fit/rows.csv")
    assert sorted(path.name for path in Path("eaesim-fit").iterdir()) == FILES
    assert [path.name for path in Path().iterdir()] == ["eaesim-fit"]  # what was kept on the way is gone
    assert "published data" in out.splitlines()[-1]
    assert json.loads(Path("eaesim-fit/manifest.json").read_text("utf-8"))["settings"]["particles"] == 8
    about = read_ensemble("eaesim-fit/lewis").about
    assert about["command"].startswith("eaesim fit --start prior --particles 8")
    assert call("mechanisms", "--ensemble", "eaesim-fit", "--mechanism", "H1a,H4", "--member-count", "2",
                "--animals", "6", "--quiet") == 0  # fmt: skip
    out = capsys.readouterr().out
    assert_answered(out, "eaesim-mechanisms/ranking.csv")
    assert "2 of the 11 findings were used for calibration: A1, A4." in out
    table = pd.read_csv("eaesim-mechanisms/mechanisms.csv")
    assert list(table.columns[:7]) == [
        "finding", "mechanism", "verdict", "finding_verdict", "share", "predicted", "low",
    ]  # fmt: skip
    assert set(table["verdict"]) == {"not comparable"}  # of two members nothing can be said
    assert set(pd.read_csv("eaesim-mechanisms/validation.csv")["use"]) == {"validate"}
    rows = pd.read_csv("eaesim-mechanisms/rows.csv")
    assert {one.id for one in load_findings() if one.table in "ABE"} == set(rows["finding"])
    assert rows.loc[rows["finding"] == "E17", "reason"].item().startswith("Not simulated: ")
    assert Path("eaesim-mechanisms/rows.svg").is_file()


@pytest.mark.slow
def test_a_calibration_leaves_its_files_and_says_how_often_intervals_hold(
    capsys: pytest.CaptureFixture[str], few: None, quick_emulator: None
) -> None:
    small = ("--particles", "8", "--moves", "1", "--animals", "4", "--sets", "600", "--quiet")
    assert call("fit", "--calibrate", "2", *small) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith("In 2 synthetic data sets 90 % intervals hold the truth in")
    assert sorted(path.name for path in Path("eaesim-fit-calibration").iterdir()) == [
        "calibration.csv", "calibration.png", "calibration.svg", "manifest.json", "ranks.csv",
    ]  # fmt: skip
    assert [path.name for path in Path().iterdir()] == ["eaesim-fit-calibration"]
    assert len(pd.read_csv("eaesim-fit-calibration/ranks.csv")) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--calibrate", "0"), "--calibrate 0 is not a whole number"),
        (("--calibrate", "2", "--chains", "8"), "--chains is not for --calibrate"),
        (("--calibrate", "2", "--set", "animal_spread=1"), "--set is not for --calibrate"),
        (("--calibrate", "2", "--rat", "lewsi"), 'did you mean "lewis"'),
        (("--calibrate", "2", "--of", "scores", "--moves", "3"), "moves is not for a calibration of scores"),
        (("--calibrate", "2", "--scores", "a.csv"), "are two questions; ask one at a time"),
    ],
)
def test_a_calibration_that_makes_no_sense_is_one_line(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("fit", *arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert not list(Path().iterdir())


COURSES = "animal,arm," + ",".join(f"day {day}" for day in range(22)) + "\n"


def scores(rows: list[str]) -> Path:
    path = Path("my_scores.csv")
    path.write_text(COURSES + "\n".join(rows), encoding="utf-8")
    return path


def course(animal: int, onset: int, *seen: float) -> str:
    values = [0.0] * onset + list(seen)
    values += [0.0] * (22 - len(values))
    return f"{animal},vehicle," + ",".join(map(str, values))


@pytest.mark.slow
def test_lost_animals_other_scales_and_mice_are_said_in_a_fit(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [course(each, 10 + each % 3, 2, 4, 6, 6, 4, 2) for each in range(6)]
    # Animal 0 is lost after day 13, at its peak; animal 5 after day 6, without signs.
    for animal, last in ((0, 13), (5, 6)):
        rows[animal] = ",".join(rows[animal].split(",")[: last + 3]) + "," * (21 - last)
    path = scores(rows)
    path.write_text(path.read_text("utf-8").replace("animal,arm", "mouse,arm"), encoding="utf-8")
    options = ("--sets", "750", "--scale-max", "10", "--signs", "2", "--quiet")
    assert call("fit", "--scores", str(path), *options) == 0
    printed = capsys.readouterr()
    assert "6 control animals, 5 with signs by day 21, 1 lost before: " in printed.out
    lines = printed.err.splitlines()
    (arm,) = (line for line in lines if line.startswith("warning: vehicle: 2 of 6 lost"))
    assert "say --lost score, carry or exclude" in arm
    assert any("the rat model is fitted to them" in line for line in lines)
    assert any("scores are multiplied by 0.5" in line for line in lines)
    assert any("count by the chance of none until then" in line for line in lines)
    folder = Path("my_scores-fit")
    assert {"courses.csv", "courses.png", "courses.svg", "rows.csv"} <= {
        each.name for each in folder.iterdir()
    }
    courses = pd.read_csv(folder / "courses.csv")
    assert courses["animals"].iloc[[0, -1]].tolist() == [6, 4]
    assert courses["shown"].max() <= 3
    about = read_ensemble(str(folder / "laboratory")).about
    assert about["command"].endswith("--scale-max 10 --signs 2")
    # With a rule the lost animal is known in its sums, and that is another run.
    assert call("fit", "--scores", str(path), *options, "--lost", "carry") == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.slow
def test_a_laboratory_gets_a_rat_of_its_own(
    capsys: pytest.CaptureFixture[str], assert_answered: Callable[..., None]
) -> None:
    path = scores([course(each, 10 + each % 3, 1, 2, 3, 3, 2, 1) for each in range(8)])
    assert call("fit", "--scores", str(path), "--sets", "750", "--quiet") == 0
    out = capsys.readouterr().out
    assert_answered(out, "my_scores-fit/rows.csv")
    assert "8 control animals, 8 with signs" in out
    assert "--rat my_scores-fit/laboratory" in out
    ensemble = read_ensemble("my_scores-fit/laboratory")
    assert len(ensemble) > 5
    rows = pd.read_csv("my_scores-fit/rows.csv").set_index("reading")
    assert abs(rows.loc["onset_day", "predicted"] - rows.loc["onset_day", "shown"]) < 1.5
    more = ("--induction", "immunisation", "--rat", "my_scores-fit/laboratory", "--days", "0:7:7")
    assert call("timing", *more, "--animals", "20", "--quiet") == 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([course(each, 22) for each in range(6)], "no control animal shows a sign"),
        ([course(1, 10, 1, 2, 3)], "with scores: 1;"),
        ([course(1, 10, 7, 7)], "scale"),
        ([course(1, 10, 1), course(1, 11, 1)], "1"),
    ],
    ids=["all zeros", "one animal", "scores of 7", "an animal twice"],
)
def test_nonsense_is_one_line_and_no_number(
    rows: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("fit", "--scores", str(scores(rows)), "--quiet") in (1, 2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(path.name for path in Path().iterdir()) == ["my_scores.csv"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fit", "--scores", "none.csv", "fit.toml"), "fit.toml: no such file"),
        (("fit", "--set", "memory_fraction"), "write NAME=VALUE"),
        (("fit", "--set", "memory_fracton=0"), 'did you mean "memory_fraction"'),
        (("fit", "--scores", "none.csv", "--set", "a=1"), "--set is not for --scores"),
        (("fit", "--control", "vehicle"), "--control is not for fit"),
        (("fit", "--scores", "none.csv", "--moves", "3"), "--moves is not for --scores"),
        (("fit", "--scores", "none.csv"), "none.csv"),
        (("mechanisms", "--mechanism", "H9"), "H9"),
        (("mechanisms", "--ensemble", "nowhere"), "nowhere"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert not list(Path().iterdir())
