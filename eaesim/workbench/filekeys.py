"""What the keys of files mean: descriptions for the schemas of drugs, trials, rats, patients and kinetics."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from eaesim.files import Content, Table
from eaesim.model import iggkinetics, patient, strainfile
from eaesim.workbench.tableschema import AMOUNT, DRAFT, Schema, named_schema, table_schema

#: Files whose tables of values have the keys of `[entry]`.
_OF_VALUES = ("rat", "patient", "kinetics")
_REQUIRED = {
    "rat": ("title", "base", "source"),
    "patient": ("title", "base", "strain", "source"),
    "kinetics": ("title", "source", "parameters"),
}
_STRING: Schema = {"type": "string"}
_NAMES: Schema = {"type": "array", "items": _STRING}
_TYPES: Mapping[str, Schema] = {
    **dict.fromkeys(("value", "low", "high"), AMOUNT),
    "spread": {"type": "number", "minimum": 0},
    **dict.fromkeys(("key", "rates"), _NAMES),
}


def described(schema: Table, file: str, *, path: str = "") -> dict[str, Content]:
    """Return a schema in which every key has a description: its own, or that of `filekeys.toml`.

    Parameters
    ----------
    schema
        The schema of a table.
    file
        The kind of file: ``"trial"``.
    path
        Where the table stands in it.

    Examples
    --------
    >>> described({"properties": {"claim": {}}}, "trial")["properties"]
    {'claim': {'description': 'The claim of the review that it tests, such as S2.'}}
    """
    found = dict(schema)
    if isinstance(own := schema.get("properties"), Mapping):
        found["properties"] = {key: _key(one, file, f"{path}.{key}") for key, one in own.items()}
    if isinstance(free := schema.get("additionalProperties"), Mapping):
        found["additionalProperties"] = _key(free, file, f"{path}.NAME")
    if isinstance(items := schema.get("items"), Mapping):
        found["items"] = described(items, file, path=path)
    return found


def _key(schema: Content, file: str, path: str) -> dict[str, Content]:
    own = schema if isinstance(schema, Mapping) else {}
    return {"description": describe(file, path), **described(own, file, path=path)}


def describe(file: str, path: str) -> str:
    """Return what a key means; of several descriptions, the one that names most of its path.

    Raises
    ------
    LookupError
        If it has none.

    Examples
    --------
    >>> describe("drug", "mechanism.M1.action.bioavailability")
    'Share of the dose that arrives, from 0 to 1.'
    """
    parts = path.strip(".").split(".")
    for start in range(len(parts)):
        if text := texts(file).get(".".join(parts[start:])):
            return text
    raise LookupError(f"{file}: {path}")


@cache
def texts(file: str) -> Mapping[str, str]:
    """Return the descriptions of a kind of file by the ends of their paths."""
    every = tomllib.loads((files("eaesim.workbench") / "data" / "filekeys.toml").read_text("utf-8"))
    return {**(every["entry"] if file in _OF_VALUES else {}), **every[file]}


def values_schema(file: str) -> dict[str, Content]:
    """Return the JSON Schema of a file of values: of a rat, a patient, or kinetics of IgG.

    Examples
    --------
    >>> list(values_schema("kinetics")["properties"])
    ['title', 'source', 'base', 'parameters']
    """
    keys, entry, attack = {
        "rat": (strainfile.KEYS, strainfile.ENTRY, ()),
        "patient": (patient.KEYS, patient.ENTRY, patient.ATTACK),
        "kinetics": (iggkinetics.KEYS, iggkinetics.ENTRY, ()),
    }[file]
    tables = {
        "parameters": _named(entry),
        "off": _named(entry),
        "attacks": _named(attack),
        "slower": _table(("value", "source", "rates"), required=("value", "source", "rates")),
    }
    schema = _table(keys, required=_REQUIRED[file])
    schema["properties"] = {key: tables.get(key, _STRING) for key in keys}
    return {
        "$schema": DRAFT,
        "title": f"eaesim {file}",
        **described(schema, file),
    }


def _named(keys: tuple[str, ...]) -> Schema:
    return named_schema(_table(keys, required=("value", "source")))


def _table(keys: tuple[str, ...], *, required: tuple[str, ...]) -> Schema:
    return table_schema({**dict.fromkeys(keys, _STRING), **_TYPES}, keys, required=required)
