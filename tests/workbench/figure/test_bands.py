"""The bands: one without an ensemble, two with one, and words for both."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.workbench.figure.bands import (
    MEMBERS_AND_RATS,
    RATS_ALONE,
    band_entries,
    draw_bands,
    members_words,
)
from eaesim.workbench.figure.style import add_axes, sheet

DAYS = np.arange(3.0)


def heights(collection: object) -> tuple[float, float]:
    (path,) = collection.get_paths()  # type: ignore[attr-defined]
    return float(path.vertices[:, 1].min()), float(path.vertices[:, 1].max())


@pytest.mark.parametrize(("members", "bands"), [(1, [(0, 9)]), (20, [(0, 9), (3, 5)])])
def test_an_ensemble_has_a_darker_band_in_the_light_one(
    members: int, bands: list[tuple[float, float]]
) -> None:
    axes = add_axes(sheet(3, 3), left=0.5, top=0.5, width=2, height=2)
    both, rats = (np.zeros(3), np.full(3, 9.0)), (np.full(3, 3.0), np.full(3, 5.0))
    draw_bands(axes, DAYS, both, rats, colour="#0072B2", members=members)
    assert [heights(band) for band in axes.collections] == bands
    assert len(band_entries(members)) == len(bands)
    if members > 1:
        light, dark = (float(band.get_facecolor()[0][3]) for band in axes.collections)
        assert light < dark


def test_one_day_has_a_line_for_each_interval() -> None:
    axes = add_axes(sheet(3, 3), left=0.5, top=0.5, width=2, height=2)
    both, rats = (np.array([0.0]), np.array([9.0])), (np.array([3.0]), np.array([5.0]))
    draw_bands(axes, DAYS[:1], both, rats, colour="#0072B2", members=2)
    assert [list(line.get_ydata()) for line in axes.lines] == [[0, 9], [3, 5]]
    thin, thick = (line.get_linewidth() for line in axes.lines)
    assert thin < thick


def test_the_legend_says_in_words_what_each_band_is() -> None:
    assert MEMBERS_AND_RATS.endswith("incl. parameter uncertainty")
    assert RATS_ALONE.endswith("between rats alone")
    assert [words for _, words in band_entries(1)] == ["95 % interval over rats"]
    assert members_words(1) == ""
