"""Numbers of rats with each score by day: all that mean courses and the range of groups need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.living import SHOWN, Living, living

#: Highest score of a living rat.
TOP = 4


@dataclass(frozen=True, eq=False)
class DayCounts:
    """Rats of one arm, counted; failed simulations are excluded.

    Attributes
    ----------
    levels
        Numbers of each parameter set's rats by day: of the dead, then of the living with each score from 0
        on, shape (sets, days, levels).
    animals
        Daily scores of the first animals, NaN from their death on, shape (animals, days).
    """

    levels: npt.NDArray[np.int64]
    animals: Floats

    @classmethod
    def of(
        cls, score: Floats, death_day: Floats, *, member: npt.NDArray[np.int64], sets: int, top: int = TOP
    ) -> DayCounts:
        """Count rats.

        Parameters
        ----------
        score
            Daily scores, whole numbers, shape (rats, days).
        death_day
            Shape (rats,); infinite for survivors, NaN for failed simulations.
        member
            Index of each rat's parameter set.
        sets
            Number of parameter sets.
        top
            Highest score.

        Examples
        --------
        >>> one = np.zeros(2, dtype=np.int64)
        >>> scores, deaths = np.array([[0.0, 2.0], [0.0, 1.0]]), np.array([np.inf, 1.0])
        >>> DayCounts.of(scores, deaths, member=one, sets=1, top=2).levels.tolist()
        [[[0, 2, 0, 0], [1, 0, 0, 1]]]
        """
        solved = ~np.isnan(death_day) & ~np.isnan(score).any(axis=1)
        if not solved.all():
            score, death_day, member = score[solved], death_day[solved], member[solved]
        days, levels = score.shape[1], top + 2
        day = np.arange(days)
        place = np.ascontiguousarray(score).astype(np.int64) + 1
        place *= day < death_day[:, None]
        place += member[:, None] * (days * levels) + day * levels
        counted = np.bincount(place.ravel(), minlength=sets * days * levels).reshape(sets, days, levels)
        return cls(counted, living(score[:SHOWN], death_day[:SHOWN]).animals)

    def __add__(self, other: DayCounts) -> DayCounts:
        """Return the counts of these and of further rats; the animals are those of these."""
        return DayCounts(self.levels + other.levels, self.animals)

    def living(self) -> Living:
        """Return the course of the surviving animals.

        Examples
        --------
        >>> one = np.zeros(2, dtype=np.int64)
        >>> scores, deaths = np.array([[0.0, 3.0], [0.0, 1.0]]), np.array([1.0, np.inf])
        >>> found = DayCounts.of(scores, deaths, member=one, sets=1).living()
        >>> found.mean.tolist(), found.alive.tolist()
        ([0.0, 1.0], [1.0, 0.5])
        """
        by_day = self.levels.sum(axis=0).astype(np.float64)
        count = by_day[:, 1:].sum(axis=1)
        with np.errstate(invalid="ignore"):
            mean = (by_day[:, 1:] @ np.arange(by_day.shape[1] - 1.0)) / np.where(count > 0, count, np.nan)
            return Living(mean, count / by_day.sum(axis=1), self.animals)
