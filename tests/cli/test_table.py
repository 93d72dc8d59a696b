"""Tables in a terminal: every column and every digit, whatever the width, and nothing that is obeyed."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eaesim.cli.console import print_table
from eaesim.cli.table import LONGEST_NUMBER, table_text, width_of

LONG = "IVIG [early] of thirty letters"
NAMES = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("[]/\\ \x1b\u202e\u2028\r\n\t")),
    min_size=1,
    max_size=30,
)


def blocks(text: str) -> list[list[str]]:
    """Return the lines of each block, the head and the rule first."""
    parts = [part.splitlines() for part in text.split("\n\n")]
    return [part for part in parts if len(part) > 1 and set(part[1]) <= {"-", " "} and "-" in part[1]]


def read(text: str) -> dict[str, list[str]]:
    """Return the cells of a printed table whose names hold no double space, by column; none may be folded."""
    found: dict[str, list[str]] = {}
    for head, rule, *rows in blocks(text):
        ends = [match.span() for match in re.finditer("-+", rule)]
        for start, end in ends:
            found[head[start:end].strip()] = [
                row[start:end].strip() for row in rows if not row.startswith("Numbers")
            ]
    return found


def wide_table() -> pd.DataFrame:
    rows = [
        (f"{LONG[:-1]}{arm}", endpoint) for arm in "abc" for endpoint in ("peak_score", "cumulative_score")
    ]
    columns = {
        name: [round((place + 1.5) ** (row + 1) / 7, 6) for row in range(6)]
        for place, name in enumerate(
            ("mean", "low", "high", "effect", "effect_low", "effect_high", "p_value")
        )
    }
    frame = pd.DataFrame(rows, columns=["arm", "endpoint"])
    return frame.assign(animals=range(20, 26), **columns, failed=0, conclusion="not decided")


@pytest.mark.parametrize("width", [40, 60, 80, 100, 250])
def test_every_line_fits_and_every_column_and_cell_is_there(width: int) -> None:
    frame = wide_table()
    text = table_text(frame, title="A table", width=width)
    assert max(map(width_of, text.splitlines())) <= width
    assert "…" not in text
    assert [name for name in frame if name not in text] == []
    if width >= 80:
        written = pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype=str)
        printed = read(text)
        assert list(printed) == list(frame)
        for name in frame:
            assert printed[name] == list(written[name]), name


def test_columns_that_tell_rows_apart_stand_in_every_block() -> None:
    frame = wide_table()
    parts = blocks(table_text(frame, title="A table", width=80))
    assert len(parts) > 3
    for head, _, *rows in parts:
        assert head.startswith("arm")
        assert "endpoint" in head
        assert [row.startswith(name) for row, name in zip(rows, frame["arm"], strict=True)] == [True] * 6


def test_long_numbers_are_rounded_and_a_line_says_so() -> None:
    frame = pd.DataFrame({"arm": ["a", "b"], "third": [1 / 3, 2.0e9 / 3], "half": [0.5, 0.81225]})
    text = table_text(frame, title="", width=80)
    assert read(text)["third"] == ["0.333333", "666666667"]
    assert read(text)["half"] == ["0.5", "0.81225"]
    assert "rounded to 6 digits" in text
    assert "rounded" not in table_text(frame[["arm", "half"]], title="", width=80)


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(NAMES, min_size=1, max_size=5),
    numbers=st.lists(st.one_of(st.integers(-999, 999), st.floats()), min_size=5, max_size=5),
    width=st.integers(40, 120),
)
def test_whatever_it_holds_it_fits_and_obeys_nothing(
    names: list[str], numbers: list[float], width: int
) -> None:
    values = numbers[: len(names)]
    frame = pd.DataFrame({"arm": names, "value": values, **{f"column_{place}": values for place in range(5)}})
    text = table_text(frame, title=names[0], width=width)
    assert all(letter.isprintable() or letter in "\n\u200c\u200d" for letter in text)
    assert max(map(width_of, text.splitlines()), default=0) <= width
    for name in frame.columns[1:]:
        assert name in text
        for value in frame[name]:
            # Of a number with few digits every one is there.
            if (
                len(repr(float(value))) <= LONGEST_NUMBER - 6
                and value == value
                and frame[name].dtype.kind == "i"
            ):
                assert repr(int(value)) in text


def test_a_number_is_never_folded_in_forty_columns() -> None:
    frame = pd.DataFrame({"arm": [LONG * 2], "endpoint": ["cumulative_score"], "mean": [-1.2345e-07]})
    assert "-1.2345e-07" in table_text(frame, title="", width=40)


def test_letters_that_take_two_columns_are_counted_so() -> None:
    text = table_text(pd.DataFrame({"arm": ["早期" * 10, "a"], "n": [1, 2]}), title="", width=40)
    assert max(map(width_of, text.splitlines())) <= 40
    assert "".join(re.findall("[早期]+", text)) == "早期" * 10


@pytest.mark.parametrize("columns", ["40", "80"])
def test_it_is_as_wide_as_the_terminal_says(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    print_table(wide_table(), title="A table")
    assert int(columns) - 25 < max(map(width_of, capsys.readouterr().out.splitlines())) <= int(columns)


def test_tables_without_rows_or_columns_are_printed() -> None:
    assert "mean" in table_text(wide_table().head(0), title="none", width=80)
    assert table_text(pd.DataFrame(), title="nothing", width=80).startswith("nothing")
