"""What tests of several verbs need."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest


def printed_columns(text: str) -> dict[str, str]:
    """Return what stands in each column of a printed table, headings among them, without spaces."""
    found: defaultdict[str, str] = defaultdict(str)
    own: dict[str, str] = {}

    def close() -> None:
        for name, cells in own.items():
            found[name] += cells
        own.clear()

    for part in text.split("\n\n"):
        block = part.splitlines()
        rule = next((place for place, line in enumerate(block) if line and set(line) <= {"-", " "}), None)
        if rule is None:
            close()
            label, _, value = " ".join(block).partition(": ")
            found[label] += squeezed(value)
            continue
        for start, end in (match.span() for match in re.finditer("-+", block[rule])):
            head, cells = (
                squeezed("".join(line[start:end] for line in lines))
                for lines in (block[:rule], block[rule + 1 :])
            )
            # What tells the rows apart stands in every block, and the same each time.
            assert own.setdefault(head, cells) == cells
    close()
    return dict(found)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.fixture
def assert_printed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str | Path], None]:
    """Return a check that a terminal of 80 columns showed every cell of a file, to the last digit."""
    monkeypatch.setenv("COLUMNS", "80")

    def check(text: str, file: str | Path) -> None:
        path = Path(file)
        _, shown = text.split(f"\n{path.name}: ", 1)
        _, shown = shown.split("\n\n", 1)
        shown, _ = shown.split("\n\n\n", 1) if "\n\n\n" in shown else shown.rsplit("\n\n", 1)
        assert max(map(len, shown.splitlines())) <= 80
        assert "…" not in text
        with path.open(encoding="utf-8", newline="") as lines:
            head, *rows = csv.reader(lines)
        assert rows
        printed = printed_columns(shown)
        assert sorted(printed) == sorted(map(squeezed, head))
        for place, name in enumerate(head):
            cells = [squeezed(row[place]) for row in rows]
            # The first may stand above its rows, once.
            once = "".join(cell for cell, _ in groupby(cells))
            assert printed[squeezed(name)] in ("".join(cells), *([once] if place == 0 else [])), name

    return check
