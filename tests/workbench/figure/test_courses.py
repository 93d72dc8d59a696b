from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from eaesim.endpoints import ENDPOINTS, mean
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.solver import FAILED
from eaesim.study import Result, Study
from eaesim.workbench.figure.save import plot
from eaesim.workbench.figure.style import PREDICTION


def _lines(axes: Axes, label: str) -> list[Line2D]:
    return [line for line in axes.lines if line.get_label() == label]


@pytest.fixture(scope="module")
def many() -> Result:
    arms = [Arm("vehicle"), *(Arm(f"day {day}", Bolus("1 g/kg").at(day=day)) for day in range(9))]
    return Study("lewis", until=14, arms=arms).run(animals=2, seed=3)


def test_courses_are_the_mean_daily_scores(result: Result) -> None:
    courses = plot(result).axes[0]
    for arm in result.arms:
        (line,) = _lines(courses, arm)
        assert np.asarray(line.get_xdata()).tolist() == list(range(21))
        assert line.get_ydata() == pytest.approx(result.scores(arm).mean(axis=0))


def test_bands_are_the_intervals_of_the_means(result: Result) -> None:
    bands = plot(result).axes[0].collections
    assert len(bands) == len(result.arms)
    scores = result.scores("vehicle")
    corners = {tuple(np.round(corner, 6)) for corner in bands[0].get_paths()[0].vertices.tolist()}
    known = 0
    for day in range(scores.shape[1]):
        found = mean(scores[:, day], seed=result.seed)
        if np.isnan(found.low):  # all of few rats read the same
            continue
        known += 1
        assert {(day, round(found.low, 6)), (day, round(found.high, 6))} <= corners
    assert known >= 3


@pytest.mark.parametrize("endpoint", ["peak_score", "onset_day", "incidence"])
def test_the_endpoint_is_that_of_the_table(result: Result, endpoint: str) -> None:
    axes = plot(result, endpoint=endpoint).axes[2]
    table = result.table()
    assert ENDPOINTS[endpoint].title in axes.get_xlabel()
    for row, arm in enumerate(result.arms):
        expected = table.loc[(arm, endpoint)]
        (interval,) = [line for line in _lines(axes, "interval") if line.get_ydata()[0] == row]
        (middle,) = [line for line in _lines(axes, "mean") if line.get_ydata()[0] == row]
        assert middle.get_xdata()[0] == pytest.approx(expected["mean"], nan_ok=True)
        assert list(interval.get_xdata()) == pytest.approx([expected["low"], expected["high"]], nan_ok=True)


def test_every_rat_has_a_dot_in_its_row(result: Result) -> None:
    axes = plot(result).axes[2]
    for row, (arm, dots) in enumerate(zip(result.arms, _lines(axes, "rats"), strict=True)):
        assert dots.get_xdata() == pytest.approx(result.endpoint(arm, "peak_score"))
        assert np.all(np.abs(dots.get_ydata() - row) <= 0.31)
        assert len(set(dots.get_ydata())) == result.number


def test_an_arm_has_one_colour_everywhere(result: Result) -> None:
    courses, doses, by_arm = plot(result).axes
    for row, arm in enumerate(result.arms):
        colour = _lines(courses, arm)[0].get_color()
        assert doses.get_yticklabels()[row].get_color() == colour
        assert _lines(by_arm, "mean")[row].get_color() == colour
    assert len({_lines(courses, arm)[0].get_color() for arm in result.arms}) == len(result.arms)


def test_arms_that_do_not_differ_can_still_be_seen(result: Result) -> None:
    courses = plot(result).axes[0]
    widths = [_lines(courses, arm)[0].get_linewidth() for arm in result.arms]
    assert widths == sorted(set(widths), reverse=True)


