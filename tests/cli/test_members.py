"""Members on the command line: the same files as in Python, and another run with other members."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from shell import call, study_file

import eaesim as ea
from eaesim.study import write_ensemble

STUDY = study_file(until=16, rat="FOLDER", animals=12, seed=7)
TIMING = ("timing", "--induction", "immunisation", "--days", "0", "--animals", "12", "--quiet")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fit_folder: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("first.toml").write_text(STUDY.replace("FOLDER", fit_folder.as_posix()), encoding="utf-8")
    return tmp_path


def manifest(folder: str) -> dict[str, object]:
    settings: dict[str, object] = json.loads(Path(folder, "manifest.json").read_text("utf-8"))["settings"]
    return settings


def test_run_says_the_same_as_python(fit_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", "first.toml", "--quiet") == 0
    assert "12 rats of 30 parameter sets per arm" in capsys.readouterr().out
    for table in ("animals", "scores", "courses"):
        rows = pd.read_parquet(f"first-run/{table}.parquet")
        assert (rows["member"] == rows["animal"] % 30).all()
    arms = [ea.Arm("vehicle"), ea.Arm("early", ea.Bolus("1 g/kg").at(day=0))]
    result = ea.Study(str(fit_folder), arms=arms, until=16).run(animals=12, seed=7)
    expected = result.table().reset_index()
    found = pd.read_csv("first-run/summary.csv")
    assert list(found.columns) == list(expected.columns)
    assert found["animal_low"].to_numpy() == pytest.approx(expected["animal_low"].to_numpy(), nan_ok=True)
    settings = manifest("first-run")
    assert settings["members"] == 30
    assert len(str(settings["ensemble"])) == 64


def test_another_number_of_members_is_another_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", "first.toml", "--quiet", "--parameter-sets", "3") == 0
    assert call("run", "first.toml", "--quiet", "--parameter-sets", "3") == 0
    capsys.readouterr()
    assert call("run", "first.toml", "--quiet", "--parameter-sets", "1") == 2
    assert "other settings" in capsys.readouterr().err
    assert call("run", "first.toml", "--quiet", "--parameter-sets", "1", "--force") == 0
    assert manifest("first-run")["members"] == 1
    assert (pd.read_parquet("first-run/animals.parquet")["member"] == 0).all()


def test_another_ensemble_in_the_same_folder_is_another_run(
    fit_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ea.study.read_ensemble(fit_folder)
    write_ensemble("own", "mine", found)
    assert call(*TIMING, "--rat", "own") == 0
    assert call(*TIMING, "--rat", "own") == 0
    write_ensemble("own", "mine", replace(found, values=1.1 * found.values))
    assert call(*TIMING, "--rat", "own") == 2
    assert "other settings" in capsys.readouterr().err


def test_timing_draws_from_the_ensemble_by_default(
    fit_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*TIMING, "--rat", str(fit_folder)) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("In mine under H1a, 1 g/kg at immunisation")
    (settings,) = manifest("eaesim-timing")["members"]
    assert (settings["rat"], settings["members"]) == ("mine", 30)
    table = pd.read_csv("eaesim-timing/timing.csv")
    known = table.dropna(subset=["animal_low"])  # of 12 rats there may be no interval
    assert len(known)
    assert (known["effect_low"] <= known["animal_low"]).all()
    assert call(*TIMING, "--rat", str(fit_folder), "--parameter-sets", "1", "--out", "one") == 0
    one = pd.read_csv("one/timing.csv")
    assert one["animal_low"].equals(one["effect_low"])


def test_show_takes_a_fits_folder(fit_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", str(fit_folder)) == 0
    assert "eaesim fit --seed 5, seed 5" in capsys.readouterr().out


@pytest.mark.slow
def test_export_takes_a_fits_folder(fit_folder: Path) -> None:
    assert call("export", str(fit_folder), "--to", "antimony", "--out", "mine.ant") == 0
    assert Path("mine.ant").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--parameter-sets", "0"), "--parameter-sets 0 is not a whole number from 1"),
        (("--parameter-sets", "5", "--rat", "da_antibody"), "da_antibody has no ensemble"),
        (("--rat", "."), "holds no ensemble; name the folder of a fit"),
        (("--rat", "nowhere"), '"nowhere" is not a rat'),
    ],
)
def test_what_cannot_be_had_is_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(Path().iterdir())
    assert call(*TIMING, *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert sorted(Path().iterdir()) == before
