"""A table of verdicts: marks that differ in shape, so that they are told apart without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE, NOT_COMPARABLE
from eaesim.workbench.figure.page import IVIG, MARGIN, RULE, RULES, SMALLEST, Page, fit, line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Millimetres between the texts of two rows, and the height of the line that explains the marks.
APART, KEY = 0.9, 5.0
_AGREES, _DISAGREES, _INCONCLUSIVE = IVIG, "#8a3c00", "#555555"
# A tick, as corners around the middle.
_TICK = ((-0.75, 0.0), (-0.2, -0.6), (0.8, 0.7))
RULED = "#d8d8d8"


@dataclass(frozen=True)
class VerdictRow:
    """One row.

    Attributes
    ----------
    cells
        Texts of the columns at its left.
    verdicts
        One for each column of marks.
    """

    cells: tuple[str, ...]
    verdicts: tuple[str, ...] = ()

    @property
    def is_heading(self) -> bool:
        """Whether it has no verdicts: it is bold then."""
        return not self.verdicts


def row_height(row: VerdictRow, widths: Sequence[float]) -> float:
    """Return the height of a row in millimetres."""
    texts = zip(row.cells, widths, strict=False)
    most = max(
        fit(text, sum(widths) if row.is_heading else width, SMALLEST).count("\n") for text, width in texts
    )
    return APART + line(SMALLEST) * (most + 1)


def draw_verdicts(
    page: Page,
    rows: Sequence[VerdictRow],
    *,
    top: float,
    widths: Sequence[float],
    columns: int,
    column: float,
    gap: float = 2.0,
) -> Axes:
    """Draw rows of texts with a mark in each of the columns at their right.

    Parameters
    ----------
    page
        Where; the table begins at its left margin.
    rows
        From top to bottom.
    top
        Upper end, in millimetres.
    widths
        Widths of the columns of text.
    columns, column
        How many columns of marks there are, and the width of each.
    gap
        Between the columns of text.
    """
    height = sum(row_height(row, widths) for row in rows)
    left = MARGIN + sum(widths) + gap * len(widths)
    axes = page.axes(left=left, top=top, width=columns * column, height=height)
    axes.set_axis_off()
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(height, 0)
    start = 0.0
    for row in rows:
        middle = start + row_height(row, widths) / 2
        at = MARGIN
        for text, width in zip(row.cells, widths, strict=False):
            wrapped = fit(text, sum(widths) if row.is_heading else width, SMALLEST)
            weight = "bold" if row.is_heading else "normal"
            page.write(wrapped, at, top + middle, size=SMALLEST, va="center", weight=weight)
            at += width + gap
        for place, verdict in enumerate(row.verdicts):
            draw_mark(axes, verdict, place, middle)
        if start and not row.is_heading:
            across = axes.get_yaxis_transform()
            ends = [(MARGIN - left) / (columns * column), 1]
            axes.plot(
                ends, [start] * 2, color=RULED, linewidth=RULE, transform=across, clip_on=False, zorder=0
            )
        start += row_height(row, widths)
    return axes


def draw_mark(axes: Axes, verdict: str, across: float, up: float) -> None:
    """Draw the mark of a verdict; one that is not comparable is a dash."""
    from matplotlib.path import Path

    style = {
        AGREES: (Path(_TICK), _AGREES, 5.5, 1.8),
        DISAGREES: ("x", _DISAGREES, 5.0, 1.8),
        INCONCLUSIVE: ("o", _INCONCLUSIVE, 4.5, 0.9),
        NOT_COMPARABLE: ("_", RULES, 4.5, 0.9),
    }
    marker, colour, size, width = style[verdict]
    axes.plot(
        [across],
        [up],
        linestyle="none",
        marker=marker,
        markersize=size,
        markeredgecolor=colour,
        markerfacecolor="none",
        markeredgewidth=width,
        color=colour,
        label=verdict,
        clip_on=False,
    )


def draw_key(page: Page, verdicts: Sequence[str], *, top: float, right: float) -> None:
    """Explain the marks that occur, in one line that ends at `right`."""
    shown = [one for one in (AGREES, DISAGREES, INCONCLUSIVE, NOT_COMPARABLE) if one in set(verdicts)]
    if not shown:
        return
    width = sum(len(one) for one in shown) * 1.3 + 7.0 * len(shown)
    axes = page.axes(left=right - width, top=top, width=width, height=KEY)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, KEY)
    at = 2.0
    for one in shown:
        draw_mark(axes, one, at, KEY / 2)
        axes.text(at + 2.0, KEY / 2, one, fontsize=SMALLEST, va="center_baseline")
        at += 7.0 + 1.3 * len(one)
