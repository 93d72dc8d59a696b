"""Treated against untreated rats of one strain, for every parameter set and every mechanism."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.estimation.experiment import Experiment
from eaesim.estimation.population import Dose, simulate_populations
from eaesim.estimation.rats import even_rats
from eaesim.estimation.reading import Populations
from eaesim.model import Parameter, Parameters
from eaesim.protocol import Design

# Day of a dose that waits for each rat's own first signs.
AT_ONSET = "onset"


@dataclass(frozen=True)
class Trial:
    """Rats of one strain, induced alike, half of them dosed.

    Attributes
    ----------
    experiment
        What is done to all of them.
    dose
        What is given.
    day
        On which day, or ``"onset"``: on each rat's first day with signs.
    endpoint
        What is compared.
    since_relapse
        Whether only what follows the induction of a relapse counts.
    donors
        Whose cells, pooled on their last day, the rats are given: donors are dosed, and not the rats. Those
        of untreated donors are the cells that `experiment` gives. None where the rats themselves are dosed.
    """

    experiment: Experiment
    dose: Dose
    day: float | str
    endpoint: str = "peak_score"
    since_relapse: bool = False
    donors: Experiment | None = None

    def values(self, seen: Populations) -> Floats:
        """Return the endpoint of every rat, shape (populations, rats)."""
        return np.asarray(seen.endpoint(self.endpoint, since_relapse=self.since_relapse))


@dataclass(frozen=True)
class Controls:
    """Untreated rats of every parameter set, simulated once for each experiment.

    Attributes
    ----------
    typical
        The typical rats, one for each parameter set, with the mechanism off.
    entries, workers
        As for `simulate_populations`.
    animals, seed
        Rats of each even population, each watched by several observers, and of what seed.
    among
        Controls of which these are some parameter sets, and their places there; None: these are all.
    """

    typical: Sequence[Parameters]
    entries: Mapping[str, Parameter]
    animals: int
    seed: int
    workers: int | None = None
    among: tuple[Controls, npt.NDArray[np.int64]] | None = None
    _seen: dict[Hashable, Populations] = field(default_factory=dict)

    def chosen(self, members: npt.NDArray[np.int64]) -> Controls:
        """Return those of some parameter sets, which are simulated together with all others."""
        return replace(self, typical=[self.typical[place] for place in members], among=(self, members))

    def of(self, experiment: Experiment) -> Populations:
        """Return the population of every parameter set."""
        if self.among is not None:
            every, members = self.among
            return every.of(experiment).chosen(members)
        key = experiment.name, experiment.design.until, experiment.course, repr(experiment.events)
        if key not in self._seen:
            self._seen[key] = self.simulate(experiment, self.typical)
        return self._seen[key]

    def simulate(
        self,
        experiment: Experiment,
        typical: Sequence[Parameters],
        *,
        dose: Dose | None = None,
        days: Floats | None = None,
        drug_values: Floats | None = None,
    ) -> Populations:
        """Return the same rats around other typical ones, dosed; see `simulate_populations`."""
        return simulate_populations(
            experiment,
            typical,
            entries=self.entries,
            rats=even_rats(self.animals, seed=self.seed, days=experiment.days),
            dose=dose,
            days=days,
            drug_values=drug_values,
            workers=self.workers,
        )


def together(trials: Mapping[str, Trial]) -> list[list[str]]:
    """Return the names of trials that differ in what is read alone, which one simulation serves."""
    groups: dict[Hashable, list[str]] = {}
    for name, trial in trials.items():
        until = [each and (each.name, each.design.until) for each in (trial.experiment, trial.donors)]
        groups.setdefault((*until, repr(trial.dose), trial.day), []).append(name)
    return list(groups.values())


def shortened(experiment: Experiment, until: int) -> Experiment:
    """Return an experiment that ends earlier, with the inductions before its end."""
    design = experiment.design
    inductions = [each for each in design.inductions_of(design.arms[0]) if each.day <= until]
    return Experiment(
        experiment.name,
        experiment.strain,
        Design(until, inductions, design.arms, "none", None),
        min(experiment.course, until),
    )


def run_arms(
    trials: Sequence[Trial],
    controls: Controls,
    treated: Sequence[Parameters],
    *,
    drug_values: Floats | None = None,
) -> list[tuple[Floats, Floats]]:
    """Run trials that share experiment, dose and day.

    Parameters
    ----------
    trials
        They differ in what is read alone.
    controls
        The untreated rats.
    treated
        The typical rats with the mechanism on; the untreated ones if another drug than IVIG is given. As
        many for each untreated rat, in its order.
    drug_values
        As for `simulate_populations`.

    Returns
    -------
    list of tuple of arrays
        For each trial: treated and untreated rats, each of shape (typical rats, animals).
    """
    first, times = trials[0], len(treated) // len(controls.typical)
    without = controls.of(first.experiment)
    shape = without.death_day.shape
    dosed = partial(controls.simulate, typical=treated, dose=first.dose, drug_values=drug_values)
    if first.donors is not None:
        donors = dosed(first.donors, days=np.full((len(treated), shape[1]), float(first.day)))
        pools = [
            np.nanmean(one.transferable[:, :, -1], axis=1) for one in (controls.of(first.donors), donors)
        ]
        shares = pools[1] / np.repeat(pools[0], times)
        found = controls.simulate(first.experiment, recipients(treated, shares))
    else:
        at_onset = first.day == AT_ONSET
        days = without.first["onset_day"] if at_onset else np.full(shape, float(first.day))
        found = dosed(first.experiment, days=np.repeat(days, times, axis=0))
    return [(trial.values(found), trial.values(without)) for trial in trials]


def recipients(typical: Sequence[Parameters], shares: Floats) -> list[Parameters]:
    """Return rats that are given a share of the usual number of cells, each its own.

    Examples
    --------
    >>> from eaesim.model import load
    >>> rat = load("lewis").parameters("none")._replace(transferred_cells=1000.0)
    >>> recipients([rat], np.array([0.25]))[0].transferred_cells
    250.0
    """
    return [
        rat._replace(transferred_cells=rat.transferred_cells * float(share))
        for rat, share in zip(typical, shares, strict=True)
    ]


def effects(treated: Floats, untreated: Floats) -> Floats:
    """Return 1 - treated / untreated of the means, for each population; NaN where that of the controls is 0.

    Parameters
    ----------
    treated, untreated
        Shape (..., rats); only rats with a value in both arms count.

    Examples
    --------
    >>> effects(np.array([[1.0, np.nan]]), np.array([[2.0, 4.0]]))
    array([0.5])
    """
    kept = ~np.isnan(treated + untreated)
    control = np.where(kept, untreated, 0.0).sum(axis=-1)
    return np.asarray(1 - np.where(kept, treated, 0.0).sum(axis=-1) / np.where(control > 0, control, np.nan))
