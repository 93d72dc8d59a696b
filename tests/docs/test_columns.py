"""The page on files names what each question writes; `columns.py` compares it with small runs."""

from __future__ import annotations

import re

from columns import matcher
from pages.files import column_text, files_of
from questions.test_contract import EVERY


def test_every_question_has_its_files() -> None:
    assert all(files_of(name) for name in EVERY)


def test_every_column_is_said_in_a_sentence() -> None:
    texts = {
        (name, column): column_text(name, column)
        for name in EVERY
        for own in files_of(name).values()
        for column in own.get("columns", [])
    }
    assert {place for place, text in texts.items() if not re.fullmatch(r"[A-Z0-9`].*\.", text)} == set()


def test_a_column_that_nobody_described_is_found() -> None:
    assert not any(matcher(one).fullmatch("made_up") for one in files_of("power")["power.csv"]["columns"])
    assert matcher("animals_MECHANISM_MECHANISM").fullmatch("animals_H1a_H7")
    assert matcher("STRAIN.ensemble.parquet").fullmatch("da.ensemble.parquet")
    assert not matcher("bin_N").fullmatch("bin_a")
