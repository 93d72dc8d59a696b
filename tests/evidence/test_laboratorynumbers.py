"""Every table of `laboratory_files` gives the numbers that its README states, through to the endpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eaesim.errors import EaesimError
from eaesim.evidence import read_scores
from eaesim.questions.scores.answer import LaboratoryResult

FOLDER = Path(__file__).with_name("laboratory_files")
SAME = [f"{number:02}" for number in (0, 3, 5, 8, 20, 22, 23, 25, 26, 27, 28, 29, 30, 31, 35, 37, 38, 40)]
OPTIONS: dict[str, dict[str, Any]] = {"26": {"day_zero": "2031-03-01"}}


def result_of(
    number: str, *, lost: str | None = None, signs: float = 1.0, **reading: Any
) -> LaboratoryResult:
    (path,) = FOLDER.glob(f"{number}_*")
    scores = read_scores(path, **(OPTIONS.get(number, {}) | reading))
    return LaboratoryResult(scores, lost=lost, signs=signs)


@pytest.mark.parametrize("number", SAME)
def test_the_same_readings_give_the_same_numbers(number: str) -> None:
    result = result_of(number)
    assert (result.arms, result.scores.control) == (("vehicle", "drug"), "vehicle")
    table = result.table()["mean"]
    assert table["vehicle"]["peak_score"] == pytest.approx(8 / 3)
    assert table["drug"]["peak_score"] == pytest.approx(2 / 3)
    assert result.endpoint("vehicle", "cumulative_score").tolist() == [9, 9, 5]
    assert result.endpoint("drug", "cumulative_score").tolist() == [2, 0, 2.5]
    np.testing.assert_array_equal(result.endpoint("vehicle", "onset_day"), [11, 10, 12])
    np.testing.assert_array_equal(result.endpoint("drug", "onset_day"), [12, np.nan, 11])
    assert result.sentence() == (
        "Against vehicle (3 of 3 with signs by day 14, mean cumulative score 7.7), drug: 2 of 3 with signs "
        "by day 14, mean cumulative score 1.5 (Mann-Whitney p = 0.1)."
    )


def test_rows_of_days_without_arms_are_one_arm() -> None:
    result = result_of("21")
    (arm,) = result.arms
    assert result.endpoint(arm, "cumulative_score").tolist() == [9, 9, 5, 2, 0, 2.5]


def test_a_scale_of_ten_keeps_its_units() -> None:
    result = result_of("01", scale_max=10.0)
    peaks = [result.endpoint(arm, "peak_score").tolist() for arm in result.arms]
    sums = [result.endpoint(arm, "cumulative_score").tolist() for arm in result.arms]
    assert (peaks, sums) == ([[8, 6], [4, 3]], [[21, 20], [10, 6]])


def test_an_arm_that_ended_early_shortens_its_own_comparison_alone() -> None:
    result = result_of("09")
    assert [result.common_day(arm) for arm in ("drug", "naive")] == [14, 11]
    assert result.endpoint("vehicle", "cumulative_score").tolist() == [9, 9, 5]
    found = result.tests["drug", "Mann-Whitney", "cumulative_score"]
    assert found == result_of("00").tests["drug", "Mann-Whitney", "cumulative_score"]


def test_one_blank_on_the_last_day_loses_one_sum_and_no_animal() -> None:
    result = result_of("10")
    row = result.table().loc[("vehicle", "peak_score")]
    assert (row["animals"], row["mean"]) == (3, 3)
    assert np.isnan(result.table().loc[("vehicle", "cumulative_score"), "mean"])
    (note,) = (note for note in result.notes() if note.startswith("vehicle: 1 of 3 lost"))
    assert "--lost" in note
    carried = result_of("10", lost="carry").table()
    assert carried.loc[("vehicle", "cumulative_score"), "mean"] == pytest.approx((6 + 7 + 8) / 3)


def test_animals_that_died_without_a_word_had_signs() -> None:
    result = result_of("11")
    assert result.sentence().startswith("Against vehicle (6 of 6 with signs by day 20")
    assert result.table().loc[("vehicle", "incidence"), "mean"] == 1
    assert any("neither dead nor removed is said" in note for note in result.notes())
    # By the rule that scores them as dead, they reach more than the drug's animals do; before they were lost.
    dead = result_of("11", lost="score")
    assert dead.endpoint("vehicle", "cumulative_score").tolist() == [48] * 5 + [12]


def test_half_points_name_the_threshold_and_it_can_be_set() -> None:
    result = result_of("12")
    assert "signs: score >= 1" in str(result.table().columns.name)
    assert any("--signs 0.5" in note for note in result.notes())
    assert result_of("12", signs=0.5).table().loc[("vehicle", "incidence"), "mean"] == 1


@pytest.mark.parametrize("number", ["32", "33"])
def test_hours_and_half_days_are_whole_days(number: str) -> None:
    result = result_of(number)
    assert result.endpoint("vehicle", "cumulative_score").tolist() == [9, 9, 5]
    assert result.endpoint("drug", "cumulative_score").tolist() == [2, 0, 2.5]


def test_weight_beside_scores_is_an_endpoint_of_its_own() -> None:
    result = result_of("29")
    assert result.table().loc[("drug", "lowest_weight"), "mean"] == 100
    assert "lowest_weight" not in result_of("00").endpoints


REFUSED = {"06": "column", "07": "--mark x=", "34": "--animal cage,animal"}


@pytest.mark.parametrize(("number", "option"), REFUSED.items())
def test_what_is_not_clear_is_refused_with_the_option(number: str, option: str) -> None:
    with pytest.raises(EaesimError) as caught:
        result_of(number)
    assert option in str(caught.value)


@pytest.mark.parametrize("meaning", ["removed", "dead"])
def test_a_mark_settles_what_an_x_is(meaning: str) -> None:
    result = result_of("07", marks={"x": meaning})
    assert result.animals_table()["ended"].tolist() == [meaning, meaning, "", ""]
    peaks = result.endpoint("vehicle", "peak_score").tolist()
    assert peaks == ([5, 5] if meaning == "dead" else [2, 3])
    incidence = result.table().loc[("vehicle", "incidence")]
    assert (incidence["mean"], incidence["animals"]) == (1, 2)


def test_cages_tell_animals_apart() -> None:
    result = result_of("34", animal=("cage", "animal"))
    assert result.endpoint("vehicle", "peak_score").tolist() == [2, 1, 1]


def test_found_dead_is_dead_on_that_day() -> None:
    result = result_of("36")
    table = result.animals_table().set_index("animal")
    assert (table.loc["1", "ended"], table.loc["1", "end_day"]) == ("dead", 13)
    assert result.endpoint("vehicle", "cumulative_score").tolist() == [14, 9, 5]
