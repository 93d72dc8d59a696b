"""Endpoints of the rats of a study: of every rat, of the same rats in two arms, and sums over rats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import ENDPOINTS, Floats, pairs
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.setsums import SetSums
from eaesim.errors import unknown_name
from eaesim.model import Rat
from eaesim.protocol import Design
from eaesim.solver import FAILED
from eaesim.study.cohort import rat_members
from eaesim.study.kept import RELAPSE_DAY
from eaesim.study.keptsums import KeptSums, Sample
from eaesim.study.schedule import relapse_induction
from eaesim.study.simulation import Simulation


@dataclass(frozen=True, repr=False)
class Sampled:
    """The rats of a study, with the fields of a `Result`."""

    rat: Rat
    design: Design
    simulation: Simulation
    seed: int
    dead: str
    record: tuple[str, ...]
    members: int = 1
    sets: tuple[Rat, ...] = ()
    engine: str = "auto"

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return tuple(arm.name for arm in self.design.arms)

    @property
    def number(self) -> int:
        """Number of rats in every arm."""
        return int(self.simulation.status.shape[1])

    @property
    def member(self) -> npt.NDArray[np.int64]:
        """The index of each rat's parameter set, the same in every arm; 0 without an ensemble."""
        return rat_members(self.number, members=self.members)

    def place(self, arm: str) -> int:
        """Return the index of an arm.

        Raises
        ------
        UnknownNameError
            If there is no such arm.
        """
        if arm not in self.arms:
            raise unknown_name(arm, "arm", self.arms)
        return self.arms.index(arm)

    @cached_property
    def _readings(self) -> dict[tuple[str, int | None], dict[str, Floats]]:
        """Endpoints computed so far, by arm and first day of the relapse."""
        return {}

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Names of the endpoints in every table: the usual ones, then those with a window."""
        return (*ENDPOINTS, *self.design.endpoints)

    def _read(self, arm: str, since: int | None, name: str) -> Floats:
        read, place = self._readings.setdefault((arm, since), {}), self.place(arm)
        if name not in read:
            always = (*ENDPOINTS, RELAPSE_DAY)
            windows = [each for each in dict.fromkeys((*self.design.endpoints, name)) if each not in always]
            read |= self.simulation.kept.read(place, since, dead=self.dead, windows=windows)
        return read[name]

    def _induced(self, arm: str) -> int | None:
        return relapse_induction(self.design, self.design.arms[self.place(arm)])

    def dead_before(self, day: float) -> npt.NDArray[np.bool_]:
        """Return which rats died by a day in any arm: a relapse on it excludes them from every arm."""
        return np.asarray((self.simulation.death_day <= day).any(axis=0))

    def _gone(self, name: str, since: int | None) -> npt.NDArray[np.bool_]:
        if since is None or not name.startswith("relapse_"):
            return np.zeros(self.number, dtype=np.bool_)
        return self.dead_before(since)

    def endpoint(self, arm: str, name: str, *, since: int | None = None) -> Floats:
        """Return an endpoint of every rat of an arm; NaN where a rat has none.

        Parameters
        ----------
        arm, name
            The arm and the endpoint, which may have a window (`eaesim.endpoints.endpoint`).
        since
            First day of a relapse: by default that of the arm's own induction; without one, relapses are
            spontaneous.

        Raises
        ------
        UnknownNameError
            If the arm or the endpoint is not known.
        QuantityError
            If it cannot have that window.
        """
        own = find_endpoint(name, until=self.design.until).name
        return self._read(arm, self._induced(arm) if since is None else since, own)

    def pair(self, arm: str, control: str, name: str, *, whole: bool = False) -> tuple[Floats, Floats]:
        """Return an endpoint of the same rats in two arms, without rats that failed in either.

        With `whole`, failed rats are there without a value, and every rat has the value of each arm.

        A relapse is counted from the induction in either arm on. A rat without a value in one arm has none in
        the other: the day of onset is compared in rats that had one in both arms.
        """
        kept, since = self._kept_pairs(arm, control, name)
        own, other = (_chosen(self.endpoint(each, name, since=since), kept, whole) for each in (arm, control))
        return (own, other) if whole else pairs(own, other)

    def _kept_pairs(self, arm: str, control: str, name: str) -> tuple[npt.NDArray[np.bool_], int | None]:
        """Return which rats are valid in both arms, and the first day of the relapse."""
        since = self._induced(arm)
        since = self._induced(control) if since is None else since
        return ~(self.has_failed(arm) | self.has_failed(control) | self._gone(name, since)), since

    def pair_member(self, arm: str, control: str, name: str) -> npt.NDArray[np.int64]:
        """Return the parameter set of each rat in `pair`."""
        return self.member[self._kept_pairs(arm, control, name)[0]]

    def values(self, arm: str, name: str, *, control: str | None = None, whole: bool = False) -> Floats:
        """Return the endpoint values in `mean`: without failed rats; NaN without a value.

        With `whole`, failed rats are there, without a value.

        Raises
        ------
        UnknownNameError
            If the arm or the endpoint is not known.
        """
        return _chosen(self.endpoint(arm, name), self._kept(arm, name, control), whole)

    def value_member(self, arm: str, name: str, *, control: str | None = None) -> npt.NDArray[np.int64]:
        """Return the parameter set of each rat in `values`."""
        return self.member[self._kept(arm, name, control)]

    def sums(self, sample: Sample, *, first: int = 0) -> SetSums:
        """Return the sums of all endpoints over the rats of each parameter set.

        Parameters
        ----------
        sample
            An arm, the arm whose failed rats are left out too, and whether rats are paired with it.
        first
            Number in the study of the first rat.

        Raises
        ------
        NotKeptError
            If only sums were kept, and not these.
        """
        if isinstance(self.simulation.kept, KeptSums):
            return self.simulation.kept.of(sample)
        arm, control, is_paired = sample
        if is_paired:
            both = [self.pair(arm, control, name, whole=True) for name in self.endpoints]
            columns = [[pair[place] for pair in both] for place in range(2)]
        else:
            columns = [[self.values(arm, name, control=control, whole=True) for name in self.endpoints]]
        member = rat_members(self.number, members=self.members, first=first)
        return SetSums.of(*columns, member=member, sets=self.members)

    def _kept(self, arm: str, name: str, control: str | None) -> npt.NDArray[np.bool_]:
        failed = self.has_failed(arm) | self.has_failed(control or arm)
        return ~(failed | self._gone(name, self._induced(arm)))

    def failed(self, arm: str, control: str | None = None) -> int:
        """Return the number of rats that failed in an arm, or in either arm of a pair."""
        return int((self.has_failed(arm) | self.has_failed(control or arm)).sum())

    def has_failed(self, arm: str) -> npt.NDArray[np.bool_]:
        """Return which rats of an arm failed, or had no living donor."""
        return np.asarray(self.simulation.status[self.place(arm)] == FAILED)


def _chosen(values: Floats, kept: npt.NDArray[np.bool_], whole: bool) -> Floats:
    """Return values of the rats that count: of these alone, or of all with NaN elsewhere."""
    if kept.all():
        return values
    return np.where(kept, values, np.nan) if whole else values[kept]
