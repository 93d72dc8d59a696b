"""What a laboratory's scores say: the rules for missing days, the tables, and what a person is told."""

from __future__ import annotations

import builtins
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from eaesim.errors import UnknownNameError
from eaesim.evidence import LaboratoryResult, read_scores
from eaesim.evidence.laboratory import new_scores_text
from eaesim.evidence.laboratoryresult import SEEN
from eaesim.evidence.laboratorywords import laboratory_notes, laboratory_sentence

TABLE = """rat,group,1,2,3,5,6
1,vehicle,0,1,3,2,1
2,vehicle,0,,2,dead,
3,vehicle,0,0,1,1,1
4,ivig,0,0,0,0,0
5,ivig,0,0,1,0,0
6,ivig,0,2,2,,
"""


def result_of(text: str, tmp_path: Path, dead: str = "five") -> LaboratoryResult:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    return LaboratoryResult(read_scores(tmp_path / "a.csv"), dead)


@pytest.fixture
def result(tmp_path: Path) -> LaboratoryResult:
    return result_of(TABLE, tmp_path)


def test_a_reading_holds_until_the_next(result: LaboratoryResult) -> None:
    # Day 4 was not scored; animal 2 missed day 2 and died; animal 6 was last read on day 3.
    assert result.daily("vehicle").tolist() == [
        [0, 0, 1, 3, 3, 2, 1],
        [0, 0, 0, 2, 2, 5, 5],
        [0, 0, 0, 1, 1, 1, 1],
    ]
    np.testing.assert_array_equal(result.daily("ivig")[2], [0, 0, 2, 2, np.nan, np.nan, np.nan])


def test_endpoints_by_hand(result: LaboratoryResult) -> None:
    assert result.until == 6
    read = {name: result.endpoint("vehicle", name).tolist() for name in SEEN}
    assert read["incidence"] == [1, 1, 1]
    assert read["onset_day"] == [2, 3, 3]
    assert read["peak_score"] == [3, 5, 1]
    assert read["cumulative_score"] == [10, 14, 4]
    assert read["mean_score"] == [10 / 7, 2, 4 / 7]
    assert read["duration"] == [5, 2, 4]
    assert read["mortality"] == [0, 1, 0]
    np.testing.assert_array_equal(result.endpoint("ivig", "peak_score"), [0, 1, np.nan])


def test_the_rule_for_the_dead_is_kept(tmp_path: Path) -> None:
    last = result_of(TABLE, tmp_path, "last")
    assert last.endpoint("vehicle", "cumulative_score").tolist() == [10, 8, 4]
    exclude = result_of(TABLE, tmp_path, "exclude")
    np.testing.assert_array_equal(exclude.endpoint("vehicle", "peak_score"), [3, np.nan, 1])
    assert exclude.endpoint("vehicle", "mortality").tolist() == [0, 1, 0]
    with pytest.raises(UnknownNameError, match="rule for the dead"):
        result_of(TABLE, tmp_path, "fivee")


def test_the_summary_has_the_columns_of_a_study(result: LaboratoryResult) -> None:
    table = result.table()
    names = "arm, endpoint, mean, low, high, difference, difference_low, difference_high, animals, failed"
    assert ", ".join([*table.index.names, *table.columns]) == names
    row = table.loc[("ivig", "peak_score")]
    assert (row["mean"], row["difference"], row["animals"], row["failed"]) == (0.5, -2.5, 2, 1)
    assert row["difference_low"] < -2.5 < row["difference_high"]
    control = table.xs("vehicle")
    assert (control["difference"] == 0).all()
    assert table.columns.name == "the dead score 5 from that day on"


def test_every_test_is_that_of_its_endpoints(result: LaboratoryResult) -> None:
    tests = result.tests_table().set_index(["test", "endpoint"])
    assert (tests["arm"] == "ivig").all()
    assert (tests["control"] == "vehicle").all()
    expected = stats.mannwhitneyu([0, 2], [10, 14, 4], method="exact")
    row = tests.loc[("Mann-Whitney", "cumulative_score")]
    assert (row["statistic"], row["p_value"]) == (expected.statistic, expected.pvalue)
    assert tests.loc[("Fisher", "incidence"), "p_value"] == stats.fisher_exact([[1, 1], [3, 0]])[1]
    # Animal 6 fell ill before it was lost: it counts here, and not above.
    onset = tests.loc[("log-rank", "onset_day")]
    assert (onset["animals"], tests.loc[("Fisher", "incidence"), "animals"]) == (3, 2)
    ivig = stats.CensoredData(uncensored=[3, 2], right=[6])
    assert onset["p_value"] == pytest.approx(stats.logrank(ivig, [2, 3, 3]).pvalue)


