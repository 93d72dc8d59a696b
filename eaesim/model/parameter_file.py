"""Reading parameter files: every number with unit, bounds, source and literature."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, TypedDict

from eaesim.errors import EaesimError, FileError, QuantityError, check_names, unknown_name
from eaesim.files import Unchecked, read_toml
from eaesim.model.bibliography import bibliography, cite
from eaesim.model.parameters import Parameters
from eaesim.units import conversion, number

KINDS = ("biology", "drug", "protocol", "reading")
_KEYS = (
    "title",
    "value",
    "unit",
    "low",
    "high",
    "spread",
    "kind",
    "source",
    "note",
    "reached",
    "key",
    "support",
)
#: Support of a value by literature; the reason follows after a colon.
SUPPORT = (
    "for the value",
    "for the bounds",
    "order of size",
    "derived",
    "direction",
    "other species",
    "against",
)
_REQUIRED = ("unit", "low", "high", "spread", "kind")
DATA = files("eaesim.model") / "data"
#: Limit of reading parameters as a multiple of their bounds; beyond it, scores overflow.
FAR = 1e6


class Literature(TypedDict, total=False):
    """Keys of the bibliography, and how far these papers support a value."""

    key: tuple[str, ...]
    support: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with its value, bounds, source and literature.

    Attributes
    ----------
    name
        Name, a field of `Parameters`.
    value
        Value in `unit`.
    unit
        Unit, as read by Pint.
    low, high
        Bounds of its uncertainty.
    spread
        Variation between rats: coefficient of variation (logit scale for fractions); 0 is no variation.
    kind
        ``biology``, ``drug``, ``protocol`` or ``reading``.
    source
        Source of the value, or ``assumed``.
    note
        Further remarks.
    reached
        Calibrating ratio reached, for the strength of a mechanism.
    key
        Bibliography keys of its literature; empty without any.
    support
        Support of the value by that literature: one of `SUPPORT`, with the reason after a colon.
    title
        What it is, in words; empty where its name says it.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    spread: float
    kind: str
    source: str
    note: str = ""
    reached: float | None = None
    key: tuple[str, ...] = ()
    support: str = ""
    title: str = ""

    @property
    def basis(self) -> str:
        """The source, then the support by literature, with citations."""
        return basis(self.source, self.support, self.key)

    def with_value(self, value: float | str, *, source: str, note: str = "") -> Parameter:
        """Return this parameter with another value: a number in its unit, or text with a unit.

        Raises
        ------
        QuantityError
            If the value is not a finite number of the right dimension, 0 or more; or if it is a reading
            parameter more than `FAR` times above its bounds.
        """
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise QuantityError(f"{self.name} = {value!r} is not a finite number; write one in {self.unit}.")
        try:
            new = number(value, self.unit, what=self.name) if isinstance(value, str) else float(value)
        except OverflowError as error:
            raise QuantityError(f"{self.name} is too large a number.") from error
        if not math.isfinite(new):
            raise QuantityError(f"{self.name} = {value!r} is not a finite number; write one in {self.unit}.")
        if new < 0:
            raise QuantityError(f"{self.name} = {value} is negative; no parameter may be.")
        most = FAR * max(self.high, self.value, 1.0)
        if self.kind == "reading" and new > most:
            raise QuantityError(f"{self.name} = {value} is too large; the most is {most:g} {self.unit}.")
        return replace(self, value=new, source=source, note=note or self.note, reached=None)


@dataclass(frozen=True, repr=False)
class Subject:
    """The data of an animal or a patient; `eaesim.model.Rat` says what each is."""

    name: str
    title: str
    strain: str
    source: str
    entries: Mapping[str, Parameter]
    differences: tuple[str, ...] = ()
    ensemble: str = ""
    off: tuple[str, ...] = ()
    species: str = "rat"
    attacks: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))
    base: str = ""
    path: str = ""


def basis(source: str, support: str, key: Iterable[str]) -> str:
    """Return the source of a value, and its support by literature, on one line.

    Examples
    --------
    >>> basis("assumed", "", ())
    'assumed'
    >>> basis("assumed", "against: seen otherwise", ["Redoxis"])
    'assumed. Literature, against: seen otherwise (Redoxis. MBP-induced EAE. https://...)'
    """
    cited = cite(key)
    support = support and f"Literature, {support}"
    return ". ".join(part for part in (source, f"{support} ({cited})" if cited else support) if part)


def file_names(folder: Traversable) -> tuple[str, ...]:
    """Return the names of the TOML files in a folder of the package, in alphabetical order."""
    every = (item.name for item in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in every if name.endswith(".toml")))


@cache
def base_entries(name: str) -> Mapping[str, Unchecked]:
    """Return the checked tables of a base file in `DATA`, by parameter name; strain values are absent.

    Raises
    ------
    FileError, UnknownNameError, QuantityError
        If a parameter is missing or unknown, or lacks its unit, bounds, spread, kind or source.
    """
    return check_base((DATA / f"{name}.toml").read_text("utf-8"), name=f"{name}.toml")


def parameter_words(name: str) -> str:
    """Return the title of a parameter, or its name in words where these say it.

    Examples
    --------
    >>> parameter_words("cns_entry_rate"), parameter_words("priming_rate")
    ('entry of effectors into the CNS', 'priming rate')
    """
    return str(base_entries("base").get(name, {}).get("title") or name.replace("_", " "))


def check_base(text: str, *, name: str) -> Mapping[str, Unchecked]:
    """Return the tables of a base file's text, checked; see `base_entries` for the errors."""
    tables = read_toml(text, name=name)
    for parameter, entry in tables.items():
        check_names([parameter], "parameter", Parameters._fields)
        _check_entry(parameter, entry, name=name)
    missing = [parameter for parameter in Parameters._fields if parameter not in tables]
    if missing:
        raise FileError(f"{name} lacks the parameter {missing[0]}.")
    return tables


