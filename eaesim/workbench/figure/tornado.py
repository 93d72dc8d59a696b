"""Bars of influence, the largest on top, on an axis that begins at 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.workbench.figure.page import INK, MARGIN, SINGLE, SMALLEST, WHISKER, Page, fit, line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Millimetres: the names, the numbers beside the axes, between rows.
NAMES, NUMBERS, BETWEEN = 39.0, 8.0, 1.4
_BAR = 2.4


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes
    ----------
    name
        In words.
    value, low, high
        Its length, and its 95 % interval.
    colour
        By group.
    """

    name: str
    value: float
    low: float
    high: float
    colour: str


def tornado_height(bars: Sequence[Bar]) -> float:
    """Return the millimetres of the axes of `draw_tornado`."""
    return sum(map(_height, bars))


def draw_tornado(page: Page, bars: Sequence[Bar], *, top: float, end: float) -> Axes:
    """Draw bars on an axis from 0 to an end, names at the left and values at the right of it.

    Examples
    --------
    >>> page = Page(SINGLE, 40, title="Entry decides", footer="H1a", alt="Bars.")
    >>> axes = draw_tornado(page, [Bar("entry", 0.9, 0.6, 1.1, INK)], top=12, end=1.2)
    >>> float(axes.get_xlim()[0])
    0.0
    """
    width = SINGLE - 2 * MARGIN - NAMES - NUMBERS
    axes = page.axes(left=MARGIN + NAMES, top=top, width=width, height=tornado_height(bars))
    axes.set_xlim(0, end)
    axes.set_ylim(tornado_height(bars), 0)
    axes.set_yticks([])
    bottoms = np.cumsum([_height(one) for one in bars])
    for one, bottom in zip(bars, bottoms, strict=True):
        middle = bottom - _height(one) / 2
        axes.barh([middle], [one.value], height=_BAR, color=one.colour, linewidth=0, zorder=2)
        if np.isfinite(one.low) and np.isfinite(one.high):
            axes.plot([max(one.low, 0.0), one.high], [middle] * 2, color=INK, linewidth=WHISKER, zorder=3)
        name = fit(one.name, NAMES - 2, SMALLEST)
        page.write(name, MARGIN + NAMES - 1.5, top + middle, size=SMALLEST, ha="right", va="center")
        page.write(f"{one.value:.2f}", SINGLE - MARGIN, top + middle, size=SMALLEST, ha="right", va="center")
    return axes


def _height(bar: Bar) -> float:
    return line(SMALLEST) * (fit(bar.name, NAMES - 2, SMALLEST).count("\n") + 1) + BETWEEN
