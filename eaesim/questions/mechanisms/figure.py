"""The figure of competing mechanisms: the verdict on each of them by every finding, and their evidence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.evidence import finding
from eaesim.evidence.judge import AGREES, DISAGREES
from eaesim.model import MECHANISMS
from eaesim.questions.mechanisms.result import MechanismsResult
from eaesim.workbench.figure.marks import write_beside
from eaesim.workbench.figure.page import DOUBLE, IVIG, MARGIN, RULE, RULES, SMALLEST, TEXT, Page, line
from eaesim.workbench.figure.verdicts import KEY, VerdictRow, draw_key, draw_verdicts, row_height
from eaesim.workbench.figure.words import mechanism_words, published_words, treated_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

USES = {"calibrate": "Set the strength", "validate": "Never fitted"}
# The most mechanisms that are drawn, and the largest factor that has room.
MOST, FACTOR = 10, 1000.0
# The layout, in millimetres: columns of text, the heads of mechanisms, the bars, and between all of these.
WIDTHS, GAP, HEADS, BARS, BETWEEN = (36.0, 52.0), 2.0, 5.0, 20.0, 4.5
RIGHT = 2.0
COLUMN_ROOM = DOUBLE - 2 * MARGIN - sum(WIDTHS) - GAP * len(WIDTHS) - RIGHT


def figure(result: MechanismsResult) -> Figure:
    """Draw the verdict on every mechanism by each finding, and how much less probable each one is.

    Single mechanisms are drawn, the likeliest first; pairs where there are no single ones. A finding of
    several readings has one row.
    """
    names, left_out = _shown(result)
    rows = _rows(result, names)
    factors = _factors(result, names)
    key = [mechanism_words(name) for name in names if name in MECHANISMS]
    table = sum(row_height(row, WIDTHS) for row in rows)
    lines = math.ceil(len(key) / 2) * line(SMALLEST)
    page, top = Page.around(
        DOUBLE,
        KEY + HEADS + table + BETWEEN + BARS + BETWEEN + lines,
        title=_title(result, names),
        footer=_footer(result, left_out),
        alt=_alt(result, names),
    )
    draw_key(page, [one for row in rows for one in row.verdicts], top=top, right=DOUBLE - MARGIN)
    top += KEY
    column = COLUMN_ROOM / max(len(names), 4)
    left = MARGIN + sum(WIDTHS) + GAP * len(WIDTHS)
    for place, name in enumerate(names):
        text = name.replace("+", "+\n")
        middle = left + (place + 0.5) * column
        page.write(text, middle, top + HEADS - 0.5, ha="center", va="bottom", weight="bold", size=SMALLEST)
    page.write(
        "published", MARGIN + WIDTHS[0] + GAP, top + HEADS - 0.5, va="bottom", weight="bold", size=SMALLEST
    )
    top += HEADS
    draw_verdicts(page, rows, top=top, widths=WIDTHS, columns=len(names), column=column, gap=GAP)
    top += table + BETWEEN
    bars = page.axes(left=left, top=top, width=len(names) * column, height=BARS)
    _draw_factors(bars, factors)
    text = f"evidence: times less probable\nthan {names[0]}"
    page.write(text, left - 9.0, top + BARS / 2, ha="right", va="center", size=TEXT)
    top += BARS + BETWEEN
    half = math.ceil(len(key) / 2)
    for place, text in enumerate(key):
        across = MARGIN + (place // half) * (DOUBLE / 2 - MARGIN)
        page.write(text, across, top + (place % half) * line(SMALLEST), size=SMALLEST)
    return page.figure


def _shown(result: MechanismsResult) -> tuple[list[str], int]:
    """Return the mechanisms that are drawn, the likeliest first, and how many are not."""
    every = list(result.ranking()["mechanism"])
    single = [name for name in every if "+" not in name]
    shown = (single or every)[:MOST]
    return shown, len(every) - len(shown)


def _whole(result: MechanismsResult) -> pd.DataFrame:
    """Return a row for every finding with a column for every mechanism, and the verdict on all readings."""
    table = result.table()
    rows = table["finding"].str.partition(".")[0].rename("row")
    return table.pivot_table("finding_verdict", rows, "mechanism", aggfunc="first", sort=False)


def _rows(result: MechanismsResult, names: list[str]) -> list[VerdictRow]:
    """Return the rows of the table: those that set the strength, then those that no fit has seen."""
    whole, table = _whole(result), result.table()
    readings = table[table["mechanism"] == names[0]].groupby(
        table["finding"].str.partition(".")[0], sort=False
    )
    found: list[VerdictRow] = []
    for use, title in USES.items():
        own = [(row, group) for row, group in readings if (group["use"] == use).all()]
        found += [VerdictRow((title,))] if own else []
        for row, group in own:
            first = finding(str(group["finding"].iloc[0]))
            said = published_words(first) + (f" ({len(group)} readings)" if len(group) > 1 else "")
            verdicts = tuple(str(whole.loc[row, name]) for name in names)
            found.append(VerdictRow((treated_words(first), said), verdicts))
    return found


def _factors(result: MechanismsResult, names: list[str]) -> list[float]:
    """Return how many times less probable than the first each mechanism is."""
    score = result.ranking().set_index("mechanism")["score"]
    return [math.exp(min(float(score[names[0]] - score[name]), 700.0)) for name in names]


def _draw_factors(axes: Axes, factors: list[float]) -> None:
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.set_ylim(1, FACTOR)
    axes.set_xlim(-0.5, len(factors) - 0.5)
    axes.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axes.set_xticks([])
    axes.axhline(1, color=RULES, linewidth=RULE)
    axes.bar(range(len(factors)), [min(one, FACTOR) - 1 for one in factors], 0.55, bottom=1, color=IVIG)
    for place, one in enumerate(factors):
        text = f">{FACTOR:,.0f}" if one > FACTOR else f"{one:.2g}" if one < 99.5 else f"{one:.0f}"
        write_beside(axes, text, (place, min(one, FACTOR)), (0, 1), ha="center", va="bottom")


def _title(result: MechanismsResult, names: list[str]) -> str:
    whole = _whole(result)[names]
    count, agree = len(whole), (whole == AGREES).sum()
    best = str(agree.idxmax())
    if agree[best] == count:
        return f"{best} agrees with all {count} findings"
    return f"No mechanism agrees with all {count} findings; {best} agrees with {agree[best]}"


def _footer(result: MechanismsResult, left_out: int) -> str:
    pairs = f" {left_out} pairs: ranking.csv." if left_out else ""
    dose = "1 g/kg where no dose is stated"
    return f"{dose}, {result.members} parameter sets, {result.animals} rats in each.{pairs}"


def _alt(result: MechanismsResult, names: list[str]) -> str:
    whole = _whole(result)[names]
    counts = ", ".join(
        f"{name} {(whole[name] == AGREES).sum()} and {(whole[name] == DISAGREES).sum()}" for name in names
    )
    text = f"Table of marks: {len(whole)} findings by mechanism. Findings that agree and that disagree"
    return f"{text}: {counts}. Below, bars: factor by which each is less probable."
