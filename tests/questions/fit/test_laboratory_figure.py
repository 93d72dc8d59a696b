from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from eaesim.estimation.group import Group
from eaesim.questions.fit.laboratory.request import LaboratoryRequest
from eaesim.questions.fit.laboratory.result import LaboratoryFit, Predicted
from eaesim.workbench.figure.save import plot

DAYS = 21
SHAPE = np.clip(np.arange(DAYS) - 9.0, 0, 3)
OBSERVED = np.stack(
    [SHAPE, np.where(np.arange(DAYS) > 14, np.nan, SHAPE), np.where(np.arange(DAYS) > 5, np.nan, 0)]
)


@pytest.fixture
def fit() -> LaboratoryFit:
    band = Predicted(3, 0.3 * SHAPE, SHAPE + 1, SHAPE, 0.7 * SHAPE, SHAPE + 0.5)
    group = Group(2, 3, np.array([10.0, 3, 30, 11]), without=np.array([5.0]))
    bank = SimpleNamespace(until=DAYS - 1, signs=1.0)
    said = ("vehicle: 1 lost without signs.",)
    return LaboratoryFit(LaboratoryRequest(), bank, group, np.ones(2) / 2, OBSERVED, band, assumed=said)  # type: ignore[arg-type]


def test_every_animal_stands_over_the_predicted_bands(fit: LaboratoryFit) -> None:
    axes = plot(fit).axes[0]
    animals = [line for line in axes.lines if line.get_label() == "animal"]
    assert len(animals) == 3
    for line, course in zip(animals, OBSERVED, strict=True):
        assert np.nanmax(np.abs(np.asarray(line.get_ydata()) - course)) < 0.1
    (shown,) = (line for line in axes.lines if line.get_label() == "shown")
    assert np.asarray(shown.get_ydata())[:15] == pytest.approx(np.nanmean(OBSERVED, axis=0)[:15])
    # From day 15 on one of three is left, which says nothing of their mean.
    assert np.isnan(np.asarray(shown.get_ydata())[15:]).all()
    tops = {round(float(band.get_paths()[0].vertices[:, 1].max()), 6) for band in axes.collections}
    assert tops == {4.0, 3.5}


def test_it_counts_every_animal_and_nothing_overlaps(
    fit: LaboratoryFit, collisions: Callable[[Figure], list[str]], texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(fit)
    assert collisions(figure) == []
    found = " ".join(" ".join(texts(figure)).split())
    assert "3 control animals" in found
    assert "2 with signs by day 20, 1 lost before; signs: score >= 1" in found
    assert "vehicle: 1 lost without signs." in found
