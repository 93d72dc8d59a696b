"""The [sensitivity] table: what it may hold, and that a study file keeps it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from eaesim.errors import EaesimError
from eaesim.protocol import read_study_file
from eaesim.protocol.sensitivitytable import check_sensitivity
from eaesim.protocol.studyfile import study_file_text

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
"""
FULL = """
[sensitivity]
method = "sobol"
samples = 64
seed = 3
parameters = ["drug", "priming_rate"]
outputs = [
  { endpoint = "peak_score", arm = "day 0", against = "vehicle", relative = true },
  { arm = "vehicle" },
]

[sensitivity.ranges]
"arm.day 0.day" = { low = -7, high = 14 }
"parameter.igg_uptake" = { low = 1, high = 4, scale = "log" }
"""


def test_a_study_file_keeps_its_table_both_ways(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(STUDY + FULL, encoding="utf-8")
    read = read_study_file(file)
    assert read.questions["sensitivity"] == tomllib.loads(FULL)["sensitivity"]
    file.write_text(study_file_text(read), encoding="utf-8")
    assert read_study_file(file) == read


def test_a_file_without_the_table_has_none(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(STUDY, encoding="utf-8")
    assert read_study_file(file).questions == {}


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        ("morris", "table"),
        ({"metod": "morris"}, 'did you mean "method"'),
        ({"method": 3}, "method"),
        ({"arm": ["vehicle"]}, "arm"),
        ({"relative": "yes"}, "true nor false"),
        ({"parameters": "biology"}, "list of names"),
        ({"parameters": [1]}, "list of names"),
        ({"trajectories": 0}, "trajectories"),
        ({"samples": 2.5}, "samples"),
        ({"seed": -1}, "seed"),
        ({"outputs": {"arm": "vehicle"}}, "list of tables"),
        ({"outputs": [{"arms": "vehicle"}]}, 'did you mean "arm"'),
        ({"outputs": [{"arm": "vehicle", "relative": 1}]}, "relative"),
        ({"outputs": [{"arm": "vehicle"}], "arm": "vehicle"}, "beside"),
        ({"ranges": [1, 2]}, "ranges"),
        ({"ranges": {"parameter.igg_uptake": 3}}, "parameter.igg_uptake"),
        ({"ranges": {"parameter.igg_uptake": {"lo": 3}}}, 'did you mean "low"'),
        ({"ranges": {"parameter.igg_uptake": {"low": True, "high": 2}}}, "True"),
        ({"ranges": {"parameter.igg_uptake": {"low": 1, "high": 2, "scale": 2}}}, "scale"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(table: Any, hint: str) -> None:
    with pytest.raises(EaesimError, match=hint) as caught:
        check_sensitivity(table)
    assert "\n" not in str(caught.value)
