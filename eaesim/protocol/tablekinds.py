"""Kinds of settings that are tables: one value per name."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TypeVar

from eaesim.errors import ProtocolError
from eaesim.files import Content, Table, check_table, within
from eaesim.protocol.kinds import plain_value
from eaesim.protocol.parametertable import check_parameters
from eaesim.protocol.quantity import shown
from eaesim.protocol.settings import Kind

Given = TypeVar("Given")
Value = TypeVar("Value")


def assignments(
    kind: Kind[Given, Value], *, example: Table | None = None, metavar: str = "NAME=VALUE"
) -> Kind[Mapping[str, Given], Mapping[str, Value]]:
    """Return the kind for tables with one value per name; the option is given once for each.

    Examples
    --------
    >>> from eaesim.protocol.kinds import number
    >>> kind = assignments(number(), example={"memory_fraction": 0})
    >>> kind.from_text("memory_fraction=0")
    {'memory_fraction': 0}
    >>> kind.read("memory_fraction", "--set")
    Traceback (most recent call last):
    ...
    eaesim.errors.ProtocolError: --set 'memory_fraction' cannot be read; write NAME=VALUE.
    """

    def read(value: Mapping[str, Given], place: str) -> Mapping[str, Value]:
        if not isinstance(value, Mapping) or not all(
            isinstance(name, str) and name.strip() for name in value
        ):
            raise ProtocolError(f"{place} {shown(value)} cannot be read; write {metavar}.")
        if "" in value.values():
            raise ProtocolError(f"{place} {shown(dict(value))} has no value; write {metavar}.")
        return {name: kind.read(each, f"{place} {name}") for name, each in value.items()}

    def from_text(given: str) -> Content:
        name, _, each = given.rpartition("=")
        return {name.strip(): kind.from_text(each.strip())} if name.strip() and each.strip() else given

    return Kind(
        read=read,
        metavar=metavar,
        schema={
            "type": "object",
            "additionalProperties": dict(kind.schema),
            **({"examples": [dict(example)]} if example else {}),
        },
        write=lambda values: {name: kind.write(each) for name, each in values.items()},
        from_text=from_text,
        joined=operator.or_,
    )


def parameters() -> Kind[Mapping[str, float | str], tuple[tuple[str, float | str], ...]]:
    """Return the kind for values that override those of a rat: a table, or ``--set NAME=VALUE``.

    Names and units are checked by the rat.

    Examples
    --------
    >>> kind = parameters()
    >>> kind.read(kind.from_text("spreading_rate=0"), "--set")
    (('spreading_rate', 0),)
    """

    def read(value: Mapping[str, float | str], place: str) -> tuple[tuple[str, float | str], ...]:
        given = check_parameters(value, place)
        for name, own in given.items():
            if not name.strip() or (isinstance(own, str) and not own.strip()):
                raise ProtocolError(
                    f'{place} "{name}" has no value; write NAME=VALUE, such as lesion_priming_reach=1.'
                )
        return tuple(given.items())

    def from_text(given: str) -> dict[str, float | str]:
        name, _, value = given.partition("=")
        return {name.strip(): plain_value(value.strip())}

    return Kind(
        read=read,
        metavar="NAME=VALUE",
        schema={"type": "object", "additionalProperties": {"type": ["number", "string"]}},
        write=dict,
        from_text=from_text,
        joined=operator.or_,
    )


def keyed(
    noun: str, keys: Mapping[str, Kind[Content, Content]], *, example: Table
) -> Kind[Table, dict[str, Content]]:
    """Return the kind for tables with some of these keys; it has no command-line option.

    Examples
    --------
    >>> from eaesim.protocol.kinds import text
    >>> keyed("output", {"arm": text()}, example={"arm": "vehicle"}).read({"arms": "vehicle"}, "outputs")
    Traceback (most recent call last):
    ...
    eaesim.errors.UnknownNameError: outputs: "arms" is not an output key; did you mean "arm"? ...
    """

    def read(value: Content, place: str) -> dict[str, Content]:
        with within(place):
            given = check_table(value, noun, keys)
        return {key: keys[key].read(each, f"{place} {key}") for key, each in given.items()}

    return Kind(
        read=read,
        metavar="",
        schema={
            "type": "object",
            "additionalProperties": False,
            "properties": {key: dict(kind.schema) for key, kind in keys.items()},
            "examples": [dict(example)],
        },
        write=lambda value: {key: keys[key].write(each) for key, each in value.items()},
    )
