"""What is asked: outputs, arms, sizes and costs, and what is refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from eaesim.errors import EaesimError, EaesimWarning
from eaesim.protocol import Arm, Bolus
from eaesim.questions.sensitivity.plan import Output, SensitivityPlan, plan_sensitivity
from eaesim.questions.sensitivity.request import SensitivityRequest
from eaesim.study import Study

ARMS = [Arm("untreated"), *(Arm(f"day {day}", Bolus("1 g/kg").at(day=day)) for day in (0, 7, 14))]
STUDY = Study("lewis", until=20, arms=ARMS, control="untreated")
FEW = ["divisions", "igg_uptake"]


def plan(study: Study = STUDY, **asked: Any) -> SensitivityPlan:
    return plan_sensitivity(study, SensitivityRequest(**{"parameters": FEW, **asked}))


def test_by_default_the_effect_of_every_arm_against_the_control() -> None:
    found = plan(endpoint="duration", relative=True)
    assert found.outputs == tuple(
        Output("duration", f"day {day}", "untreated", "untreated") for day in (0, 7, 14)
    )
    alone = plan(Study("lewis", arms=[Arm("vehicle")]))
    assert alone.outputs == (Output("peak_score", "vehicle"),)


def test_outputs_are_the_same_whichever_way_they_are_asked() -> None:
    one = {"endpoint": "duration", "arm": "day 0", "against": "day 7", "relative": True}
    assert plan(**one).outputs == plan(outputs=[one]).outputs
    assert plan(**one).outputs == (Output("duration", "day 0", "day 7", "untreated"),)
    same = {"endpoint": "peak_score", "arm": "day 0"}
    assert len(plan(outputs=[same, {"arm": "day 0"}]).outputs) == 1


@pytest.mark.parametrize(
    ("output", "arms"),
    [
        ({"arm": "day 7"}, ["day 7"]),
        ({"arm": "day 7", "against": "day 0"}, ["day 0", "day 7"]),
        ({"arm": "day 7", "against": "day 0", "relative": True}, ["untreated", "day 0", "day 7"]),
        ({"arm": "day 7", "against": "untreated", "relative": True}, ["untreated", "day 7"]),
        ({"arm": "untreated", "against": "day 7", "relative": True}, ["untreated", "day 7"]),
    ],
)
def test_only_the_arms_that_are_needed_are_run(output: dict[str, Any], arms: list[str]) -> None:
    found = plan(outputs=[output])
    assert [arm.name for arm in found.study.design.arms] == arms
    assert sorted(found.outputs[0].arms) == sorted(arms)
    assert found.study.design.until == 20
    assert found.study.design.inductions == STUDY.design.inductions


def test_costs_are_those_of_the_methods() -> None:
    few = {"arm": "day 0", "animals": 5}
    morris, sobol = plan(trajectories=10, **few), plan(method="sobol", samples=64, **few)
    assert (morris.samples, morris.runs) == (10 * 3, 10 * 3 * 5)
    assert (sobol.samples, sobol.runs) == (64 * 4, 64 * 4 * 5)


def test_what_decides_the_result_stands_in_the_settings() -> None:
    def settings(**asked: Any) -> Any:
        return plan(**asked).settings()

    base = settings()
    assert base == settings()
    for other in (
        {"arm": "day 0"},
        {"relative": True},
        {"endpoint": "duration"},
        {"parameters": FEW[:1]},
        {"ranges": {"parameter.divisions": {"low": 9, "high": 11.5}}},
        {"ranges": {"parameter.divisions": {"low": 8, "high": 11.5, "scale": "log"}}},
        {"trajectories": 21},
        {"sampling_seed": 2},
        {"method": "sobol"},
    ):
        assert settings(**other) != base


def test_the_seed_of_an_old_table_is_that_of_the_sample() -> None:
    with pytest.warns(EaesimWarning, match="seed is now called sampling_seed"):
        old = SensitivityRequest.from_table({"method": "sobol", "seed": 5}, seed=7)
    assert old == SensitivityRequest(method="sobol", sampling_seed=5, seed=7)


def test_options_come_before_the_outputs_and_the_ranges_of_a_file() -> None:
    outputs = [{"arm": "day 0", "against": "day 7"}, {"arm": "day 0", "endpoint": "duration"}]
    ranges = {"parameter.divisions": {"low": 9, "high": 11.5}}
    file = SensitivityRequest(outputs=outputs, ranges=ranges)
    assert file.with_options({"arm": "day 7"}) == SensitivityRequest(arm="day 7", ranges=ranges)
    assert file.with_options({"parameters": FEW}) == SensitivityRequest(outputs=outputs, parameters=FEW)
    renamed = [{**output, "endpoint": "mean_score"} for output in outputs]
    assert file.with_options({"endpoint": "mean_score"}).outputs == tuple(renamed)


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"endpoint": "peak_scor"}, 'did you mean "peak_score"'),
        ({"arm": "day 1"}, 'did you mean "day'),
        ({"arm": "day 0", "against": "untreatd"}, 'did you mean "untreated"'),
        ({"against": "untreated"}, "needs an arm"),
        ({"arm": "day 0", "against": "day 0"}, "itself"),
        ({"arm": "day 0", "relative": True}, "relative"),
        ({"outputs": [{"arm": "day 0"}], "arm": "day 0"}, "next to"),
        ({"arm": "day 0", "ranges": {"arm.day 7.day": {"low": 1, "high": 2}}}, "part of no output"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], hint: str) -> None:
    with pytest.raises(EaesimError, match=hint) as caught:
        plan(**asked)
    assert "\n" not in str(caught.value)
