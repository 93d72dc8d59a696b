"""The figure of ranks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eaesim.errors import EaesimError
from eaesim.estimation.calibration import BINS, Calibration, read_ranks
from eaesim.questions.fit.calibration.answer import FitCalibration
from eaesim.questions.fit.calibration.request import CalibrationRequest
from eaesim.solver import Effort
from eaesim.study import Store
from eaesim.workbench.figure.save import plot
from eaesim.workbench.question import question
from eaesim.workbench.studyfile import asked


def test_it_has_a_histogram_for_every_rat_and_quantity() -> None:
    ranks = np.column_stack([(np.arange(100) + 0.5) / 100, np.full(100, 0.5)])
    own = Calibration(("even", "narrow"), ranks, 3)
    found = FitCalibration(CalibrationRequest(of="scores", animals=12), {"lewis": own, "da": own})
    figure = plot(found)
    assert len(figure.axes) == 4
    heights = [bar.get_height() for bar in figure.axes[0].patches if bar.get_width() < 0.5]
    assert heights == [100 / BINS] * BINS
    assert own.pooled() == 0.95
    assert set(found.tables()) == {"calibration_lewis", "ranks_lewis", "calibration_da", "ranks_da"}


def test_the_fit_has_a_histogram_for_every_number_and_reading_and_marks_what_fails(tmp_path: Path) -> None:
    even = (np.arange(100) + 0.5) / 100
    found = Calibration(
        ("da.x", "y", "lewis_immunised onset_day"), np.column_stack([even, even, even * 0]), 4
    )
    assert found.numbers == 2
    assert found.pooled(0, 2) == 0.9
    assert found.pooled(2) == 0.0
    figure = plot(FitCalibration(CalibrationRequest(), {"": found}))
    titles = [axes.title for axes in figure.axes]
    assert [title.get_text().splitlines()[1] for title in titles] == ["90 of 100", "90 of 100", "0 of 100"]
    assert titles[0].get_color() == titles[1].get_color() != titles[2].get_color()
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
