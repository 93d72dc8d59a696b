"""Units at the edge: text with a unit becomes a plain number in the model's unit."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from eaesim.errors import QuantityError, slip_in
from eaesim.files import Content

if TYPE_CHECKING:
    import pint

# Maximum length of a quantity.
LONGEST = 200
_NUMBER = re.compile(
    r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:inf(?:inity)?|nan))\s*(.*)$", re.IGNORECASE
)
# A unit is a few names joined by products or quotients, each perhaps to a small integer power. Pint evaluates
# any expression ("9**9**9"), so nothing else is passed to it.
_FACTOR = r"(?:1|%|[^\W\d_]+(?:_[^\W\d_]+)*)(?:\s*(?:\^|\*\*)\s*[-+]?\d)?"
_UNIT = re.compile(rf"\s*(?:{_FACTOR}(?:\s*[*/·]\s*{_FACTOR}|\s+(?!\d){_FACTOR}){{0,5}})?\s*")

# Frequent units and factors: Pint, which takes half a second to start, gives the same (tests/test_units.py).
KNOWN_UNITS = frozenset(
    (
        *("1/day", "day", "cell", "cell/day", "cell/g", "dimensionless", "g/kg", "mg/kg", "g/L", "mg/mL"),
        *("mL/kg", "mL/kg/day", "mL/mg", "mL/mg/day"),
    )
)
KNOWN_FACTORS = {
    ("g/kg", "mg/kg"): 1000.0,
    ("g/L", "mg/mL"): 1.0,
    ("h", "day"): 1 / 24,
    ("hour", "day"): 1 / 24,
    ("hours", "day"): 1 / 24,
    ("min", "day"): 1 / 1440,
    ("days", "day"): 1.0,
    ("week", "day"): 7.0,
    ("weeks", "day"): 7.0,
    ("month", "day"): 30.4375,
    ("months", "day"): 30.4375,
    ("year", "day"): 365.25,
    ("years", "day"): 365.25,
    ("%", "dimensionless"): 0.01,
}


@cache
def registry() -> pint.UnitRegistry[Any]:
    """Return the one unit registry, made on first use; it adds ``cell`` to Pint's own units."""
    import pint

    units: pint.UnitRegistry[Any] = pint.UnitRegistry()
    units.define("cell = [cell_count]")
    return units


@cache
def conversion(unit: str, target: str) -> float:
    """Return the factor that turns a number in `unit` into one in `target`.

    Raises
    ------
    QuantityError
        If a unit is unknown, or the two do not have the same dimension.

    Examples
    --------
    >>> conversion("g/kg", "mg/kg")
    1000.0
    """
    if unit == target and unit in KNOWN_UNITS:
        return 1.0
    return KNOWN_FACTORS.get((unit, target)) or _computed(unit, target)


def _computed(unit: str, target: str) -> float:
    """Return `conversion` of any two units."""
    import pint

    for text in (unit, target):
        if len(text) > LONGEST or not _UNIT.fullmatch(text):
            raise QuantityError(
                f'"{unit}" cannot be read as a unit; write names, one * or / between two, and small whole '
                f"powers, for example {target}."
            )
    try:
        # Pint cancels kg against g and calls a dose per body weight a plain ratio, so mass per mass
        # is compared with both sides spelt out: "mg" and "1" must not pass for "mg/kg".
        given, wanted = registry().parse_units(unit), registry().parse_units(target)
        if _per_mass(given) != _per_mass(wanted):
            raise pint.DimensionalityError(given, wanted)
        factor = float(registry().Quantity(1.0, given).to(wanted).magnitude)
    except pint.UndefinedUnitError as error:
        raise QuantityError(f'"{unit}" is not a unit known here; write for example {target}.') from error
    except pint.DimensionalityError as error:
        raise QuantityError(
            f'the unit "{unit or "none"}" does not fit; write for example {target}.'
        ) from error
    except Exception as error:  # Pint raises many error types on malformed text; the user needs one.
        raise QuantityError(f'"{unit}" cannot be read as a unit; write for example {target}.') from error
    # Factors between units are ratios of whole numbers: 1000, not 999.9999999999999.
    exact = float(Fraction(factor).limit_denominator(10**6))
    return exact if math.isclose(exact, factor, rel_tol=1e-12) else factor


def _per_mass(unit: pint.Unit) -> bool:
    powers: dict[str, Any] = dict(unit._units)
    mass = [registry().get_dimensionality(name) == {"[mass]": 1} for name in powers]
    return any(is_mass and power < 0 for is_mass, power in zip(mass, powers.values(), strict=True))


def number(text: Content, unit: str, *, what: str) -> float:
    """Read a quantity such as ``"1 g/kg"`` as a number in `unit`.

    Parameters
    ----------
    text
        A number followed by its unit; a bare number only where `unit` is ``"day"`` or dimensionless.
    unit
        Unit of the result.
    what
        Name of the quantity, for the message.

    Raises
    ------
    QuantityError
        If there is no number or no fitting unit, or the number is not finite.

    Examples
    --------
    >>> number("0.4 g/kg", "mg/kg", what="dose")
    400.0
    >>> number("4 h", "day", what="infusion length")
    0.16666666666666666
    """
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise QuantityError(f"{what} {text!r} is not a quantity; write for example 1 {unit}.")
    if isinstance(text, str) and len(text) > LONGEST:
        raise QuantityError(f'{what} "{text}" is not a quantity; write for example 1 {unit}.')
    shown = " ".join(str(text).split()) if isinstance(text, str) else text
    match = _NUMBER.match(shown) if isinstance(shown, str) else None
    if isinstance(shown, str) and match is None:
        if (hint := slip_in(shown)) == ".":
            hint = f"; write for example 1 {unit}."
        raise QuantityError(f'{what} "{shown}" does not start with a number{hint}')
    try:
        value, given = (float(match[1]), match[2].strip()) if match else (float(shown), "")
    except OverflowError as error:
        raise QuantityError(f"{what} is too large a number.") from error
    if not math.isfinite(value):
        raise QuantityError(f'{what} "{shown}" is not a finite number.')
    if not given and unit in ("day", "dimensionless"):
        return value
    if isinstance(shown, str) and given.startswith(",") and (hint := slip_in(shown)) != ".":
        raise QuantityError(f'{what} "{shown}" has a comma{hint}')
    if not given:
        raise QuantityError(f'{what} "{shown}" has no unit; write for example {abs(value):g} {unit}.')
    try:
        # Without a conversion the registry of units, which is slow to make, is not needed.
        result = value if given == unit else value * conversion(given, unit)
    except QuantityError as error:
        raise QuantityError(f'{what} "{shown}": {error}') from error
    if not math.isfinite(result):
        raise QuantityError(f'{what} "{shown}" is too large a number.')
    return result
