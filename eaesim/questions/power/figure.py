"""The figure of a power analysis: power against the number of animals, one panel per endpoint."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from eaesim.endpoints import DEAD_RULES
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import unknown_name
from eaesim.questions.power.plan import MOST, TAILS, test_of
from eaesim.questions.power.result import PowerResult
from eaesim.workbench.figure.dosing import is_prediction
from eaesim.workbench.figure.style import (
    BAND,
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
from eaesim.workbench.figure.words import arm_words, mechanism_words, rat_words

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The layout, in inches.
EDGE, LEFT, PANEL, GAP, RIGHT = 0.12, 0.62, 3.1, 0.75, 0.25
HEAD, TAG_HEIGHT, ABOVE, HEIGHT, BELOW = 0.28, 0.3, 0.42, 2.1, 0.55
_HOLLOW: dict[str, Any] = {
    "marker": (5, 1),
    "markersize": 8,
    "markerfacecolor": "white",
    "linestyle": "none",
}
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def figure(result: PowerResult, *, endpoint: str | None = None) -> Figure:
    """Draw power against the number of animals in each arm.

    Parameters
    ----------
    result
        One line per arm; the band holds nine of ten parameter sets, bars what the number of studies leaves
        open, and stars on the target power show the animals needed on average (full) and in 19 of 20
        parameter sets (hollow; an arrow where they are more than are drawn).
    endpoint
        The only endpoint that is drawn; by default all of them.

    Returns
    -------
    matplotlib.figure.Figure
        The notes are below it.

    Raises
    ------
    UnknownNameError
        If the endpoint is not one of the analysis.
    """
    plan = result.plan
    if endpoint is not None and endpoint not in plan.endpoints:
        raise unknown_name(endpoint, "endpoint of this power analysis", plan.endpoints)
    names = plan.endpoints if endpoint is None else (endpoint,)
    # Two next to each other; one alone leaves no room for the text, so the sheet is never narrower.
    rows = math.ceil(len(names) / 2)
    width = LEFT + 2 * PANEL + GAP + RIGHT
    tagged = is_prediction(plan.study)
    top = EDGE + HEAD + (TAG_HEIGHT if tagged else 0.0) + ABOVE
    bottom = top + rows * HEIGHT + (rows - 1) * (ABOVE + BELOW) + BELOW
    entries = _entries(result)
    note = bottom + legend_height(entries, width - LEFT)
    footer = wrap(_footer(result), width - LEFT - RIGHT)
    page = sheet(width, note + NOTE_LINE * (footer.count("\n") + 1) + EDGE)
    title = f"Sample size and power: {rat_words(plan.study.rat)}, each arm against {plan.control}"
    write(page, arm_text(title), left=EDGE, top=EDGE, size=TITLE, weight="bold")
    if tagged:
        tag_prediction(page, left=EDGE, top=EDGE + HEAD)
    for place, each in enumerate(names):
        row, column = divmod(place, 2)
        axes = add_axes(
            page,
            left=LEFT + column * (PANEL + GAP),
            top=top + row * (HEIGHT + ABOVE + BELOW),
            width=PANEL,
            height=HEIGHT,
        )
        _draw(axes, result, each)
    add_legend(page, entries, left=LEFT, top=bottom)
    write(page, footer, left=LEFT, top=note, color=NOTE)
    return page


def arm_text(text: str) -> str:
    r"""Return a text in which a dollar sets nothing as mathematics.

    Examples
    --------
    >>> print(arm_text("5 $"))
    5 \$
    """
    return text.replace("$", r"\$")


def _draw(axes: Axes, result: PowerResult, name: str) -> None:
    plan, table = result.plan, result.table()
    several = plan.members > 1
    for level in (plan.wanted, plan.alpha):
        axes.axhline(level, color=PALE, linewidth=0.8, linestyle=":", zorder=1)
    for number, arm in enumerate(plan.arms):
        colour, marker = _look(number)
        rows = table[(table["arm"] == arm) & (table["endpoint"] == name)]
        sizes, found = rows["animals"].to_numpy(), rows["power"].to_numpy()
        if several:
            axes.fill_between(
                sizes, rows["member_low"], rows["member_high"], color=colour, alpha=BAND, linewidth=0
            )
        bars = (found - rows["low"].to_numpy(), rows["high"].to_numpy() - found)
        axes.errorbar(
            sizes,
            found,
            yerr=bars,
            color=colour,
            marker=marker,
            markersize=4,
            linewidth=1.4,
            elinewidth=0.9,
            capsize=2,
            label=arm,
            zorder=3,
        )
        _mark_needed(axes, result, arm=arm, name=name, colour=colour)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xticks(list(plan.sizes))
    axes.set_xlim(_edge(plan.sizes, -1), _edge(plan.sizes, 1))
    axes.set_xlabel("rats in each arm", fontsize=TEXT)
    axes.set_ylabel("power", fontsize=TEXT)
    axes.set_title(
        f"{find_endpoint(name).title}, {test_of(name)}", fontsize=TEXT, color=INK, loc="left", pad=6
    )


def _mark_needed(axes: Axes, result: PowerResult, *, arm: str, name: str, colour: str) -> None:
    """Mark and write the animals that give the target power; an arrow where they are off the axis."""
    needed, plan = result.needed[arm, name], result.plan
    if needed.absent or math.isnan(needed.animals):
        return
    sizes, place = plan.sizes, plan.arms.index(arm)
    if sizes[0] <= needed.animals <= sizes[-1]:
        axes.plot(needed.animals, plan.wanted, "*", color=colour, markersize=9, zorder=4)
        _write(axes, f"{needed.animals:.0f}", (needed.animals, plan.wanted), (6, -11), colour)
    if plan.members == 1:
        return
    if sizes[0] <= needed.cautious <= sizes[-1]:
        axes.plot(needed.cautious, plan.wanted, color=colour, zorder=4, **_HOLLOW)
        _write(axes, f"{needed.cautious:.0f}", (needed.cautious, plan.wanted), (4, 5), colour)
        return
    # Beyond the numbers that are drawn: at the right edge, one arm above the other.
    edge = (_edge(sizes, 1), plan.wanted)
    axes.plot(*edge, ">", color=colour, markersize=5, markerfacecolor="white", clip_on=False, zorder=4)
    _write(axes, needed.in_most().replace("more than", ">"), edge, (4, 5 + 9 * place), colour, align="right")


def _write(
    axes: Axes,
    text: str,
    point: tuple[float, float],
    offset: tuple[float, float],
    colour: str,
    align: str = "left",
) -> None:
    axes.annotate(
        text, point, offset, textcoords="offset points", fontsize=SMALL, color=colour, ha=align, zorder=5
    )


def _edge(animals: tuple[int, ...], side: int) -> float:
    """Return an end of the axis, a little outside the numbers."""
    space = 0.05 * max(animals[-1] - animals[0], 2)
    return animals[0] - space if side < 0 else animals[-1] + space


def _look(number: int) -> tuple[str, str]:
    return COLOURS[number % len(COLOURS)], _MARKERS[(number + number // len(COLOURS)) % len(_MARKERS)]


def _entries(result: PowerResult) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[tuple[Artist, str]] = []
    for number, arm in enumerate(result.plan.arms):
        colour, marker = _look(number)
        line = Line2D([], [], color=colour, marker=marker, markersize=4, linewidth=1.4)
        entries.append((line, arm_words(arm).replace("\n", " ")))
    levels = f"target power {result.plan.wanted:g}, and level of the test {result.plan.alpha:g}"
    entries.append((Line2D([], [], color=PALE, linewidth=0.8, linestyle=":"), levels))
    star = Line2D([], [], color=INK, marker="*", markersize=9, linestyle="none")
    entries.append((star, "animals needed on average"))
    if result.plan.members > 1:
        entries[-1] = (star, f"animals needed on average over {result.plan.members} parameter sets")
        hollow = Line2D([], [], color=INK, **_HOLLOW)
        entries.append((hollow, "needed in 19 of 20 parameter sets (arrow: more than are drawn)"))
        entries.append((Patch(color=PALE, alpha=2 * BAND), "nine of ten parameter sets"))
    return entries


def _footer(result: PowerResult) -> str:
    plan = result.plan
    corrected = "" if plan.correction == "none" else f", {plan.correction.capitalize()} over the arms"
    parts = [
        f"Model: {plan.pool:,} rats in each arm, {plan.members} "
        f"parameter set{'' if plan.members == 1 else 's of the ensemble'}, to day "
        f"{plan.study.design.until}; IVIG acts by {mechanism_words(plan.study.design.mechanism)}. "
        f"{plan.studies:,} studies for each number, with different rats in every arm and each in one "
        f"parameter set; {TAILS} tests{corrected}. Bars: 95 % Monte Carlo. Dropout: {plan.dropout_text}. "
        f"{DEAD_RULES[plan.dead].capitalize()}.",
        *(f"{note[0].upper()}{note[1:]}" for note in _joined(result)),
    ]
    return arm_text(" ".join(parts))


def _joined(result: PowerResult) -> list[str]:
    """Return the notes, the arms without an effect in one."""
    absent = result.absent()
    if not absent:
        return result.notes()
    text = (
        f"no effect to show in {', '.join(absent)}: power near the rate of false positives up to "
        f"{MOST} rats in each arm, and a test that is not significant does not show an absence."
    )
    return [text, *result.notes()[len(absent) :]]
