"""The page on files names every file and column that a small run of each question writes, and no other."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
import tomlkit
from pages.files import column_text, files_of
from questions.test_contract import DEAR, EVERY, SMALL, STUDY, _words, folder, quick_fit, typed
from shell import call

from eaesim.endpoints import ENDPOINTS
from eaesim.model import MECHANISMS, STATES, Parameters

__all__ = ["folder", "quick_fit"]  # fixtures that every test of this file uses

STRAINS = ("lewis", "da", "laboratory")
# What a word in capital letters stands for.
NAMES = {
    "STRAIN": "|".join(STRAINS),
    "ENDPOINT": rf"(?:{'|'.join(ENDPOINTS)})(?:\[\d*:\d*\])?",
    "PARAMETER": "|".join(Parameters._fields),
    "MECHANISM": "|".join(MECHANISMS),
    "STATE": "|".join(STATES),
    "PATH": r"(?:arm\..+|parameter\..+|mechanism|rat)",
    "READING": r"\w+ \w+",
    "N": r"\d+",
}
# Written only with another setting than the small run has: an ordinal model, Morris, other fits, a plateau.
ELSEWHERE = {
    "power": {"course.csv"},
    "timing": {"low_end.csv"},
    "calibration": {"calibration.csv", "ranks.csv"},
    "patient": {"plateau.csv"},
}
OF_MORRIS = {"mu", "mu_star", "mu_star_low", "mu_star_high", "sigma"}


def matcher(name: str) -> re.Pattern[str]:
    """Return what a name of a file or a column on the page stands for."""
    parts = re.split(rf"(?<![A-Z])({'|'.join(NAMES)})(?![A-Z\d])", name)
    return re.compile("".join(f"(?:{NAMES[part]})" if part in NAMES else re.escape(part) for part in parts))


def written(place: Path) -> Iterator[tuple[str, list[str]]]:
    """Return every file of a run with its columns, without what each folder has."""
    for path in sorted(place.rglob("*")):
        if not path.is_file() or path.suffix in (".png", ".svg") or path.name == "manifest.json":
            continue
        columns = []
        if path.suffix == ".csv":
            columns = next(csv.reader(path.read_text("utf-8").splitlines()))
        elif path.suffix == ".parquet":
            columns = parquet.read_schema(path).names
        yield path.relative_to(place).as_posix(), columns


def run(name: str) -> Path:
    """Ask a question as the test of its contract does, and return its folder."""
    if name == "mistiming":
        Path("study.toml").write_text(STUDY.replace("lewis", "da"), encoding="utf-8")
    known = EVERY[name].request.settings()
    options = [
        word for key, value in SMALL[name].items() if key in known for word in _words(name, key, value)
    ]
    if free := {key: value for key, value in SMALL[name].items() if key not in known}:
        Path("study.toml").write_text(STUDY + tomlkit.dumps({name: free}), encoding="utf-8")
    assert call(*typed(name), *options, "--quiet", "--out", "one") == 0
    return Path("one")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in DEAR)) for n in EVERY if n in SMALL]
)
def test_every_file_and_column_has_an_entry_and_every_entry_is_written(name: str) -> None:
    shown, missing, used = files_of(name), [], set()
    for file, columns in written(run(name)):
        entry = next((one for one in shown if matcher(one).fullmatch(file)), None)
        if entry is None:
            missing.append(file)
            continue
        patterns = shown[entry].get("columns", [])
        used.add(entry)
        for column in columns:
            found = [one for one in patterns if matcher(one).fullmatch(column)]
            used |= {(entry, one) for one in found}
            missing += [] if found else [f"{file}: {column}"]
    assert missing == []
    entries = {
        entry
        for one, own in shown.items()
        for entry in (one, *((one, each) for each in own.get("columns", [])))
    }
    left = {
        entry
        for entry in entries - used
        if entry not in ELSEWHERE.get(name, ())
        and not (isinstance(entry, tuple) and (entry[0] in ELSEWHERE.get(name, ()) or entry[1] in OF_MORRIS))
    }
    assert {str(entry) for entry in left} == set()


def test_every_question_has_its_files() -> None:
    assert all(files_of(name) for name in EVERY)


def test_every_column_is_said_in_a_sentence() -> None:
    texts = {
        (name, column): column_text(name, column)
        for name in EVERY
        for own in files_of(name).values()
        for column in own.get("columns", [])
    }
    assert {place for place, text in texts.items() if not re.fullmatch(r"[A-Z0-9`].*\.", text)} == set()


def test_a_column_that_nobody_described_is_found() -> None:
    assert not any(matcher(one).fullmatch("made_up") for one in files_of("power")["power.csv"]["columns"])
    assert matcher("animals_MECHANISM_MECHANISM").fullmatch("animals_H1a_H7")
    assert matcher("STRAIN.ensemble.parquet").fullmatch("da.ensemble.parquet")
    assert not matcher("bin_N").fullmatch("bin_a")
