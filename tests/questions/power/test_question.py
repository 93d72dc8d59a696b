"""A power analysis of simulated rats: what it must not depend on, and what it says."""

from __future__ import annotations

import math
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from eaesim.errors import EaesimError
from eaesim.protocol import Arm, Bolus
from eaesim.questions.power.answer import Power, power
from eaesim.questions.power.course import course_table, ordinal_difference
from eaesim.questions.power.needed import needed_animals
from eaesim.questions.power.plan import MOST, plan_power
from eaesim.questions.power.request import PowerRequest
from eaesim.questions.power.trials import Rate, holm, rate
from eaesim.questions.power.words import power_paragraph
from eaesim.study import Study

FEW = {"sizes": [5, 10], "studies": 400, "pool": 400, "parameter_sets": 2}


def study(*days: int, mechanism: str = "H1a") -> Study:
    treated = [Arm(f"day {day}", Bolus("1 g/kg").at(day=day)) for day in days]
    return Study("lewis", until=25, arms=[Arm("vehicle"), *treated], mechanism=mechanism)


@pytest.fixture(scope="module")
def result() -> Power:
    return power(study(0, 7), seed=3, **FEW)


def test_the_same_seed_gives_the_same_bytes(result: Power) -> None:
    again = power(study(0, 7), seed=3, **FEW)
    other = power(study(0, 7), seed=4, **FEW)
    for name in ("table", "needed_table", "expected_table"):
        assert getattr(again, name)().to_csv() == getattr(result, name)().to_csv()
    assert other.table().to_csv() != result.table().to_csv()
    assert power_paragraph(again) == power_paragraph(result)


def test_an_arm_a_size_or_an_endpoint_more_changes_no_other(result: Power) -> None:
    keys = ["arm", "endpoint", "animals"]
    whole = result.table().set_index(keys)
    alone = power(study(0, 3, 7), arms=["day 7"], endpoints=["incidence"], seed=3, **FEW | {"sizes": [10]})
    more = power(study(7, 0, 3), seed=3, **FEW | {"sizes": [20, 10, 5, 130]})
    for other in (alone.table().set_index(keys), more.table().set_index(keys)):
        shared = other.index.intersection(whole.index)
        assert len(shared)
        pd.testing.assert_frame_equal(other.loc[shared], whole.loc[shared])


def test_every_arm_draws_rats_of_its_own(result: Power) -> None:
    pool = result.trials.pool
    own, other = pool.draw("vehicle", 10), pool.draw("day 0", 10)
    assert own.rat.shape == (400, 10)
    assert np.mean(own.rat == other.rat) < 0.02
    # A study takes place in one member; a rat belongs to its number modulo theirs.
    assert (own.rat % 2 == np.arange(400)[:, None] % 2).all()
    assert set(np.unique(own.rat)) <= set(range(400))


def test_a_drug_that_does_nothing_is_found_as_often_as_by_chance() -> None:
    null = power(
        study(0, mechanism="none"), sizes=[10, 20], studies=2000, pool=2000, parameter_sets=1, seed=5
    )
    table = null.table().set_index(["endpoint", "animals"])["power"]
    assert (table <= 0.07).all()
    for name in ("cumulative_score", "peak_score", "onset_day"):
        # Four rats in five fall ill on one of two days: of 10 a group so many ties leave fewer findings.
        assert table[name, 10] >= (0.02 if name == "onset_day" else 0.03)
        assert table[name, 20] >= 0.03
    assert null.absent() == ["day 0"]
    assert "does not show an absence" in null.notes()[0]
    assert "no effect to show" in null.sentence()
    assert "false positives" in power_paragraph(null)
    assert null.needed_table()["animals"].isna().all()


