"""A rat's run cut at its events: what a library that knows no doses is given, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eaesim.solver import Problem
from eaesim.solver.problem import Floats


@dataclass(frozen=True)
class Piece:
    """A stretch of one rat's run between two events.

    Attributes
    ----------
    start, end
        In days.
    added
        Pairs of a state's index and the amount added to it at the start.
    days
        The recorded days after the start, up to and including the end.
    places
        Where these stand among all recorded days: from, to.
    """

    start: float
    end: float
    added: tuple[tuple[int, float], ...]
    days: Floats
    places: tuple[int, int]

    @property
    def times(self) -> Floats:
        """Start, recorded days, end; none twice."""
        inside = self.days if self.days.size and self.days[-1] == self.end else np.append(self.days, self.end)
        return np.append(self.start, inside)


def pieces(problem: Problem, row: int) -> Iterator[Piece]:
    """Return the pieces of one rat's run, which starts on day 0, the first recorded day."""
    days, last = problem.days, float(problem.days[-1])
    happens = problem.events.day[row]
    boundaries = sorted({0.0, *happens[happens < last].tolist(), last})
    for start, end in pairwise(boundaries):
        here = np.flatnonzero(happens == start)
        states, amounts = problem.events.state[row, here], problem.events.amount[row, here]
        first, after = np.searchsorted(days, [start, end], side="right").tolist()
        yield Piece(
            start,
            end,
            tuple(zip(states.tolist(), amounts.tolist(), strict=True)),
            days[first:after],
            (first, after),
        )


def packed(problem: Problem) -> tuple[Floats, Floats]:
    """Return the pieces of all rats as arrays: boundaries, and what is added at the start of each.

    Their shapes are (rats, pieces + 1) and (rats, pieces, states). A rat with fewer pieces has empty ones at
    its end.
    """
    rows = [list(pieces(problem, row)) for row in range(len(problem.parameters))]
    most = max(map(len, rows))
    boundaries = np.full((len(rows), most + 1), float(problem.days[-1]))
    added = np.zeros((len(rows), most, len(problem.system.scale)))
    for row, stretches in enumerate(rows):
        for place, piece in enumerate(stretches):
            boundaries[row, place] = piece.start
            for index, amount in piece.added:
                added[row, place, index] += amount
    return boundaries, added
