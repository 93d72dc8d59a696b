from __future__ import annotations

import libsbml
import pytest
import sympy

from eaesim.interop.formula import formula
from eaesim.model.symbols import steps, trace

A, B, C = sympy.symbols("a b c", real=True)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (A, "a"), (sympy.Integer(3), "3 dimensionless"), (-A, "-a"), (-A - B, "-a - b"), (B - A, "b - a"),
        (A * B / C, "a * b / c"), (A / (B * C), "a / (b * c)"), (1 / A, "1 dimensionless / a"),
        (A**2 / (1 + B**2), "a^2 / (b^2 + 1 dimensionless)"), (-(A - B) / C, "(b - a) / c"),
        (A / 5, "a / 5 dimensionless"), (2 ** (A / 5), "2 dimensionless^(a / 5 dimensionless)"),
        ((A + B) * (A - B), "(a + b) * (a - b)"), (A / B**2, "a / b^2"), (-3 * A, "-3 dimensionless * a"),
    ],
)  # fmt: skip
def test_a_formula_reads_like_this(expression: sympy.Expr, text: str) -> None:
    assert formula(expression) == text


def _back(text: str, names: dict[str, sympy.Symbol]) -> sympy.Expr:
    return sympy.sympify(text.replace(" dimensionless", "").replace("^", "**"), locals=names)


def test_every_equation_reads_back_as_itself() -> None:
    shared, rates = steps()
    traced = trace()
    names = {symbol.name: symbol for symbol in (*traced.state, *traced.parameters)}
    names |= {name: sympy.Symbol(name, real=True) for name in shared}
    for name, expression in {**shared, **rates._asdict()}.items():
        assert sympy.expand(_back(formula(expression), names) - expression) == 0, name
        assert libsbml.parseL3Formula(formula(expression)) is not None, name


def test_no_number_is_without_a_unit() -> None:
    def bare(node: libsbml.ASTNode) -> bool:
        exponent = node.getType() in (libsbml.AST_POWER, libsbml.AST_FUNCTION_POWER)
        parts = [node.getChild(index) for index in range(node.getNumChildren())]
        # A whole exponent is a count, not a quantity.
        parts = parts[:1] if exponent and parts[1].isInteger() else parts
        return (node.isNumber() and not node.hasUnits()) or any(map(bare, parts))

    assert bare(libsbml.parseL3Formula("1 + a"))
    shared, rates = steps()
    for name, expression in {**shared, **rates._asdict()}.items():
        assert not bare(libsbml.parseL3Formula(formula(expression))), name
