"""The figure of a sweep: lines for one path, maps for two, axes per path for more, or for a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.questions.sweep.figurelines import (
    PathAxis,
    Shown,
    cloud_of,
    draw_whiskers,
    frame,
    is_tested,
    lines_of,
    path_axis,
    posterior_range,
    short_name,
)
from eaesim.questions.sweep.request import GRID
from eaesim.questions.sweep.result import Swept
from eaesim.study.membership import chosen_members
from eaesim.workbench.figure.dosing import is_prediction
from eaesim.workbench.figure.heatmap import draw_heat_map, mark_rows, name_cells
from eaesim.workbench.figure.lines import draw_lines, label_lines
from eaesim.workbench.figure.page import (
    DOUBLE,
    MARGIN,
    OF_SETS,
    SINGLE,
    TEXT,
    Page,
    head,
    length,
)
from eaesim.workbench.figure.words import (
    changes_words,
    drawn_endpoint,
    left_out_words,
    rat_words,
    sentence_case,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# More arms on the same axes cannot be told apart, and more axes than these do not fit on a page.
MOST_SHARED, MOST_ARMS, MOST_PATHS = 4, 6, 9
# Millimetres: beside axes, for what stands at their right, below them, between rows, and their height.
LEFT, RIGHT, BELOW, GAP, TALL = 14.0, 3.0, 8.5, 3.0, 36.0
LABELS, MARKED = 22.0, 6.0
HALF = 50.0
LETTERS = "abcdefghi"


@dataclass(frozen=True)
class _Cell:
    """One pair of axes: its heading, its arms, and for a cloud its path."""

    title: str
    arms: tuple[str, ...]
    path: int = 0


@dataclass(frozen=True)
class _Drawn:
    """What is drawn of a sweep: an endpoint by what varied, and whether arms have maps."""

    result: Swept
    rows: pd.DataFrame
    shown: Shown
    paths: list[PathAxis]
    is_map: bool

    def values(self, arms: Sequence[str]) -> Floats:
        """Return the known values of some arms."""
        found = self.shown.read(self.rows[self.rows["arm"].isin(arms)])[0]
        return np.asarray(found[np.isfinite(found)])


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
        A grid over one path has lines, one over two a map per arm; a larger grid or a sample has axes for
        each path: one dot per point, and the mean over all else that varied.
    """
    plan = result.plan
    name = endpoint or drawn_endpoint(plan.study.design)
    shown = Shown(find_endpoint(name).name, bool(plan.treated), plan.request.dead)
    rows = result.table(endpoint=name)
    paths = [path_axis(result, path, rows[path.text]) for path in plan.points.values]
    is_map = plan.request.method == GRID and len(paths) == 2
    drawn = _Drawn(result, rows, shown, paths, is_map)
    arms = plan.treated or plan.arms
    cells = _cells(arms, paths, is_map=is_map, is_grid=plan.request.method == GRID)
    has_labels = not is_map and len(cells[0].arms) > 1
    columns = min(len(cells), 2 if is_map else 3)
    sheet = SINGLE if columns == 1 else DOUBLE
    width = (sheet - 2 * MARGIN - (LABELS if has_labels else 0.0)) / columns
    lines = math.ceil(len(cells) / columns)
    subtitle = _subtitle(drawn)
    titles = [(cell.title, subtitle if number == 0 else "") for number, cell in enumerate(cells)]
    heads = max(head(*title, width) for title in titles)
    tall = TALL + 4.0 if is_map else TALL if lines < 3 else TALL - 2.0
    in_cells = [arm for cell in cells for arm in cell.arms]
    page, top = Page.around(
        sheet,
        lines * (heads + tall + BELOW + GAP) - GAP,
        title=_title(drawn, in_cells),
        footer=_footer(result, len(arms) - len(set(in_cells)), len(paths)),
        alt=_alt(drawn),
    )
    for number, (cell, title) in enumerate(zip(cells, titles, strict=True)):
        left = MARGIN + number % columns * width
        start = top + number // columns * (heads + tall + BELOW + GAP)
        letter = LETTERS[number] if len(cells) > 1 else ""
        page.panel(letter, *title, left=left, top=start, width=width)
        place = (left, start + heads, width, tall)
        if is_map:
            most = float(drawn.values(in_cells).max(initial=0.0)) or 1.0
            _draw_map(page, drawn, cell, place, most=100.0 if shown.effect else most)
        else:
            is_last = has_labels and number % columns == columns - 1
            _draw_lines(page, drawn, cell, place, room=LABELS if is_last else 0.0)
    return page.figure


