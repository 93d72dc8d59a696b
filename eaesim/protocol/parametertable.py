"""Tables of parameter values that override those of a rat, or of the rats in one arm."""

from __future__ import annotations

from collections.abc import Mapping

from eaesim.errors import ProtocolError
from eaesim.files import Content


def check_parameters(given: Content, name: str = "[parameters]") -> dict[str, float | str]:
    """Return a table of parameters; names and units are checked by the rat.

    Examples
    --------
    >>> check_parameters({"spreading_rate": 0})
    {'spreading_rate': 0}
    """
    if not isinstance(given, Mapping):
        raise ProtocolError(f"{name} is not a table of NAME = value.")
    found: dict[str, float | str] = {}
    for key, value in given.items():
        if not isinstance(key, str):
            raise ProtocolError(f"{name}: {key!r} is not the name of a parameter.")
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ProtocolError(f"{name}: {key} = {value!r} is not a number or a text with a unit.")
        found[key] = value
    return found
