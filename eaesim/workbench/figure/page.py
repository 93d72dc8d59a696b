"""A figure at the width of a journal column: one place for sizes, letters, lines and colours.

All places and lengths are millimetres from the upper left corner; letters and lines are points. A line of
text is never measured by a renderer, so that a figure has the same bytes on every machine.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict, TypeVar, Unpack

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

Row = TypeVar("Row")
#: Widths of one column and of two, and the largest height.
SINGLE, DOUBLE, HIGHEST = 88.0, 180.0, 210.0
#: Sizes of letters.
LETTER, TITLE, TEXT, SMALLEST = 9.0, 8.5, 7.0, 6.5
#: Widths of lines: a mean, a second mean, one animal, a whisker, axes and references.
MEAN, SECOND, ANIMAL, WHISKER, RULE = 1.5, 1.0, 0.35, 1.0, 0.5
MARKER = 4.0
INK, QUIET, RULES = "#1a1a1a", "#555555", "#8c8c8c"
#: Colours by what is drawn, the same in every figure; other mechanisms have their own panels, in blue.
VEHICLE, IVIG, OTHER_DRUG, PUBLISHED = "#404040", "#0072B2", "#7a4b00", "#1a1a1a"
MECHANISM_COLOURS = {"H1a": IVIG, "H1b": "#D55E00", "H7": "#009E73"}
Dash = Literal["-", "--", ":", "-."] | tuple[float, tuple[float, float]]


class TextStyle(TypedDict, total=False):
    """Keywords of text in a figure."""

    color: str
    va: str
    ha: str
    weight: str
    rotation: float
    linespacing: float
    zorder: float
    bbox: Mapping[str, str | float]
    xycoords: Transform


class LineStyle(TypedDict, total=False):
    """Keywords of a line or a mark on axes."""

    color: str
    linestyle: Dash
    linewidth: float
    solid_capstyle: Literal["butt"]
    markeredgewidth: float
    label: str
    zorder: float
    clip_on: bool


#: Of effects on days that nobody tested.
MECHANISM_DASHES: dict[str, Dash] = {"H1a": (0, (3, 1.5)), "H1b": (0, (7, 1.2)), "H7": (0, (1.2, 0.9))}
#: A dose by its rank, from the smallest on: one blue, darker with the dose.
DOSE_COLOURS = ("#5598cb", "#2a75b3", "#0b4f94", "#062a57")
#: What a band is; there are no others.
OF_RATS = "95 % of rats"
OF_SETS = "95 % range over parameter sets"

MARGIN = 3.0
_MM = 1 / 25.4
#: Millimetres.
POINT = 25.4 / 72
# For the widest family, DejaVu: letters per millimetre at one point, and the height of a line.
_LETTERS, _LEADING = 5.25, 1.25


class Page:
    """An empty white figure with a title, which is the finding, and one line at its foot.

    Parameters
    ----------
    width, height
        In millimetres.
    title
        The finding, in at most twelve words.
    footer
        Mechanism, dose, parameter sets, seed: one line.
    alt
        Alternative text: its kind, its axes, its main numbers.

    Examples
    --------
    >>> page = Page(SINGLE, 60, title="IVIG works at immunisation", footer="H1a", alt="A graph.")
    >>> page.figure.get_size_inches().round(2).tolist()
    [3.46, 2.36]
    """

    def __init__(self, width: float, height: float, *, title: str, footer: str, alt: str) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure: Figure = Figure(figsize=(width * _MM, height * _MM), dpi=100, facecolor="white")
        self.figure.set_layout_engine("none")
        self.figure.set_label(f"{title}\n{brief(alt)}")
        self.write(
            fit(title, width - 2 * MARGIN, TITLE, bold=True), MARGIN, MARGIN, size=TITLE, weight="bold"
        )
        lines = fit(footer, width - 2 * MARGIN, SMALLEST)
        self.write(lines, MARGIN, height - MARGIN / 2, size=SMALLEST, color=QUIET, va="bottom")

    @classmethod
    def around(cls, width: float, body: float, *, title: str, footer: str, alt: str) -> tuple[Page, float]:
        """Return a page with so much height between its title and its foot, and where that begins.

        Examples
        --------
        >>> page, top = Page.around(SINGLE, 50, title="IVIG works early", footer="H1a", alt="A graph.")
        >>> round(top, 1), round(page.height, 1)
        (8.7, 64.6)
        """
        above, below = edges(title, footer, width)
        return cls(width, above + body + below, title=title, footer=footer, alt=alt), above

    def write(
        self, text: str, left: float, top: float, *, size: float = TEXT, **style: Unpack[TextStyle]
    ) -> None:
        """Write a text whose upper left corner is placed."""
        own: TextStyle = {"color": INK, "va": "top", "ha": "left", "linespacing": _LEADING, **style}
        self.figure.text(left / self.width, 1 - top / self.height, text, fontsize=size, **own)

    def rule(self, left: float, first: float, last: float, *, is_open: tuple[bool, bool]) -> None:
        """Draw an upright line between two heights, with a hook at each end that is not open."""
        from matplotlib.lines import Line2D

        hooks = [(1.0, 1.0) if is_end_open else (0.0, 1.0) for is_end_open in is_open]
        across = [(left + shift) / self.width for shift in (*hooks[0], *reversed(hooks[1]))]
        up = [1 - height / self.height for height in (first, first, last, last)]
        self.figure.add_artist(Line2D(across, up, color=INK, linewidth=SECOND))

    def panel(self, letter: str, title: str, subtitle: str, *, left: float, top: float, width: float) -> None:
        """Write the letter, the title and the subtitle of a panel; they take `HEAD` millimetres."""
        indent = 5.0 if letter else 0.0
        if letter:
            self.write(letter, left, top, size=LETTER, weight="bold")
        room = width - indent
        self.write(fit(title, room, TEXT, bold=True), left + indent, top, weight="bold")
        lines = fit(title, room, TEXT, bold=True).count("\n") + 1
        self.write(fit(subtitle, room, TEXT), left + indent, top + line(TEXT) * lines, color=QUIET)

    def axes(self, *, left: float, top: float, width: float, height: float) -> Axes:
        """Add bare axes."""
        across, up = left / self.width, (self.height - top - height) / self.height
        axes = self.figure.add_axes((across, up, width / self.width, height / self.height), facecolor="none")
        axes.grid(False)
        axes.spines[["top", "right"]].set_visible(False)
        for spine in axes.spines.values():
            spine.set(color=INK, linewidth=RULE)
        axes.tick_params(labelsize=TEXT, width=RULE, length=2.5, color=INK, labelcolor=INK, pad=2)
        axes.xaxis.label.set_fontsize(TEXT)
        axes.yaxis.label.set_fontsize(TEXT)
        axes.xaxis.labelpad = axes.yaxis.labelpad = 2
        return axes

    def rows(self, heights: Sequence[float], *, left: float, top: float, width: float) -> Axes:
        """Add axes of rows from above, whose upright scale is in millimetres and has no line."""
        axes = self.axes(left=left, top=top, width=width, height=sum(heights))
        axes.set_ylim(sum(heights), 0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        return axes

    def strip(self, below: Axes, *, height: float) -> Axes:
        """Add a frameless strip a millimetre above axes, with their days, for findings without a value."""
        place = below.get_position()
        axes = self.figure.add_axes(
            (place.x0, place.y1 + 1.0 / self.height, place.width, height / self.height), sharex=below
        )
        axes.set_facecolor("none")
        axes.set_axis_off()
        axes.set_ylim(height, 0)
        return axes


#: The longest alternative text.
LONGEST_ALT = 300


#: Height of the head of a panel whose title takes one line.
HEAD = 2 * _LEADING * TEXT * POINT + 1.0


def head(title: str, subtitle: str, width: float) -> float:
    """Return the height of the head of a panel, whose title and subtitle may take several lines."""
    room = width - 5.0
    lines = fit(title, room, TEXT, bold=True).count("\n") + fit(subtitle, room, TEXT).count("\n")
    return HEAD + lines * line(TEXT)


def split(rows: Sequence[Row], heights: Sequence[float], room: float) -> list[list[Row]]:
    """Split rows over as many pages of some height as they need, all about as high.

    Examples
    --------
    >>> split("abc", [4.0, 4.0, 4.0], 9.0)
    [['a', 'b'], ['c']]
    """
    count = max(1, math.ceil(sum(heights) / room))
    limit, used = min(room, sum(heights) / count + max(heights, default=0.0)), 0.0
    found: list[list[Row]] = [[]]
    for row, height in zip(rows, heights, strict=True):
        if found[-1] and used + height > limit:
            found.append([])
            used = 0.0
        found[-1].append(row)
        used += height
    return found


def line(size: float) -> float:
    """Return the height of a line of text in millimetres."""
    return _LEADING * size * POINT


def edges(title: str, footer: str, width: float) -> tuple[float, float]:
    """Return the heights of the title and of the footer of a page, with the space around them."""
    above = fit(title, width - 2 * MARGIN, TITLE, bold=True).count("\n") + 1
    below = fit(footer, width - 2 * MARGIN, SMALLEST).count("\n") + 1
    return MARGIN + line(TITLE) * above + 2.0, line(SMALLEST) * below + 3.0


def brief(text: str) -> str:
    """Return as many whole clauses of a text as fit; a number is never cut off from its unit.

    Examples
    --------
    >>> brief("Two graphs. IVIG: 66 % (27 to 95); " + "day 7: 0 % " * 30)
    'Two graphs. IVIG: 66 % (27 to 95).'
    """
    kept = ""
    # Items of a list are parted only where little else would be left.
    for ends in (".;", ".;,"):
        if len(kept) > LONGEST_ALT / 2:
            break
        kept = ""
        for clause in re.split(rf"(?<=[{ends}]) ", " ".join(text.split())):
            if len(kept) + len(clause) + 1 > LONGEST_ALT:
                break
            kept = f"{kept} {clause}".strip()
    shown = kept or textwrap.shorten(text, LONGEST_ALT, placeholder=" ...")
    return f"{shown[:-1]}." if shown.endswith((";", ",")) else shown


def length(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width that a text takes at most, in millimetres, without measuring it."""
    return len(text) * size * (1.13 if bold else 1.0) / _LETTERS


def fit(text: str, width: float, size: float, *, bold: bool = False) -> str:
    r"""Break a text into lines of a width in millimetres.

    Examples
    --------
    >>> fit("effect by dosing day", 20, 7)
    'effect by\ndosing day'
    """
    letters = int(width * _LETTERS / (size * (1.13 if bold else 1.0)))
    # A number stays with its percent sign.
    return textwrap.fill(text.replace(" %", "\u00a0%"), max(letters, 8), break_long_words=False)
