"""Forest of trials: published beside predicted, a column for each mechanism; a table for many mechanisms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eaesim.questions.trial.answer import TrialAnswer
from eaesim.questions.trial.figurewords import footer, published_brief, simulated, title, what
from eaesim.questions.trial.shown import amount, with_days
from eaesim.workbench.figure.dotrows import BESIDE, Dot, DotRow, draw_dot_rows, row_heights
from eaesim.workbench.figure.page import DOUBLE, IVIG, MARGIN, PUBLISHED, SMALLEST, Page, line
from eaesim.workbench.figure.verdicts import KEY, VerdictRow, draw_key, draw_verdicts, row_height

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from eaesim.questions.trial.answer import TrialAnswer

#: The most mechanisms that have axes of their own.
MOST = 4
# Widths of the words and of what was published, and heights, in millimetres.
_WORDS, _SAID, _GAP, _BELOW, _HEAD = 46.0, 30.0, 4.0, 10.0, 5.0
_RATIOS, _STEP, _FARTHEST = (0.05, 4.0), 0.5, 3.0
# Millimetres for each unit from which ticks stand every half.
_TICKS = 20.0
_RELATIVE = ("ratio", "hazard_ratio")
#: The most mechanisms that have room.
MOST_IN_TABLE = 12
# Widths of the words, the gap between them, heads of the columns, and a number beside its mark.
_WIDTHS, _APART, _HEADS, _BESIDE, _RIGHT = (45.0, 29.0), 2.0, 6.5, 1.6, 4.0


def figure(found: TrialAnswer) -> Figure:
    """Draw published and predicted: ratios above, differences below, and a column for each mechanism.

    Of several trials the main row of each is drawn. More than `MOST` mechanisms are a table.
    """
    mechanisms = list(dict.fromkeys(found.table["mechanism"]))
    if len(mechanisms) > MOST:
        return mechanism_table(found)
    table = with_days(drawn(found.table))
    blocks = [
        (part, limits, axis, is_log)
        for part, limits, axis, is_log in (
            (table[table["measure"].isin(_RELATIVE)], _RATIOS, "ratio, IVIG over placebo", True),
            *_plain(table, "difference", "difference, IVIG less placebo"),
            *_plain(table, "value", "value of one arm"),
        )
        if len(part)
    ]
    room = DOUBLE - 2 * MARGIN - _WORDS - 2 * BESIDE - _SAID - _GAP * (len(mechanisms) - 1)
    width = room / len(mechanisms)
    several = table["trial"].nunique() > 1
    rows = [[_dot_rows(part, one, several) for one in mechanisms] for part, limits, _, _ in blocks]
    heights = [sum(row_heights(own[0], _WORDS)) for own in rows]
    page, top = Page.around(
        DOUBLE,
        _HEAD + sum(heights) + len(blocks) * _BELOW,
        title=title(found),
        footer=footer(found),
        alt=f"A forest of trials. {found.sentence()}",
    )
    first = MARGIN + _WORDS + BESIDE
    for place, mechanism in enumerate(mechanisms):
        page.write(mechanism, first + place * (width + _GAP) + width / 2, top, weight="bold", ha="center")
    page.write("published", DOUBLE - MARGIN - _SAID, top, weight="bold")
    top += _HEAD
    for own, height, (part, limits, axis, is_log) in zip(rows, heights, blocks, strict=True):
        for place, column in enumerate(own):
            axes = draw_dot_rows(
                page,
                column,
                left=MARGIN if place == 0 else first + place * (width + _GAP),
                top=top,
                words=_WORDS,
                width=width,
                limits=limits,
                axis=axis if len(mechanisms) == 1 else axis.partition(",")[0],
                is_log=is_log,
                reference=1.0 if is_log else 0.0,
                has_words=place == 0,
            )
            if is_log:
                axes.set_xticks([0.1, 0.3, 1, 3], ["0.1", "0.3", "1", "3"])
            else:
                step = _STEP if width / (limits[1] - limits[0]) > _TICKS else 2 * _STEP
                first_tick = math.ceil(limits[0] / step) * step
                ticks = np.arange(first_tick, limits[1] + step / 2, step)
                axes.set_xticks(ticks, [f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in ticks])
        _write_published(page, part, own[0], mechanisms[0], top=top)
        top += height + _BELOW
    return page.figure


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are drawn: comparisons of arms, of several trials the main ones.

    A trial that compares nothing has its values drawn, where it is alone.
    """
    compared = table[table["measure"] != "value"]
    if not len(compared):
        return table
    return compared[compared["is_main"]] if table["trial"].nunique() > 1 else compared


