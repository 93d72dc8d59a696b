"""Drugs as data: target state of a dose by route, and parameters of the drug."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from eaesim.errors import FileError, unknown_name
from eaesim.files import Unchecked
from eaesim.model.bibliography import cite
from eaesim.model.parameter_file import literature
from eaesim.model.parameters import Parameters
from eaesim.model.state import State
from eaesim.protocol.quantity import quantity

_KEYS = ("title", "target", "concentration", "source", "key", "note", "infusion", "routes", "parameters")
_ROUTE_KEYS = ("state", "factor", "divisor")
_PARAMETER_KEYS = ("value", "unit", "low", "high", "spread", "kind", "source", "note")
_LITERATURE = ("key", "support")


@dataclass(frozen=True)
class Route:
    """Target of a bolus by this route.

    A bolus of `amount` mg/kg adds ``amount * parameters[factor] / parameters[divisor]`` to `state`.

    Attributes
    ----------
    state
        State that the bolus is added to.
    factor
        Parameter for the bioavailability; None is 1.
    divisor
        Parameter for the volume in mL/kg; None is 1.

    Examples
    --------
    >>> load_drug("ivig").routes["iv"]
    Route(state='igg_plasma', factor=None, divisor='igg_volume_plasma')
    """

    state: str
    factor: str | None = None
    divisor: str | None = None


@dataclass(frozen=True)
class Drug:
    """A drug, as defined in its file.

    Attributes
    ----------
    name, title
        Id, and name in words.
    source, note
        Source of its data, and remarks.
    concentration
        Concentration of the product in mg/mL; None if unknown (a dose then has no volume).
    target
        Target, in words.
    routes
        Routes by name: ``"iv"``, ``"ip"``, ``"sc"``.
    infusion
        State for its input rate in mg/kg/day; None if it cannot be infused.
    parameters
        Parameters by name, each with value, unit, low, high, spread, kind, source and note, and with key and
        support where there is literature.
    key
        Bibliography keys of its sources.

    Examples
    --------
    >>> load_drug("ivig").concentration
    100.0
    """

    name: str
    title: str
    source: str
    note: str
    concentration: float | None
    target: str
    routes: Mapping[str, Route]
    infusion: str | None
    parameters: Mapping[str, Unchecked]
    key: tuple[str, ...] = ()

    @property
    def basis(self) -> str:
        """The source, with citations."""
        return "; ".join(part for part in (self.source, cite(self.key)) if part)


@cache
def drug_names() -> tuple[str, ...]:
    """Return the name of every drug, in alphabetical order.

    Examples
    --------
    >>> "ivig" in drug_names()
    True
    """
    entries = files("eaesim.protocol").joinpath("drugs").iterdir()
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml"))
    )


def load_drug(name: str) -> Drug:
    """Return the drug of that name.

    Raises
    ------
    UnknownNameError
        If there is no such drug.

    Examples
    --------
    >>> load_drug("late_acting").target
    'effector cytokine in the central nervous system'
    """
    if name not in drug_names():
        raise unknown_name(name, "drug", drug_names())
    return _load(name)


@cache
def _load(name: str) -> Drug:
    return drug_from_text(name, files("eaesim.protocol").joinpath("drugs", f"{name}.toml").read_text("utf-8"))


def drug_from_text(name: str, text: str) -> Drug:
    """Read a drug from the text of its file.

    Parameters
    ----------
    name
        Id of the drug, which is the file name.
    text
        TOML text.

    Raises
    ------
    UnknownNameError
        If it has an unknown key, or names an unknown state or parameter.
    FileError
        If a key is missing.

    Examples
    --------
    >>> drug_from_text("ivig", "titel = 'x'")
    Traceback (most recent call last):
    ...
    eaesim.errors.UnknownNameError: "titel" is not a drug key; did you mean "title"? ...
    """
    table = tomllib.loads(text)
    _check(table, "drug", allowed=_KEYS, required=("title", "target", "source", "note", "routes"))
    for entry in table["routes"].values():
        _check(entry, "route", allowed=_ROUTE_KEYS, required=("state",))
        _known(entry["state"], "state", State._fields)
    parameters = table.get("parameters", {})
    for entry in table["routes"].values():
        for key in ("factor", "divisor"):
            if key in entry:
                # Without its own parameters, a drug uses those of the rat.
                _known(entry[key], "parameter of this drug", parameters or Parameters._fields)
    if "infusion" in table:
        _known(table["infusion"], "state", State._fields)
    for parameter, entry in parameters.items():
        _known(parameter, "parameter", Parameters._fields)
        literature(parameter, entry, name=f"{name}.toml")
        _check(entry, "drug parameter", allowed=(*_PARAMETER_KEYS, *_LITERATURE), required=_PARAMETER_KEYS)
    concentration = table.get("concentration")
    return Drug(
        name=name,
        title=table["title"],
        source=table["source"],
        note=table["note"],
        concentration=None
        if concentration is None
        else quantity(concentration, "mg/mL", what="concentration"),
        target=table["target"],
        routes=MappingProxyType({route: Route(**entry) for route, entry in table["routes"].items()}),
        infusion=table.get("infusion"),
        parameters=MappingProxyType({key: MappingProxyType(entry) for key, entry in parameters.items()}),
        key=tuple(table.get("key", ())),
    )


def _known(name: str, noun: str, allowed: Iterable[str]) -> None:
    if name not in tuple(allowed):
        raise unknown_name(name, noun, allowed)


def _check(table: Unchecked, noun: str, *, allowed: Iterable[str], required: Iterable[str]) -> None:
    for key in table:
        if key not in allowed:
            raise unknown_name(key, f"{noun} key", allowed)
    for key in required:
        if key not in table:
            raise FileError(f'the {noun} has no "{key}".')
