"""The equations of the model as MathML, which a browser renders; traced from the code that runs.

Tracing takes seconds, so what it gave is shipped, with a stamp of the code that it was traced from. Where the
code is another, the equations are traced again. `ship_equations` makes the shipped file.
"""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from eaesim.model.state import STATES

if TYPE_CHECKING:
    from xml.dom.minidom import Element

    from sympy import Expr, Symbol
    from sympy.printing.mathml import MathMLPresentationPrinter

# What the equations and their markup are made from, this file apart.
_SOURCES = (
    *("action", "antibody", "antigen", "drug", "effectors", "equations", "ivig", "kinetics", "lesion"),
    *("parameters", "priming", "processes", "regulation", "score", "state", "symbols", "treatment"),
)
_SHIPPED = files("eaesim.workbench.report") / "data" / "equations.json"


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation.

    Attributes
    ----------
    name
        Name of the state, or of the intermediate quantity.
    title
        Its meaning in words; empty for an intermediate quantity.
    markup
        A MathML element.
    """

    name: str
    title: str
    markup: str


@cache
def equations() -> tuple[Equation, ...]:
    """Return every equation: the quantities on the way, then the rate of change of each state (per day).

    Examples
    --------
    >>> next(one.title for one in equations() if one.name == "igg_plasma") == STATES["igg_plasma"].title
    True
    """
    shipped = json.loads(_SHIPPED.read_text(encoding="utf-8"))
    if shipped["stamp"] == stamp():
        return tuple(Equation(**each) for each in shipped["equations"])
    return trace_equations()


def stamp() -> str:
    """Return a fingerprint of the code that the equations are traced from; comments and docstrings are free.

    Examples
    --------
    >>> len(stamp())
    64
    """
    texts = [(files("eaesim.model") / f"{name}.py").read_text(encoding="utf-8") for name in _SOURCES]
    texts.append((files("eaesim.workbench.report") / "equations.py").read_text(encoding="utf-8"))
    drug = (files("eaesim.model") / "drugs" / "ivig.toml").read_text(encoding="utf-8")
    code = "\n".join((*map(_code, texts), drug))
    return hashlib.sha256(code.encode()).hexdigest()


def _code(text: str) -> str:
    """Return the code of a module, independent of comments, docstrings and line ends."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [each for each in body if not _is_text(each)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def trace_equations() -> tuple[Equation, ...]:
    """Trace every equation from the code; `equations` says what comes of it."""
    from eaesim.model.symbols import steps

    shared, rates = steps()
    printer = _printer(frozenset(shared))
    found = [
        Equation(name, "", _math(f"<mrow>{_symbol(name, 'shared')}</mrow>", value, printer))
        for name, value in shared.items()
    ]
    for name, value in rates._asdict().items():
        left = f"<mfrac><mi>d</mi><mrow><mi>d</mi><mi>t</mi></mrow></mfrac>{_symbol(name, 'state')}"
        found.append(Equation(name, STATES[name].title, _math(f"<mrow>{left}</mrow>", value, printer)))
    return tuple(found)


def _math(left: str, right: Expr, printer: MathMLPresentationPrinter) -> str:
    """Return an equation with one term per line, gains before losses."""
    import sympy

    terms = sympy.Add.make_args(sympy.factor_terms(right, sign=False))
    lines: list[str] = []
    for term in sorted(terms, key=lambda term: term.could_extract_minus_sign()):
        is_loss = term.could_extract_minus_sign()
        form = '<mo form="infix">' if lines else "<mo>"
        sign = f"{form}−</mo>" if is_loss else f"{form}+</mo>" if lines else ""
        lines.append(sign + printer.doprint(-term if is_loss else term))
    rows = [
        f"<mtr><mtd>{left if row == 0 else ''}</mtd><mtd>{'<mo>=</mo>' if row == 0 else ''}</mtd>"
        f"<mtd><mrow>{line}</mrow></mtd></mtr>"
        for row, line in enumerate(lines)
    ]
    return f'<math display="block"><mtable displaystyle="true">{"".join(rows)}</mtable></math>'


def _symbol(name: str, kind: str) -> str:
    return f'<mi class="{kind}">{name.replace("_", " ")}</mi>'


def _printer(shared: frozenset[str]) -> MathMLPresentationPrinter:
    from sympy.printing.mathml import MathMLPresentationPrinter

    class Printer(MathMLPresentationPrinter):  # type: ignore[misc]
        """Prints a name as words; states upright, parameters slanted."""

        def _print_Symbol(self, symbol: Symbol) -> Element:  # noqa: N802
            element: Element = self.dom.createElement("mi")
            kind = "state" if symbol.name in STATES else "shared" if symbol.name in shared else "parameter"
            element.setAttribute("class", kind)
            element.appendChild(self.dom.createTextNode(symbol.name.replace("_", " ")))
            return element

    return Printer({"mul_symbol": "dot", "order": "none"})


def ship_equations() -> None:
    """Write the file that is shipped; needed where the equations, or how they are set, change."""
    content = {"stamp": stamp(), "equations": [asdict(each) for each in trace_equations()]}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    Path(str(_SHIPPED)).write_text(text, encoding="utf-8")
