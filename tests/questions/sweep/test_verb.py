"""The verb: interrupted, killed or not, the same command ends with the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from shell import call, folder_with, study_file

from eaesim.model import load

STUDY = (
    study_file(until=14, animals=10, seed=7)
    + """
[sweep]
"arm.early.day" = [0, 3]
"parameter.priming_rate" = { low = 0.4, high = 1.6, points = 4 }
"""
)


folder = folder_with({"first.toml": STUDY})


def files(folder: str) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def test_a_sweep_leaves_its_files_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("sweep", "first.toml", "--quiet", "--workers", "1") == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    out = printed.out.splitlines()
    now = load("lewis").entries["priming_rate"].value
    assert out[:2] == [
        "arm.early.day: 2 values, 0 to 3; now 0",
        f"parameter.priming_rate: 4 values, 0.4 to 1.6; now {now:g}",
    ]
    assert out[2].startswith("8 points of 20 rats: 160 runs, about 1 s on one core, ")
    assert out[-2] == f"Figure: {Path('first-sweep') / 'sweep.png'}"
    assert out[-1].startswith("The largest effect on the peak score, ")
    manifest = json.loads(Path("first-sweep/manifest.json").read_text("utf-8"))
    assert sorted(files("first-sweep")) == sorted([*manifest["files"], "manifest.json"])
    assert set(manifest["files"]) == {
        "settings.parquet",
        "sweep/part-00000.parquet",
        "sweep.png",
        "sweep.svg",
    }
    settings = pd.read_parquet("first-sweep/settings.parquet")
    assert list(settings.columns) == ["point", "arm.early.day", "parameter.priming_rate"]
    part = pd.read_parquet("first-sweep/sweep/part-00000.parquet")
    columns = "point arm endpoint mean low high effect effect_low effect_high animals failed"
    assert list(part.columns) == columns.split()
    assert set(part["point"]) == set(settings["point"]) == set(range(8))


def test_again_it_makes_nothing_new_and_other_settings_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("sweep", "first.toml", "--quiet") == 0
    first = files("first-sweep")
    said = capsys.readouterr().out
    assert call("sweep", "first.toml", "--quiet") == 0
    assert capsys.readouterr().out == said
    assert files("first-sweep") == first
    assert call("sweep", "first.toml", "--quiet", "--seed", "8") == 2
    refused = capsys.readouterr()
    assert refused.out == ""
    assert refused.err.count("\n") == 1
    assert "--force" in refused.err
    assert files("first-sweep") == first
    assert call("sweep", "first.toml", "--quiet", "--seed", "8", "--force") == 0
    assert files("first-sweep").keys() == first.keys()
    assert files("first-sweep") != first


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("[sweep]", "[swep]", 'did you mean "sweep"'),
        ('"arm.early.day" = [0, 3]', '"arm.erly.day" = [0, 3]', 'did you mean "early"'),
        ('"arm.early.day" = [0, 3]', "arm.early.day = [0, 3]", "quotes"),
        ("[0, 3]", "[0, 15]", '"arm.early.day" = 15: arm "early": the dose on day 15'),
        ("[0, 3]", "[]", '"arm.early.day": the list of values is empty'),
        ("points = 4", 'scale = "log"', 'no "points"'),
        ("points = 4", "point = 4", 'did you mean "points"'),
        ("low = 0.4", "low = -0.4", '"parameter.priming_rate" = -0.4'),
        ("parameter.priming_rate", "parameter.priming_rat", 'did you mean "priming_rate"'),
        ("[sweep]", '[sweep]\nmethod = "sobol"', "samples = 256"),
        ("[sweep]", "[sweep]\nsampling_seed = 3", "seed is for a sample"),
    ],
)
@pytest.mark.parametrize("verb", ["sweep", "check"])
def test_a_bad_table_is_refused(
    verb: str, old: str, new: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("first.toml").write_text(STUDY.replace(old, new, 1), encoding="utf-8")
    assert call(verb, "first.toml") == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("eaesim: first.toml: ")
    assert printed.err.count("\n") == 1
    assert hint in printed.err
    assert [path.name for path in Path().iterdir()] == ["first.toml"]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--workers", "0"], "workers"),
        (["--workers", "1000000"], "workers"),
        (["--animals", "1000000", "--workers", "1000"], "memory"),
        (["--cluster", "nobody"], "tcp://host:8786"),
        (["--out", "first.toml"], "is a file"),
        (["--dead", "cary"], 'did you mean "carry"'),
    ],
)
def test_a_bad_option_is_refused(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("sweep", "first.toml", "--quiet", *arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert hint in printed.err
    assert printed.out == ""
    assert [path.name for path in Path().iterdir()] == ["first.toml"]


def test_a_study_without_a_sweep_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("first.toml").write_text(STUDY.partition("[sweep]")[0], encoding="utf-8")
    assert call("sweep", "first.toml") == 2
    assert "no [sweep] table" in capsys.readouterr().err


def test_check_says_what_a_sweep_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "first.toml") == 0
    out = capsys.readouterr().out
    assert "8 points of 20 rats: 160 runs" in out
    assert "eaesim sweep first.toml" in out


def test_where_nothing_can_be_computed_the_status_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    hopeless = STUDY.replace("0.4", "1e306").replace("1.6", "1e307").replace("points = 4", "points = 2")
    Path("first.toml").write_text(hopeless, encoding="utf-8")
    assert call("sweep", "first.toml", "--quiet", "--animals", "1", "--workers", "1") == 1
    assert "no rat is left at any point; the first: " in capsys.readouterr().err


def test_failed_rats_are_one_warning(capsys: pytest.CaptureFixture[str]) -> None:
    Path("first.toml").write_text(
        STUDY.replace('"arm.early.day" = [0, 3]', '"parameter.igg_volume_plasma" = [40, 1e-300]'),
        encoding="utf-8",
    )
    assert call("sweep", "first.toml", "--quiet", "--workers", "1") == 0
    warnings = capsys.readouterr().err.splitlines()
    assert warnings[-1] == "warning: at 4 of 8 points some rats failed and were left out."


def test_figures_are_made_of_sweeps() -> None:
    Path("experiments/11_sweep").mkdir(parents=True)
    Path("experiments/11_sweep/study.toml").write_text(STUDY, encoding="utf-8")
    assert call("figures", "--quiet") == 0
    assert {path.name for path in Path("figures").iterdir()} == {"11_sweep.png", "11_sweep.svg"}


def test_a_cluster_gives_the_same_bytes(address: str) -> None:
    assert call("sweep", "first.toml", "--quiet", "--out", "here", "--animals", "40", "--workers", "1") == 0
    assert (
        call("sweep", "first.toml", "--quiet", "--out", "there", "--animals", "40", "--cluster", address) == 0
    )
    assert len(files("here")) == 8
    assert files("here") == files("there")


# A shell may start the tests with interrupts ignored; the program must see the one that is sent.
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from eaesim.cli.main import main; main()"
)
LONG = STUDY.replace("[0, 3]", "{ low = 0, high = 9.5, points = 20 }").replace("points = 4", "points = 20")


def stopped(signal_number: int, *options: str) -> tuple[int, str]:
    """Start a sweep, stop it once a few parts are there, and return its status and what it said."""
    command = [sys.executable, "-c", PROGRAM, "sweep", "first.toml", "--quiet", "--out", "run", *options]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True
    ) as process:
        deadline = time.monotonic() + 120
        while len(list(Path("run/sweep").glob("part-*"))) < 3:
            assert process.poll() is None, "it ended before it was stopped"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        # A terminal sends an interrupt to the workers too.
        os.killpg(process.pid, signal_number)
        _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("SIGINT", ["--workers", "1"]),
        ("SIGINT", ["--workers", "2"]),
        ("SIGINT", ["--workers", "2", "--cluster", "local"]),
        ("SIGKILL", ["--workers", "1"]),
        ("SIGKILL", ["--workers", "2"]),
    ],
)
def test_stopped_on_the_way_it_ends_with_the_same_bytes(
    name: str, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("first.toml").write_text(LONG, encoding="utf-8")
    status, err = stopped(getattr(signal, name), *where)
    done = files("run")
    assert 3 + 2 <= len(done) < 20 + 4
    if name == "SIGINT":
        assert status == 130
        assert err == ("eaesim: interrupted; finished parts are kept in run, and the same command resumes.\n")
        assert not [path for path in done if "/." in path]
    else:
        assert status == -signal.SIGKILL
    assert call("sweep", "first.toml", "--quiet", "--out", "run", "--workers", "1") == 0
    assert call("sweep", "first.toml", "--quiet", "--out", "whole", "--workers", "1") == 0
    assert files("run") == files("whole")
    assert {path: data for path, data in done.items() if "/." not in path}.items() <= files("whole").items()
