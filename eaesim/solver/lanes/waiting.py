"""Runs that may be continued with other events: their states are kept every few days on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eaesim.solver.lanes.family import Families, Rows
from eaesim.solver.problem import SOLVED, Begun, Floats, OnTheWay, Problem, Solution

# Recorded days from one kept state to the next: a run is continued at most that many days too early.
EVERY = 4


@dataclass(frozen=True)
class Chosen:
    """States that are to be kept of the rows of a chunk.

    Attributes
    ----------
    place
        Row of the kept states.
    above
        Place in the chunk of the row whose state it is.
    mark
        Day before which it is kept.
    kept
        Where states are kept.
    """

    place: Rows
    above: Rows
    mark: Floats
    kept: Begun

    def put(self, begun: Begun, first: int) -> None:
        """Store what a chunk kept: its rows from the first of them on."""
        for name in ("state", "clock", "passed", "reduced", "extreme", "rest"):
            getattr(self.kept, name)[self.place] = getattr(begun, name)[first:]


@dataclass(frozen=True)
class Waiting:
    """What is kept of which rows.

    Attributes
    ----------
    days
        Days before which states are kept.
    slot
        Slot of each row, -1 for rows of which nothing is kept.
    kept
        Where states are kept: days of the first slot, then those of the next.
    """

    days: Floats
    slot: Rows
    kept: Begun

    @classmethod
    def of(cls, problem: Problem, own: Families, begun: Begun) -> Waiting:
        """Return what has to be kept: of rows that wait, and of those from which they branch off."""
        assert problem.waits is not None
        starts = begun.clock[:, 0]
        rows, needed = (
            np.unique(own.same[np.flatnonzero(problem.waits)]),
            np.zeros(len(starts), dtype=np.bool_),
        )
        while len(rows):
            needed[rows] = True
            rows = np.unique(own.parent[rows])
            rows = rows[rows >= 0]
        slots = np.flatnonzero(needed)
        slot = np.full(len(starts), -1)
        slot[slots] = np.arange(len(slots))
        days = problem.days[EVERY::EVERY]
        rows, reducers = np.repeat(slots, len(days)), len(problem.reducers)
        nothing = np.full((len(rows), reducers), np.nan)
        clock, passed = np.full((len(rows), 3), np.nan), np.zeros((len(rows), 2), dtype=np.int64)
        values = np.empty((len(rows), 0, 0))
        kept = Begun(problem.initial[rows], clock, passed, values, nothing, nothing.copy(), begun.rest[rows])
        return cls(days, slot, kept)

    def chosen(self, rows: Rows) -> Chosen:
        """Return what has to be kept of the rows of a chunk."""
        above = np.flatnonzero(self.slot[rows] >= 0)
        places = self.slot[rows[above]][:, None] * len(self.days) + np.arange(len(self.days))
        return Chosen(
            places.ravel(), np.repeat(above, len(self.days)), np.tile(self.days, len(above)), self.kept
        )

    def found(self, solution: Solution, own: Families, problem: Problem) -> OnTheWay:
        """Return what was kept, by row and day: of the row, or of the one from which it branched off."""
        rats, days = len(self.slot), np.arange(len(self.days))
        place = np.full((rats, len(days)), -1)
        row, until = own.same.copy(), np.full(rats, np.inf)
        asked = np.arange(0) if problem.waits is None else np.flatnonzero(problem.waits)
        while len(asked):
            here = row[asked]
            mine = (self.days < until[asked, None]) & (
                self.days >= np.where(own.parent[here] < 0, -np.inf, own.mark[here])[:, None]
            )
            slots = self.slot[here][:, None] * len(days) + days
            place[asked] = np.where(mine & (slots >= 0), slots, place[asked])
            until[asked], row[asked] = own.mark[here], own.parent[here]
            asked = asked[row[asked] >= 0]
        # A run that reached the end before a day, or is solved otherwise, was not kept.
        known = np.append(np.isfinite(self.kept.clock[:, 1]), False)
        place[(solution.status != SOLVED) | (solution.status[own.same] != SOLVED)] = -1
        place = np.where((place >= 0) & known[place], place, -1)
        return OnTheWay(self.days, place, self.kept)
