"""The figure of ranks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eaesim.errors import EaesimError
from eaesim.estimation.calibration import Calibration, read_ranks
from eaesim.model import Parameters
from eaesim.model.parameter_file import parameter_words
from eaesim.questions.fit.calibration.answer import FitCalibration
from eaesim.questions.fit.calibration.request import CalibrationRequest
from eaesim.solver import Effort
from eaesim.study import Store
from eaesim.workbench.figure.coverage import MOST_NAMED
from eaesim.workbench.figure.save import plot
from eaesim.workbench.question import question
from eaesim.workbench.studyfile import asked

Faults = Callable[[Figure], list[str]]


EVEN = (np.arange(100) + 0.5) / 100


def dots(axes: Axes) -> list[float]:
    return [float(value) for line in axes.lines if line.get_marker() == "o" for value in line.get_xdata()]


def test_a_laboratorys_own_rat_has_a_column_for_every_strain(page_faults: Faults) -> None:
    own = Calibration(("even", "narrow"), np.column_stack([EVEN, np.full(100, 0.5)]), 3)
    found = FitCalibration(CalibrationRequest(of="scores", animals=12), {"lewis": own, "da": own})
    figure = plot(found)
    assert [dots(axes) for axes in figure.axes[::2]] == [[90, 100], [90, 100]]
    assert page_faults(figure) == []
    assert own.pooled() == 0.95
    assert set(found.tables()) == {"calibration_lewis", "ranks_lewis", "calibration_da", "ranks_da"}


@pytest.mark.parametrize(("quantities", "sets"), [(20, 35), (130, 40)])
def test_many_quantities_stand_on_one_page(quantities: int, sets: int, page_faults: Faults) -> None:
    names = [f"{'lewis_immunised ' * (place % 3 == 0)}quantity_{place}" for place in range(quantities)]
    ranks = np.random.default_rng(1).random((sets, quantities))
    # Too wide, too narrow and shifted.
    ranks[:, :4], ranks[:, 4:9], ranks[:, 9] = 0.5, ranks[:, 4:9] > 0.4, ranks[:, 9] / 2
    found = Calibration(tuple(sorted(names, key=lambda name: " " in name)), ranks, 4)
    assert page_faults(plot(FitCalibration(CalibrationRequest(), {"": found}))) == []


def test_the_longest_names_of_parameters_stay_on_the_page(page_faults: Faults) -> None:
    longest = sorted(Parameters._fields, key=lambda name: len(parameter_words(name)))[-MOST_NAMED + 1 :]
    names = (*(f"lewis.{name}" for name in longest), "lewis_immunised onset_day")
    found = Calibration(names, np.random.default_rng(1).random((40, len(names))), 4)
    assert page_faults(plot(FitCalibration(CalibrationRequest(), {"": found}))) == []


def test_the_fit_has_parameters_and_readings_apart_and_names_what_is_off(
    tmp_path: Path, texts: Callable[[Figure], list[str]]
) -> None:
    quantities = ("da.x", "y", "lewis_immunised onset_day")
    found = Calibration(quantities, np.column_stack([EVEN, EVEN, EVEN * 0]), 4)
    assert found.numbers == 2
    assert found.pooled(0, 2) == 0.9
    assert found.pooled(2) == 0.0
    figure = plot(FitCalibration(CalibrationRequest(), {"": found}))
    assert [dots(axes) for axes in figure.axes[::2]] == [[90, 90], [0]]
    assert "90 % intervals hold in 60.0 %; 1 of 3 beyond chance" in " ".join(texts(figure)).replace(
        "\u00a0", " "
    )
    assert "one line per quantity; dark: Lewis immunised onset day" in texts(figure)
    found.ranks().to_csv(tmp_path / "ranks.csv", index=False)
    (tmp_path / "study.toml").write_text('[calibration]\nranks = "ranks.csv"\n', encoding="utf-8")
    calibration = question("calibration")
    plan = calibration.plan(*asked(calibration, tmp_path / "study.toml")[:2])
    answer = calibration.answer(plan, Effort())
    assert isinstance(answer, FitCalibration)
    again = answer.found[""]
    assert (again.quantities, again.left_out) == (found.quantities, 4)
    assert np.allclose(again.rank, found.rank)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "a,left_out\n2,1\n", "a,left_out\nx,1\n", "a,left_out\n"])
def test_ranks_that_are_none_are_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "ranks.csv").write_text(text, encoding="utf-8")
    with pytest.raises(EaesimError, match=r"ranks\.csv holds no ranks"):
        read_ranks(tmp_path / "ranks.csv")
    with pytest.raises(EaesimError, match="cannot be read"):
        read_ranks(tmp_path / "none.csv")


def test_ranks_of_another_model_are_read_with_a_warning(tmp_path, monkeypatch):
    def fill(to: Path) -> None:
        (to / "ranks.csv").write_text("a,left_out\n0.5,0\n", encoding="utf-8")

    Store(tmp_path / "run", {"verb": "fit"}).write(fill)
    assert read_ranks(tmp_path / "run" / "ranks.csv").quantities == ("a",)
    monkeypatch.setattr("eaesim.study.claim.fingerprint", lambda: "other")
    with pytest.warns(UserWarning, match="with another model or other data: its ranks"):
        read_ranks(tmp_path / "run" / "ranks.csv")
