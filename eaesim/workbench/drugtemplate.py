"""A drug file to start from, and the JSON Schema of drug files."""

from __future__ import annotations

import json
from importlib.resources import files

from eaesim.files import Content, parse_toml
from eaesim.model.action import KINDS, SHAPES, SITES
from eaesim.model.drugfile import (
    ACTION,
    DISPOSITION,
    ENTRY,
    KEYS,
    MECHANISM,
    ROUTE,
    ROUTES,
    check_name,
    drug_fields,
)
from eaesim.model.processes import PROCESSES, target_parameters, target_states
from eaesim.workbench.filekeys import described

Schema = dict[str, Content]
_TEXT: Schema = {"type": "string", "minLength": 1}
_TEMPLATE = files("eaesim.workbench") / "data" / "drug.toml"


def new_drug_text(name: str) -> str:
    """Return a commented drug file.

    Raises
    ------
    ProtocolError
        If it is no name of a drug.

    Examples
    --------
    >>> print(new_drug_text("anti_lfa1").splitlines()[0])
    title = "anti lfa1"
    """
    text = _TEMPLATE.read_text(encoding="utf-8").replace("NAME", check_name(name).replace("_", " "))
    drug_fields(name, parse_toml(text))
    return text


def drug_schema() -> Schema:
    """Return the JSON Schema of drug files.

    Examples
    --------
    >>> "does" in drug_schema()["properties"]["action"]["items"]["properties"]
    True
    """
    entry: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["value"],
        "properties": {key: {} for key in ENTRY},
    }
    amount: Schema = {"anyOf": [{"type": ["number", "string"]}, entry]}
    names = [*PROCESSES, *target_parameters(), *target_states()]
    own: Schema = {
        "on": {"anyOf": [{"enum": names}, {"type": "array", "items": {"enum": names}}]},
        "does": {"enum": list(KINDS)},
        "shape": {"enum": list(SHAPES)},
        "steepness": {"type": "integer", "minimum": 1},
        "sees": {"anyOf": [{"enum": list(SITES)}, {"type": "object", "required": ["plasma"]}]},
        "name": _TEXT,
    }
    action = _table({key: own.get(key, amount) for key in ACTION}, ("does",))
    actions: Schema = {"type": "array", "items": action}
    mechanism = _table({key: actions if key == "action" else _TEXT for key in MECHANISM}, ("title", "action"))
    route = _table(dict.fromkeys(ROUTE, amount), ("absorption",))
    known: Schema = {
        "disposition": _table(dict.fromkeys(DISPOSITION, amount), ("volume", "elimination")),
        "route": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: route if name != "iv" else {"type": "object"} for name in ROUTES},
        },
        "action": actions,
        "mechanism": {"type": "object", "additionalProperties": mechanism},
        "key": {"type": "array", "items": _TEXT},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "eaesim drug",
        **described(
            _table({key: known.get(key, _TEXT) for key in KEYS}, ("title", "source", "disposition")), "drug"
        ),
    }


def drug_schema_text() -> str:
    """Return the schema as the text of a file."""
    return f"{json.dumps(drug_schema(), indent=2, ensure_ascii=False)}\n"


def _table(properties: Schema, required: tuple[str, ...]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }
