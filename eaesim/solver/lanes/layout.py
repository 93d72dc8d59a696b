"""Layout of the working memory of the lanes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Layout of a lane group's working memory, counted in vectors.

    Attributes
    ----------
    live
        Integrated states.
    slot
        Slot of each slope between a step's first and last; the slot of a slope that is no longer needed is
        reused.
    numbers, quantities
        Number of numbers per rat, and of quantities.
    spare
        Number of vectors used only by the step.
    carries
        Whether what a state loses by rounding is carried to the next step, in a vector of its own.
    """

    live: tuple[int, ...]
    slot: tuple[int, ...]
    numbers: int
    quantities: int
    spare: int = 0
    carries: bool = False

    @property
    def new(self) -> int:
        """Offset of the new state, slope and rest; the old ones are at 0."""
        return self.parts * len(self.live)

    @property
    def parts(self) -> int:
        """Number of vectors of a state: itself, its slope and, if carried, its rest."""
        return 3 if self.carries else 2

    @property
    def rest(self) -> int:
        """Offset of what the state lost by rounding, if it is carried."""
        return 2 * len(self.live)

    @property
    def last(self) -> int:
        """The column of the slope at the new state."""
        return len(self.slot) + 1

    def slope(self, column: int) -> int:
        """Return the offset of a slope."""
        if column == 0:
            return len(self.live)
        if column == self.last:
            return self.new + len(self.live)
        return (2 * self.parts + self.slot[column - 1]) * len(self.live)

    @property
    def own(self) -> int:
        """Offset of a rat's numbers."""
        return (2 * self.parts + 1 + max(self.slot)) * len(self.live)

    @property
    def seen(self) -> int:
        """Offset of the quantities."""
        return self.own + self.numbers

    @property
    def between(self) -> int:
        """Offset of the state at a reading between the ends of a step."""
        return self.seen + self.quantities

    @property
    def clock(self) -> int:
        """Offset of the step, its error, the tolerance, the share of it that is read, and the next step."""
        return self.between + len(self.live)

    @property
    def size(self) -> int:
        """Total number of vectors."""
        return self.clock + 5 + self.spare
