"""The published findings with their citations and verdicts, and the bibliography."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from pages.markdown import page, plain, prose, table, terms
from pages.places import anchor, explained
from pages.verdicts import verdict_of, verdict_source

# An address in a citation, which becomes a link.
_ADDRESS = re.compile(r"https?://[^\s;,]+[^\s;,.)]")
_INTRODUCTION = """\
Every number that the model is compared with, and every statement in words, is a *finding* with a code. The
code is a link wherever it is used on these pages; in a terminal, `eaesim show A1` prints the same entry. No
full text was read; each source says which parts of it were, and what is from memory."""
_VERDICTS = """\
A finding with a number **agrees** if it lies in the 90 % predictive interval and that interval excludes the
opposite finding (no effect where the paper saw one; half of the control where it saw none). It
**disagrees** if it lies outside. It is **inconclusive** if the opposite finding lies inside too. Words such
as "suppressed" have thresholds, which are assumed. A finding that was used to calibrate is no test of the
model."""


def pages() -> dict[str, str]:
    """Return the pages of the evidence by path."""
    from eaesim.cli.explanation import TABLES

    found = {f"evidence/{letter.casefold()}.md": _table_page(letter) for letter in TABLES if letter != "F"}
    found["evidence/f.md"] = _parameters_page()
    found["evidence/sources.md"] = _sources_page()
    return found | {"evidence/index.md": _index(TABLES)}


def _index(letters: Mapping[str, str]) -> str:
    rows = [[f"[{letter}]({letter.casefold()}.md)", plain(title)] for letter, title in letters.items()]
    tree = "\n".join(
        [
            "```{toctree}",
            ":hidden:",
            "",
            *(one.casefold() for one in letters),
            "s",
            "t",
            "trials",
            "sources",
            "```",
        ]
    )
    return page(
        "Evidence",
        _INTRODUCTION,
        table(
            ["table", "what it holds"],
            [
                *rows,
                ["[S](s.md)", "Claims of a review of trials"],
                ["[T](t.md)", "Published rows of trials in patients"],
                ["[Trials](trials.md)", "every trial, and how it is simulated"],
                ["[Sources](sources.md)", "every paper, and what of it was read"],
            ],
        ),
        "## How a finding is judged",
        f"{_VERDICTS} {verdict_source()}",
        tree,
    )


@cache
def _rows() -> Mapping[str, list[str]]:
    """Return the rows of each table, each once, in the order of their numbers."""
    from eaesim.evidence import load_findings

    found: dict[str, dict[str, None]] = {}
    for one in load_findings():
        found.setdefault(one.table, {})[one.row] = None
    return {letter: sorted(rows, key=_number) for letter, rows in found.items()}


def _number(row: str) -> tuple[int, str]:
    digits = re.findall(r"\d+", row)
    return (int(digits[0]) if digits and row[0] in "ABCDEP" else 999, row)


def _table_page(letter: str) -> str:
    from eaesim.cli.explanation import TABLES
    from eaesim.evidence import load_findings

    findings = {row: [one for one in load_findings() if one.row == row] for row in _rows()[letter]}
    overview = [
        [f"[{row}](#{anchor(row)})", "; ".join(plain(_seen(one)) for one in own[:3]), plain(own[0].study),
         own[0].use, verdict_of(row)]
        for row, own in findings.items()
    ]  # fmt: skip
    return page(
        f"{letter}: {TABLES[letter]}",
        f"({anchor(letter)})=",
        table(["row", "what was seen", "study", "use", "verdict under H1a"], overview),
        *(_row(row) for row in findings),
    )


def _seen(finding: object) -> str:
    from eaesim.cli.explainedfinding import seen

    return seen(finding)  # type: ignore[arg-type]


def _row(row: str) -> str:
    one = explained(row)
    parts = [f"({anchor(row)})=", f"## {plain(one.title)}"]
    for name, seen, own in one.readings:
        label = plain(name) if name == row else f"[{plain(name)}]{{#{anchor(name)}}}"
        parts += [f"**{label}** {plain(seen)}", explained_terms(own)]
    parts.append(explained_terms(one.entries))
    if verdict := verdict_of(row, is_long=True):
        parts.append(terms([("verdict under H1a", [verdict])]))
    return "\n\n".join(part for part in parts if part)


def explained_terms(entries: Mapping[str, str | list[str]]) -> str:
    """Return the entries of an explanation as terms, their addresses as links."""
    given = {label: [text] if isinstance(text, str) else text for label, text in entries.items() if text}
    return terms((plain(label), [linked(one) for one in texts]) for label, texts in given.items())


def linked(text: str) -> str:
    """Return a text with its addresses as links.

    Examples
    --------
    >>> linked("see https://doi.org/10.1/x.")
    'see <https://doi.org/10.1/x>.'
    """
    parts, end = [], 0
    for match in _ADDRESS.finditer(text):
        parts += [prose(text[end : match.start()]), f"<{match[0]}>"]
        end = match.end()
    return "".join([*parts, prose(text[end:])])


def _sources_page() -> str:
    from eaesim.model.bibliography import bibliography

    parts = []
    for key in sorted(bibliography(), key=str.casefold):
        parts += [f"({anchor(key)})=", f"## {key}", explained_terms(explained(key).entries)]
    intro = (
        "Every paper that a finding or a parameter rests on. Fields that are from memory, and were not "
        "verified on a "
        "page, are marked."
    )
    return page("Sources", intro, *parts)


def _parameters_page() -> str:
    from eaesim.cli.explanation import TABLES

    entries = explained("F").entries
    rows = [
        [f"`{name}`", "; ".join(prose(text) for text in ([texts] if isinstance(texts, str) else texts))]
        for name, texts in entries.items()
    ]
    intro = (
        "Parameters for which a paper gives a value, bounds or a direction. All others are estimated or "
        "assumed; "
        "[Parameters](../model/parameters.md) has every one."
    )
    return page(f"F: {TABLES['F']}", f"({anchor('F')})=", intro, table(["parameter", "support"], rows))
