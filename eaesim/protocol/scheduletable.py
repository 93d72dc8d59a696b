"""The ``[schedule]`` table of a study file: by what its schedules are compared."""

from __future__ import annotations

from typing import Any

from eaesim.errors import ProtocolError
from eaesim.protocol.quantity import quantity
from eaesim.protocol.tables import check_table

_NAME = "[schedule]"
_UNITS = {"antibodies": "1/day", "level": "mg/mL"}


def check_schedule(table: object) -> dict[str, Any]:
    """Return a ``[schedule]`` table, its quantities as numbers; whether an endpoint exists is said later.

    ``endpoint`` is what schedules are ranked by; ``antibodies`` the extra clearance of IgG, per day, at the
    full response of antibodies against it; ``level`` the plasma IgG, in mg/mL, above which days are counted.

    Raises
    ------
    UnknownNameError
        If it holds a key that is not known.
    ProtocolError, QuantityError
        If a value is not of its kind.

    Examples
    --------
    >>> check_schedule({"endpoint": "peak_score", "antibodies": "1 1/day"})
    {'endpoint': 'peak_score', 'antibodies': 1.0}
    """
    given = dict(check_table(table, _NAME, ("endpoint", *_UNITS)))
    if not isinstance(given.get("endpoint", ""), str):
        raise ProtocolError(f"{_NAME}: endpoint = {given['endpoint']!r} is not a text.")
    for name, unit in _UNITS.items():
        if name in given:
            given[name] = quantity(given[name], unit, what=f"{_NAME} {name}")
    return given
