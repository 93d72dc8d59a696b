"""Text for a terminal: each entry next to its label."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

#: Columns of an explanation; only an address may be longer.
WIDTH = 76
_LABEL = 14

#: Text next to a label: one paragraph, or several.
Entries = dict[str, str | list[str]]


def block(title: str, entries: Entries) -> str:
    """Return a title, underlined, and the entries that are not empty below it."""
    head = "\n".join(textwrap.wrap(title, WIDTH, break_long_words=False, break_on_hyphens=False))
    return f"{head}\n{'-' * min(WIDTH, len(title))}\n{lines(given(entries))}"


def given(entries: Entries) -> Entries:
    """Return the entries that are not empty."""
    return {label: text for label, text in entries.items() if text}


def lines(entries: Entries, *, indent: int = 0) -> str:
    """Return each entry next to its label; a label too long for its column is put above."""
    told: list[str] = []
    for label, text in entries.items():
        paragraphs: Iterable[str] = [text] if isinstance(text, str) else text
        margin = " " * _LABEL
        head = f"{' ' * indent}{label}"
        if len(head) >= _LABEL:
            told.append(head)
            head = ""
        for place, paragraph in enumerate(paragraphs):
            first = head.ljust(_LABEL) if place == 0 else margin
            told += textwrap.wrap(
                paragraph,
                WIDTH,
                initial_indent=first,
                subsequent_indent=margin,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return "".join(f"{line}\n" for line in told)
