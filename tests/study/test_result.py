"""What a result hands on: its tables, pairs, and the rule for the dead."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from eaesim.endpoints import DEAD_RULES, ENDPOINTS, difference, mean
from eaesim.errors import UnknownNameError
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.study import Study

ARMS = ("vehicle", "day 0", "at onset")


@cache
def result(dead="score"):
    # Rats that die easily, so that the rules for the dead matter.
    rat = load("lewis").replace(death_rate=2, death_severity=3.5)
    arms = [
        Arm("vehicle"),
        Arm("day 0", Bolus("0.4 g/kg").at(day=0)),
        Arm("at onset", Bolus("1 g/kg").at(onset="score >= 1")),
    ]
    return Study(rat, arms=arms, until=25).run(animals=16, seed=3, dead=dead, workers=1, members=1)


def test_some_die_and_some_live_or_these_tests_would_show_nothing():
    assert 0.1 < result().endpoint("vehicle", "mortality").mean() < 0.9


def test_the_summary_has_a_row_for_every_arm_and_endpoint():
    table = result().table()
    assert table.index.names == ["arm", "endpoint"]
    assert table.index.tolist() == [(arm, name) for arm in ARMS for name in ENDPOINTS]
    assert list(table.columns) == [
        "mean",
        "low",
        "high",
        "animal_low",
        "animal_high",
        "difference",
        "difference_low",
        "difference_high",
        "difference_animal_low",
        "difference_animal_high",
        "animals",
        "failed",
        "unpaired",
    ]
    animals = table["animals"].unstack()
    known = [name for name in ENDPOINTS if not np.isnan([result().endpoint(arm, name) for arm in ARMS]).any()]
    assert {"incidence", "peak_score", "mortality"} <= set(known)
    assert (animals[known] == 16).all(axis=None)
    signs = {arm: np.isfinite(result().endpoint(arm, "onset_day")) for arm in ARMS}
    in_both = [int((signs[arm] & signs["vehicle"]).sum()) for arm in ARMS]
    assert animals["onset_day"].loc[list(ARMS)].tolist() == in_both
    in_one = [int((signs[arm] != signs["vehicle"]).sum()) for arm in ARMS]
    assert table["unpaired"].unstack()["onset_day"].loc[list(ARMS)].tolist() == in_one
    assert (table["unpaired"].unstack()[known] == 0).all(axis=None)
    assert (table["failed"] == 0).all()


def test_the_summary_is_means_and_paired_differences_from_the_control():
    table = result().table()
    treated, control = (result().endpoint(arm, "peak_score") for arm in ("day 0", "vehicle"))
    row = table.loc[("day 0", "peak_score")]
    own, apart = mean(treated, seed=3), difference(treated, control, seed=3)
    assert row[["mean", "low", "high"]].tolist() == [own.value, own.low, own.high]
    assert row["mean"] == pytest.approx(treated.mean())
    assert row[["difference", "difference_low", "difference_high"]].tolist() == [
        apart.value,
        apart.low,
        apart.high,
    ]
    assert row["difference"] == pytest.approx((treated - control).mean()) != 0
    # Without an ensemble there is nothing but rats.
    for name in ("", "difference_"):
        ends = table[[f"{name}low", f"{name}high"]].to_numpy()
        assert np.array_equal(
            ends, table[[f"{name}animal_low", f"{name}animal_high"]].to_numpy(), equal_nan=True
        )


def test_the_day_of_onset_is_compared_in_rats_that_fell_ill_in_both_arms():
    # Rats that fall ill in one arm only have another mean than the others: unpaired, they are the difference.
    seen = Study("lewis", arms=[Arm("vehicle"), Arm("day 0", Bolus("0.6 g/kg").at(day=0))], until=30).run(
        animals=60, seed=3, workers=1
    )
    onset = {arm: seen.endpoint(arm, "onset_day") for arm in seen.arms}
    both = np.isfinite(onset["vehicle"]) & np.isfinite(onset["day 0"])
    assert 2 < both.sum() < np.isfinite(onset["vehicle"]).sum()
    apart = (onset["day 0"] - onset["vehicle"])[both]
    found = seen.difference("day 0", "vehicle", "onset_day")
    assert found.value == pytest.approx(apart.mean())
    unpaired = np.nanmean(onset["day 0"]) - np.nanmean(onset["vehicle"])
    assert abs(found.value - unpaired) > 1e-6
    row = seen.table().loc[("day 0", "onset_day")]
    assert row["difference"] == found.value
    assert row["animals"] == both.sum()
    assert row["mean"] == pytest.approx(np.nanmean(onset["day 0"]))
    swapped = seen.difference("vehicle", "day 0", "onset_day")
    assert swapped.value == pytest.approx(-found.value)


def test_the_control_differs_from_itself_by_nothing():
    control = result().table().loc["vehicle"]
    assert (control[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)


def test_another_control_turns_the_differences_round():
    first, other = (
        Study("lewis", arms=[Arm("a"), Arm("b", Bolus("1 g/kg").at(day=0))], until=20, control=control)
        .run(animals=4, seed=1, workers=1)
        .table()["difference"]
        for control in ("a", "b")
    )
    assert first.loc[("b", "peak_score")] == -other.loc[("a", "peak_score")] != 0


@pytest.mark.parametrize("dead", DEAD_RULES)
def test_every_table_says_how_the_dead_were_scored(dead):
    assert result(dead).table().columns.name == DEAD_RULES[dead]


def test_the_rule_for_the_dead_changes_the_scores_and_not_the_rats():
    score, carry, exclude = (result(dead) for dead in ("score", "carry", "exclude"))
    death = score.simulation.death_day[0]
    died = np.isfinite(death)
    for other in (carry, exclude):
        assert np.array_equal(other.simulation.death_day, score.simulation.death_day)
        assert np.array_equal(other.scores("vehicle")[~died], score.scores("vehicle")[~died])
    on = np.arange(26) >= death[:, None]
    assert (score.scores("vehicle")[on] == 5).all()
    assert (score.scores("vehicle")[~on] < 5).all()
    assert (carry.scores("vehicle") < 5).all()
    assert np.isnan(exclude.scores("vehicle")[died]).all()
    means = [each.table().loc[("vehicle", "mean_score"), "mean"] for each in (score, carry)]
    assert means[0] > means[1]
    for each in (score, carry, exclude):
        assert each.table().loc[("vehicle", "mortality"), "mean"] == died.mean()


def test_the_table_of_animals_has_a_row_for_every_rat_of_every_arm():
    animals = result().animals_table()
    columns = ["arm", "animal", "member", "status", "reason", "dosed", *ENDPOINTS]
    assert list(animals.columns) == [*columns, "igg_plasma_peak", "igg_plasma_area"]
    assert animals["arm"].tolist() == [arm for arm in ARMS for _ in range(16)]
    assert animals["animal"].tolist() == list(range(16)) * 3
    assert (animals["member"] == 0).all()
    assert (animals["status"] == "solved").all()
    assert (animals["reason"] == "").all()
    assert animals.groupby("arm", sort=False)["dosed"].sum().loc[["vehicle", "day 0"]].tolist() == [0, 16]
    assert (
        animals.loc[animals["arm"] == "day 0", "peak_score"].tolist()
        == result().endpoint("day 0", "peak_score").tolist()
    )


def test_the_table_of_scores_gives_the_endpoints_again():
    scores, animals = result().scores_table(), result().animals_table()
    assert list(scores.columns) == ["arm", "animal", "member", "day", "score", "severity"]
    assert len(scores) == 3 * 16 * 26
    by_rat = scores.groupby(["arm", "animal"], sort=False)
    assert by_rat["day"].apply(list).map(lambda days: days == list(range(26))).all()
    assert by_rat["score"].max().tolist() == animals["peak_score"].tolist()
    assert by_rat["score"].sum().tolist() == animals["cumulative_score"].tolist()
    assert set(scores["score"]) <= {0, 1, 2, 3, 4, 5}
    assert scores["severity"].between(0, 5).all()


def test_the_table_of_courses_gives_the_recorded_states():
    courses, animals = result().courses_table(), result().animals_table()
    assert list(courses.columns) == [
        "arm",
        "animal",
        "member",
        "day",
        "igg_plasma",
        "effector_cns",
        "inflammation",
        "demyelination",
    ]
    by_rat = courses.groupby(["arm", "animal"], sort=False)
    assert by_rat["inflammation"].max().tolist() == animals["cns_inflammation_peak"].tolist()
    assert by_rat["demyelination"].last().tolist() == animals["demyelination_end"].tolist()


def test_unknown_names_are_helped():
    for use, message in (
        (lambda: result().endpoint("day 1", "peak_score"), '"day 1" is not an arm; did you mean "day 0"'),
        (lambda: result().scores("vehicel"), '"vehicel" is not an arm; did you mean "vehicle"'),
        (
            lambda: result().endpoint("vehicle", "peak_scor"),
            '"peak_scor" is not an endpoint; did you mean "peak_score"',
        ),
    ):
        with pytest.raises(UnknownNameError, match=message):
            use()


def test_a_rat_dead_before_the_relapse_in_one_arm_is_left_out_of_every_arm():
    rat = load("da").replace(death_rate=2, death_severity=3.5)
    inductions = [Immunisation(), Relapse(30, adjuvant="complete")]
    arms = [
        Arm("vehicle"),
        Arm("treated", Bolus("1 g/kg").at(day=0)),
        Arm("not induced", inductions=[Immunisation()]),
    ]
    study = Study(rat, arms=arms, until=45, inductions=inductions)
    seen = study.run(animals=16, seed=3, workers=1)
    gone = (seen.simulation.death_day <= 30).any(axis=0)
    in_one_only = gone & ~(seen.simulation.death_day <= 30).all(axis=0)
    assert in_one_only.any()
    assert not gone.all()
    for arm in seen.arms:
        for name in ("relapse_incidence", "relapse_peak_score", "relapse_cumulative_score"):
            for other in ("vehicle", "treated"):
                treated, control = seen.pair(arm, other, name)
                assert len(treated) == len(control) == (~gone).sum()
                assert np.isfinite(treated + control).all()
        assert len(seen.pair(arm, "vehicle", "peak_score")[0]) == 16
    # The arm without an induction is read from the same day on, so that its own bouts can be taken off.
    late = seen.scores("not induced")[~gone, 30:]
    read, _ = seen.pair("not induced", "vehicle", "relapse_peak_score")
    assert read.tolist() == late.max(axis=1).tolist()


def test_an_arm_is_read_from_its_own_induction_whatever_stands_beside_it():
    def arm(day):
        return Arm(f"day {day}", inductions=[Immunisation(), Relapse(day, adjuvant="complete")])

    def run(*arms):
        return Study("da", arms=arms, until=65).run(animals=12, seed=5, workers=1)

    alone, beside = run(Arm("vehicle"), arm(50)), run(Arm("vehicle"), arm(35), arm(50))
    for name in ENDPOINTS:
        for each in ("vehicle", "day 50"):
            same = np.array_equal(alone.endpoint(each, name), beside.endpoint(each, name), equal_nan=True)
            assert same, (each, name)


def test_under_exclude_a_rat_that_died_in_one_arm_leaves_the_pair():
    rat = load("da").replace(death_rate=2, death_severity=3.5)
    arms = [Arm("vehicle"), Arm("treated", Bolus("1 g/kg").at(day=0))]
    seen = Study(rat, arms=arms, until=30).run(animals=16, seed=3, workers=1, dead="exclude")
    died = np.isfinite(seen.simulation.death_day)
    assert (died[0] != died[1]).any()
    for name in ("peak_score", "cumulative_score", "onset_day"):
        treated, control = seen.pair("treated", "vehicle", name)
        assert np.isnan(treated[died.any(axis=0)]).all()
        assert np.isnan(control[died.any(axis=0)]).all()
    row = seen.table().loc[("treated", "peak_score")]
    assert row["animals"] == (~died.any(axis=0)).sum()
    assert row["difference"] == pytest.approx(
        np.nanmean(seen.pair("treated", "vehicle", "peak_score")[0])
        - np.nanmean(seen.pair("treated", "vehicle", "peak_score")[1])
    )
