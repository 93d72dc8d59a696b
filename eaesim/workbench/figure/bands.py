"""Intervals in a figure: for an ensemble two, one including parameter uncertainty, one for rats alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eaesim.endpoints import Floats
from eaesim.workbench.figure.style import BAND, PALE

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# The wide band is light, for those of several arms may lie on each other; the darker one is drawn over it.
LIGHT, DARKER = 0.11, 0.25
MEMBERS_AND_RATS, RATS_ALONE = "95 % incl. parameter uncertainty", "95 % between rats alone"


def draw_bands(
    axes: Axes, days: Floats, both: tuple[Any, Any], rats: tuple[Any, Any], *, colour: str, members: int
) -> None:
    """Draw an interval by day as a band; of an ensemble, that of the rats alone as a darker one in it.

    Parameters
    ----------
    axes
        Where it is drawn.
    days
        Shape (days,).
    both, rats
        Low and high ends, of parameter sets and rats and of the rats alone, of the same shape.
    colour
        Colour of the curve.
    members
        How many there are; of one, both intervals are the same.
    """
    shown = [(both, BAND, 1.0)] if members == 1 else [(both, LIGHT, 1.0), (rats, DARKER, 2.4)]
    for (low, high), alpha, width in shown:
        axes.fill_between(days, low, high, color=colour, alpha=alpha, linewidth=0, zorder=2)
        if len(days) == 1:  # a band without a width is not seen
            axes.plot([days[0], days[0]], [low[0], high[0]], color=colour, linewidth=width, zorder=2)


def band_entries(members: int) -> list[tuple[Artist, str]]:
    """Return the legend entries of the bands; `members` as for `draw_bands`."""
    from matplotlib.patches import Patch

    if members == 1:
        return [(Patch(color=PALE, alpha=2 * BAND, linewidth=0), "95 % interval over rats")]
    return [
        (Patch(color=PALE, alpha=2 * LIGHT, linewidth=0), MEMBERS_AND_RATS),
        (Patch(color=PALE, alpha=2 * (LIGHT + DARKER), linewidth=0), RATS_ALONE),
    ]


def members_words(members: int) -> str:
    """Return how many parameter sets the rats belong to, for the count of rats; an empty text for one.

    Examples
    --------
    >>> members_words(20)
    ' of 20 parameter sets'
    """
    return f" of {members} parameter sets" if members > 1 else ""
