"""Doses and dosing days of questions that make their own studies: single ones, lists, and ranges of days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from eaesim.errors import ProtocolError, QuantityError
from eaesim.files import Content, Table, within
from eaesim.protocol import Bolus, Infusion
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.kinds import day, listed
from eaesim.protocol.quantity import days as read_day
from eaesim.protocol.quantity import shown
from eaesim.protocol.settings import Kind, Setting
from eaesim.units import LONGEST

Dose = Bolus | Infusion
DosingDays = Setting[str | float | Iterable[float | str], tuple[float, ...]]

_DAYS = re.compile(r"\s*([-+]?[\d.]+)\s*(?::\s*([-+]?[\d.]+)\s*)?(?::\s*([-+]?[\d.]+)\s*)?")
MOST_DAYS = 1_000


def read_dose(value: object, place: str = "dose") -> Dose:
    """Read a dose as a study file has it, with its length and its repeats.

    Examples
    --------
    >>> read_dose("0.4 g/kg every 1 day x 5").doses
    5
    """
    if not isinstance(value, str | Dose):
        raise ProtocolError(f'{place} {shown(value)} is not a dose; write for example "1 g/kg".')
    with within(place):
        return parse_dose(value) if isinstance(value, str) else value


def read_days(value: float | Iterable[float | str], place: str = "days") -> tuple[float, ...]:
    """Read dosing days: ``"-7:14"``, both ends included, ``"-7:14:3"`` with a step, one day, or several.

    Raises
    ------
    QuantityError
        If it cannot be read, runs backwards, or has a step of 0.
    ProtocolError
        If there is none.

    Examples
    --------
    >>> read_days("-1:1"), read_days([3, 0])
    ((-1.0, 0.0, 1.0), (0.0, 3.0))
    """
    if isinstance(value, str):
        return _range(value, place)
    items = value if isinstance(value, Iterable) and not isinstance(value, Mapping | bytes) else [value]
    found = tuple(sorted({read_day(item, what=place) for item in items}))
    if not found:
        raise ProtocolError(f"{place} {shown(value)} holds no dosing day; give at least one, such as 0.")
    return found


def _range(value: str, place: str) -> tuple[float, ...]:
    match = None if len(value) > LONGEST else _DAYS.fullmatch(value)
    try:
        numbers = [float(part) for part in match.groups() if part] if match else []
    except ValueError:
        numbers = []
    if not numbers:
        raise QuantityError(
            f'{place} "{value}" cannot be read; write FIRST:LAST or FIRST:LAST:STEP, such as -7:14.'
        )
    first, last = (read_day(each, what=place) for each in (numbers[0], numbers[min(len(numbers), 2) - 1]))
    step = numbers[2] if len(numbers) > 2 else 1.0
    if last < first:
        raise QuantityError(f'{place} "{value}" run backwards; write {last:g}:{first:g}.')
    if step <= 0:
        raise QuantityError(f'{place} "{value}" have a step of {step:g}; it must be above 0.')
    if (last - first) / step > MOST_DAYS:
        raise QuantityError(f'{place} "{value}" are more than {MOST_DAYS}; give fewer, or a larger step.')
    return tuple(float(day) for day in np.round(np.arange(first, last + step * 1e-9, step), 9))


def dosing_days() -> Kind[str | float | Iterable[float | str], tuple[float, ...]]:
    """Return the kind of dosing days, as `read_days` reads them.

    Examples
    --------
    >>> dosing_days().metavar
    'A:B[:STEP]'
    """
    each: Table = {"type": ["number", "string"]}
    schema: Table = {"anyOf": [each, {"type": "array", "items": each, "minItems": 1}], "examples": ["-7:14"]}

    def from_text(given: str) -> Content:
        return listed(day()).from_text(given) if "," in given else given

    return Kind(read=read_days, metavar="A:B[:STEP]", schema=schema, write=list, from_text=from_text)