def test_the_mixed_model_uses_what_was_read_and_no_more(result: LaboratoryResult) -> None:
    found = result.tests["ivig", "mixed model", "score"]
    assert (found.animals, found.control_animals) == (3, 3)
    assert found.estimate.value < 0
    assert np.isnan(result._read("ivig")).sum() == 2
    assert np.isnan(result._read("vehicle")).sum() == 1


def test_every_animal_has_a_row(result: LaboratoryResult) -> None:
    table = result.animals_table()
    assert table["animal"].tolist() == list("123456")
    assert table["followed_to"].tolist() == [6, 6, 6, 6, 6, 3]
    assert list(table.columns[3:]) == list(SEEN)


def test_arms_that_end_on_different_days_are_compared_up_to_the_first_end(tmp_path: Path) -> None:
    text = "rat,group,0,1,2,3\n1,vehicle,0,1,2,3\n2,b,0,1,,\n3,vehicle,0,0,1,\n"
    result = result_of(text, tmp_path)
    assert (result.until, result.last_day) == (1, 3)
    assert result.endpoint("vehicle", "cumulative_score").tolist() == [1, 0]
    assert any(note.startswith("endpoints end on day 1,") for note in laboratory_notes(result))


def test_an_arm_of_the_dead_is_followed_to_the_end(tmp_path: Path) -> None:
    assert result_of("rat,group,0,1,2\n1,vehicle,0,1,2\n2,b,0,dead,\n", tmp_path).until == 2


def test_what_a_person_is_told(result: LaboratoryResult) -> None:
    assert laboratory_notes(result) == [
        "days without a reading keep the last one; days before the first count as 0.",
        "animal 6 (ivig) was followed to day 3 only and has no endpoints; its onset and its readings count.",
    ]
    assert laboratory_sentence(result) == (
        "Against vehicle (signs in 3 of 3, mean cumulative score 9.3), ivig: signs in 1 of 2, mean "
        "cumulative score 1.0 (Mann-Whitney p = 0.2)."
    )


def test_signs_at_the_first_reading_and_days_before_the_induction_are_noted(tmp_path: Path) -> None:
    result = result_of("rat,group,-1,0,1\n1,vehicle,0,0,0\n2,vehicle,,2,2\n", tmp_path)
    notes = laboratory_notes(result)
    assert "endpoints start at day 0; what was read before, from day -1, is not in them." in notes
    assert "animal 2 (vehicle) has signs at its first reading, on day 0; its onset may be earlier." in notes
    assert result.endpoint("vehicle", "cumulative_score").tolist() == [0, 4]


def test_complete_tables_have_no_notes_and_one_arm_no_tests(tmp_path: Path) -> None:
    result = result_of("rat,group,0,1\n1,vehicle,0,1\n2,vehicle,0,0\n", tmp_path)
    assert laboratory_notes(result) == []
    assert result.tests == {}
    assert len(result.tests_table()) == 0
    assert laboratory_sentence(result) == "vehicle: signs in 1 of 2, mean cumulative score 0.5."


def test_all_zeros_give_no_p_value_of_a_model_and_say_so(tmp_path: Path) -> None:
    rows = "".join(f"{rat},{arm},0,0\n" for rat, arm in enumerate(["vehicle", "vehicle", "b", "b"]))
    result = result_of(f"rat,group,0,1\n{rows}", tmp_path)
    assert laboratory_notes(result) == [
        "b: no log-rank on onset_day: no animal of either group had signs.",
        "b: no mixed model on score: no animal differs from another.",
    ]


def test_one_animal_in_an_arm_gives_no_interval(tmp_path: Path) -> None:
    result = result_of("rat,group,0,1\n1,vehicle,0,3\n2,b,0,1\n", tmp_path)
    row = result.table().loc[("b", "peak_score")]
    assert (row["mean"], row["difference"]) == (1, -2)
    assert row[["low", "high", "difference_low", "difference_high"]].isna().all()
    assert any("fewer than 2 animals in a group" in note for note in laboratory_notes(result))


def test_without_statsmodels_the_other_tests_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: object) -> object:
        if name.startswith("statsmodels"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", missing)
    result = result_of(new_scores_text(), tmp_path)
    assert np.isnan(result.tests["treated", "mixed model", "score"].p_value)
    assert result.tests["treated", "Mann-Whitney", "peak_score"].p_value == pytest.approx(0.1)
    assert any("pip install 'eaesim[laboratory]'" in note for note in laboratory_notes(result))


def test_an_endpoint_that_no_laboratory_sees_is_refused(result: LaboratoryResult) -> None:
    with pytest.raises(UnknownNameError, match="peak_score"):
        result.endpoint("vehicle", "demyelination_end")
