"""The ``[power]`` table of a study file: which numbers of animals are tried, and by which tests."""

from __future__ import annotations

from typing import Any

from eaesim.errors import ProtocolError, QuantityError, unknown_name
from eaesim.protocol.quantity import count
from eaesim.protocol.tables import check_table

CORRECTIONS = ("none", "holm", "bonferroni")
MOST_ANIMALS, MOST_STUDIES, MOST_POOL = 1_000, 1_000_000, 1_000_000
_NAME = "[power]"
# Of whole numbers: the least and the most.
_COUNTS = {"studies": (100, MOST_STUDIES), "pool": (100, MOST_POOL), "members": (1, 10_000)}
_LISTS = ("endpoints", "arms", "animals")
_KEYS = (*_LISTS, *_COUNTS, "wanted", "alpha", "dropout", "correction", "dead")
_PER_DAY = "per day"


def check_power(table: object) -> dict[str, Any]:
    """Return a ``[power]`` table; whether its arms and endpoints exist is for the analysis to say.

    Raises
    ------
    UnknownNameError
        If it holds a key, or names a correction, that is not known.
    ProtocolError, QuantityError
        If a value is not of its kind, or out of range.

    Examples
    --------
    >>> check_power({"animals": [5, 10], "wanted": 0.9, "dropout": "1 % per day"})
    {'animals': [5, 10], 'wanted': 0.9, 'dropout': '1 % per day'}
    """
    given = dict(check_table(table, _NAME, _KEYS))
    for key in _LISTS:
        if key in given:
            given[key] = _listed(given[key], key)
    for name in (*given.get("endpoints", []), *given.get("arms", [])):
        if not isinstance(name, str):
            raise ProtocolError(f"{_NAME}: {name!r} is not a text.")
    for number in given.get("animals", []):
        count(number, what=f"{_NAME} animals", least=2, most=MOST_ANIMALS)
    for key, (least, most) in _COUNTS.items():
        if key in given:
            count(given[key], what=f"{_NAME} {key}", least=least, most=most)
    for key in ("wanted", "alpha"):
        if key in given:
            between_0_and_1(given[key], what=f"{_NAME} {key}")
    if "dropout" in given:
        read_dropout(given["dropout"])
    if given.get("correction", "none") not in CORRECTIONS:
        raise unknown_name(given["correction"], "correction", CORRECTIONS)
    if not isinstance(given.get("dead", ""), str):
        raise ProtocolError(f"{_NAME}: dead = {given['dead']!r} is not a text.")
    return given


def between_0_and_1(value: object, *, what: str) -> float:
    """Read a number above 0 and below 1.

    Raises
    ------
    QuantityError
        If it is not.

    Examples
    --------
    >>> between_0_and_1(0.8, what="wanted")
    0.8
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1:
        return float(value)
    raise QuantityError(f"{what} = {value!r} is not a number above 0 and below 1, such as 0.8.")


def read_dropout(value: object) -> tuple[float, bool]:
    """Read how many animals are lost: of all by the last day, or of those left on each day.

    Parameters
    ----------
    value
        A share from 0 to below 1, or a text: ``"10 %"``, ``"1 % per day"``, ``"0.01 per day"``.

    Returns
    -------
    tuple
        The share, and whether it is lost every day.

    Raises
    ------
    QuantityError
        If it is neither, or is not from 0 to below 1.

    Examples
    --------
    >>> read_dropout(0.1), read_dropout("1 % per day")
    ((0.1, False), (0.01, True))
    """
    share: object = value
    text = " ".join(value.split()) if isinstance(value, str) else ""
    daily = text.endswith(_PER_DAY)
    if text:
        number = text.removesuffix(_PER_DAY).strip()
        try:
            share = float(number.removesuffix("%")) / (100.0 if number.endswith("%") else 1.0)
        except ValueError:
            share = None
    if isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share < 1:
        return float(share), daily
    raise QuantityError(
        f'dropout = {value!r} is not a share from 0 to below 1; write 0.1, "10 %" or "1 % per day".'
    )


def _listed(value: object, key: str) -> list[Any]:
    if isinstance(value, (list, tuple)) and value and len({str(each) for each in value}) == len(value):
        return list(value)
    raise ProtocolError(f"{_NAME}: {key} = {value!r} is not a list, each once, with something in it.")
