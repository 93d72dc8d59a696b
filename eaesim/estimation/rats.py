"""The rats of a simulated population, and who watches them: evenly spread, or drawn like a laboratory's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from eaesim.endpoints import Floats
from eaesim.model import Parameters, load
from eaesim.study.cohort import draw_cohort

#: An even population has few rats, each read by several observers whose errors cancel in pairs.
EVEN_RATS, OBSERVERS = 64, 4
#: Scrambling, of sixteen tried, that best represents a large population: over parameter sets
#: near the posterior the log-likelihood is 0.4 above that of 768 rats, with a standard deviation of 0.9.
EVEN_SEED = 8


@dataclass(frozen=True)
class Rats:
    """The draws of a population, the same around every parameter set.

    Attributes
    ----------
    differences
        Standard normal deviates, shape (rats, parameters).
    observer
        The errors of each rat's observers as standard normal deviates, shape (rats, observers, days).
    death
        The cumulative hazard at which a rat dies under each observer, shape (rats, observers).

    Where each population has its own rats, all three have populations as their first axis.
    """

    differences: Floats
    observer: Floats
    death: Floats

    @property
    def animals(self) -> int:
        """How many courses are read: rats times observers."""
        return int(np.prod(self.death.shape[-2:]))


@lru_cache(maxsize=4)
def even_rats(rats: int = EVEN_RATS, *, seed: int, days: int) -> Rats:
    """Return a population whose rats are spread as evenly as so few can be.

    Its readings represent a population, without the Monte Carlo error of few rats: the deviates are scrambled
    Sobol points with mean 0 and standard deviation 1, the errors of observers come with both signs, and
    the chances of death are stratified.

    Parameters
    ----------
    rats
        How many.
    seed
        Random seed of the scrambling.
    days
        How many daily readings.

    Examples
    --------
    >>> few = even_rats(8, seed=1, days=5)
    >>> few.animals, bool(abs(few.differences.mean(axis=0)).max() < 1e-12), float(few.observer.sum()) == 0.0
    (32, True, True)
    """
    from scipy.stats import norm, qmc

    random = np.random.default_rng([seed, rats])
    entries = load("lewis").entries
    varied = [place for place, name in enumerate(Parameters._fields) if entries[name].spread > 0]
    sobol = qmc.Sobol(len(varied), scramble=True, rng=random)
    points = norm.ppf(sobol.random_base2(int(np.ceil(np.log2(max(rats, 2)))))[:rats])
    if rats > 1:
        points = (points - points.mean(axis=0)) / points.std(axis=0)
    differences = np.zeros((rats, len(Parameters._fields)))
    differences[:, varied] = points
    courses = rats * OBSERVERS
    strata = (random.permutation(courses) + random.random(courses)) / courses
    # Day by day, so that the first days do not depend on how many there are.
    error = random.standard_normal((days, rats, OBSERVERS // 2)).transpose(1, 2, 0)
    observer = np.concatenate([error, -error], axis=1)
    return _fixed(Rats(differences, observer, -np.log1p(-strata).reshape(rats, OBSERVERS)))


def drawn_rats(animals: int, *, seed: int, days: int, populations: int | None = None) -> Rats:
    """Return rats drawn as in a study: number i has the same draws in all that see it.

    Parameters
    ----------
    animals, seed, days
        As for a study.
    populations
        Number of populations with their own rats; by default all have the same.

    Examples
    --------
    >>> drawn_rats(3, seed=1, days=5).observer.shape
    (3, 1, 5)
    """
    cohort = draw_cohort(animals * (populations or 1), seed=seed, days=days)
    whole = Rats(cohort.differences, cohort.observer[:, None, :], cohort.death[:, None])
    if populations is None:
        return whole
    return Rats(*(each.reshape(populations, animals, *each.shape[1:]) for each in vars(whole).values()))


def _fixed(rats: Rats) -> Rats:
    for values in (rats.differences, rats.observer, rats.death):
        values.flags.writeable = False
    return rats
