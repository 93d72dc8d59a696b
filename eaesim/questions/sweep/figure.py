"""The figure of a sweep: lines for one path, maps for two, one panel per path for more, or for a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from eaesim.endpoints import DEAD_RULES
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.questions.sweep.figureaxis import path_axis
from eaesim.questions.sweep.figurelines import Shown, draw_cloud, draw_lines, line_entries
from eaesim.questions.sweep.figuremap import add_scale, colour_scale, draw_map
from eaesim.questions.sweep.request import GRID, LATIN_HYPERCUBE, SOBOL
from eaesim.questions.sweep.result import Swept
from eaesim.workbench.figure.dosing import is_prediction
from eaesim.workbench.figure.style import (
    NOTE,
    NOTE_LINE,
    TEXT,
    TITLE,
    add_axes,
    add_legend,
    legend_height,
    sheet,
    tag_prediction,
    wrap,
    write,
)
from eaesim.workbench.figure.words import arm_words, changes_words, drawn_endpoint, left_out_words, rat_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# For each pair of axes: its heading, and what draws it.
Cells = list[tuple[str, Callable[["Axes"], None]]]

# More arms on the same axes cannot be told apart, and more paths than these do not fit on a sheet.
MOST_ARMS, MOST_PANELS, COLUMNS = 6, 12, 3
# The layout, in inches.
LEFT, RIGHT, EDGE, GAP, BELOW, ABOVE = 0.75, 0.35, 0.12, 0.8, 0.62, 0.3
HEAD, TAG_HEIGHT, SCALE_ROOM = 0.5, 0.3, 0.95


@dataclass(frozen=True)
class _Content:
    """What a figure shows, and the size of each cell."""

    cells: Cells
    size: tuple[float, float]
    entries: Sequence[tuple[Artist, str]] = ()
    note: str = ""
    scale: Callable[..., None] | None = None


def figure(result: Swept, *, endpoint: str | None = None) -> Figure:
    """Draw the effect on an endpoint, or without a treated arm its mean, against what varied.

    Parameters
    ----------
    result
        Sweep of any method and any number of paths.
    endpoint
        By default the first window that the study names, else the peak score.

    Returns
    -------
    matplotlib.figure.Figure
        A grid over one path has means and effects with their bands, one over two a map per arm; a larger grid
        or a sample has one panel per path: one dot per point, and the mean over all else that varied.
    """
    name = endpoint or drawn_endpoint(result.plan.study.design)
    rows = result.table(endpoint=name)
    shown = Shown(find_endpoint(name).name, bool(result.plan.treated))
    content = _content(result, rows, shown)
    across = min(len(content.cells), COLUMNS)
    lines = -(-len(content.cells) // COLUMNS)
    width, height = content.size
    right = LEFT + across * width + (across - 1) * GAP
    total = max(right + (SCALE_ROOM if content.scale else RIGHT), 4.6)
    tagged = is_prediction(result.plan.study)
    above = ABOVE if any(title for title, _ in content.cells) else 0.0
    first = EDGE + HEAD + (TAG_HEIGHT if tagged else 0.0) + above
    bottom = first + lines * height + (lines - 1) * (BELOW + above) + BELOW
    note = bottom + (legend_height(content.entries, total - LEFT) if content.entries else 0.0)
    footer = wrap(_footer(result, content.note), total - LEFT - RIGHT)
    page = sheet(total, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    _write_title(page, result, shown)
    if tagged:
        tag_prediction(page, left=LEFT, top=EDGE + HEAD)
    for place, (title, draw) in enumerate(content.cells):
        left = LEFT + place % COLUMNS * (width + GAP)
        top = first + place // COLUMNS * (height + BELOW + above)
        axes = add_axes(page, left=left, top=top, width=width, height=height)
        draw(axes)
        write(page, title, left=left, top=top - 0.2, size=TEXT, weight="bold")
    if content.scale:
        content.scale(page, left=right + 0.15, top=first, height=height)
    if content.entries:
        add_legend(page, content.entries, left=LEFT, top=bottom)
    write(page, footer, left=LEFT, top=note, color=NOTE)
    return page


def _content(result: Swept, rows: pd.DataFrame, shown: Shown) -> _Content:
    if result.plan.request.method != GRID or len(result.paths) > 2:
        return _clouds(result, rows, shown)
    return _lines(result, rows, shown) if len(result.paths) == 1 else _maps(result, rows, shown)


def _lines(result: Swept, rows: pd.DataFrame, shown: Shown) -> _Content:
    every, treated = result.plan.arms, result.plan.treated[:MOST_ARMS]
    arms = tuple(arm for arm in every if arm in treated or arm not in result.plan.treated)
    (path,) = result.plan.points.values
    draw = partial(draw_lines, rows=rows, path=path_axis(result, path, rows[path.text]), every=every)
    cells: Cells = [("", partial(draw, shown=Shown(shown.endpoint, effect=False), arms=arms))]
    if shown.effect:
        cells.append(("", partial(draw, shown=shown, arms=treated)))
    return _Content(cells, (3.7, 2.9), line_entries(arms, every, cloud=False))


def _maps(result: Swept, rows: pd.DataFrame, shown: Shown) -> _Content:
    arms, cells = result.plan.treated[:MOST_ARMS] or result.plan.arms, Cells()
    colours = colour_scale(shown.read(rows[rows["arm"].isin(arms)])[0], shown)
    for arm in arms:
        own = rows[rows["arm"] == arm]
        across, up = (path_axis(result, path, own[path.text]) for path in result.plan.points.values)
        draw = partial(draw_map, rows=own, across=across, up=up, shown=shown, colours=colours)
        cells.append((arm_words(arm).replace("\n", " "), draw))
    return _Content(cells, (3.3, 2.9), scale=partial(add_scale, colours=colours, shown=shown))


def _clouds(result: Swept, rows: pd.DataFrame, shown: Shown) -> _Content:
    every, paths = result.plan.arms, list(result.plan.points.values)
    arms = result.plan.treated[:MOST_ARMS] or every
    draw = partial(draw_cloud, rows=rows, shown=shown, arms=arms, every=every)
    axes = [path_axis(result, path, rows[path.text]) for path in paths[:MOST_PANELS]]
    cells: Cells = [("", partial(draw, path=axis)) for axis in axes]
    note = f"The first {MOST_PANELS} of {len(paths)} paths are drawn." if len(axes) < len(paths) else ""
    return _Content(cells, (2.75, 2.4), line_entries(arms, every, cloud=True), note)


def _write_title(figure: Figure, result: Swept, shown: Shown) -> None:
    plan, title = result.plan, find_endpoint(shown.endpoint).title
    rat = "Several rats" if "rat" in result.paths else rat_words(plan.study.rat)
    what = f"effect on the {title}" if shown.effect else title
    write(figure, f"{rat}: {what}", left=LEFT, top=EDGE, size=TITLE, weight="bold")
    how = {GRID: "every combination", SOBOL: "a Sobol sample", LATIN_HYPERCUBE: "a Latin hypercube sample"}
    alone = plan.request.method == GRID and len(result.paths) == 1
    points = f"{len(plan.points)} points{'' if alone else f', {how[plan.request.method]}'}"
    write(figure, points, left=LEFT, top=EDGE + 0.19, size=TEXT)


def _footer(result: Swept, note: str) -> str:
    plan = result.plan
    points, failed = result.failed()
    more = len(plan.treated) - MOST_ARMS
    parts = [
        f"Model: {result.rats}; the same at every point and in every arm; {DEAD_RULES[plan.request.dead]}.",
        changes_words(plan.study.rat),
        f"At {points} of {len(plan.points)} points some rats {left_out_words(plan.study.design)} "
        "and are left out."
        if failed
        else "",
        f"{result.missing} parts are not done yet." if result.missing else "",
        note,
        f"{more} more arms are not drawn." if more > 0 else "",
    ]
    return " ".join(part for part in parts if part)
