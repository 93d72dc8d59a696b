"""Every engine at the same error: what it costs there, found between the tolerances that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.measure import Point

# The median error at which engines are compared; the contract asks the package for no more than this.
ERROR = 3e-6
# The engine whose rate all others are held against.
OWN = "eaesim courses"


@dataclass(frozen=True)
class Cost:
    """One engine at the common error.

    Attributes
    ----------
    engine
        Library and setting.
    tolerance
        The relative tolerance that gives the common error.
    error, high_error
        Median over rats, and the 99th percentile there.
    best, median
        CPU seconds a rat: the least of all runs, and their median.
    rounds
        The median in each round.
    inside
        Whether the error lies between those that were measured; else this is the nearest one measured.
    """

    engine: str
    tolerance: float
    error: float
    high_error: float
    best: float
    median: float
    rounds: tuple[float, ...]
    inside: bool


def curves(points: Sequence[Point]) -> dict[str, list[Point]]:
    """Return the points of each engine, the largest error first."""
    engines: dict[str, list[Point]] = {}
    for point in points:
        engines.setdefault(point.engine, []).append(point)
    return {
        engine: sorted(found, key=lambda point: -point.quantile(0.5)) for engine, found in engines.items()
    }


def costs(points: Sequence[Point]) -> list[Cost]:
    """Return every engine at the common error, the quickest first."""
    return sorted(
        (_cost(engine, found) for engine, found in curves(points).items()), key=lambda cost: cost.best
    )


def _cost(engine: str, points: Sequence[Point]) -> Cost:
    errors = [point.quantile(0.5) for point in points]

    def between(numbers: Sequence[float]) -> float:
        """Read a curve at the common error; both axes are logarithmic."""
        found = np.interp(np.log(ERROR), np.log(errors[::-1]), np.log(numbers[::-1]))
        return float(np.exp(found))

    rounds = min(len(point.rounds) for point in points)
    return Cost(
        engine=engine,
        tolerance=between([point.tolerance for point in points]),
        error=between(errors),
        high_error=between([point.quantile(0.99) for point in points]),
        best=between([point.best for point in points]),
        median=between([point.median for point in points]),
        rounds=tuple(
            between([float(np.median(point.rounds[number])) for point in points]) for number in range(rounds)
        ),
        inside=errors[-1] <= ERROR <= errors[0],
    )


def ratios(cost: Cost, own: Cost) -> tuple[float, float, float]:
    """Return how many times as long as our own engine one takes: of the least times, and from round to round.

    The second and third are the least and the greatest ratio of medians in the same round.
    """
    pairs = [theirs / ours for theirs, ours in zip(cost.rounds, own.rounds, strict=False)]
    return cost.best / own.best, min(pairs), max(pairs)
