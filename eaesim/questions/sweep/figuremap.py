"""The map of a sweep: a cell for each combination of the values of two paths."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.questions.sweep.figureaxis import PathAxis, short_name
from eaesim.questions.sweep.figurelines import Shown
from eaesim.workbench.figure.style import INK, PALE, SMALL, TEXT, add_axes, inches

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

# More cells than these across are too narrow for a number in each.
MOST_NUMBERS = 12
# What a tick takes, in inches: a letter, the gap between two across, a line.
LETTER, BETWEEN, LINE = 0.08, 0.08, 0.17
# A treated mean so many percent above the control's is shown as harm; less may be chance.
HARM = 5.0
_BELOW, _NOTHING, _ABOVE = "#D55E00", "#ffffff", "#0072B2"


def colour_scale(values: Floats, shown: Shown) -> ScalarMappable:
    """Return the colours of a map: white for nothing, blue for more, orange for harm where there is any."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    known = values[np.isfinite(values)]
    lowest, highest = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    harm = shown.effect and lowest < -HARM
    colours = LinearSegmentedColormap.from_list("sweep", [_BELOW, _NOTHING, _ABOVE][0 if harm else 1 :])
    most = 100.0 if shown.effect else highest or 1.0
    return ScalarMappable(Normalize(-most if harm else 0.0, most), colours.with_extremes(bad="#dddddd"))


def draw_map(
    axes: Axes, rows: pd.DataFrame, across: PathAxis, up: PathAxis, shown: Shown, colours: ScalarMappable
) -> None:
    """Draw the cells of one arm: rows, and their places on both axes."""
    columns, lines = np.unique(across.places), np.unique(up.places)
    values = np.full((len(lines), len(columns)), np.nan)
    where = np.searchsorted(lines, up.places), np.searchsorted(columns, across.places)
    values[where] = shown.read(rows)[0]
    norm: Any = colours.norm
    axes.imshow(values, cmap=colours.cmap, norm=norm, origin="lower", aspect="auto", zorder=1)
    axes.set_xlabel(across.label, fontsize=TEXT)
    axes.set_ylabel(up.label, fontsize=TEXT)
    width, height = inches(axes)
    _ticks(axes.xaxis, across, columns, width, across=True)
    _ticks(axes.yaxis, up, lines, height, across=False)
    axes.tick_params(length=0)
    if np.isfinite(values).all() and values.min() == values.max():
        text = f"{_number(float(values[0, 0]), shown)} everywhere"
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", fontsize=TEXT)
        return
    for line, column in np.ndindex(values.shape) if max(values.shape) <= MOST_NUMBERS else ():
        value = float(values[line, column])
        dark = np.isfinite(value) and np.mean(colours.to_rgba(np.array([value]))[0, :3]) < 0.6
        look: Any = {"ha": "center", "va": "center", "fontsize": SMALL, "color": "white" if dark else INK}
        axes.text(column, line, _number(value, shown), **look)


def _number(value: float, shown: Shown) -> str:
    if np.isnan(value):
        return "–"
    return f"{value + 0.0:.0f}" if shown.effect else f"{value:.3g}"


def add_scale(
    figure: Figure, colours: ScalarMappable, shown: Shown, *, left: float, top: float, height: float
) -> None:
    """Add the colour bar."""
    axes = add_axes(figure, left=left, top=top, width=0.14, height=height)
    bar = figure.colorbar(colours, cax=axes)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, color=PALE)
    bar.set_label(shown.label, fontsize=TEXT)


def _ticks(axis: Axis, path: PathAxis, places: Floats, length: float, *, across: bool) -> None:
    """Label as many of the places as fit side by side, or above each other, within a length in inches."""
    names = [short_name(name) for name in path.names or (f"{place:.3g}" for place in places)]
    room = LETTER * max(map(len, names)) + BETWEEN if across else LINE
    chosen = range(0, len(names), max(1, math.ceil(len(names) * room / length)))
    axis.set_ticks(list(chosen), [names[place] for place in chosen])
