"""The figure of plasma IgG: what is drawn lies where the numbers say, and a page that can be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from matplotlib.figure import Figure

from eaesim.evidence import finding
from eaesim.workbench.figure.igg import PUBLISHED_RISE, igg_figure


@pytest.mark.parametrize("sets", [1, 4])
def test_the_page_shows_three_doses_and_the_published_rise(
    sets: int, page_faults: Callable[[Figure], list[str]]
) -> None:
    figure = igg_figure(sets=sets, rats=8)
    plasma, cells = figure.axes
    published = next(line for line in plasma.lines if line.get_gid() == PUBLISHED_RISE)
    rise = finding(PUBLISHED_RISE)
    assert list(published.get_ydata()) == [rise.low, rise.high]
    doses = [line for line in plasma.lines if line.get_zorder() == 3]
    assert [float(line.get_xdata()[0]) for line in doses] == [-7, 0, 2]
    # The dose alone, 25 mg/mL in 40 mL/kg of plasma or so.
    assert all(15 < max(line.get_ydata()) < 40 for line in doses)
    untreated, before, at, after = (max(line.get_ydata()) for line in cells.lines if line.get_zorder() == 3)
    assert untreated == 100
    assert at < before < after <= 100
    assert page_faults(figure) == []
