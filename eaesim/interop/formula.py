"""Expressions as text that libSBML reads, every number with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sympy import Expr


def formula(expression: Expr) -> str:
    """Return a SymPy expression in SBML's infix notation; integers stay integers.

    Parameters
    ----------
    expression
        Sums, products and powers of symbols and rational numbers.

    Examples
    --------
    >>> import sympy
    >>> amount, half = sympy.symbols("amount half")
    >>> formula(1 - amount**2 / (half + amount))
    '1 dimensionless - amount^2 / (amount + half)'
    """
    if expression.is_Add:
        terms = sorted(map(formula, expression.as_ordered_terms()), key=lambda term: term.startswith("-"))
        return " + ".join(terms).replace("+ -", "- ")
    return _product(expression)


def _product(expression: Expr) -> str:
    import sympy

    above, below = sympy.fraction(expression, exact=True)
    if expression.could_extract_minus_sign() and (above.is_Mul or above.is_Number):
        return f"-{_product(-above / below)}"
    factors = [_factor(factor) for factor in sympy.Mul.make_args(above) if factor != 1] or [_number(1)]
    text = " * ".join(factors)
    if below == 1:
        return text
    divisors = [_factor(factor) for factor in sympy.Mul.make_args(below)]
    return f"{text} / {divisors[0] if len(divisors) == 1 else '(' + ' * '.join(divisors) + ')'}"


def _factor(expression: Expr) -> str:
    if expression.is_Integer:
        return _number(int(expression))
    if expression.is_Symbol:
        return str(expression.name)
    if expression.is_Pow and expression.exp.is_Integer:
        return f"{_factor(expression.base)}^{int(expression.exp)}"
    if expression.is_Pow:
        return f"{_factor(expression.base)}^({formula(expression.exp)})"
    return f"({formula(expression)})"


def _number(value: int) -> str:
    return f"{value} dimensionless"
