"""The map of targets by windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.questions.targets.answer import Targets
from eaesim.questions.targets.request import ONSET
from eaesim.workbench.figure.heatmap import draw_heat_map, name_cells
from eaesim.workbench.figure.page import DOUBLE, MARGIN, TEXT, Page, head, length
from eaesim.workbench.figure.words import rat_words, sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Millimetres: of a row, below and beside the map.
ROW, BELOW, RIGHT = 6.5, 9.0, 3.0
HALF = 50.0


def figure(found: Targets) -> Figure:
    """Draw the effect of each block, a row for each target and a column for each window."""
    asked = found.request
    table = found.map().iloc[::-1]
    names = [sentence_case(name) for name in table.index]
    beside = 2.0 + max(length(name, TEXT) for name in names)
    title = f"{rat_words(found.rat)}, {asked.induction}"
    subtitle = f"{find_endpoint(asked.endpoint).title} prevented (%)"
    width = DOUBLE - 2 * MARGIN
    heads, tall = head(title, subtitle, width), ROW * len(table)
    page, top = Page.around(
        DOUBLE,
        heads + tall + BELOW,
        title=_title(found),
        footer=_footer(found),
        alt=f"A map of the effect of blocks by target and window. {found.sentence()}",
    )
    page.panel("", title, subtitle, left=MARGIN, top=top, width=width)
    room = width - beside - RIGHT
    axes = draw_heat_map(
        page,
        table.to_numpy(float),
        left=MARGIN + beside,
        top=top + heads,
        width=room,
        height=tall,
        most=100.0,
        border=HALF,
    )
    columns = [window if window == ONSET else window.replace(":", "–") for window in asked.windows]
    name_cells(axes, columns, names, width=room, height=tall)
    axes.set_xlabel(f"window of the block (days after {asked.induction})")
    return page.figure


def _title(found: Targets) -> str:
    """Return the finding: what works late."""
    since, _, works = found.late()
    when = sentence_case(since)
    if not works:
        return f"{when} no single block surely works"
    return f"{when} blocks of {' or '.join(works[:2])} work"


def _footer(found: Targets) -> str:
    asked = found.request
    sets = "the typical rat" if found.members == 1 else f"{found.members} parameter sets"
    return (
        f"{asked.animals} rats of {sets}, the same in every cell, seed {asked.seed}. A block takes "
        f"{100 * asked.block:.4g} % of a process, or {asked.loss:g} per day of the cells. Line: {HALF:g} %. "
        "Every block is a prediction."
    )
