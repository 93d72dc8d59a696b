"""A trial file to start from, and the JSON Schema of trial files."""

from __future__ import annotations

from importlib.resources import files

from eaesim.errors import ProtocolError
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
from eaesim.workbench.tableschema import AMOUNT, DRAFT, TEXT, Schema, named_schema, table_schema

_NUMBER: Schema = {"type": "number"}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_POSITIVE: Schema = {"type": "number", "minimum": 0}
_SPAN: Schema = {**TEXT, "examples": ["2 years", "6 week", "14 day"]}
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
    line: Schema = {**dict.fromkeys(LINE_KEYS, AMOUNT), "dose": TEXT, "mechanism": TEXT}
    lines = _list({"anyOf": [TEXT, table_schema(line, (*LINE_KEYS, "mechanism"), required=("dose",))]})
    arm: Schema = {
        **line,
        "name": TEXT,
        "patients": {"type": "integer", "minimum": 1},
        "doses": lines,
        "parameters": named_schema(AMOUNT),
    }
    attacks: Schema = {
        **dict.fromkeys(ATTACK_KEYS, _POSITIVE),
        "rate": {"anyOf": [_POSITIVE, {"const": "calibrate"}]},
        "microbial": _SHARE,
        "from_lesion": _SHARE,
        "lasting": {"anyOf": [_POSITIVE, _SPAN]},
    }
    study: Schema = {"subject": TEXT, "until": AMOUNT, "run_in": _SPAN, "mechanism": TEXT}
    study |= {"edss": {**_POSITIVE, "exclusiveMaximum": 10}, "later_attacks": {"type": "boolean"}}
    known: Schema = {
        "study": table_schema(study, STUDY_KEYS, required=["until"]),
        "attacks": table_schema(attacks, ATTACK_KEYS),
        "parameters": named_schema(AMOUNT),
        "arm": {**_list(table_schema(arm, ARM_KEYS, required=("name", "patients"))), "minItems": 1},
        "trial": _trial(lines),
    }
    whole = table_schema(known, known, required=("study", "arm"))
    return {"$schema": DRAFT, "title": "eaesim trial", **described(whole, "trial")}


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
        "arm": TEXT,
        "source": {"anyOf": [TEXT, _list(TEXT)]},
        "use": {"enum": list(USES)},
        "result": TEXT,
        "derived": TEXT,
        "stand_in": {"type": "boolean"},
        "since": AMOUNT,
        "until": AMOUNT,
    }
    known: Schema = {
        "title": TEXT,
        "claim": TEXT,
        "entry": table_schema(entry, ENTRY_KEYS),
        "dropout": {**TEXT, "examples": ["10 %/year"]},
        "sequence": _list(TEXT),
        "background": {"anyOf": [TEXT, {"type": "object"}, lines]},
        "placebo": table_schema(
            {"endpoint": endpoint, "value": _NUMBER}, ("endpoint", "value"), required=("endpoint", "value")
        ),
        "published": _list(
            table_schema(published, PUBLISHED_KEYS, required=("endpoint", "measure", "arm", "source"))
        ),
        "not_simulable": TEXT,
    }
    return table_schema(known, TRIAL_KEYS)


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}
