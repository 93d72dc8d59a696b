"""Kinds of settings: counts, shares, amounts with units, days, choices, names, and lists of them."""

from __future__ import annotations

import csv
import io
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from eaesim.errors import ProtocolError, QuantityError, check_names, slip_in
from eaesim.files import Content, Table, within
from eaesim.protocol.quantity import count as read_count
from eaesim.protocol.quantity import days, number_text, quantity, shown
from eaesim.protocol.settings import AnyKind, Kind, Setting

Given = TypeVar("Given")
Value = TypeVar("Value")

# Types of a value as given and as stored.
Count = Setting[int, int]
Counts = Setting[Sequence[int], tuple[int, ...]]
Share = Setting[float, float]
Amount = Setting[float | str, float]
Day = Setting[float | str, float]
Text = Setting[str, str]
Texts = Setting[Sequence[str], tuple[str, ...]]
Flag = Setting[bool, bool]
Amounts = Setting[Sequence[float | str], tuple[float, ...]]
Days = Setting[Iterable[float | str], tuple[float, ...]]
MaybeAmount = Setting[float | str | None, float | None]
MaybeDay = Setting[float | str | None, float | None]
MaybeShare = Setting[float | None, float | None]
MaybeCount = Setting[int | None, int | None]
MaybeNumber = Setting[float | None, float | None]
MaybeValues = Setting[Mapping[str, float] | None, Mapping[str, float] | None]
MaybeNamed = Setting[Mapping[str, str] | None, Mapping[str, str] | None]
Number = Setting[float, float]
MaybeText = Setting[str | None, str | None]
MaybeTexts = Setting[Sequence[str] | None, tuple[str, ...] | None]
Parameters = Setting[Mapping[str, float | str], tuple[tuple[str, float | str], ...]]

# Python parses no integer with more digits.
_LONGEST_NUMBER = 18
# A non-negative number and a unit; the parser checks the unit.
_WITH_UNIT = r"^\s*\+?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?(\s*[A-Za-zµμ%]|\s+1\s*/)"


def count(least: int, most: int) -> Kind[int, int]:
    """Return the kind for whole numbers from `least` to `most`.

    Examples
    --------
    >>> count(2, 1000).read(1, "sizes")
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: sizes 1 is not a whole number from 2 to 1000.
    """
    return Kind(
        read=lambda value, place: read_count(value, what=place, least=least, most=most),
        metavar="N",
        schema={"type": "integer", "minimum": least, "maximum": most},
        from_text=_whole,
    )


def _whole(text: str) -> int | str:
    """Return a whole number; any other value is unchanged, for the message."""
    own = text.strip()
    digits = own.removeprefix("-")
    return int(own) if digits.isdecimal() and len(digits) <= _LONGEST_NUMBER else own


def fraction() -> Kind[float, float]:
    """Return the kind for numbers above 0 and below 1.

    Examples
    --------
    >>> fraction().read(1, "wanted")
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: wanted 1 is not a number above 0 and below 1, such as 0.8.
    """
    schema: Table = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
    told = "number above 0 and below 1, such as 0.8"
    return _numbers(lambda value: 0 < value < 1, told, schema, metavar="SHARE")


def share() -> Kind[float, float]:
    """Return the kind for numbers from 0 to 1.

    Examples
    --------
    >>> share().read(2, "from_lesion")
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: from_lesion 2 is not a share from 0 to 1.
    """
    schema: Table = {"minimum": 0, "maximum": 1}
    return _numbers(lambda value: 0 <= value <= 1, "share from 0 to 1", schema, metavar="SHARE")


