"""The ``[mistiming]`` table of a study file: what is dosed, and how well the day of the relapse is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eaesim.errors import ProtocolError, unknown_name
from eaesim.protocol.quantity import days, quantity
from eaesim.protocol.tables import check_table

_NAME = "[mistiming]"
_KEYS = ("dose", "days", "distribution", "adjuvant", "intervals", "loss", "antibodies")
KINDS = {"normal": ("mean", "sd"), "uniform": ("low", "high"), "list": ("days", "weights")}


def check_mistiming(table: object) -> dict[str, Any]:
    """Return a ``[mistiming]`` table; whether its values make sense is for the analysis to say.

    Raises
    ------
    UnknownNameError
        If it holds a key that is not known.
    ProtocolError, QuantityError
        If a value is not of its kind.

    Examples
    --------
    >>> check_mistiming({"dose": "1 g/kg", "distribution": {"kind": "normal", "sd": 7}})
    {'dose': '1 g/kg', 'distribution': {'kind': 'normal', 'sd': 7.0}}
    """
    given = dict(check_table(table, _NAME, _KEYS))
    for name in ("dose", "adjuvant"):
        if not isinstance(given.get(name, ""), str):
            raise ProtocolError(f"{_NAME}: {name} = {given[name]!r} is not a text.")
    for name in ("days", "intervals"):
        if name in given:
            given[name] = _numbers(given[name], name)
    if "loss" in given and not isinstance(given["loss"], (int, float)):
        raise ProtocolError(f"{_NAME}: loss = {given['loss']!r} is not a number.")
    if "antibodies" in given:
        given["antibodies"] = quantity(given["antibodies"], "1/day", what=f"{_NAME} antibodies")
    if "distribution" in given:
        given["distribution"] = _distribution(given["distribution"])
    return given


def _numbers(values: object, name: str) -> list[float]:
    if not isinstance(values, list) or not values:
        raise ProtocolError(f"{_NAME}: {name} is a list of days, such as [-7, 0, 7].")
    return [days(value, what=f"{_NAME} {name}") for value in values]


def _distribution(table: object) -> dict[str, Any]:
    if not isinstance(table, Mapping) or table.get("kind") not in KINDS:
        kind = table.get("kind") if isinstance(table, Mapping) else table
        raise unknown_name(kind, "distribution of days", KINDS)
    kind = table["kind"]
    given = check_table(dict(table), f"{_NAME} distribution", ("kind", *KINDS[kind]))
    if kind == "list":
        return {"kind": kind} | {name: _numbers(given[name], name) for name in KINDS[kind] if name in given}
    return {"kind": kind} | {name: days(given[name], what=name) for name in KINDS[kind] if name in given}
