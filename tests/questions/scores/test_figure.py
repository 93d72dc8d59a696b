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
from eaesim.workbench.figure.style import INK


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


def test_curves_are_the_mean_scores_and_every_animal_is_there(result: LaboratoryResult) -> None:
    courses = plot(result).axes[0]
    for arm in result.arms:
        (line,) = lines(courses, arm)
        assert line.get_ydata() == pytest.approx(result.daily(arm).mean(axis=0))
        assert np.asarray(line.get_xdata()).tolist() == list(range(22))
    animals = lines(courses, "animal")
    assert len(animals) == 6
    for line, course in zip(animals, np.concatenate([result.daily(arm) for arm in result.arms]), strict=True):
        apart = np.asarray(line.get_ydata()) - course
        assert np.ptp(apart) == pytest.approx(0)
        assert abs(apart[0]) < 0.1
    assert len({np.asarray(line.get_ydata())[0] for line in animals}) == 6


def test_the_onset_is_that_of_kaplan_and_meier(result: LaboratoryResult) -> None:
    onset = plot(result).axes[1]
    (line,) = lines(onset, "treated")
    days, share = result.without_signs("treated")
    assert np.asarray(line.get_xdata()).tolist() == [0, *days]
    assert np.asarray(line.get_ydata()).tolist() == [1, *share.value]
    assert share.value[-1] == pytest.approx(1 / 3)


def test_the_interval_of_the_onset_covers_every_step_that_has_one(result: LaboratoryResult) -> None:
    band = plot(result).axes[1].collections[0]
    corners = {tuple(np.round(corner, 6)) for path in band.get_paths() for corner in path.vertices}
    days, share = result.without_signs("vehicle")
    assert days.tolist() == [10, 11, 13]
    for first, last, low, high in zip(days[:2], days[1:], share.low[:2], share.high[:2], strict=True):
        ends = {(day, round(end, 6)) for day in (first, last) for end in (low, high)}
        assert ends <= corners
    assert max(day for day, _ in corners) == 13


def test_a_mean_ends_where_most_animals_were_lost(read: Callable[[str], LaboratoryResult]) -> None:
    rows = ["1,vehicle,0,2,4,,", "2,vehicle,0,2,4,,", "3,vehicle,0,1,2,1,0"]
    result = read("\n".join(["rat,group,0,1,2,3,4", *rows]) + "\n")
    courses = plot(result).axes[0]
    (line,) = lines(courses, "vehicle")
    # Two of three are lost after day 2: the mean of the third is no recovery of the arm.
    assert np.asarray(line.get_xdata()).tolist() == [0, 1, 2]
    assert len(lines(courses, "animal")) == 3


def test_words_of_the_figure_name_the_threshold_and_the_lost(
    read: Callable[[str], LaboratoryResult], texts: Callable[[Figure], list[str]]
) -> None:
    found = " ".join(
        " ".join(texts(plot(read("rat,group,0,1,2\n1,vehicle,0,2,\n2,vehicle,0,0,1\n")))).split()
    )
    assert "signs: score >= 1" in found
    assert "vehicle: 1 of 2 lost before day 2" in found


def test_the_control_is_in_ink(result: LaboratoryResult) -> None:
    courses = plot(result).axes[0]
    assert lines(courses, "vehicle")[0].get_color() == INK
    assert lines(courses, "treated")[0].get_color() != INK


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
def test_nothing_overlaps(
    case: str, read: Callable[[str], LaboratoryResult], collisions: Callable[[Figure], list[str]]
) -> None:
    assert collisions(plot(read(CASES[case]))) == []


def test_of_many_arms_animals_are_left_out_and_dashes_tell_them_apart(
    read: Callable[[str], LaboratoryResult], texts: Callable[[Figure], list[str]]
) -> None:
    result = read(CASES["many arms"])
    figure = plot(result)
    assert lines(figure.axes[0], "animal") == []
    assert "an animal" not in texts(figure)
    looks = {(line.get_color(), line.get_linestyle()) for line in figure.axes[0].lines}
    assert len(looks) == len(result.arms)


def test_words_say_how_many_animals_and_how_the_dead_are_scored(
    result: LaboratoryResult, texts: Callable[[Figure], list[str]]
) -> None:
    found = texts(plot(result))
    assert "6 animals in 2 arms" in found
    assert any("the dead score 5" in text for text in found)
    assert any("days without a reading keep the last one" in " ".join(text.split()) for text in found)
    assert {"vehicle (3)", "treated (3)"} <= set(found)


def test_the_same_scores_give_the_same_bytes(result: LaboratoryResult, tmp_path: Path) -> None:
    first = [path.read_bytes() for path in save(plot(result), tmp_path / "one")]
    assert [path.read_bytes() for path in save(plot(result), tmp_path / "two")] == first
