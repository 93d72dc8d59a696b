"""A heat map: a cell for each pair of values with its number, and the border of a level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.workbench.figure.page import INK, SECOND, SMALLEST, TEXT, Page, TextStyle, length, line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: A share of the largest value below 0 that is shown as harm; less may be chance.
HARM = 0.05
# Pale enough for dark letters on each of them.
_BELOW, _NOTHING, _ABOVE, _UNKNOWN = "#e8a06b", "#ffffff", "#5598cb", "#dddddd"
_MARK = 1.6

Mask = npt.NDArray[np.bool_]


def draw_heat_map(
    page: Page,
    values: Floats,
    *,
    left: float,
    top: float,
    width: float,
    height: float,
    most: float,
    border: float | None = None,
    digits: str = ".0f",
    tested: Mask | None = None,
) -> Axes:
    """Draw a map, its first row at the bottom.

    Parameters
    ----------
    page
        Where.
    values
        Shape (rows, columns); NaN where there is none.
    left, top, width, height
        Place in millimetres.
    most
        Value of the darkest cell; as much below 0 has the colour of harm.
    border
        Cells of at least this value, rounded as it is written, are surrounded by a line.
    digits
        Format of the numbers, which are left out where they do not fit.
    tested
        Cells in which an experiment was done; their numbers are bold, or a dot stands there.

    Returns
    -------
    matplotlib.axes.Axes
        Its columns and rows stand at 0, 1, 2, ...

    Examples
    --------
    >>> page = Page(88, 60, title="Early doses prevent half", footer="H1a", alt="A map.")
    >>> axes = draw_heat_map(
    ...     page, np.array([[10.0, 60.0]]), left=12, top=12, width=40, height=20, most=100, border=50
    ... )
    >>> [text.get_text() for text in axes.texts]
    ['10', '60']
    """
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("values", [_BELOW, _NOTHING, _ABOVE]).with_extremes(
        bad=_UNKNOWN
    )
    axes = page.axes(left=left, top=top, width=width, height=height)
    shown = np.where(values < -HARM * most, values, np.maximum(values, 0.0))
    axes.imshow(shown, cmap=colours, vmin=-most, vmax=most, origin="lower", aspect="auto", zorder=1)
    axes.tick_params(length=0)
    if border is not None:
        _draw_border(axes, np.round(np.nan_to_num(values, nan=-np.inf)) >= border)
    texts = [[_number(value, digits) for value in row] for row in values.tolist()]
    wide = max(length(text, SMALLEST, bold=tested is not None) for row in texts for text in row)
    if wide + 0.4 > width / values.shape[1] or line(SMALLEST) > height / values.shape[0]:
        if tested is not None:
            rows, columns = np.nonzero(tested)
            axes.plot(columns, rows, "o", color=INK, markersize=1.5, zorder=3)
        return axes
    style: TextStyle = {"color": INK, "ha": "center", "va": "center"}
    for row, column in np.ndindex(values.shape):
        is_tested = tested is not None and tested[row, column]
        weight = "bold" if is_tested else "normal"
        axes.text(column, row, texts[row][column], fontsize=SMALLEST, weight=weight, **style)
    return axes


def _number(value: float, digits: str) -> str:
    # The sum turns a negative zero into one without a sign.
    return "–" if math.isnan(value) else f"{round(value, 3) + 0.0:{digits}}".replace("-0", "0", value > -0.5)


def _draw_border(axes: Axes, inside: Mask) -> None:
    """Draw a line between cells of which one lies inside."""
    for row, column in zip(*np.nonzero(inside[:, 1:] != inside[:, :-1]), strict=True):
        axes.plot([column + 0.5] * 2, [row - 0.5, row + 0.5], color=INK, linewidth=SECOND, zorder=2)
    for row, column in zip(*np.nonzero(inside[1:] != inside[:-1]), strict=True):
        axes.plot([column - 0.5, column + 0.5], [row + 0.5] * 2, color=INK, linewidth=SECOND, zorder=2)


def name_cells(
    axes: Axes, columns: Sequence[str], rows: Sequence[str], *, width: float, height: float
) -> None:
    """Write names at as many columns and rows as there is room for, in millimetres."""
    room = max(length(name, TEXT) for name in columns) + 1.0
    chosen = range(0, len(columns), max(1, math.ceil(len(columns) * room / width)))
    axes.set_xticks(list(chosen), [columns[place] for place in chosen])
    chosen = range(0, len(rows), max(1, math.ceil(len(rows) * line(TEXT) / height)))
    axes.set_yticks(list(chosen), [rows[place] for place in chosen])


def mark_rows(
    page: Page,
    axes: Axes,
    ends: Sequence[float],
    *,
    is_open: tuple[bool, bool],
    label: str,
    left: float,
    top: float,
    height: float,
) -> None:
    """Mark a range of rows at the right of a map, whose rows stand at 0, 1, 2, ..., with what it is.

    The range goes on beyond an end that is open.
    """
    low, high = sorted(axes.get_ylim())
    first, last = (top + height * (high - end) / (high - low) for end in ends)
    page.rule(left, first, last, is_open=is_open)
    page.write(
        label, left + _MARK, (first + last) / 2, size=SMALLEST, rotation=90, va="center", linespacing=1.1
    )
