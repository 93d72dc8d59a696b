"""What a laboratory's scores say: the rules for missing days, the tables, and what a person is told."""

from __future__ import annotations

import builtins
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from eaesim.errors import QuantityError, UnknownNameError
from eaesim.evidence import read_scores
from eaesim.evidence.laboratory import new_scores_text
from eaesim.evidence.laboratoryendpoints import SEEN
from eaesim.evidence.laboratorytests import readings
from eaesim.proportion import wilson_interval
from eaesim.questions.scores.answer import LaboratoryResult

TABLE = """rat,group,1,2,3,5,6
1,vehicle,0,1,3,2,1
2,vehicle,0,,2,dead,
3,vehicle,0,0,1,1,1
4,ivig,0,0,0,0,0
5,ivig,0,0,1,0,0
6,ivig,0,2,2,,
"""


def result_of(text: str, tmp_path: Path, **rules: object) -> LaboratoryResult:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    return LaboratoryResult(read_scores(tmp_path / "a.csv"), **rules)


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
    assert [result.until(arm) for arm in result.arms] == [6, 6]
    read = {name: result.endpoint("vehicle", name).tolist() for name in SEEN}
    assert read["incidence"] == [1, 1, 1]
    assert read["onset_day"] == [2, 3, 3]
    assert read["peak_score"] == [3, 5, 1]
    assert read["cumulative_score"] == [10, 14, 4]
    assert read["mean_score"] == [10 / 7, 2, 4 / 7]
    assert read["duration"] == [5, 2, 4]
    assert read["mortality"] == [0, 1, 0]
    # Animal 6 was lost with signs: what was seen of it counts, and what came after is not known.
    np.testing.assert_array_equal(result.endpoint("ivig", "incidence"), [0, 1, 1])
    np.testing.assert_array_equal(result.endpoint("ivig", "onset_day"), [np.nan, 3, 2])
    np.testing.assert_array_equal(result.endpoint("ivig", "peak_score"), [0, 1, 2])
    for name in ("cumulative_score", "mean_score", "duration", "mortality"):
        assert np.isnan(result.endpoint("ivig", name)).tolist() == [False, False, True]


def test_the_rule_for_the_dead_is_kept(tmp_path: Path) -> None:
    last = result_of(TABLE, tmp_path, dead="last")
    assert last.endpoint("vehicle", "cumulative_score").tolist() == [10, 8, 4]
    exclude = result_of(TABLE, tmp_path, dead="exclude")
    np.testing.assert_array_equal(exclude.endpoint("vehicle", "peak_score"), [3, np.nan, 1])
    assert exclude.endpoint("vehicle", "mortality").tolist() == [0, 1, 0]
    with pytest.raises(UnknownNameError, match="rule for the dead"):
        result_of(TABLE, tmp_path, dead="fivee")


def test_the_summary_says_until_when_and_of_how_many(result: LaboratoryResult) -> None:
    table = result.table()
    names = (
        "arm, endpoint, until, mean, low, high, compared_until, difference, difference_low, difference_high, "
        "animals, lost, note"
    )
    assert ", ".join([*table.index.names, *table.columns]) == names
    row = table.loc[("ivig", "peak_score")]
    assert (row["mean"], row["difference"], row["animals"], row["lost"]) == (1, -2, 3, 1)
    assert row["note"] == "of 1 lost, at least what was read"
    assert row["difference_low"] < -2 < row["difference_high"]
    withheld = table.loc[("ivig", "cumulative_score")]
    assert withheld[["mean", "low", "high", "difference"]].isna().all()
    assert withheld["note"] == "withheld: 1 lost with signs; say --lost score, carry or exclude"
    assert (table.xs("vehicle")["difference"] == 0).all()
    assert table.columns.name == "the dead score 5 from that day on; signs: score >= 1"


def test_every_test_is_that_of_its_endpoints(result: LaboratoryResult) -> None:
    tests = result.tests_table().set_index(["test", "endpoint"])
    assert (tests["arm"] == "ivig").all()
    assert (tests["control"] == "vehicle").all()
    row = tests.loc[("Mann-Whitney", "peak_score")]
    peaks = [0.0, 1, 2], [3.0, 5, 1]
    every = stats.permutation_test(
        peaks,
        lambda x, y: stats.mannwhitneyu(x, y).statistic,
        n_resamples=np.inf,
        permutation_type="independent",
    )
    assert row["statistic"] == stats.mannwhitneyu(*peaks).statistic
    assert row["p_value"] == pytest.approx(every.pvalue)
    assert tests.loc[("Fisher", "incidence"), "p_value"] == stats.fisher_exact([[2, 1], [3, 0]])[1]
    sums = tests.loc[("Mann-Whitney", "cumulative_score")]
    assert np.isnan(sums["p_value"])
    assert "--lost" in sums["note"]
    onset = tests.loc[("log-rank", "onset_day")]
    assert (onset["animals"], onset["control_animals"]) == (3, 3)
    ivig = stats.CensoredData(uncensored=[3, 2], right=[6])
    assert onset["statistic"] == pytest.approx(stats.logrank(ivig, [2, 3, 3]).statistic)


