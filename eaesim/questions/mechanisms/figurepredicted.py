"""The figure of what each mechanism of another drug than IVIG predicts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.model.pharmacy import load_drug
from eaesim.questions.mechanisms.predicted import DrugMechanisms
from eaesim.workbench.figure.dotrows import BESIDE, Dot, DotRow, draw_dot_rows, row_heights
from eaesim.workbench.figure.page import DOUBLE, MARGIN, Page, head

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The most mechanisms that are drawn side by side, and the layout in millimetres.
MOST = 4
WORDS, GAP, RIGHT, BELOW = 62.0, 4.0, 4.0, 9.0
# A smaller effect, in percent, becomes an arrow.
WEAKEST = -50.0


def figure(result: DrugMechanisms) -> Figure:
    """Draw the effect in every trial, one panel for each mechanism."""
    single = tuple(name for name in result.mechanisms if "+" not in name)
    names = (single or result.mechanisms)[:MOST]
    table = result.table()
    table[["predicted", "low", "high"]] *= 100
    by_name = {name: table[table["mechanism"] == name] for name in names}
    columns = ["trial", "predicted", "low", "high"]
    rows = {
        name: [DotRow(trial, (Dot(*ends),)) for trial, *ends in own[columns].itertuples(index=False)]
        for name, own in by_name.items()
    }
    room = (DOUBLE - 2 * MARGIN - WORDS - BESIDE - RIGHT - GAP * (len(names) - 1)) / len(names)
    titles = {name: _title_of(result, name) for name in names}
    heads = max(head(*titles[name], room) for name in names)
    tall = sum(row_heights(rows[names[0]], WORDS))
    ends = [float(value) for value in table[["predicted", "low"]].to_numpy().ravel() if math.isfinite(value)]
    limits = max(min([-4.0, *ends]), WEAKEST) - 1.0, 104.0
    left_out = len(result.mechanisms) - len(names)
    page, top = Page.around(
        DOUBLE,
        heads + tall + BELOW,
        title=_title(result, names),
        footer=(
            f"Prediction; {result.members} parameter sets, {result.request.animals} rats in each; lines hold "
            f"90 % of the sets.{f' {left_out} more: predictions.csv.' if left_out else ''}"
        ),
        alt=(
            f"Dots with intervals: effect of {load_drug(result.request.drug).title} in {len(result.trials)} "
            f"trials under {', '.join(names)}. All is prediction."
        ),
    )
    for number, name in enumerate(names):
        left = MARGIN + WORDS + BESIDE + number * (room + GAP)
        page.panel("abcd"[number], *titles[name], left=left, top=top, width=room)
        axes = draw_dot_rows(
            page,
            rows[name],
            left=left if number else MARGIN,
            top=top + heads,
            words=WORDS,
            width=room,
            limits=limits,
            axis="prevented (%)",
            reference=0.0,
            has_words=not number,
        )
        axes.set_xticks([tick for tick in (-50, 0, 50, 100) if tick >= axes.get_xlim()[0]])
    return page.figure


def _title_of(result: DrugMechanisms, name: str) -> tuple[str, str]:
    own = load_drug(result.request.drug).mechanisms
    return name, own[name].title if name in own else ""


def _title(result: DrugMechanisms, names: tuple[str, ...]) -> str:
    table = result.table()
    drawn = table[table["mechanism"].isin(names)].dropna(subset="predicted").sort_values("predicted")
    if not len(drawn):
        return "Untreated rats show nothing to prevent"
    best = drawn.to_dict("records")[-1]
    return f"{best['mechanism']} prevents the most: {100 * best['predicted']:.0f} %"
