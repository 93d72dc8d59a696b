"""Global sensitivity: which unknowns decide an endpoint, the effect of a dose, or that it must be early."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eaesim.analysis.factors import Factor, vary
from eaesim.analysis.sensitivityplan import (
    DEFAULT_ENDPOINT,
    DEFAULT_SAMPLES,
    DEFAULT_TRAJECTORIES,
    Output,
    SensitivityPlan,
    plan_sensitivity,
)
from eaesim.analysis.sensitivityresult import Sensitivity, convergence_table, index_table
from eaesim.analysis.sensitivitysample import Readings, evaluate
from eaesim.endpoints import Floats, dead_rule
from eaesim.model import Rat
from eaesim.protocol import Arm, Design
from eaesim.protocol.selection import renamed
from eaesim.solver import FAILED, Progress, choose_engine
from eaesim.study import Study
from eaesim.study.cohort import check_animals
from eaesim.study.simulation import relapse_induction, simulate

DEFAULT_ANIMALS = 20
# Below so many rats in all, starting processes costs more than it saves.
SERIAL_RUNS = {"lanes": 2_000, "reference": 50}
# So many are solved together: their equations are made ready once.
RATS_AT_ONCE = 10_000


def sensitivity(
    study: Study,
    *,
    method: str = "morris",
    endpoint: str = DEFAULT_ENDPOINT,
    arm: str | None = None,
    against: str | None = None,
    relative: bool = False,
    outputs: Iterable[Mapping[str, Any]] | None = None,
    parameters: Iterable[str] | None = None,
    ranges: Mapping[str, Mapping[str, Any]] | None = None,
    trajectories: int = DEFAULT_TRAJECTORIES,
    samples: int = DEFAULT_SAMPLES,
    sampling_seed: int = 1,
    animals: int = DEFAULT_ANIMALS,
    seed: int = 1,
    dead: str = "score",
    engine: str = "auto",
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Say which unknowns an output of a study depends on, all of them varied together.

    Parameters
    ----------
    study
        Its rat and arms. The same rats stand at every set of values, so that the output is a function of the
        values and nothing else.
    method
        ``"morris"``: the mean size of an elementary effect, for many unknowns; ``"sobol"``: shares of the
        output's variance, for a few.
    endpoint, arm, against, relative
        One output: the mean of an endpoint over the rats of `arm`; or, compared with the arm `against`, what
        `arm` takes away from it. With the control as `against` that is the effect of `arm`; with another
        treated arm it is the difference of their effects, such as day 0 against day 7. By default a
        difference of means, which always has a value; `relative` divides it by the control's mean, and sets
        without disease then have none. Without an arm, the effect of every arm against the control.
    outputs
        Several outputs of the same runs: tables with the four keys above.
    parameters, ranges
        What is varied; as for `choose_factors`. By default every parameter whose bounds differ.
    trajectories
        For ``"morris"``: sets of values are so many times one more than there are factors.
    samples
        For ``"sobol"``, a power of 2: sets of values are so many times two more than there are factors.
    sampling_seed
        Of the sets of values.
    animals, seed, dead, engine
        As for `Study.run`.
    workers, cluster
        As for `map_chunks`; neither changes a bit of the result.
    progress
        Called with the number of rats run and their total.

    Returns
    -------
    Sensitivity
        Indices with 95 % intervals, and how they grew with the sample.

    Raises
    ------
    EaesimError
        If a name is not known, a setting is not allowed, or nothing could be computed.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study, few = Study("lewis", arms=[Arm("vehicle")], until=16), ["expansion_rate", "igg_uptake"]
    >>> found = sensitivity(study, endpoint="onset_day", parameters=few, trajectories=4, animals=2)
    >>> found.table[["parameter", "rank"]].values.tolist()
    [['expansion_rate', 1], ['igg_uptake', 2]]
    """
    plan = plan_sensitivity(
        study,
        method=method,
        endpoint=endpoint,
        arm=arm,
        against=against,
        relative=relative,
        outputs=outputs,
        parameters=parameters,
        ranges=ranges,
        trajectories=trajectories,
        samples=samples,
        sampling_seed=sampling_seed,
    )
    return run_sensitivity(
        plan,
        animals=animals,
        seed=seed,
        dead=dead,
        engine=engine,
        workers=workers,
        cluster=cluster,
        progress=progress,
    )


