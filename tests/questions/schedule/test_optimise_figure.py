"""The figure of the best schedule: what is drawn is what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from eaesim.errors import UnknownNameError
from eaesim.protocol import Arm
from eaesim.questions.schedule.optimise.answer import Optimum, optimise
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
    doses, effects, flat, front = plot(found).axes
    names = [BEST, *found.plain]
    assert [label.get_text() for label in doses.get_yticklabels()] == names
    assert len(doses.patches) == len(found.best) + sum(map(len, found.plain.values()))
    drawn = [line.get_xdata()[0] for line in effects.lines if line.get_marker() == "D"]
    assert drawn == [found.effect(name).value for name in names]
    assert [text.get_text() for text in flat.get_legend().get_texts()]
    assert front.lines[0].get_xdata().tolist() == [0.5, 1.0]


def test_the_footer_says_that_it_is_a_prediction(found: Optimum) -> None:
    footer = plot(found).texts[-1].get_text().replace("\n", " ")
    assert "Prediction." in footer
    assert found.sentence() in footer


def test_it_draws_one_endpoint(found: Optimum) -> None:
    with pytest.raises(UnknownNameError, match="leave endpoint out"):
        plot(found, endpoint="peak_score")


def test_the_same_figure_has_the_same_bytes(found: Optimum, tmp_path: Path) -> None:
    one, two = save(plot(found), tmp_path / "one"), save(plot(found), tmp_path / "two")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
