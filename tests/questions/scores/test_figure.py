from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from eaesim.evidence import read_scores
from eaesim.evidence.laboratory import new_scores_text
from eaesim.questions.scores.answer import LaboratoryResult
from eaesim.workbench.figure.save import plot, save


def lines(axes: Axes, label: str) -> list[Line2D]:
    return [line for line in axes.lines if line.get_label() == label]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], LaboratoryResult]:
    def result_of(text: str) -> LaboratoryResult:
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        return LaboratoryResult(read_scores(tmp_path / "a.csv", control="vehicle"))

    return result_of


def table(arms: list[str]) -> str:
    rows = [f"{arm} {number},{arm},0,{number},2,1" for arm in arms for number in range(3)]
    return "\n".join(["rat,group,7,10,14,20", *rows]) + "\n"


@pytest.fixture
def result(read: Callable[[str], LaboratoryResult]) -> LaboratoryResult:
    return read(new_scores_text())


def panels(figure: Figure, name: str) -> list[Axes]:
    """Return the axes of a quantity, panel by panel."""
    order = ["clinical score", "alive (%)", "without signs (%)"]
    named = [axes for axes in figure.axes if axes.get_ylabel().replace("\n", " ") in order]
    first = next(axes for axes in named if axes.get_ylabel().replace("\n", " ") == name)
    return [axes for axes in figure.axes if axes.get_ylim() == first.get_ylim() and len(axes.lines)]


def test_courses_are_the_mean_scores_and_every_animal_is_there(result: LaboratoryResult) -> None:
    (courses,) = panels(plot(result), "clinical score")
    for arm in result.arms:
        (line,) = lines(courses, f"{arm} (n = 3)")
        dead = np.arange(22) >= result.watched(arm).death_day[:, None]
        assert line.get_ydata() == pytest.approx(
            np.nanmean(np.where(dead, np.nan, result.daily(arm)), axis=0)
        )
        assert np.asarray(line.get_xdata()).tolist() == list(range(22))
    animals = lines(courses, "animal")
    assert len(animals) == 6
    for line, course in zip(animals, np.concatenate([result.daily(arm) for arm in result.arms]), strict=True):
        apart = (np.asarray(line.get_ydata()) - course)[np.isfinite(line.get_ydata())]
        assert np.ptp(apart) == pytest.approx(0)
        assert abs(apart[0]) < 0.1
    assert len({np.asarray(line.get_ydata())[0] for line in animals}) == 6


def test_the_dead_leave_the_mean_and_stand_below(read: Callable[[str], LaboratoryResult]) -> None:
    rows = ["1,vehicle,0,2,dead,", "2,vehicle,0,2,3,1"]
    result = read("\n".join(["rat,group,0,1,2,3", *rows]) + "\n")
    figure = plot(result)
    (courses,), alive = panels(figure, "clinical score"), figure.axes[1]
    (line,), (share,) = lines(courses, "vehicle (n = 2)"), lines(alive, "vehicle (n = 2)")
    assert np.asarray(line.get_ydata()).tolist() == [0, 2, 3, 1]
    assert np.asarray(share.get_ydata()).tolist() == [100, 100, 50, 50]


def onset(figure: Figure) -> Axes:
    return next(axes for axes in figure.axes if axes.get_ylabel() == "without\nsigns (%)")


def test_the_onset_is_that_of_kaplan_and_meier(result: LaboratoryResult) -> None:
    (line,) = lines(onset(plot(result)), "treated (n = 3)")
    days, share = result.without_signs("treated")
    assert np.asarray(line.get_xdata()).tolist() == [0, *days]
    assert line.get_ydata() == pytest.approx([100, *(100 * share.value)])
    assert share.value[-1] == pytest.approx(1 / 3)


