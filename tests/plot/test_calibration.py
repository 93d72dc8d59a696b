"""The figure of ranks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from eaesim.analysis.estimation.calibration import BINS, Calibration, Calibrations
from eaesim.analysis.estimation.question import read_question
from eaesim.plot import plot


def test_it_has_a_histogram_for_every_rat_and_quantity() -> None:
    ranks = np.column_stack([(np.arange(100) + 0.5) / 100, np.full(100, 0.5)])
    own = Calibration(("even", "narrow"), ranks, 3)
    found = Calibrations({"lewis": own, "da": own}, 12)
    figure = plot(found)
    assert len(figure.axes) == 4
    heights = [bar.get_height() for bar in figure.axes[0].patches if bar.get_width() < 0.5]
    assert heights == [100 / BINS] * BINS
    assert found.pooled("lewis") == 0.95


def test_a_file_can_ask_for_it(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text("[calibrate]\nmembers = 3\n", encoding="utf-8")
    asked = read_question(file)
    assert asked is not None
    assert (asked.name, asked.members) == ("calibrate", 3)
