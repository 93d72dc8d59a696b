"""Thirty small tables, each one habit of real laboratories: made-up numbers, and what each must give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eaesim.errors import FileError
from eaesim.evidence import LaboratoryScores, read_scores
from eaesim.evidence.scoremarks import End

FILES = Path(__file__).parent / "laboratory_files"
NAN = np.nan
DAYS = [0, 10, 11, 12, 13, 14]
VEHICLE = [[0, 0, 1, 3, 3, 2], [0, 1, 2, 3, 2, 1], [0, 0, 0, 1, 2, 2]]
DRUG = [[0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 0.5, 0]]
SAME = (
    "00_reference.csv", "03_hyphen_days.csv", "05_number_heading.csv", "08_arm_in_first_row_of_block.csv",
    "20_prism_rows_are_days.csv", "22_r_made_names.csv", "23_camel_names.csv", "25_genotype.csv",
    "26_dates.csv", "27_day_and_word.csv", "28_score_in_heading.csv", "29_score_and_weight.csv",
    "30_long_time.csv", "31_long_eae_clinical_score.csv", "32_long_hours.csv", "33_half_days.csv",
    "35_arm_as_a_heading_row.csv", "37_r_write_table.txt", "38_german.csv", "40_sheet_per_arm.xlsx",
)  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {"26_dates.csv": {"day_zero": "2031-03-01"}}


def read(name: str, **options: Any) -> LaboratoryScores:
    return read_scores(FILES / name, **OPTIONS.get(name, {}), **options)


def check(scores: LaboratoryScores, days: list[int], **arms: list[list[float]]) -> None:
    assert scores.arms == tuple(arms)
    assert scores.days.tolist() == days
    for arm, courses in arms.items():
        np.testing.assert_array_equal(scores.scores(arm), courses)


def test_there_are_thirty() -> None:
    assert len(list(FILES.iterdir())) == 30


@pytest.mark.parametrize("name", SAME)
def test_the_same_as_the_reference(name: str) -> None:
    scores = read(name)
    check(scores, DAYS, vehicle=VEHICLE, drug=DRUG)
    assert scores.control == "vehicle"
    assert not scores.ended


NOTED = {
    "00_reference.csv": "",
    "03_hyphen_days.csv": '"D-10" is day 10',
    "05_number_heading.csv": '"2024": not in the order of the days next to it, and not read as a day',
    "08_arm_in_first_row_of_block.csv": "carried down",
    "20_prism_rows_are_days.csv": "rows are days and columns are animals",
    "22_r_made_names.csv": "",
    "23_camel_names.csv": "",
    "25_genotype.csv": "Genotype is taken for the arm; --arm says otherwise",
    "26_dates.csv": "days are counted from 2031-03-01, day 0",
    "29_score_and_weight.csv": "body weights were read with the scores and are stored separately",
    "32_long_hours.csv": "hours are read as whole days, rounded down: 0.5 is day 0, 240.5 is day 10",
    "33_half_days.csv": "parts of a day are read as whole days, rounded down: 0.5 is day 0",
    "35_arm_as_a_heading_row.csv": "the arms are the rows above their animals: vehicle and drug",
    "37_r_write_table.txt": "names of rows, as R writes them",
    "38_german.csv": "",
    "40_sheet_per_arm.xlsx": "each sheet is an arm: vehicle and drug",
}


@pytest.mark.parametrize("name", NOTED)
def test_each_decision_is_one_note(name: str) -> None:
    notes = read(name).notes
    assert len(notes) == bool(NOTED[name])
    assert all(NOTED[name] in note for note in notes)


def test_peaks_sums_and_onsets_of_the_reference() -> None:
    scores = read("00_reference.csv")
    peaks = [np.nanmax(scores.scores(arm), axis=1).mean() for arm in scores.arms]
    np.testing.assert_allclose(peaks, [8 / 3, 2 / 3])
    assert [scores.scores(arm).sum(axis=1).tolist() for arm in scores.arms] == [[9, 9, 5], [2, 0, 2.5]]


def test_rows_are_days_without_arms() -> None:
    scores = read("21_rows_are_days_no_arms.csv")
    check(scores, DAYS, all=[*VEHICLE, *DRUG])
    assert scores.animals("all") == tuple(f"animal{number}" for number in range(1, 7))
    assert any("no column of arms" in note for note in scores.notes)


def test_a_scale_of_ten_is_the_laboratorys_own() -> None:
    scores = read("01_scale_ten.csv", scale_max=10)
    check(
        scores,
        [0, 1, 2, 3, 4],
        vehicle=[[0, 1, 4, 8, 8], [0, 2, 6, 6, 6]],
        drug=[[0, 0, 2, 4, 4], [0, 0, 1, 3, 2]],
    )
    assert (scores.scale_max, scores.dead_score) == (10, 10)
    with pytest.raises(FileError, match=r'row 2, day 3: the score "8" is above 5.*--scale-max'):
        read("01_scale_ten.csv")


def test_a_column_with_readings_and_no_heading_is_refused_by_name() -> None:
    with pytest.raises(FileError, match="column F has readings and no heading"):
        read("06_heading_missing.csv")


def test_x_is_refused_until_its_meaning_is_said() -> None:
    name = "07_x_is_removed.csv"
    with pytest.raises(
        FileError, match='"x" may be a death or a removal; say --mark x=dead, --mark x=removed'
    ):
        read(name)
    removed, dead = read(name, marks={"x": "removed"}), read(name, marks={"X": "dead"})
    drug = [[0, 0, 1, 1], [0, 0, 0, 0]]
    check(removed, [0, 1, 2, 3], vehicle=[[0, 1, 2, NAN], [0, 1, 3, NAN]], drug=drug)
    check(dead, [0, 1, 2, 3], vehicle=[[0, 1, 2, 5], [0, 1, 3, 5]], drug=drug)
    assert set(removed.ended.values()) == {End(3, "removed")}
    assert set(dead.ended.values()) == {End(3, "dead")}


def test_an_arm_that_ended_early() -> None:
    naive = [[0, 0, 0, NAN, NAN, NAN]] * 2
    check(read("09_arm_ended_early.csv"), DAYS, vehicle=VEHICLE, drug=DRUG, naive=naive)


def test_blanks_at_the_end_are_no_readings() -> None:
    scores = read("10_last_cell_blank.csv")
    np.testing.assert_array_equal(scores.scores("vehicle"), [[0, 1, 2, 3], [0, 1, 3, NAN], [0, 2, 3, 3]])
    silent = read("11_died_without_a_word.csv")
    np.testing.assert_array_equal(silent.scores("vehicle"), [[0, 2, 4, NAN, NAN]] * 5 + [[0, 1, 2, 1, 0]])
    assert not silent.ended


def test_half_points() -> None:
    check(read("12_half_points.csv"), [0, 1, 2, 3], vehicle=[[0, 0.5, 0.5, 0.5]] * 2, drug=[[0, 0, 0, 0]] * 2)


def test_body_weights_are_a_table_of_their_own() -> None:
    weights = read("29_score_and_weight.csv").weights
    assert weights is not None
    assert weights.weight.tolist() == [21.3] * 36
    assert weights.day.tolist() == DAYS * 6
    assert weights.arm.tolist() == ["vehicle"] * 18 + ["drug"] * 18


def test_one_number_in_two_cages() -> None:
    name = "34_same_number_in_two_cages.csv"
    with pytest.raises(FileError, match="give the cage too: --animal cage,animal"):
        read(name)
    scores = read(name, animal=("cage", "animal"))
    check(scores, [0, 1, 2], vehicle=[[0, 1, 2], [0, 1, 1], [0, 0, 1]], drug=[[0, 0, 0], [0, 0, 1]])
    assert scores.animals("vehicle") == ("A/1", "A/2", "B/1")


def test_found_dead_is_dead_on_that_day() -> None:
    scores = read("36_found_dead.csv")
    check(scores, DAYS, vehicle=[[0, 0, 1, 3, 5, 5], *VEHICLE[1:]], drug=DRUG)
    assert scores.ended == {("vehicle", "1"): End(13, "dead")}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("23_camel_names.csv", "MouseID"),
        ("31_long_eae_clinical_score.csv", "mouse_id"),
        ("00_reference.csv", ""),
    ],
)
def test_mice_are_noticed(name: str, word: str) -> None:
    assert read(name).mice == word