def test_the_interval_of_the_onset_covers_every_step_that_has_one(result: LaboratoryResult) -> None:
    band = onset(plot(result)).collections[0]
    corners = {tuple(np.round(corner, 4)) for path in band.get_paths() for corner in path.vertices}
    days, share = result.without_signs("vehicle")
    assert days.tolist() == [10, 11, 13]
    for first, last, low, high in zip(days[:2], days[1:], share.low[:2], share.high[:2], strict=True):
        ends = {(day, round(100 * end, 4)) for day in (first, last) for end in (low, high)}
        assert ends <= corners
    assert max(day for day, _ in corners) == 13


def test_a_mean_ends_where_most_animals_were_lost(read: Callable[[str], LaboratoryResult]) -> None:
    rows = ["1,vehicle,0,2,4,,", "2,vehicle,0,2,4,,", "3,vehicle,0,1,2,1,0"]
    result = read("\n".join(["rat,group,0,1,2,3,4", *rows]) + "\n")
    (courses,) = panels(plot(result), "clinical score")
    (line,) = lines(courses, "vehicle (n = 3)")
    # Two of three are lost after day 2: the mean of the third is no recovery of the arm.
    assert np.isnan(np.asarray(line.get_ydata())).tolist() == [False, False, False, True, True]
    assert len(lines(courses, "animal")) == 3


def test_words_of_the_figure_name_the_threshold_and_the_lost(
    read: Callable[[str], LaboratoryResult], texts: Callable[[Figure], list[str]]
) -> None:
    found = " ".join(
        " ".join(texts(plot(read("rat,group,0,1,2\n1,vehicle,0,2,\n2,vehicle,0,0,1\n")))).split()
    )
    assert "Signs: score >= 1" in found
    assert "vehicle: 1 of 2 lost before day 2" in found


def test_the_title_is_the_finding(result: LaboratoryResult) -> None:
    title, _, alt = plot(result).get_label().partition("\n")
    assert title == "Peak score: 3.5 (vehicle), 1 (treated)"
    assert "vehicle (n = 3) 3.5; treated (n = 3) 1" in alt


CASES = {
    "template": new_scores_text(),
    "one arm": table(["vehicle"]),
    "one animal": "rat,group,0,1\n1,vehicle,0,0\n",
    "one day": "rat,group,3\n1,vehicle,1\n2,b,0\n",
    "all dead": "rat,group,0,1,2\n1,vehicle,0,dead,\n2,vehicle,0,0,dead\n3,b,dead,,\n",
    "many arms": table(["vehicle", *(f"arm {number}" for number in range(10))]),
    "a dollar and a long name": table(
        ["vehicle", "$1 of a very long name that needs a second line or more $x"]
    ),
    "late": "rat,group,day,score\n1,vehicle,100,0\n1,vehicle,120,2\n2,vehicle,-3,0\n2,vehicle,110,1\n",
}


@pytest.mark.parametrize("case", CASES)
def test_a_page_keeps_the_house_style(
    case: str, read: Callable[[str], LaboratoryResult], page_faults: Callable[[Figure], list[str]]
) -> None:
    figure = plot(read(CASES[case]))
    assert page_faults(figure) == []
    assert len(figure.get_label().partition("\n")[0].split()) <= 12


def test_arms_without_room_are_counted(
    read: Callable[[str], LaboratoryResult], texts: Callable[[Figure], list[str]]
) -> None:
    result = read(CASES["many arms"])
    figure = plot(result)
    drawn = sum(axes.get_xlabel() != "" for axes in figure.axes)
    assert 6 <= drawn < len(result.treated)
    said = " ".join(" ".join(texts(figure)).split())
    assert f"{len(result.treated) - drawn} of {len(result.treated)} treated arms have no room here" in said


def test_the_same_scores_give_the_same_bytes(result: LaboratoryResult, tmp_path: Path) -> None:
    first = [path.read_bytes() for path in save(plot(result), tmp_path / "one")]
    assert [path.read_bytes() for path in save(plot(result), tmp_path / "two")] == first
