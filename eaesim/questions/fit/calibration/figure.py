"""The calibration figure: how often intervals hold the truth, and whether its ranks are even."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.calibration import Calibration
from eaesim.model.parameter_file import parameter_words
from eaesim.questions.fit.calibration.request import SCORES
from eaesim.workbench.figure.coverage import (
    CHANCE,
    beyond,
    chance_band,
    coverage_height,
    draw_coverage,
    draw_differences,
)
from eaesim.workbench.figure.page import DOUBLE, HEAD, MARGIN, TEXT, Page, length
from eaesim.workbench.figure.words import readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from eaesim.questions.fit.calibration.answer import FitCalibration

# The layout, in millimetres: between columns, below axes, the axes of differences, and left of them.
GAP, BELOW, TALL, LEFT = 6.0, 9.5, 34.0, 15.0
LETTERS = "abcdefgh"


@dataclass(frozen=True)
class _Group:
    """Quantities of one kind, in one column."""

    title: str
    names: list[str]
    covered: Floats
    rank: Floats


def figure(answer: FitCalibration) -> Figure:
    """Draw how often 90 % intervals hold the truth, and how its ranks differ from even ones.

    Parameters
    ----------
    answer
        Of `eaesim.calibrate_fit`.

    Returns
    -------
    matplotlib.figure.Figure
        A column for each strain of a laboratory's own rat, or for the parameters and for the readings of the
        fit of published rows: dots of coverage above, differences of the ranks below.
    """
    groups = _groups(answer)
    columns = len(groups)
    width = (DOUBLE - 2 * MARGIN - GAP * (columns - 1)) / columns
    height = max(coverage_height(group.names) for group in groups)
    sets = len(groups[0].rank)
    page, start = Page.around(
        DOUBLE,
        HEAD + height + BELOW + 4.0 + HEAD + TALL + BELOW,
        title=_title(groups),
        footer=_footer(answer),
        alt=_alt(groups),
    )
    fewest = min(chance_band(len(group.rank))[0] / len(group.rank) for group in groups)
    fewest = min([fewest, *(float(group.covered.min()) / len(group.rank) for group in groups)])
    lowest = max(np.floor(10 * fewest - 0.5) / 10, 0.0)
    for place, group in enumerate(groups):
        left, sets = MARGIN + place * (width + GAP), len(group.rank)
        held = f"held in {100 * group.covered.sum() / group.rank.size:.0f} % over all"
        page.panel(LETTERS[place], group.title, held, left=left, top=start, width=width)
        top = start + HEAD
        draw_coverage(
            page,
            group.names,
            group.covered,
            sets,
            left=left + 3.0,
            top=top,
            width=width - 6.0,
            height=coverage_height(group.names),
            lowest=lowest * sets,
        )
        top = start + HEAD + height + BELOW + 4.0
        page.panel(
            LETTERS[columns + place], group.title, _ranks(group, width), left=left, top=top, width=width
        )
        draw_differences(
            page,
            group.rank,
            left=left + LEFT,
            top=top + HEAD,
            width=width - LEFT - 3.0,
            height=TALL,
        )
    return page.figure


def _groups(answer: FitCalibration) -> list[_Group]:
    if answer.request.of == SCORES:
        return [_group(f"{readable(rat)} rats", found) for rat, found in answer.found.items()]
    (found,) = answer.found.values()
    numbers, count = found.numbers, len(found.quantities)
    parts = [(f"{numbers} parameters", 0, numbers), (f"{count - numbers} readings", numbers, count)]
    return [_group(title, found, first, last) for title, first, last in parts if last > first]


def _group(title: str, found: Calibration, first: int = 0, last: int | None = None) -> _Group:
    names = [_words(name) for name in found.quantities[first:last]]
    return _Group(title, names, found.covered()[first:last], found.rank[:, first:last])


def _words(quantity: str) -> str:
    """Return what a quantity is: a reading of an experiment, or a parameter, of one strain or of all rats."""
    if " " in quantity:
        return readable(quantity)
    strain, _, name = quantity.rpartition(".")
    return f"{parameter_words(name)} ({readable(strain)})" if strain else parameter_words(name)


def _ranks(group: _Group, width: float) -> str:
    """Return what the lines are, on one line, with the quantities that are dark."""
    off = beyond(group.names, group.rank)
    said = f"one line per quantity; dark: {off[0]}" if off else "one line per quantity"
    said += f" and {len(off) - 1} more" if off[1:] else ""
    return said if length(said, TEXT) < width - 5 else f"one line per quantity; dark: {len(off)} off"


def _outside(group: _Group) -> int:
    low, high = chance_band(len(group.rank))
    return int(((group.covered < low) | (group.covered > high)).sum())


def _title(groups: list[_Group]) -> str:
    held = sum(group.covered.sum() for group in groups) / sum(group.rank.size for group in groups)
    off, count = sum(map(_outside, groups)), sum(len(group.names) for group in groups)
    return f"90 % intervals hold in {100 * held:.1f} %; {off or 'none'} of {count} beyond chance"


def _footer(answer: FitCalibration) -> str:
    request = answer.request
    sizes = sorted({len(found.rank) for found in answer.found.values()})
    left_out = sum(found.left_out for found in answer.found.values())
    if request.of == SCORES:
        what = f"groups of {request.animals} rats with known truth, seed {request.seed}; {left_out} left out."
    else:
        what = f"sets of published rows with known truth; {left_out} truths without a row drawn anew."
    return f"{' and '.join(map(str, sizes))} {what} Grey: {100 * CHANCE:.0f} % of chance; line: 90 %."


def _alt(groups: list[_Group]) -> str:
    said = "; ".join(
        f"{group.title}: {100 * group.covered.sum() / group.rank.size:.1f} %, each quantity in "
        f"{group.covered.min()} to {group.covered.max()} of {len(group.rank)}"
        for group in groups
    )
    return (
        f"Dots: in how many data sets the 90 % interval holds the truth. {said}. Below, lines: ranks of the "
        "truth, less even ranks."
    )
