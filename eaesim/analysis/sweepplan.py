"""What a sweep does, checked before the first rat is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import islice, product
from typing import Any

from eaesim.analysis.memory import check_memory
from eaesim.analysis.points import Points, draw_points
from eaesim.endpoints import ENDPOINTS, dead_rule
from eaesim.protocol.path import StudyPath, change_design
from eaesim.protocol.sweep import Sweep, parse_sweep
from eaesim.protocol.tables import within
from eaesim.protocol.values import Range, Value
from eaesim.solver import RAT_DAYS, choose_engine
from eaesim.study import Study, load, study_text
from eaesim.study.cohort import check_animals
from eaesim.study.membership import chosen_members, member_settings

# Combinations of arms, inductions and days that are tried before a run; parameters of the rat do not depend
# on each other. One that makes no study is found on the way otherwise, and is a point without a value.
MOST_TRIED = 2_000
# There are about so many parts, as far as their runs are no fewer, and no more, than these: many enough for
# many workers, and none so long that losing it hurts. Only the settings decide, so that resuming is possible.
PARTS, FEWEST_RUNS, MOST_RUNS = 256, 200, 20_000
# Of memory: a process with its libraries, a rat in an arm, and a coordinate of a sampled point.
WORKER_BYTES, RUN_BYTES, POINT_BYTES = 300e6, 600.0, 40.0
# Seconds for the statistics of an arm at a point: an estimate, no promise.
STATISTICS = 0.006


@dataclass(frozen=True)
class SweepPlan:
    """Everything that decides what a sweep finds.

    Attributes
    ----------
    study
        What is changed at every point.
    sweep
        How.
    animals, seed, dead
        The rats, the same ones at every point, and how the dead are scored.
    engine
        The solver of every rat, wherever it is run: ``"lanes"`` or ``"reference"``.
    members
        Parameter sets of the ensemble; 1 is the typical rat, whose intervals hold no parameter uncertainty.
    """

    study: Study
    sweep: Sweep
    animals: int
    seed: int
    dead: str
    engine: str
    members: int = 1

    @property
    def parameter_sets(self) -> str:
        """What the rats stand for, in words: parameter uncertainty is in the intervals, or it is not."""
        number = len(chosen_members(self.study.rat, self.members))
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
        return len(self.arms) * self.animals

    @property
    def runs(self) -> int:
        """How many rats are run in all."""
        return self.sweep.points * self.runs_a_point

    @property
    def points_a_part(self) -> int:
        """How many points go into one part."""
        runs = min(max(self.runs // PARTS, FEWEST_RUNS), MOST_RUNS)
        return max(1, runs // self.runs_a_point)

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return -(-self.sweep.points // self.points_a_part)

    def part(self, number: int) -> range:
        """Return the points of a part."""
        first = number * self.points_a_part
        return range(first, min(first + self.points_a_part, self.sweep.points))

    @property
    def seconds(self) -> float:
        """About how long it takes on one core."""
        rat_days = self.runs * (self.study.design.until + 1)
        return rat_days / RAT_DAYS[self.engine] + self.sweep.points * len(self.arms) * STATISTICS

    def memory(self, workers: int) -> float:
        """Return about how many bytes so many workers need."""
        points = POINT_BYTES * (self.sweep.samples or 0) * len(self.sweep.values)
        return points + workers * (WORKER_BYTES + RUN_BYTES * self.runs_a_point)

    @cached_property
    def points(self) -> Points:
        """The points, in their order."""
        return draw_points(self.sweep)

    def settings(self) -> dict[str, Any]:
        """Return everything that decides the files, as plain values."""
        rat = repr([(entry.name, entry.value, entry.spread) for entry in self.study.rat.entries.values()])
        return {
            "verb": "sweep",
            "eaesim": version("eaesim"),
            "engine": self.engine,
            "study": study_text(self.study, animals=self.animals, seed=self.seed),
            "rat": hashlib.sha256(rat.encode()).hexdigest(),
            "seed": self.seed,
            "dead": self.dead,
            **member_settings(self.study.rat, self.members),
            "sweep": self.sweep.table(),
        }


def plan_sweep(
    study: Study,
    table: Mapping[str, Any],
    *,
    animals: int = 320,
    seed: int = 1,
    dead: str = "score",
    engine: str = "auto",
    members: int = 1,
) -> SweepPlan:
    """Return the plan of a sweep, once every value is known to make a study.

    Parameters
    ----------
    study
        What is changed.
    table
        As a ``[sweep]`` table: see `eaesim.protocol.sweep.parse_sweep`.
    animals, seed, dead, engine, members
        As for `Study.run`.

    Raises
    ------
    EaesimError
        If a path leads nowhere, or a value cannot stand there; the message names both.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", arms=[Arm("vehicle")])
    >>> plan = plan_sweep(study, {"parameter.divisions": [8, 9], "until": [20, 40]}, animals=10)
    >>> plan.sweep.points, plan.runs
    (4, 40)
    """
    dead = dead_rule(dead)
    check_animals(animals, seed=seed)
    sweep = parse_sweep(table, study.design)
    _try_alone(study, sweep)
    chosen_members(study.rat, members)
    plan = SweepPlan(study, sweep, animals, seed, dead, choose_engine(engine).name, members)
    check_memory(plan.memory(1))
    _try_together(study, plan.points)
    return plan


def change_study(study: Study, changes: Mapping[StudyPath, Any]) -> Study:
    """Return a study with other values at some paths; another rat keeps what the user set on the first.

    Raises
    ------
    EaesimError
        If a value cannot stand where its path leads.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> from eaesim.protocol.path import read_path
    >>> study = Study("lewis", arms=[Arm("vehicle")])
    >>> change_study(study, {read_path("rat", study.design): "da"}).rat
    Rat('da')
    """
    rat = study.rat
    for path, value in changes.items():
        if path.keys == ("rat",):
            rat = load(value).replace(**{entry.name: entry.value for entry in rat.changes})
    own = {path.parameter: value for path, value in changes.items() if path.parameter}
    return Study.from_design(rat.replace(**own) if own else rat, change_design(study.design, changes))


def tried_values(sweep: Sweep) -> Iterator[tuple[StudyPath, Value]]:
    """Yield every value of every path; of a parameter's range the ends alone, which stand for the others."""
    for path, values in sweep.values.items():
        ends = path.parameter and isinstance(values, Range)
        for value in (values.at(0.0), values.at(1.0)) if ends else values.tried():
            yield path, value


def _try_alone(study: Study, sweep: Sweep) -> None:
    for path, value in tried_values(sweep):
        with within(f"[sweep]: {_said({path: value})}"):
            change_study(study, {path: value})


def _try_together(study: Study, points: Points) -> None:
    """Try what only together makes no study, such as a day past an earlier end."""
    sweep = points.sweep
    together = [path for path in sweep.values if not path.parameter]
    if len(together) < 2:
        return
    chosen: Iterator[tuple[Value, ...]]
    if points.shares is None:
        chosen = product(*(sweep.values[path].listed for path in together))
    else:
        places = [list(sweep.values).index(path) for path in together]
        sampled = (points.values(point) for point in range(len(points)))
        chosen = (tuple(values[place] for place in places) for values in sampled)
    for values in islice(chosen, MOST_TRIED):
        changes = dict(zip(together, values, strict=True))
        with within(f"[sweep]: {_said(changes)} together"):
            change_study(study, changes)


def _said(changes: Mapping[StudyPath, Value]) -> str:
    values = {path.text: f'"{value}"' if isinstance(value, str) else value for path, value in changes.items()}
    return ", ".join(f'"{path}" = {value}' for path, value in values.items())