def check_source(parameter: str, entry: Unchecked, *, name: str) -> None:
    """Raise FileError unless the entry gives the source of its value."""
    if not str(entry.get("source", "")).strip():
        raise FileError(f'{name}: {parameter} has a value and no source; give one, or say "assumed".')


def literature(parameter: str, entry: Unchecked, *, name: str) -> Literature:
    """Return ``key`` and ``support`` of an entry, if given, checked.

    Raises
    ------
    FileError
        If there is a key without its support, or the support does not begin with a word of `SUPPORT`.
    UnknownNameError
        If a key is not in the bibliography.

    Examples
    --------
    >>> literature("x", {"key": ["Hazra2007"], "support": "derived"}, name="own.toml")
    {'key': ('Hazra2007',), 'support': 'derived'}
    """
    key, support = entry.get("key", []), entry.get("support", "")
    if not isinstance(key, list) or not isinstance(support, str):
        raise FileError(f"{name}: {parameter}: key is a list of bibliography keys, support is text.")
    check_names(key, f"bibliography key of {parameter}", bibliography())
    if key and not support:
        raise FileError(f"{name}: {parameter} has a key and no support; state how far it supports the value.")
    word = support.partition(":")[0]
    if support and word not in SUPPORT:
        raise unknown_name(word, f"support of {parameter}", SUPPORT)
    return {"key": tuple(key), "support": support} if support else {}


def changed(
    before: Parameter, given: Unchecked, *, allowed: tuple[str, ...], file: str, is_bounded: bool = True
) -> Parameter:
    """Return a parameter with the value, bounds and source that an entry of a file gives.

    Its value must be within its bounds if `is_bounded`.
    """
    name = before.name
    check_names(given, f"key of {name} in {file}", allowed)
    check_source(name, given, name=file)
    own: dict[str, Any] = {key: given[key] for key in ("unit", "title", "source") if key in given}
    own |= {key: float(given[key]) for key in ("value", "low", "high", "spread") if key in given}
    own |= {"note": given.get("note", ""), "key": (), "support": "", **literature(name, given, name=file)}
    entry = replace(before, reached=None, **own)
    if is_bounded and not entry.low <= entry.value <= entry.high:
        raise FileError(f"{file}: {name} must have low <= value <= high.")
    return entry


def _check_entry(parameter: str, entry: Unchecked, *, name: str) -> None:
    check_names(entry, f"key of {parameter}", _KEYS)
    for key in _REQUIRED:
        if key not in entry or entry[key] == "":
            raise FileError(f"{name}: {parameter} has no {key}.")
    check_names([entry["kind"]], "kind", KINDS)
    literature(parameter, entry, name=name)
    if "value" in entry:
        check_source(parameter, entry, name=name)
    try:
        conversion(entry["unit"], entry["unit"])
    except EaesimError as error:
        raise QuantityError(f"{name}: {parameter}: {error}") from error
    bounds = [entry["low"], entry.get("value", entry["low"]), entry["high"]]
    if not bounds[0] <= bounds[1] <= bounds[2] or not entry["spread"] >= 0:
        raise FileError(f"{name}: {parameter} must have low <= value <= high and spread >= 0.")
