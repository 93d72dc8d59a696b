"""The map of targets: against a wrapper round the equations, its sentence, and what it refuses."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from eaesim.errors import EaesimError
from eaesim.model import Parameters, State, derivative, load
from eaesim.protocol import Arm, Immunisation, Regimen, Transfer
from eaesim.protocol.timeline import arm_events
from eaesim.questions.targets.answer import targets
from eaesim.questions.targets.probe import GROUPS, probe, target_names
from eaesim.questions.targets.request import TargetsRequest, read_window
from eaesim.solver import Events, System, solve
from eaesim.study.assembly import SYSTEM, arm_parameters, build_problem, read
from eaesim.study.cohort import draw_cohort

ANIMALS, UNTIL, SEED = 24, 25, 3
# What each group does, written a second time: parameters that are scaled, and states that lose cells.
SCALED = {
    "maturation": ("maturation_rate", "spreading_rate"),
    "priming and recall": ("priming_rate", "memory_recall_rate"),
    "entry into the CNS": ("cns_entry_rate", "treg_cns_entry_rate"),
    "macrophage activation": ("inflammation_rate",),
}
LOSING = {
    "dividing cells": ("expansion_1", "expansion_2", "expansion_3", "expansion_4", "expansion_5"),
    "effectors in blood": ("effector_blood",),
    "regulatory T cells": ("treg_node", "treg_cns"),
}
WINDOWS = ("0:4", "4:10", "7:10")


def wrapped(target: str) -> System:
    """Return the equations with one state more, which is 1 while a block is there."""
    make: Any = namedtuple
    state = make("Blocked", (*State._fields, "there"))

    def rates(whole: Any, parameters: Any) -> Any:
        left = 1.0 - 0.96 * whole.there
        scaled = {name: getattr(parameters, name) * left for name in SCALED.get(target, ())}
        own = parameters._replace(**scaled)
        plain = State(*whole[:-1])
        found = derivative(plain, own)
        lost = {
            name: getattr(found, name) - 3.2 * whole.there * getattr(plain, name)
            for name in LOSING.get(target, ())
        }
        return state(*found._replace(**lost), 0.0)

    return System(rates, state, Parameters, (*SYSTEM.scale, 1.0))


def mean_peak(target: str, window: str, induction: Any) -> float:
    cohort = draw_cohort(ANIMALS, seed=SEED, days=UNTIL + 1)
    rats = arm_parameters(load("lewis"), Arm("vehicle"), cohort, mechanism="none")
    events = arm_events([induction], Regimen(), triggered={})
    problem = build_problem(
        rats,
        [events],
        until=UNTIL,
        record=("demyelination", "death_hazard"),
        follows=np.zeros(ANIMALS, dtype=np.int64),
    )
    from eaesim.model.score import severity

    first, last = map(float, window.split(":"))
    day, state, amount = (
        np.hstack([own, np.tile(added, (ANIMALS, 1))])
        for own, added in (
            (problem.events.day, [first, last]),
            (problem.events.state, [len(State._fields)] * 2),
            (problem.events.amount, [1.0, -1.0]),
        )
    )
    problem = replace(
        problem,
        system=wrapped(target),
        initial=np.hstack([problem.initial, np.zeros((ANIMALS, 1))]),
        events=Events(day, state.astype(np.int64), amount),
        record=(lambda whole, own: severity(State(*whole[:-1]), own), "death_hazard"),
    )
    values = solve(problem, workers=1).values
    seen = read(values[:, :, 0], values[:, :, 1], rats, observer=cohort.observer, death=cohort.death)
    dead = np.arange(UNTIL + 1) >= seen.death_day[:, None]
    return float(np.where(dead, 5.0, seen.score).max(axis=1).mean())


def made(**options: Any) -> Any:
    settings = {"animals": ANIMALS, "seed": SEED, "parameter_sets": 1, "until": UNTIL, "workers": 1}
    return targets("lewis", **(settings | options))


@pytest.fixture(scope="module")
def found() -> Any:
    return made(windows=list(WINDOWS))


def test_every_group_is_written_a_second_time() -> None:
    assert {*SCALED, *LOSING} == set(GROUPS)


@pytest.mark.parametrize("target", GROUPS)
@pytest.mark.parametrize("window", WINDOWS)
def test_a_cell_is_that_of_a_wrapper_round_the_equations(found: Any, target: str, window: str) -> None:
    row = found.table.set_index(["target", "window"]).loc[target, window]
    expected = mean_peak(target, window, Immunisation())
    assert row["treated"] / row["control"] == pytest.approx(expected / row["control"], abs=0.03)


def test_transferred_cells_need_no_priming() -> None:
    found = made(induction="transfer", windows="0:4", targets=["priming and recall", "effectors in blood"])
    effect = found.table.set_index("target")["effect"]
    assert abs(effect["priming and recall"]) < 0.05
    assert effect["effectors in blood"] > 0.5
    expected = mean_peak("effectors in blood", "0:4", Transfer())
    assert found.table["treated"][1] == pytest.approx(expected, abs=0.05)


def test_a_block_of_nothing_changes_nothing() -> None:
    found = made(windows=["0:6", "onset"], targets=["entry into the CNS"], block=1e-9)
    assert (found.table["treated"] == found.table["control"]).all()


def test_early_blocks_of_maturation_work_and_late_ones_do_not(found: Any) -> None:
    effect = found.map().loc["maturation"]
    assert effect["0:4"] > 30
    assert abs(effect["7:10"]) < 5
    assert "from day 7 a drug must hit" in found.sentence()
    assert "maturation" not in found.sentence()


def test_the_page_has_no_faults(found: Any, page_faults: Any) -> None:
    assert page_faults(found.figure()) == []


def test_any_target_of_the_language_can_be_tried() -> None:
    assert {"recall_lesion", "remyelination_rate", "autoantibody"} <= set(target_names())
    for name in target_names():
        assert probe(name, 0.9, 1.0).actions


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"targets": "primin"}, 'did you mean "priming"'),
        ({"targets": "divisions"}, "not a target"),
        ({"windows": "4"}, "FIRST:LAST"),
        ({"windows": "6:4"}, "does not run forwards"),
        ({"windows": "40:45"}, "past the end"),
        ({"block": 1.5}, "block"),
        ({"endpoint": "peak"}, "peak_score"),
        ({"rat": "lewi"}, "lewis"),
    ],
)
def test_what_is_wrong_is_one_line(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(EaesimError, match=words) as raised:
        made(**settings) if "rat" not in settings else targets(None, **settings)
    assert "\n" not in str(raised.value)


def test_windows_are_written_in_one_way() -> None:
    assert read_window("0.0:6") == "0:6"
    assert TargetsRequest(windows=["onset", "1:2.5"]).windows == ("onset", "1:2.5")
