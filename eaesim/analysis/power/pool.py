"""The pool of virtual rats, and studies drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
import numpy.typing as npt

from eaesim.analysis.power.plan import MOST, PowerPlan
from eaesim.endpoints import Floats
from eaesim.solver import FAILED, Progress
from eaesim.study import Result

Places = npt.NDArray[np.int32]
# Streams of random numbers of their own, apart from those of the rats (0 to 2).
_DRAWN, _LOST = 3, 4


@dataclass(frozen=True)
class Drawn:
    """The animals of one arm in many studies.

    Attributes
    ----------
    rat
        Which rat of the pool each is, shape (studies, animals).
    last
        The last day on which each was read.
    """

    rat: Places
    last: Places

    def studies(self, first: int, end: int) -> Drawn:
        """Return some of the studies."""
        return Drawn(self.rat[first:end], self.last[first:end])


@dataclass(frozen=True)
class Pool:
    """Every rat of the pool in every arm, and what a laboratory reads of it.

    Attributes
    ----------
    result
        Of the pool.
    plan
        What is asked for.
    seed
        Of the drawing.
    """

    result: Result
    plan: PowerPlan
    seed: int

    @cached_property
    def _orders(self) -> dict[str, Drawn]:
        return {}

    @cached_property
    def _courses(self) -> dict[str, _Courses]:
        return {}

    def draw(self, arm: str, animals: int) -> Drawn:
        """Draw so many animals of an arm for every study; study s is done in member s modulo their number.

        Each arm draws rats of its own, with replacement. The first animals are the same whatever their
        number, and depend neither on other arms nor on other numbers.
        """
        if arm not in self._orders:
            self._orders[arm] = self._draw_most(arm)
        most = self._orders[arm]
        return Drawn(most.rat[:, :animals], most.last[:, :animals])

    def _draw_most(self, arm: str) -> Drawn:
        plan, days = self.plan, self.plan.study.design.until
        shape = (max(MOST, *plan.animals), plan.studies)
        turn = np.arange(plan.studies) % plan.members
        drawn = self._stream(arm, _DRAWN).integers(0, plan.pool // plan.members, size=shape)
        rat = np.ascontiguousarray((drawn * plan.members + turn).T, dtype=np.int32)
        last = np.full(rat.shape, days, dtype=np.int32)
        if plan.daily_dropout > 0:
            waiting = self._stream(arm, _LOST).standard_exponential(size=shape).T
            lost = waiting / -np.log1p(-plan.daily_dropout)
            last = np.minimum(lost, days).astype(np.int32)
            # The dead leave no study.
            death = self.result.simulation.death_day[self.result.place(arm)]
            last = np.where(death[rat] <= last, np.int32(days), last)
        return Drawn(rat, last)

    def _stream(self, arm: str, purpose: int) -> np.random.Generator:
        key = (purpose, crc32(arm.encode()))
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    def values(self, arm: str, endpoint: str, drawn: Drawn) -> Floats:
        """Return an endpoint of drawn animals, of the days on which each was read; NaN where it has none.

        Lost animals have no cumulative score.
        """
        found = self._of(arm).values(endpoint, drawn)
        return np.where(self.lost(drawn), np.nan, found) if endpoint == "cumulative_score" else found

    def lost(self, drawn: Drawn) -> npt.NDArray[np.bool_]:
        """Return which drawn animals were lost before the last day."""
        return drawn.last < self.plan.study.design.until

    def deaths(self, arm: str, drawn: Drawn) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return the day of death, or the last day an animal was seen alive, and which it is."""
        death = self.result.simulation.death_day[self.result.place(arm)][drawn.rat]
        died = death <= drawn.last
        return np.where(np.isnan(death), np.nan, np.where(died, death, drawn.last)), died

    def times(self, arm: str, drawn: Drawn) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return the first day with signs, or the last day an animal was seen without, and which it is.

        An animal that dies without signs has not had them by then, unless the dead score 5; NaN is left out.
        """
        return self._of(arm).times(drawn)

    def _of(self, arm: str) -> _Courses:
        if arm not in self._courses:
            place = self.result.place(arm)
            failed = self.result.simulation.status[place] == FAILED
            score = np.where(failed[:, None], np.nan, self.result.scores(arm))
            death = self.result.simulation.death_day[place]
            self._courses[arm] = _Courses(score, death, self.plan.dead)
        return self._courses[arm]


@dataclass(frozen=True)
class _Courses:
    """Daily scores of an arm of the pool, under the rule for the dead."""

    score: Floats
    death: Floats
    dead: str

    @cached_property
    def _running(self) -> dict[str, Floats]:
        """What was read up to each day."""
        return {
            "peak_score": np.maximum.accumulate(self.score, axis=1),
            "cumulative_score": np.cumsum(self.score, axis=1),
        }

    @cached_property
    def _onset(self) -> Floats:
        """First day with signs; infinity without, NaN for a rat that is left out."""
        signs = self.score >= 1
        first = np.where(signs.any(axis=1), signs.argmax(axis=1), np.inf)
        return np.where(np.isnan(self.score).any(axis=1), np.nan, first)

    def values(self, endpoint: str, drawn: Drawn) -> Floats:
        if endpoint in self._running:
            return np.asarray(self._running[endpoint][drawn.rat, drawn.last])
        if endpoint == "mortality":
            # Who is left out is so for other endpoints alone: that it died is known.
            failed = np.isnan(self.death)[drawn.rat]
            return np.where(failed, np.nan, self.death[drawn.rat] <= drawn.last)
        onset = self._onset[drawn.rat]
        seen = onset <= drawn.last
        found = seen.astype(np.float64) if endpoint == "incidence" else np.where(seen, onset, np.nan)
        return np.where(np.isnan(onset), np.nan, found)

    def times(self, drawn: Drawn) -> tuple[Floats, npt.NDArray[np.bool_]]:
        onset = self._onset[drawn.rat]
        seen = onset <= drawn.last
        # Under "score" a death is a sign, so none of these is dead without one.
        last = np.maximum(np.fmin(drawn.last, self.death[drawn.rat] - 1.0), 0.0)
        return np.where(np.isnan(onset), np.nan, np.where(seen, onset, last)), seen


def make_pool(plan: PowerPlan, *, seed: int, progress: Progress | None = None) -> Pool:
    """Simulate the pool: the same rats in every arm, from which each arm then draws its own.

    Raises
    ------
    NothingComputedError
        If every rat failed.
    """
    result = plan.study.run(
        animals=plan.pool,
        seed=seed,
        members=plan.members,
        dead=plan.dead,
        record=(),
        progress=progress,
    )
    return Pool(result, plan, seed)
