"""The figures of a fit: every row and every number is drawn, as the tables say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.estimation.fit import published_simulator
from eaesim.estimation.kinetics import draw_kinetics
from eaesim.estimation.sampler import Stage
from eaesim.estimation.target import Target
from eaesim.questions.fit.figure import FARTHEST, standardised
from eaesim.questions.fit.request import FitRequest
from eaesim.questions.fit.result import Fit
from eaesim.workbench.figure.page import IVIG
from eaesim.workbench.figure.save import plot


@pytest.fixture(scope="module")
def found():
    """Return sets that fit nothing, as a fit of both strains would hand them over."""
    simulator = published_simulator(["lewis", "da"], animals=4, seed=1)
    places = np.random.default_rng(1).random((2, 8, len(simulator.prior.free)))
    stages = (Stage(share=1.0, accepted=0.2, best=0.0, log_evidence=-50.0),)
    drug = draw_kinetics(simulator.prior.rats["lewis"].entries, 16, seed=1)
    return Fit(FitRequest(), simulator, places, np.zeros((2, 8)), (stages, stages), drug)


def target(**changed):
    settings = {"finding": "A1", "experiment": "x", "reading": "peak_score", "low": 2.0, "high": 2.0}
    return Target(**settings | {"error": 0.3, "laboratory": 0.4} | changed)


def test_predictions_are_counted_in_standard_deviations():
    assert standardised(target(), [2.0, 2.5, 1.0]) == pytest.approx([0, 1, -2])
    between = target(low=1.0, high=2.0)
    assert standardised(between, [0.5, 1.0, 1.7, 3.0]) == pytest.approx([-1, 0, 0, 2])
    assert standardised(target(high=np.inf), [1.5, 3.0]) == pytest.approx([-1, 2])
    assert standardised(target(low=-np.inf), [1.5, 3.0]) == pytest.approx([-1, 2])
    # A share is read as in so many animals, with half an animal more on both sides.
    share, seen = target(scale="logit", low=0.0, high=0.0, animals=100), (100 / (1 + np.exp(-1)) + 0.5) / 101
    assert standardised(share, [0.5, 1 / (1 + np.exp(-1))]) == pytest.approx(
        [0, 2 * np.log(seen / (1 - seen))]
    )


def blue(figures):
    """Return the places of the blue dots."""
    lines = [line for figure in figures for axes in figure.axes for line in axes.lines]
    return [
        float(line.get_xdata()[0])
        for line in lines
        if line.get_color() == IVIG and len(line.get_xdata()) == 1
    ]


def test_every_row_and_every_number_has_its_place(found):
    more = found.more_figures()
    widths = more.pop("identifiability")
    expected = []
    for each, (_, row) in zip(found.simulator.targets, found.rows.iterrows(), strict=True):
        low, middle, high = standardised(each, row[["low", "predicted", "high"]].to_numpy(dtype=float))
        if np.isnan(middle):
            continue
        # What lies outside the axes, also an end of the interval, is an arrow.
        expected += [middle] if abs(middle) <= FARTHEST else []
        expected += [-FARTHEST] if min(low, middle) < -FARTHEST else []
        expected += [FARTHEST] if max(middle, high) > FARTHEST else []
    assert sorted(blue([plot(found), *more.values()])) == pytest.approx(sorted(expected))
    assert sorted(blue([widths])) == pytest.approx(sorted(found.identifiability["width"]))


def test_a_row_without_a_value_says_so(found, texts):
    rows = found.rows.assign(predicted=np.nan, low=np.nan, high=np.nan)
    empty = replace(found)
    empty.__dict__["rows"] = rows
    pages = [plot(empty), *empty.more_figures().values()]
    assert blue(pages[:-1]) == []
    said = [" ".join(text.split()) for page in pages for text in texts(page)]
    assert sum(text.endswith("no value") for text in said) == len(rows)
    assert any(text.startswith("Predictions match 0 of") for text in said)


def test_the_pages_have_no_faults(found, page_faults):
    pages = [plot(found), *found.more_figures().values()]
    assert [fault for page in pages for fault in page_faults(page)] == []
