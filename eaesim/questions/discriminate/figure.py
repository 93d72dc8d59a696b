"""The figure of experiments that would tell mechanisms apart: chance by sample size, predicted effects."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import endpoint
from eaesim.questions.discriminate.result import MOST_ANIMALS, RANKED, SURE, DiscriminationResult
from eaesim.workbench.figure.dotrows import BESIDE, Dot, DotRow, draw_dot_rows, row_heights
from eaesim.workbench.figure.page import (
    DOUBLE,
    HEAD,
    INK,
    IVIG,
    MARGIN,
    MEAN,
    OF_SETS,
    QUIET,
    RULE,
    RULES,
    SECOND,
    SMALLEST,
    Dash,
    Page,
    head,
    line,
)
from eaesim.workbench.figure.words import mechanism_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The most designs, and pairs, that are drawn.
MOST = 3
SIZES = (2, 3, 4, 5, 7, 10, 14, 20, 28, 38, MOST_ANIMALS)
# The layout, in millimetres: left of axes and between them, below them, their height, and words of rows.
LEFT, GAP, RIGHT, BELOW, TALL, WORDS = 11.0, 4.0, 4.0, 9.0, 36.0, 44.0
DASHES: tuple[Dash, ...] = ("-", (0, (4, 1.5)), (0, (1.2, 1)))
LETTERS = "abcdef"
# A smaller effect, in percent, becomes an arrow.
WEAKEST = -50.0


def figure(result: DiscriminationResult) -> Figure:
    """Draw how surely the best designs tell pairs of mechanisms apart, and what each mechanism predicts.

    Above, for each pair that is open, the chance to name the right one against the animals per arm; the
    design that is the best for the pair in blue. Below, the effect under every mechanism in these designs.
    Designs that repeat a published experiment are not drawn.
    """
    pairs, places = _pairs(result), _places(result)
    designs = [list(result.proposals.values())[place] for place in places]
    columns = (DOUBLE - 2 * MARGIN - GAP * (len(pairs) - 1)) / len(pairs)
    rooms = (DOUBLE - 2 * MARGIN - WORDS - BESIDE - RIGHT - GAP * (len(places) - 1)) / max(len(places), 1)
    names = [(f"{number} {design.title}", design.given) for number, design in enumerate(designs, start=1)]
    heads = max((head(*name, rooms) for name in names), default=0.0)
    rows = [[_row(result, place, name) for name in result.mechanisms] for place in places]
    lower = sum(row_heights(rows[0], WORDS)) if rows else 0.0
    page, top = Page.around(
        DOUBLE,
        HEAD + TALL + BELOW + 3.0 + heads + lower + BELOW + 2.0,
        title=_title(result, pairs),
        footer=(
            f"Prediction; {result.members} parameter sets, {result.request.animals} rats in each, seed "
            f"{result.request.seed}. 50 % is a guess. Lines below: {OF_SETS}."
        ),
        alt=_alt(result, pairs),
    )
    for number, pair in enumerate(pairs):
        left = MARGIN + number * (columns + GAP)
        said = "blue: the best design" if len(places) > 1 else ""
        page.panel(LETTERS[number], f"{pair[0]} or {pair[1]}?", said, left=left, top=top, width=columns)
        _draw_chance(
            page, result, pair, places, left=left + LEFT, top=top + HEAD, width=columns - LEFT - RIGHT
        )
    top += HEAD + TALL + BELOW + 3.0
    for number, (name, own) in enumerate(zip(names, rows, strict=True)):
        left = MARGIN + WORDS + BESIDE + number * (rooms + GAP)
        page.panel(LETTERS[len(pairs) + number], *name, left=left, top=top, width=rooms)
        values = [
            end for row in own for dot in row.dots for end in (dot.value, dot.low) if math.isfinite(end)
        ]
        axes = draw_dot_rows(
            page,
            own,
            left=left if number else MARGIN,
            top=top + heads,
            words=WORDS,
            width=rooms,
            limits=(max(min([-4.0, *values]), WEAKEST) - 1.0, 104.0),
            axis=_axis(designs[number].trial.endpoint),
            reference=0.0,
            has_words=not number,
        )
        axes.set_xticks([tick for tick in (-50, 0, 50, 100) if tick >= axes.get_xlim()[0]])
    return page.figure


def _pairs(result: DiscriminationResult) -> list[tuple[str, ...]]:
    """Return the pairs that published experiments leave open, or the first two mechanisms."""
    return list(result.pairs[:MOST]) or [result.mechanisms[:2]]


def _places(result: DiscriminationResult) -> list[int]:
    """Return the unpublished designs that tell most: the best for each pair, then the best of all."""
    names = list(result.proposals)
    ranked = [names.index(name) for name in result.ranked()["design"]]
    best = []
    for pair in _pairs(result):
        chances = {place: result.chance(place, pair, RANKED) for place in ranked}
        known = [place for place in ranked if math.isfinite(chances[place])]
        best += [max(known, key=lambda place: chances[place])] if known else []
    return list(dict.fromkeys([*best, *ranked]))[:MOST]


def _draw_chance(
    page: Page,
    result: DiscriminationResult,
    pair: tuple[str, ...],
    places: list[int],
    *,
    left: float,
    top: float,
    width: float,
) -> None:
    axes = page.axes(left=left, top=top, width=width, height=TALL)
    axes.set_xlim(0, MOST_ANIMALS)
    axes.set_ylim(50, 101)
    axes.set_yticks([50, 60, 70, 80, 90, 100], ["50", "60", "70", "80", "90", "100"])
    axes.set_ylabel("chance to name it (%)")
    axes.set_xlabel("animals per arm")
    axes.axhline(100 * SURE, color=RULES, linewidth=RULE, zorder=1)
    chances = [[100 * result.chance(place, pair, animals) for animals in SIZES] for place in places]
    best = max(range(len(places)), key=lambda number: np.nan_to_num(chances[number]).max(), default=0)
    ends = [max(each[-1], 50.0) for each in chances]
    apart = 51 * line(SMALLEST) / TALL
    lowest = 50.0 - apart
    for number in sorted(range(len(places)), key=lambda number: ends[number]):
        if not math.isfinite(ends[number]):
            continue
        is_best = number == best
        axes.plot(
            SIZES,
            np.maximum(chances[number], 50.0),
            color=IVIG if is_best else QUIET,
            linestyle=DASHES[number],
            linewidth=MEAN if is_best else SECOND,
            zorder=3 if is_best else 2,
        )
        lowest = max(ends[number], lowest + apart)
        across = axes.get_yaxis_transform()
        axes.text(1.02, lowest, f"{number + 1}", transform=across, fontsize=SMALLEST, va="center", color=INK)
    needed = result.table().get(f"animals_{'_'.join(pair)}")
    if needed is not None and places:
        design = list(result.proposals)[places[best]]
        count = float(needed[result.table()["design"] == design].iloc[0])
        text = (
            f"design {best + 1}: {count:.0f} animals" if math.isfinite(count) else f"not with {MOST_ANIMALS}"
        )
        axes.text(MOST_ANIMALS, 100 * SURE + 0.5, text, fontsize=SMALLEST, ha="right", va="bottom")


def _row(result: DiscriminationResult, place: int, name: str) -> DotRow:
    """Return the effect under one mechanism, with its range over parameter sets, in percent."""
    draws = 100 * result.effects[place, result.mechanisms.index(name)]
    known = draws[np.isfinite(draws)]
    if not len(known):
        return DotRow(mechanism_words(name), (Dot(math.nan),))
    low, middle, high = np.quantile(known, [0.025, 0.5, 0.975])
    several = len(known) > 1
    dot = Dot(float(middle), *((float(low), float(high)) if several else ()))
    return DotRow(mechanism_words(name), (dot,))


def _axis(name: str) -> str:
    found = endpoint(name)
    title = found.title.partition(",")[0].partition(" of the relapse")[0]
    return f"{title}\n{'reduced' if found.unit == 'day' else 'prevented'} (%)"


def _needed(result: DiscriminationResult, pair: tuple[str, ...]) -> float:
    """Return the fewest animals per arm with which an unpublished design tells a pair apart."""
    column = f"animals_{'_'.join(pair)}"
    table = result.table()
    return float(table.loc[table["prediction"], column].min()) if column in table else math.nan


def _title(result: DiscriminationResult, pairs: list[tuple[str, ...]]) -> str:
    needed = {pair: _needed(result, pair) for pair in pairs}
    told = [pair for pair in pairs if math.isfinite(needed[pair])]
    left = [pair for pair in pairs if pair not in told]
    if not told:
        return f"{MOST_ANIMALS} rats per arm do not tell {left[0][0]} from {left[0][1]}"
    first = told[0]
    said = f"{needed[first]:.0f} rats per arm tell {first[0]} from {first[1]}"
    other = next((pair for pair in left if pair[0] == first[0]), None)
    return f"{said}; {MOST_ANIMALS} not from {other[1]}" if other else said


def _alt(result: DiscriminationResult, pairs: list[tuple[str, ...]]) -> str:
    said = []
    for pair in pairs:
        count = _needed(result, pair)
        enough = f"{count:.0f} animals" if math.isfinite(count) else f"over {MOST_ANIMALS} animals"
        said.append(f"{pair[0]} or {pair[1]} {enough}")
    return (
        f"Lines: chance to name the right mechanism of two against animals per arm; {100 * SURE:.0f} % "
        f"takes: {', '.join(said)}. Dots below: predicted effect under {len(result.mechanisms)} mechanisms. "
        "All is prediction."
    )
