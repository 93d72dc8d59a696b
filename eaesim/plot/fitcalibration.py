"""The calibration of the fit: a small histogram of ranks for every number and every reading of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.analysis.estimation.calibration import BINS, Calibration
from eaesim.plot.style import COLOURS, INK, NOTE, PALE, SMALL, TEXT, TITLE, add_axes, sheet, wrap, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS, LEFT, WIDTH, HEIGHT, ACROSS, DOWN, TOP, EDGE = 8, 0.3, 1.3, 0.42, 0.2, 0.52, 1.0, 0.12
# Of so many quantities, one in two hundred lies outside by chance alone.
LEAST, MOST = 0.79, 0.98


def fit_calibration_figure(found: Calibration) -> Figure:
    """Draw the ranks of the truth in its posterior.

    Parameters
    ----------
    found
        Of `eaesim.analysis.estimation.fitcalibration.calibrate_fit`.

    Returns
    -------
    matplotlib.figure.Figure
        A histogram a quantity; flat within the grey band where intervals hold what they say.
    """
    from scipy.stats import binom

    sets, table = len(found.rank), found.table()
    rows = -(-len(found.quantities) // COLUMNS)
    width = LEFT + COLUMNS * (WIDTH + ACROSS)
    figure = sheet(width, TOP + rows * (HEIGHT + DOWN) + 0.6)
    title = "The fit of published rows: where the truth stands in its posterior"
    write(figure, title, left=EDGE, top=EDGE, size=TITLE, weight="bold")
    said = (
        f"{sets} synthetic sets of rows whose truth is known; flat is right. Below each name: how often its "
        "90 % interval holds. Orange: what a row would read."
    )
    write(figure, wrap(said, width - 2 * EDGE, size=TEXT), left=EDGE, top=EDGE + 0.22, size=TEXT)
    low, high = (float(binom.ppf(share, sets, 1 / BINS)) for share in (0.005, 0.995))
    numbers = found.numbers
    for place, (name, ranks) in enumerate(zip(found.quantities, found.rank.T, strict=True)):
        row, column = divmod(place, COLUMNS)
        axes = add_axes(
            figure,
            left=LEFT + column * (WIDTH + ACROSS),
            top=TOP + row * (HEIGHT + DOWN),
            width=WIDTH,
            height=HEIGHT,
        )
        counts, edges = np.histogram(ranks, BINS, (0, 1))
        axes.axhspan(low, high, color="#ececec", linewidth=0, zorder=0)
        axes.axhline(sets / BINS, color=PALE, linewidth=0.8, zorder=1)
        colour = COLOURS[0] if place < numbers else COLOURS[1]
        axes.bar(edges[:-1], counts, width=0.9 / BINS, align="edge", color=colour, zorder=2)
        axes.set_ylim(0, max(high + 4, counts.max() + 1))
        axes.set_xticks([])
        axes.set_yticks([])
        covered = int(table["covered"][place])
        off = not LEAST * sets <= covered <= MOST * sets
        axes.set_title(
            f"{_short(name)}\n{covered} of {sets}",
            fontsize=SMALL - 1.5,
            color="#b00020" if off else INK,
            pad=2,
            linespacing=1.05,
        )
    footer = (
        f"Over all {numbers} numbers the 90 % interval holds in {found.pooled(0, numbers):.3f}, over the "
        f"{len(found.quantities) - numbers} readings in {found.pooled(numbers):.3f} (wanted: 0.87 to 0.93). "
        f"The least p of even ranks is {table['uniform_p'].min():.2g} of {len(table)}. Grey: 99 % of what "
        f"even ranks would give. Sets of values in which some row had no value, drawn anew: {found.left_out}."
    )
    down = float(figure.get_size_inches()[1])
    write(figure, wrap(footer, width - 2 * EDGE), left=EDGE, top=down - 0.4, color=NOTE)
    return figure


def _short(name: str) -> str:
    text = name.replace("_", " ").replace("da.", "DA ").replace("lewis.", "Lewis ").replace("cns", "CNS")
    text = (
        text.replace("lewis immunised", "Lewis").replace("lewis transfer", "transfer").replace("da ", "DA ")
    )
    text = text.replace("DA immunised", "DA").replace("without adjuvant", "no adjuvant")
    return text.replace("half saturation", "half").replace("half inhibition", "half")