def _numbers(
    accepts: Callable[[float], bool], told: str, schema: Table, *, metavar: str = "X"
) -> Kind[float, float]:
    """Return the kind for numbers that a function accepts."""

    def read(value: Content, place: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and accepts(value):
            return float(value)
        raise QuantityError(f"{place} {shown(value)} is not a {told}{slip_in(str(value))}")

    return Kind(read=read, metavar=metavar, schema={"type": "number", **schema}, from_text=plain_value)


def plain_value(text: str) -> float | str:
    """Return a number, or the text if it is not one.

    Examples
    --------
    >>> plain_value("3"), plain_value("0.5"), plain_value("1 g/kg")
    (3, 0.5, '1 g/kg')
    """
    found = _whole(text)
    if isinstance(found, int):
        return found
    try:
        return float(found)
    except ValueError:
        return text


def between(least: float, most: float, *, example: float) -> Kind[float, float]:
    """Return the kind for numbers above `least`, up to `most`.

    Examples
    --------
    >>> between(1, 10, example=1.25).read(0.8, "margin")
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: margin 0.8 is not a number above 1 and up to 10, such as 1.25.
    """
    told = f"number above {least:g} and up to {most:g}, such as {example:g}"
    schema: Table = {"exclusiveMinimum": least, "maximum": most}
    return _numbers(lambda value: least < value <= most, told, schema)


def number() -> Kind[float, float]:
    """Return the kind for finite numbers.

    Examples
    --------
    >>> number().read("much", "reach")
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: reach 'much' is not a number.
    """
    return _numbers(math.isfinite, "number", {})


def amount(unit: str) -> Kind[float | str, float]:
    """Return the kind for amounts, stored as numbers in `unit`.

    Examples
    --------
    >>> amount("mg/kg").read("3 g/kg", "total")
    3000.0
    """
    return Kind(
        read=lambda value, place: quantity(value, unit, what=place),
        metavar="AMOUNT",
        schema={"type": "string", "pattern": _WITH_UNIT, "examples": [f"1 {unit}"]},
        write=lambda value: f"{number_text(value)} {unit}",
    )


def day() -> Kind[float | str, float]:
    """Return the kind for days, which may be before day 0.

    Examples
    --------
    >>> day().read("12 h", "earliest")
    0.5
    """
    return Kind(
        read=lambda value, place: days(value, what=place),
        metavar="DAY",
        schema={"type": ["number", "string"], "examples": [0]},
        from_text=plain_value,
    )


def interval(least: float, most: float) -> Kind[float | str, float]:
    """Return the kind for days between two doses, from `least` to `most`.

    Examples
    --------
    >>> interval(7, 365).read("4 week", "intervals")
    28.0
    """

    def read(value: float | str, place: str) -> float:
        found = days(value, what=place)
        if not least <= found <= most:
            told = f"{place} {number_text(found)} is not from {least:g} to {most:g} days between doses."
            raise QuantityError(told)
        return found

    kind = day()
    return replace(kind, read=read, metavar="DAYS", schema={**kind.schema, "minimum": least, "maximum": most})


def flag() -> Kind[bool, bool]:
    """Return the kind for booleans.

    Examples
    --------
    >>> flag().read(1, "course")
    Traceback (most recent call last):
    ...
    eaesim.errors.ProtocolError: course 1 is neither true nor false.
    """

    def read(value: Content, place: str) -> bool:
        if not isinstance(value, bool):
            raise ProtocolError(f"{place} {shown(value)} is neither true nor false.")
        return value

    return Kind(read=read, metavar="", schema={"type": "boolean"}, is_flag=True)


def text(
    check: Callable[[str], str] | None = None,
    *,
    metavar: str = "NAME",
    names: Callable[[], Iterable[str]] = tuple,
) -> Kind[str, str]:
    """Return the kind for texts, validated by `check`, which raises for an invalid one.

    `names` are for shell completion.

    Examples
    --------
    >>> text().read(3, "arm")
    Traceback (most recent call last):
    ...
    eaesim.errors.ProtocolError: arm 3 is not a text.
    """

    def read(value: Content, place: str) -> str:
        if not isinstance(value, str):
            raise ProtocolError(f"{place} {shown(value)} is not a text.")
        if check is None:
            return value
        with within(place):
            return check(value)

    return Kind(read=read, metavar=metavar, schema={"type": "string"}, names=names)


def choice(noun: str, names: Iterable[str]) -> Kind[str, str]:
    """Return the kind for a choice of names.

    Examples
    --------
    >>> choice("correction", ["none", "holm"]).read("hlm", "correction")
    Traceback (most recent call last):
    ...
    eaesim.errors.UnknownNameError: correction: "hlm" is not a correction; did you mean "holm"? ...
    """
    allowed = tuple(names)

    def check(value: str) -> str:
        check_names([value], noun, allowed)
        return value

    return replace(text(check, names=lambda: allowed), schema={"enum": list(allowed)})


def listed(kind: Kind[Given, Value], *, least: int = 1) -> Kind[Iterable[Given], tuple[Value, ...]]:
    """Return the kind for non-empty lists (at least `least` items) without duplicates.

    On the command line commas separate the items; an item that contains one is put in double quotes.

    Examples
    --------
    >>> listed(count(2, 9)).read([3, 3], "sizes")
    Traceback (most recent call last):
    ...
    eaesim.errors.ProtocolError: sizes [3, 3] is not a list, each once, with something in it.
    >>> listed(text()).from_text('"day 0, twice",late')
    ['day 0, twice', 'late']
    """

    def read(value: Iterable[Given], place: str) -> tuple[Value, ...]:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise ProtocolError(f"{place} {shown(value)} is not a list, each once, with something in it.")
        items = list(value)
        if len(items) < least or len({str(item) for item in items}) < len(items):
            wanted = f"{least} or more" if least > 1 else "something"
            if items:
                raise ProtocolError(f"{place} {shown(items)} is not a list, each once, with {wanted} in it.")
            raise ProtocolError(f"{place} is empty; write {wanted} there.")
        try:
            return tuple(kind.read(item, place) for item in items)
        except QuantityError as error:
            joined = ",".join(str(item) for item in items)
            if (hint := slip_in(joined)) != "." and not joined[-1:].isdigit():
                raise QuantityError(f'{place} "{joined}" cannot be read{hint}') from error
            raise

    def from_text(given: str) -> list[Content]:
        parts = next(csv.reader(io.StringIO(given), skipinitialspace=True), [])
        return [kind.from_text(part.strip()) for part in parts]

    return Kind(
        read=read,
        metavar=f"{kind.metavar},...",
        schema={"type": "array", "items": dict(kind.schema), "minItems": least, "uniqueItems": True},
        write=lambda values: [kind.write(value) for value in values],
        from_text=from_text,
        names=kind.names,
    )


def several(kind: Kind[Given, Value], *, least: int = 1) -> Kind[Any, tuple[Value, ...]]:
    """Return the kind for one item or a list; the option is repeatable.

    Examples
    --------
    >>> several(text()).read("H1a", "mechanism")
    ('H1a',)
    """
    every = listed(kind, least=least)

    def read(value: Any, place: str) -> tuple[Value, ...]:
        is_one = isinstance(value, str | bytes) or not isinstance(value, Iterable)
        return every.read([value] if is_one else value, place)

    schema = {"anyOf": [dict(kind.schema), dict(every.schema)]}
    return replace(every, read=read, schema=schema, joined=operator.add)


def optional(kind: Kind[Given, Value]) -> Kind[Any, Value | None]:
    """Return a kind whose values may be None in a call; a file and the command line omit it.

    Examples
    --------
    >>> optional(count(1, 9)).read(None, "workers") is None
    True
    """

    def read(value: Given | None, place: str) -> Value | None:
        return None if value is None else kind.read(value, place)

    own: AnyKind = kind
    return replace(own, read=read, write=lambda value: None if value is None else kind.write(value))
