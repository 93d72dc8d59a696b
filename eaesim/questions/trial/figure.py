"""Forest of trials: published beside predicted, a column for each mechanism."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from eaesim.questions.trial.answer import TrialAnswer
from eaesim.questions.trial.words import measured
from eaesim.workbench.figure.dotrows import Dot, DotRow, draw_dot_rows, row_heights
from eaesim.workbench.figure.page import DOUBLE, IVIG, MARGIN, PUBLISHED, Page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WORDS, _GAP, _BELOW, _HEAD, _RIGHT = 62.0, 5.0, 10.0, 7.0, 4.0
_RATIOS, _DIFFERENCES = (0.05, 4.0), (-1.5, 1.0)
_RELATIVE = ("ratio", "hazard_ratio")


def figure(found: TrialAnswer) -> Figure:
    """Draw the trials: ratios and hazard ratios above, differences below; a column for each mechanism."""
    table = found.table[found.table["measure"] != "value"]
    several = table["trial"].nunique() > 1
    table = table[table["is_main"]] if several else table
    mechanisms = list(dict.fromkeys(table["mechanism"]))[:4]
    blocks = [
        (part, limits, axis, log)
        for part, limits, axis, log in (
            (table[table["measure"].isin(_RELATIVE)], _RATIOS, "ratio, IVIG over placebo", True),
            (table[~table["measure"].isin(_RELATIVE)], _DIFFERENCES, "difference, IVIG less placebo", False),
        )
        if len(part)
    ]
    width = (DOUBLE - 2 * MARGIN - _WORDS - _RIGHT - _GAP * (len(mechanisms) - 1)) / len(mechanisms)
    rows = [[_dot_rows(part, one, several) for one in mechanisms] for part, *_ in blocks]
    heights = [sum(row_heights(own[0], _WORDS)) for own in rows]
    body = sum(heights) + len(blocks) * (_HEAD + _BELOW)
    page, top = Page.around(
        DOUBLE,
        body,
        title=_title(found),
        footer=_footer(found),
        alt=f"A forest of trials. {found.sentence()}",
    )
    for own, height, (_, limits, axis, log) in zip(rows, heights, blocks, strict=True):
        for place, (mechanism, column) in enumerate(zip(mechanisms, own, strict=True)):
            left = MARGIN if place == 0 else MARGIN + _WORDS + 2.0 + place * (width + _GAP)
            across = MARGIN + _WORDS + 2.0 + place * (width + _GAP)
            page.write(mechanism, across, top, weight="bold")
            axes = draw_dot_rows(
                page,
                column,
                left=left,
                top=top + _HEAD,
                words=_WORDS,
                width=width,
                limits=limits,
                axis=axis,
                is_log=log,
                reference=1.0 if log else 0.0,
                has_words=place == 0,
            )
            if log:
                axes.set_xticks([0.1, 0.3, 1, 3], ["0.1", "0.3", "1", "3"])
        top += height + _HEAD + _BELOW
    return page.figure


def _dot_rows(part: pd.DataFrame, mechanism: str, several: bool) -> list[DotRow]:
    own = part[part["mechanism"] == mechanism]
    rows = []
    for _, row in own.iterrows():
        words = measured(row["endpoint"], row["measure"])
        name = f"{row['trial']} ({row['claim']}): {words}" if several else f"{words}, {row['arm']}"
        days = "" if row["since"] == 0 else f", days {row['since']} to {row['until']}"
        rows.append(
            DotRow(
                f"{name}{days}",
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
        )
    return rows


def _title(found: TrialAnswer) -> str:
    names = [trial.name for trial in found.trials]
    return (
        f"{names[0]}: predicted beside published"
        if len(names) == 1
        else "Trials of IVIG: predicted beside published"
    )


def _footer(found: TrialAnswer) -> str:
    asked = found.request
    sets = found.placebo["parameter_set"].nunique()
    who = "the typical patient" if sets == 1 else f"{sets} parameter sets"
    plateau = "" if asked.from_lesion is None else f", {asked.from_lesion:.0%} of attacks from lesions"
    return (
        f"Diamonds: published, 95 % interval. Dots: predicted, interval of 90 % of {asked.replicates} "
        f"simulated trials; {who}{plateau}, seed {asked.seed}. "
        "A published result without a number has no diamond."
    )
