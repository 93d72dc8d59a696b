"""All published findings, read from the data files of the package and checked."""

from __future__ import annotations

import math
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from eaesim.errors import EaesimError, FileError, check_names, unknown_name
from eaesim.evidence.record import VOCABULARY, Finding
from eaesim.files import Content, Unchecked, parse_toml, read_text
from eaesim.model.bibliography import bibliography

_KINDS = {field.name: str(field.type) for field in fields(Finding)}
_REQUIRED = ("id", "use", "endpoint", "measure")
# Files in the data folder that do not contain findings.
_OTHER = ("bibliography.toml", "thresholds.toml", "claims.toml")
_NUMBERS = tuple(name for name, kind in _KINDS.items() if kind == "float | None" and name != "day")


@cache
def load_findings() -> tuple[Finding, ...]:
    """Return every published finding, read once from the package's data files.

    Raises
    ------
    FileError
        If a data file breaks the rules of `read_findings`.

    Examples
    --------
    >>> [finding.id for finding in load_findings() if finding.row == "A3"]
    ['A3.peak_score', 'A3.cumulative_score', 'A3.cns_inflammation_peak', 'A3.demyelination_end']
    """
    return read_findings(Path(__file__).parent / "data")


def finding(identity: str) -> Finding:
    """Return the finding with this id.

    Examples
    --------
    >>> finding("A1").text
    '0.6 ± 0.3 against 2.3 ± 0.4 score'
    """
    known = load_findings()
    for row in known:
        if row.id == identity:
            return row
    raise unknown_name(identity, "finding", [row.id for row in known])


def read_findings(folder: Path | str) -> tuple[Finding, ...]:
    """Read every TOML file in a folder; each holds a list of tables called ``finding``.

    Bibliography and thresholds, which are in the same folder, are read elsewhere.

    The keys are the attributes of `Finding`. A fraction may give ``count`` and ``animals`` in place of its
    value, so that 3 of 21 stays exact.

    Raises
    ------
    FileError
        If a file cannot be read, or a row has an unknown key or word, lacks its source or the unit of its
        numbers, lacks what its measure needs, or repeats an id. The message
        names file and row.
    """
    paths = sorted(path for path in Path(folder).glob("*.toml") if path.name not in _OTHER)
    if not paths:
        raise FileError(f"{folder} holds no .toml file; findings are read from a folder of them.")
    known: dict[str, Finding] = {}
    places: dict[str, str] = {}
    for path in paths:
        for place, row in _rows(path):
            try:
                one = _finding(row)
                if one.id in known:
                    raise FileError(f"the id was used before, in {places[one.id]}.")
            except EaesimError as error:
                raise FileError(f"{place}: {error}") from error
            known[one.id], places[one.id] = one, place
    rows = {one.row for one in known.values()}
    for one in known.values():
        for reference in one.refers:
            if reference not in known and reference not in rows:
                raise FileError(f"{places[one.id]}: {unknown_name(reference, 'finding', known)}")
    return tuple(known.values())


def _rows(path: Path) -> list[tuple[str, Unchecked]]:
    """Return each row of a file with its location in words."""
    try:
        content = parse_toml(read_text(path))
    except FileError as error:
        raise FileError(f"{path.name} cannot be read: {error}") from error
    for name in content:
        if name != "finding":
            raise FileError(f"{path.name}: {unknown_name(name, 'table', ['finding'])}")
    rows = content.get("finding")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FileError(f"{path.name} holds no list of findings; write [[finding]] above each.")
    return [
        (f"{path.name}, finding {row.get('id') or f'number {number}'}", row)
        for number, row in enumerate(rows, start=1)
    ]


def _finding(row: Unchecked) -> Finding:
    content: dict[str, Any] = dict(row)
    if "count" in content:
        content["value"] = _share(content)
    for key, value in content.items():
        if key not in _KINDS:
            raise unknown_name(key, "key", [*_KINDS, "count"])
        content[key] = _typed(key, value)
        if key in VOCABULARY and content[key] not in VOCABULARY[key]:
            raise unknown_name(value, f"word for {key}", [word for word in VOCABULARY[key] if word])
    for key in _REQUIRED:
        if not content.get(key) and not (key == "endpoint" and content.get("mechanism")):
            raise FileError(f"{key} is missing.")
    one = Finding(**content)
    check_names(one.key, "bibliography key", bibliography())
    _check(one)
    return one


def _share(content: dict[str, Content]) -> float:
    count, animals = content.pop("count"), content.get("animals")
    if (
        "value" in content
        or type(count) is not int
        or type(animals) is not int
        or not 0 <= count <= animals > 0
    ):
        raise FileError("count is a whole number, at most animals, and stands in place of value.")
    return float(count / animals)


def _typed(key: str, value: Content) -> Content:
    kind = _KINDS[key]
    if kind == "str" and isinstance(value, str):
        return value.strip()
    if kind == "tuple[str, ...]" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind == "int | None" and type(value) is int and value > 0:
        return value
    if kind == "float | None" and type(value) in (int, float) and math.isfinite(value):  # type: ignore[arg-type]
        return float(value)  # type: ignore[arg-type]
    wanted = {"str": "text", "tuple[str, ...]": "a list of texts", "int | None": "a whole number above 0"}
    raise FileError(f"{key} is {value!r}; it must be {wanted.get(kind, 'a finite number')}.")


def _check(one: Finding) -> None:
    """Check that the fields of the row are consistent."""
    given = [name for name in _NUMBERS if getattr(one, name) is not None]
    enough = {
        "ratio": one.value is not None or (one.treated is not None and one.control is not None),
        "mean": one.value is not None,
        "fraction": one.value is not None and 0 <= one.value <= 1,
        "range": (one.low is not None or one.high is not None)
        and (one.low is None or one.high is None or one.low <= one.high),
        "direction": not given and bool(one.result),
    }
    rules = {
        "it has no key of the bibliography and names no rows that it is derived from.": bool(
            one.key or one.refers
        ),
        "unit is missing; every number needs one.": not given or bool(one.unit),
        f'it does not hold what the measure "{one.measure}" needs.': enough[one.measure],
        "error_kind is missing; say SEM, SD or not stated.": bool(one.error_kind)
        or not {"error", "treated_error", "control_error"} & set(given),
        "an error or a group of a ratio is negative.": all(
            getattr(one, name) >= 0 for name in given if "error" in name or name in ("treated", "control")
        ),
        "day does not fit when: day 0 is 0, from day needs one, the others have none.": (
            one.day == 0 if one.when == "day 0" else (one.day is not None) == (one.when == "from day")
        ),
        "mechanism and stance stand together.": bool(one.mechanism) == bool(one.stance),
    }
    for message, holds in rules.items():
        if not holds:
            raise FileError(message)
