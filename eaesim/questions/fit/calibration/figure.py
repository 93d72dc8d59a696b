"""The calibration figures: a histogram of the rank of the truth in its posterior, for every quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.calibration import BINS
from eaesim.questions.fit.calibration.request import SCORES
from eaesim.workbench.figure.style import (
    COLOURS,
    INK,
    NOTE,
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
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from eaesim.questions.fit.calibration.answer import FitCalibration

TOP, EDGE = 1.0, 0.12
# The layout of published rows, and of a laboratory's own rat.
COLUMNS, ROWS_LEFT, ROWS_WIDTH, ROWS_HEIGHT, ROWS_ACROSS, ROWS_DOWN = 8, 0.3, 1.3, 0.42, 0.2, 0.52
LEFT, WIDTH, HEIGHT, ACROSS, DOWN = 0.6, 1.35, 1.1, 0.25, 0.75
# One in two hundred quantities lies outside by chance alone.
LEAST, MOST = 0.79, 0.98


def figure(answer: FitCalibration) -> Figure:
    """Draw the ranks of the truth in its posterior.

    Parameters
    ----------
    answer
        Of `eaesim.calibrate_fit`.

    Returns
    -------
    matplotlib.figure.Figure
        A histogram per quantity, for a laboratory's own rat a row per strain; flat in the grey band where
        intervals hold what they say.
    """
    if answer.request.of == SCORES:
        return _scores_figure(answer)
    (found,) = answer.found.values()
    sets, table = len(found.rank), found.table()
    rows = -(-len(found.quantities) // COLUMNS)
    width = ROWS_LEFT + COLUMNS * (ROWS_WIDTH + ROWS_ACROSS)
    page = sheet(width, TOP + rows * (ROWS_HEIGHT + ROWS_DOWN) + 0.6)
    title = "The fit of published rows: rank of the truth in its posterior"
    write(page, title, left=EDGE, top=EDGE, size=TITLE, weight="bold")
    said = (
        f"{sets} synthetic sets of rows with known truth; flat: calibrated. Below each name: coverage of its "
        "90 % interval. Orange: what a row would read."
    )
    write(page, wrap(said, width - 2 * EDGE, size=TEXT), left=EDGE, top=EDGE + 0.22, size=TEXT)
    numbers = found.numbers
    for place, (name, ranks) in enumerate(zip(found.quantities, found.rank.T, strict=True)):
        row, column = divmod(place, COLUMNS)
        axes = add_axes(
            page,
            left=ROWS_LEFT + column * (ROWS_WIDTH + ROWS_ACROSS),
            top=TOP + row * (ROWS_HEIGHT + ROWS_DOWN),
            width=ROWS_WIDTH,
            height=ROWS_HEIGHT,
        )
        _draw_ranks(axes, ranks, colour=COLOURS[0] if place < numbers else COLOURS[1])
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
    _write_footer(
        page,
        f"Coverage of the 90 % interval: {found.pooled(0, numbers):.3f} over all {numbers} numbers, "
        f"{found.pooled(numbers):.3f} over the {len(found.quantities) - numbers} readings (target: 0.87 to "
        f"0.93). Smallest of {len(table)} p values for uniform ranks: {table['uniform_p'].min():.2g}. Grey: "
        "99 % range of uniform ranks. Sets of values in which some row had no value, redrawn: "
        f"{found.left_out}.",
    )
    return page


def _scores_figure(answer: FitCalibration) -> Figure:
    by_rat = answer.found
    quantities = next(iter(by_rat.values())).quantities
    page = sheet(LEFT + len(quantities) * (WIDTH + ACROSS), TOP + len(by_rat) * (HEIGHT + DOWN) + 0.55)
    title = "A laboratory's own rat: rank of the truth in its posterior"
    write(page, title, left=EDGE, top=EDGE, size=TITLE, weight="bold")
    text = f"synthetic groups of {answer.request.animals} rats with known truth; flat: calibrated"
    write(page, text, left=EDGE, top=EDGE + 0.19, size=TEXT)
    for row, (rat, found) in enumerate(by_rat.items()):
        for column, (name, ranks, covered) in enumerate(
            zip(quantities, found.rank.T, found.covered().tolist(), strict=True)
        ):
            axes = add_axes(
                page,
                left=LEFT + column * (WIDTH + ACROSS),
                top=TOP + row * (HEIGHT + DOWN),
                width=WIDTH,
                height=HEIGHT,
            )
            _draw_ranks(axes, ranks, colour=COLOURS[row])
            axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
            title = f"{name.replace('_', ' ')}\ncovered in {covered} of {len(found.rank)}"
            axes.set_title(title, fontsize=SMALL)
            axes.tick_params(labelleft=column == 0)
            if column == 0:
                axes.set_ylabel(f"{rat}: groups", fontsize=TEXT)
            if row == len(by_rat) - 1:
                axes.set_xlabel("share of the posterior\nbelow the truth", fontsize=SMALL)
    pooled = ", ".join(f"{rat} {found.pooled():.3f}" for rat, found in by_rat.items())
    left_out = ", ".join(f"{rat} {found.left_out}" for rat, found in by_rat.items())
    _write_footer(
        page,
        f"Coverage of the 90 % interval over all quantities: {pooled} (target: 0.87 to 0.93). Grey: 99 % "
        "range of uniform ranks. Groups that could not be estimated, as too few were ill, and are left "
        f"out: {left_out}.",
    )
    return page


def _draw_ranks(axes: Axes, ranks: Floats, *, colour: str) -> None:
    """Draw a histogram of ranks over the band in which even ones lie."""
    from scipy.stats import binom

    low, high = (float(binom.ppf(share, len(ranks), 1 / BINS)) for share in (0.005, 0.995))
    counts, edges = np.histogram(ranks, BINS, (0, 1))
    axes.axhspan(low, high, color="#ececec", linewidth=0, zorder=0)
    axes.axhline(len(ranks) / BINS, color=PALE, linewidth=0.8, zorder=1)
    axes.bar(edges[:-1], counts, width=0.9 / BINS, align="edge", color=colour, zorder=2)
    axes.set_ylim(0, max(high + 4, counts.max() + 1))


def _write_footer(page: Figure, footer: str) -> None:
    width, down = page.get_size_inches().tolist()
    write(page, wrap(footer, width - 2 * EDGE), left=EDGE, top=down - 0.4, color=NOTE)


def _short(name: str) -> str:
    text = name.replace("_", " ").replace("da.", "DA ").replace("lewis.", "Lewis ").replace("cns", "CNS")
    text = (
        text.replace("lewis immunised", "Lewis").replace("lewis transfer", "transfer").replace("da ", "DA ")
    )
    text = text.replace("DA immunised", "DA").replace("without adjuvant", "no adjuvant")
    return text.replace("half saturation", "half").replace("half inhibition", "half")