def _cells(arms: Sequence[str], paths: Sequence[PathAxis], *, is_map: bool, is_grid: bool) -> list[_Cell]:
    """Return the axes: one an arm for maps and for many arms, one a path for clouds."""
    if is_map or (is_grid and len(paths) == 1 and len(arms) > MOST_SHARED):
        return [_Cell(arm, (arm,)) for arm in arms[:MOST_ARMS]]
    if is_grid and len(paths) == 1:
        return [_Cell(" and ".join(arms) if len(arms) < 3 else f"{len(arms)} arms", tuple(arms))]
    # Dots of more arms hide each other.
    return [_Cell(path.label, tuple(arms[:2]), number) for number, path in enumerate(paths[:MOST_PATHS])]


def _draw_map(
    page: Page, drawn: _Drawn, cell: _Cell, place: tuple[float, float, float, float], *, most: float
) -> None:
    """Draw the cells of one arm, with the range of a parameter beside its axis."""
    result, rows, shown = drawn.result, drawn.rows, drawn.shown
    own = (rows["arm"] == cell.arms[0]).to_numpy()
    across, up = drawn.paths
    columns, lines = np.unique(across.places), np.unique(up.places)
    values = np.full((len(lines), len(columns)), np.nan)
    where = np.searchsorted(lines, up.places[own]), np.searchsorted(columns, across.places[own])
    values[where] = shown.read(rows[own])[0]
    tested = np.zeros(values.shape, dtype=np.bool_)
    if shown.effect:
        tested[where] = is_tested(result, cell.arms[0], rows[own]["point"].tolist())
    names = [_names(path, places) for path, places in ((across, columns), (up, lines))]
    beside = 5.5 + max(length(name, TEXT) for name in names[1])
    path = list(result.plan.points.values)[1]
    ends = posterior_range(result, path)
    if ends and (up.names or ends[0] > lines[-1] or ends[1] < lines[0]):
        ends = None
    left, top, width, height = place
    left, width = left + beside, width - beside - RIGHT - (MARKED if ends else 0.0)
    digits, border = (".0f", HALF) if shown.effect else (".3g", None)
    axes = draw_heat_map(
        page,
        values,
        left=left,
        top=top,
        width=width,
        height=height,
        most=most,
        border=border,
        digits=digits,
        tested=tested,
    )
    name_cells(axes, *names, width=width, height=height)
    axes.set_xlabel(across.label)
    axes.set_ylabel(up.label)
    if ends:
        scale = np.log if up.log else np.asarray
        rows_at = np.interp(scale(np.array(ends)), scale(lines), np.arange(len(lines))).tolist()
        is_open = (ends[0] < lines[0], ends[1] > lines[-1])
        bar = left + width + 1.0
        mark_rows(page, axes, rows_at, is_open=is_open, label=OF_SETS, left=bar, top=top, height=height)


def _names(path: PathAxis, places: Floats) -> list[str]:
    return [short_name(name) for name in path.names or (f"{place:.3g}" for place in places)]


def _draw_lines(
    page: Page, drawn: _Drawn, cell: _Cell, place: tuple[float, float, float, float], *, room: float
) -> None:
    result, rows, shown = drawn.result, drawn.rows, drawn.shown
    left, top, width, height = place
    axes = page.axes(left=left + LEFT, top=top, width=width - LEFT - RIGHT, height=height)
    path = drawn.paths[cell.path]
    is_cloud = result.plan.request.method != GRID or len(drawn.paths) > 1
    if is_cloud:
        lines = cloud_of(axes, rows, path=path, shown=shown, arms=cell.arms)
        frame(axes, path, shown, [drawn.values(cell.arms)])
        axes.set_xlabel("")
    else:
        has_band = _members(result) > 1
        lines = lines_of(result, rows, path=path, shown=shown, arms=cell.arms, has_band=has_band)
        ends = [end for one in lines for end in (one.low, one.high) if end is not None and has_band]
        frame(axes, path, shown, [*(one.up for one in lines), *ends])
        if path.names and has_band:
            draw_whiskers(axes, lines)
    draw_lines(axes, lines)
    if room:
        label_lines(page, axes, lines, room=room)


