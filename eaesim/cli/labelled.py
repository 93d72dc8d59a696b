"""An explanation as entries with labels, and as text for a terminal: each entry next to its label."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

#: Columns of an explanation; only an address may be longer.
WIDTH = 76
_LABEL = 14

#: Text next to a label: one paragraph, or several.
Entries = dict[str, str | list[str]]


@dataclass(frozen=True)
class Explanation:
    """What a code stands for.

    Attributes
    ----------
    title
        The code, a colon and what it is.
    entries
        What is known of it, by label; empty entries are not shown.
    readings
        Of a row of several readings: each reading's own entries, by its code and what was seen.

    Examples
    --------
    >>> print(Explanation("A1: a score", {"number": "8", "note": ""}).text(), end="")
    A1: a score
    -----------
    number        8
    """

    title: str
    entries: Entries
    readings: tuple[tuple[str, str, Entries], ...] = ()

    def text(self) -> str:
        """Return it for a terminal: the title underlined, the readings, and what is the same for all."""
        head = "\n".join(textwrap.wrap(self.title, WIDTH, break_long_words=False, break_on_hyphens=False))
        parts = [f"{head}\n{'-' * min(WIDTH, len(self.title))}\n"]
        for name, seen, own in self.readings:
            parts += [lines({name: seen}), lines(given(own), indent=2)]
        return "".join([*parts, lines(given(self.entries))])


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
