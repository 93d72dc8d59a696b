"""The figure of the ablation: by what factor the published data are less likely without each part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eaesim.evidence import finding
from eaesim.evidence.judge import AGREES
from eaesim.model.structure import DECIDED, Part
from eaesim.questions.ablation.answer import Ablation
from eaesim.workbench.figure.dotrows import Dot, DotRow, draw_dot_rows, row_heights
from eaesim.workbench.figure.page import (
    DOUBLE,
    INK,
    IVIG,
    MARGIN,
    MARKER,
    RULE,
    RULES,
    SMALLEST,
    TEXT,
    Page,
    length,
)
from eaesim.workbench.figure.words import finding_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The layout, in millimetres: the words of a part, the axes, and what fits worse without it.
WORDS, WIDTH, SAID, BELOW, RULED = 58.0, 52.0, 58.0, 9.0, 2.5
# In the order in which they are kept where there is room.
_TICKS = {1.0: "1", DECIDED: f"{DECIDED:g}", 1 / DECIDED: f"1/{DECIDED:g}"}
_TICKS |= {10.0**power: f"{10**power:,}" for power in range(1, 9)} | {0.1: "1/10", 0.01: "1/100"}
# Beyond these ends a mark becomes an arrow.
_LEAST, _MOST = 0.01, 1e4


def figure(found: Ablation) -> Figure:
    """Draw by what factor the published data are less likely without each part of the model.

    One row per part: the mean over the chains of the fit, and the least and the greatest chain. A set that
    holds several of the other parts is drawn below a rule.
    """
    parts = found.parts
    # Parts that hold several of the others.
    sets = [one for one in parts if sum(other.held.items() <= one.held.items() for other in parts) > 2]
    groups = [group for group in ([one for one in parts if one not in sets], sets) if group]
    rows = [[_row(part) for part in group] for group in groups]
    heights = [sum(row_heights(each, WORDS, SAID)) for each in rows]
    single = groups[0]
    supported = sum(part.verdict == AGREES for part in single)
    title = f"Published data support {supported} of {len(single)} parts of the model"
    page, top = Page.around(
        DOUBLE,
        4.0 + sum(heights) + RULED * (len(groups) - 1) + BELOW,
        title=title,
        footer=(
            f"Small dots: least and greatest chain of the fit; large: mean, filled where all chains exceed "
            f"{DECIDED:g}. Grey: a factor below {DECIDED:g}."
        ),
        alt=_alt(parts, title),
    )
    limits = _limits(parts)
    at = MARGIN + WORDS + WIDTH + 4.0
    page.write("fits worse without it", at, top, size=SMALLEST, weight="bold")
    top += 4.0
    for number, (group, height) in enumerate(zip(rows, heights, strict=True)):
        is_last = number == len(rows) - 1
        if number:
            _rule(page, top + RULED / 2)
            top += RULED
        axes = draw_dot_rows(
            page,
            group,
            left=MARGIN,
            top=top,
            words=WORDS,
            width=WIDTH,
            said=SAID,
            limits=limits,
            axis="times less likely without the part" if is_last else "",
            is_log=True,
            zone=(1 / DECIDED, DECIDED),
            reference=1.0,
        )
        ticks = _ticks(limits)
        axes.set_xticks(list(ticks), list(ticks.values()) if is_last else [""] * len(ticks))
        axes.spines["bottom"].set_visible(is_last)
        if not is_last:
            axes.tick_params(length=0)
        top += height
    return page.figure


def _ticks(limits: tuple[float, float]) -> dict[float, str]:
    """Return the ticks on the axis whose labels do not meet."""
    scale = WIDTH / math.log(limits[1] / limits[0])
    kept: dict[float, str] = {}
    for tick, label in _TICKS.items():
        is_free = all(
            abs(math.log(tick / other)) * scale > (length(label, TEXT) + length(said, TEXT)) / 2 + 0.5
            for other, said in kept.items()
        )
        if is_free and limits[0] <= tick <= limits[1]:
            kept[tick] = label
    return kept


def _rule(page: Page, top: float) -> None:
    from matplotlib.lines import Line2D

    ends, height = [MARGIN / DOUBLE, 1 - MARGIN / DOUBLE], 1 - top / page.height
    page.figure.add_artist(Line2D(ends, [height] * 2, color=RULES, linewidth=RULE))


def _row(part: Part) -> DotRow:
    """Return the row of a part; at its right the findings that fit worse without it, in words."""
    mean, least, most = (math.exp(-value) for value in (part.log_evidence, part.high, part.low))
    is_supported = part.verdict == AGREES
    dots = (
        Dot(least, colour=INK, size=2.0),
        Dot(most, colour=INK, size=2.0),
        Dot(mean, colour=IVIG, size=MARKER + 0.5, is_filled=is_supported),
    )
    # Ids of one row whose readings differ only in what the words leave out are written once.
    said = dict.fromkeys(_words(title) for title in part.suffers)
    return DotRow(part.title, dots, "; ".join(said))


def _words(title: str) -> str:
    return title if title.startswith("assumed") else finding_words(finding(title))


def _limits(parts: Sequence[Part]) -> tuple[float, float]:
    ends = [math.exp(-value) for part in parts for value in (part.low, part.high)]
    low, high = min([1 / (2 * DECIDED), *ends]), max([2 * DECIDED, *ends])
    return max(low / 1.3, _LEAST), min(high * 1.3, _MOST)


def _alt(parts: Sequence[Part], title: str) -> str:
    best = min(parts, key=lambda part: part.log_evidence)
    factor = math.exp(-best.log_evidence)
    times = f"{factor:.0f}" if factor < _MOST else f"more than {_MOST:,.0f}"
    return (
        f"Dots, one row per part of the model; across: factor, on a logarithmic axis, by which the published "
        f"data are less likely without it. {title}; most of all: {best.title}, "
        f"{times} times."
    )
