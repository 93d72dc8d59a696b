"""Pieces of MyST Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# What Markdown would read as markup in plain words.
_MARKUP = re.compile(r"([\\`*_\[\]<>{}$|#~])")


def plain(text: str) -> str:
    r"""Return a text in which nothing is markup.

    Examples
    --------
    >>> print(plain("a_b * [c]"))
    a\_b \* \[c\]
    """
    return _MARKUP.sub(r"\\\1", text)


def prose(text: str) -> str:
    r"""Return a text of the package: its code between backquotes stays code, the rest is plain.

    Examples
    --------
    >>> print(prose("a_b and `c_d`"))
    a\_b and `c_d`
    """
    parts = re.split(r"(`[^`]+`)", text.replace("``", "`"))
    return "".join(part if part.startswith("`") and len(part) > 2 else plain(part) for part in parts)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, widths: str = "auto") -> str:
    """Return a table whose cells are Markdown.

    Examples
    --------
    >>> print(table(["a", "b"], [["1", "2"]]))
    ::::{list-table}
    :header-rows: 1
    :widths: auto
    <BLANKLINE>
    * - a
      - b
    * - 1
      - 2
    ::::
    """
    lines = ["::::{list-table}", ":header-rows: 1", f":widths: {widths}", ""]
    for row in (head, *rows):
        for place, cell in enumerate(row):
            text = re.sub(r"\n(?=.)", "\n    ", cell)
            lines.append(f"{'* ' if place == 0 else '  '}- {text}".rstrip())
    return "\n".join([*lines, "::::"])


def terms(entries: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return terms, each with its paragraphs.

    Examples
    --------
    >>> print(terms([("number", ["8"])]))
    number
    : 8
    """
    found = []
    for term, paragraphs in entries:
        first, *rest = [text for text in paragraphs if text] or ["-"]
        found.append("\n\n".join([f"{term}\n: {first}", *(f"  {text}" for text in rest)]))
    return "\n\n".join(found)


def directive(name: str, argument: str = "", body: str = "", **options: str) -> str:
    """Return a directive.

    Examples
    --------
    >>> print(directive("code-block", "toml", "a = 1"))
    ```{code-block} toml
    <BLANKLINE>
    a = 1
    ```
    """
    named = [f":{key.replace('_', '-')}: {value}".rstrip() for key, value in options.items()]
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`{3,}", body)), 3)
    content = ["", body] if body else []
    return "\n".join([f"{fence}{{{name}}} {argument}".rstrip(), *named, *content, fence])


def page(title: str, *parts: str) -> str:
    """Return a page."""
    return "\n\n".join([f"# {title}", *(part for part in parts if part)]) + "\n"
