"""Lines and clouds of a sweep: a quantity against the values of one path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.questions.sweep.figureaxis import PathAxis
from eaesim.workbench.figure.style import BAND, COLOURS, DASHES, PALE, TEXT
from eaesim.workbench.figure.words import endpoint_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# More dots hide each other; more values than bins are put together.
MOST_DOTS, MOST_MARKERS, BINS, IN_BIN = 1_500, 60, 12, 20
MOST_COVERED = 3
# Distance of the first and last arm from the middle of a word.
ASIDE = 0.2
EFFECT = "effect: 1 − treated/control (%)"


@dataclass(frozen=True)
class Shown:
    """The quantity read from each row.

    Attributes
    ----------
    endpoint
        Its name.
    effect
        Whether the effect on it is shown, in percent, rather than its mean.
    """

    endpoint: str
    effect: bool

    @property
    def label(self) -> str:
        """For an axis."""
        return EFFECT if self.effect else f"mean {endpoint_words(self.endpoint)}"

    def read(self, rows: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
        """Return the value, and the low and high end of its interval."""
        names = ("effect", "effect_low", "effect_high") if self.effect else ("mean", "low", "high")
        value, low, high = (rows[name].to_numpy() * (100.0 if self.effect else 1.0) for name in names)
        return value, low, high


def _look(arm: str, every: Sequence[str]) -> tuple[str, Any]:
    """Return the colour and the dash of an arm among all."""
    place = every.index(arm)
    return COLOURS[place % len(COLOURS)], DASHES[place // len(COLOURS) % len(DASHES)]


def draw_lines(
    axes: Axes, rows: pd.DataFrame, path: PathAxis, shown: Shown, arms: Sequence[str], every: Sequence[str]
) -> None:
    """Draw a line with its band for each arm; words are drawn apart, each with the bar of its interval."""
    path.scale(axes)
    _frame(axes, shown)
    for number, arm in enumerate(arms):
        own = (rows["arm"] == arm).to_numpy()
        order = np.argsort(path.places[own], kind="stable")
        places = path.places[own][order]
        value, low, high = (values[order] for values in shown.read(rows[own]))
        colour, dash = _look(arm, every)
        if path.names or len(places) == 1:
            middle = (len(arms) - 1) / 2
            beside = places + (ASIDE * (number - middle) / max(middle, 1.0) if path.names else 0.0)
            axes.vlines(beside, low, high, color=colour, linewidth=1.2, zorder=2)
            axes.plot(beside, value, "o", color=colour, markersize=5, label=arm, zorder=3)
            continue
        # Lines that do not differ are a finding: each is thinner than the one it covers.
        covered = min(len(arms) - 1 - number, MOST_COVERED)
        axes.fill_between(places, low, high, color=colour, alpha=BAND, linewidth=0, zorder=2)
        axes.plot(
            places,
            value,
            color=colour,
            linestyle=dash,
            marker="." if len(places) <= MOST_MARKERS else "",
            linewidth=1.5 + 0.7 * covered,
            markersize=5 + 1.8 * covered,
            label=arm,
            zorder=3,
        )


def draw_cloud(
    axes: Axes, rows: pd.DataFrame, path: PathAxis, shown: Shown, arms: Sequence[str], every: Sequence[str]
) -> None:
    """Draw one dot per point for each arm, and the mean over all else that varied."""
    path.scale(axes)
    _frame(axes, shown)
    for arm in arms:
        own = (rows["arm"] == arm).to_numpy()
        places, (value, _, _) = path.places[own], shown.read(rows[own])
        known = ~np.isnan(value)
        places, value, (colour, _) = places[known], value[known], _look(arm, every)
        if not len(places):
            continue
        chosen = slice(None, None, -(-len(places) // MOST_DOTS))
        width = 0.3 if path.names else 0.0
        scatter = width * (np.arange(len(places)) * 0.618034 % 1 - 0.5)
        axes.plot(
            (places + scatter)[chosen],
            value[chosen],
            ".",
            color=colour,
            markersize=5,
            alpha=0.35,
            markeredgewidth=0,
            zorder=2,
        )
        across, along = means_along(places, value, log=path.log)
        axes.plot(
            across,
            along,
            color=colour,
            linewidth=0 if path.names else 2.0,
            marker="_" if path.names else None,
            markersize=18,
            markeredgewidth=2.0,
            label=arm,
            zorder=3,
        )


def means_along(places: Floats, values: Floats, *, log: bool) -> tuple[Floats, Floats]:
    """Return means of values by place; of more than `BINS` places, by neighbours that are equally many.

    Examples
    --------
    >>> means_along(np.array([1.0, 2.0, 2.0]), np.array([1.0, 3.0, 5.0]), log=False)
    (array([1., 2.]), array([1., 4.]))
    """
    own = np.unique(places)
    if len(own) <= BINS:
        groups = [np.flatnonzero(places == place) for place in own]
    else:
        number = min(BINS, max(len(places) // IN_BIN, 2))
        groups = np.array_split(np.argsort(places, kind="stable"), number)
    middles = np.log(places) if log else places
    across = np.array([middles[group].mean() for group in groups if len(group)])
    along = np.array([values[group].mean() for group in groups if len(group)])
    return (np.exp(across) if log else across), along


def _frame(axes: Axes, shown: Shown) -> None:
    axes.set_ylabel(shown.label, fontsize=TEXT)
    if shown.effect:
        axes.axhline(0, color=PALE, linewidth=0.8, zorder=1)


def line_entries(arms: Sequence[str], every: Sequence[str], *, cloud: bool) -> list[tuple[Artist, str]]:
    """Return the legend entries of lines, or of clouds."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    found: list[tuple[Artist, str]] = []
    for arm in arms:
        colour, dash = _look(arm, every)
        drawn = Line2D([], [], color=colour, linestyle="-" if cloud else dash, linewidth=1.8)
        found.append((drawn, arm.replace("$", r"\$")))
    if not cloud:
        return [*found, (Patch(color=PALE, alpha=2 * BAND, linewidth=0), "95 % interval over rats")]
    dot = Line2D([], [], color=PALE, linestyle="none", marker=".", markersize=6)
    mean = Line2D([], [], color=PALE, linewidth=2.0)
    return [*found, (dot, "one point"), (mean, "mean over the other settings")]
