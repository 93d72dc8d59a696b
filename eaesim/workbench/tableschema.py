"""JSON Schemas of the tables of a file, and their text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from eaesim.files import Content, Table

Schema = dict[str, Content]
#: A text that is not empty; a number, or a text with its unit.
TEXT: Schema = {"type": "string", "minLength": 1}
AMOUNT: Schema = {"type": ["number", "string"]}
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def table_schema(
    known: Mapping[str, Content], keys: Iterable[str], *, required: Iterable[str] = ()
) -> Schema:
    """Return the schema of a table with these keys and no others.

    Examples
    --------
    >>> table_schema({"day": AMOUNT, "dose": TEXT}, ["day"])["properties"]
    {'day': {'type': ['number', 'string']}}
    """
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {key: known[key] for key in keys},
    }


def named_schema(each: Table) -> Schema:
    """Return the schema of a table of any names, whose values have a schema."""
    return {"type": "object", "additionalProperties": each}


def schema_text(schema: Table) -> str:
    """Return a schema as the text of a file."""
    return f"{json.dumps(schema, indent=2, ensure_ascii=False)}\n"
