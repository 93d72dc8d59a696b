"""What the page on files says of a run: every file and column that it writes, and no other."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as parquet
from pages.files import files_of

from eaesim.endpoints import ENDPOINTS
from eaesim.model import MECHANISMS, STATES, Parameters

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


def assert_described(name: str, place: Path) -> None:
    """Check that every file and column of a run has an entry, and that every entry is written."""
    shown, missing, used = files_of(name), [], set()
    for file, columns in written(place):
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
    assert not missing, f"docs/pages/columns.toml says nothing of {missing}"
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