def test_an_early_dose_is_found_and_more_often_by_more_animals(result: Power) -> None:
    table = result.table().set_index(["arm", "endpoint", "animals"])["power"]
    for name in result.plan.endpoints:
        assert table["day 0", name, 10] > table["day 0", name, 5] > table["day 7", name, 5]
    for (_arm, _), found in result.needed.items():
        if not math.isnan(found.animals):
            assert found.low <= found.animals
            assert math.isnan(found.high) or found.animals <= found.high
            at = result.trials.rate(_arm, _, int(found.animals))
            assert at.value >= 0.8


def test_dropout_and_death_end_the_reading() -> None:
    arms = study(0)
    whole, lost = (
        power(arms, dropout=share, seed=3, endpoints=["peak_score", "onset_day", "mortality"], **FEW)
        for share in (0.0, 0.5)
    )
    pools = whole.trials.pool, lost.trials.pool
    before, after = (pool.draw("vehicle", 20) for pool in pools)
    assert (before.rat == after.rat).all()
    assert (before.last == 25).all()
    assert np.mean(after.last < 25) == pytest.approx(0.5, abs=0.05)
    peaks = [pool.values("vehicle", "peak_score", drawn) for pool, drawn in zip(pools, (before, after))]  # noqa: B905
    assert (peaks[1] <= peaks[0]).all()
    assert (peaks[1] < peaks[0]).any()
    scores = lost.trials.pool.result.scores("vehicle")
    row, column = 7, 4
    seen = scores[after.rat[row, column], : after.last[row, column] + 1]
    assert peaks[1][row, column] == seen.max()
    time, event = lost.trials.pool.times("vehicle", "onset_day", after)
    assert (time[~event] <= after.last[~event]).all()
    death = lost.trials.pool.result.simulation.death_day[0][after.rat]
    assert (death <= 25).any()
    assert (death[after.last < 25] > after.last[after.last < 25]).all()  # the dead are not lost
    died = lost.trials.pool.values("vehicle", "mortality", after)
    assert died.sum() <= whole.trials.pool.values("vehicle", "mortality", before).sum()


def test_a_share_by_the_end_is_the_same_as_its_share_a_day() -> None:
    by_end = plan_power(study(0), PowerRequest(dropout="20 %")).daily_dropout
    assert (1 - by_end) ** 25 == pytest.approx(0.8)
    assert plan_power(study(0), PowerRequest(dropout="1 % per day")).daily_dropout == 0.01


def test_corrections_find_less_and_holm_lies_between() -> None:
    def found(correction: str) -> pd.Series:
        return power(study(0, 7), correction=correction, seed=3, **FEW | {"sizes": [5]}).table()["power"]

    none, strict, between = found("none"), found("bonferroni"), found("holm")
    assert (none >= between).all()
    assert (between >= strict).all()
    assert (none > strict).any()


def test_holm_is_the_stepwise_procedure() -> None:
    values = np.random.default_rng(1).random((4, 300)) ** 3
    found = holm(values, alpha=0.05)
    for column in range(300):
        going = True
        for place, each in enumerate(np.argsort(values[:, column])):
            going = going and values[each, column] <= 0.05 / (4 - place)
            assert found[each, column] == going


def test_chance_alone_is_no_spread_over_members() -> None:
    draw = np.random.default_rng(2)
    alike = rate(draw.random(20 * 200) < 0.5, members=20)
    assert alike.member_high - alike.member_low < 0.06
    odds = np.tile(np.linspace(0.1, 0.9, 20), 200)
    apart = rate(draw.random(20 * 200) < odds, members=20)
    assert apart.member_low == pytest.approx(0.14, abs=0.06)
    assert apart.member_high == pytest.approx(0.86, abs=0.06)
    assert apart.low < apart.value < apart.high


