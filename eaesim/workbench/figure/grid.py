"""Panels of courses in a grid, whose axes are equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from eaesim.workbench.figure.course import (
    ALIVE,
    HIGHEST,
    SCORES,
    SPACE,
    Course,
    above_scores,
    draw_courses,
)
from eaesim.workbench.figure.page import DOUBLE, MARGIN, TEXT, Page, head, length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Millimetres: words of the scores, beside other axes, below axes, and the scores' own height.
LEFT, BETWEEN, BELOW, TALL, LEAST = 21.0, 7.0, 9.5, 26.0, 15.0
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Grid:
    """Panels of a figure.

    Attributes
    ----------
    titles, drawn
        Title and courses of each panel.
    events
        What day 0 of each is.
    scores, more
        Height of the axes of the scores in millimetres, and of what else is drawn below a panel.
    ticks, highest
        Words of the scores, and the end of their axis.
    is_lettered
        Whether panels have letters.
    """

    titles: tuple[str, ...]
    drawn: tuple[tuple[Course, ...], ...]
    events: tuple[str, ...]
    scores: float = TALL
    more: float = 0.0
    ticks: Mapping[float, str] = field(default_factory=lambda: SCORES)
    highest: float = HIGHEST
    is_lettered: bool = True

    @property
    def columns(self) -> int:
        """Panels in a row: up to three, or four that hold one arm each."""
        count = len(self.titles)
        if count == 4 and any(len(each) > 1 for each in self.drawn):
            return 2
        return max(count, 1) if count <= 4 else 3

    @property
    def width(self) -> float:
        """Width of the axes."""
        return (DOUBLE - 2 * MARGIN - LEFT - (self.columns - 1) * BETWEEN - 2.0) / self.columns

    def _rows(self) -> list[range]:
        count = len(self.titles)
        return [range(first, min(first + self.columns, count)) for first in range(0, count, self.columns)]

    def _head(self, row: Sequence[int]) -> float:
        return max(head(self.titles[place], self.subtitle(place), self._room(place)) for place in row)

    def _room(self, place: int) -> float:
        """Return the width of the head of a panel."""
        return self.width + (LEFT if place % self.columns == 0 else BETWEEN) - 2.0

    def _courses(self, place: int) -> list[Course]:
        return [replace(one, room=self.width) for one in self.drawn[place]]

    def _above(self, row: Sequence[int]) -> float:
        return max(above_scores(self._courses(place), names=0.0) for place in row)

    @property
    def height(self) -> float:
        """Height of all rows in millimetres."""
        return sum(
            self._head(row) + self._above(row) + self.scores + SPACE + ALIVE + BELOW + self.more
            for row in self._rows()
        )

    def fitted(self, room: float) -> Grid:
        """Return the grid with lower axes if it is higher than its room, and empty if that does not help."""
        if not self.titles or self.height <= room:
            return self
        scores = self.scores - (self.height - room) / len(self._rows())
        return replace(self, scores=scores) if scores >= LEAST else Grid((), (), ())

    def subtitle(self, place: int) -> str:
        """Return what is drawn in a panel."""
        animals = max((len(one.living.animals) for one in self.drawn[place] if one.has_animals), default=0)
        said = f"mean of the living{f', {animals} rats' if animals else ''}"
        return said if length(said, TEXT) < self._room(place) - 5.0 else said.replace("the ", "")

    def draw(self, page: Page, *, top: float) -> list[tuple[Axes, float, float]]:
        """Draw every panel, and return the axes of the living with the left and the top of what is below."""
        found = []
        for row in self._rows():
            height, above = self._head(row), self._above(row)
            for column, place in enumerate(row):
                start = MARGIN + (LEFT - BETWEEN if column else 0.0) + column * (self.width + BETWEEN)
                left = start + (BETWEEN if column else LEFT)
                is_first = column == 0
                page.panel(
                    LETTERS[place] if self.is_lettered else "",
                    self.titles[place],
                    self.subtitle(place),
                    left=start + (2.0 if column else 0.0),
                    top=top,
                    width=self._room(place),
                )
                axes = draw_courses(
                    page,
                    self._courses(place),
                    left=left,
                    top=top + height,
                    width=self.width,
                    height=self.scores,
                    events=self.events[place],
                    ticks=self.ticks,
                    highest=self.highest,
                    above=above,
                    names=0.0,
                    is_labelled=is_first,
                )
                below = top + height + above + self.scores + SPACE + ALIVE
                found.append((axes, left, below))
            top += height + above + self.scores + SPACE + ALIVE + BELOW + self.more
        return found