@pytest.mark.parametrize(("lost", "cumulative"), [("carry", 10), ("score", 19), ("exclude", None)])
def test_a_rule_for_the_lost_gives_the_sums(lost: str, cumulative: float | None, tmp_path: Path) -> None:
    result = result_of(TABLE, tmp_path, lost=lost)
    expected = [0, 2] if cumulative is None else [0, 2, cumulative]
    assert result.table().loc[("ivig", "cumulative_score"), "mean"] == pytest.approx(np.mean(expected))
    found = result.tests["ivig", "Mann-Whitney", "cumulative_score"]
    every = stats.permutation_test(
        (expected, [10, 14, 4]), lambda x, y: stats.mannwhitneyu(x, y).statistic, n_resamples=np.inf
    )
    assert found.p_value == pytest.approx(every.pvalue)
    assert result.tests["ivig", "Mann-Whitney", "peak_score"].animals == 3


def test_the_mixed_model_uses_what_was_read_and_no_more(result: LaboratoryResult) -> None:
    found = result.tests["ivig", "mixed model", "score"]
    assert (found.animals, found.control_animals) == (3, 3)
    assert found.estimate.value < 0
    assert np.isnan(readings(result, "ivig", 6)).sum() == 2
    assert np.isnan(readings(result, "vehicle", 6)).sum() == 1


def test_every_animal_has_a_row(result: LaboratoryResult) -> None:
    table = result.animals_table().set_index("animal")
    assert table.index.tolist() == list("123456")
    assert table["followed_to"].tolist() == [6, 6, 6, 6, 6, 3]
    assert table["ended"].tolist() == ["", "dead", "", "", "", "blank"]
    assert table.loc["2", "end_day"] == 5
    assert table["at_least"].tolist() == ["", "", "", "", "", "peak_score"]
    # Animal 2 was not read on day 2, before its first sign on day 3.
    assert table["at_most"].tolist() == ["", "onset_day", "", "", "", ""]
    assert list(table.columns[6:]) == list(SEEN)


def test_arms_are_compared_up_to_the_last_day_that_the_pair_has(tmp_path: Path) -> None:
    text = "rat,group,0,1,2,3\n1,vehicle,0,1,2,3\n2,b,0,1,,\n3,vehicle,0,0,1,0\n4,c,0,0,1,2\n"
    result = result_of(text, tmp_path)
    assert [result.until(arm) for arm in result.arms] == [3, 1, 3]
    assert [result.common_day(arm) for arm in ("b", "c")] == [1, 3]
    assert result.endpoint("vehicle", "cumulative_score").tolist() == [6, 1]
    assert result.endpoint("vehicle", "cumulative_score", until=1).tolist() == [1, 0]
    # Arm b ended; its animal is not lost.
    assert not result.watched("b").is_lost.any()
    tests = result.tests_table().set_index(["arm", "test", "endpoint"])["until"]
    assert (tests.xs("b") == 1).all()
    assert (tests.xs("c") == 3).all()
    table = result.table()["compared_until"]
    assert (table.loc["b"] == 1).all()
    assert (table.loc["c"] == 3).all()
    note = "b and vehicle are compared up to day 1, the last that they have in common; vehicle was read to "
    assert f"{note}day 3." in result.notes()
    sentence = result.sentence()
    assert "Against vehicle (1 of 2 with signs by day 1, mean cumulative score 0.5), b: 1 of 1" in sentence
    assert "Against vehicle (2 of 2 with signs by day 3, mean cumulative score 3.5), c: 1 of 1" in sentence


def test_an_arm_of_the_dead_is_followed_to_the_end(tmp_path: Path) -> None:
    assert result_of("rat,group,0,1,2\n1,vehicle,0,1,2\n2,b,0,dead,\n", tmp_path).until("b") == 2


