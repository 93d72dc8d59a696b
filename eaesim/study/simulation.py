"""Running arms in chunks of rats, so that memory grows only with the stored results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import NotKeptError
from eaesim.model import Rat
from eaesim.protocol import Arm, Design
from eaesim.solver import FAILED, Progress
from eaesim.solver.effort import chosen_accuracy
from eaesim.study.chunk import Settled, run_chunk
from eaesim.study.cohort import MOST_ANIMALS, MOST_SUMMED, check_animals, draw_chunks
from eaesim.study.counter import Counter
from eaesim.study.kept import HOW_TO_KEEP, KeptCourses, KeptEndpoints
from eaesim.study.keptsums import KeptSums
from eaesim.study.plan import plan_study
from eaesim.study.recorded import daily
from eaesim.study.schedule import NEVER, dosed, relapses_since, waiting_lines

# Maximum values in memory for the runs of a chunk.
CHUNK = 4_000_000


@dataclass(frozen=True)
class Simulation:
    """Results of every rat in every arm: arrays of (arms, rats).

    Attributes
    ----------
    kept
        Courses, or only endpoints, or only sums over rats.
    status
        `SOLVED`, `HANDED_OVER` or `FAILED` of `eaesim.solver`; a recipient without donor cells is
        `FAILED` too.
    reason
        Reason of failure or handover, by index of the arm and number of the rat.
    dosed
        Whether the rat received a dose.
    triggered
        Day of the first dose by arm and index of a triggered dose line, NaN without one.
    """

    kept: KeptCourses | KeptEndpoints | KeptSums
    status: npt.NDArray[np.uint8]
    reason: dict[tuple[int, int], str]
    dosed: npt.NDArray[np.bool_]
    triggered: dict[tuple[str, int], Floats]

    @property
    def courses(self) -> KeptCourses:
        """Every rat's course.

        Raises
        ------
        NotKeptError
            If they were not kept.
        """
        if isinstance(self.kept, KeptCourses):
            return self.kept
        raise NotKeptError(f"daily scores and courses of single rats were not kept; {HOW_TO_KEEP}.")

    @property
    def score(self) -> Floats:
        """Daily readings as if no rat died, shape (arms, rats, days); NaN for a failed rat."""
        return self.courses.score

    @property
    def severity(self) -> Floats:
        """Latent severity, likewise."""
        return self.courses.severity

    @property
    def states(self) -> Mapping[str, Floats]:
        """The recorded states by name, likewise."""
        return self.courses.states

    @property
    def death_day(self) -> Floats:
        """First day on which a rat is dead; infinity for a survivor, NaN for a failed rat."""
        return self.kept.death_day

    @property
    def failures(self) -> list[str]:
        """Reasons of failed runs, arm by arm."""
        return [text for key, text in sorted(self.reason.items()) if self.status[key] == FAILED]


def simulate(
    rat: Rat | Mapping[str, Rat],
    design: Design,
    *,
    animals: int,
    seed: int,
    record: Sequence[str] = (),
    courses: bool = True,
    dead: str = "score",
    sums: KeptSums | None = None,
    members: Sequence[Rat] | Mapping[str, Sequence[Rat]] = (),
    engine: str = "auto",
    accuracy: str = "auto",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Run every arm of a design with the same rats.

    Parameters
    ----------
    rat
        Typical rat; or one for each arm, by name.
    design
        Arms, inductions and days.
    animals, seed
        Number and random seed of the rats.
    record
        Names of the quantities to record, as for `eaesim.study.recorded.check_recorded`.
    courses
        Whether courses are stored, or only endpoints, with the rule `dead`.
    dead
        Rule for dead rats, if only endpoints are stored.
    sums
        Receives sums over rats, which are all that is stored then.
    members
        Typical rats of an ensemble, instead of a single one: rat number i belongs to that with index i modulo
        their number, in every arm. Or those of each arm, by name.
    engine, workers, progress
        As in `eaesim.solver.solve`; progress counts the runs of all arms.
    accuracy
        As in `eaesim.solver.Effort`.

    Raises
    ------
    EaesimError
        If the rats or the engine are unavailable.
    """
    check_animals(animals, seed=seed, most=MOST_ANIMALS if sums is None else MOST_SUMMED)
    states = daily(record) if courses and sums is None else ()
    exact = chosen_accuracy(accuracy, has_states=bool(states))
    plan = plan_study(
        rat, design, record=states, engine=engine, accuracy=exact, workers=workers, members=members
    )
    arms, days = len(design.arms), design.until + 1
    shape = (arms, animals)
    kept: KeptCourses | KeptEndpoints | KeptSums
    if sums is not None:
        kept = sums
    elif courses:
        kept = KeptCourses.empty(arms, animals, days=days, states=states)
    else:
        since = relapses_since(design)
        kept = KeptEndpoints.empty(animals, since=since, dead=dead, windows=design.endpoints)
    simulation = Simulation(
        kept=kept,
        status=np.full(shape, FAILED, dtype=np.uint8),
        reason={},
        dosed=np.zeros(shape, dtype=np.bool_),
        triggered={
            (arm.name, place): np.full(animals, np.nan) for arm in design.arms for place in waiting_lines(arm)
        },
    )
    counter = Counter(arms * animals, progress)
    size, first = max(1, CHUNK // (plan.numbers * arms)), 0
    for cohort in draw_chunks(animals, seed=seed, days=days, size=size, varied=plan.varied):
        rats = len(cohort.death)
        if sums is not None:
            sums.begin(rats)
        for settled in run_chunk(plan, cohort, counter):
            _take(simulation, plan.arms[settled.arm].arm, settled, first)
        if sums is not None:
            sums.finish(simulation.status[:, first : first + rats])
        first += rats
    return simulation


def _take(simulation: Simulation, arm: Arm, settled: Settled, first: int) -> None:
    place, rats = settled.arm, settled.rats + first
    simulation.kept.keep(place, rats, settled.courses)
    simulation.status[place, rats] = settled.status
    simulation.reason.update({(place, first + rat): text for rat, text in settled.reason.items()})
    simulation.dosed[place, rats] = dosed(arm, settled.starts)
    for line, days in zip(waiting_lines(arm), settled.starts.T, strict=True):
        simulation.triggered[arm.name, line][rats] = np.where(days == NEVER, np.nan, days)
