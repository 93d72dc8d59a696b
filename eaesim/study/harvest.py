"""Cells taken from the rats of one arm, and given to the same rats in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.protocol.induction import Harvest
from eaesim.solver import FAILED
from eaesim.study.kept import ArmCourses

Rats = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Taken:
    """Cells of one harvest, by rat.

    Attributes
    ----------
    cells
        Number of cells; NaN for a rat that gives none.
    dead
        Which donors died by the day of the harvest.
    """

    cells: Floats
    dead: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls, rats: int) -> Taken:
        """Allocate the cells of a number of rats."""
        return cls(np.full(rats, np.nan), np.zeros(rats, dtype=np.bool_))

    def keep(
        self, day: int, rats: Rats, pool: Floats, courses: ArmCourses, status: npt.NDArray[np.uint8]
    ) -> None:
        """Take the cells of some rats on a day; `pool` is the available number, shape (rats, days)."""
        self.dead[rats] = courses.death_day <= day
        gives = (status != FAILED) & ~self.dead[rats]
        self.cells[rats] = np.where(gives, pool[:, day], np.nan)


def without_donor(wanted: Mapping[Harvest, Taken]) -> dict[int, str]:
    """Return the rats that cannot be run because a donor gave no cells, each with the reason.

    Examples
    --------
    >>> taken = Taken(np.array([2e5, np.nan]), np.array([False, True]))
    >>> without_donor({Harvest("vehicle", 16): taken})
    {1: 'no donor: the same rat in arm "vehicle" is dead by day 16'}
    """
    found: dict[int, str] = {}
    for harvest, taken in wanted.items():
        for rat in np.flatnonzero(np.isnan(taken.cells)).tolist():
            why = f"is dead by day {harvest.day}" if taken.dead[rat] else "could not be run"
            found.setdefault(rat, f'no donor: the same rat in arm "{harvest.donor}" {why}')
    return found


def no_courses(rats: int, *, days: int, states: tuple[str, ...]) -> ArmCourses:
    """Return empty observations for rats that were not run."""
    daily, single = np.full((rats, days), np.nan), np.full(rats, np.nan)
    return ArmCourses(daily, daily, single, single, single, dict.fromkeys(states, daily))
