"""Rows of dots with intervals."""

from __future__ import annotations

import math

import pytest

from eaesim.workbench.figure.dotrows import Dot, DotRow, draw_dot_rows
from eaesim.workbench.figure.page import Page


@pytest.mark.parametrize(
    ("value", "low", "high", "marks"),
    [
        (0.5, 0.2, 0.8, "o"),
        (0.5, math.nan, math.nan, "o"),
        (0.5, -0.1, 0.8, "<o"),
        (0.5, -math.inf, math.inf, "<>o"),
        (-1.0, -2.0, 0.5, "<"),
        (3.0, 0.5, 4.0, ">"),
        (math.nan, 0.1, 0.2, ""),
    ],
)
def test_what_lies_outside_the_axes_is_an_arrow_at_their_end(
    value: float, low: float, high: float, marks: str
) -> None:
    page = Page.around(88, 40, title="a title", footer="a footer", alt="dots")[0]
    rows = [DotRow("words", (Dot(value, low, high),))]
    axes = draw_dot_rows(page, rows, left=4, top=10, words=20, width=40, limits=(0.0, 1.0), axis="share")
    drawn = [str(line.get_marker()) for line in axes.lines if line.get_marker() != "None"]
    assert sorted(drawn) == sorted(marks)
    ends = [x for line in axes.lines for x in line.get_xdata()]
    assert all(0 <= x <= 1 for x in ends)
