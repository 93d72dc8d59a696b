"""What a sweep does, checked before the first rat is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

from eaesim.endpoints import ENDPOINTS
from eaesim.files import Content, within
from eaesim.model import MECHANISMS, parse_mechanism
from eaesim.protocol.path import StudyPath, stated_value
from eaesim.protocol.quantity import number_text
from eaesim.protocol.values import Range, Value
from eaesim.questions.sweep.memory import check_memory, gigabytes
from eaesim.questions.sweep.points import Points, read_points
from eaesim.questions.sweep.request import SOBOL, SweepRequest
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


def path_lines(study: Study, points: Points) -> list[str]:
    """Return a line for each path: which values it takes, and what the study says there now."""
    lines = []
    for path, values in points.values.items():
        ends = values.tried()
        number = f"{len(ends)} values, " if len(values.listed) > 1 else ""
        between = ends[0] if len(ends) == 1 else f"{ends[0]} to {ends[-1]}"
        lines.append(f"{path.text}: {number}{between}{_now(study, path)}")
    return lines


def _now(study: Study, path: StudyPath) -> str:
    if path.parameter:
        value = study.rat.entry(str(path.keys[1])).value
        if path.parameter != path.keys[1]:  # an IC50, which is one over the potency
            value = 1.0 / value if value else float("inf")
        return f"; now {value:g}"
    said = study.rat.name if path.keys == ("rat",) else stated_value(study.design, path)
    if said is None:
        return ""
    return f"; now {said if isinstance(said, str) else number_text(said)}"


def time_words(seconds: float) -> str:
    """Return a length of time in its largest fitting unit.

    Examples
    --------
    >>> time_words(0.2), time_words(90), time_words(9000), time_words(1e6)
    ('1 s', '90 s', '2.5 h', '11.6 days')
    """
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    if seconds < 7200:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.3g} h" if seconds < 172_800 else f"{seconds / 86_400:.3g} days"


def tried_values(points: Points) -> Iterator[tuple[StudyPath, Value]]:
    """Yield every value of every path; of a parameter's range only the ends, which represent the others."""
    for path, values in points.values.items():
        ends = path.parameter and isinstance(values, Range)
        for value in (values.at(0.0), values.at(1.0)) if ends else values.tried():
            yield path, value


def sweep_notes(study: Study, points: Points) -> list[str]:
    """Return a line for each thing that may be unintended."""
    return [*_bounds(study, points), *_idle(study, points), *_uneven(points)]


def _bounds(study: Study, points: Points) -> list[str]:
    """Return the warnings of the studies, one line per path."""
    own = set(study.warnings())
    found: dict[StudyPath, dict[str, None]] = {}
    for path, value in tried_values(points):
        new = [text for text in change_study(study, {path: value}).warnings() if text not in own]
        found.setdefault(path, {}).update(dict.fromkeys(new))
    return [
        f'"{path.text}": {next(iter(texts))}'
        + (f" The same holds for {len(texts) - 1} more of its values." if len(texts) > 1 else "")
        for path, texts in found.items()
        if texts
    ]


def _idle(study: Study, points: Points) -> list[str]:
    """Return a line for each varied strength of a mechanism that is active in no arm."""
    design = study.design
    if any(path.keys[-1] == "mechanism" for path in points.values):
        return []
    acting = {name for arm in design.arms for name in parse_mechanism(arm.mechanism_or(design.mechanism))}
    strengths = {item.potency: name for name, item in MECHANISMS.items()}
    idle = [(path, strengths.get(str(path.keys[-1]))) for path in points.values if path.parameter]
    return [
        f'"{path.text}" is the strength of {name}, which is active in no arm: it has no effect.'
        for path, name in idle
        if name is not None and name not in acting
    ]


def _uneven(points: Points) -> list[str]:
    samples = len(points)
    power = 1 << (samples.bit_length() - 1)
    if points.request.method != SOBOL or samples == power:
        return []
    return [f"{samples} samples of Sobol's sequence fill the space less evenly than {power} or {2 * power}."]
