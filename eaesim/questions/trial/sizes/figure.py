"""The figure of the next trial: patients an arm for every comparison."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.proportion import percent
from eaesim.questions.trial.relapsing import transfer_words
from eaesim.questions.trial.sizes.answer import TrialSizes
from eaesim.questions.trial.sizes.words import size_text
from eaesim.workbench.figure.dotrows import Dot, DotRow, draw_dot_rows, row_heights
from eaesim.workbench.figure.page import DOUBLE, HEAD, INK, IVIG, MARGIN, Page
from eaesim.workbench.figure.words import sentence_case

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_WORDS, _GAP, _BELOW, _RIGHT = 52.0, 5.0, 10.0, 4.0
_SMALLEST = 8.0
_TICKS = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)


def figure(found: TrialSizes) -> Figure:
    """Draw the patients an arm that each comparison needs, a column for each share of attacks from lesions.

    Parameters
    ----------
    found
        Of `eaesim.trial_sizes`.
    """
    asked = found.request
    test, shares = asked.tests[-1], asked.from_lesion
    width = (DOUBLE - 2 * MARGIN - _WORDS - _RIGHT - _GAP * (len(shares) - 1)) / len(shares)
    columns = [
        _rows(found.table[found.table["from_lesion"] == share], test, asked.allocations[0], asked.limit)
        for share in shares
    ]
    height = sum(row_heights(columns[0], _WORDS))
    page, top = Page.around(
        DOUBLE,
        HEAD + height + _BELOW,
        title=_title(found),
        footer=_footer(found, test),
        alt=f"Dots of patients an arm by comparison. {found.sentence()}",
    )
    for place, (share, rows) in enumerate(zip(shares, columns, strict=True)):
        across = MARGIN + _WORDS + 2.0 + place * (width + _GAP)
        words = transfer_words(share)
        page.panel("", sentence_case(words), "PREDICTION", left=across, top=top, width=width)
        axes = draw_dot_rows(
            page,
            rows,
            left=MARGIN if place == 0 else across,
            top=top + HEAD,
            words=_WORDS,
            width=width,
            limits=(_SMALLEST, float(asked.limit)),
            axis="patients an arm",
            is_log=True,
            has_words=place == 0,
        )
        ticks = [each for each in _TICKS if _SMALLEST <= each <= asked.limit]
        axes.set_xticks(ticks, [f"{each:,}" for each in ticks])
    return page.figure


def _rows(own: pd.DataFrame, test: str, allocation: int, limit: int) -> list[DotRow]:
    own = own[own["allocation"] == allocation]
    found = []
    for title, rows in own.groupby("comparison", sort=False):
        chosen = rows[rows["test"] == test] if (rows["test"] == test).any() else rows
        dots = []
        for place, (_, row) in enumerate(chosen.iterrows()):
            value, low, high = (_inside(row[name], limit) for name in ("patients", "set_low", "set_high"))
            if row["set_low"] == row["set_high"]:
                low = high = math.nan
            dots.append(
                Dot(
                    value,
                    low,
                    high,
                    colour=IVIG if place == 0 else INK,
                    is_filled=place == 0,
                    lift=0.6 - 1.2 * place / max(len(chosen) - 1, 1),
                )
            )
        found.append(DotRow(str(title), tuple(dots)))
    return found


def _inside(value: float, limit: int) -> float:
    """Return a size, or one past the end of the axes where it is beyond the limit."""
    return float(value) if math.isfinite(value) else 1.5 * limit


def _title(found: TrialSizes) -> str:
    own = found.table[found.table["from_lesion"] == found.request.from_lesion[-1]]
    first = own[own["test"] == found.request.tests[-1]].iloc[0]
    size = size_text(first["patients"], found.request.limit)
    return f"{sentence_case(size)} patients an arm show {first['first']} against placebo"


def _footer(found: TrialSizes, test: str) -> str:
    asked = found.request
    wanted = [percent(each) for each in asked.wanted]
    marks = f"Filled: assurance {wanted[0]}" + (f"; open: {wanted[1]}" if len(wanted) > 1 else "")
    sets = f"bars: 90 % of {found.sets} parameter sets" if found.sets > 1 else "the typical patient"
    return (
        f"{marks}; {sets}. {test.replace('_', ' ').capitalize()} test, two-sided 5 %; "
        f"IVIG every {asked.interval:g} days, model {asked.mechanism}; {asked.placebo_rate:g} relapses a "
        f"year on placebo, {asked.until} days, seed {asked.seed}. Arrows: more than {asked.limit:,}."
    )
