"""Simulating the experiments of the rows, for many parameter sets at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import unknown_name
from eaesim.estimation.experiment import Experiment, simulate_courses
from eaesim.estimation.prior import Prior
from eaesim.estimation.rats import EVEN_RATS, EVEN_SEED, Rats, even_rats
from eaesim.estimation.reading import Populations, reading
from eaesim.estimation.target import Target
from eaesim.model import Drug, Parameter, Parameters
from eaesim.model.harvest import harvestable
from eaesim.protocol import Bolus, Infusion, Regimen
from eaesim.protocol.timeline import Event, arm_events
from eaesim.solver import Quantity, cores, solve
from eaesim.study.assembly import READ, REDUCED, Readings, build_problem, read, system_with
from eaesim.study.cohort import population_parameters

Dose = Bolus | Infusion
# Sets that are simulated at once, which bounds the memory.
AT_ONCE = 64
#: Rats in each population that is shown with a row.
LEAST_SHOWN = 48

_RECORDED: tuple[Quantity, ...] = (*READ, harvestable)


def simulate_populations(
    experiment: Experiment,
    typical: Sequence[Parameters],
    *,
    entries: Mapping[str, Parameter],
    rats: Rats,
    dose: Dose | None = None,
    days: Floats | None = None,
    drug_values: Floats | None = None,
    workers: int | None = None,
) -> Populations:
    """Simulate one population for each typical rat; rat number i has the same draws in all of them.

    Parameters
    ----------
    experiment
        What is done.
    typical
        The typical rats.
    entries
        Say how rats differ.
    rats
        The draws of each population.
    dose, days
        What each course is given, and on which day, shape (typical rats, courses); NaN where nothing is. With
        several observers per rat, each scores its own rat.
    drug_values
        Parameters of a drug other than IVIG around each typical rat, shape (typical rats, parameters); rats
        do not differ in them. By default those of its file.
    workers
        Threads; by default as many as there are cores.
    """
    given = None if dose is None or days is None else days.reshape(len(typical), *rats.death.shape[-2:])
    # Doses that wait for signs differ between observers of a rat: then each needs a rat to itself.
    if given is not None and not np.array_equal(given, np.repeat(given[..., :1], given.shape[2], 2), True):
        rats = Rats(
            np.repeat(rats.differences, rats.death.shape[-1], axis=-2),
            rats.observer.reshape(*rats.observer.shape[:-3], rats.animals, 1, -1),
            rats.death.reshape(*rats.death.shape[:-2], rats.animals, 1),
        )
        given = given.reshape(len(typical), -1, 1)
    parameters = _parameters(typical, entries, rats)
    drugs = () if dose is None or days is None or dose.substance.is_igg else (dose.substance,)
    schedules, follows = _schedules(
        experiment, dose, None if given is None else given[..., 0], len(parameters)
    )
    problem = build_problem(
        with_drugs(parameters, drugs, drug_values),
        schedules,
        until=experiment.design.until,
        record=_RECORDED,
        reducers=REDUCED,
        follows=follows,
        system=system_with(drugs),
    )
    solution = solve(problem, accuracy="scores", workers=workers)
    return _seen(experiment, solution.values, parameters, rats, reduced=solution.reduced)


def _parameters(
    typical: Sequence[Parameters], entries: Mapping[str, Parameter], rats: Rats
) -> npt.NDArray[np.float64]:
    around = population_parameters(typical, entries=entries, differences=rats.differences)
    return around.reshape(-1, around.shape[2])


def with_drugs(parameters: Floats, drugs: Sequence[Drug], values: Floats | None = None) -> Floats:
    """Return the parameters of rats with those of drugs behind them, one row each.

    Parameters
    ----------
    parameters
        Those of the rats, shape (rows, parameters).
    drugs
        Drugs other than IVIG.
    values
        Values around each typical rat, shape (typical rats, parameters); by default those of the files.

    Examples
    --------
    >>> with_drugs(np.ones((4, 1)), (), np.empty((2, 0))).shape
    (4, 1)
    """
    if values is None:
        values = np.array([[entry.value for drug in drugs for entry in drug.parameters.values()]])
    if not drugs or not values.size:
        return parameters
    return np.hstack([parameters, np.repeat(values, len(parameters) // len(values), axis=0)])


def _seen(
    experiment: Experiment, values: Floats, parameters: Floats, rats: Rats, *, reduced: Floats | None = None
) -> Populations:
    """Return what observers see of simulated rats, a row each."""
    count, observers = rats.death.shape[-2:]
    sets, days = len(parameters) // count, experiment.days
    readings = observed(values, parameters, rats)
    return Populations(
        readings.score,
        values[:, :, 0].reshape(sets, count, days),
        readings.death_day,
        values[:, :, 2].reshape(sets, count, days),
        None if reduced is None else np.repeat(reduced, observers, axis=0).reshape(sets, rats.animals, -1),
        experiment.course,
        experiment.induced,
        experiment.again,
        experiment.cells,
    )


def observed(values: Floats, parameters: Floats, rats: Rats) -> Readings:
    """Return the readings of several populations, shape (populations, courses) and for scores also days.

    Parameters
    ----------
    values
        Recorded quantities, shape (rows, days, quantities); the first two are `READ`.
    parameters
        Parameters of each row.
    rats
        The draws of each population; the day of death of a rat that failed is NaN.
    """
    (count, observers), days = rats.death.shape[-2:], values.shape[1]
    sets = len(parameters) // count
    errors = np.broadcast_to(rats.observer[..., :days], (sets, count, observers, days))
    deaths = np.broadcast_to(rats.death, (sets, count, observers))
    score, death_day = np.empty((sets, count, observers, days)), np.empty((sets, count, observers))
    for place in range(sets):  # one after the other stays in the processor's cache
        rows = slice(place * count, (place + 1) * count)
        severe, hazard = (np.ascontiguousarray(values[rows, None, :, column]) for column in (0, 1))
        found = read(severe, hazard, parameters[rows], observer=errors[place], death=deaths[place])
        score[place] = found.score
        death_day[place] = np.where(np.isnan(severe[..., 0]), np.nan, found.death_day)
    courses = (sets, rats.animals)
    return Readings(score.reshape(*courses, days), death_day.reshape(courses))


def _schedules(
    experiment: Experiment, dose: Dose | None, days: Floats | None, rows: int
) -> tuple[list[tuple[Event, ...]], npt.NDArray[np.int64]]:
    """Return the different schedules, and which of them each row follows."""
    if dose is None or days is None:
        return [experiment.events], np.zeros(rows, dtype=np.int64)
    inductions = experiment.design.inductions_of(experiment.design.arms[0])
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
    seed, animals
        Random seed of the even population that is simulated; how many rats it has.
    workers
        Threads.
    """

    prior: Prior
    targets: tuple[Target, ...]
    experiments: Mapping[str, Experiment]
    seed: int = EVEN_SEED
    animals: int = EVEN_RATS
    workers: int | None = None

    def __post_init__(self) -> None:
        """Make sure that every row names a reading and an experiment."""
        for target in self.targets:
            reading(target.reading)
            for name in (target.experiment, *target.beside):
                if name not in self.experiments:
                    raise unknown_name(name, "experiment", self.experiments)

    @cached_property
    def needed(self) -> dict[str, list[Experiment]]:
        """The experiments that the rows are about, by strain."""
        names = {name for target in self.targets for name in (target.experiment, *target.beside)}
        chosen = [each for each in self.experiments.values() if each.name in names]
        strains = dict.fromkeys(each.strain for each in chosen)
        return {strain: [each for each in chosen if each.strain == strain] for strain in strains}

    def read(self, places: Floats) -> Floats:
        """Return what is read for every row, shape (sets, targets); NaN where there is nothing to read.

        Parameters
        ----------
        places
            In the prior, shape (sets, numbers).
        """
        values = self.prior.values(places)
        parts = [values[first : first + AT_ONCE] for first in range(0, len(values), AT_ONCE)]
        workers = min(self.workers or cores(), max(len(parts), 1))
        # A batch a thread: reading takes as long as a third of the equations does.
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(self._read, parts))
        return np.concatenate(found) if found else np.empty((0, len(self.targets)))

    def _read(self, values: Floats) -> Floats:
        found = np.empty((len(values), len(self.targets)))
        seen: dict[str, Populations] = {}
        for strain, experiments in self.needed.items():
            days = max(each.days for each in self.experiments.values())
            rats = even_rats(self.animals, seed=self.seed, days=days)
            typical = self.prior.parameters(values, strain=strain)
            parameters = _parameters(typical, self.prior.rats[strain].entries, rats)
            courses = simulate_courses(
                experiments,
                parameters,
                record=_RECORDED,
                workers=1,
            )
            for each in experiments:
                seen[each.name] = _seen(each, courses[each.name], parameters, rats)
        for column, target in enumerate(self.targets):
            others = [seen[name] for name in target.beside]
            found[:, column] = reading(target.reading)(seen[target.experiment], *others)
        return found
