"""The files that each question writes, and what every column of them holds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pages.markdown import page, prose, table

COLUMNS = Path(__file__).with_name("columns.toml")
_EVERY = [
    [
        "`manifest.json`",
        "question, settings, versions, fingerprint, command and result; a hash of every file",
    ],
    [
        "`NAME.png`, `NAME.svg`",
        "each figure, at the width of a journal's column; the letters of the SVG stay letters",
    ],
    ["`report.html`", "after `eaesim report FOLDER`: one page that holds all of it and needs no network"],
]


def pages() -> dict[str, str]:
    """Return the pages of the files by path."""
    found = {f"reference/files/{name}.md": _question(name) for name in _content()["files"]}
    return found | {"reference/files.md": _index()}


@cache
def _content() -> Mapping[str, Any]:
    return tomllib.loads(COLUMNS.read_text(encoding="utf-8"))


def files_of(question: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the files of a question by name, with what they are about and their columns.

    Examples
    --------
    >>> list(files_of("schedule"))
    ['schedule.csv']
    """
    found: Mapping[str, Mapping[str, Any]] = _content()["files"].get(question, {})
    return found


def column_text(question: str, column: str) -> str:
    """Return what a column of a question holds.

    Examples
    --------
    >>> column_text("timing", "day")
    'Day of the dose, counted from the induction in `around`.'
    """
    columns: Mapping[str, str] = _content()["columns"]
    return columns.get(f"{column} @ {question}") or columns[column]


def _index() -> str:
    from eaesim.workbench.question import questions

    rows = [
        [f"[`eaesim {questions()[name].verb}`](files/{name}.md)", ", ".join(f"`{file}`" for file in own)]
        for name, own in _content()["files"].items()
    ]
    tree = "\n".join(
        ["```{toctree}", ":hidden:", "", *(f"files/{name}" for name in _content()["files"]), "```"]
    )
    intro = (
        "A verb that computes writes its tables as CSV with a header of names, long tables as Parquet. "
        "An empty cell is "
        "a value that does not exist, never a zero. Besides its own tables, each folder holds:"
    )
    return page(
        "Files and columns", intro, table(["file", "what it holds"], _EVERY), "## By question",
        table(["question", "files"], rows), tree,
    )  # fmt: skip


def _question(name: str) -> str:
    from eaesim.workbench.question import questions

    parts = []
    for file, own in files_of(name).items():
        parts += [f"## `{file}`", prose(own["about"]), _columns(name, own.get("columns", ()))]
    return page(f"Files of eaesim {questions()[name].verb}", *parts)


def _columns(name: str, columns: Sequence[str]) -> str:
    if not columns:
        return ""
    return table(
        ["column", "what it holds"], [[f"`{one}`", prose(column_text(name, one))] for one in columns]
    )
