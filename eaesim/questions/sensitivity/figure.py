"""The sensitivity figure: for each output the unknowns with the largest index, on one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import endpoint
from eaesim.model.parameter_file import parameter_words
from eaesim.protocol.quantity import number_text
from eaesim.questions.sensitivity.plan import Output, SensitivityPlan
from eaesim.questions.sensitivity.tables import settled
from eaesim.workbench.figure.dosing import is_prediction
from eaesim.workbench.figure.page import (
    INK,
    IVIG,
    MARGIN,
    OTHER_DRUG,
    RULES,
    SINGLE,
    SMALLEST,
    WHISKER,
    Page,
    fit,
    head,
    line,
)
from eaesim.workbench.figure.words import changes_words, rat_words, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from eaesim.questions.sensitivity.answer import Sensitivity

# So many unknowns are drawn of an output; more outputs do not fit on a page.
TOP, MOST_OUTPUTS = 8, 3
# An output that no unknown moves by more than this share of the longest bar is a line of text.
LITTLE = 0.1
BELOW, GAP = 8.5, 3.0
LETTERS = "abc"
#: Millimetres: the names, the numbers beside the axes, between rows.
NAMES, NUMBERS, BETWEEN = 39.0, 8.0, 1.4
_BAR = 2.4


def figure(result: Sensitivity) -> Figure:
    """Draw a bar for each of the first eight unknowns of every output; those in one unit share an axis.

    An output that nothing moves is one line of text.
    """
    plan = result.plan
    outputs = plan.outputs[:MOST_OUTPUTS]
    bars = {output: _bars(result, output) for output in outputs}
    ends = {_unit(plan, output): 0.0 for output in outputs}
    for output in outputs:
        own = [one.high if math.isfinite(one.high) else one.value for one in bars[output]]
        ends[_unit(plan, output)] = max([ends[_unit(plan, output)], *own])
    little = {
        output: _little(result, output, ends[_unit(plan, output)], alone=len(outputs) == 1)
        for output in outputs
    }
    names = {output: _name(result, output, little[output], bars[output]) for output in outputs}
    width = SINGLE - 2 * MARGIN
    heights = [
        head(*names[output], width) + (0.0 if little[output] else tornado_height(bars[output]) + BELOW)
        for output in outputs
    ]
    page, top = Page.around(
        SINGLE,
        sum(heights) + GAP * (len(outputs) - 1),
        title=_title(result, little),
        footer=_footer(result),
        alt=_alt(result, bars, little),
    )
    for place, (output, height) in enumerate(zip(outputs, heights, strict=True)):
        letter = LETTERS[place] if len(outputs) > 1 else ""
        page.panel(letter, *names[output], left=MARGIN, top=top, width=width)
        start = top + head(*names[output], width)
        if not little[output]:
            axes = draw_tornado(page, bars[output], top=start, end=1.04 * ends[_unit(plan, output)])
            axes.set_xlabel(_unit(plan, output))
        top += height + GAP
    return page.figure


def _bars(result: Sensitivity, output: Output) -> list[Bar]:
    """Return the unknowns with the largest index, each in the colour of its group."""
    plan, leading = result.plan, result.plan.way.leading
    return [
        Bar(
            _words(plan, row["parameter"]),
            row[leading],
            row[f"{leading}_low"],
            row[f"{leading}_high"],
            _colour(plan, row["parameter"]),
        )
        for _, row in result.first(output, TOP).iterrows()
    ]


def _words(plan: SensitivityPlan, name: str) -> str:
    factor = next(each for each in plan.factors if each.name == name)
    if factor.path.parameter:
        return parameter_words(name)
    keys = [str(key) for key in factor.path.keys]
    return f"{'dosing day' if keys[-1] == 'day' else keys[-1]} ({keys[1]})" if keys[0] == "arm" else keys[-1]


def _colour(plan: SensitivityPlan, name: str) -> str:
    entry = plan.study.rat.entries.get(name)
    if entry is None:
        return OTHER_DRUG
    return IVIG if entry.kind == "drug" else RULES


def _unit(plan: SensitivityPlan, output: Output) -> str:
    """Return the name of the axis."""
    if plan.request.method == "sobol":
        return "share of the variance"
    what = "share of the control" if output.relative else endpoint(output.endpoint).unit
    return f"change over its range ({what})"


def _little(result: Sensitivity, output: Output, end: float, *, alone: bool) -> str:
    """Return a sentence on an output that nothing moves; empty of others."""
    rows, leading = result.first(output, TOP), result.plan.way.leading
    if not len(rows):
        return "No unknown moves it at all."
    highest = float(np.nanmax(rows[[leading, f"{leading}_high"]].to_numpy(float)))
    if alone or highest > LITTLE * end:
        return ""
    return f"No unknown moves it by more than {math.ceil(100 * highest) / 100:.2f}."


def output_words(plan: SensitivityPlan, output: Output) -> str:
    """Return what an output is, in words."""
    title = endpoint(output.endpoint).title
    if output.against is None:
        return f"{title}: {output.arm}"
    if output.against == plan.study.design.control:
        return f'effect of "{output.arm}" on the {title}'
    return f'effect of "{output.arm}" beyond "{output.against}" on the {title}'


def _name(result: Sensitivity, output: Output, little: str, bars: list[Bar]) -> tuple[str, str]:
    tag = ": PREDICTION" if is_prediction(result.plan.study) else ""
    agreement = result.agreement(output)
    order = (
        "" if settled(agreement) else f"; order not settled: halves of the sample agree by {agreement:.2f}"
    )
    text = output_words(result.plan, output)
    return (
        f"{sentence_case(text)}{tag}",
        little or f"{_groups(bars)}; lines: 95 % over {result.plan.way.size}{order}",
    )


def _groups(bars: list[Bar]) -> str:
    """Return what the colours of bars mean."""
    meaning = {IVIG: "blue: drug", RULES: "grey: disease", OTHER_DRUG: "brown: design"}
    return ", ".join(words for colour, words in meaning.items() if any(one.colour == colour for one in bars))


def _title(result: Sensitivity, little: dict[Output, str]) -> str:
    """Return the finding: that nothing moves an output, or what moves the first most."""
    plan, first = result.plan, result.plan.outputs[0]
    for output, text in little.items():
        if text:
            who = f'the effect of "{output.arm}"' if output.against else f'"{output.arm}"'
            return text.removesuffix(".").replace(" it ", f" {who} ")
    rows = result.first(first, 1)
    if not settled(result.agreement(first)) or not len(rows):
        return "Which unknown matters most is not settled"
    name = _words(plan, rows["parameter"].iloc[0])
    return f"{sentence_case(name)} matters most"


def _alt(result: Sensitivity, bars: dict[Output, list[Bar]], little: dict[Output, str]) -> str:
    parts = []
    for output, own in bars.items():
        said = little[output] or ", ".join(f"{one.name} {one.value:.2f}" for one in own[:4]) + "."
        parts.append(f"{output_words(result.plan, output)}. {said}")
    tag = " A prediction." if is_prediction(result.plan.study) else ""
    return f"Bars of influence of the first unknowns. {' '.join(parts)}{tag}"


def _footer(result: Sensitivity) -> str:
    plan = result.plan
    left = len(plan.outputs) - MOST_OUTPUTS
    parts = [
        f"{rat_words(plan.study.rat)}, {plan.study.design.mechanism}, {len(plan.factors)} unknowns, "
        f"{plan.samples:,} sets of values, {number_text(plan.request.animals)} rats each, "
        f"seed {plan.request.seed}.",
        changes_words(plan.study.rat),
        f"{left} more outputs are in the table." if left > 0 else "",
    ]
    return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes
    ----------
    name
        In words.
    value, low, high
        Its length, and its 95 % interval.
    colour
        By group.
    """

    name: str
    value: float
    low: float
    high: float
    colour: str


