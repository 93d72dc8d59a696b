"""Files of rats: how one differs from another, each value with its source, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from eaesim.errors import FileError, QuantityError, check_names
from eaesim.files import Unchecked, check_table, needed
from eaesim.model.parameter_file import Parameter, base_entries, check_source, literature

KEYS = ("title", "base", "strain", "source", "parameters", "off")
ENTRY = ("value", "low", "high", "source", "note", "key", "support")
#: What a rat takes over from the one that it differs from.
INHERITED = ("entries", "differences", "off")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def check_name(name: str) -> None:
    """Make sure that a name is one of a strain, which names its file and is part of sentences.

    Examples
    --------
    >>> check_name("own strain")
    Traceback (most recent call last):
    ...
    eaesim.errors.FileError: "own strain" is no name of a strain; write letters, digits, - and _.
    """
    if not _NAME.fullmatch(name):
        raise FileError(f'"{name}" is no name of a strain; write letters, digits, - and _.')


def strain_fields(
    name: str,
    table: Unchecked,
    *,
    entries: Mapping[str, Parameter] | None = None,
    differences: tuple[str, ...] = (),
    off: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the attributes of a rat from the tables of its file.

    Examples
    --------
    >>> strain_fields("own", {"titel": "x"})
    Traceback (most recent call last):
    ...
    eaesim.errors.UnknownNameError: "titel" is not a strain key; did you mean "title"? ...
    """
    check_table(table, "strain", KEYS)
    base = needed(table, "base", "the strain")
    own, switched = _tables(table, "parameters"), _tables(table, "off")
    found = dict(_from_base(base, own, name=name) if entries is None else entries)
    for parameter, entry in {**own, **switched}.items():
        check_names([parameter], "parameter", found)
        check_table(entry, parameter, ENTRY)
        check_source(parameter, entry, name=f"{name}.toml")
        value = needed(entry, "value", parameter)
        given = found[parameter].with_value(value, source=entry["source"], note=entry.get("note", ""))
        low, high = (
            given.with_value(entry[end], source="").value if end in entry else getattr(given, end)
            for end in ("low", "high")
        )
        given = replace(given, low=low, high=high)
        if parameter not in switched and not given.low <= given.value <= given.high:
            raise FileError(
                f"{parameter} = {given.value:g} is not within {given.low:g} to {given.high:g} {given.unit}, "
                f"the bounds of {base}; give low and high of its own."
            )
        found[parameter] = replace(given, **literature(parameter, entry, name=f"{name}.toml"))
    title, strain, source = (str(needed(table, key, "the strain")) for key in ("title", "strain", "source"))
    return {
        "name": name,
        "title": title,
        "strain": strain,
        "source": source,
        "entries": MappingProxyType(found),
        "differences": tuple(dict.fromkeys((*differences, *own, *switched))),
        "off": tuple(dict.fromkeys((*off, *switched))),
    }


def _tables(table: Unchecked, key: str) -> Unchecked:
    given = table.get(key, {})
    return check_table(given, f"[{key}]", given)


def _from_base(base: str, given: Unchecked, *, name: str) -> dict[str, Parameter]:
    entries = {}
    for parameter, entry in base_entries(base).items():
        if "value" not in entry and parameter not in given:
            raise QuantityError(
                f"{name}.toml gives no value for {parameter}, and {base}.toml leaves it to the rat."
            )
        entries[parameter] = Parameter(
            name=parameter,
            **(
                {"value": entry["low"], "source": "assumed"}
                | dict(entry)
                | {"key": tuple(entry.get("key", ()))}
            ),
        )
    return entries