def test_a_death_does_not_lose_the_others_of_an_arm_that_ended(tmp_path: Path) -> None:
    text = "rat,group,0,1,2,3\n1,vehicle,0,1,2,3\n2,b,0,1,1,\n3,b,0,dead,,\n"
    result = result_of(text, tmp_path)
    assert result.until("b") == 2
    assert not result.watched("b").is_lost.any()
    assert result.endpoint("b", "cumulative_score").tolist() == [2, 10]


def test_what_a_person_is_told(result: LaboratoryResult) -> None:
    notes = result.notes()
    assert "days without a reading keep the last one; days before the first count as 0." in notes
    (vehicle,) = (note for note in notes if note.startswith("vehicle: ") and "not read" in note)
    assert "1 of 3 not read on the day before the first sign (day 3): onset then or earlier." in vehicle
    (ivig,) = (note for note in notes if note.startswith("ivig: "))
    assert ivig == (
        "ivig: 1 of 3 lost before day 6 (1 blank at the end, neither dead nor removed is said); 1 of these "
        "with a last score of 2: no cumulative or mean score: say --lost score, carry or exclude; 1 peak is "
        "at least what was read."
    )
    assert result.sentence() == (
        "Against vehicle (3 of 3 with signs by day 6, mean cumulative score 9.3), ivig: 2 of 3 with signs by "
        "day 6, mean cumulative score withheld for 1 lost with signs: say --lost score, carry or exclude "
        "(not tested)."
    )


def test_the_headline_counts_all_animals(tmp_path: Path) -> None:
    days = ",".join(str(day) for day in range(64))
    ill = [f"{rat},PBS,{','.join(['0'] * 12 + ['2'] * 52)}" for rat in (1, 2)]
    lost = [f"{rat},PBS,{','.join(['0'] * 20 + [''] * 44)}" for rat in range(3, 16)]
    # One of them fell ill on day 30, after the others were lost.
    ill[1] = f"2,PBS,{','.join(['0'] * 30 + ['2'] * 34)}"
    result = result_of("\n".join([f"rat,group,{days}", *ill, *lost]) + "\n", tmp_path)
    assert result.sentence().startswith("PBS: 2 of 15 with signs by day 63, 13 lost before")
    # The chance of signs is that of Kaplan and Meier: 1 of 15, then 1 of 1; it rests on that one animal.
    row = result.table().loc[("PBS", "incidence")]
    assert row["mean"] == pytest.approx(1.0)
    assert (row["low"], row["high"]) == pytest.approx(wilson_interval(1.0, 1))
    assert row["note"].startswith("Kaplan-Meier: 13 lost between")
    assert any("13 of 15 lost before day 63" in note and "censored" in note for note in result.notes())
    assert result.table().loc[("PBS", "peak_score"), "animals"] == 2


def test_shares_are_not_tested_where_animals_were_lost_in_between(tmp_path: Path) -> None:
    rows = ["1,PBS,0,1,1,1,1", "2,PBS,0,0,0,2,1", "3,PBS,0,0,,,", "4,b,0,0,0,0,0", "5,b,0,0,0,1,0"]
    result = result_of("\n".join(["rat,group,0,1,2,3,4", *rows]) + "\n", tmp_path)
    fisher, onset = result.tests["b", "Fisher", "incidence"], result.tests["b", "log-rank", "onset_day"]
    assert np.isnan(fisher.p_value)
    assert "1 lost between the first and the last event" in fisher.note
    assert onset.control_animals == 3
    expected = stats.logrank(
        stats.CensoredData(uncensored=[3], right=[4]), stats.CensoredData(uncensored=[1, 3], right=[1])
    )
    assert onset.statistic == pytest.approx(expected.statistic)
    # Kaplan and Meier by hand: 1 - 2/3 * 0.
    assert result.table().loc[("PBS", "incidence"), "mean"] == pytest.approx(1.0)


def test_an_animal_that_was_lost_on_day_0_changes_no_other_number(tmp_path: Path) -> None:
    rows = [*TABLE.splitlines()[1:], "8,vehicle,0,1,1,1,1", "9,ivig,0,0,0,2,0"]
    head = "rat,group,0,1,2,3,5,6"
    rows = [row.replace(",vehicle,", ",vehicle,0,").replace(",ivig,", ",ivig,0,") for row in rows]
    plain = result_of("\n".join([head, *rows]) + "\n", tmp_path)
    more = result_of("\n".join([head, *rows, "77,vehicle,0,,,,,", "78,ivig,0,,,,,"]) + "\n", tmp_path)
    numbers = ["mean", "low", "high", "difference", "difference_low", "difference_high", "animals"]
    pd.testing.assert_frame_equal(plain.table()[numbers], more.table()[numbers])
    numbers = ["statistic", "p_value", "difference", "difference_low", "difference_high"]
    pd.testing.assert_frame_equal(plain.tests_table()[numbers], more.tests_table()[numbers], rtol=1e-9)
    assert "4 of 5 with signs by day 6, 1 lost before" in more.sentence()


