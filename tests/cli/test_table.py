"""Answers in a terminal: tables that fit, words and names of files, and nothing that is obeyed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shell import call

from eaesim.cli.console import MOST_ROWS, print_table, say
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
def test_every_line_fits_and_every_column_is_there(width: int) -> None:
    frame = wide_table()
    text = table_text(frame, title="A table", width=width)
    assert max(map(width_of, text.splitlines())) <= width
    assert "…" not in text
    assert [name for name in frame if name not in text] == []


def test_columns_that_tell_rows_apart_stand_in_every_block() -> None:
    frame = wide_table()
    text = table_text(frame, title="A table", width=80)
    assert [line for line in text.splitlines() if line.startswith("arm: ")] == [
        f"arm: {name}" for name in frame["arm"].unique()
    ]
    parts = blocks(text)
    assert len(parts) > 3
    assert all(head.startswith("endpoint") for head, *_ in parts)
    # Where each arm has one row, its name is repeated instead.
    parts = blocks(table_text(frame[::2].drop(columns="endpoint"), title="", width=80))
    assert all(row.startswith(LONG[:-1]) for _, _, *rows in parts for row in rows)


def test_long_numbers_of_a_short_table_are_rounded_and_a_line_says_so() -> None:
    frame = pd.DataFrame({"arm": ["a", "b"], "third": [1 / 3, 2.0e9 / 3], "half": [0.5, 0.81225]})
    text = table_text(frame, title="", width=80)
    assert {"0.3333", "666666667", "0.5", "0.81225"} <= set(text.split())
    assert "Rounded to 4 digits" in text
    assert "Rounded" not in table_text(frame[["arm", "half"]], title="", width=80)


@pytest.mark.parametrize(("rows", "is_cut"), [(MOST_ROWS, False), (MOST_ROWS + 1, True)])
def test_of_many_rows_the_first_are_printed_and_a_line_says_so(
    rows: int, is_cut: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    print_table(pd.DataFrame({"day": range(rows)}), title="days")
    out = capsys.readouterr().out
    assert (f"The first {MOST_ROWS} of {rows} rows; the files have every one." in out) == is_cut
    shown = [line.strip() for line in out.splitlines()]
    assert str(MOST_ROWS - 1) in shown
    assert str(MOST_ROWS) not in shown


def test_the_answer_is_folded_between_words_in_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = "one dose at immunisation protects, and a dose on day seven does not.\nA second line."
    say(text)
    assert capsys.readouterr().out == f"{text}\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    say(text)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(lines) == text.replace("\n", " ")
    say("  a line that fits")
    assert capsys.readouterr().out == "  a line that fits\n"


STUDY = f"""
[study]
rat = "lewis"
until = 16
animals = 4
[[arm]]
name = "vehicle, also of thirty lettrs"
[[arm]]
name = "{LONG}"
dose = "1 g/kg"
day = 0
"""


def test_a_run_and_a_schedule_show_their_answer(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    assert_answered: Callable[..., None],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text(STUDY, encoding="utf-8")
    assert call("run", "s.toml") == 0
    assert_answered(capsys.readouterr().out, "s-run/summary.csv")
    assert call("schedule", "s.toml") == 0
    assert_answered(capsys.readouterr().out, "s-schedule/schedule.csv")


def test_scores_show_their_answer(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    assert_answered: Callable[..., None],
) -> None:
    monkeypatch.chdir(tmp_path)
    arms = ("vehicle, also of thirty lettrs", LONG, f"{LONG[:-1]}t")
    rows = [
        f'{place},"{arms[place % 3]}",{day},{(day + place) % 3}' for place in range(12) for day in range(9)
    ]
    Path("mine.csv").write_text("\n".join(["animal,arm,day,score", *rows]), encoding="utf-8")
    assert call("scores", "mine.csv", "--control", arms[0]) == 0
    out = capsys.readouterr().out
    assert_answered(out, "mine-scores/summary.csv", "mine-scores/tests.csv")
    for arm in arms:
        assert f"\n{arm}  peak_score " in out


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
    assert "".join(letter for letter in text if letter in "早期") == "早期" * 10


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
