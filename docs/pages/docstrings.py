"""A Sphinx extension: types and errors in docstrings, docstrings of properties, and long defaults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

# A default of many numbers.
_MANY = re.compile(r"\((-?[\d.]+), [-\d., ]{40,}, (-?[\d.]+)\)")
_PROPERTIES = ("property", "attribute", "data")


def resolved(app: Sphinx, env: BuildEnvironment, node: Any, shown: nodes.Element) -> nodes.Element | None:
    """Return the link of an error, which docstrings name without its module; a type stays text.

    Every reference to a class comes from a type: docstrings write names of their own as code. Types of
    other libraries have no page here, because building asks nothing of any network; nor have types inside
    the package.
    """
    if node.get("refdomain") != "py":
        return None
    if node["reftype"] == "exc" and "." not in node["reftarget"]:
        target = f"eaesim.errors.{node['reftarget']}"
        return env.domains.python_domain.resolve_xref(
            env, node["refdoc"], app.builder, "exc", target, node, shown
        )
    return shown if node["reftype"] == "class" else None


def separated(_: Sphinx, what: str, *rest: Any) -> None:
    """Keep what stands before a colon in a docstring of a property from being read as its type."""
    lines: list[str] = rest[-1]
    if what in _PROPERTIES and lines:
        lines.insert(0, "")


def shortened(_: Sphinx, *given: Any) -> tuple[str, None] | None:
    """Return a signature in which a default of many numbers shows its ends."""
    signature: str | None = given[4]
    return None if signature is None else (_MANY.sub(r"(\1, ..., \2)", signature), None)


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what is here."""
    app.connect("missing-reference", resolved)
    app.connect("autodoc-process-docstring", separated, priority=400)
    app.connect("autodoc-process-signature", shortened)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
