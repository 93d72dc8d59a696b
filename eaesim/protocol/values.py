"""The values that a setting takes in a sweep: a list of them, or a range of numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real

from eaesim.errors import ProtocolError, QuantityError, check_names
from eaesim.files import Content, Unchecked, check_table, needed, within
from eaesim.protocol.quantity import count, number_text, shown
from eaesim.protocol.tables import plain_number
from eaesim.units import LONGEST

SCALES = ("linear", "log")
MOST_VALUES = 10_000
_RANGE_KEYS = ("low", "high", "points", "scale")
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\s\d].*?)\s*")
# Digits of a value between the ends of a range: easy to type, and the same on every machine.
_DIGITS = 12

Value = int | float | str


@dataclass(frozen=True)
class Values:
    """The values of one path: a list.

    Attributes
    ----------
    listed
        Values as in a study file.
    """

    listed: tuple[Value, ...]

    def at(self, share: float) -> Value:
        """Return the value at a fraction, from 0 to less than 1, of the list.

        Examples
        --------
        >>> Values(("H1a", "H1b")).at(0.5)
        'H1b'
        """
        return self.listed[int(share * len(self.listed))]

    def tried(self) -> tuple[Value, ...]:
        """Return the values that are checked before a run: all."""
        return self.listed

    def table(self) -> Content:
        """Return the form in a study file."""
        return list(self.listed)


@dataclass(frozen=True)
class Range:
    """The values of one path: numbers between two ends, optionally followed by the same words.

    Attributes
    ----------
    low, high
        Ends, both included.
    words
        Text after each number, such as ``"g/kg over 4 h"``; ``""`` for bare numbers.
    scale
        ``"linear"``, or ``"log"``: equal steps are equal ratios.
    points
        Number of grid points; None for a sample.
    """

    low: float
    high: float
    words: str = ""
    scale: str = "linear"
    points: int | None = None

    @cached_property
    def listed(self) -> tuple[Value, ...]:
        """The values in a grid; none for a sample."""
        last = (self.points or 1) - 1
        return tuple(self.at(place / last) for place in range(self.points or 0))

    def at(self, share: float) -> Value:
        """Return the value at a fraction of the range from `low` to `high`.

        Examples
        --------
        >>> Range(0.1, 10, "g/kg", "log").at(0.5), Range(-7, 14).at(1 / 3)
        ('1 g/kg', 0)
        """
        if share in (0.0, 1.0):
            value = self.high if share else self.low
        elif self.scale == "log":
            value = math.exp((1.0 - share) * math.log(self.low) + share * math.log(self.high))
            value = round(value, _DIGITS - math.ceil(math.log10(value)))
        else:
            value = (1.0 - share) * self.low + share * self.high
            value = round(value, _DIGITS - math.ceil(math.log10(max(abs(self.low), abs(self.high)))))
        value = min(max(value, self.low), self.high)
        return f"{number_text(value)} {self.words}" if self.words else plain_number(value)

    def tried(self) -> tuple[Value, ...]:
        """Return the values that are checked before a run: those of a grid, or both ends."""
        return self.listed or (self.at(0.0), self.at(1.0))

    def table(self) -> dict[str, Content]:
        """Return the form in a study file."""
        own: dict[str, Content] = {"low": self.at(0.0), "high": self.at(1.0)}
        own |= {} if self.points is None else {"points": self.points}
        return own if self.scale == "linear" else own | {"scale": self.scale}


def read_values(path: str, given: Content, *, is_grid: bool | None = None) -> Values | Range:
    """Read the values of a path: a list, or a range; `check_points` decides unless told whether it is a grid.

    Examples
    --------
    >>> read_values("until", [20, 40], is_grid=True).listed
    (20, 40)
    """
    with within(f'"{path}"'):
        if isinstance(given, Mapping):
            found = _read_range(check_table(given, "the range", _RANGE_KEYS))
            return found if is_grid is None else check_points(found, is_grid=is_grid)
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ProtocolError(
                f"{given!r} is neither a list of values "
                "nor a range such as { low = 1, high = 2, points = 3 }."
            )
        listed = tuple(_value(value) for value in given)
        if not listed:
            raise ProtocolError("the list of values is empty.")
        seen: set[Value] = set()
        for value in listed:
            if value in seen:
                raise ProtocolError(f"{value!r} is in the list twice.")
            seen.add(value)
        return Values(listed)


def _value(given: Content) -> Value:
    if isinstance(given, str) and given.strip() and given.isprintable() and len(given) <= LONGEST:
        return given
    if isinstance(given, Integral) and not isinstance(given, bool) and abs(int(given)) < 2**63:
        return int(given)
    if isinstance(given, Real) and not isinstance(given, Integral) and math.isfinite(given):
        return plain_number(float(given))
    raise ProtocolError(f"{shown(given)} is not a finite number or a short text.")


def check_points(values: Values | Range, *, is_grid: bool) -> Values | Range:
    """Return the values if they are valid: a grid needs a number of points, a sample has none."""
    if isinstance(values, Range) and is_grid and values.points is None:
        raise ProtocolError('the range has no "points".')
    if isinstance(values, Range) and not is_grid and values.points is not None:
        raise ProtocolError('"points" is for a grid; of a sample, "samples" says how many there are.')
    return values


def _read_range(given: Unchecked) -> Range:
    for key in ("low", "high"):
        needed(given, key, "the range")
    scale = given.get("scale", SCALES[0])
    check_names([scale], "scale", SCALES)
    (low, words), (high, others) = _end(given["low"]), _end(given["high"])
    if words != others:
        raise QuantityError(
            f'"{given["low"]}" and "{given["high"]}" must differ in the number alone; write the same unit.'
        )
    if not low < high:
        raise QuantityError(f"low = {given['low']} must lie below high = {given['high']}.")
    if scale == "log" and low <= 0:
        raise QuantityError(f"a log scale needs low above 0; given: {given['low']}.")
    points = given.get("points")
    if points is not None:
        points = count(points, what="points", least=2, most=MOST_VALUES)
    return Range(low, high, words, scale, points)


def _end(given: Content) -> tuple[float, str]:
    value = _value(given)
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if isinstance(value, str) and match is None:
        raise QuantityError(f'"{value}" is not a number, or a number and a unit such as "1 g/kg".')
    number, words = (float(match[1]), " ".join(match[2].split())) if match else (float(value), "")
    if not math.isfinite(number):
        raise QuantityError(f'"{value}" is too large a number.')
    return number, words
