"""Table of trials by mechanism: predicted numbers with their verdicts, and the log likelihood below."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.questions.trial.figurewords import published_brief, simulated, title, what
from eaesim.questions.trial.shown import amount, with_days
from eaesim.workbench.figure.page import DOUBLE, MARGIN, SMALLEST, Page, line
from eaesim.workbench.figure.verdicts import KEY, VerdictRow, draw_key, draw_verdicts, row_height

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from eaesim.questions.trial.answer import TrialAnswer

#: The most mechanisms that have room.
MOST = 12
# Widths of the words, the gap between them, heads of the columns, and a number beside its mark.
_WIDTHS, _GAP, _HEADS, _BESIDE, _RIGHT = (45.0, 29.0), 2.0, 6.5, 1.6, 4.0


def mechanism_table(found: TrialAnswer) -> Figure:
    """Draw the verdict and the prediction of every mechanism for the main row of each trial."""
    ranked = found.ranking()
    names = list(ranked["mechanism"])[:MOST]
    table = found.table[(found.table["measure"] != "value") & (found.table["use"] != "calibrate")]
    table = table[table["is_main"]] if table["trial"].nunique() > 1 else table
    wide = _wide(with_days(table))
    rows = [_row(own, names, table["trial"].nunique() > 1) for own in wide]
    column = (DOUBLE - 2 * MARGIN - sum(_WIDTHS) - _GAP * len(_WIDTHS) - _RIGHT) / len(names)
    body = sum(row_height(row, _WIDTHS) for row in rows)
    page, top = Page.around(
        DOUBLE,
        KEY + _HEADS + body + 2 * line(SMALLEST),
        title=title(found),
        footer=_footer(found, len(ranked) - len(names)),
        alt=f"A table of trials by mechanism. {found.sentence()}",
    )
    draw_key(page, [one for row in rows for one in row.verdicts], top=top, right=DOUBLE - MARGIN)
    top += KEY + _HEADS
    left = MARGIN + sum(_WIDTHS) + _GAP * len(_WIDTHS)
    for place, name in enumerate(names):
        head = name.replace("+", "+\n")
        middle = left + (place + 0.5) * column
        page.write(head, middle, top - 0.5, ha="center", va="bottom", weight="bold", size=SMALLEST)
    page.write("published", MARGIN + _WIDTHS[0] + _GAP, top - 0.5, va="bottom", weight="bold", size=SMALLEST)
    draw_verdicts(page, rows, top=top, widths=_WIDTHS, columns=len(names), column=column, gap=_GAP)
    for own, row in zip(wide, rows, strict=True):
        height = row_height(row, _WIDTHS)
        for place, name in enumerate(names):
            across = left + (place + 0.5) * column + _BESIDE
            page.write(amount(own[name]["predicted"]), across, top + height / 2, size=SMALLEST, va="center")
        top += height
    top += line(SMALLEST) / 2
    likely = ranked.set_index("mechanism")["log_likelihood"]
    if not likely.isna().all():
        nothing = ranked["no_effect"].iloc[0]
        page.write("log likelihood of the published ratios", MARGIN, top, size=SMALLEST)
        page.write(f"no effect {nothing:.1f}", MARGIN + _WIDTHS[0] + _GAP, top, size=SMALLEST)
        for place, name in enumerate(names):
            text = "" if math.isnan(likely[name]) else f"{likely[name]:.{1 if likely[name] > -99.5 else 0}f}"
            page.write(text, left + (place + 0.5) * column + _BESIDE, top, size=SMALLEST)
    return page.figure


def _wide(table: pd.DataFrame) -> list[dict[str, pd.Series]]:
    """Return the rows of each mechanism, for each published row."""
    every = [[row for _, row in own.iterrows()] for _, own in table.groupby("mechanism", sort=False)]
    return [{row["mechanism"]: row for row in rows} for rows in zip(*every, strict=True)]


def _row(own: dict[str, pd.Series], names: list[str], several: bool) -> VerdictRow:
    first = own[names[0]]
    cells = what(first, several=several), published_brief(first)
    return VerdictRow(cells, tuple(str(own[name]["verdict"]) for name in names))


def _footer(found: TrialAnswer, more: int) -> str:
    left_out = f" {more} further mechanisms: mechanisms.csv." if more else ""
    return (
        "Numbers: predicted ratio, hazard ratio or difference, IVIG against placebo; marks: the published "
        f"result against the 90 % interval of {found.request.replicates:,} trials of its size. "
        f"{simulated(found)}{left_out}"
    )
