"""The figure of competing mechanisms: each of them compared with every finding on treated rats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.evidence import finding, judged_by
from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE, NOT_COMPARABLE
from eaesim.evidence.thresholds import thresholds
from eaesim.questions.mechanisms.result import MechanismsResult
from eaesim.workbench.figure.style import (
    COLOURS,
    INK,
    NOTE,
    NOTE_LINE,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    add_axes,
    add_legend,
    legend_height,
    sheet,
    wrap,
    write,
)
from eaesim.workbench.figure.words import mechanism_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Blue, orange and grey differ for all kinds of colour vision, and in lightness.
VERDICT_COLOURS = {
    AGREES: "#8cc1e3",
    DISAGREES: "#f2a46f",
    INCONCLUSIVE: "#e8e8e8",
    NOT_COMPARABLE: "#ffffff",
}
USES = {"calibrate": "calibrates", "validate": "validates"}
# The layout, in inches.
EDGE, NAME_LEFT, LEFT, CELL, ROW, GAP, BARS_WIDTH, RIGHT = 0.12, 0.25, 3.0, 0.88, 0.36, 0.35, 1.5, 0.55
HEAD, ABOVE, BELOW, BETWEEN = 0.5, 0.72, 0.6, 0.5
_SMALLEST = 6.5


def figure(result: MechanismsResult) -> Figure:
    """Draw the predicted effect of each mechanism on every finding, with its verdict, and its score.

    Single mechanisms come first, then the pairs that disagree with no finding; each by its score.
    """
    ranking, left_out = _shown(result)
    table = result.table()
    findings = list(dict.fromkeys(table["finding"]))
    breaks = BETWEEN if ranking["single"].nunique() > 1 else 0.0
    across, down = CELL * len(findings), ROW * len(ranking) + breaks * ROW
    width = LEFT + across + GAP + BARS_WIDTH + RIGHT
    top = EDGE + HEAD + ABOVE
    entries = _entries(table)
    bottom = top + down + BELOW
    note = bottom + legend_height(entries, width - NAME_LEFT)
    footer = wrap(_footer(result, left_out), width - NAME_LEFT - RIGHT)
    page = sheet(width, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    write(page, "Mechanisms and findings", left=NAME_LEFT, top=EDGE, size=TITLE, weight="bold")
    text = "predicted effect: 1 - treated / untreated, median and 90 % interval over parameter sets"
    write(page, text, left=NAME_LEFT, top=EDGE + 0.19, size=TEXT)
    places = _places(ranking)
    grid = add_axes(page, left=LEFT, top=top, width=across, height=down)
    _draw_grid(grid, table, findings, ranking, places)
    bars = add_axes(page, left=LEFT + across + GAP, top=top, width=BARS_WIDTH, height=down)
    _draw_scores(bars, ranking, places)
    for axes in (grid, bars):
        axes.set_ylim(places[-1] + 0.5, -0.5)
    add_legend(page, entries, left=NAME_LEFT, top=bottom)
    write(page, footer, left=NAME_LEFT, top=note, color=NOTE)
    return page


def _shown(result: MechanismsResult) -> tuple[pd.DataFrame, int]:
    """Return the mechanisms that are drawn, singles first, and how many pairs are not."""
    ranking = result.ranking()
    ranking["single"] = ~ranking["mechanism"].str.contains("+", regex=False)
    kept = ranking[ranking["single"] | (ranking[DISAGREES] == 0)]
    kept = kept if len(kept) else ranking
    ordered = kept.sort_values(["single", "score"], ascending=False, kind="stable", ignore_index=True)
    return ordered, len(ranking) - len(kept)


def _places(ranking: pd.DataFrame) -> list[float]:
    """Return the position of each mechanism; pairs are set a little apart."""
    mixed = ranking["single"].nunique() > 1
    return [row + (BETWEEN if mixed and not single else 0.0) for row, single in enumerate(ranking["single"])]


def _draw_grid(
    axes: Axes, table: pd.DataFrame, findings: list[str], ranking: pd.DataFrame, places: list[float]
) -> None:
    """Draw a cell for every mechanism and finding, coloured by its verdict."""
    from matplotlib.patches import Rectangle

    axes.set_xlim(-0.5, len(findings) - 0.5)
    rows = table.set_index(["mechanism", "finding"])
    for place, mechanism in zip(places, ranking["mechanism"], strict=True):
        for column, identity in enumerate(findings):
            row = rows.loc[(mechanism, identity)]
            axes.add_patch(
                Rectangle(
                    (column - 0.48, place - 0.46),
                    0.96,
                    0.92,
                    facecolor=VERDICT_COLOURS[str(row["verdict"])],
                    edgecolor="none",
                )
            )
            _write_effect(axes, column, place, row)
    axes.set_yticks(places, [mechanism_words(name) for name in ranking["mechanism"]], fontsize=SMALL)
    axes.set_xticks(range(len(findings)), [_heading(identity) for identity in findings], fontsize=SMALL)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


def _write_effect(axes: Axes, column: int, place: float, row: pd.Series[Any]) -> None:
    if np.isnan(row["predicted"]):
        axes.text(column, place, "no value", ha="center", va="center", fontsize=_SMALLEST, color=INK)
        return
    middle = _number(row["predicted"])
    if not np.isnan(row["share"]):
        middle += f" ({100 * row['share']:.0f} %)"
    axes.text(column, place - 0.17, middle, ha="center", va="center", fontsize=SMALL)
    interval = f"{_number(row['low'])} to {_number(row['high'])}"
    axes.text(column, place + 0.22, interval, ha="center", va="center", fontsize=_SMALLEST, color=INK)


def _number(value: float) -> str:
    """Return an effect with two decimals; one that is far off says no more than that."""
    if value < -9.99:
        return "<-10"
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")


def _heading(identity: str) -> str:
    """Return the id of a finding, what was found, and whether it calibrates or validates."""
    row = finding(identity)
    name, _, what = identity.partition(".")
    found = f"{row.ratio:.2g} of control" if row.ratio is not None else (row.direction or row.words)
    found = "no difference" if found == "none" else found
    what = what if judged_by(row) == "effect" else "share ill"
    what = what.replace("_", " ").replace("cns inflammation peak", "inflammation").replace(" end", "")
    return "\n".join((name, what, found, USES.get(row.use, row.use)))


def _draw_scores(axes: Axes, ranking: pd.DataFrame, places: list[float]) -> None:
    """Draw the score of each mechanism below that of the best."""
    behind = ranking["score"].to_numpy(dtype=float) - float(ranking["score"].max())
    axes.barh(places, behind, 0.62, color=COLOURS[0])
    for place, value in zip(places, behind, strict=True):
        text = f"{value + 0.0:.1f}".replace("-", "\N{MINUS SIGN}")
        axes.annotate(text, (0, place), (4, 0), textcoords="offset points", va="center", fontsize=SMALL)
    axes.set_xlim(min(float(behind.min()), -1.0), 0)
    axes.axvline(0, color=PALE, linewidth=0.8)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("score below the best\n(natural logarithm)", fontsize=TEXT)


def _entries(table: pd.DataFrame) -> list[tuple[Artist, str]]:
    from matplotlib.patches import Patch

    drawn = set(table["verdict"]) | {AGREES, DISAGREES, INCONCLUSIVE}
    return [
        (Patch(facecolor=colour, edgecolor=PALE), verdict)
        for verdict, colour in VERDICT_COLOURS.items()
        if verdict in drawn
    ]


_RULE = (
    "A1 and E10 have numbers: the {:g} % predictive interval must hold them and not 0. The others are in "
    "words: agrees where {:g} % of the parameter sets or more, disagrees where {:g} % or fewer have the "
    "effect, at least {:g} for lower and within {:g} for no difference; for E11 to E13 the share of rats "
    "ill, at most {:g} (assumed). In brackets: parameter sets on the published side."
)


def _footer(result: MechanismsResult, left_out: int) -> str:
    rule, words = thresholds(), thresholds().words
    ranking = result.ranking()
    passes = list(ranking.loc[ranking["passes"], "mechanism"])
    noun = "pair is" if left_out == 1 else "pairs are"
    parts = [
        f"Model: {result.members} parameter sets, {result.animals} rats in each population. "
        "Each mechanism has its strength from the calibrating findings alone; the score adds their evidence "
        "and how probable the validating ones are.",
        _RULE.format(
            *(100 * level for level in (rule.interval, rule.agree_from, rule.disagree_to)),
            words["lower"].least,
            words["none"].most,
            words["resistant"].most,
        ),
        f"{left_out} {noun} not drawn, as they disagree with findings." if left_out else "",
        f"Agrees with every finding: {', '.join(passes) if passes else 'none'}.",
    ]
    return " ".join(part for part in parts if part)
