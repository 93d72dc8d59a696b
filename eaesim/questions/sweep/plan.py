"""What a sweep does, checked before the first rat is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

from eaesim.endpoints import ENDPOINTS
from eaesim.files import Content, within
from eaesim.protocol.path import StudyPath
from eaesim.protocol.values import Value
from eaesim.questions.sweep.memory import check_memory, gigabytes
from eaesim.questions.sweep.notes import path_lines, sweep_notes, time_words, tried_values
from eaesim.questions.sweep.points import Points, read_points
from eaesim.questions.sweep.request import SweepRequest
from eaesim.solver import RAT_DAYS, Effort, choose_engine
from eaesim.study import Study, study_text
from eaesim.study.change import change_study
from eaesim.study.cluster import LOCAL, check_cluster
from eaesim.study.membership import chosen_members, member_settings
from eaesim.study.workers import worker_number
from eaesim.workbench.answer import StudyPlan

# Combinations of arms, inductions and days that are tried before a run; parameters of the rat do not depend
# on each other. One that makes no study is found on the way otherwise, and is a point without a value.
MOST_TRIED = 2_000
# There are about so many parts, as far as their runs are no fewer, and no more, than these: many enough for
# many workers, and none so long that losing it hurts. Only the settings decide, so that resuming is possible.
PARTS, FEWEST_RUNS, MOST_RUNS = 32, 200, 20_000
# Bytes of memory: a process with its libraries, a rat in an arm, and a coordinate of a sampled point.
WORKER_BYTES, RUN_BYTES, POINT_BYTES = 300e6, 600.0, 40.0
# Seconds for the statistics of an arm at a point: an estimate, no promise.
STATISTICS = 0.006
# Below this much work, starting processes costs more than it saves.
SERIAL_SECONDS = 10.0


@dataclass(frozen=True)
class SweepPlan(StudyPlan):
    """Everything that determines the result of a sweep.

    Attributes
    ----------
    study
        What is changed at every point.
    request
        How, and with which rats.
    """

    study: Study
    request: SweepRequest

    @cached_property
    def points(self) -> Points:
        """The points, in their order."""
        return read_points(self.request, self.study.design)

    @cached_property
    def engine(self) -> str:
        """The solver of every rat, wherever it is run: ``"lanes"`` or ``"reference"``."""
        return choose_engine(self.request.engine).name

    @property
    def parameter_sets(self) -> str:
        """What the rats represent, in words: whether intervals include parameter uncertainty."""
        number = len(chosen_members(self.study.rat, self.request.parameter_sets))
        return f"{number} parameter sets" if number > 1 else "typical rat only: no parameter uncertainty"

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return tuple(arm.name for arm in self.study.design.arms)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Names of the endpoints: the usual ones, then the windows that the study names."""
        return (*ENDPOINTS, *self.study.design.endpoints)

    @property
    def treated(self) -> tuple[str, ...]:
        """Names of the arms but the control."""
        return tuple(name for name in self.arms if name != self.study.design.control)

    @property
    def runs_a_point(self) -> int:
        """How many rats are run at each point, all arms together."""
        return len(self.arms) * self.request.animals

    @property
    def runs(self) -> int:
        """How many rats are run in all."""
        return len(self.points) * self.runs_a_point

    @property
    def points_a_part(self) -> int:
        """How many points go into one part."""
        runs = min(max(self.runs // PARTS, FEWEST_RUNS), MOST_RUNS)
        return max(1, runs // self.runs_a_point)

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return -(-len(self.points) // self.points_a_part)

    def part(self, number: int) -> range:
        """Return the points of a part."""
        first = number * self.points_a_part
        return range(first, min(first + self.points_a_part, len(self.points)))

    @property
    def seconds(self) -> float:
        """About how long it takes on one core."""
        rat_days = self.runs * (self.study.design.until + 1)
        return rat_days / RAT_DAYS[self.engine] + len(self.points) * len(self.arms) * STATISTICS

    def memory(self, workers: int) -> float:
        """Return about how many bytes this number of workers needs."""
        points = POINT_BYTES * (self.request.samples or 0) * len(self.points.values)
        return points + workers * (WORKER_BYTES + RUN_BYTES * self.runs_a_point)

    def workers(self, effort: Effort) -> int | None:
        """Return how many processes are used: the requested number, or one where more do not help.

        Raises
        ------
        MemoryShortError
            If they need more memory than this machine has.
        WorkerError, MissingLibraryError
            If the cluster cannot be used.
        """
        workers, cluster = effort.workers, effort.cluster
        if cluster is not None:
            check_cluster(cluster, workers)
        elif workers is None:
            workers = 1 if self.seconds < SERIAL_SECONDS else worker_number()
        check_memory(self.memory(worker_number(workers) if cluster in (None, LOCAL) else 1))
        return workers

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the files, as plain values."""
        asked, rat = self.request, self.study.rat
        entries = repr([(entry.name, entry.value, entry.spread) for entry in rat.entries.values()])
        return {
            "engine": self.engine,
            "study": study_text(self.study, animals=asked.animals, seed=asked.seed),
            "rat": hashlib.sha256(entries.encode()).hexdigest(),
            "seed": asked.seed,
            "dead": asked.dead,
            **member_settings(rat, asked.parameter_sets),
            "sweep": asked.own(),
        }

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return f"{len(self.points)} points of {self.runs_a_point} rats: {self.runs} runs"

    def opening(self) -> list[str]:
        """Return a line for each path, and what it costs: how many runs, about how long, how much memory."""
        workers = self.workers(self.request.effort) or 1
        busy = min(workers, worker_number())
        cores = "one core" if busy == 1 else f"{busy} cores"
        time, memory = time_words(self.seconds / busy), gigabytes(self.memory(workers))
        return [
            *path_lines(self.study, self.points),
            f"{self.summary()}, about {time} on {cores}, {memory} of memory.",
        ]

    def warnings(self) -> list[str]:
        """Return a line for each thing to know of the study, and that a user may not have meant."""
        return [*super().warnings(), *sweep_notes(self.study, self.points)]


def plan_sweep(study: Study, request: SweepRequest) -> SweepPlan:
    """Return the plan of a sweep, once every value is known to make a study.

    Raises
    ------
    EaesimError
        If a path leads nowhere, or a value is not allowed there; the message names both.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", arms=[Arm("vehicle")])
    >>> values = {"parameter.divisions": [8, 9], "until": [20, 40]}
    >>> plan_sweep(study, SweepRequest(values, animals=10)).runs
    40
    """
    plan = SweepPlan(study.reading(*(request.endpoints or ())), request)
    for path, value in tried_values(plan.points):
        _try(plan.study, {path: value})
    chosen_members(study.rat, request.parameter_sets)
    check_memory(plan.memory(1))
    for changes in islice(_together(plan.points), MOST_TRIED):
        _try(plan.study, changes, " together")
    return plan


def _together(points: Points) -> Iterator[dict[StudyPath, Value]]:
    """Yield what only together makes no study, such as a day past an earlier end."""
    together = [path for path in points.values if not path.parameter]
    if len(together) < 2:
        return
    if points.shares is None:
        for values in product(*(points.values[path].listed for path in together)):
            yield dict(zip(together, values, strict=True))
    else:
        for point in range(len(points)):
            changes = dict(zip(points.values, points.at(point), strict=True))
            yield {path: changes[path] for path in together}


def _try(study: Study, changes: Mapping[StudyPath, Value], together: str = "") -> None:
    values = {path.text: f'"{value}"' if isinstance(value, str) else value for path, value in changes.items()}
    said = ", ".join(f'"{path}" = {value}' for path, value in values.items())
    with within(f"[sweep]: {said}{together}"):
        change_study(study, changes)
