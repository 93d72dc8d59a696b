"""The figure of a power analysis: what is drawn is what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from eaesim.errors import UnknownNameError
from eaesim.protocol import Arm, Bolus
from eaesim.questions.power.answer import Power, power
from eaesim.study import Study
from eaesim.workbench.figure.dosing import is_prediction
from eaesim.workbench.figure.save import plot, save


@pytest.fixture(scope="module")
def result() -> Power:
    arms = [Arm("vehicle"), Arm("$5 dose", Bolus("1 g/kg").at(day=0)), Arm("late", Bolus("1 g/kg").at(day=9))]
    study = Study("lewis", until=20, arms=arms)
    return power(study, sizes=[4, 12], studies=200, pool=200, parameter_sets=2, seed=2)


def test_a_panel_an_endpoint_with_a_line_an_arm(result: Power) -> None:
    figure = plot(result)
    assert len(figure.axes) == 4
    found = {key: rows["power"].tolist() for key, rows in result.table().groupby(["arm", "endpoint"])}
    for axes, name in zip(figure.axes, result.plan.endpoints, strict=True):
        assert axes.get_xlabel() == "rats in each arm"
        for bars, arm in zip(axes.containers, result.plan.arms, strict=True):
            assert bars[0].get_xdata().tolist() == [4, 12]
            assert bars[0].get_ydata().tolist() == found[arm, name]
        stars = [line for line in axes.lines if line.get_marker() == "*"]
        inside = [
            result.needed[arm, name].animals
            for arm in result.plan.arms
            if 4 <= result.needed[arm, name].animals <= 12 and not result.needed[arm, name].absent
        ]
        assert [star.get_xdata()[0] for star in stars] == inside
        # The number that holds in 19 of 20 parameter sets stands beside it, or at the edge.
        found_in = [result.needed[arm, name] for arm in result.plan.arms]
        shown = [each for each in found_in if not each.absent and each.animals == each.animals]
        hollow = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == (5, 1)]
        assert hollow == [each.cautious for each in shown if 4 <= each.cautious <= 12]
        arrows = [line for line in axes.lines if line.get_marker() == ">"]
        assert len(arrows) + len(hollow) == len(shown)
        written = [text.get_text() for text in axes.texts]
        assert all(each.in_most().replace("more than", ">") in written for each in shown)
    texts = [text.get_text() for text in figure.texts]
    assert any(text.startswith("PREDICTION") for text in texts) == is_prediction(result.plan.study)
    assert "200 studies" in texts[-1].replace("\n", " ")


def test_one_endpoint_or_an_error(result: Power) -> None:
    assert len(plot(result, endpoint="onset_day").axes) == 1
    with pytest.raises(UnknownNameError, match="is not an endpoint of this power analysis"):
        plot(result, endpoint="mortality")


def test_the_same_figure_has_the_same_bytes(result: Power, tmp_path: Path) -> None:
    one, two = save(plot(result), tmp_path / "one"), save(plot(result), tmp_path / "two")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
