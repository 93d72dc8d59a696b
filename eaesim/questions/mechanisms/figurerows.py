"""The figures of all rows: the verdict on each, and how many parameter sets are on the published side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.evidence import finding
from eaesim.evidence.judge import VERDICTS
from eaesim.questions.mechanisms.judged import Rows
from eaesim.workbench.figure.page import DOUBLE, HIGHEST, MARGIN, SMALLEST, Page, split
from eaesim.workbench.figure.verdicts import KEY, VerdictRow, draw_key, draw_verdicts, row_height
from eaesim.workbench.figure.words import finding_words, published_words, readable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

KINDS = {"validate": "never fitted", "calibrate": "fitted"}
#: Ends of the names of the files, by kind.
STEMS = {"validate": "rows", "calibrate": "rows_fitted"}
# The layout, in millimetres: rats and reading, what was published, sets on its side, and the mark.
WIDTHS, GAP, MARK, HEADS = (66.0, 70.0, 15.0), 4.0, 8.0, 4.0
# Height for rows on one page, beside its title, key and foot.
ROOM = HIGHEST - 26.0


def rows_figures(result: Rows) -> dict[str, Figure]:
    """Draw every reading that was judged: what no fit has seen, and what was fitted, by names of files.

    Rows on IVIG are those of the likeliest single mechanism. What does not fit on a page continues on the
    next, ``rows_2``.
    """
    mechanism = next((name for name in result.mechanisms if "+" not in name), "")
    table = result.table()
    judged = table["counts"] & table["mechanism"].isin(["", mechanism]) & table["share"].notna()
    found: dict[str, Figure] = {}
    for use, stem in STEMS.items():
        rows = [_row(row) for _, row in table[judged & (table["use"] == use)].iterrows()]
        title = _title(result, mechanism, use)
        parts = split(rows, [row_height(row, WIDTHS) for row in rows], ROOM)
        for number, part in enumerate(parts, start=1):
            name = stem if number == 1 else f"{stem}_{number}"
            count = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
            found[name] = _figure(part, f"{title}{count}", _footer(result, mechanism))
    return found


def _figure(rows: list[VerdictRow], title: str, footer: str) -> Figure:
    verdicts = [one for row in rows for one in row.verdicts]
    counts = ", ".join(f"{verdicts.count(one)} {one}" for one in VERDICTS if one in verdicts)
    page, top = Page.around(
        DOUBLE,
        KEY + HEADS + sum(row_height(row, WIDTHS) for row in rows),
        title=title,
        footer=footer,
        alt=(
            "Table: a row for each reading, with what was published and a mark. "
            f"{counts or 'Nothing is judged'}."
        ),
    )
    draw_key(page, verdicts, top=top, right=DOUBLE - MARGIN)
    at = MARGIN
    for text, width in zip(("finding", "published", "sets on its side"), WIDTHS, strict=True):
        page.write(text, at, top + KEY, size=SMALLEST, weight="bold")
        at += width + GAP
    if rows:
        draw_verdicts(page, rows, top=top + KEY + HEADS, widths=WIDTHS, columns=1, column=MARK, gap=GAP)
    return page.figure


def _row(row: pd.Series[str]) -> VerdictRow:
    """Return the row of a reading: whose, what was published, and the sets on the published side."""
    one = finding(row["finding"])
    label = f" ({readable(row['reading'])})" if row["reading"] else ""
    # A number is judged by its predictive interval, which words do not have.
    is_number = math.isfinite(float(row["predictive_low"]))
    sets = "by interval" if is_number else f"{100 * float(row['share']):.0f} %"
    return VerdictRow((f"{finding_words(one)}{label}", published_words(one), sets), (row["verdict"],))


def _title(result: Rows, mechanism: str, use: str) -> str:
    # Untreated rats alone were fitted by the fit; on IVIG the strength was set to the calibration data.
    verdicts = list(result.verdicts(mechanism, use=use).values())
    agree, against = verdicts.count("agrees"), verdicts.count("disagrees")
    acting = f" under {mechanism}" if mechanism else ""
    return f"{agree} of {len(verdicts)} findings {KINDS[use]} agree{acting}, {against} disagree"


def _footer(result: Rows, mechanism: str) -> str:
    judged = {each.finding.partition(".")[0] for each in result.judged}
    missing = dict.fromkeys(name.partition(".")[0] for name in result.left_out)
    count = sum(row not in judged for row in missing)
    ivig = f"IVIG: {mechanism}. " if mechanism else ""
    said = f"{ivig}Words are judged by the parameter sets on their side."
    return f"{said} Not simulated: {count} findings; see rows.csv."
