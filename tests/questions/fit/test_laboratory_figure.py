from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
    band = Predicted(3, 0.3 * SHAPE, SHAPE + 1, SHAPE, 0.7 * SHAPE, SHAPE + 0.5, np.linspace(1, 0.5, DAYS))
    group = Group(2, 3, np.array([10.0, 3, 30, 11]), without=np.array([5.0]))
    bank = SimpleNamespace(until=DAYS - 1, signs=1.0)
    said = ("vehicle: 1 lost without signs.",)
    return LaboratoryFit(LaboratoryRequest(), bank, group, np.ones(2) / 2, OBSERVED, band, assumed=said)  # type: ignore[arg-type]


def test_every_animal_stands_over_the_predicted_bands(fit: LaboratoryFit) -> None:
    axes, alive = (one for one in plot(fit).axes if one.get_ylabel())
    animals = [line for line in axes.lines if line.get_label() == "animal"]
    assert len(animals) == 3
    for line, course in zip(animals, OBSERVED, strict=True):
        assert np.nanmax(np.abs(np.asarray(line.get_ydata()) - course)) < 0.1
    (shown,) = (line for line in axes.lines if line.get_label() == "3 animals and their mean")
    assert np.asarray(shown.get_ydata())[:15] == pytest.approx(np.nanmean(OBSERVED, axis=0)[:15])
    # From day 15 on one of three is left, which says nothing of their mean.
    assert np.isnan(np.asarray(shown.get_ydata())[15:]).all()
    (band,) = axes.collections
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(3.5)
    ends = [line.get_ydata() for line in axes.lines if line.get_label() == "band"]
    assert np.max(ends) == 4
    assert alive.lines[0].get_ydata()[-1] == 50


def test_the_dead_leave_the_mean(fit: LaboratoryFit) -> None:
    died = replace(fit, observed=np.where(np.arange(DAYS) > 11, [[5.0], [1.0], [1.0]], OBSERVED[:1]))
    table = died.courses()
    assert table["shown"].tolist()[12:] == [1.0] * 9
    assert table["alive"].tolist()[10:13] == pytest.approx([1, 1, 2 / 3])


def test_it_counts_every_animal_and_keeps_the_style(
    fit: LaboratoryFit, page_faults: Callable[[Figure], list[str]], texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(fit)
    assert page_faults(figure) == []
    found = " ".join(" ".join(texts(figure)).split())
    assert "2 of 3 control animals with signs by day 20" in found
    assert "Signs: score >= 1. 1 lost before day 20." in found
    assert "vehicle: 1 lost without signs." in found
    assert "95 % of rats" in found
    assert "95 % of groups of n = 3" in found
