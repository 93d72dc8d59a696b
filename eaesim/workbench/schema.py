"""The JSON Schema of study files, for editors that complete and check TOML as it is typed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from eaesim.files import Content
from eaesim.protocol.induction import ADJUVANTS
from eaesim.protocol.studyfile import STUDY_KEYS
from eaesim.protocol.tables import ARM_KEYS, INDUCTION_KEYS, LINE_KEYS
from eaesim.workbench.figure.drawings import DRAWINGS
from eaesim.workbench.question import Question, questions
from eaesim.workbench.studyfile import OF

Schema = dict[str, Content]

_TEXT: Schema = {"type": "string", "minLength": 1}
_AMOUNT: Schema = {"type": ["number", "string"]}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
_PARAMETERS: Schema = {
    "type": "object",
    "additionalProperties": _AMOUNT,
    "description": "Values instead of the rat's own; eaesim show NAME lists a rat's parameters.",
}
_STUDY: Schema = {
    "rat": {**_TEXT, "description": "A strain, or the folder of a fit.", "examples": ["lewis", "da"]},
    "until": {
        "type": ["number", "string"],
        "minimum": 1,
        "description": "Last day on which scores are read.",
    },
    "animals": {**_COUNT, "minimum": 1, "maximum": 1_000_000, "default": 320, "description": "Rats per arm."},
    "seed": {**_COUNT, "default": 1, "description": "Random seed; the same seed gives the same rats."},
    "mechanism": {**_TEXT, "description": "What IVIG does; combined with +: H1a+H2. none switches it off."},
    "control": {**_TEXT, "description": "The arm that the others are compared with."},
    "endpoints": {
        "type": "array",
        "items": _TEXT,
        "description": "Read as well, in a window of days: cumulative_score[12:40].",
    },
}
_DATA: Schema = {
    "anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}],
    "description": "What the question is asked of, as on the command line: a name, a file, or several.",
}
_LINE: Schema = {
    "dose": {**_TEXT, "examples": ["1 g/kg", "1 g/kg over 4 h", "0.4 g/kg every 1 day x 5"]},
    "day": {**_AMOUNT, "description": "Day of the dose, from the first induction on."},
    "onset": {**_TEXT, "description": 'Given at the first day of "score >= 1".'},
    "relapse": {**_TEXT, "description": 'Given at the first day of "score rise >= 1" after a remission.'},
    "after": {**_AMOUNT, "description": "Days after that."},
    "drug": {**_TEXT, "default": "ivig"},
    "route": {**_TEXT, "default": "iv"},
    "mechanism": _TEXT,
}
_INDUCTION: Schema = {
    "day": {**_AMOUNT, "default": 0},
    "adjuvant": {"enum": list(ADJUVANTS)},
    "amount": {**_AMOUNT, "minimum": 0, "description": "Share of the standard dose, or number of cells."},
    "cells": _AMOUNT,
    "from": {**_TEXT, "description": "The arm whose rats give their cells."},
    "harvest": {**_AMOUNT, "description": "Day on which the cells are taken."},
}


def study_schema() -> Schema:
    """Return the JSON Schema of every file that a verb reads: a study, or the table of one question alone.

    What it accepts is more than a study allows: units, names and combinations are for `eaesim check`.

    Examples
    --------
    >>> study_schema()["properties"]["power"]["properties"]["alpha"]["default"]
    0.05
    """
    asked = {name: _asked(one) for name, one in questions().items()}
    alone = [name for name, one in questions().items() if one.request.input in ("nothing", "data")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "eaesim study",
        "type": "object",
        "additionalProperties": False,
        "anyOf": [
            {"required": ["study", "arm"]},
            *({"required": [name]} for name in (*alone, "drawing")),
        ],
        "properties": {
            "study": _table(_STUDY, STUDY_KEYS, required=("rat", "until")),
            "parameters": _PARAMETERS,
            "induction": _inductions(),
            "arm": {"type": "array", "minItems": 1, "items": _arm()},
            "drawing": _table({"of": {"enum": list(DRAWINGS)}}, ("of",), required=("of",)),
            **asked,
        },
    }


def schema_text() -> str:
    """Return the schema as the text of a file."""
    return f"{json.dumps(study_schema(), indent=2, ensure_ascii=False)}\n"


def _asked(question: Question) -> Schema:
    """Return the schema of the table of a question; a question of data names its data there."""
    own = question.request.schema()
    if question.request.input == "data" and isinstance(keys := own["properties"], Mapping):
        own |= {"required": [OF], "properties": {OF: _DATA, **keys}}
    return own


def _arm() -> Schema:
    lines: Schema = {"type": "array", "items": _table(_LINE, (*LINE_KEYS, "mechanism"), required=("dose",))}
    own: Schema = {
        "name": _TEXT,
        "doses": lines,
        "induction": _inductions(),
        "parameters": _PARAMETERS,
    }
    return _table({**_LINE, **own}, ARM_KEYS, required=("name",))


def _inductions() -> Schema:
    kinds = [
        _table(
            {**_INDUCTION, "kind": {"const": kind}},
            ("kind", *keys),
            required=("kind", "day") if kind == "relapse" else ("kind",),
        )
        for kind, keys in INDUCTION_KEYS.items()
    ]
    return {"type": "array", "items": {"oneOf": kinds}}


def _table(known: Schema, keys: tuple[str, ...], *, required: tuple[str, ...]) -> Schema:
    """Return the schema of a table with these keys and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {key: known[key] for key in keys},
    }
