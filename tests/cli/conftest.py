"""What tests of several verbs need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

#: Most lines of an answer, and of the words at its end, which are then within the last screen.
LONGEST, WORDS = 80, 24


@pytest.fixture
def assert_answered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a check that a terminal of 80 columns showed an answer: short, fitting, and naming its files."""
    monkeypatch.setenv("COLUMNS", "80")

    def check(text: str, *files: str | Path) -> None:
        lines = text.splitlines()
        (place,) = (number for number, line in enumerate(lines) if line.startswith("Figure: "))
        folder = Path(lines[place].removeprefix("Figure: ")).parent
        tables = {path.name for path in folder.glob("*.csv")}
        if tables:
            named, _, names = lines[place - 1].removeprefix("Every row and digit, in ").partition(": ")
            assert (Path(named), set(names.split(", "))) == (folder, tables)
        assert {Path(file) for file in files} <= {folder / name for name in tables}
        assert 1 <= len(lines) - place - 1 <= WORDS
        assert len(lines) <= LONGEST
        rules = [number for number, line in enumerate(lines) if line and set(line) <= {"-", " "}]
        for rule in rules:
            rows = [lines[rule - 1], lines[rule], lines[rule + 1]]
            assert max(map(len, rows)) <= 80
        assert "…" not in text

    return check
