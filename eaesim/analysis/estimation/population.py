"""Simulating the experiments of the rows, for many parameter sets at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eaesim.analysis.estimation.prior import DATA, Prior
from eaesim.analysis.estimation.reading import READINGS, Populations, Reading
from eaesim.analysis.estimation.target import Target
from eaesim.endpoints import Floats
from eaesim.errors import unknown_name
from eaesim.model import Parameter, Parameters
from eaesim.protocol import Arm, Bolus, Design, Infusion, Regimen
from eaesim.protocol.tables import read_inductions
from eaesim.protocol.timeline import Event, arm_events
from eaesim.solver import solve
from eaesim.study.assembly import READ, REDUCED, build_problem, read
from eaesim.study.cohort import draw_cohort, population_parameters
from eaesim.study.schedule import relapse_induction

Dose = Bolus | Infusion
# Sets that are simulated at once, which bounds the memory.
AT_ONCE = 256
# Rough sets are as good as fine ones beside the errors of the rows.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Experiment:
    """Something done to a strain.

    Attributes
    ----------
    name, strain
        Its name, and the rat.
    design
        Its only arm is what is done.
    course
        Last day of the first disease.
    """

    name: str
    strain: str
    design: Design
    course: int


def read_experiments(path: Path = DATA / "experiments.toml") -> dict[str, Experiment]:
    """Return every experiment that rows may be about, by name.

    Examples
    --------
    >>> read_experiments()["lewis_transfer"].design.until
    20
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Experiment(
            name,
            table["rat"],
            Design(table["until"], read_inductions(table["induction"], name), [Arm("vehicle")], "none", None),
            table["course"],
        )
        for name, table in content.items()
    }


def simulate_populations(
    experiment: Experiment,
    typical: Sequence[Parameters],
    *,
    entries: Mapping[str, Parameter],
    animals: int,
    seed: int,
    rats: npt.NDArray[np.int64] | None = None,
    dose: Dose | None = None,
    days: Floats | None = None,
    workers: int | None = None,
) -> Populations:
    """Simulate one population for each typical rat; rat number i has the same draws in all that see it.

    Parameters
    ----------
    experiment
        What is done.
    typical
        The typical rats.
    entries
        Say how rats differ.
    animals, seed
        Rats in a population, and of what seed.
    rats
        Which so many rats each population has: the first are 0; by default all have these.
    dose, days
        What each rat is given, and on which day, shape (typical rats, animals); NaN where nothing is.
    workers
        Threads; by default as many as there are cores.
    """
    design = experiment.design
    recorded = design.until + 1
    seen = np.zeros(len(typical), dtype=np.int64) if rats is None else rats
    cohort = draw_cohort(animals * (int(seen.max()) + 1), seed=seed, days=recorded)
    chosen = (seen[:, None] * animals + np.arange(animals)).reshape(-1)
    differences = cohort.differences[chosen].reshape(len(typical), animals, -1)
    parameters = population_parameters(typical, entries=entries, differences=differences)
    parameters = parameters.reshape(-1, parameters.shape[2])
    schedules, follows = _schedules(design, dose, days, len(parameters))
    problem = build_problem(
        parameters,
        schedules,
        until=design.until,
        record=READ,
        reducers=REDUCED,
        follows=follows,
        relative_tolerance=TOLERANCE,
    )
    solution = solve(problem, workers=workers)
    values = solution.values
    readings = read(
        values[:, :, 0],
        values[:, :, 1],
        parameters,
        observer=cohort.observer[chosen],
        death=cohort.death[chosen],
    )
    shape = (len(typical), animals)
    failed = np.isnan(values[:, 0, 0])
    return Populations(
        readings.score.reshape(*shape, recorded),
        values[:, :, 0].reshape(*shape, recorded),
        np.where(failed, np.nan, readings.death_day).reshape(shape),
        solution.reduced.reshape(*shape, len(REDUCED)),
        experiment.course,
        relapse_induction(design, design.arms[0]),
    )


def _schedules(
    design: Design, dose: Dose | None, days: Floats | None, rows: int
) -> tuple[list[tuple[Event, ...]], npt.NDArray[np.int64]]:
    """Return the different schedules, and which of them each row follows."""
    inductions = design.inductions_of(design.arms[0])
    if dose is None or days is None:
        return [arm_events(inductions, Regimen(), triggered={})], np.zeros(rows, dtype=np.int64)
    given, follows = np.unique(days.reshape(-1), return_inverse=True, equal_nan=True)
    regimens = [Regimen() if np.isnan(day) else dose.at(day=float(day)) for day in given]
    return [arm_events(inductions, each, triggered={}) for each in regimens], follows.reshape(-1)


@dataclass(frozen=True)
class Simulator:
    """From places in the prior to what is read for every row.

    Attributes
    ----------
    prior, targets, experiments
        What is estimated, from which rows, and what is simulated for them.
    animals, seed
        Rats in each population, and of what seed.
    workers
        Threads.
    """

    prior: Prior
    targets: tuple[Target, ...]
    experiments: Mapping[str, Experiment]
    animals: int
    seed: int
    workers: int | None = None

    def __post_init__(self) -> None:
        """Make sure that every row names a reading and an experiment."""
        for target in self.targets:
            if target.reading not in READINGS:
                raise unknown_name(target.reading, "reading", READINGS)
            if target.experiment not in self.experiments:
                raise unknown_name(target.experiment, "experiment", self.experiments)

    def read(self, places: Floats, *, rats: npt.NDArray[np.int64] | None = None) -> Reading:
        """Return what is read for every row: values of shape (sets, targets), influences a rat more.

        Parameters
        ----------
        places
            In the prior, shape (sets, numbers).
        rats
            As for `simulate_populations`, of each set.
        """
        seen = np.zeros(len(places), dtype=np.int64) if rats is None else rats
        batches = [slice(first, first + AT_ONCE) for first in range(0, len(places), AT_ONCE)]
        parts = [self._read(places[batch], seen[batch]) for batch in batches]
        return Reading(*(np.concatenate(each) for each in zip(*parts, strict=True)))

    def _read(self, places: Floats, rats: npt.NDArray[np.int64]) -> Reading:
        values = self.prior.values(places)
        shape = (len(places), len(self.targets))
        found = Reading(np.empty(shape), np.empty((*shape, self.animals)), np.empty(shape))
        for name in dict.fromkeys(target.experiment for target in self.targets):
            experiment = self.experiments[name]
            seen = simulate_populations(
                experiment,
                self.prior.parameters(values, strain=experiment.strain),
                entries=self.prior.rats[experiment.strain].entries,
                animals=self.animals,
                seed=self.seed,
                rats=rats,
                workers=self.workers,
            )
            for column, target in enumerate(self.targets):
                if target.experiment == name:
                    for whole, part in zip(found, READINGS[target.reading](seen), strict=True):
                        whole[:, column] = part
        return found
