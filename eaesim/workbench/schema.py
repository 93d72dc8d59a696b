"""The JSON Schema of study files, for editors that complete and check TOML as it is typed."""

from __future__ import annotations

from collections.abc import Mapping

from eaesim.protocol.induction import ADJUVANTS
from eaesim.protocol.studyfile import STUDY_KEYS
from eaesim.protocol.tables import ARM_KEYS, INDUCTION_KEYS, LINE_KEYS
from eaesim.workbench.figure.drawings import DRAWINGS
from eaesim.workbench.question import Question, questions
from eaesim.workbench.studyfile import OF
from eaesim.workbench.tableschema import AMOUNT, DRAFT, TEXT, Schema, named_schema, table_schema

_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
_PARAMETERS: Schema = {
    **named_schema(AMOUNT),
    "description": "Values instead of the rat's own; eaesim show NAME lists a rat's parameters.",
}
_STUDY: Schema = {
    "rat": {**TEXT, "description": "A strain, or the folder of a fit.", "examples": ["lewis", "da"]},
    "until": {
        "type": ["number", "string"],
        "minimum": 1,
        "description": "Last day on which scores are read.",
    },
    "animals": {**_COUNT, "minimum": 1, "maximum": 1_000_000, "default": 320, "description": "Rats per arm."},
    "seed": {**_COUNT, "default": 1, "description": "Random seed; the same seed gives the same rats."},
    "mechanism": {**TEXT, "description": "What IVIG does; combined with +: H1a+H2. none switches it off."},
    "control": {**TEXT, "description": "The arm that the others are compared with."},
    "endpoints": {
        "type": "array",
        "items": TEXT,
        "description": "Read as well, in a window of days: cumulative_score[12:40].",
    },
}
_DATA: Schema = {
    "anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}],
    "description": "What the question is asked of, as on the command line: a name, a file, or several.",
}
_LINE: Schema = {
    "dose": {**TEXT, "examples": ["1 g/kg", "1 g/kg over 4 h", "0.4 g/kg every 1 day x 5"]},
    "day": {**AMOUNT, "description": "Day of the dose, from the first induction on."},
    "onset": {**TEXT, "description": 'Given at the first day of "score >= 1".'},
    "relapse": {**TEXT, "description": 'Given at the first day of "score rise >= 1" after a remission.'},
    "after": {**AMOUNT, "description": "Days after that."},
    "drug": {**TEXT, "default": "ivig"},
    "route": {**TEXT, "default": "iv"},
    "mechanism": TEXT,
}
_INDUCTION: Schema = {
    "day": {**AMOUNT, "default": 0},
    "adjuvant": {"enum": list(ADJUVANTS)},
    "amount": {**AMOUNT, "minimum": 0, "description": "Share of the standard dose, or number of cells."},
    "cells": AMOUNT,
    "from": {**TEXT, "description": "The arm whose rats give their cells."},
    "harvest": {**AMOUNT, "description": "Day on which the cells are taken."},
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
        "$schema": DRAFT,
        "title": "eaesim study",
        "type": "object",
        "additionalProperties": False,
        "anyOf": [
            {"required": ["study", "arm"]},
            *({"required": [name]} for name in (*alone, "drawing")),
        ],
        "properties": {
            "study": table_schema(_STUDY, STUDY_KEYS, required=("rat", "until")),
            "parameters": _PARAMETERS,
            "induction": _inductions(),
            "arm": {"type": "array", "minItems": 1, "items": _arm()},
            "drawing": table_schema({"of": {"enum": list(DRAWINGS)}}, ("of",), required=("of",)),
            **asked,
        },
    }


def _asked(question: Question) -> Schema:
    """Return the schema of the table of a question; a question of data names its data there."""
    own = question.request.schema()
    if question.request.input == "data" and isinstance(keys := own["properties"], Mapping):
        own |= {"required": [OF], "properties": {OF: _DATA, **keys}}
    return own


def _arm() -> Schema:
    lines: Schema = {
        "type": "array",
        "items": table_schema(_LINE, (*LINE_KEYS, "mechanism"), required=("dose",)),
    }
    own: Schema = {
        "name": TEXT,
        "doses": lines,
        "induction": _inductions(),
        "parameters": _PARAMETERS,
    }
    return table_schema({**_LINE, **own}, ARM_KEYS, required=("name",))


def _inductions() -> Schema:
    kinds = [
        table_schema(
            {**_INDUCTION, "kind": {"const": kind}},
            ("kind", *keys),
            required=("kind", "day") if kind == "relapse" else ("kind",),
        )
        for kind, keys in INDUCTION_KEYS.items()
    ]
    return {"type": "array", "items": {"oneOf": kinds}}
