"""Kinetics of IgG in people, by name: healthy volunteers, and patients with other diseases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from eaesim.errors import FileError, unknown_name
from eaesim.files import Unchecked
from eaesim.model.parameter_file import DATA, Parameter, base_entries, check_source, literature, read_toml

FOLDER = DATA / "kinetics"
#: Kinetics of patients, where nothing else is asked for.
SHIPPED = "volunteers"
_KEYS = ("title", "source", "base", "parameters")
_OWN = ("value", "low", "high", "spread", "source", "note", "key", "support")


@dataclass(frozen=True)
class IggKinetics:
    """The numbers of IgG in some people.

    Attributes
    ----------
    name
        Name it was loaded by.
    title
        The people.
    source
        Source of the numbers as a whole.
    entries
        Each `Parameter` of IgG, by name; `low` and `high` are the bounds of its estimate.
    """

    name: str
    title: str
    source: str
    entries: Mapping[str, Parameter]

    @property
    def values(self) -> dict[str, float]:
        """The values by name, in each parameter's unit."""
        return {name: entry.value for name, entry in self.entries.items()}


def igg_kinetics_names() -> tuple[str, ...]:
    """Return the names of the kinetics that `igg_kinetics` knows.

    Examples
    --------
    >>> igg_kinetics_names()
    ('cidp', 'guillain_barre', 'together', 'volunteers')
    """
    return tuple(sorted(item.name.removesuffix(".toml") for item in FOLDER.iterdir()))


def igg_kinetics(name: str = SHIPPED) -> IggKinetics:
    """Return the kinetics of IgG in people by name.

    Examples
    --------
    >>> igg_kinetics("cidp").title
    'IgG in chronic inflammatory demyelinating polyneuropathy'
    """
    if not isinstance(name, str) or name not in igg_kinetics_names():
        raise unknown_name(name, "kinetics", igg_kinetics_names())
    return _load(name)


@cache
def _load(name: str) -> IggKinetics:
    file = f"{name}.toml"
    return kinetics_table(read_toml((FOLDER / file).read_text("utf-8"), name=file), name=name)


def kinetics_table(table: Unchecked, *, name: str) -> IggKinetics:
    """Return the kinetics of a file's content.

    Examples
    --------
    >>> own = {"title": "Own", "source": "assumed", "base": "volunteers", "parameters": {}}
    >>> kinetics_table(own, name="own").entries["igg_endogenous"].unit
    'mg/mL'
    """
    file = f"{name}.toml"
    _check_keys(table, _KEYS, f"key of {file}")
    entries = dict(igg_kinetics(str(table["base"])).entries) if "base" in table else {}
    for parameter, given in table["parameters"].items():
        if not parameter.startswith(("igg_", "fcrn_")) or parameter not in base_entries("base"):
            raise unknown_name(parameter, "parameter of IgG", _of_igg())
        _check_keys(given, _OWN, f"key of {parameter}")
        check_source(parameter, given, name=file)
        entries[parameter] = _entry(parameter, given, entries.get(parameter), file=file)
    return IggKinetics(name, str(table["title"]), str(table["source"]), MappingProxyType(entries))


def _entry(parameter: str, given: Unchecked, before: Parameter | None, *, file: str) -> Parameter:
    if before is None:
        kept = {key: base_entries("base")[parameter][key] for key in ("title", "unit", "kind")}
        before = Parameter(name=parameter, value=0.0, low=0.0, high=0.0, spread=0.0, source="", **kept)
    changed: dict[str, Any] = {key: given[key] for key in ("value", "low", "high", "spread") if key in given}
    changed |= {"source": given["source"], "note": given.get("note", ""), "key": (), "support": ""}
    entry = replace(before, **{**changed, **literature(parameter, given, name=file)})
    if not entry.low <= entry.value <= entry.high:
        raise FileError(f"{file}: {parameter} must have low <= value <= high.")
    return entry


def _check_keys(table: Unchecked, allowed: tuple[str, ...], noun: str) -> None:
    for key in table:
        if key not in allowed:
            raise unknown_name(key, noun, allowed)


def _of_igg() -> list[str]:
    return [name for name in base_entries("base") if name.startswith(("igg_", "fcrn_"))]