def test_the_least_number_is_the_closed_one_or_none() -> None:
    def curve(animals: int) -> Rate:
        value = 1 - 0.9**animals
        return Rate(value, value - 0.02, value + 0.02, value - 0.3, value)

    found = needed_animals(curve, wanted=0.8, alpha=0.05)
    assert found.animals == math.ceil(math.log(0.2) / math.log(0.9))
    assert found.low <= found.animals <= found.high
    assert math.isnan(found.cautious)
    weak = needed_animals(lambda animals: Rate(*(animals / 1000,) * 5), wanted=0.8, alpha=0.05)
    assert weak.text() == f"no effect to show (found in 10 % with {MOST})"
    few = needed_animals(lambda animals: Rate(*(animals / 500,) * 5), wanted=0.8, alpha=0.05)
    assert few.text() == f"no number up to {MOST} suffices (found in 20 % with {MOST})"


def test_the_number_that_holds_in_19_of_20_sets_stands_beside_the_average_one(result: Power) -> None:
    found = result.needed["day 0", "peak_score"]
    assert found.members == 2
    assert found.cautious >= found.animals
    average, cautious = f"{found.animals:.0f}", found.in_most()
    assert cautious == (f"more than {MOST}" if math.isnan(found.cautious) else f"{found.cautious:.0f}")
    said = f"day 0 {average} on average over 2 parameter sets, {cautious} in 19 of 20"
    assert said in result.sentence()
    assert f"on average over 2 parameter sets, {cautious} in 19 of 20" in power_paragraph(result)
    row = result.needed_table().set_index(["arm", "endpoint"]).loc[("day 0", "peak_score")]
    assert row["animals"] == found.animals
    assert row["animals_cautious"] == pytest.approx(found.cautious, nan_ok=True)
    assert (row["test"], row["tails"], row["correction"]) == ("Mann-Whitney", "two-sided", "none")
    words = result.needed_words().set_index(["arm", "endpoint"]).loc[("day 0", "peak_score")]
    assert words.tolist()[-2:] == [found.average(), cautious]
    # What holds in 19 of 20 sets is judged by the sets, not by their mean.
    at = result.trials.rate("day 0", "peak_score", int(found.animals))
    assert at.value >= 0.8
    if found.cautious > found.animals:
        assert at.member_low < 0.8


def test_more_than_the_most_is_said_where_few_sets_show_the_effect() -> None:
    weak = needed_animals(lambda animals: Rate(1, 1, 1, 0.5, 1), wanted=0.8, alpha=0.05, members=20)
    assert weak.in_most() == f"more than {MOST}"
    assert weak.text() == f"2 (2 to 2) on average over 20 parameter sets, more than {MOST} in 19 of 20"
    alone = needed_animals(lambda animals: Rate(1, 1, 1, 1, 1), wanted=0.8, alpha=0.05)
    assert (alone.text(), alone.in_most()) == ("2 (2 to 2)", "")


def test_an_effect_in_few_members_is_no_absence() -> None:
    found = needed_animals(lambda animals: Rate(0.09, 0.08, 0.1, 0.05, 0.9), wanted=0.8, alpha=0.05)
    assert not found.absent


def test_the_expected_table_is_that_of_the_drawn_studies(result: Power) -> None:
    table = result.expected_table().set_index(["arm", "endpoint"])
    drawn = result.trials.pool.draw("day 0", result.chosen)
    values = result.trials.pool.values("day 0", "cumulative_score", drawn)
    row = table.loc[("day 0", "cumulative_score")]
    assert row["mean"] == pytest.approx(values.mean())
    assert row["sd"] == pytest.approx(values.std(axis=1, ddof=1).mean())
    quartiles = np.quantile(values, [0.25, 0.5, 0.75], axis=1).mean(axis=1)
    assert list(row[["quartile_low", "median", "quartile_high"]]) == pytest.approx(quartiles.tolist())
    onset = result.trials.pool.values(
        "vehicle", "onset_day", result.trials.pool.draw("vehicle", result.chosen)
    )
    assert table.loc[("vehicle", "onset_day"), "mean"] == pytest.approx(np.nanmean(onset, axis=1).mean())
    assert np.isnan(table.loc[("vehicle", "peak_score"), "p_median"])


