"""The figure of a study: courses of arms that were induced alike, and endpoints by arm as a forest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.groups import USUAL_GROUP
from eaesim.evidence.setting import given_doses, published_group
from eaesim.model.pharmacy import load_drug
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.quantity import dose_text
from eaesim.study import Result
from eaesim.workbench.figure.armforest import ZONE, Column, Mark, Row, draw_forest, first_rows, forest_height
from eaesim.workbench.figure.grid import LETTERS, Grid
from eaesim.workbench.figure.page import DOUBLE, HIGHEST, MARGIN, OF_SETS, Page, edges, head
from eaesim.workbench.figure.studyforest import forest, is_effect
from eaesim.workbench.figure.studypanels import Panel, panels, study_grid
from eaesim.workbench.figure.words import (
    PREVENTED,
    changes_words,
    drawn_endpoint,
    left_out_words,
    rat_words,
    sentence_case,
    shortened,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Panels of differently treated rats that are drawn.
MOST_PANELS = 4
# Rows of a forest that may have room on a page, and the millimetres that they may take.
MOST_ROWS, MOST_FOREST = 36, 170.0
_ROOM = DOUBLE - 2 * MARGIN
#: Words of a title.
MOST_WORDS = 12
# Words of an arm's name in a title.
_NAME_WORDS = (6, 5, 4, 3, 2)
MOST_DOSES = 3
_OF_RATS = "95 % interval over rats"

Named = tuple[str, Mark]


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


def title_words(
    result: Result, rows: Sequence[Row], columns: Sequence[Column], endpoints: Sequence[str]
) -> str:
    """Return the finding of the first endpoint: the arm that stands out, then the opposite one if it fits."""
    marks = [
        (row.name, mark)
        for row, mark in zip(rows, columns[0].marks, strict=True)
        if mark is not None and math.isfinite(mark.value)
    ]
    dosed = {arm.name for arm in result.design.arms if given_doses(arm)}
    marks = [one for one in marks if one[0] in dosed] or marks
    found, is_part = find_endpoint(endpoints[0]), is_effect(result, endpoints[0])
    what = found.title.partition(",")[0]
    if not marks:
        return f"{rat_words(result.rat)}: no value of {what}"
    marks.sort(key=lambda one: -abs(one[1].value) if is_part else -one[1].value)
    if is_part and abs(marks[0][1].value) < ZONE:
        who = "No arm changes" if len(marks) > 1 else f"{shortened(marks[0][0], 4)} does not change"
        return sentence_case(f"{who} {_prevented(found.whole, what)} by {ZONE:.0f} % or more")
    ends = marks[:1] if len(marks) == 1 else [marks[0], marks[-1]]
    for count, words in product(range(len(ends), 0, -1), _NAME_WORDS):
        said = [(shortened(name, words), mark) for name, mark in ends[:count]]
        text = (
            _effects(said, _prevented(found.whole, what))
            if is_part
            else _values(said, PREVENTED.get(found.whole, what) if found.unit == "share" else what)
        )
        if len(text.replace(" %", "%").split()) <= MOST_WORDS and (words > 2 or count == 1):
            break
    return sentence_case(text)


def _prevented(whole: str, what: str) -> str:
    of_relapse = " of the relapse"
    short = f"relapse's {what.removesuffix(of_relapse)}" if what.endswith(of_relapse) else what
    return PREVENTED.get(whole, short)


def _effects(said: Sequence[Named], what: str) -> str:
    (name, first), *others = said
    value = f"{abs(first.value):.0f} %"
    the = "" if what in PREVENTED.values() else "the "
    start = f"prevents {value} of {the}{what}" if first.value > 0 else f"raises {the}{what} by {value}"
    least = "".join(f", {_beyond(other, name)} {round(mark.value) + 0:.0f} %" for other, mark in others)
    return f"{name} {start}{least}"


def _beyond(name: str, first: str) -> str:
    """Return a name without its first word if another begins with it as well."""
    word, _, rest = name.partition(" ")
    return rest if rest and word == first.partition(" ")[0] else name


def _values(said: Sequence[Named], what: str) -> str:
    values = (f"{mark.label.partition(' (')[0]} ({name})" for name, mark in said)
    return f"{what}: {', '.join(values)}"


def forest_words(result: Result, columns: Sequence[Column], endpoints: Sequence[str]) -> tuple[str, str]:
    """Return title and subtitle of the forest, which says what of its marks is drawn."""
    parts = [is_effect(result, name) for name in endpoints]
    title = "Effects against the same rats without the dose" if all(parts) else "Endpoints by arm"
    marks = [mark for one in columns for mark in one.marks if mark]
    published = any(mark for one in columns for each in one.published for mark in each)
    said = [
        f"dot and line: mean and {OF_SETS if result.members > 1 else _OF_RATS}",
        "" if all(mark.is_tested for mark in marks) else "dashed: not tested",
        f"grey: within {ZONE:.0f} %" if any(one.zone for one in columns) else "",
        "black: published, hollow if used in the fit" if published else "",
    ]
    return title, "; ".join(part for part in said if part)


def footer_words(result: Result, *, group: int | None, left_out: int) -> str:
    """Return mechanisms, doses, rats and seed, what the bands are, and what is not drawn."""
    design = result.design
    failed = max(result.failed(arm, design.control) for arm in result.arms)
    sets = f" of {result.members} parameter sets" if result.members > 1 else ""
    parts = [
        f"{_treated_words(result) or 'Untreated'}.",
        f"{result.number} rats{sets}, seed {result.seed}.",
        "" if group is None else f"Bands: 95 % of groups of n = {group}.",
    ]
    needed = [
        changes_words(result.rat),
        f"Up to {failed} rats of an arm {left_out_words(design)} and are left out." if failed else "",
        "The courses are not drawn." if group is None else "",
        f"Arms that are not drawn: {left_out}." if left_out else "",
    ]
    return " ".join(part for part in (*parts, *needed) if part)


def _treated_words(result: Result) -> str:
    """Return drugs with the mechanisms of IVIG and up to three doses of each."""
    design = result.design
    given: dict[str, dict[str, None]] = {}
    mechanisms: dict[str, None] = {}
    for arm in design.arms:
        for line in given_doses(arm):
            given.setdefault(line.dose.drug, {})[dose_text(line.dose.amount)] = None
            if line.dose.drug == STUDIED_DRUG:
                mechanisms[arm.mechanism_or(design.mechanism)] = None
    parts = []
    for drug, doses in given.items():
        name = ", ".join(mechanisms) if drug == STUDIED_DRUG else load_drug(drug).title
        parts.append(", ".join([name, *(doses if len(doses) <= MOST_DOSES else ())]))
    return "; ".join(parts)


def alt_words(grid: Grid, rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """Return kind, axes, main numbers and what is a prediction."""
    count = len(grid.titles)
    graphs = f"{count} graph{'s' * (count > 1)} of the clinical score of the living by day, and a forest"
    numbers = "; ".join(
        f"{row.name} {mark.label}"
        for row, mark in zip(rows, columns[0].marks, strict=True)
        if mark is not None
    )
    marks = [mark for mark in columns[0].marks if mark]
    predicted = "" if all(mark.is_tested for mark in marks) else " Dashed arms are predictions."
    return f"{graphs if count else 'A forest'} of {len(rows)} arms.{predicted} {columns[0].axis}: {numbers}."
