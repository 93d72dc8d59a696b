"""Running arms: chunk by chunk of rats, so that memory does not grow with them but for what is kept."""

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
from eaesim.study.chunk import Settled, run_chunk
from eaesim.study.cohort import check_animals, draw_chunks
from eaesim.study.counter import Counter
from eaesim.study.kept import HOW_TO_KEEP, KeptCourses, KeptEndpoints
from eaesim.study.plan import plan_study
from eaesim.study.schedule import NEVER, dosed, relapse_induction, waiting_lines

__all__ = ["Simulation", "relapse_induction", "simulate"]

# Numbers that the runs of a chunk may hold together: what bounds the memory.
CHUNK = 4_000_000


@dataclass(frozen=True)
class Simulation:
    """What came of every rat in every arm: arrays of (arms, rats).

    Attributes
    ----------
    kept
        The courses, or the endpoints alone.
    status
        `SOLVED`, `HANDED_OVER` or `FAILED` of `eaesim.solver`; a rat that was to get the cells of a donor
        that has none to give is `FAILED` too.
    reason
        By place of the arm and number of the rat: why a run failed, or was handed over.
    dosed
        Whether the rat was given any dose.
    triggered
        By arm and place of a dose line that waits for a sign: the day of its first dose, NaN without one.
    """

    kept: KeptCourses | KeptEndpoints
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
            If only endpoints were kept.
        """
        if isinstance(self.kept, KeptEndpoints):
            raise NotKeptError(f"daily scores and courses were not kept, only endpoints; {HOW_TO_KEEP}.")
        return self.kept

    @property
    def score(self) -> Floats:
        """Daily readings as if no rat died, shape (arms, rats, days); NaN for a rat that failed."""
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
        """First day on which a rat is dead; infinity for one that lives, NaN for one that failed."""
        return self.kept.death_day

    @property
    def failures(self) -> list[str]:
        """Why runs failed, a text for each, arm by arm."""
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
    members: Sequence[Rat] = (),
    engine: str = "auto",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Run every arm of a design with the same rats.

    Parameters
    ----------
    rat
        The typical rat; or one for each arm, by its name.
    design
        Arms, inductions and days.
    animals, seed
        The rats.
    record
        Names of the states to keep.
    courses
        Whether courses are kept, or endpoints alone, read with the rule `dead`.
    dead
        How the dead are scored, where endpoints alone are kept.
    members
        Typical rats of an ensemble, in place of the one: rat number i belongs to the one at place i modulo
        their number, in every arm.
    engine, workers, progress
        As in `eaesim.solver.solve`; progress counts the runs of all arms.

    Raises
    ------
    EaesimError
        If the rats or the engine cannot be had.
    """
    check_animals(animals, seed=seed)
    states = tuple(dict.fromkeys(record)) if courses else ()
    plan = plan_study(rat, design, record=states, engine=engine, workers=workers, members=members)
    arms, days = len(design.arms), design.until + 1
    shape = (arms, animals)
    simulation = Simulation(
        kept=KeptCourses.empty(arms, animals, days=days, states=states)
        if courses
        else KeptEndpoints.empty(animals, since=plan.since, dead=dead, windows=design.endpoints),
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
        for settled in run_chunk(plan, cohort, counter):
            _take(simulation, plan.arms[settled.arm].arm, settled, first)
        first += len(cohort.death)
    return simulation


def _take(simulation: Simulation, arm: Arm, settled: Settled, first: int) -> None:
    place, rats = settled.arm, settled.rats + first
    simulation.kept.keep(place, rats, settled.courses)
    simulation.status[place, rats] = settled.status
    simulation.reason.update({(place, first + rat): text for rat, text in settled.reason.items()})
    simulation.dosed[place, rats] = dosed(arm, settled.starts)
    for line, days in zip(waiting_lines(arm), settled.starts.T, strict=True):
        simulation.triggered[arm.name, line][rats] = np.where(days == NEVER, np.nan, days)
