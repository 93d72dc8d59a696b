"""Questions that a study file may ask of its study: a table each, checked by the module that knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eaesim.protocol.sensitivitytable import check_sensitivity

# Name of the table, and what checks it and returns it as plain values.
QUESTIONS: dict[str, Callable[[object], dict[str, Any]]] = {
    "sensitivity": check_sensitivity,
}


def check_questions(tables: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """Return the tables of questions; those that `eaesim.workbench` knows are checked there.

    Parameters
    ----------
    tables
        By name, as they stand in the file.

    Raises
    ------
    UnknownNameError
        If a table holds a key that is not known.
    ProtocolError, QuantityError
        If a value is not of its kind.

    Examples
    --------
    >>> check_questions({"sensitivity": {"method": "morris"}})
    {'sensitivity': {'method': 'morris'}}
    """
    return {
        name: QUESTIONS[name](table) if name in QUESTIONS else _as_it_stands(table)
        for name, table in tables.items()
    }


def _as_it_stands(table: Any) -> dict[str, Any]:
    # What is no table stays for the check that knows the question.
    return dict(table) if isinstance(table, Mapping) else table
