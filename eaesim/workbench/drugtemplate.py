"""A drug file to start from, and the JSON Schema of drug files."""

from __future__ import annotations

import json

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
_TEMPLATE = """title = "{title}"
source = "assumed"             # a key of the bibliography, or assumed
# concentration = "100 mg/mL"  # of the product; then a dose has a volume
# note = "What else a reader should know."

[disposition]
volume = "40 mL/kg"            # of plasma, or of all that the drug fills at once
elimination = "0.1 1/day"      # 0 1/day: it never leaves
# volume_tissue = "90 mL/kg"   # a second compartment, with exchange
# exchange = "45 mL/kg/day"
# cns_intact = 0.002           # share of the plasma concentration reached in the CNS, for actions that see it
# cns_leak = 0.05              # further share where the barrier leaks
# elimination = {{ value = "0.1 1/day", low = "0.05 1/day", high = "0.2 1/day", spread = 0.3 }}

[route.ip]                     # iv needs no table; sc, im, oral and icv are like ip
absorption = "2 1/day"
bioavailability = 1.0

[[action]]
on = "priming"                 # one of eaesim list targets, or a list of them
does = "inhibit"               # or stimulate; deplete: a state loses cells; competes_for_fcrn
half_effect = "0.2 mg/mL"      # concentration of half the effect
most = 1.0                     # largest share taken away, or fold added; deplete: rate = "5 1/day"
shape = "hill"                 # or mixed (linearity from 0 to 1), linear (per_concentration)
steepness = 1
sees = "plasma"                # or "cns", or {{ plasma = 0.3 }}: that share by plasma, the rest by the CNS
reach = 1.0                    # share of the effect that arrives

# [mechanism.M1]               # named sets of actions, of which a dose may choose: mechanism = "M1"
# title = "what it does"
# [[mechanism.M1.action]]
# on = "cns_entry"
# does = "inhibit"
# half_effect = "0.2 mg/mL"
"""


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
    text = _TEMPLATE.format(title=check_name(name).replace("_", " "))
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
