"""The figure of the best schedule: what is drawn is what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from eaesim.errors import UnknownNameError
from eaesim.protocol import Arm
from eaesim.questions.schedule.optimise.answer import Optimum, optimise
from eaesim.questions.schedule.optimise.limits import Planned
from eaesim.questions.schedule.optimise.result import BEST
from eaesim.study import Study
from eaesim.workbench.figure.save import plot, save


@pytest.fixture(scope="module")
def found() -> Optimum:
    study = Study("lewis", until=20, arms=[Arm("vehicle")])
    return optimise(
        study,
        total="1 g/kg",
        doses=2,
        latest=7.0,
        budgets=["0.5 g/kg"],
        animals=40,
        parameter_sets=2,
        generations=4,
    )


def test_each_schedule_has_its_doses_and_its_effect(found: Optimum) -> None:
    doses, effects, behind, flat, front = plot(found).axes
    names = [BEST, *found.plain]
    marks = [line for line in doses.lines if line.get_marker() == "v"]
    assert len(marks) == len(found.best) + sum(map(len, found.plain.values()))
    drawn = [line.get_xdata()[0] for line in effects.lines if line.get_marker() == "o"]
    assert drawn == sorted((100 * found.effect(name).value for name in names), reverse=True)
    drawn = [line.get_xdata()[0] for line in behind.lines if line.get_marker() == "o"]
    assert sorted(drawn) == sorted(found.beside_plain(name).value for name in found.plain)
    for axes in (flat, front):
        assert axes.get_ylim() == (-4, 104)
    line = next(
        line for line in front.lines if line.get_marker() == "o" and len(line.get_xdata()) == len(found.front)
    )
    assert list(line.get_xdata()) == [0.5, 1.0]
    assert line.get_ydata() == pytest.approx([100 * each.effect for each in found.front])


def test_the_zone_is_what_is_as_good_as_the_best(found: Optimum) -> None:
    (zone,) = plot(found).axes[1].patches
    best = 100 * found.effect().value
    assert [zone.get_x(), zone.get_x() + zone.get_width()] == pytest.approx([best - 5, best])


def test_the_page_keeps_the_style(found: Optimum, page_faults: Callable[[Figure], list[str]]) -> None:
    assert page_faults(plot(found)) == []
    study = Study("lewis", until=20, arms=[Arm("vehicle")])
    own = optimise(
        study, total="1 g/kg", doses=8, earliest=-3.0, latest=7.0, animals=20, parameter_sets=1, generations=2
    )
    assert page_faults(plot(own)) == []


def test_several_doses_are_a_prediction(found: Optimum, texts: Callable[[Figure], list[str]]) -> None:
    two = (Planned(0.0, 500.0), Planned(1.0, 500.0))
    assert any("PREDICTION" in text for text in texts(plot(replace(found, best=two))))


def test_it_draws_one_endpoint(found: Optimum) -> None:
    with pytest.raises(UnknownNameError, match="leave endpoint out"):
        plot(found, endpoint="peak_score")


def test_the_same_figure_has_the_same_bytes(found: Optimum, tmp_path: Path) -> None:
    one, two = save(plot(found), tmp_path / "one"), save(plot(found), tmp_path / "two")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
