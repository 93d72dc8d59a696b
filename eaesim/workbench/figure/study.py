"""The figure of a study: courses of arms that were induced alike, and endpoints by arm as a forest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.groups import USUAL_GROUP
from eaesim.evidence.setting import published_group
from eaesim.study import Result
from eaesim.workbench.figure.armforest import draw_forest, first_rows, forest_height
from eaesim.workbench.figure.grid import LETTERS
from eaesim.workbench.figure.page import DOUBLE, HIGHEST, MARGIN, Page, edges, head
from eaesim.workbench.figure.studyforest import forest
from eaesim.workbench.figure.studypanels import Panel, panels, study_grid
from eaesim.workbench.figure.studywords import alt_words, footer_words, forest_words, title_words
from eaesim.workbench.figure.words import drawn_endpoint

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Panels of differently treated rats that are drawn.
MOST_PANELS = 4
# Rows of a forest that may have room on a page, and the millimetres that they may take.
MOST_ROWS, MOST_FOREST = 36, 170.0
_ROOM = DOUBLE - 2 * MARGIN


def study_figure(result: Result, *, endpoints: Sequence[str] = (), group: int | None = None) -> Figure:
    """Draw the courses of a study's living rats, and its endpoints by arm.

    Parameters
    ----------
    result
        Result of a study. Arms with the same inductions share axes, up to four of one drug and mechanism.
    endpoints
        Endpoints of the forest: by default the first window that the study names, else the peak score.
    group
        Animals in the groups whose range is drawn around a mean: by default the number of a published group
        that was treated alike, or else 8.

    Returns
    -------
    matplotlib.figure.Figure
        Dashed where no experiment was done. Panels that have no room are left out, and all of them where rats
        that were induced alike would have more than four; the forest is not.

    Raises
    ------
    UnknownNameError, QuantityError
        If an endpoint is unknown, or its window extends beyond the last day.
    """
    endpoints = tuple(endpoints) or (drawn_endpoint(result.design),)
    endpoints = tuple(find_endpoint(name, until=result.design.until).name for name in endpoints)
    group = group or published_group(result.design, strain=result.rat.strain) or USUAL_GROUP
    shown = panels(result)
    arms = {one.arm.name: one for panel in shown for one in panel.treatments}
    every, whole, left_out = forest(result, [arms[name] for name in result.arms], endpoints, most=MOST_ROWS)
    rows, columns = first_rows(every, whole, room=MOST_FOREST)
    left_out += len(every) - len(rows)
    grid = study_grid(result, shown, group=group)
    title = title_words(result, rows, columns, endpoints)
    words = forest_words(result, columns, endpoints)
    below = head(*words, _ROOM)
    tall = below + forest_height(rows, columns)
    footer = footer_words(result, group=group, left_out=left_out)
    # Many treatments of the same rats are compared in the forest; their courses would only repeat it.
    is_forest = len(shown) > MOST_PANELS and len({_induced(result, one) for one in shown}) == 1
    grid = grid.fitted(0.0 if is_forest else HIGHEST - tall - sum(edges(title, footer, DOUBLE)))
    if not grid.titles:
        footer = footer_words(result, group=None, left_out=left_out)
    start, foot = edges(title, footer, DOUBLE)
    page = Page(
        DOUBLE,
        start + grid.height + tall + foot,
        title=title,
        footer=footer,
        alt=alt_words(grid, rows, columns),
    )
    grid.draw(page, top=start)
    letter = LETTERS[len(grid.titles)] if grid.titles else ""
    page.panel(letter, *words, left=MARGIN, top=start + grid.height, width=_ROOM)
    draw_forest(page, rows, columns, left=MARGIN, top=start + grid.height + below)
    return page.figure


def _induced(result: Result, panel: Panel) -> tuple[str, ...]:
    return tuple(sorted(map(repr, result.design.inductions_of(panel.treatments[0].arm))))
