"""A drug file to start from, and the JSON Schema of drug files."""

from __future__ import annotations

from importlib.resources import files

from eaesim.files import parse_toml
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
from eaesim.workbench.tableschema import AMOUNT, DRAFT, TEXT, Schema, named_schema, table_schema

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
    entry = table_schema({key: {} for key in ENTRY}, ENTRY, required=["value"])
    amount: Schema = {"anyOf": [AMOUNT, entry]}
    names = [*PROCESSES, *target_parameters(), *target_states()]
    own: Schema = {
        "on": {"anyOf": [{"enum": names}, {"type": "array", "items": {"enum": names}}]},
        "does": {"enum": list(KINDS)},
        "shape": {"enum": list(SHAPES)},
        "steepness": {"type": "integer", "minimum": 1},
        "sees": {"anyOf": [{"enum": list(SITES)}, {"type": "object", "required": ["plasma"]}]},
        "name": TEXT,
    }
    action = table_schema(dict.fromkeys(ACTION, amount) | own, ACTION, required=["does"])
    actions: Schema = {"type": "array", "items": action}
    words = dict.fromkeys((*KEYS, *MECHANISM), TEXT) | {"action": actions}
    mechanism = table_schema(words, MECHANISM, required=("title", "action"))
    route = table_schema(dict.fromkeys(ROUTE, amount), ROUTE, required=["absorption"])
    disposition = dict.fromkeys(DISPOSITION, amount)
    known: Schema = {
        "disposition": table_schema(disposition, DISPOSITION, required=("volume", "elimination")),
        "route": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: route if name != "iv" else {"type": "object"} for name in ROUTES},
        },
        "mechanism": named_schema(mechanism),
        "key": {"type": "array", "items": TEXT},
    }
    whole = table_schema(words | known, KEYS, required=("title", "source", "disposition"))
    return {"$schema": DRAFT, "title": "eaesim drug", **described(whole, "drug")}
