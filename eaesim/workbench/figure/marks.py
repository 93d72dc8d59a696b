"""Marks of values, and the words beside them, on any axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eaesim.workbench.figure.page import MARKER, SMALLEST

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.transforms import Transform


def draw_value(
    axes: Axes,
    across: float,
    up: float,
    shape: str = "o",
    *,
    colour: str,
    size: float = MARKER,
    edge: float | None = None,
    label: str | None = None,
    zorder: float = 3,
    is_filled: bool = True,
    is_clipped: bool = True,
) -> Line2D:
    """Draw the mark of one value, hollow where it is not filled; without `edge` its edge is the usual one.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> draw_value(Figure().subplots(), 1, 2, colour="#000000", is_filled=False).get_markerfacecolor()
    'white'
    """
    face = colour if is_filled else "white"
    (mark,) = axes.plot(
        [across],
        [up],
        shape,
        color=colour,
        markersize=size,
        markerfacecolor=face,
        markeredgewidth=edge,
        label=label,
        zorder=zorder,
        clip_on=is_clipped,
    )
    return mark


def write_beside(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    shift: tuple[float, float],
    *,
    va: str,
    ha: str = "left",
    color: str | None = None,
    zorder: float = 3,
    bbox: Mapping[str, str | float] | None = None,
    xycoords: str | Transform = "data",
) -> None:
    """Write small words so many points beside a place; the options are those of `Axes.annotate`."""
    axes.annotate(
        text,
        at,
        shift,
        xycoords,
        "offset points",
        fontsize=SMALLEST,
        va=va,
        ha=ha,
        color=color,
        zorder=zorder,
        bbox=bbox,
    )


def write_at_end(axes: Axes, text: str, up: float, *, color: str | None = None) -> None:
    """Write small words at the right end of axes, at a height."""
    write_beside(axes, text, (1, up), (3, 0), xycoords=axes.get_yaxis_transform(), va="center", color=color)
