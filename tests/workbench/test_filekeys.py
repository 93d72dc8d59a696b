"""The keys of files are those that are read, each with a description, and no description is left over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema
import pytest

from eaesim.errors import EaesimError
from eaesim.files import parse_toml
from eaesim.model import load
from eaesim.model.iggkinetics import FOLDER, igg_kinetics_names, kinetics_table
from eaesim.model.patient import PATIENTS, patient_names
from eaesim.model.strainfile import strain_fields
from eaesim.workbench.drugtemplate import drug_schema
from eaesim.workbench.filekeys import texts, values_schema
from eaesim.workbench.trialtemplate import trial_schema

SCHEMAS = {
    "drug": drug_schema(),
    "trial": trial_schema(),
    **{name: values_schema(name) for name in ("rat", "patient", "kinetics")},
}
RAT = {
    "title": "Wistar rat",
    "base": "lewis",
    "strain": "wistar",
    "source": "assumed",
    "parameters": {"expansion_rate": {"value": "0.65 1/day", "low": "0.5 1/day", "source": "assumed"}},
}


def keys(node: object, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return every key below a node, by walking all of it."""
    if isinstance(node, list):
        for one in node:
            yield from keys(one, path)
    for key, value in node.items() if isinstance(node, dict) else ():
        if key == "properties":
            for name, one in value.items():
                yield f"{path}.{name}", one
                yield from keys(one, f"{path}.{name}")
        elif key == "additionalProperties" and isinstance(value, dict):
            yield f"{path}.NAME", value
            yield from keys(value, f"{path}.NAME")
        elif key == "items":
            yield from keys(value, path)


@pytest.mark.parametrize("file", SCHEMAS)
def test_every_key_is_described_and_no_description_is_left_over(file: str) -> None:
    found = dict(keys(SCHEMAS[file]))
    assert len(found) > 10
    assert [path for path, one in found.items() if not one["description"].endswith(".")] == []
    ends = {path.removeprefix(".") for path in found}
    every = {text for text in texts(file) if any(f".{end}".endswith(f".{text}") for end in ends)}
    # Those of values are shared: `share_of` is a patient's alone.
    assert set(texts(file)) - every <= {"spread", "share_of"}
    used = {one["description"] for one in found.values()}
    assert {name for name, text in texts(file).items() if text not in used} <= {
        "spread",
        "share_of",
        "source",
    }


@pytest.mark.parametrize(
    ("file", "name", "folder"),
    [
        *(("patient", name, PATIENTS) for name in patient_names()),
        *(("kinetics", name, FOLDER) for name in igg_kinetics_names()),
    ],
)
def test_the_schema_takes_every_shipped_file(file: str, name: str, folder: Any) -> None:
    jsonschema.validate(parse_toml((folder / f"{name}.toml").read_text("utf-8")), SCHEMAS[file])


@pytest.mark.parametrize(
    ("file", "read", "content"),
    [
        ("rat", lambda given: strain_fields("own", given, entries=load("lewis").entries), RAT),
        (
            "kinetics",
            lambda given: kinetics_table(given, name="own"),
            {
                "title": "Own",
                "source": "assumed",
                "base": "volunteers",
                "parameters": {"igg_uptake": {"value": 0.14, "source": "assumed"}},
            },
        ),
    ],
)
@pytest.mark.parametrize("place", [(), ("parameters", 0)])
def test_schema_and_reader_refuse_the_same_key(
    file: str, read: Callable[[Any], object], content: dict[str, Any], place: tuple[Any, ...]
) -> None:
    read(content)
    jsonschema.validate(content, SCHEMAS[file])
    (name,) = content["parameters"]
    wrong = {**content["parameters"][name], "valeu": 1} if place else {}
    bad = {**content, "parameters": {name: wrong}} if place else {**content, "titel": "x"}
    with pytest.raises(EaesimError, match=r"did you mean|titel|valeu"):
        read(bad)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, SCHEMAS[file])
