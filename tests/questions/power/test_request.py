"""The settings of a power analysis: what a table, a call and the command line may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shell import study_file

from eaesim.protocol.studyfile import read_study_file, study_file_text
from eaesim.questions.power.request import PowerRequest, read_dropout

FULL: dict[str, Any] = {
    "seed": 9, "parameter_sets": 3, "dead": "carry", "endpoints": ["incidence"], "arms": ["day 0"],
    "sizes": [5, 10], "studies": 1000, "pool": 2000, "wanted": 0.9, "alpha": 0.01, "dropout": "1 % per day",
    "correction": "holm", "course": True,
}  # fmt: skip
STUDY = (
    study_file(until=20, treated="day 0")
    + """
[power]
sizes = [5, 10]
dropout = "10 %"
"""
)


def test_a_full_table_stays_as_it_is() -> None:
    assert PowerRequest.from_table(FULL).changed() == FULL
    assert PowerRequest.from_table({}).changed() == {}


def test_a_study_file_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    file = read_study_file(path)
    assert file.questions == {"power": {"sizes": [5, 10], "dropout": "10 %"}}
    path.write_text(study_file_text(file), encoding="utf-8")
    assert read_study_file(path) == file


def test_dropout_in_every_way_of_writing() -> None:
    assert read_dropout("0.01 per day") == read_dropout(" 1 %  per day") == (0.01, True)
    assert read_dropout("10 %") == read_dropout(0.1) == (0.1, False)
    assert read_dropout(0) == (0.0, False)
