"""Counts beyond memory, time or the ensemble, and files without end: one line, status 2, nothing made."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shell import folder_with, study_file

from eaesim import Arm, Study, ablation, discriminate, mechanisms, timing
from eaesim.cli.main import main
from eaesim.errors import EaesimError
from eaesim.files import parse_toml, read_bytes, read_text

STUDY = study_file(until=20, animals=2)
NINES = "9" * 400
FIT, ABLATION = ("fit",), ("ablation",)
DISCRIMINATE, MECHANISMS, TIMING, RUN = ("discriminate",), ("mechanisms",), ("timing",), ("run", "s.toml")
OPTIONS = [
    (*FIT, "--particles", "10000", "--animals", "10000"),
    *((*ABLATION, "--particles", count) for count in ("99999999999", "10001", NINES)),
    *((*ABLATION, "--moves", count) for count in ("1000001", NINES)),
    *(
        (*verb, "--member-count", count)
        for verb in (DISCRIMINATE, MECHANISMS)
        for count in ("385", "9" * 20, NINES, "0")
    ),
    *((*verb, "--animals", count) for verb in (DISCRIMINATE, MECHANISMS) for count in ("10001", NINES)),
    *(
        (*verb, "--seed", count)
        for verb in (DISCRIMINATE, MECHANISMS, FIT, RUN, TIMING)
        for count in (NINES, "-1")
    ),
    *(
        (*TIMING, f"--days={given}")
        for given in (NINES, f"0:{NINES}", f"-{NINES}:0", f"0:1:1e-{NINES}", "0:1:0.0000001")
    ),
    *(
        (*verb, "--animals", count)
        for verb in (TIMING, RUN)
        for count in ("1000001", "1000000000", NINES, "0")
    ),
    *(
        (*verb, "--member-count", count)
        for verb in (TIMING, RUN)
        for count in ("385", "1000000000", NINES, "0")
    ),
    *(("sweep", "w.toml", "--workers", count) for count in ("1025", NINES, "0")),
    *(("sweep", "w.toml", "--animals", count) for count in ("1000001", NINES)),
    *(("sensitivity", "s.toml", "--trajectories", count) for count in ("100000000000", NINES, "0")),
    ("sensitivity", "s.toml", "--method", "sobol", "--samples", str(2**60)),
    *(("schedule", "s.toml", *way, "--animals", NINES) for way in ((), ("--optimise",), ("--mistiming",))),
]
assert len(OPTIONS) >= 50


folder = folder_with({"s.toml": STUDY, "w.toml": f'{STUDY}\n[sweep]\n"arm.early.day" = [0, 1]\n'})


def refused(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    before = sorted(Path().iterdir())
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    printed = capsys.readouterr()
    assert caught.value.code == 2, printed
    lines = printed.err.splitlines()
    assert [line for line in lines if not line.startswith("warning: ")] == lines[-1:]
    assert len(lines[-1]) < 1_000
    assert sorted(Path().iterdir()) == before
    return lines[-1]


@pytest.mark.parametrize("arguments", OPTIONS, ids=lambda given: " ".join(given)[:60])
def test_a_count_out_of_range_is_refused(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    refused(arguments, capsys)


@pytest.mark.parametrize("verb", ["discriminate", "mechanisms", "timing", "run"])
def test_more_members_than_there_are_is_said(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["s.toml"] if verb == "run" else []
    assert "has 384" in refused((verb, *more, "--member-count", "385"), capsys)


CALLS: dict[str, Callable[[Any], object]] = {
    "ablation particles": lambda count: ablation(particles=count),
    "ablation moves": lambda count: ablation(moves=count),
    "discriminate members": lambda count: discriminate(parameter_sets=count),
    "discriminate animals": lambda count: discriminate(animals=count),
    "mechanisms members": lambda count: mechanisms(parameter_sets=count),
    "mechanisms animals": lambda count: mechanisms(animals=count),
    "timing animals": lambda count: timing("lewis", induction="immunisation", animals=count),
    "run animals": lambda count: Study("lewis", arms=[Arm("vehicle")]).run(animals=count),
    "run members": lambda count: Study("lewis", arms=[Arm("vehicle")]).run(animals=4, members=count),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_refused_as_the_option_is(name: str) -> None:
    for count in (10**12, 10**400, 10**5000, 0, -1, 2.5, True, "3"):
        with pytest.raises(EaesimError) as caught:
            CALLS[name](count)
        assert len(str(caught.value)) < 500


ENDLESS = [
    "/dev/zero",
    "/dev/full",
    "/dev/urandom",
    "/dev/null",
    "pipe",
    "large.toml",
    "folder",
    "nothing",
    "a" * 300,
]
VERBS = ["check", "run", "sweep", "sensitivity", "schedule", "power", "timing", "export"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_what_is_no_file_or_too_large_is_refused_at_once(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo("pipe")
    Path("folder").mkdir()
    with Path("large.toml").open("wb") as file:
        file.truncate(10**9)  # a hole: it takes no room
    for name in ENDLESS:
        refused((verb, name), capsys)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
@pytest.mark.parametrize("name", ["lewis.ensemble.parquet", "lewis.ensemble.toml"])
def test_an_ensemble_that_is_no_file_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("fit").mkdir()
    for each in ("lewis.ensemble.parquet", "lewis.ensemble.toml"):
        Path("fit", each).symlink_to("/dev/zero") if each == name else Path("fit", each).write_bytes(b"x")
    refused(("timing", "--rat", "fit/lewis", "--induction", "immunisation"), capsys)
    refused(("show", "fit/lewis"), capsys)


def test_a_file_is_read_up_to_its_largest_size() -> None:
    Path("a").write_bytes(b"\xef\xbb\xbfab\r\n")
    assert read_bytes("a", most=7) == b"\xef\xbb\xbfab\r\n"
    assert read_text("a", most=7) == "ab\n"
    with pytest.raises(EaesimError, match="more than 6 bytes"):
        read_bytes("a", most=6)


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 200_000) + " = 1",
        "[" + ".".join(["a"] * 200_000) + "]",
        "x = {" + ".".join(["a"] * 200_000) + " = 1}",
        "x = " + "[" * 100_000,
        "x = " + "9" * 5_000,
        "x = " + "9" * 400,
        "x = [1, [2, " + "9" * 30 + "]]",
        'x = "' + "\\u0000" * 100_000,
    ],
    ids=range(8),
)
def test_text_that_takes_for_ever_to_read_is_refused(text: str) -> None:
    with pytest.raises(EaesimError) as caught:
        parse_toml(text)
    assert len(str(caught.value)) < 500


def test_floats_with_many_dots_are_read() -> None:
    values = [float(value) for value in np.linspace(0.001, 1, 5_000).round(3)]
    assert parse_toml(f"x = {values}") == {"x": values}


def test_more_memory_than_there_is_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("eaesim.study.Study.run", run)
    with pytest.raises(SystemExit) as caught:
        main(["run", "s.toml", "--quiet"])
    assert caught.value.code == 1
    assert capsys.readouterr().err.startswith("eaesim: this needs more memory than there is")
    assert not Path("s-run").exists()
