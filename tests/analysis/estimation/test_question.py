"""Files that ask a question of the shipped ensembles."""

from __future__ import annotations

import pytest

from eaesim.analysis.estimation.question import Question, read_question
from eaesim.errors import EaesimError


def file(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_question_is_read_and_other_files_are_none(tmp_path):
    assert read_question(file(tmp_path, "[calibrate]\nmembers = 3\nseed = 0\n")) == Question(
        "calibrate", 3, seed=0
    )
    assert read_question(file(tmp_path, '[study]\nrat = "lewis"\n')) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[calibrate]\nmember = 3\n", 'did you mean "members"'),
        ("[calibrate]\nmembers = 0\n", "members 0"),
        ("[calibrate]\nanimals = 1.5\n", "animals 1.5"),
        ("[calibrate]\n[study]\n", '"study" is not a table'),
        ("calibrate = 3\n", "calibrate"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, text, said):
    with pytest.raises(EaesimError, match=said):
        read_question(file(tmp_path, text))
