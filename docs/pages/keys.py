"""The keys of every file that a user writes, from the schemas that editors read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pages.markdown import directive, page, prose, table

Schema = Mapping[str, Any]
#: Items of a list that are shown whole.
MOST_SHOWN = 8
_TABLES = {
    "study": "The animals, and how long they are watched.",
    "arm": "One table `[[arm]]` for each group of animals.",
    "induction": "How disease is induced in every arm; without it, by immunisation on day 0.",
    "parameters": "Values instead of the rat's own, in every arm: `NAME = VALUE`, the names of "
    "[Parameters](../../model/parameters.md).",
    "drawing": "A drawing instead of a study.",
}

FILES = {
    "drug": "A drug: compartments and actions. It is in the folder of the study that gives it, or in "
    "`--drugs FOLDER`.",
    "trial": "A trial in patients, for `eaesim trial FILE`: its arms, its entry, and what was published.",
    "rat": "A strain of your own: how it differs from a rat of the package. Give its path wherever a rat "
    'is named, such as `rat = "wistar.toml"` in a study or `--rat wistar.toml`.',
    "patient": "A patient: a rat with human values. These files are part of the package, in "
    "`eaesim/model/data/patients/`; `eaesim show patient` is one.",
    "kinetics": "Kinetics of IgG in some people. These files are part of the package, in "
    "`eaesim/model/data/kinetics/`; `--kinetics` names them.",
}


def pages() -> dict[str, str]:
    """Return the pages of the keys by path."""
    from eaesim.workbench.schema import study_schema

    found = {
        f"reference/keys/{name}.md": _table_page(name, schema)
        for name, schema in study_schema()["properties"].items()
    }
    found |= {f"reference/keys/{name}_file.md": _file_page(name) for name in FILES}
    return found | {"reference/keys.md": _index(study_schema()["properties"])}


def _index(tables: Mapping[str, Schema]) -> str:
    rows = [[f"[`[{name}]`](keys/{name}.md)", _about(name)] for name in tables]
    others = [[f"[{name}](keys/{name}_file.md)", about] for name, about in FILES.items()]
    paths = [*(f"keys/{name}" for name in tables), *(f"keys/{name}_file" for name in FILES)]
    tree = "\n".join(["```{toctree}", ":hidden:", "", *paths, "```"])
    intro = (
        "A study file is TOML. `eaesim new NAME` writes one to start from, with every key explained, "
        "and a schema with "
        "which an editor completes and checks it as it is typed; `eaesim check FILE` says in one line "
        "what is wrong. "
        'Amounts are texts with their unit (`"1 g/kg"`), days are numbers or texts (`"2 weeks"`).'
    )
    return page(
        "Keys of files", intro, table(["table", "what it holds"], rows),
        "## Other files", table(["file of a", "what it is"], others), tree,
    )  # fmt: skip


def _about(name: str) -> str:
    from eaesim.workbench.question import questions

    if name in _TABLES:
        return _TABLES[name].replace("../../", "../")
    return prose(questions()[name].summary)


def _table_page(name: str, schema: Schema) -> str:
    from eaesim.workbench.question import questions

    keys = [_key(path, one) for path, one in walk(name, schema)]
    asked = questions().get(name)
    about = _TABLES.get(name) or (prose(asked.summary) if asked else "")
    verb = f"Asked with `eaesim {asked.verb}`." if asked else ""
    return page(f"\\[{name}\\]", about, verb, *keys)


def walk(path: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Return every key of a schema by its path, without former names; NAME is a key that a user chooses.

    Examples
    --------
    >>> [path for path, _ in walk("arm", {"items": {"properties": {"day": {}}}})]
    ['arm.day']
    """
    items = schema.get("items", {})
    seen = set()
    for place in (schema, items, *schema.get("oneOf", ()), *items.get("oneOf", ())):
        free = place.get("additionalProperties")
        named = {**place.get("properties", {}), **({"NAME": free} if isinstance(free, Mapping) else {})}
        for key, one in named.items():
            if key not in seen and not one.get("deprecated"):
                seen.add(key)
                yield f"{path}.{key}", one
                yield from walk(f"{path}.{key}", one)


def _key(path: str, schema: Schema) -> str:
    facts = [kind(schema)]
    if "default" in schema:
        facts.append(f"default: {_written(schema['default'])}")
    if examples := schema.get("examples", []):
        facts.append(f"for example {', '.join(map(_written, examples))}")
    texts = (
        prose(schema.get("description", "")),
        f"*{facts[0]}*" + "; ".join(["", *facts[1:]]) + ".",
        _limits(schema),
    )
    return directive("confval", path, " ".join(text for text in texts if text))


def _written(value: Any) -> str:
    """Return a value as it is written in a file; of a long list its ends.

    Examples
    --------
    >>> _written("1 g/kg"), _written([1, 2])
    ('`"1 g/kg"`', '`[1, 2]`')
    """
    if isinstance(value, list) and len(value) > MOST_SHOWN:
        return f"`[{json.dumps(value[0])}, {json.dumps(value[1])}, ..., {json.dumps(value[-1])}]`"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def kind(schema: Schema) -> str:
    """Return in words what a value may be.

    Examples
    --------
    >>> kind({"type": ["number", "string"]}), kind({"enum": ["none", "complete"]})
    ('number or text', '"none" or "complete"')
    """
    words = {
        "string": "text",
        "integer": "whole number",
        "object": "table",
        "array": "list",
        "boolean": "true or false",
    }
    if "enum" in schema or "const" in schema:
        return " or ".join(json.dumps(one) for one in schema.get("enum", [schema.get("const")]))
    if ways := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(kind(one) for one in ways))
    given = schema.get("type", "string")
    if given == "object" and schema.get("properties"):
        return f"table of {', '.join(schema['properties'])}"
    names = [words.get(one, one) for one in ([given] if isinstance(given, str) else given) if one != "null"]
    if names == ["list"] and "items" in schema:
        return f"list of {kind(schema['items'])}"
    return " or ".join(names)


def _limits(schema: Schema) -> str:
    """Return the limits of a number in words."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if high is not None and high >= 2**62:
        high = None
    if low is not None and high is not None:
        return f"From {low:g} to {high:g}."
    return f"At least {low:g}." if low is not None else f"At most {high:g}." if high is not None else ""


def schema_of(name: str) -> Schema:
    """Return the schema of a kind of file other than a study.

    Examples
    --------
    >>> schema_of("trial")["title"]
    'eaesim trial'
    """
    from eaesim.workbench.drugtemplate import drug_schema
    from eaesim.workbench.filekeys import values_schema
    from eaesim.workbench.trialtemplate import trial_schema

    own = {"drug": drug_schema, "trial": trial_schema}
    return own[name]() if name in own else values_schema(name)


def _file_page(name: str) -> str:
    from eaesim.workbench.drugtemplate import new_drug_text
    from eaesim.workbench.trialtemplate import new_trial_text

    keys = [_key(path, one) for path, one in walk(f"{name}_file", schema_of(name))]
    parts = [FILES[name]]
    if write := {"drug": new_drug_text, "trial": new_trial_text}.get(name):
        parts += [f"`eaesim new NAME --for {name}` writes this one:"]
        parts += [directive("code-block", "toml", write(f"my_{name}"))]
    return page(f"Keys of a {name} file", *parts, *keys)
