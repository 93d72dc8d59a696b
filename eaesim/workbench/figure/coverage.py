"""Whether intervals hold what they say: dots of coverage, and ranks against even ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.workbench.figure.dotrows import ZONE
from eaesim.workbench.figure.page import (
    INK,
    IVIG,
    MARKER,
    MEAN,
    QUIET,
    RULE,
    RULES,
    SMALLEST,
    Page,
    length,
    line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What the grey stretch holds of quantities that are calibrated, and the level of the intervals.
CHANCE, LEVEL = 0.99, 0.9
#: Up to so many quantities have their names at the left; of more only those off the grey stretch are named.
MOST_NAMED, MOST_LISTED = 24, 5
# The share of the width that names may take.
MOST_WORDS = 0.7


def chance_band(data_sets: int) -> tuple[float, float]:
    """Return between how many data sets an interval holds by chance alone.

    Examples
    --------
    >>> chance_band(100)
    (82.0, 97.0)
    """
    from scipy.stats import binom

    tail = (1 - CHANCE) / 2
    return float(binom.ppf(tail, data_sets, LEVEL)), float(binom.ppf(1 - tail, data_sets, LEVEL))


def envelope(data_sets: int) -> float:
    """Return how far the share of ranks below a value lies from that value by chance, at most.

    It is the quantile of Kolmogorov and Smirnov's largest distance.

    Examples
    --------
    >>> round(envelope(100), 3)
    0.161
    """
    from scipy.stats import kstwo

    return float(kstwo.ppf(CHANCE, data_sets))


def far_off(ranks: Floats) -> float:
    """Return the largest distance of the ranks of one quantity from even ranks.

    Examples
    --------
    >>> far_off(np.array([0.25, 0.75])), far_off(np.zeros(2))
    (0.25, 1.0)
    """
    ordered, count = np.sort(ranks), len(ranks)
    steps = np.arange(count + 1) / count
    return float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


def coverage_room(names: Sequence[str], width: float) -> float:
    """Return the width of the names at the left of the dots; 0 where they are too many."""
    if len(names) > MOST_NAMED:
        return 0.0
    return min(max(length(name, SMALLEST) for name in names) + 2.0, MOST_WORDS * width)


def coverage_height(names: Sequence[str]) -> float:
    """Return the height of the dots, in millimetres."""
    return len(names) * (line(SMALLEST) + 0.3) if len(names) <= MOST_NAMED else 54.0


def draw_coverage(
    page: Page,
    names: Sequence[str],
    covered: Floats,
    data_sets: int,
    *,
    left: float,
    top: float,
    width: float,
    height: float,
    lowest: float,
) -> Axes:
    """Draw in how many data sets the interval of each quantity holds the truth, the fewest first.

    `lowest` is the left end of the axis; `width` includes the names.
    """
    from matplotlib.ticker import MaxNLocator

    room = coverage_room(names, width)
    axes = page.axes(left=left + room, top=top, width=width - room, height=height)
    low, high = chance_band(data_sets)
    order = np.argsort(covered, kind="stable")
    axes.axvspan(low, high, color=ZONE, linewidth=0, zorder=0)
    axes.axvline(LEVEL * data_sets, color=RULES, linewidth=RULE, zorder=1)
    places = np.arange(len(order))
    size = MARKER if len(order) <= MOST_NAMED else 2.4
    axes.plot(covered[order], places, "o", color=IVIG, markersize=size, clip_on=False, zorder=3)
    axes.set_xlim(lowest, data_sets)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"truth held (of {data_sets})")
    if room:
        axes.set_yticks(places, [names[place] for place in order], fontsize=SMALLEST)
        axes.tick_params(axis="y", length=0)
    else:
        _name_off(axes, [(names[at], float(covered[at])) for at in order], (low, high))
    return axes


def _name_off(axes: Axes, ordered: Sequence[tuple[str, float]], band: tuple[float, float]) -> None:
    """Name the quantities off the stretch in the corners that the dots leave free."""
    below = [name for name, value in ordered if value < band[0]]
    above = [name for name, value in ordered if value > band[1]]
    corners = ((below, "below", 0.99, "right", "top"), (above, "above", 0.01, "left", "bottom"))
    for names, side, across, ha, va in corners:
        if names:
            more = [f"and {len(names) - MOST_LISTED} more"] if len(names) > MOST_LISTED else []
            text = "\n".join([f"{side} the grey:", *names[:MOST_LISTED], *more])
            up = 0.99 if va == "top" else 0.03
            axes.text(across, up, text, transform=axes.transAxes, fontsize=SMALLEST, ha=ha, va=va)


def beyond(names: Sequence[str], rank: Floats) -> list[str]:
    """Return the quantities whose ranks leave the envelope, the worst first."""
    off = np.array([far_off(each) for each in rank.T])
    return [names[place] for place in np.argsort(-off, kind="stable") if off[place] > envelope(len(rank))]


def draw_differences(
    page: Page,
    rank: Floats,
    *,
    left: float,
    top: float,
    width: float,
    height: float,
) -> Axes:
    """Draw for each quantity how the share of ranks below a value differs from even ranks.

    A line that leaves the grey envelope is dark.
    """
    axes = page.axes(left=left, top=top, width=width, height=height)
    edge = 100 * envelope(len(rank))
    off = np.array([far_off(each) for each in rank.T])
    most = max(1.15 * edge, 110 * float(off.max()))
    axes.axhspan(-edge, edge, color=ZONE, linewidth=0, zorder=0)
    axes.axhline(0, color=RULES, linewidth=RULE, zorder=1)
    for place in np.argsort(off, kind="stable"):
        is_off = 100 * off[place] > edge
        across, up = _steps(rank[:, place])
        colour, thick = (INK, MEAN) if is_off else (QUIET, 0.35)
        axes.plot(across, 100 * up, color=colour, linewidth=thick, zorder=3 if is_off else 2)
    axes.set_xlim(0, 1)
    axes.set_ylim(-most, most)
    axes.set_xlabel("rank of the truth in its posterior")
    axes.set_ylabel("excess of ranks\nbelow it (%)")
    return axes


def _steps(ranks: Floats) -> tuple[Floats, Floats]:
    """Return the corners of the share of ranks below each value, less that value."""
    ordered, count = np.sort(ranks), len(ranks)
    across = np.concatenate([[0.0], np.repeat(ordered, 2), [1.0]])
    share = np.repeat(np.arange(count + 1) / count, 2)
    return across, share - across
