"""The figure of a power analysis: what is drawn is what was found."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from matplotlib.figure import Figure

from eaesim.errors import UnknownNameError
from eaesim.protocol import Arm, Bolus
from eaesim.questions.power.answer import Power, power
from eaesim.questions.power.figure import drawn_arms, title
from eaesim.questions.power.needed import Needed
from eaesim.questions.power.plan import MOST
from eaesim.questions.power.trials import Rate
from eaesim.study import Study
from eaesim.workbench.figure.save import plot, save


@pytest.fixture(scope="module")
def result() -> Power:
    arms = [Arm("vehicle"), Arm("$5 dose", Bolus("1 g/kg").at(day=0)), Arm("late", Bolus("1 g/kg").at(day=9))]
    study = Study("lewis", until=20, arms=arms)
    return power(study, sizes=[4, 8, 12], studies=200, pool=200, parameter_sets=2, seed=2)


@pytest.mark.parametrize("name", ["peak_score", "onset_day"])
def test_curves_are_the_mean_and_what_19_of_20_sets_reach(result: Power, name: str) -> None:
    figure = plot(result, endpoint=name)
    table = result.table()
    for axes, arm in zip(figure.axes, drawn_arms(result), strict=True):
        rows = table[(table["arm"] == arm) & (table["endpoint"] == name)]
        lines = {line.get_linestyle(): line for line in axes.lines if len(line.get_xdata()) == 3}
        assert lines["-"].get_ydata().tolist() == rows["power"].tolist()
        assert lines["--"].get_ydata().tolist() == rows["member_low"].tolist()
        needed = result.needed[arm, name]
        marks = [
            (line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "o"
        ]
        expected = []
        for animals, which in ((needed.animals, "value"), (needed.cautious, "member_low")):
            if 4 <= animals <= 12:
                expected.append((animals, getattr(result.trials.rate(arm, name, int(animals)), which)))
        assert marks == expected
        written = [text.get_text() for text in axes.texts]
        assert all(f"{animals:.0f}" in written for animals, _ in expected)


def test_every_endpoint_has_a_row_with_the_number_that_it_needs(result: Power) -> None:
    for axes, arm in zip(plot(result).axes[1::2], drawn_arms(result), strict=True):
        dots = [float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
        needed = [result.needed[arm, name] for name in result.plan.endpoints]
        numbers = [each for one in needed if not one.absent for each in (one.animals, one.cautious)]
        assert sorted(dots) == sorted(MOST if math.isnan(each) else each for each in numbers)


def test_the_title_is_the_cautious_number() -> None:
    rate = Rate(1.0, 0.9, 1.0, 0.9, 1.0)
    needed = Needed(7.0, 6.0, 8.0, 27.0, rate, absent=False, members=20)
    plan = SimpleNamespace(members=20, wanted=0.8)
    found: Any = SimpleNamespace(plan=plan, needed={("early", "peak_score"): needed})
    assert title(found, "early", "peak_score").startswith("27 rats per arm")


@pytest.mark.parametrize(("number", "parameter_sets"), [(1, 1), (3, 2), (8, 2)])
def test_the_page_keeps_the_style(
    number: int, parameter_sets: int, page_faults: Callable[[Figure], list[str]]
) -> None:
    arms = [Arm("vehicle")]
    arms += [
        Arm(f"one gram for each kilogram, given on day {day} of the study", Bolus("1 g/kg").at(day=day))
        for day in range(-number + 1, 1)
    ]
    found = power(
        Study("lewis", until=20, arms=arms),
        sizes=[3, 12, 40],
        studies=100,
        pool=100,
        parameter_sets=parameter_sets,
        endpoints=["peak_score", "onset_day"],
    )
    assert page_faults(plot(found)) == []
    assert page_faults(plot(found, endpoint="onset_day")) == []


def test_arms_that_no_number_shows_are_named_below(
    result: Power, texts: Callable[[Figure], list[str]]
) -> None:
    said = " ".join(texts(plot(result))).replace("\n", " ")
    null = [arm for arm in result.plan.arms if arm not in drawn_arms(result)]
    assert all(arm in said for arm in null)


def test_one_endpoint_or_an_error(result: Power) -> None:
    assert len(plot(result, endpoint="onset_day").axes) == len(drawn_arms(result))
    with pytest.raises(UnknownNameError, match="is not an endpoint of this power analysis"):
        plot(result, endpoint="mortality")


def test_the_same_figure_has_the_same_bytes(result: Power, tmp_path: Path) -> None:
    one, two = save(plot(result), tmp_path / "one"), save(plot(result), tmp_path / "two")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
