"""The ``[optimise]`` table of a study file: what the best schedule may use, and what it is to do."""

from __future__ import annotations

from typing import Any

from eaesim.errors import ProtocolError, unknown_name
from eaesim.protocol.quantity import count, days, quantity
from eaesim.protocol.tables import check_table

_NAME = "[optimise]"
ROBUST = ("mean", "worst tenth")
_KEYS = (
    "endpoint",
    "total",
    "doses",
    "earliest",
    "latest",
    "least",
    "volume",
    "ceiling",
    "route",
    "robust",
    "target",
    "budgets",
)


def check_optimise(table: object) -> dict[str, Any]:
    """Return an ``[optimise]`` table, its quantities as numbers.

    ``total`` and ``least`` (of one dose) are in mg/kg, ``volume`` at once in mL/kg, ``ceiling`` of plasma IgG
    in mg/mL, ``earliest`` and ``latest`` in days; ``target`` is an effect from 0 to 1; ``budgets`` are totals
    for which the best schedule is searched too.

    Raises
    ------
    UnknownNameError
        If it holds a key that is not known.
    ProtocolError, QuantityError
        If a value is not of its kind.

    Examples
    --------
    >>> check_optimise({"total": "3 g/kg", "doses": 5, "earliest": -7, "latest": 14})
    {'total': 3000.0, 'doses': 5, 'earliest': -7.0, 'latest': 14.0}
    """
    given = dict(check_table(table, _NAME, _KEYS))
    for name in ("endpoint", "route", "robust"):
        if not isinstance(given.get(name, ""), str):
            raise ProtocolError(f"{_NAME}: {name} = {given[name]!r} is not a text.")
    if given.get("robust", "mean") not in ROBUST:
        raise unknown_name(given["robust"], "way to be robust", ROBUST)
    for name, unit in {"total": "mg/kg", "least": "mg/kg", "volume": "mL/kg", "ceiling": "mg/mL"}.items():
        if name in given:
            given[name] = quantity(given[name], unit, what=f"{_NAME} {name}")
    if "doses" in given:
        given["doses"] = count(given["doses"], what=f"{_NAME} doses", least=1, most=20)
    for name in ("earliest", "latest"):
        if name in given:
            given[name] = days(given[name], what=f"{_NAME} {name}")
    if "target" in given and not (isinstance(given["target"], (int, float)) and 0 < given["target"] < 1):
        raise ProtocolError(f"{_NAME}: target = {given['target']!r}; an effect lies between 0 and 1.")
    if "budgets" in given:
        if not isinstance(given["budgets"], list) or not given["budgets"]:
            raise ProtocolError(f'{_NAME}: budgets is a list of totals, such as ["0.5 g/kg", "1 g/kg"].')
        given["budgets"] = [
            quantity(each, "mg/kg", what=f"{_NAME} budgets") if not isinstance(each, float) else each
            for each in given["budgets"]
        ]
    return given