def run_sensitivity(
    plan: SensitivityPlan,
    *,
    animals: int = DEFAULT_ANIMALS,
    seed: int = 1,
    dead: str = "score",
    engine: str = "auto",
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Run a plan; the arguments are those of `sensitivity`.

    Raises
    ------
    EaesimError
        If a setting is not allowed, or nothing could be computed.
    """
    dead = dead_rule(dead)
    check_animals(animals, seed=seed)
    design = plan.study.design
    wanted = [_columns(output, design) for output in plan.outputs]
    columns = tuple(dict.fromkeys(column for output in wanted for column in output))
    solver = choose_engine(engine).name  # once, so that every worker takes the same
    read = _Rats(plan.study, plan.factors, columns, animals, seed, dead, solver)
    if workers is None and cluster is None and plan.runs(animals) <= SERIAL_RUNS[solver]:
        workers = 1
    points, samples = evaluate(
        plan,
        read,
        [[columns.index(column) for column in output] for output in wanted],
        runs=len(design.arms) * animals,
        workers=workers,
        cluster=cluster,
        progress=progress,
    )
    tables = index_table(plan, points, samples), convergence_table(plan, points, samples)
    reason = next((sample.reason for sample in samples if sample.reason), "")
    return Sensitivity(*tables, plan, animals, seed, dead, reason)


Column = tuple[str, str, int | None]


def _columns(output: Output, design: Design) -> tuple[Column, ...]:
    """Return arm, endpoint, and the first day that counts for a relapse: that of the first arm with one."""
    arms = {arm.name: arm for arm in design.arms}
    induced = (relapse_induction(design, arms[name]) for name in output.arms)
    since = next((day for day in induced if day is not None), None)
    return tuple((name, output.endpoint, since) for name in output.arms)


@dataclass(frozen=True)
class _Rats:
    """Reads sets of values off simulated rats; travels to other processes."""

    study: Study
    factors: tuple[Factor, ...]
    columns: tuple[Column, ...]
    animals: int
    seed: int
    dead: str
    engine: str

    def __call__(self, points: Floats) -> Readings:
        """Run the study at each set of values, always with the same rats."""
        sets = max(1, RATS_AT_ONCE // (len(self.study.design.arms) * self.animals))
        parts = [self._read(points[start : start + sets]) for start in range(0, len(points), sets)]
        return Readings(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.failed for part in parts]),
            next((part.reason for part in parts if part.reason), ""),
        )

    def _read(self, points: Floats) -> Readings:
        """Run all sets of values as one study: each arm of each set is an arm with a rat of its own."""
        base = self.study.design
        arms: list[Arm] = []
        rats: dict[str, Rat] = {}
        for number, point in enumerate(points):
            varied = vary(self.study, self.factors, point.tolist())
            for arm in renamed(varied.design, f"{number} "):
                arms.append(arm)
                rats[arm.name] = varied.rat
        design = replace(base, arms=tuple(arms), control=arms[0].name)
        cohort: dict[str, Any] = {"animals": self.animals, "seed": self.seed, "dead": self.dead}
        found = simulate(rats, design, courses=False, engine=self.engine, workers=1, **cohort)
        names = [arm.name for arm in base.arms]
        values, failed = [], []
        for column, endpoint, since in self.columns:
            places = range(names.index(column), len(arms), len(names))
            values.append([found.kept.read(place, since, dead=self.dead)[endpoint] for place in places])
            failed.append(found.status[places] == FAILED)
        return Readings(np.stack(values, axis=1), np.stack(failed, axis=1), next(iter(found.failures), ""))
