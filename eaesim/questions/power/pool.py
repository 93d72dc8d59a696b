"""The pool of virtual rats, and studies drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats, endpoint
from eaesim.endpoints.window import Window
from eaesim.questions.power.plan import MOST, PowerPlan
from eaesim.solver import FAILED, Effort
from eaesim.study import Result, Subjects
from eaesim.workbench.runstudy import run_study

Places = npt.NDArray[np.int32]
# Separate streams of random numbers, apart from those of the rats (0 to 2).
_DRAWN, _LOST = 3, 4
# Sums over days, which an animal that was lost does not have.
SUMMED = ("cumulative_score", "mean_score")


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
        Simulation of the pool.
    plan
        Plan of the analysis.
    seed
        Random seed of the drawing.
    """

    result: Result
    plan: PowerPlan
    seed: int

    @cached_property
    def _orders(self) -> dict[str, Drawn]:
        return {}

    @cached_property
    def _courses(self) -> dict[tuple[str, int, int], _Courses]:
        return {}

    def draw(self, arm: str, animals: int) -> Drawn:
        """Draw so many animals of an arm for every study; study s uses parameter set s modulo their number.

        Each arm draws its own rats, with replacement. The first animals are the same whatever their
        number, and depend neither on other arms nor on other numbers.
        """
        if arm not in self._orders:
            self._orders[arm] = self._draw_most(arm)
        most = self._orders[arm]
        return Drawn(most.rat[:, :animals], most.last[:, :animals])

    def _draw_most(self, arm: str) -> Drawn:
        plan, days = self.plan, self.plan.study.design.until
        shape = (max(MOST, *plan.request.sizes), plan.request.studies)
        turn = np.arange(plan.request.studies) % plan.members
        drawn = self._stream(arm, _DRAWN).integers(0, plan.request.pool // plan.members, size=shape)
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

    def values(self, arm: str, name: str, drawn: Drawn) -> Floats:
        """Return an endpoint of drawn animals, of the days on which each was read; NaN where it has none.

        Lost animals have no sums over days, and those lost before a window no value in it.
        """
        whole, found = endpoint(name).whole, self._of(arm, name).values(name, drawn)
        return np.where(self.lost(name, drawn), np.nan, found) if whole in SUMMED else found

    def lost(self, name: str, drawn: Drawn) -> npt.NDArray[np.bool_]:
        """Return which drawn animals were lost before the last day, or the last one of the window."""
        return drawn.last < self._ends(name)[1]

    def deaths(self, arm: str, name: str, drawn: Drawn) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return the day of death, or the last day an animal was seen alive, and which it is."""
        return self._of(arm, name).deaths(drawn)

    def times(self, arm: str, name: str, drawn: Drawn) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return the first day with signs, or the last day an animal was seen without, and which it is.

        An animal that dies without signs has not had them by then, unless the dead score 5; NaN is left out.
        """
        return self._of(arm, name).times(drawn)

    def _ends(self, name: str) -> tuple[int, int]:
        return (endpoint(name).window or Window()).ends(self.plan.study.design.until)

    def _of(self, arm: str, name: str) -> _Courses:
        first, last = self._ends(name)
        if (arm, first, last) not in self._courses:
            place = self.result.place(arm)
            failed = self.result.simulation.status[place] == FAILED
            score = np.where(failed[:, None], np.nan, self.result.scores(arm))[:, first : last + 1]
            death = self.result.simulation.death_day[place]
            self._courses[arm, first, last] = _Courses(score, death, first)
        return self._courses[arm, first, last]


@dataclass(frozen=True)
class _Courses:
    """Daily scores of an arm of the pool under the rule for the dead, from a first day to a last one."""

    score: Floats
    death: Floats
    first: int

    @property
    def end(self) -> int:
        """The last day."""
        return self.first + int(self.score.shape[1]) - 1

    @cached_property
    def _running(self) -> dict[str, Floats]:
        """What was read up to each day."""
        total = np.cumsum(self.score, axis=1)
        return {
            "peak_score": np.maximum.accumulate(self.score, axis=1),
            "cumulative_score": total,
            "mean_score": total / self.score.shape[1],  # of all days: nobody has it who was lost
        }

    @cached_property
    def _onset(self) -> Floats:
        """First day with signs; infinity without, NaN for a rat that is left out."""
        signs = self.score >= 1
        first = np.where(signs.any(axis=1), self.first + signs.argmax(axis=1), np.inf)
        return np.where(np.isnan(self.score).any(axis=1), np.nan, first)

    def values(self, name: str, drawn: Drawn) -> Floats:
        whole, last = endpoint(name).whole, np.minimum(drawn.last, self.end)
        if whole in self._running:
            found = self._running[whole][drawn.rat, np.maximum(last - self.first, 0)]
        elif whole == "mortality":
            # Who is left out is so for other endpoints alone: that it died is known.
            death = self.death[drawn.rat]
            died = (death >= self.first) & (death <= last)
            return np.where(np.isnan(death), np.nan, died)
        else:
            onset = self._onset[drawn.rat]
            seen = onset <= last
            found = seen.astype(np.float64) if whole == "incidence" else np.where(seen, onset, np.nan)
            found = np.where(np.isnan(onset), np.nan, found)
        return np.where(drawn.last < self.first, np.nan, found)

    def deaths(self, drawn: Drawn) -> tuple[Floats, npt.NDArray[np.bool_]]:
        death, last = self.death[drawn.rat], np.minimum(drawn.last, self.end)
        died = (death >= self.first) & (death <= last)
        return np.where(np.isnan(death), np.nan, np.fmin(death, last)), died

    def times(self, drawn: Drawn) -> tuple[Floats, npt.NDArray[np.bool_]]:
        onset, end = self._onset[drawn.rat], np.minimum(drawn.last, self.end)
        seen = onset <= end
        # Under "score" a death is a sign, so none of these is dead without one.
        last = np.maximum(np.fmin(end, self.death[drawn.rat] - 1.0), float(self.first))
        left_out = np.isnan(onset) | (drawn.last < self.first)
        return np.where(left_out, np.nan, np.where(seen, onset, last)), seen


def make_pool(plan: PowerPlan, effort: Effort) -> Pool:
    """Simulate the pool: the same rats in every arm, from which each arm then draws its own.

    Raises
    ------
    NothingComputedError
        If every rat failed.
    """
    subjects = Subjects(plan.request.pool, plan.request.seed, plan.members, plan.request.dead)
    result = run_study(plan.study, subjects, effort, record=(), courses=True)
    return Pool(result, plan, plan.request.seed)