def test_the_paragraph_holds_its_numbers(result: Power) -> None:
    text = power_paragraph(result)
    for part in (
        "ARRIVE 2.0",
        "400 virtual rats",
        "400 studies",
        f"With {result.chosen} animals",
        "seed 3",
        "day 25",
    ):
        assert part in text
    assert "predictions of a model, not observations" in text
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sizes": [1, 5]}, "sizes 1 is not a whole number from 2 to 1000"),
        ({"sizes": []}, "sizes is empty"),
        ({"sizes": [5, 5]}, "each once"),
        ({"endpoints": ["peak"]}, 'did you mean "peak_score"?'),
        ({"arms": ["day 1"]}, '"day 1" is not an arm'),
        ({"arms": ["vehicle"]}, "is the control"),
        ({"wanted": 1}, "wanted 1 is not a number above 0 and below 1"),
        ({"alpha": 0.0}, "alpha 0.0 is not"),
        ({"dropout": 1.0}, "dropout 1.0 is not a share"),
        ({"dropout": "100 %"}, "is not a share"),
        ({"correction": "holmes"}, 'did you mean "holm"?'),
        ({"dead": "six"}, "is not a rule for the dead"),
        ({"studies": 3}, "studies 3 is not a whole number"),
        ({"parameter_sets": 0}, "parameter_sets 0 is not a whole number"),
        ({"pool": 150}, "pool = 150 is not enough for 64 parameter sets"),
        ({"studies": 150}, "studies = 150 is not enough for 64 parameter sets"),
        ({"studies": 10**30}, "is not a whole number from 100 to 1000000"),
        ({"pool": 10**9}, "pool 1000000000 is not a whole number"),
        ({"studies": 1_000_000}, "studies = 1000000 of up to 100 animals in 2 arms needs too much memory"),
        ({"studies": 30_000, "sizes": [1000]}, "give at most 25000"),
        ({"pool": 1_000_000}, "pool = 1000000 rats in 2 arms over 26 days needs too much memory"),
        ({"parameter_sets": 10**20}, "parameter_sets"),
        ({"sizes": [10**400]}, "sizes"),
        ({"wanted": float("nan")}, "wanted nan is not a number"),
        ({"alpha": 1e400}, "alpha inf is not"),
        ({"dropout": "1e400 %"}, "is not a share"),
    ],
)
def test_bad_input_is_said_in_one_line(settings: dict[str, object], message: str) -> None:
    with pytest.raises(EaesimError) as caught:
        plan_power(study(0), PowerRequest(**settings))  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_it_does_not_matter_how_many_are_tested_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    few = FEW | {"sizes": [5], "studies": 200, "pool": 200}
    expected = power(study(0), seed=3, dropout=0.3, **few).table()
    monkeypatch.setattr(import_module("eaesim.questions.power.trials"), "AT_ONCE", 70)
    pd.testing.assert_frame_equal(power(study(0), seed=3, dropout=0.3, **few).table(), expected)


def test_a_study_of_one_arm_has_nothing_to_compare() -> None:
    with pytest.raises(EaesimError, match="one arm only"):
        plan_power(Study("lewis", until=20, arms=[Arm("vehicle")]), PowerRequest())


def test_the_ordinal_model_of_a_course(result: Power) -> None:
    pytest.importorskip("statsmodels")
    draw = np.random.default_rng(4)

    def course(shift: float) -> np.ndarray:
        latent = draw.logistic(size=(80, 15)) + shift
        return np.clip(np.ceil(latent + 1), 0, 4)

    found = ordinal_difference(course(-1.0), course(0.0))
    # Independent readings: the odds ratio of the logistic is the exponential of its shift.
    assert found["odds_ratio"] == pytest.approx(math.exp(-1.0), rel=0.2)
    assert found["low"] < found["odds_ratio"] < found["high"] < 1
    assert found["p_value"] < 1e-6
    table = course_table(result)
    assert table["arm"].tolist() == ["day 0", "day 7"]
    assert table["p_value"].dropna().between(0, 1).all()
