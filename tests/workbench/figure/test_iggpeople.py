"""The figure of IgG in people: published points stand where the rows say, and a page that can be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from matplotlib.figure import Figure

from eaesim.evidence import finding
from eaesim.workbench.figure.iggpeople import LINES, igg_people_figure


@pytest.mark.slow
def test_the_page_shows_every_published_rise_and_every_kinetics(
    page_faults: Callable[[Figure], list[str]],
) -> None:
    figure = igg_people_figure(sets=40)
    volunteers, five, monthly = figure.axes
    points = {line.get_gid(): line for line in volunteers.lines if line.get_gid()}
    assert set(points) == {"P1.end", "P1.day_29", "P2.end", "P2.day_29"}
    for row, point in points.items():
        assert list(point.get_ydata()) == [finding(row).value]
    curves = [line for line in volunteers.lines if not line.get_gid()]
    assert [round(float(max(curve.get_ydata())), 1) for curve in curves] == [4.2, 8.4]
    for axes in (five, monthly):
        labels = [line.get_label() for line in axes.lines if not str(line.get_label()).startswith("_")]
        assert labels == [label for _, label in LINES.values()]
    assert page_faults(figure) == []