def test_doses_stand_on_their_days_and_the_axis_reaches_them(result: Result) -> None:
    courses, doses, _ = plot(result).axes
    marks = {
        int(line.get_ydata()[0]): list(line.get_xdata())
        for line in _lines(doses, "dose")
        if len(line.get_xdata())
    }
    assert marks[1] == [-2]
    assert marks[2] == [0, 7]
    assert 0 not in marks
    assert doses.get_xlim()[0] < -2
    assert doses.get_xlim() == courses.get_xlim()


def test_a_triggered_dose_stands_on_its_mean_day_with_a_note(result: Result) -> None:
    doses = plot(result).axes[1]
    expected = np.nanmean(result.endpoint("at onset", "onset_day")) + 1
    (mark,) = [line for line in _lines(doses, "dose") if len(line.get_xdata()) and line.get_ydata()[0] == 3]
    assert list(mark.get_xdata()) == [pytest.approx(expected)]
    (note,) = [text.get_text() for text in doses.texts]
    assert note == f"1 d after onset: mean day {expected:.1f}, 3 of 3 rats"


def test_the_dead_rule_stands_at_the_axis(result: Result) -> None:
    assert "the dead score 5 from that day on" in plot(result).axes[0].get_ylabel()
    last = plot(replace(result, dead="carry")).axes[0]
    assert "the dead keep their last score" in last.get_ylabel()


def test_ivig_in_an_induced_relapse_is_a_prediction(
    relapse_result: Result, texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(relapse_result)
    assert texts(figure).count(PREDICTION) == 1
    assert "relapse\ninduction" in texts(figure)
    assert 35 in [line.get_xdata()[0] for line in figure.axes[0].lines]


def test_other_studies_are_not_called_a_prediction(
    result: Result, texts: Callable[[Figure], list[str]]
) -> None:
    assert PREDICTION not in texts(plot(result))
    untreated = Study(
        "da",
        until=40,
        inductions=[Immunisation(day=0), Relapse(35)],
        arms=[
            Arm("vehicle"),
            Arm("nothing", Bolus("0 g/kg").at(day=35)),
            Arm("early", Bolus("1 g/kg").at(day=0), inductions=[Immunisation(day=0)]),
        ],
    ).run(animals=2)
    assert PREDICTION not in texts(plot(untreated))


def test_many_arms_have_axes_of_their_own_beside_the_control(many: Result) -> None:
    figure = plot(many)
    assert len(figure.axes) == len(many.arms) + 2
    for axes, arm in zip(figure.axes, many.arms, strict=False):
        (line,) = _lines(axes, arm)
        assert line.get_ydata() == pytest.approx(many.scores(arm).mean(axis=0))
        assert len(_lines(axes, "vehicle")) == 1


def test_rats_that_failed_are_left_out_and_counted(
    result: Result, texts: Callable[[Figure], list[str]]
) -> None:
    simulation = result.simulation
    score, status = simulation.score.copy(), simulation.status.copy()
    score[1, 0], status[1, 0] = np.nan, FAILED
    courses = replace(simulation.courses, score=score)
    broken = replace(result, simulation=replace(simulation, kept=courses, status=status))
    figure = plot(broken)
    (line,) = _lines(figure.axes[0], "before")
    assert line.get_ydata() == pytest.approx(result.scores("before")[1:].mean(axis=0))
    assert "Up to 1 rats" in " ".join(texts(figure))


def test_an_endpoint_that_no_rat_has_says_so() -> None:
    healthy = Study("lewis", until=5, inductions=[], arms=[Arm("healthy")]).run(animals=2)
    axes = plot(healthy, endpoint="onset_day").axes[2]
    assert [text.get_text() for text in axes.texts] == ["no value"]


@pytest.mark.parametrize("name", ["result", "relapse_result", "many"])
def test_no_text_covers_another_and_no_axes(
    name: str, collisions: Callable[[Figure], list[str]], request: pytest.FixtureRequest
) -> None:
    figure = plot(request.getfixturevalue(name))
    assert collisions(figure) == []
    (legend,) = figure.legends
    assert not any(axes.bbox.overlaps(legend.get_window_extent()) for axes in figure.axes)