def _members(result: Swept) -> int:
    return len(chosen_members(result.plan.study.rat, result.plan.request.parameter_sets))


def _subtitle(drawn: _Drawn) -> str:
    """Return what is drawn, and of which rats."""
    result, shown = drawn.result, drawn.shown
    rats = f"{_members(result)} parameter sets" if _members(result) > 1 else "typical rat only"
    tag = "PREDICTION; " if is_prediction(result.plan.study) else ""
    if drawn.is_map:
        return f"{tag}{shown.label}; {rats}" + ("; line: 50 %; bold: tested" if shown.effect else "")
    if result.plan.request.method != GRID or len(drawn.paths) > 1:
        return f"{tag}{rats}; a dot is a point, lines are means"
    band = f"; band: {OF_SETS}" if _members(result) > 1 else ""
    return f"{tag}{rats}{band}; dashed: not tested" if shown.effect else f"{tag}{rats}{band}"


def _title(drawn: _Drawn, arms: Sequence[str]) -> str:
    """Return the finding: where half is prevented, or from where to where the quantity goes."""
    shown, own = drawn.shown, drawn.rows["arm"].isin(arms).to_numpy()
    values = shown.read(drawn.rows[own])[0]
    known = np.isfinite(values)
    if not known.any():
        return f"No value of the {shown.title} at any point"
    low, high = float(values[known].min()), float(values[known].max())
    if not shown.effect:
        return f"Mean {shown.title}: {low:.3g} to {high:.3g}"
    if round(high) < HALF:
        return f"At most {high:.0f} % of the {shown.title} is prevented"
    if round(low) >= HALF:
        return f"At least {low:.0f} % of the {shown.title} is prevented everywhere"
    for path in drawn.paths:
        places = path.places[own]
        reached, tried = np.unique(places[known & (np.round(values) >= HALF)]), np.unique(places[known])
        inside = tried[(tried >= reached[0]) & (tried <= reached[-1])]
        if path.names or len(reached) == len(tried) or len(inside) > len(reached):
            continue
        which = f" {reached[0]:g}" if len(reached) == 1 else f" {reached[0]:g} to {reached[-1]:g}"
        where = "on day" if path.label.startswith("dosing day") else f"at {path.label}"
        return f"Half of the {shown.title} is prevented only {where}{which}"
    return f"Between {low + 0.0:.0f} and {high:.0f} % of the {shown.title} is prevented"


def _alt(drawn: _Drawn) -> str:
    plan, shown = drawn.result.plan, drawn.shown
    arms = plan.treated or plan.arms
    values = drawn.values(arms)
    span = f"{values.min() + 0.0:.3g} to {values.max():.3g}" if len(values) else "no value"
    kind = "Heat map" if drawn.is_map else "Graph"
    tag = " A prediction." if is_prediction(plan.study) else ""
    against = " and ".join(path.label for path in drawn.paths[:3])
    return f"{kind} of {shown.label} against {against}: {span}. {_title(drawn, arms)}.{tag}"


def _footer(result: Swept, arms: int, paths: int) -> str:
    plan = result.plan
    points, failed = result.failed()
    who = "several rats" if "rat" in result.paths else rat_words(plan.study.rat)
    mechanism = "" if "mechanism" in result.paths else f", {plan.study.design.mechanism}"
    parts = [
        f"{sentence_case(who)}{mechanism}, {len(plan.points)} points, the same {plan.request.animals} "
        f"rats at each, seed {plan.request.seed}.",
        changes_words(plan.study.rat),
        f"At {points} of {len(plan.points)} points some rats {left_out_words(plan.study.design)} "
        "and are left out."
        if failed
        else "",
        f"{result.missing} parts are not done yet." if result.missing else "",
        f"{arms} more arms are not drawn." if arms > 0 else "",
        f"{paths - MOST_PATHS} more settings are not drawn." if paths > MOST_PATHS else "",
    ]
    return " ".join(part for part in parts if part)
