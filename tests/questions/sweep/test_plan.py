"""A sweep is checked before the first rat is run: every value, and what it takes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from eaesim.errors import EaesimError, MemoryShortError, ProtocolError, QuantityError, UnknownNameError
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.protocol.path import read_path
from eaesim.questions.sweep.plan import MOST_RUNS, PARTS, SweepPlan, plan_sweep, sweep_notes
from eaesim.questions.sweep.request import SweepRequest
from eaesim.study import Study
from eaesim.study.change import change_study

ARMS = [
    Arm("vehicle"),
    Arm("early", Infusion("1 g/kg", over="4 h").at(day=0)),
    Arm("at onset", Bolus("1 g/kg").at(onset="score >= 1")),
]
STUDY = Study("lewis", until=40, arms=ARMS)


def plan(table: dict[str, Any], study: Study = STUDY, **options: Any) -> SweepPlan:
    return plan_sweep(study, SweepRequest.from_table(table, **options))


def notes(table: dict[str, Any]) -> list[str]:
    found = plan(table)
    return sweep_notes(found.study, found.points)


def change(study: Study = STUDY, /, **changes: Any) -> Study:
    return change_study(study, {read_path(path, study.design): value for path, value in changes.items()})


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        ({"parameter.spreding_rate": [1]}, UnknownNameError, 'did you mean "spreading_rate"'),
        ({"parameter.spreading_rate": [1, "1 mL"]}, QuantityError, '"parameter.spreading_rate" = "1 mL"'),
        ({"parameter.spreading_rate": [-1]}, QuantityError, '"parameter.spreading_rate" = -1'),
        ({"parameter.ic50_priming": {"low": 0, "high": 1, "points": 2}}, QuantityError, "= 0"),
        ({"parameter.ic50_treg": [1]}, QuantityError, "set potency_treg itself"),
        ({"arm.early.dose": ["1 g/kg", "1 g"]}, QuantityError, '"arm.early.dose" = "1 g"'),
        ({"arm.early.day": {"low": 0, "high": 50, "points": 11}}, ProtocolError, '"arm.early.day" = 45'),
        ({"arm.at onset.after": {"low": 0, "high": 1, "points": 3}}, QuantityError, "= 0.5"),
        ({"arm.at onset.day": [3]}, ProtocolError, "day and onset"),
        ({"arm.early.drug": ["ivg"]}, UnknownNameError, 'did you mean "ivig"'),
        ({"arm.early.route": ["ip"]}, ProtocolError, '"arm.early.route" = "ip"'),
        ({"mechanism": ["H1a", "H9"]}, UnknownNameError, '"mechanism" = "H9"'),
        ({"mechanism": [3]}, UnknownNameError, '"mechanism" = 3'),
        ({"rat": ["lewis", "wistar"]}, UnknownNameError, '"rat" = "wistar"'),
        ({"rat": [3]}, UnknownNameError, '"rat" = 3'),
        ({"until": [40, 20.5]}, QuantityError, '"until" = 20.5'),
        ({"until": [40, 0]}, QuantityError, '"until" = 0'),
        ({"induction.0.adjuvant": ["some"]}, UnknownNameError, "complete"),
        ({"induction.0.day": [1]}, ProtocolError, "day 0"),
        (
            {"until": [20, 30], "arm.early.day": [0, 25]},
            ProtocolError,
            '"until" = 20, "arm.early.day" = 25 together',
        ),
    ],
)
def test_a_value_that_makes_no_study_is_named_with_its_path(
    table: dict[str, Any], error: type[EaesimError], words: str
) -> None:
    with pytest.raises(error) as caught:
        plan(table)
    assert words in str(caught.value)
    assert str(caught.value).startswith("[sweep]: ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_sample_is_tried_together_too() -> None:
    table = {"until": {"low": 20, "high": 30}, "arm.early.day": {"low": 0, "high": 25}}
    with pytest.raises(EaesimError, match="together"):
        plan({"method": "sobol", "samples": 64, **table})


def test_more_points_than_fit_into_memory_are_refused() -> None:
    table = {
        f"parameter.{name}": {"low": 1, "high": 2} for name in ("divisions", "priming_rate", "score_noise")
    }
    with pytest.raises(MemoryShortError, match="memory"):
        plan({"method": "sobol", "samples": 10**9, **table})


def test_changes_reach_the_rat_and_the_arms() -> None:
    after = change(**{"parameter.divisions": 7, "arm.early.day": 3, "mechanism": "H2", "until": 50})
    assert after.rat.entries["divisions"].value == 7
    assert after.design.arms[1].regimen.lines[0].day == 3
    assert (after.design.mechanism, after.design.until) == ("H2", 50)
    assert after.design.arms[0] is STUDY.design.arms[0]
    assert STUDY.rat.entries["divisions"].value == load("lewis").entries["divisions"].value


def test_another_rat_keeps_what_the_user_set() -> None:
    own = Study(load("lewis").replace(spreading_rate=0.25), arms=ARMS)
    after = change(own, **{"rat": "da", "parameter.divisions": 7})
    expected = load("da").replace(spreading_rate=0.25, divisions=7)
    assert after.rat.parameters() == expected.parameters()


def test_an_ic50_is_one_over_a_potency() -> None:
    assert change(**{"parameter.ic50_priming": 4}).rat.entries["potency_priming"].value == 0.25


@pytest.mark.parametrize("points", [1, 5, 100, 10_000, 100_000])
@pytest.mark.parametrize("animals", [1, 200, 10_000])
def test_parts_cover_every_point_once(points: int, animals: int) -> None:
    found = plan(
        {"method": "sobol", "samples": points, "parameter.divisions": {"low": 5, "high": 9}}, animals=animals
    )
    parts = [found.part(number) for number in range(found.parts)]
    assert [point for part in (parts[0], parts[-1]) for point in (part.start, part.stop)][::3] == [0, points]
    assert all(one.stop == other.start for one, other in pairwise(parts))
    assert all(len(part) > 0 for part in parts)
    assert len(parts[0]) == 1 or len(parts[0]) * found.runs_a_point <= MOST_RUNS
    assert found.runs > PARTS * MOST_RUNS or found.parts <= 2 * PARTS
    assert found.runs == 3 * points * animals


def test_settings_tell_sweeps_apart() -> None:
    base = plan({"until": [20, 40]}).settings()
    assert plan({"until": [20, 40]}).settings() == base
    others = [
        plan({"until": [20, 30]}),
        plan({"until": [20, 40]}, animals=3),
        plan({"until": [20, 40]}, seed=3),
        plan({"until": [20, 40]}, dead="carry"),
        plan({"until": [20, 40]}, engine="reference"),
        plan({"until": [20, 40]}, Study("da", until=40, arms=ARMS)),
        plan({"until": [20, 40]}, Study(load("lewis").replace(divisions=3), until=40, arms=ARMS)),
        plan({"until": [20, 40]}, Study("lewis", until=40, arms=ARMS[:2])),
    ]
    assert all(other.settings() != base for other in others)


def test_what_is_said_before_a_run() -> None:
    found = plan(
        {"arm.early.dose": ["1 g/kg", "2 g/kg"], "parameter.ic50_priming": [2], "rat": ["da"]}, animals=10
    )
    *lines, line = found.opening()
    assert lines == [
        "arm.early.dose: 2 values, 1 g/kg to 2 g/kg; now 1 g/kg over 4 h",
        f"parameter.ic50_priming: 2; now {1 / STUDY.rat.entries['potency_priming'].value:g}",
        "rat: da; now lewis",
    ]
    assert line.startswith("2 points of 30 rats: 60 runs, about 1 s on one core, 0.3 GB of memory")


def test_ten_million_runs_are_allowed_and_their_cost_is_said() -> None:
    table = {"method": "sobol", "samples": 10**6, "parameter.divisions": {"low": 5, "high": 9}}
    found = plan(table, animals=100, workers=1)
    assert found.runs == 300_000_000
    assert " h on one core" in found.opening()[-1]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"parameter.ic50_priming": [1, 2]}, "strength of H1b, which is active in no arm"),
        ({"parameter.divisions": [5, 90, 95]}, "outside"),
        ({"arm.early.dose": ["1 g/kg", "3 g/kg", "4 g/kg"]}, "30 mL/kg"),
        ({"method": "sobol", "samples": 100, "until": [40]}, "than 64 or 128"),
    ],
)
def test_what_may_not_be_meant_is_said(table: dict[str, Any], words: str) -> None:
    (note,) = notes(table)
    assert words in note


@pytest.mark.parametrize(
    "table",
    [
        {"parameter.ic50_priming": [1, 2], "mechanism": ["H1a", "H1b"]},
        {"parameter.ic50_maturation": [1, 2]},
        {"method": "sobol", "samples": 128, "until": [40]},
        {"method": "latin hypercube", "samples": 100, "until": [40]},
    ],
)
def test_nothing_is_said_of_the_rest(table: dict[str, Any]) -> None:
    assert notes(table) == []
