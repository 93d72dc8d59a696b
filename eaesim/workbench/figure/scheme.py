"""A scheme of the model: five boxes with their states, and where each mechanism of IVIG acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eaesim.model import MECHANISMS
from eaesim.workbench.figure.page import (
    DOUBLE,
    INK,
    MARGIN,
    MECHANISM_COLOURS,
    QUIET,
    RULE,
    SECOND,
    SMALLEST,
    TEXT,
    Page,
    fit,
    line,
)
from eaesim.workbench.figure.words import readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Room:
    """One box.

    Attributes
    ----------
    title
        Its name.
    states
        States of the model in it.
    mechanisms
        Ids of the mechanisms that act on it.
    """

    title: str
    states: tuple[str, ...]
    mechanisms: tuple[str, ...]


#: From the injection to the score.
ROOMS = (
    Room(
        "Periphery",
        ("antigen", "adjuvant_complete", "adjuvant_incomplete", "dendritic_semimature", "dendritic_mature"),
        ("H7", "H1a"),
    ),
    Room(
        "Lymph node",
        (
            *("precursor", "precursor_spreading", "expansion_1", "licensing_early", "memory", "treg_node"),
            *("dendritic_lesion", "germinal_centre_early"),
        ),
        ("H1b", "H2"),
    ),
    Room("Blood", ("effector_blood", "stress_hormone", "antibody_cells", "autoantibody"), ("H5",)),
    Room("CNS", ("effector_cns", "treg_cns", "bystander_cns", "inflammation"), ("H3", "H6")),
    Room("Damage and score", ("deficit", "demyelination", "axon_loss", "death_hazard"), ("H4",)),
)
# The layout, in millimetres: boxes, between them, and the rows of the page.
ACROSS, GAP, TITLE, ABOVE, BACK = 29.0, 7.25, 5.0, 13.0, 8.0


def scheme_figure() -> Figure:
    """Draw the boxes, what passes between them, and the mechanisms below the box that they act on."""
    lines = max(len(_lines(room)) for room in ROOMS)
    tall = TITLE + lines * line(SMALLEST) + 2.0
    texts = {name: fit(f"{name} {MECHANISMS[name].title}", ACROSS - 1.0, SMALLEST) for name in MECHANISMS}
    deep = max(
        sum(line(SMALLEST) * (texts[name].count("\n") + 1) + 2.0 for name in room.mechanisms)
        for room in ROOMS
    )
    body = ABOVE + tall + BACK + deep
    page, top = Page.around(
        DOUBLE,
        body,
        title=f"{len(MECHANISMS)} mechanisms of IVIG act on {len(ROOMS)} stations of the disease",
        footer="Bar: blocks; arrow: expands. H3 acts on macrophages in the CNS and monocytes in the blood.",
        alt=_alt(),
    )
    axes = page.axes(left=0, top=top, width=DOUBLE, height=body)
    axes.set_axis_off()
    axes.set_xlim(0, DOUBLE)
    axes.set_ylim(body, 0)
    _draw_igg(axes)
    for number, room in enumerate(ROOMS):
        left = MARGIN + number * (ACROSS + GAP)
        _draw_room(axes, room, left=left, top=ABOVE, height=tall)
        if number:
            _arrow(axes, (left - GAP, ABOVE + tall / 2), (left, ABOVE + tall / 2))
        at = ABOVE + tall + BACK
        for name in room.mechanisms:
            axes.text(left, at, texts[name], fontsize=SMALLEST, va="top", linespacing=1.25, color=INK)
            at += line(SMALLEST) * (texts[name].count("\n") + 1) + 2.0
        _act(axes, room, left + ACROSS / 2, ABOVE + tall)
    _draw_return(axes, ABOVE)
    return page.figure


def _lines(room: Room) -> list[str]:
    return [each for state in room.states for each in fit(_state(state), ACROSS - 2, SMALLEST).splitlines()]


def _state(name: str) -> str:
    """Return a state in words; its stages are one."""
    return readable(name.removesuffix("_1").removesuffix("_early"))


def _draw_room(axes: Axes, room: Room, *, left: float, top: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((left, top), ACROSS, height, facecolor="white", edgecolor=INK, linewidth=SECOND))
    axes.text(left + ACROSS / 2, top + 1, room.title, fontsize=TEXT, weight="bold", ha="center", va="top")
    for place, text in enumerate(_lines(room)):
        at = top + TITLE + place * line(SMALLEST)
        axes.text(left + 1.5, at, text, fontsize=SMALLEST, va="top", color=QUIET)


def _draw_igg(axes: Axes) -> None:
    """Draw above the boxes which IgG they see."""
    plasma, cns = MARGIN + 3 * ACROSS + 2.5 * GAP, DOUBLE - MARGIN
    for first, last, text in (
        (MARGIN, plasma - 1, "IgG in plasma"),
        (plasma + 1, cns, "IgG beyond the barrier"),
    ):
        axes.plot([first, last], [2.6, 2.6], color=MECHANISM_COLOURS["H1a"], linewidth=SECOND)
        axes.text((first + last) / 2, 2.2, text, fontsize=SMALLEST, ha="center", va="bottom")


def _draw_return(axes: Axes, top: float) -> None:
    """Draw the antigen that lesions send back to the node."""
    first, last = (MARGIN + number * (ACROSS + GAP) + ACROSS / 2 for number in (3, 1))
    axes.plot([first, first, last], [top, top - 4, top - 4], color=INK, linewidth=RULE)
    _arrow(axes, (last, top - 4), (last, top))
    text = "antigen from lesions"
    axes.text((first + last) / 2, top - 4.4, text, fontsize=SMALLEST, ha="center", va="bottom")


def _act(axes: Axes, room: Room, middle: float, bottom: float) -> None:
    """Draw a bar at the box for what is blocked, and an arrow for what is expanded."""
    for number, name in enumerate(room.mechanisms):
        across = middle + (number - (len(room.mechanisms) - 1) / 2) * 8
        colour = MECHANISM_COLOURS.get(name, INK)
        axes.text(across, bottom + BACK - 1.2, name, fontsize=SMALLEST, ha="center", va="bottom", color=INK)
        if MECHANISMS[name].title.startswith("expands"):
            _arrow(axes, (across, bottom + 3.8), (across, bottom))
            continue
        axes.plot([across, across], [bottom + 3.8, bottom + 1], color=colour, linewidth=SECOND)
        axes.plot([across - 1.5, across + 1.5], [bottom + 1, bottom + 1], color=colour, linewidth=SECOND)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": INK, "linewidth": RULE, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=style, annotation_clip=False)


def _alt() -> str:
    acts = "; ".join(f"{room.title}: {', '.join(room.mechanisms)}" for room in ROOMS)
    return f"Scheme: five boxes from injection to score, joined by arrows. Mechanisms of IVIG by box: {acts}."
