"""When something happens, as far as it is known: days and how likely each is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.files import Table

#: Number of days that represent a continuous distribution.
STEP = 0.05
_TAILS = 4.0


@dataclass(frozen=True)
class Distribution:
    """Days, around the one that is expected, and their probabilities.

    Attributes
    ----------
    title
        What it is, in words.
    days, weights
        Shape (days,); weights sum to 1.
    table
        As a study file says it.

    Examples
    --------
    >>> round(float(normal(2.0).mean(lambda day: day**2)), 2)
    4.0
    """

    title: str
    days: Floats
    weights: Floats
    table: Table = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Say whether two distributions have the same days."""
        return isinstance(other, Distribution) and self.table == other.table

    def __hash__(self) -> int:
        """Return what is the same for equal ones."""
        return hash(self.title)

    def mean(self, function: Callable[[Floats], Floats]) -> Floats:
        """Return the mean of a function of the day."""
        return np.asarray((function(self.days) * self.weights).sum(axis=-1))


def normal(sd: float, *, mean: float = 0.0) -> Distribution:
    """Return a normal distribution of days, with its standard deviation.

    Raises
    ------
    ProtocolError
        If the standard deviation is not a finite number of 0 or more.
    """
    if not 0 <= sd < np.inf or not np.isfinite(mean):
        raise ProtocolError(f"a normal distribution of days with mean {mean:g} and SD {sd:g} cannot be.")
    if sd == 0:
        return listed([mean])
    days = mean + np.arange(-_TAILS * sd, _TAILS * sd + STEP / 2, min(STEP, sd / 8))
    weights = np.exp(-0.5 * ((days - mean) / sd) ** 2)
    own: Table = {"kind": "normal", "sd": sd, **({"mean": mean} if mean else {})}
    return Distribution(f"normal, SD {sd:g} days", days, weights / weights.sum(), own)


def uniform(low: float, high: float) -> Distribution:
    """Return days of which all between two are as likely.

    Raises
    ------
    ProtocolError
        If the first comes after the last.
    """
    if not low <= high:
        raise ProtocolError(f"a uniform distribution from day {low:g} to day {high:g} has no days.")
    parts = max(1, round((high - low) / STEP))
    days = low + (np.arange(parts) + 0.5) * (high - low) / parts
    own: Table = {"kind": "uniform", "low": low, "high": high}
    return Distribution(f"uniform, days {low:g} to {high:g}", days, np.full(parts, 1 / parts), own)


def listed(days: list[float], weights: list[float] | None = None) -> Distribution:
    """Return given days, as likely as their weights say, or all alike.

    Raises
    ------
    ProtocolError
        If there are none, or weights are negative, all 0, or not as many.
    """
    chances = np.ones(len(days)) if weights is None else np.asarray(weights, dtype=float)
    if not days or len(chances) != len(days) or (chances < 0).any() or not chances.sum() > 0:
        raise ProtocolError("a list of days needs a weight of 0 or more for each, and not all 0.")
    own: Table = {"kind": "list", "days": days, **({} if weights is None else {"weights": weights})}
    return Distribution("as listed", np.asarray(days, dtype=float), chances / chances.sum(), own)
