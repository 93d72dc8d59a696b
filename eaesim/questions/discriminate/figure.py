"""The figure of experiments that would tell mechanisms apart: what each tells, and what is predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints import Floats, endpoint
from eaesim.questions.discriminate.information import MOST_ANIMALS, SURE
from eaesim.questions.discriminate.result import ANIMALS_PER_ARM, PAIRS, RANKED, DiscriminationResult
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
    tag_prediction,
    wrap,
    write,
)
from eaesim.workbench.figure.words import mechanism_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The layout, in inches.
EDGE, NAME_LEFT, LEFT, BARS_WIDTH, GAP, NEEDED, EFFECTS_WIDTH, RIGHT = (
    0.12,
    0.25,
    3.4,
    2.6,
    0.3,
    1.3,
    4.2,
    0.3,
)
HEAD, TAG_HEIGHT, ABOVE, ROW, BELOW = 0.42, 0.3, 0.42, 0.42, 0.6
# Gap before the designs that repeat published experiments, in rows.
APART = 0.8
WIDTH = LEFT + BARS_WIDTH + NEEDED + GAP + EFFECTS_WIDTH + RIGHT
# A weaker effect is drawn at the edge: untreated rats were hardly ill.
WEAKEST = -0.5
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_NUMBERS = {ANIMALS_PER_ARM[0]: "|", ANIMALS_PER_ARM[-1]: "D"}


def figure(result: DiscriminationResult) -> Figure:
    """Draw what each experiment is expected to tell, the most informative first.

    At the left bits with 10 animals per arm, marks for 5 and 20, and the animals needed to tell pairs apart;
    at the right the effect that each mechanism predicts. Repeats of published experiments are listed apart.
    """
    rows, places = _rows(result)
    height = ROW * (places[-1] + 1)
    top = EDGE + HEAD + TAG_HEIGHT + ABOVE
    entries = _entries(result)
    bottom = top + height + BELOW
    note = bottom + legend_height(entries, WIDTH - NAME_LEFT)
    footer = wrap(_footer(result), WIDTH - NAME_LEFT - RIGHT)
    page = sheet(WIDTH, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    title = f"What would tell {len(result.mechanisms)} mechanisms apart"
    write(page, title, left=NAME_LEFT, top=EDGE, size=TITLE, weight="bold")
    write(page, result.sentence(), left=NAME_LEFT, top=EDGE + 0.19, size=TEXT)
    if rows["prediction"].any():
        tag_prediction(page, left=NAME_LEFT, top=EDGE + HEAD)
    bars = add_axes(page, left=LEFT, top=top, width=BARS_WIDTH, height=height)
    _draw_bits(bars, result, rows, places)
    _write_needed(bars, rows, places)
    _write_apart(page, rows, places, top=top)
    left = LEFT + BARS_WIDTH + NEEDED + GAP
    effects = add_axes(page, left=left, top=top, width=EFFECTS_WIDTH, height=height)
    _draw_effects(effects, result, rows, places)
    for axes in (bars, effects):
        axes.set_ylim(places[-1] + 0.5, -0.5)
    add_legend(page, entries, left=NAME_LEFT, top=bottom)
    write(page, footer, left=NAME_LEFT, top=note, color=NOTE)
    return page


def _rows(result: DiscriminationResult) -> tuple[pd.DataFrame, Floats]:
    """Return the designs as they are drawn, and where: those that repeat something a little apart."""
    import pandas as pd

    ranked, repeated = result.ranked(), result.repeated()
    rows = pd.concat([part for part in (ranked, repeated) if len(part)], ignore_index=True)
    apart = (np.arange(len(rows)) >= len(ranked)) * (APART if len(repeated) else 0.0)
    return rows, np.arange(len(rows)) + apart


def _write_apart(figure: Figure, rows: pd.DataFrame, places: Floats, *, top: float) -> None:
    """Say above the designs that repeat something what they are."""
    first = places[(~rows["prediction"]).to_numpy()]
    if len(first):
        text = "Repeats of published experiments, not ranked"
        write(figure, text, left=NAME_LEFT, top=top + ROW * first[0] - 0.14, size=SMALL, weight="bold")


def _draw_bits(axes: Axes, result: DiscriminationResult, rows: pd.DataFrame, places: Floats) -> None:
    """Draw one bar per experiment, and a mark for fewer and for more animals."""
    axes.barh(places, rows["bits"], 0.5, color=COLOURS[5], label=f"{RANKED}")
    for animals, marker in _NUMBERS.items():
        table = result.table()
        others = table[table["animals_per_arm"] == animals].set_index("design")["bits"]
        bits = others.loc[rows["design"]].to_numpy()
        size = 11 if marker == "|" else 5
        axes.plot(
            bits, places, marker, color=INK, markersize=size, markerfacecolor="white", label=f"{animals}"
        )
    labels = [_label(row) for _, row in rows.iterrows()]
    axes.set_yticks(places, labels, fontsize=SMALL, linespacing=1.15)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(left=0)
    most = np.log2(len(result.mechanisms))
    axes.set_xlabel(f"expected information, bits (all: {most:.2g})", fontsize=TEXT)


def _label(row: pd.Series[Any]) -> str:
    rows = dict.fromkeys(identity.partition(".")[0] for identity in row["finding"].split(", "))
    done = f" [{', '.join(rows)}]" if row["finding"] else ""
    return f"{wrap(row['title'] + done, LEFT - EDGE)}\n{row['given']}; {endpoint(row['endpoint']).title}"


def _write_needed(axes: Axes, rows: pd.DataFrame, places: Floats) -> None:
    """Write next to the bars how many animals per arm tell a pair apart."""
    across = axes.get_yaxis_transform()
    for number, pair in enumerate(PAIRS):
        column = f"animals_{'_'.join(pair)}"
        if column not in rows:
            continue
        at = 1 + (0.3 + 0.65 * number) / BARS_WIDTH
        heading = f"{pair[0]} or\n{pair[1]}"
        axes.text(
            at, -0.6, heading, transform=across, fontsize=SMALL, ha="center", va="bottom", weight="bold"
        )
        for place, needed in zip(places, rows[column], strict=True):
            text = f">{MOST_ANIMALS}" if np.isnan(needed) else f"{needed:.0f}"
            colour = PALE if np.isnan(needed) else INK
            axes.text(
                at, place, text, transform=across, fontsize=TEXT, ha="center", va="center", color=colour
            )


def _draw_effects(axes: Axes, result: DiscriminationResult, rows: pd.DataFrame, places: Floats) -> None:
    """Draw the effect in the median parameter set under each mechanism, one below the other."""
    count = len(result.mechanisms)
    for place in places:
        axes.axhspan(place - 0.47, place + 0.47, color="#f6f6f6", linewidth=0, zorder=0)
    axes.axvline(0, color=PALE, linewidth=0.8, zorder=1)
    offsets = (np.arange(count) - (count - 1) / 2) * 0.8 / count
    for number, name in enumerate(result.mechanisms):
        colour, marker = _look(number)
        effect = rows[f"effect_{name}"].clip(lower=WEAKEST)
        axes.plot(
            effect,
            places + offsets[number],
            marker,
            color=colour,
            markersize=4.2,
            label=name,
            zorder=3,
            clip_on=False,
        )
    axes.set_yticks([])
    axes.set_xlim(WEAKEST - 0.03, 1.03)
    axes.set_xlabel("predicted effect: 1 - treated / untreated, median set", fontsize=TEXT)


def _look(number: int) -> tuple[str, str]:
    """Return colour and marker of a mechanism; together they differ between all."""
    return (*COLOURS, INK)[number % (len(COLOURS) + 1)], _MARKERS[number % len(_MARKERS)]


def _entries(result: DiscriminationResult) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    few, many = _NUMBERS
    white: dict[str, Any] = {"color": INK, "linestyle": "none", "markerfacecolor": "white"}
    entries: list[tuple[Artist, str]] = [
        (Patch(color=COLOURS[5]), f"{RANKED} animals per arm"),
        (Line2D([], [], marker=_NUMBERS[few], markersize=11, **white), f"{few} an arm"),
        (Line2D([], [], marker=_NUMBERS[many], markersize=5, **white), f"{many} an arm"),
    ]
    for number, name in enumerate(result.mechanisms):
        colour, marker = _look(number)
        mark = Line2D([], [], color=colour, marker=marker, markersize=4.5, linestyle="none")
        entries.append((mark, mechanism_words(name)))
    return entries


def _footer(result: DiscriminationResult) -> str:
    asked = result.request
    prior = "equally probable" if asked.prior == "equal" else "as probable as the published rows make them"
    rivals = ", ".join(result.rivals) or "none"
    parts = [
        f"Model: {result.members} parameter sets, {asked.animals} rats in each population; "
        f"mechanisms are {prior} a priori. Next to the bars: animals per arm until the true one of two is "
        f"expected to be more probable than {SURE}. Mechanisms that disagree with no finding: "
        f"{rivals}. Effects below {WEAKEST} are drawn at the edge. In brackets: the published findings that "
        "would be repeated.",
        *(note[0].upper() + note[1:] for note in result.notes()),
    ]
    return " ".join(parts).replace("-0.5", "\N{MINUS SIGN}0.5")
