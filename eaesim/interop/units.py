"""Units in SBML: Pint units as products of SBML base units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eaesim.files import Unchecked
from eaesim.units import registry

if TYPE_CHECKING:
    from libsbml import Model
    from pint.facets.plain import PlainUnit as Unit
    from sympy import Expr

# Pint's name: its form in an identifier, and SBML's kind, scale (power of ten) and multiplier. The order
# is that of identifiers. A kilogram is body weight; SBML has no separate dimension for it.
_KINDS = {
    "milligram": ("mg", "gram", -3, 1.0),
    "milliliter": ("mL", "litre", -3, 1.0),
    "cell": ("cell", "item", 0, 1.0),
    "kilogram": ("kg", "kilogram", 0, 1.0),
    "day": ("day", "second", 0, 86400.0),
}
DIMENSIONLESS = "dimensionless"


def unit_of(expression: Expr, units: Mapping[str, Unit]) -> Unit:
    """Return the unit of an expression of symbols, as a Pint unit.

    Examples
    --------
    >>> import sympy
    >>> dose, volume = sympy.symbols("dose volume")
    >>> read = registry().parse_units
    >>> identifier(unit_of(2 * dose / volume, {"dose": read("mg/kg"), "volume": read("mL/kg")}))
    'mg_per_mL'
    """
    if expression.is_Symbol:
        return units[expression.name]
    if expression.is_Add:
        return unit_of(expression.args[0], units)
    if expression.is_Pow and expression.exp.is_Integer:
        return unit_of(expression.base, units) ** int(expression.exp)
    result = registry().parse_units("")
    for factor in expression.args if expression.is_Mul else ():
        result *= unit_of(factor, units)
    return result


def identifier(unit: Unit) -> str:
    """Return the identifier of a unit in the file: ``mg/kg/day`` is ``mg_per_kg_per_day``.

    Examples
    --------
    >>> identifier(registry().parse_units("1/day"))
    'per_day'
    """
    powers = _powers(unit)
    above = [_raised(name, power) for name, power in powers.items() if power > 0]
    below = [f"per_{_raised(name, -power)}" for name, power in powers.items() if power < 0]
    return "_".join((*above, *below)) or DIMENSIONLESS


def add_definition(model: Model, unit: Unit) -> str:
    """Return the identifier of a unit, defining it in a libSBML model on first use."""
    import libsbml

    name = identifier(unit)
    if name != DIMENSIONLESS and model.getUnitDefinition(name) is None:
        definition = model.createUnitDefinition()
        definition.setId(name)
        for part, power in _powers(unit).items():
            _, kind, scale, multiplier = _KINDS[part]
            factor = definition.createUnit()
            factor.setKind(libsbml.UnitKind_forName(kind))
            factor.setExponent(power)
            factor.setScale(scale)
            factor.setMultiplier(multiplier)
    return name


def _powers(unit: Unit) -> dict[str, int]:
    powers: Unchecked = dict(unit._units)
    return {name: int(powers[name]) for name in _KINDS if name in powers}


def _raised(name: str, power: int) -> str:
    return _KINDS[name][0] if power == 1 else f"{_KINDS[name][0]}{power}"
