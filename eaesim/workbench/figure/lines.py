"""Lines on shared axes, each with its label at its right end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.workbench.figure.page import (
    INK,
    IVIG,
    MARKER,
    MEAN,
    QUIET,
    RULE,
    SMALLEST,
    Dash,
    LineStyle,
    Page,
    fit,
    line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

#: Looks of the lines on shared axes: colours of different lightness, and dashes.
LOOKS: tuple[tuple[str, Dash], ...] = (
    (IVIG, "-"),
    ("#D55E00", (0, (7, 1.2))),
    ("#1a1a1a", (0, (3, 1.5))),
    ("#009E73", (0, (1.2, 0.9))),
)
UNTESTED: Dash = (0, (3, 1.5))
_BAND, _LEADER = 0.15, 3.0


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes
    ----------
    across, up
        Its points; gaps are NaN.
    label
        Written at its right end; empty for none.
    colour, dash, width
        Its look.
    low, high
        Ends of its band; None without one.
    mark
        Mark of its points; empty for none.
    """

    across: Floats
    up: Floats
    label: str = ""
    colour: str = IVIG
    dash: Dash = "-"
    width: float = MEAN
    low: Floats | None = None
    high: Floats | None = None
    mark: str = ""


def draw_lines(axes: Axes, lines: Sequence[Line]) -> None:
    """Draw lines with their bands, the first on top."""
    for place, one in enumerate(reversed(lines)):
        if one.low is not None and one.high is not None:
            axes.fill_between(
                one.across, one.low, one.high, color=one.colour, alpha=_BAND, linewidth=0, zorder=2
            )
        style: LineStyle = {"color": one.colour, "linestyle": one.dash, "linewidth": one.width}
        axes.plot(
            one.across, one.up, marker=one.mark, markersize=MARKER - 0.5, zorder=3 + 0.01 * place, **style
        )


def label_lines(page: Page, axes: Axes, lines: Sequence[Line], *, room: float) -> None:
    """Write the labels of lines beside the axes, in the order of their ends, within a room in millimetres."""
    named = [one for one in lines if one.label and np.isfinite(one.up).any()]
    place = axes.get_position()
    right, base = place.x1 * page.width, (1 - place.y1) * page.height
    tall = (place.y1 - place.y0) * page.height
    texts, ends = [], []
    for one in named:
        last = int(np.flatnonzero(np.isfinite(one.up))[-1])
        ends.append(base + tall * (1 - float(axes.transLimits.transform((0, one.up[last]))[1])))
        texts.append(fit(one.label, room - _LEADER, SMALLEST))
    heights = [line(SMALLEST) * (text.count("\n") + 1) for text in texts]
    for number, top in zip(*_spread(ends, heights, base, base + tall), strict=True):
        one, end = named[number], ends[number]
        page.figure.add_artist(_leader(page, right, end, top + heights[number] / 2, one))
        colour = one.colour if one.colour in (IVIG, INK, QUIET) else INK
        page.write(texts[number], right + _LEADER, top, size=SMALLEST, color=colour)


def _leader(page: Page, right: float, end: float, middle: float, one: Line) -> Line2D:
    """Return the short line from the end of a line to its label."""
    from matplotlib.lines import Line2D

    across = [(right + shift) / page.width for shift in (0.3, _LEADER - 0.4)]
    return Line2D(
        across, [1 - each / page.height for each in (end, middle)], color=one.colour, linewidth=RULE
    )


def _spread(
    middles: Sequence[float], heights: Sequence[float], top: float, bottom: float
) -> tuple[list[int], list[float]]:
    """Return the order of texts from above, and their tops, so that none lies on another.

    Examples
    --------
    >>> _spread([5.0, 5.0], [2.0, 2.0], 0.0, 20.0)
    ([0, 1], [4.0, 6.0])
    """
    order = sorted(range(len(middles)), key=lambda number: middles[number])
    tops: list[float] = []
    for number in order:
        wanted = max(middles[number] - heights[number] / 2, top - heights[number] / 2)
        tops.append(max(wanted, tops[-1] + heights[order[len(tops) - 1]]) if tops else wanted)
    below = bottom + 2.0
    for place in range(len(order) - 1, -1, -1):
        below -= heights[order[place]]
        tops[place] = below = min(tops[place], below)
    return order, tops
