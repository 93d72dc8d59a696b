"""The calibration figure: where the truth stands in the posterior, for every quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.analysis.estimation.calibration import BINS, Calibrations
from eaesim.plot.style import COLOURS, NOTE, PALE, SMALL, TEXT, TITLE, add_axes, sheet, wrap, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, WIDTH, HEIGHT, ACROSS, DOWN, TOP, EDGE = 0.6, 1.35, 1.1, 0.25, 0.75, 1.0, 0.12


def calibration_figure(found: Calibrations) -> Figure:
    """Draw the ranks of the truth in its posterior.

    Parameters
    ----------
    found
        Of `eaesim.analysis.estimation.calibration.calibrations`.

    Returns
    -------
    matplotlib.figure.Figure
        A row a rat, a histogram a quantity; flat within the grey band where intervals hold what they say.
    """
    from scipy.stats import binom

    quantities = next(iter(found.by_rat.values())).quantities
    width = LEFT + len(quantities) * (WIDTH + ACROSS)
    figure = sheet(width, TOP + len(found.by_rat) * (HEIGHT + DOWN) + 0.55)
    title = "A laboratory's own rat: where the truth stands in its posterior"
    write(figure, title, left=EDGE, top=EDGE, size=TITLE, weight="bold")
    text = f"synthetic groups of {found.animals} rats whose truth is known; flat is right"
    write(figure, text, left=EDGE, top=EDGE + 0.19, size=TEXT)
    for row, (rat, own) in enumerate(found.by_rat.items()):
        sets = len(own.rank)
        low, high = (float(binom.ppf(share, sets, 1 / BINS)) for share in (0.005, 0.995))
        for column, (name, ranks, covered) in enumerate(
            zip(quantities, own.rank.T, own.covered().tolist(), strict=True)
        ):
            axes = add_axes(
                figure,
                left=LEFT + column * (WIDTH + ACROSS),
                top=TOP + row * (HEIGHT + DOWN),
                width=WIDTH,
                height=HEIGHT,
            )
            axes.axhspan(low, high, color="#ececec", linewidth=0, zorder=0)
            axes.axhline(sets / BINS, color=PALE, linewidth=0.8, zorder=1)
            counts, edges = np.histogram(ranks, BINS, (0, 1))
            axes.bar(edges[:-1], counts, width=0.9 / BINS, align="edge", color=COLOURS[row], zorder=2)
            axes.set_ylim(0, max(high + 4, counts.max() + 1))
            axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
            axes.set_title(f"{name.replace('_', ' ')}\n90 % holds in {covered} of {sets}", fontsize=SMALL)
            axes.tick_params(labelleft=column == 0)
            if column == 0:
                axes.set_ylabel(f"{rat}: groups", fontsize=TEXT)
            if row == len(found.by_rat) - 1:
                axes.set_xlabel("share of the posterior\nbelow the truth", fontsize=SMALL)
    pooled = ", ".join(f"{rat} {found.pooled(rat):.3f}" for rat in found.by_rat)
    left_out = ", ".join(f"{rat} {own.left_out}" for rat, own in found.by_rat.items())
    footer = (
        f"Over all quantities the 90 % interval holds in: {pooled} (wanted: 0.87 to 0.93). Grey: 99 % of "
        "what even ranks would give. Groups that could not be estimated, as too few were ill, and are left "
        f"out: {left_out}."
    )
    down = float(figure.get_size_inches()[1])
    write(figure, wrap(footer, width - 2 * EDGE), left=EDGE, top=down - 0.4, color=NOTE)
    return figure
