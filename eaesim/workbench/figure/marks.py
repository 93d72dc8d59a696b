"""Marks of values, and the words beside them, on any axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from eaesim.workbench.figure.page import MARKER, SMALLEST, LineStyle, TextStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


def draw_value(
    axes: Axes,
    across: float,
    up: float,
    shape: str = "o",
    *,
    colour: str,
    size: float = MARKER,
    is_filled: bool = True,
    **style: Unpack[LineStyle],
) -> Line2D:
    """Draw the mark of one value, hollow where it is not filled; `style` is that of `Axes.plot`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> draw_value(Figure().subplots(), 1, 2, colour="#000000", is_filled=False).get_markerfacecolor()
    'white'
    """
    face = colour if is_filled else "white"
    own: LineStyle = {"color": colour, "zorder": 3, **style}
    (mark,) = axes.plot([across], [up], shape, markersize=size, markerfacecolor=face, **own)
    return mark


def write_beside(
    axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], **style: Unpack[TextStyle]
) -> None:
    """Write small words so many points beside a place; `style` is that of `Axes.annotate`."""
    axes.annotate(text, at, shift, textcoords="offset points", fontsize=SMALLEST, **style)


def write_at_end(axes: Axes, text: str, up: float, **style: Unpack[TextStyle]) -> None:
    """Write small words at the right end of axes, at a height."""
    own: TextStyle = {"xycoords": axes.get_yaxis_transform(), "va": "center", **style}
    write_beside(axes, text, (1, up), (3, 0), **own)
