"""Exogenous plasma IgG between daily readings: course, peak, area under the curve, time above a level.

Doses change plasma IgG within hours, so it is computed at every event, just before and after it, and at
steps between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from eaesim.endpoints import Floats
from eaesim.protocol.timeline import Event

# Steps per day: within a day after an event, when IgG distributes into tissue, and later.
SOON, LATER = 24, 6


@dataclass(frozen=True)
class Moments:
    """The times at which plasma IgG is computed.

    Attributes
    ----------
    days
        Times, ascending.
    pieces
        Start of each piece, within which the course is smooth, with an even number of equal steps.
    """

    days: Floats
    pieces: tuple[int, ...]

    @classmethod
    def of(cls, schedules: Sequence[Sequence[Event]], *, until: float) -> Moments:
        """Return the times for some schedules: every event, every whole day, and steps between."""
        events = sorted({event.day for events in schedules for event in events if event.day <= until})
        first = min([0.0, *events])
        ends = sorted({first, *events, *np.arange(np.ceil(first), until + 1.0).tolist()})
        given = np.array(events)
        days, pieces = [first], []
        for start, end in pairwise(ends):
            before = given[np.searchsorted(given, start, side="right") - 1] if len(given) else -np.inf
            soon = before <= start < before + 1.0
            steps = 2 * max(1, int(np.ceil((end - start) * (SOON if soon else LATER) / 2.0)))
            pieces.append(len(days) - 1)
            days += np.linspace(start, end, steps + 1)[1:].tolist()
        return cls(np.array(days), tuple(pieces))

    @cached_property
    def within(self) -> tuple[Floats, Floats]:
        """Weights of Simpson's rule: of values just after each time, and of those just before it."""
        after, before = np.zeros(len(self.days)), np.zeros(len(self.days))
        for start, end in zip(self.pieces, (*self.pieces[1:], len(self.days) - 1), strict=True):
            third = (self.days[end] - self.days[start]) / (end - start) / 3.0
            after[start] += third
            before[end] += third
            after[start + 1 : end : 2] += 4.0 * third
            after[start + 2 : end : 2] += 2.0 * third
        return after, before


@dataclass(frozen=True)
class Plasma:
    """Exogenous plasma IgG of some rats, mg/mL.

    Attributes
    ----------
    moments
        Times.
    before, after
        Values just before and after the input at each time, shape (rats, times); NaN for a failed rat.
    """

    moments: Moments
    before: Floats
    after: Floats

    @property
    def days(self) -> Floats:
        """Times of the values."""
        return self.moments.days

    @property
    def peak(self) -> Floats:
        """The maximum of each rat, interpolated by parabolas through three times."""
        highest = np.maximum(self.before, self.after).max(axis=1)
        inner = np.setdiff1d(np.arange(1, len(self.days) - 1), self.moments.pieces)
        left, middle, right = self.after[:, inner - 1], self.after[:, inner], self.before[:, inner + 1]
        bend = left - 2.0 * middle + right
        # Position of the vertex of the parabola, in steps from the middle.
        place = 0.5 * (left - right) / np.where(bend < 0, bend, -np.inf)
        top = (bend < 0) & (np.abs(place) <= 1.0)
        height = np.where(top, middle - 0.5 * bend * place**2, -np.inf)
        return np.asarray(np.maximum(highest, height.max(axis=1, initial=-np.inf)))

    @property
    def area(self) -> Floats:
        """The area under the curve of each rat, mg/mL times days, from the first dose or day 0 on."""
        after, before = self.moments.within
        return np.asarray((self.after * after).sum(axis=1) + (self.before * before).sum(axis=1))

    def days_above(self, level: float) -> Floats:
        """Return the time of each rat above a level, in days."""
        left, right = self.after[:, :-1] - level, self.before[:, 1:] - level
        high, low = np.maximum(left, right), np.minimum(left, right)
        share = np.where(low > 0, 1.0, np.where(high > 0, high / np.where(high > low, high - low, 1.0), 0.0))
        return np.asarray(np.where(np.isnan(left[:, 0]), np.nan, (share * np.diff(self.days)).sum(axis=1)))

    def course(self) -> tuple[Floats, Floats]:
        """Return times and values for drawing: a time with an input appears twice."""
        jumps = np.flatnonzero((self.before != self.after).any(axis=0) & ~np.isnan(self.before).all(axis=0))
        order = np.sort(np.concatenate([np.arange(len(self.days)), jumps]))
        second = np.concatenate([[False], order[1:] == order[:-1]])
        values = self.before[:, order]
        values[:, second] = self.after[:, order[second]]
        return self.days[order], values


@dataclass(frozen=True)
class Exposure:
    """Exposure of each rat to exogenous plasma IgG; NaN for a failed rat.

    Attributes
    ----------
    peak
        Peak (Cmax), mg/mL.
    area
        Area under the curve (AUC), mg/mL times days.
    days_above
        Days above the level.
    """

    peak: Floats
    area: Floats
    days_above: Floats


def joined_exposure(parts: Iterable[Exposure]) -> Exposure:
    """Return the exposure of the rats of all parts."""
    found = [(part.peak, part.area, part.days_above) for part in parts]
    return Exposure(*(np.concatenate(each) for each in zip(*found, strict=True)))


def joined(parts: Sequence[Plasma]) -> Plasma:
    """Return the plasma of the rats of all parts, with the same times."""
    if len(parts) == 1:
        return parts[0]
    before, after = (np.concatenate([getattr(part, name) for part in parts]) for name in ("before", "after"))
    return Plasma(parts[0].moments, before, after)
