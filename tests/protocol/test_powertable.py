"""The [power] table: what it may hold, and that a study file keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eaesim.errors import EaesimError
from eaesim.protocol import read_study_file
from eaesim.protocol.powertable import check_power, read_dropout
from eaesim.protocol.studyfile import study_file_text

FULL: dict[str, Any] = {
    "animals": [5, 10],
    "endpoints": ["incidence"],
    "arms": ["day 0"],
    "studies": 1000,
    "pool": 2000,
    "members": 3,
    "wanted": 0.9,
    "alpha": 0.01,
    "dropout": "1 % per day",
    "correction": "holm",
    "dead": "last",
}
STUDY = """
[study]
rat = "lewis"
until = 20

[[arm]]
name = "vehicle"

[[arm]]
name = "day 0"
dose = "1 g/kg"
day = 0

[power]
animals = [5, 10]
dropout = "10 %"
"""


def test_a_full_table_stays_as_it_is() -> None:
    assert check_power(FULL) == FULL
    assert check_power({}) == {}


def test_a_study_file_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    file = read_study_file(path)
    assert file.questions == {"power": {"animals": [5, 10], "dropout": "10 %"}}
    path.write_text(study_file_text(file), encoding="utf-8")
    assert read_study_file(path) == file


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("animals", 5),
        ("animals", [1]),
        ("animals", [5.0]),
        ("animals", [True]),
        ("animals", [2000]),
        ("endpoints", "incidence"),
        ("endpoints", [3]),
        ("arms", []),
        ("studies", 10),
        ("pool", "many"),
        ("wanted", 1.0),
        ("wanted", "0.8"),
        ("wanted", float("nan")),
        ("alpha", 0),
        ("alpha", True),
        ("dropout", 1),
        ("dropout", -0.1),
        ("dropout", "much"),
        ("dropout", "100 % per day"),
        ("dropout", ""),
        ("correction", "tukey"),
        ("correction", ["holm"]),
        ("dead", 5),
        ("animal", [5]),
    ],
)
def test_what_it_may_not_hold(key: str, value: object) -> None:
    with pytest.raises(EaesimError) as caught:
        check_power({key: value})
    assert "\n" not in str(caught.value)


def test_dropout_in_every_way_of_writing() -> None:
    assert read_dropout("0.01 per day") == read_dropout(" 1 %  per day") == (0.01, True)
    assert read_dropout("10 %") == read_dropout(0.1) == (0.1, False)
    assert read_dropout(0) == (0.0, False)