def _plain(
    table: pd.DataFrame, measure: str, axis: str
) -> list[tuple[pd.DataFrame, tuple[float, float], str, bool]]:
    """Return the rows of a measure that may be negative, with axes that hold them."""
    part = table[table["measure"] == measure]
    ends = part[["published", "published_low", "published_high", "predicted", "low", "high"]].to_numpy(float)
    least = -_STEP / 2 if measure == "difference" else 0.0
    known = np.append(np.clip(ends[np.isfinite(ends)], -_FARTHEST, _FARTHEST), [least, _STEP / 2])
    limits = math.floor(known.min() / _STEP) * _STEP, math.ceil(known.max() / _STEP) * _STEP
    return [(part, limits, axis, False)]


def _write_published(
    page: Page, part: pd.DataFrame, words: list[DotRow], mechanism: str, *, top: float
) -> None:
    """Write what was published at the right of each row."""
    own = part[part["mechanism"] == mechanism]
    for (_, row), height in zip(own.iterrows(), row_heights(words, _WORDS), strict=True):
        page.write(
            published_brief(row), DOUBLE - MARGIN - _SAID, top + height / 2, size=SMALLEST, va="center"
        )
        top += height


def _dot_rows(part: pd.DataFrame, mechanism: str, several: bool) -> list[DotRow]:
    """Return the rows of a block."""
    return [
        DotRow(
            what(row, several=several),
            (
                Dot(
                    row["published"],
                    row["published_low"],
                    row["published_high"],
                    colour=PUBLISHED,
                    marker="D",
                    is_filled=False,
                    lift=0.7,
                ),
                Dot(row["predicted"], row["low"], row["high"], colour=IVIG, lift=-0.7),
            ),
        )
        for _, row in part[part["mechanism"] == mechanism].iterrows()
    ]


def mechanism_table(found: TrialAnswer) -> Figure:
    """Draw the verdict and the prediction of every mechanism for the main row of each trial."""
    ranked = found.ranking()
    names = list(ranked["mechanism"])[:MOST_IN_TABLE]
    table = found.table[(found.table["measure"] != "value") & (found.table["use"] != "calibrate")]
    table = table[table["is_main"]] if table["trial"].nunique() > 1 else table
    wide = _wide(with_days(table))
    rows = [_row(own, names, table["trial"].nunique() > 1) for own in wide]
    column = (DOUBLE - 2 * MARGIN - sum(_WIDTHS) - _APART * len(_WIDTHS) - _RIGHT) / len(names)
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
    left = MARGIN + sum(_WIDTHS) + _APART * len(_WIDTHS)
    for place, name in enumerate(names):
        head = name.replace("+", "+\n")
        middle = left + (place + 0.5) * column
        page.write(head, middle, top - 0.5, ha="center", va="bottom", weight="bold", size=SMALLEST)
    page.write(
        "published", MARGIN + _WIDTHS[0] + _APART, top - 0.5, va="bottom", weight="bold", size=SMALLEST
    )
    draw_verdicts(page, rows, top=top, widths=_WIDTHS, columns=len(names), column=column, gap=_APART)
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
        page.write(f"no effect {nothing:.1f}", MARGIN + _WIDTHS[0] + _APART, top, size=SMALLEST)
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