def tornado_height(bars: Sequence[Bar]) -> float:
    """Return the millimetres of the axes of `draw_tornado`."""
    return sum(map(_height, bars))


def draw_tornado(page: Page, bars: Sequence[Bar], *, top: float, end: float) -> Axes:
    """Draw bars on an axis from 0 to an end, names at the left and values at the right of it.

    Examples
    --------
    >>> page = Page(SINGLE, 40, title="Entry decides", footer="H1a", alt="Bars.")
    >>> axes = draw_tornado(page, [Bar("entry", 0.9, 0.6, 1.1, INK)], top=12, end=1.2)
    >>> float(axes.get_xlim()[0])
    0.0
    """
    width = SINGLE - 2 * MARGIN - NAMES - NUMBERS
    axes = page.axes(left=MARGIN + NAMES, top=top, width=width, height=tornado_height(bars))
    axes.set_xlim(0, end)
    axes.set_ylim(tornado_height(bars), 0)
    axes.set_yticks([])
    bottoms = np.cumsum([_height(one) for one in bars])
    for one, bottom in zip(bars, bottoms, strict=True):
        middle = bottom - _height(one) / 2
        axes.barh([middle], [one.value], height=_BAR, color=one.colour, linewidth=0, zorder=2)
        if np.isfinite(one.low) and np.isfinite(one.high):
            axes.plot([max(one.low, 0.0), one.high], [middle] * 2, color=INK, linewidth=WHISKER, zorder=3)
        name = fit(one.name, NAMES - 2, SMALLEST)
        page.write(name, MARGIN + NAMES - 1.5, top + middle, size=SMALLEST, ha="right", va="center")
        page.write(f"{one.value:.2f}", SINGLE - MARGIN, top + middle, size=SMALLEST, ha="right", va="center")
    return axes


def _height(bar: Bar) -> float:
    return line(SMALLEST) * (fit(bar.name, NAMES - 2, SMALLEST).count("\n") + 1) + BETWEEN
