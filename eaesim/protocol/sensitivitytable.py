"""The ``[sensitivity]`` table of a study file: what is asked, and which unknowns are varied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eaesim.errors import ProtocolError
from eaesim.protocol.quantity import count
from eaesim.protocol.tables import Table, check_table, check_tables, within
from eaesim.protocol.values import read_values

OUTPUT_KEYS = ("endpoint", "arm", "against", "relative")
_KEYS = (*OUTPUT_KEYS, "outputs", "method", "parameters", "ranges", "trajectories", "samples", "seed")
_NAME = "[sensitivity]"
MOST_SAMPLES = 65_536


def check_sensitivity(table: object) -> dict[str, Any]:
    """Return a ``[sensitivity]`` table; whether its names exist is for the analysis to say.

    Raises
    ------
    UnknownNameError
        If it holds a key that is not known.
    ProtocolError, QuantityError
        If a value is not of its kind.

    Examples
    --------
    >>> check_sensitivity({"method": "morris", "arm": "vehicle", "trajectories": 20})
    {'method': 'morris', 'arm': 'vehicle', 'trajectories': 20}
    """
    given = check_table(table, _NAME, _KEYS)
    _check_output(given, _NAME)
    for key in ("trajectories", "samples"):
        if key in given:
            count(given[key], what=f"{_NAME} {key}", least=1, most=MOST_SAMPLES)
    if "seed" in given:
        count(given["seed"], what=f"{_NAME} seed", least=0, most=2**63 - 1)
    if not isinstance(given.get("method", ""), str):
        raise ProtocolError(f"{_NAME}: method = {given['method']!r} is not a text.")
    names = given.get("parameters", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ProtocolError(f'{_NAME}: parameters is a list of names, such as ["biology", "igg_uptake"].')
    if "outputs" in given:
        for output in check_tables(given["outputs"], "sensitivity.outputs"):
            _check_output(check_table(output, f"{_NAME} outputs", OUTPUT_KEYS), f"{_NAME} outputs")
        beside = next((key for key in OUTPUT_KEYS if key in given), None)
        if beside:
            raise ProtocolError(f'{_NAME}: "{beside}" stands beside "outputs"; write it inside, one by one.')
    ranges = given.get("ranges", {})
    if not isinstance(ranges, Mapping):
        raise ProtocolError(f"{_NAME}: ranges is not a table; write [sensitivity.ranges].")
    for path, bounds in ranges.items():
        with within(_NAME):
            read_values(path, bounds, is_grid=False)
    return {str(key): _plain(value) for key, value in given.items()}


def _check_output(table: Table, name: str) -> None:
    for key in ("endpoint", "arm", "against"):
        if not isinstance(table.get(key, ""), str):
            raise ProtocolError(f"{name}: {key} = {table[key]!r} is not a text.")
    if not isinstance(table.get("relative", False), bool):
        raise ProtocolError(f"{name}: relative = {table['relative']!r} is neither true nor false.")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list) else value