def test_twice_the_scale_gives_twice_the_scores_and_the_same_p_values(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(TABLE, encoding="utf-8")
    scores = read_scores(tmp_path / "b.csv")
    twice = replace(scores, score=2 * scores.score, scale_max=10.0, dead_score=10.0)
    for lost in (None, "carry", "score"):
        one, two = LaboratoryResult(scores, lost=lost), LaboratoryResult(twice, lost=lost, signs=2.0)
        for name in SEEN:
            factor = 2 if "score" in name else 1
            np.testing.assert_allclose(
                two.endpoint("ivig", name), factor * one.endpoint("ivig", name), equal_nan=True
            )
        assert two.tests_table()["p_value"].to_numpy() == pytest.approx(
            one.tests_table()["p_value"].to_numpy(), nan_ok=True, rel=1e-6
        )


@pytest.mark.parametrize("signs", [0, -1, 5.5, float("nan"), float("inf")])
def test_a_threshold_that_is_not_on_the_scale_is_refused(signs: float, tmp_path: Path) -> None:
    with pytest.raises(
        QuantityError, match=r"^--signs is .* above 0, and at most the top of the scale, 5\.$"
    ):
        result_of(TABLE, tmp_path, signs=signs)


def test_half_points_count_where_they_are_asked_to(tmp_path: Path) -> None:
    text = "rat,group,0,1\n1,vehicle,0,0.5\n2,vehicle,0,0.5\n"
    plain, asked = (result_of(text, tmp_path, signs=signs) for signs in (1, 0.5))
    assert plain.endpoint("vehicle", "incidence").tolist() == [0, 0]
    assert asked.endpoint("vehicle", "incidence").tolist() == [1, 1]
    assert any("--signs 0.5" in note for note in plain.notes())
    assert not any("--signs" in note for note in asked.notes())


def test_signs_at_the_first_reading_and_days_before_the_induction_are_noted(tmp_path: Path) -> None:
    result = result_of("rat,group,-1,0,1\n1,vehicle,0,0,0\n2,vehicle,,2,2\n", tmp_path)
    notes = result.notes()
    assert "endpoints start at day 0; what was read before, from day -1, is not in them." in notes
    note = "vehicle: 1 of 2 not read on the day before the first sign (day 0): onset then or earlier."
    assert note in notes
    assert result.endpoint("vehicle", "cumulative_score").tolist() == [0, 4]


def test_complete_tables_have_no_notes_and_one_arm_no_tests(tmp_path: Path) -> None:
    result = result_of("rat,group,0,1\n1,vehicle,0,1\n2,vehicle,0,0\n", tmp_path)
    assert [note for note in result.notes() if "simulated rats" not in note] == []
    assert result.tests == {}
    assert len(result.tests_table()) == 0
    assert result.sentence() == "vehicle: 1 of 2 with signs by day 1, mean cumulative score 0.5."


def test_all_zeros_give_no_p_value_of_a_model_and_say_so(tmp_path: Path) -> None:
    rows = "".join(f"{rat},{arm},0,0\n" for rat, arm in enumerate(["vehicle", "vehicle", "b", "b"]))
    result = result_of(f"rat,group,0,1\n{rows}", tmp_path)
    assert result.notes() == ["b: no mixed model on score: no animal differs from another."]
    assert result.tests["b", "log-rank", "onset_day"].note == "no animal of either group had signs"


def test_one_animal_in_an_arm_gives_no_interval(tmp_path: Path) -> None:
    result = result_of("rat,group,0,1\n1,vehicle,0,3\n2,b,0,1\n", tmp_path)
    row = result.table().loc[("b", "peak_score")]
    assert (row["mean"], row["difference"]) == (1, -2)
    assert row[["low", "high", "difference_low", "difference_high"]].isna().all()
    assert any("fewer than 2 animals in a group" in note for note in result.notes())


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
    assert any('pip install "eaesim[laboratory]" (in the' in note for note in result.notes())


def test_an_endpoint_that_no_laboratory_sees_is_refused(result: LaboratoryResult) -> None:
    with pytest.raises(UnknownNameError, match="peak_score"):
        result.endpoint("vehicle", "demyelination_end")
