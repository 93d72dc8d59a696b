"""What is asked: outputs, arms, sizes and costs, and what is refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from eaesim.analysis.sensitivityplan import Output, plan_sensitivity, table_settings
from eaesim.errors import EaesimError
from eaesim.protocol import Arm, Bolus
from eaesim.study import Study

ARMS = [Arm("untreated"), *(Arm(f"day {day}", Bolus("1 g/kg").at(day=day)) for day in (0, 7, 14))]
STUDY = Study("lewis", until=20, arms=ARMS, control="untreated")
FEW = ["divisions", "igg_uptake"]


def plan(**asked: Any) -> Any:
    return plan_sensitivity(STUDY, **{"parameters": FEW, **asked})


def test_by_default_the_effect_of_every_arm_against_the_control() -> None:
    found = plan(endpoint="duration", relative=True)
    assert found.outputs == tuple(
        Output("duration", f"day {day}", "untreated", "untreated") for day in (0, 7, 14)
    )
    alone = plan_sensitivity(Study("lewis", arms=[Arm("vehicle")]), parameters=FEW)
    assert alone.outputs == (Output("peak_score", "vehicle"),)


def test_outputs_are_the_same_whichever_way_they_are_asked() -> None:
    one = {"endpoint": "duration", "arm": "day 0", "against": "day 7", "relative": True}
    assert plan(**one).outputs == plan(outputs=[one]).outputs
    assert plan(**one).outputs == (Output("duration", "day 0", "day 7", "untreated"),)
    assert len(plan(outputs=[one, one]).outputs) == 1


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
    morris, sobol = plan(arm="day 0", trajectories=10), plan(arm="day 0", method="sobol", samples=64)
    assert (morris.samples, morris.runs(5)) == (10 * 3, 10 * 3 * 5)
    assert (sobol.samples, sobol.runs(5)) == (64 * 4, 64 * 4 * 5)


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


def test_a_table_says_the_same_as_the_arguments() -> None:
    table = {"method": "sobol", "samples": 64, "seed": 5, "arm": "day 0", "parameters": FEW}
    assert plan_sensitivity(STUDY, **table_settings(table)) == plan(
        method="sobol", samples=64, sampling_seed=5, arm="day 0"
    )


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"method": "moris"}, 'did you mean "morris"'),
        ({"endpoint": "peak_scor"}, 'did you mean "peak_score"'),
        ({"arm": "day 1"}, 'did you mean "day'),
        ({"arm": "day 0", "against": "untreatd"}, 'did you mean "untreated"'),
        ({"against": "untreated"}, "needs an arm"),
        ({"arm": "day 0", "against": "day 0"}, "itself"),
        ({"arm": "day 0", "relative": True}, "relative"),
        ({"outputs": []}, "no output"),
        ({"outputs": [{"arms": "day 0"}]}, 'did you mean "arm"'),
        ({"outputs": ["day 0"]}, "table"),
        ({"trajectories": 3}, "trajectories"),
        ({"trajectories": 2.0}, "trajectories"),
        ({"method": "sobol", "samples": 100}, "write 64 or 128"),
        ({"method": "sobol", "samples": 4}, "samples"),
        ({"sampling_seed": -1}, "seed of the sample"),
        ({"arm": "day 0", "ranges": {"arm.day 7.day": {"low": 1, "high": 2}}}, "part of no output"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], hint: str) -> None:
    with pytest.raises(EaesimError, match=hint) as caught:
        plan(**asked)
    assert "\n" not in str(caught.value)
