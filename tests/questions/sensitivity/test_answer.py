"""Sensitivity of real rats: each set of values is the study it stands for, and nothing else changes it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eaesim.endpoints import effect
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.questions.sensitivity.answer import Sensitivity, sensitivity
from eaesim.questions.sensitivity.factors import vary
from eaesim.questions.sensitivity.indices import draw
from eaesim.study import Study

IVIG = Bolus("1 g/kg")
ARMS = [
    Arm("vehicle"),
    Arm("day 0", IVIG.at(day=0)),
    Arm("at onset", IVIG.at(onset="score >= 1"), mechanism="H6"),
]
RATS = 3


def study(until: int = 18, rat: Any = "lewis", **changed: Any) -> Study:
    return Study(rat, until=until, arms=changed.pop("arms", ARMS), **changed)


@cache
def found() -> Sensitivity:
    return sensitivity(
        study(),
        outputs=[
            {"arm": "day 0", "against": "vehicle"},
            {"arm": "at onset", "against": "vehicle", "endpoint": "cumulative_score", "relative": True},
            {"arm": "vehicle", "endpoint": "onset_day"},
        ],
        parameters=["expansion_rate", "potency_maturation", "potency_priming", "igg_absorption_sc"],
        ranges={"arm.day 0.day": {"low": -2, "high": 4}},
        trajectories=4,
        animals=RATS,
        seed=5,
    )


def test_every_output_is_that_of_the_study_at_its_set_of_values() -> None:
    """The indices are worked out again from studies that are run one by one."""
    plan = found().plan
    points = draw("morris", len(plan.factors), size=4, seed=1)
    values: list[list[float]] = [[], [], []]
    for point in points.reshape(-1, len(plan.factors)):
        result = vary(plan.study, plan.factors, point.tolist()).run(animals=RATS, seed=5, members=1)
        treated, control = result.pair("day 0", "vehicle", "peak_score")
        values[0].append(float(control.mean() - treated.mean()))
        pair = result.pair("at onset", "vehicle", "cumulative_score")
        values[1].append(effect(*pair, seed=5).value)
        values[2].append(float(np.nanmean(result.endpoint("vehicle", "onset_day"))))
    for output, column in zip(plan.outputs, values, strict=True):
        effects = np.diff(np.array(column).reshape(points.shape[:2]), axis=1)
        steps = np.diff(points, axis=1)
        moved = np.abs(steps).argmax(axis=2)
        for place, factor in enumerate(plan.factors):
            mine = effects[moved == place] / steps[moved == place][:, place]
            row = found().rows(output).set_index("parameter").loc[factor.name]
            assert row["mu_star"] == pytest.approx(np.abs(mine).mean(), abs=1e-12)
            assert row["mu"] == pytest.approx(mine.mean(), abs=1e-12)


def test_what_cannot_matter_is_exactly_nothing_and_what_must_matter_is_not() -> None:
    def index(output: int, parameter: str) -> float:
        rows = found().rows(found().plan.outputs[output]).set_index("parameter")
        return float(rows.loc[parameter, "mu_star"])

    for output in range(3):
        assert index(output, "igg_absorption_sc") == 0  # of a drug that nobody is given
        assert index(output, "potency_priming") == 0  # of a mechanism that is switched off
    assert index(0, "potency_maturation") > 0.1
    assert index(0, "arm.day 0.day") > 0.1
    assert index(2, "potency_maturation") == index(2, "arm.day 0.day") == 0
    assert index(2, "expansion_rate") > 1


def test_the_same_question_has_the_same_answer_and_another_seed_another() -> None:
    def table(**changed: Any) -> pd.DataFrame:
        settings = {"parameters": ["expansion_rate", "priming_rate"], "trajectories": 4, "animals": 2}
        return sensitivity(study(14), arm="vehicle", endpoint="mean_score", **{**settings, **changed}).table

    first = table()
    pd.testing.assert_frame_equal(first, table(), check_exact=True)
    for changed in ({"seed": 2}, {"sampling_seed": 2}):
        assert (table(**changed)["mu_star"] != first["mu_star"]).any()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "where"),
    [("morris", {"workers": 2}), ("sobol", {"workers": 2}), ("morris", {"workers": 2, "cluster": "local"})],
)
def test_neither_workers_nor_a_cluster_change_a_bit(
    method: str, where: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eaesim.questions.sensitivity.sample.RUNS_A_CHUNK", 20)
    asked = {
        "method": method,
        "arm": "day 0",
        "against": "vehicle",
        "parameters": ["expansion_rate", "priming_rate"],
        "trajectories": 8,
        "samples": 8,
        "animals": 2,
    }
    one, two = (sensitivity(study(14), **asked, **each) for each in ({"workers": 1}, where))
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    pd.testing.assert_frame_equal(one.convergence, two.convergence, check_exact=True)


def test_how_many_sets_are_run_together_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"parameters": ["expansion_rate"], "trajectories": 4, "animals": 2}
    whole = sensitivity(study(14), arm="day 0", against="vehicle", **few).table
    monkeypatch.setattr("eaesim.questions.sensitivity.sample.RATS_AT_ONCE", 1)
    monkeypatch.setattr("eaesim.questions.sensitivity.sample.RUNS_A_CHUNK", 1)
    again = sensitivity(study(14), arm="day 0", against="vehicle", **few).table
    pd.testing.assert_frame_equal(again, whole, check_exact=True)


def test_what_the_user_set_stays() -> None:
    """Without precursors no rat falls ill, whatever else is varied."""
    rat = load("lewis").replace(precursor_number=0, precursor_number_spreading=0)
    result = sensitivity(
        study(rat=rat), arm="vehicle", parameters=["expansion_rate", "divisions"], trajectories=4, animals=2
    )
    assert (result.table["mu_star"] == 0).all()
    assert (result.table["zero"] == 12).all()


def test_relapses_are_read_from_the_induction_of_either_arm() -> None:
    inductions = [Immunisation(), Relapse(35, adjuvant="complete")]
    arms = [Arm("induced", inductions=inductions), Arm("not induced")]
    result = sensitivity(
        Study("da", until=48, arms=arms, control="not induced"),
        arm="not induced",
        against="induced",
        endpoint="relapse_cumulative_score",
        parameters=["treg_loss"],
        trajectories=4,
        animals=3,
    )
    plan, values = result.plan, []
    points = draw("morris", 1, size=4, seed=1)
    for point in points.reshape(-1, 1):
        run = vary(plan.study, plan.factors, point.tolist()).run(animals=3, seed=1, members=1)
        one, two = run.pair("induced", "not induced", "relapse_cumulative_score")
        values.append(float(np.nanmean(one) - np.nanmean(two)))
    expected = np.abs(
        np.diff(np.reshape(values, (4, 2)), axis=1)[:, 0] / np.diff(points[:, :, 0], axis=1)[:, 0]
    )
    assert result.table["mu_star"].iloc[0] == pytest.approx(expected.mean())


def test_a_rat_that_cannot_be_solved_is_counted_and_named() -> None:
    """No number is as large as what a million divisions give; the trajectories without them stay."""
    result = sensitivity(
        study(8),
        arm="vehicle",
        parameters=["expansion_rate"],
        ranges={"parameter.divisions": {"low": 1e-12, "high": 1e6, "scale": "log"}},
        trajectories=8,
        animals=2,
    )
    row = result.table.iloc[0]
    assert row["failed"] > 0
    assert row["samples"] + row["left_out"] == 8 * 3
    assert result.reason
    assert any(f"runs failed (the first: {result.reason})" in note for note in result.notes())
