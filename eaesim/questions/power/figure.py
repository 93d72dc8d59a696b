"""The figure of a power analysis: power against the number of animals, and the number that is needed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.endpoints import DEAD_RULES
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import unknown_name
from eaesim.proportion import percent
from eaesim.questions.power.needed import FEWEST, Needed
from eaesim.questions.power.plan import MOST, test_of
from eaesim.questions.power.result import PowerResult
from eaesim.workbench.figure.dosing import is_prediction
from eaesim.workbench.figure.dotrows import BESIDE, Dot, DotRow, draw_dot_rows
from eaesim.workbench.figure.lines import Line, draw_lines, label_lines
from eaesim.workbench.figure.marks import draw_value, write_beside
from eaesim.workbench.figure.page import (
    DOUBLE,
    IVIG,
    MARGIN,
    RULE,
    RULES,
    SECOND,
    SINGLE,
    SMALLEST,
    Page,
    head,
)
from eaesim.workbench.figure.words import changes_words, rat_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ARMS = 3
# Millimetres: beside the curve, its axes, the labels of its lines, its height (of three rows less),
# below, between rows.
LEFT, WIDE, LABELS, TALL, LOW, BELOW, GAP = 17.0, 44.0, 21.0, 34.0, 28.0, 9.5, 3.0
# The sample sizes of every endpoint: their words, axes, and the numbers at the right.
WORDS, WIDTH, SAID = 29.0, 34.0, 21.0
CAUTIOUS, _DASH = "#0b2f55", (0, (7, 1.2))
LETTERS = "abcdef"


def figure(result: PowerResult, *, endpoint: str | None = None) -> Figure:
    """Draw power against the number of animals in each arm.

    Parameters
    ----------
    result
        Each arm that some number of animals can show has a row. At the left power by number of animals: the
        mean over parameter sets, and the power that 19 of 20 of them reach. At the right the number that
        every endpoint needs for the target.
    endpoint
        The endpoint of the curves, drawn alone; by default the first, beside the numbers of all.

    Returns
    -------
    matplotlib.figure.Figure
        Arms that no number of animals shows are named below it.

    Raises
    ------
    UnknownNameError
        If the endpoint is not one of the analysis.
    """
    plan = result.plan
    if endpoint is not None and endpoint not in plan.endpoints:
        raise unknown_name(endpoint, "endpoint of this power analysis", plan.endpoints)
    name, is_alone = endpoint or plan.endpoints[0], endpoint is not None or len(plan.endpoints) == 1
    arms = drawn_arms(result)
    sheet = SINGLE if is_alone else DOUBLE
    room = sheet - 2 * MARGIN
    titles = [_name(result, arm) for arm in arms]
    above = head(find_endpoint(name).title, test_of(name), LEFT + WIDE)
    tall = TALL if len(arms) < MOST_ARMS else LOW
    pitch = max(head(*each, room) for each in titles) + above + tall + BELOW
    page, top = Page.around(
        sheet,
        len(arms) * (pitch + GAP) - GAP,
        title=title(result, arms[0], name),
        footer=_footer(result, arms),
        alt=_alt(result, arms, (name,) if is_alone else plan.endpoints),
    )
    for row, arm in enumerate(arms):
        page.panel(LETTERS[row] if len(arms) > 1 else "", *titles[row], left=MARGIN, top=top, width=room)
        start = top + head(*titles[row], room)
        page.panel("", find_endpoint(name).title, test_of(name), left=MARGIN, top=start, width=LEFT + WIDE)
        axes = page.axes(left=MARGIN + LEFT, top=start + above, width=WIDE, height=tall)
        lines = _draw(axes, result, arm, name)
        axes.set_ylabel("power")
        axes.set_xlabel("rats in each arm")
        label_lines(page, axes, lines, room=LABELS)
        if not is_alone:
            _draw_numbers(page, result, arm, top=start, above=above)
        top += pitch + GAP
    return page.figure


def _draw_numbers(page: Page, result: PowerResult, arm: str, *, top: float, above: float) -> None:
    """Draw how many rats each endpoint needs: hollow on average, filled in 19 of 20 parameter sets."""
    left = DOUBLE - MARGIN - SAID - BESIDE - WIDTH - BESIDE - WORDS
    sets = "hollow on average, filled in 19 of 20 sets" if result.plan.members > 1 else ""
    title = f"rats in each arm for a power of {result.plan.request.wanted:g}"
    page.panel("", title, sets, left=left, top=top, width=80)
    axes = draw_dot_rows(
        page,
        [_row(result, arm, name) for name in result.plan.endpoints],
        left=left,
        top=top + above,
        words=WORDS,
        width=WIDTH,
        said=SAID,
        limits=(FEWEST, MOST),
        axis="rats in each arm",
        is_log=True,
    )
    ticks = [each for each in (3, 10, 30, 100) if FEWEST <= each <= MOST]
    axes.set_xticks(ticks, [f"{each:g}" for each in ticks])


def _row(result: PowerResult, arm: str, name: str) -> DotRow:
    """Return the numbers of one endpoint; one that is beyond the most is an arrow."""
    needed = result.needed[arm, name]
    title = find_endpoint(name).title
    if needed.absent or needed.untested:
        return DotRow(title, (Dot(math.nan),), needed.average())
    numbers = [needed.animals, *([needed.cautious] if result.plan.members > 1 else [])]
    first, last = (math.inf if math.isnan(each) else each for each in (numbers[0], numbers[-1]))
    said = " to ".join(
        dict.fromkeys(f"over {MOST}" if math.isnan(each) else f"{each:.0f}" for each in numbers)
    )
    dots = [Dot(min(last, 10.0 * MOST), first, last, CAUTIOUS)]
    if len(numbers) > 1:
        dots.append(Dot(min(first, 10.0 * MOST), colour=IVIG, is_filled=False))
    return DotRow(title, tuple(dots), said)


def drawn_arms(result: PowerResult) -> tuple[str, ...]:
    """Return the arms that some number of animals can show, the first ones; without any, the first arm."""
    plan = result.plan
    shown = [
        arm
        for arm in plan.arms
        if any(not math.isnan(result.needed[arm, name].animals) for name in plan.endpoints)
    ]
    return tuple(shown[:MOST_ARMS]) or plan.arms[:1]


def _draw(axes: Axes, result: PowerResult, arm: str, name: str) -> list[Line]:
    plan, table = result.plan, result.table()
    rows = table[(table["arm"] == arm) & (table["endpoint"] == name)]
    sizes = rows["animals"].to_numpy(float)
    lines = [Line(sizes, rows["power"].to_numpy(float), "mean over parameter sets", IVIG)]
    if plan.members > 1:
        low = rows["member_low"].to_numpy(float)
        lines.append(Line(sizes, low, "in 19 of 20 parameter sets", CAUTIOUS, _DASH, SECOND))
    else:
        lines = [Line(sizes, lines[0].up, "one parameter set", IVIG)]
    axes.set_ylim(-0.03, 1.03)
    alpha, wanted = plan.request.alpha, plan.request.wanted
    levels = {alpha: f"level {alpha:g}", wanted: f"target {wanted:g}"}
    free = [tick for tick in (0.0, 0.5, 1.0) if all(abs(tick - level) > 0.1 for level in levels)]
    axes.set_yticks([*levels, *free], [*levels.values(), *(f"{tick:g}" for tick in free)])
    axes.axhline(wanted, color=RULES, linewidth=RULE, linestyle="--", zorder=1)
    axes.axhline(alpha, color=RULES, linewidth=RULE, linestyle=":", zorder=1)
    space = 0.04 * max(sizes[-1] - sizes[0], 2.0)
    axes.set_xlim(sizes[0] - space, sizes[-1] + space)
    draw_lines(axes, lines)
    _mark_needed(axes, result, arm, name)
    return lines


def _mark_needed(axes: Axes, result: PowerResult, arm: str, name: str) -> None:
    """Mark the animals that give the target power, on the line that they are of; write others at the edge."""
    needed, sizes = result.needed[arm, name], result.plan.request.sizes
    marks = [(needed.animals, IVIG, "value", False)]
    if result.plan.members > 1:
        marks.append((needed.cautious, CAUTIOUS, "member_low", True))
    # Numbers that are near each other stand on both sides.
    is_near = needed.cautious - needed.animals < 0.12 * (sizes[-1] - sizes[0])
    beyond = []
    for animals, colour, power, is_filled in marks:
        if not sizes[0] <= animals <= sizes[-1]:
            beyond.append("" if math.isnan(animals) and needed.absent else _beyond(animals))
            continue
        height = float(getattr(result.trials.rate(arm, name, int(animals)), power))
        draw_value(axes, animals, height, colour=colour, is_filled=is_filled, zorder=4)
        shift, ha, va = (
            ((-3, 3), "right", "bottom") if is_near and not is_filled else ((3, -3), "left", "top")
        )
        write_beside(axes, f"{animals:.0f}", (animals, height), shift, ha=ha, va=va, zorder=5)
    # The two are the same where neither is among the numbers that were tried.
    words = " and ".join(dict.fromkeys(each for each in beyond if each))
    if words:
        height = float(getattr(result.trials.rate(arm, name, sizes[-1]), marks[-1][2]))
        place, side = (height + 0.05, "bottom") if height < 0.5 else (height - 0.08, "top")
        across = axes.get_xlim()[1]
        axes.text(across, place, words, fontsize=SMALLEST, ha="right", va=side, zorder=5)


def _beyond(animals: float) -> str:
    return f"more than {MOST} rats" if math.isnan(animals) else f"{animals:.0f} rats"


def _name(result: PowerResult, arm: str) -> tuple[str, str]:
    plan, asked = result.plan, result.plan.request
    tag = ": PREDICTION" if is_prediction(plan.study) else ""
    return f"{arm} against {plan.control}{tag}", f"level {asked.alpha:g}, two-sided; target {asked.wanted:g}"


def title(result: PowerResult, arm: str, name: str) -> str:
    """Return the finding: the sample size that holds for nearly all parameter sets."""
    plan, needed = result.plan, result.needed[arm, name]
    if needed.absent or math.isnan(needed.animals):
        return f"No number of rats up to {MOST} shows the effect"
    if plan.members == 1:
        return f"{needed.animals:.0f} rats per arm give a power of {plan.request.wanted:g}"
    if math.isnan(needed.cautious):
        return f"More than {MOST} rats per arm are needed in some parameter sets"
    what = find_endpoint(name).title.partition(",")[0]
    return f"{needed.cautious:.0f} rats per arm suffice ({what}, 19 of 20 parameter sets)"


def _words(needed: Needed) -> str:
    return needed.average() if needed.absent or math.isnan(needed.animals) else f"{needed.animals:.0f}"


def _alt(result: PowerResult, arms: tuple[str, ...], names: tuple[str, ...]) -> str:
    parts = []
    for name in names:
        needed = result.needed[arms[0], name]
        cautious = f", {needed.in_most()} in 19 of 20 parameter sets" if needed.in_most() else ""
        parts.append(f"{find_endpoint(name).title} {_words(needed)}{cautious}")
    return (
        f"Power against rats in each arm, {arms[0]} against {result.plan.control}. Rats for a power of "
        f"{percent(result.plan.request.wanted)}: {'; '.join(parts)}. A prediction."
    )


def _footer(result: PowerResult, arms: tuple[str, ...]) -> str:
    plan, asked = result.plan, result.plan.request
    sets = f", {plan.members} parameter sets" if plan.members > 1 else ""
    null = [
        arm
        for arm in plan.arms
        if all(math.isnan(result.needed[arm, name].animals) for name in plan.endpoints)
    ]
    left = len(plan.arms) - len(null) - len(arms)
    parts = [
        f"{rat_words(plan.study.rat)}, {plan.study.design.mechanism}{sets}, "
        f"{asked.studies:,} studies per size, seed {asked.seed}; {DEAD_RULES[asked.dead]}.",
        changes_words(plan.study.rat),
        f"Not shown with {MOST} rats: {', '.join(null)}." if null else "",
        f"{left} more arms are in the table." if left > 0 else "",
    ]
    return " ".join(part for part in parts if part)
