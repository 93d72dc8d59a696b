"""Numbers of a protocol, read strictly and written in readable form."""

from __future__ import annotations

import math
import operator
import reprlib
from collections.abc import Sequence
from numbers import Real
from typing import SupportsIndex

from eaesim.errors import QuantityError
from eaesim.files import Content
from eaesim.units import conversion, number

#: Largest distance of a time from day 0, so that a typing error does not cause a run of hours.
LONGEST_DAYS = 10_000


def quantity(value: Content, unit: str, *, what: str) -> float:
    """Read a number or a text with a unit as a finite number in `unit`, not below 0.

    Examples
    --------
    >>> quantity("1 g/kg", "mg/kg", what="dose")
    1000.0
    """
    result = _finite(value, unit, what)
    if result < 0:
        raise QuantityError(f'{what} "{value}" is negative; the least is 0.')
    return result


def days(value: Content, *, what: str) -> float:
    """Read a time as a number of days: ``3``, ``"12 h"`` or ``"3 day"``; it may be negative.

    Raises
    ------
    QuantityError
        If it is not a time, or further than `LONGEST_DAYS` from day 0.

    Examples
    --------
    >>> days("12 h", what="day")
    0.5
    """
    result = _finite(value, "day", what)
    if abs(result) > LONGEST_DAYS:
        raise QuantityError(
            f'{what} "{value}" is out of range; allowed: -{LONGEST_DAYS} to {LONGEST_DAYS} days.'
        )
    return result


def _is_bare(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def length(value: Content, *, what: str) -> float:
    """Read a length of time as days, more than 0.

    Examples
    --------
    >>> length("6 h", what="infusion length")
    0.25
    """
    if isinstance(value, str) and _is_bare(value):
        raise QuantityError(f'{what} "{value}" has no unit; write for example {value.strip()} h.')
    result = days(value, what=what)
    if result <= 0:
        raise QuantityError(f'{what} "{value}" is not a length of time above 0.')
    return result


def span(value: Content, *, what: str) -> int:
    """Read a length of time with its unit as whole days, the nearest: ``"2 years"`` are 730.

    Raises
    ------
    QuantityError
        If it has no unit, is not a time, or is shorter than half a day.

    Examples
    --------
    >>> span("2 years", what="run_in"), span("6 week", what="run_in")
    (730, 42)
    """
    if not isinstance(value, str) or _is_bare(value):
        given = value if isinstance(value, str) else shown(value)
        raise QuantityError(f'{what} {given} has no unit; write for example "2 years" or "14 day".')
    result = round(length(value, what=what))
    if result < 1:
        raise QuantityError(f'{what} "{value}" is shorter than a day.')
    return result


def whole_days(value: Content, *, what: str, least: int) -> int:
    """Read a time that must be a whole number of days, such as the end of a study.

    Examples
    --------
    >>> whole_days("2 day", what="after", least=0)
    2
    """
    result = days(value, what=what)
    if result < least or not result.is_integer():
        raise QuantityError(f'{what} "{value}" is not a whole number of days of at least {least}.')
    return int(result)


def count(value: Content, *, what: str, least: int, most: int) -> int:
    """Read a whole number between `least` and `most`.

    Raises
    ------
    QuantityError
        If it is not a whole number (``True`` and ``2.0`` are not), or out of range.

    Examples
    --------
    >>> count(5, what="doses", least=1, most=1000)
    5
    """
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        result = operator.index(value)
        if least <= result <= most:
            return result
    raise QuantityError(f"{what} {shown(value)} is not a whole number from {least} to {most}.")


def shown(value: object) -> str:
    """Return a short text for any value, for a message.

    Examples
    --------
    >>> shown(10**5000), shown([3])
    ('a number of more than 4,000 digits', '[3]')
    """
    try:
        return reprlib.repr(value)
    except ValueError:  # Python does not print an integer of this length
        return "a number of more than 4,000 digits"


def quantity_text(value: float, unit: str, choices: Sequence[str]) -> str:
    """Write a number in the first unit of `choices` whose short text reads back as the same number.

    Examples
    --------
    >>> quantity_text(400.0, "mg/kg", ["g/kg"])
    '0.4 g/kg'
    """
    for choice in choices:
        text = f"{value / conversion(choice, unit):.12g} {choice}"
        if number(text, unit, what="") == value:
            return text
    return f"{number_text(value)} {unit}"


def dose_text(amount: float) -> str:
    """Write an amount in mg/kg, as g/kg from 100 mg/kg on.

    Examples
    --------
    >>> dose_text(1000.0), dose_text(5.0)
    ('1 g/kg', '5 mg/kg')
    """
    return quantity_text(amount, "mg/kg", ["g/kg"] if amount >= 100 else ["mg/kg"])


def duration_text(time: float) -> str:
    """Write a length of time in days, as hours below one day.

    Examples
    --------
    >>> duration_text(7.0), duration_text(1 / 6)
    ('7 day', '4 h')
    """
    return quantity_text(time, "day", ["day", "h"] if time >= 1 else ["h", "min", "day"])


def number_text(value: float) -> str:
    """Write the shortest text that reads back as the same number.

    Examples
    --------
    >>> number_text(3.0), number_text(0.5)
    ('3', '0.5')
    """
    return repr(float(value)).removesuffix(".0")


def _finite(value: Content, unit: str, what: str) -> float:
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            value = float(value)  # NumPy's integers too
        except OverflowError as error:
            raise QuantityError(f"{what} is too large a number.") from error
    result = number(value, unit, what=what)
    if not math.isfinite(result):
        raise QuantityError(f'{what} "{value}" is too large a number.')
    return result + 0.0  # -0.0 becomes 0.0
