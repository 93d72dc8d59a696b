"""What an experiment's file may name in [drawing]."""

from __future__ import annotations

from pathlib import Path

import pytest

from eaesim.errors import EaesimError
from eaesim.workbench.figure.drawings import DRAWINGS, drawing_of
from eaesim.workbench.studyfile import read_study


def test_a_file_names_a_drawing(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text('[drawing]\nof = "scheme"\n', encoding="utf-8")
    assert drawing_of(file) is DRAWINGS["scheme"]
    file.write_text("[calibration]\n", encoding="utf-8")
    assert drawing_of(file) is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('of = "schema"', "scheme"),
        ("", "one line"),
        ('of = "igg"\nx = 1', "one line"),
        ("of = 3", "one line"),
        ('of = ["igg"]', "one line"),
    ],
)
def test_what_is_none_is_refused_in_one_line(tmp_path: Path, text: str, hint: str) -> None:
    file = tmp_path / "study.toml"
    file.write_text(f"[drawing]\n{text}\n", encoding="utf-8")
    with pytest.raises(EaesimError, match=hint) as caught:
        drawing_of(file)
    assert "\n" not in str(caught.value)


def test_a_verb_that_needs_a_study_says_what_such_a_file_is_for(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text('[drawing]\nof = "scheme"\n', encoding="utf-8")
    with pytest.raises(EaesimError, match=r"a file with \[drawing\] is for eaesim figures"):
        read_study(file)
    file.write_text("drawing = 3\n", encoding="utf-8")
    with pytest.raises(EaesimError, match="one line"):
        drawing_of(file)
