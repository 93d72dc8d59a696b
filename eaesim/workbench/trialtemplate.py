"""A trial file to start from, and the JSON Schema of trial files."""

from __future__ import annotations

import json
from importlib.resources import files

from eaesim.errors import ProtocolError
from eaesim.files import Content
from eaesim.protocol.outcome import MEASURES, TRIAL_ENDPOINTS, USES
from eaesim.protocol.tables import LINE_KEYS
from eaesim.protocol.trialfile import (
    ARM_KEYS,
    ATTACK_KEYS,
    ENTRY_KEYS,
    PUBLISHED_KEYS,
    STUDY_KEYS,
    TRIAL_KEYS,
)
from eaesim.workbench.filekeys import described

Schema = dict[str, Content]
_TEXT: Schema = {"type": "string", "minLength": 1}
_NUMBER: Schema = {"type": "number"}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_POSITIVE: Schema = {"type": "number", "minimum": 0}
_AMOUNT: Schema = {"type": ["number", "string"]}
_SPAN: Schema = {**_TEXT, "examples": ["2 years", "6 week", "14 day"]}
_TEMPLATE = files("eaesim.workbench") / "data" / "trial.toml"


def new_trial_text(name: str) -> str:
    """Return a commented template of a trial file.

    Raises
    ------
    ProtocolError
        If the name is not one line of text without quotation marks.

    Examples
    --------
    >>> print(new_trial_text("own").splitlines()[0])
    # own: what this trial asks
    """
    if not name.strip() or not name.isprintable() or set(name) & set('"\\'):
        raise ProtocolError(f"the name of a trial is one line of text; given: {name!r}.")
    return _TEMPLATE.read_text(encoding="utf-8").replace("NAME", name)


def trial_schema() -> Schema:
    """Return the JSON Schema of trial files; units and combinations are checked by the parser.

    Examples
    --------
    >>> trial_schema()["properties"]["attacks"]["properties"]["microbial"]["maximum"]
    1
    """
    line: Schema = {**dict.fromkeys(LINE_KEYS, _AMOUNT), "dose": _TEXT, "mechanism": _TEXT}
    lines = _list({"anyOf": [_TEXT, _table(line, (*LINE_KEYS, "mechanism"), required=("dose",))]})
    arm: Schema = {
        **line,
        "name": _TEXT,
        "patients": {"type": "integer", "minimum": 1},
        "doses": lines,
        "parameters": {"type": "object", "additionalProperties": _AMOUNT},
    }
    attacks: Schema = {
        **dict.fromkeys(ATTACK_KEYS, _POSITIVE),
        "rate": {"anyOf": [_POSITIVE, {"const": "calibrate"}]},
        "microbial": _SHARE,
        "from_lesion": _SHARE,
        "lasting": {"anyOf": [_POSITIVE, _SPAN]},
    }
    study: Schema = {"subject": _TEXT, "until": _AMOUNT, "run_in": _SPAN, "mechanism": _TEXT}
    study |= {"edss": {**_POSITIVE, "exclusiveMaximum": 10}, "later_attacks": {"type": "boolean"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "eaesim trial",
        **described(
            _table(
                {
                    "study": _table(study, STUDY_KEYS, required=("until",)),
                    "attacks": _table(attacks, ATTACK_KEYS),
                    "parameters": {"type": "object", "additionalProperties": _AMOUNT},
                    "arm": {**_list(_table(arm, ARM_KEYS, required=("name", "patients"))), "minItems": 1},
                    "trial": _trial(lines),
                },
                ("study", "attacks", "parameters", "arm", "trial"),
                required=("study", "arm"),
            ),
            "trial",
        ),
    }


def trial_schema_text() -> str:
    """Return the schema as the text of a file."""
    return f"{json.dumps(trial_schema(), indent=2, ensure_ascii=False)}\n"


def _trial(lines: Schema) -> Schema:
    entry: Schema = {
        **dict.fromkeys(ENTRY_KEYS, _SPAN),
        "relapses": {"type": "integer"},
        "years": _NUMBER,
    }
    endpoint: Schema = {"enum": list(TRIAL_ENDPOINTS)}
    published: Schema = {
        **dict.fromkeys(PUBLISHED_KEYS, _NUMBER),
        "endpoint": endpoint,
        "measure": {"enum": list(MEASURES)},
        "arm": _TEXT,
        "source": {"anyOf": [_TEXT, _list(_TEXT)]},
        "use": {"enum": list(USES)},
        "result": _TEXT,
        "derived": _TEXT,
        "stand_in": {"type": "boolean"},
        "since": _AMOUNT,
        "until": _AMOUNT,
    }
    known: Schema = {
        "title": _TEXT,
        "claim": _TEXT,
        "entry": _table(entry, ENTRY_KEYS),
        "dropout": {**_TEXT, "examples": ["10 %/year"]},
        "sequence": _list(_TEXT),
        "background": {"anyOf": [_TEXT, {"type": "object"}, lines]},
        "placebo": _table(
            {"endpoint": endpoint, "value": _NUMBER}, ("endpoint", "value"), required=("endpoint", "value")
        ),
        "published": _list(
            _table(published, PUBLISHED_KEYS, required=("endpoint", "measure", "arm", "source"))
        ),
        "not_simulable": _TEXT,
    }
    return _table(known, TRIAL_KEYS)


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _table(known: Schema, keys: tuple[str, ...], *, required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of a table with these keys and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {key: known[key] for key in keys},
    }
