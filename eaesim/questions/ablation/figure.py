"""The figure of the ablation: how much each part of the model improves the fit."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE
from eaesim.model.structure import DECIDED, Part
from eaesim.workbench.figure.style import (
    COLOURS,
    INK,
    NOTE,
    NOTE_LINE,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    add_axes,
    sheet,
    wrap,
    write,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# The layout, in inches.
EDGE, LEFT, BARS_WIDTH, RIGHT, HEAD, ROW, BELOW = 0.12, 3.4, 3.4, 4.6, 0.75, 0.25, 0.6
LETTERS = 56
WIDTH = LEFT + BARS_WIDTH + RIGHT
_SHADES = {AGREES: COLOURS[0], DISAGREES: COLOURS[1], INCONCLUSIVE: PALE}


def figure(parts: Sequence[Part]) -> Figure:
    """Draw how much less likely the published rows are without each part of the model.

    One row per part, in the order given: the mean of the chains, and their range.
    """
    height = ROW * len(parts)
    footer = wrap(_FOOTER, WIDTH - 2 * EDGE)
    bottom = HEAD + height + BELOW
    page = sheet(WIDTH, bottom + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    write(page, "Ablation of model components", left=EDGE, top=EDGE, size=TITLE, weight="bold")
    write(page, "fit of the published rows without it, refitted", left=EDGE, top=EDGE + 0.2, size=TEXT)
    axes = add_axes(page, left=LEFT, top=HEAD, width=BARS_WIDTH, height=height)
    axes.axvspan(-math.log(DECIDED), math.log(DECIDED), color="#efefef", linewidth=0, zorder=0)
    axes.axvline(0, color=PALE, linewidth=0.8, zorder=1)
    across = axes.get_yaxis_transform()
    for place, part in enumerate(parts):
        colour = _SHADES[part.verdict]
        axes.plot([part.low, part.high], [place, place], color=colour, linewidth=1.6, zorder=2)
        axes.plot([part.log_evidence], [place], "o", color=colour, markersize=4.5, zorder=3)
        said = f"{part.verdict}: {', '.join(part.suffers)}" if part.suffers else part.verdict
        axes.text(1.03, place, said, transform=across, fontsize=SMALL, va="center", color=INK)
    axes.set_yticks(
        range(len(parts)),
        [textwrap.shorten(part.title, LETTERS, placeholder=" ...") for part in parts],
        fontsize=SMALL,
    )
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(parts) - 0.5, -0.5)
    axes.set_xlabel("change of log evidence without it", fontsize=TEXT)
    write(page, footer, left=EDGE, top=bottom, color=NOTE)
    return page


_FOOTER = (
    f"Left: the rows are less likely without the component. Grey: a factor below {DECIDED:g}. Lines: range "
    "over the chains of the fit; points: mean likelihood. Right: whether the rows agree with the component "
    "in all chains, and the rows whose misfit grows by half of their error or more without it, the worst "
    "first."
)
