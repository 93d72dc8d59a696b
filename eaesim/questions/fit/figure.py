"""The figures of a fit: predictions compared with published readings, and what these say of each number."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.target import Target
from eaesim.evidence import finding
from eaesim.model.parameter_file import parameter_words
from eaesim.questions.fit.result import ESTIMATED, Fit
from eaesim.workbench.figure.dotrows import BESIDE, Dot, DotRow, draw_dot_rows, row_heights
from eaesim.workbench.figure.page import DOUBLE, HIGHEST, MARGIN, PUBLISHED, SMALLEST, Page, split
from eaesim.workbench.figure.words import readable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Standard deviations that are drawn to each side; what lies beyond is an arrow.
FARTHEST = 5.0
# Standard deviations within which a prediction counts as a match.
MATCH = 1.96
# The layout, in millimetres: words, axes, and what is said at the right; the same of two columns of numbers.
WORDS, WIDTH, SAID, BELOW, LIFT = 70.0, 50.0, 50.0, 9.0, 0.6
NAMES, WIDTHS, COLUMNS = 54.0, 26.0, 2
ROOM = HIGHEST - 25.0
_MARKS = {
    "estimated": "o",
    "bounded on both sides": "D",
    "bounded from below": ">",
    "bounded from above": "<",
    "not estimable": "o",
}


def figure(fit: Fit) -> Figure:
    """Draw predictions next to published readings, in standard deviations of what was published.

    Parameters
    ----------
    fit
        What was found.

    Returns
    -------
    matplotlib.figure.Figure
        The first page; `more_figures` of the fit draws the others.
    """
    return _reading_pages(fit)[0]


def more_figures(fit: Fit) -> dict[str, Figure]:
    """Draw further pages of readings, and the width of every posterior relative to its prior."""
    more = {f"readings_{number}": page for number, page in enumerate(_reading_pages(fit)[1:], start=2)}
    return more | {"identifiability": _widths_figure(fit)}


def standardised(target: Target, values: Floats) -> Floats:
    """Return how many standard deviations predictions lie above what was published.

    For a bound, above that bound; a value between two bounds is 0.
    """
    values = np.asarray(values, dtype=float)
    if np.isinf(target.low) or np.isinf(target.high):
        bound = target.high if np.isinf(target.low) else target.low
        return np.asarray((target.on_scale(values) - bound) / target.spread)
    return target.off(values)


def _reading_pages(fit: Fit) -> list[Figure]:
    rows = _rows(fit)
    parts = split(rows, row_heights(rows, WORDS, SAID), ROOM)
    title = _title(fit)
    missed = f" Missed: {'; '.join(_missed(fit))}." if _missed(fit) else ""
    pages = []
    for number, part in enumerate(parts, start=1):
        count = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
        page, top = Page.around(
            DOUBLE,
            4.0 + sum(row_heights(part, WORDS, SAID)) + BELOW,
            title=f"{title}{count}",
            footer=_footer(fit),
            alt=(
                f"Dots, one row per reading: predicted median with 90 % interval, in standard deviations of "
                f"what was published. {title}.{missed}"
            ),
        )
        at = MARGIN + WORDS + BESIDE + WIDTH + BESIDE
        page.write("published; predicted", at, top, size=SMALLEST, weight="bold")
        draw_dot_rows(
            page,
            part,
            left=MARGIN,
            top=top + 4.0,
            words=WORDS,
            width=WIDTH,
            said=SAID,
            limits=(-FARTHEST, FARTHEST),
            axis="standard deviations above what was published",
            reference=0.0,
        )
        pages.append(page.figure)
    return pages


def _rows(fit: Fit) -> list[DotRow]:
    """Return what is drawn: published readings that are missed, those that are matched, and assumed ones."""
    missed, matched, assumed = list[DotRow](), list[DotRow](), list[DotRow]()
    for target, (_, row) in zip(fit.simulator.targets, fit.rows.iterrows(), strict=True):
        found = matched if _is_match(target, row) else missed
        (found if target.finding else assumed).append(_row(target, row))
    parts = {"Missed": missed, "Matched": matched, "Assumed, not published": assumed}
    return [row for words, found in parts.items() if found for row in (DotRow(words), *found)]


def _missed(fit: Fit) -> list[str]:
    rows = zip(fit.simulator.targets, fit.rows.iterrows(), strict=True)
    return [_words(row) for target, (_, row) in rows if target.finding and not _is_match(target, row)]


def _is_match(target: Target, row: pd.Series) -> bool:
    return bool(abs(target.off(np.asarray(float(row["predicted"])))) <= MATCH)


def _row(target: Target, row: pd.Series) -> DotRow:
    """Return the row of one reading: the published value as a diamond, hollow where a fit has used it."""
    is_bound = math.isinf(target.low) or math.isinf(target.high)
    is_validating = bool(target.finding) and finding(target.finding).use == "validate"
    published = Dot(0.0, colour=PUBLISHED, marker="D", size=3.0, is_filled=is_validating, lift=-LIFT)
    if is_bound:
        marker = ">" if math.isinf(target.high) else "<"
        published = Dot(0.0, colour=PUBLISHED, marker=marker, size=3.5, is_filled=is_validating, lift=-LIFT)
    low, middle, high = standardised(target, row[["low", "predicted", "high"]].to_numpy(dtype=float))
    predicted = Dot(float(middle), float(low), float(high), size=3.0, lift=LIFT)
    # What lies on the allowed side of a bound is a match, however far.
    ends = (-math.inf if math.isinf(target.low) else -MATCH, math.inf if math.isinf(target.high) else MATCH)
    return DotRow(_words(row), (published, predicted), _said(target, row), zone=ends)


def _words(row: pd.Series) -> str:
    # Of an assumed bound there is no published row.
    known = re.split(r"[.:]", str(row["finding"]))[0]
    return f"{readable(str(row['experiment']))}: {readable(str(row['reading']))} ({known})"


def _said(target: Target, row: pd.Series) -> str:
    """Return what was published, or the bound that its words became, and what is predicted."""
    if np.isinf(target.high):
        published = f"at least {_read_back(target, target.low)}"
    elif np.isinf(target.low):
        published = f"at most {_read_back(target, target.high)}"
    else:
        published = str(row["published"])
    if np.isnan(row["predicted"]):
        return f"{published}; no value"
    predicted = float(row["predicted"])
    share = target.scale == "logit"
    return f"{published}; " + (f"{100 * predicted:.0f} %" if share else f"{predicted:.2g}")


def _read_back(target: Target, bound: float) -> str:
    """Return a bound as it was before it was scaled."""
    return f"{100 / (1 + np.exp(-bound)):.0f} %" if target.scale == "logit" else f"{bound:g}"


def _title(fit: Fit) -> str:
    """Return how many of the published readings the median prediction matches."""
    rows = zip(fit.simulator.targets, fit.rows.iterrows(), strict=True)
    matched = [_is_match(target, row) for target, (_, row) in rows if target.finding]
    return f"Predictions match {sum(matched)} of {len(matched)} published readings"


def _footer(fit: Fit) -> str:
    chains, members, _ = fit.places.shape
    made = f"{chains * members} parameter sets, seed {fit.request.seed}."
    predicted = "Blue: predicted, 90 %; arrow: beyond the axis."
    return f"{made} {predicted} Black: published, hollow: fitted; arrow: bound. Grey: match."


def _widths_figure(fit: Fit) -> Figure:
    """Draw how wide each posterior is relative to its prior, the narrowest first, in two columns."""
    table = fit.identifiability.sort_values("width", kind="stable")
    dots = [
        Dot(float(width), marker=_MARKS[status], size=3.0, is_filled=status == "estimated")
        for width, status in zip(table["width"], table["status"], strict=True)
    ]
    rows = [DotRow(_parameter(row), (dot,)) for dot, (_, row) in zip(dots, table.iterrows(), strict=True)]
    half = math.ceil(len(rows) / COLUMNS)
    parts = [part for part in (rows[:half], rows[half:]) if part]
    count = int((table["status"] == "estimated").sum())
    title = f"Published rows estimate {count} of {len(table)} parameters"
    page, top = Page.around(
        DOUBLE,
        max(sum(row_heights(part, NAMES)) for part in parts) + BELOW,
        title=title,
        footer=(
            f"Filled: estimated (width at most {ESTIMATED:g}). Triangle: bounded from below or above; "
            "diamond: both; ring: not."
        ),
        alt=f"Dots, one row per parameter: width of its posterior relative to its prior. {title}.",
    )
    farthest = max(1.1, 1.03 * float(table["width"].max()))
    for place, part in enumerate(parts):
        draw_dot_rows(
            page,
            part,
            left=MARGIN + place * (DOUBLE / 2),
            top=top,
            words=NAMES,
            width=WIDTHS,
            limits=(0.0, farthest),
            axis="posterior width (prior 1)",
            zone=(0.0, ESTIMATED),
            reference=1.0,
        )
    return page.figure


def _parameter(row: pd.Series) -> str:
    strain = "" if row["strain"] == "shared" else f" ({readable(str(row['strain']))})"
    return f"{parameter_words(str(row['parameter']))}{strain}"
