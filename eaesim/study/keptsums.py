"""Stored sums over the rats of each parameter set: their memory does not grow with the number of rats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.endpoints.daycounts import DayCounts
from eaesim.endpoints.living import SHOWN, living
from eaesim.endpoints.setsums import SetSums
from eaesim.errors import NotKeptError
from eaesim.study.kept import ArmCourses, KeptEndpoints, Rats

# What is summed: an arm and its control, and whether rats are paired.
Sample = tuple[str, str, bool]
Status = npt.NDArray[np.uint8]
# Rats whose courses are kept: some of the first few may fail, and are not shown.
_SHOWN = 8 * SHOWN
_HOW_TO_KEEP = "of so many rats, only sums are; run the study with compared=None"


@dataclass
class KeptSums:
    """Sums over the rats that are complete, and the endpoints of those that are not.

    Attributes
    ----------
    since, dead, windows
        As for `KeptEndpoints`.
    sets
        Number of parameter sets.
    summed
        Function that returns the sums of some rats, from their endpoints, status and first number.
    sums
        Sums of the complete rats.
    levels
        Rats by day and score, by index of the arm.
    """

    since: Sequence[Sequence[int | None]]
    dead: str
    windows: Sequence[str]
    sets: int
    summed: Callable[[KeptEndpoints, Status, int], dict[Sample, SetSums]]
    sums: dict[Sample, SetSums] = field(default_factory=dict)
    levels: dict[int, DayCounts] = field(default_factory=dict)
    _shown: dict[tuple[int, int], tuple[Floats, float]] = field(default_factory=dict)
    _first: int = 0
    _part: KeptEndpoints | None = None

    def begin(self, rats: int) -> None:
        """Prepare for the next rats."""
        self._part = KeptEndpoints.empty(rats, since=self.since, dead=self.dead, windows=self.windows)

    def keep(self, arm: int, rats: Rats, courses: ArmCourses) -> None:
        """Compute and store the endpoints of some of the next rats of the arm with index `arm`."""
        assert self._part is not None
        self._part.keep(arm, rats - self._first, courses)
        found = DayCounts.of(courses.score, courses.death_day, member=rats % self.sets, sets=self.sets)
        self.levels[arm] = self.levels[arm] + found if arm in self.levels else found
        for place in np.flatnonzero(rats < _SHOWN):
            self._shown[arm, int(rats[place])] = courses.score[place], float(courses.death_day[place])

    def finish(self, status: Status) -> None:
        """Add the next rats to the sums, given their status, shape (arms, rats)."""
        assert self._part is not None
        for sample, found in self.summed(self._part, status, self._first).items():
            self.sums[sample] = self.sums[sample] + found if sample in self.sums else found
        self._first += status.shape[1]
        self._part = None

    def counts(self, arm: int) -> DayCounts:
        """Return the rats of an arm by day and score, and the courses of the first of them."""
        shown = [self._shown[key] for key in sorted(self._shown) if key[0] == arm]
        score, death_day = (np.array(each) for each in zip(*shown, strict=True))
        return replace(self.levels[arm], animals=living(score, death_day).animals)

    @property
    def death_day(self) -> NoReturn:
        """Refuse the days on which rats died.

        Raises
        ------
        NotKeptError
            Always.
        """
        raise NotKeptError(f"the days on which rats died were not kept: {_HOW_TO_KEEP}.")

    def read(self, *_: object, **__: object) -> NoReturn:
        """Refuse the endpoints of every rat.

        Raises
        ------
        NotKeptError
            Always.
        """
        raise NotKeptError(f"the endpoints of single rats were not kept: {_HOW_TO_KEEP}.")

    def of(self, sample: Sample) -> SetSums:
        """Return the sums of an arm, or of a pair.

        Raises
        ------
        NotKeptError
            If these rats were not summed.
        """
        if sample not in self.sums:
            arm, control, _ = sample
            raise NotKeptError(
                f'"{arm}" and "{control}" were not compared: {_HOW_TO_KEEP}, or name the pair.'
            )
        return self.sums[sample]
