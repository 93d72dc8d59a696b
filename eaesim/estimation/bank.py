"""Rats of a strain, each in its own laboratory, simulated once, to be weighted for any group of animals."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.group import MEASURED, Group, log_likelihood
from eaesim.estimation.population import simulate_populations
from eaesim.estimation.prior import DATA
from eaesim.estimation.rats import drawn_rats
from eaesim.estimation.reading import Populations
from eaesim.estimation.trial import shortened
from eaesim.model import Rat
from eaesim.solver import Progress
from eaesim.study.ensemble import Ensemble

SETS, ANIMALS, AT_ONCE = 30_000, 64, 250
# With fewer effective sets nothing was found.
LEAST_SETS = 20
# Variances of a population of few sick rats are drawn towards those of a laboratory's table; assumed.
_USUAL = np.array([1.0, 0.7, 5.0, 2.0])
_USUAL_RATS = 4


@dataclass(frozen=True)
class Bank:
    """Populations of many parameter sets, simulated once, to be weighted for any group of animals.

    Attributes
    ----------
    names, values
        The parameters that differ between sets; shape (sets, names).
    ensemble
        Ensemble of the strain.
    until
        Last day that was scored.
    incidence
        Share of rats with signs, shape (sets,).
    mean, covariance
        Of `MEASURED` over rats with signs; shape (sets, 4) and (sets, 4, 4).
    sick
        How many rats had signs in each set.
    members
        Index in the ensemble that each set comes from.
    onset
        Share of rats with signs by each day, shape (sets, days).
    signs
        The lowest score that is a sign.
    """

    names: tuple[str, ...]
    values: Floats
    ensemble: Ensemble
    until: int
    incidence: Floats
    mean: Floats
    covariance: Floats
    sick: Floats
    members: npt.NDArray[np.int64]
    onset: npt.NDArray[np.float32]
    signs: float = 1.0

    def log_likelihood(self, group: Group) -> Floats:
        """Return how likely a group is for each set (`eaesim.estimation.group.log_likelihood`)."""
        return log_likelihood(
            group,
            incidence=self.incidence,
            onset=self.onset,
            mean=self.mean,
            covariance=self.covariance,
            sick=self.sick,
            animals=ANIMALS,
        )

    def weights(self, group: Group) -> Floats:
        """Return the weight of each set given a group; they sum to 1.

        Raises
        ------
        NothingComputedError
            If hardly any set comes near the group.
        """
        found = self.log_likelihood(group)
        if not np.isfinite(found).any():
            raise NothingComputedError("no rat of this strain does what these animals did.")
        weights, effective = _normalised(found), self.effective(group)
        if effective < LEAST_SETS:
            raise NothingComputedError(
                f"these animals cannot be estimated: of {len(weights)} rats of this strain only "
                f"{effective:.0f} match them; do days count from immunisation, and is the strain right?"
            )
        return weights

    def effective(self, group: Group) -> float:
        """Return the effective number of sets given a group; 0 where none has a weight."""
        found = self.log_likelihood(group)
        return float(1.0 / np.sum(_normalised(found) ** 2)) if np.isfinite(found).any() else 0.0


def _normalised(log_likelihood: Floats) -> Floats:
    weights = np.exp(log_likelihood - log_likelihood.max())
    return np.asarray(weights / weights.sum())


@cache
def _own() -> dict[str, float]:
    content = tomllib.loads((DATA / "laboratory.toml").read_text(encoding="utf-8"))
    return {name: float(table["sd"]) for name, table in content.items()}


def build_bank(
    ensemble: Ensemble,
    *,
    until: int,
    signs: float = 1.0,
    sets: int = SETS,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Bank:
    """Simulate the bank: parameter sets of the strain's ensemble, each in its own laboratory.

    Parameters
    ----------
    ensemble
        Ensemble of the strain.
    until
        Last day that was scored.
    signs
        The lowest score that is a sign.
    sets
        How many.
    seed
        Random seed of laboratories and rats.
    workers
        Threads.
    progress
        Called with the number of sets done and their total.
    """
    names, values, members = laboratories(ensemble, sets, seed=seed)
    parts = []
    for first in range(0, sets, AT_ONCE):
        some = values[first : first + AT_ONCE]
        # Other rats each time, so that chance in a few rats does not shift all sets alike.
        seen = simulate_immunised(
            ensemble.rat, names, some, until=until, animals=ANIMALS, seed=seed + first, workers=workers
        )
        parts.append(_summaries(dict(seen.endpoints(until + 1, None, signs=signs)), until))
        if progress is not None:
            progress(min(first + AT_ONCE, sets), sets)
    incidence, mean, covariance, sick, onset = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Bank(names, values, ensemble, until, incidence, mean, covariance, sick, members, onset, signs)


def laboratories(
    ensemble: Ensemble, number: int, *, seed: int
) -> tuple[tuple[str, ...], Floats, npt.NDArray[np.int64]]:
    """Draw parameter sets of an ensemble, each in its own laboratory.

    Returns
    -------
    tuple
        Names of the parameters that differ, their values, shape (number, names), and the indices drawn.
    """
    own, start = _own(), ensemble.rat.parameters()
    random = np.random.default_rng([seed, 7])
    names = (*ensemble.names, *(name for name in own if name not in ensemble.names))
    values = np.empty((number, len(names)))
    members = random.choice(len(ensemble), number, p=ensemble.weight / ensemble.weight.sum())
    for column, name in enumerate(names):
        known = name in ensemble.names
        values[:, column] = ensemble.values[members, column] if known else getattr(start, name)
        if name in own:
            values[:, column] *= np.exp(own[name] * random.standard_normal(number))
    return names, values, members


def simulate_immunised(
    rat: Rat,
    names: tuple[str, ...],
    values: Floats,
    *,
    animals: int,
    seed: int,
    until: int | None = None,
    are_apart: bool = False,
    workers: int | None = None,
) -> Populations:
    """Simulate untreated rats of a strain after immunisation, a population for each set; mechanisms stay off.

    By default until the last day of the experiment; populations that are apart have rats of their own.
    """
    experiment = read_experiments()[f"{rat.strain}_immunised"]
    experiment = experiment if until is None else shortened(experiment, until)
    chosen = [place for place, name in enumerate(names) if not name.startswith("potency_")]
    start, many = rat.parameters(), len(values) if are_apart else None
    return simulate_populations(
        experiment,
        [start._replace(**{names[place]: float(row[place]) for place in chosen}) for row in values],
        entries=rat.entries,
        rats=drawn_rats(animals, seed=seed, days=experiment.days, populations=many),
        workers=workers,
    )


def weighted_percentiles(values: Floats, weights: Floats, shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return percentiles of weighted values.

    Examples
    --------
    >>> weighted_percentiles(np.array([3.0, 1.0, 2.0]), np.array([0.1, 0.1, 0.8]), (50,))
    (2.0,)
    """
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    places = np.searchsorted(reached, np.array(shares) / 100 * reached[-1])
    return tuple(float(value) for value in values[order][np.minimum(places, len(values) - 1)])


def _summaries(found: dict[str, Floats], until: int) -> tuple[Floats, ...]:
    """Return incidence, means and covariances of rats with signs, their number and onsets, by population."""
    signs = found["incidence"] > 0
    count = signs.sum(axis=1).astype(float)
    seen = np.stack([np.where(signs, found[name], 0.0) for name in MEASURED], axis=2)
    mean = seen.sum(axis=1) / np.maximum(count, 1)[:, None]
    off = np.where(signs[:, :, None], seen - mean[:, None], 0.0)
    total = np.einsum("sri,srj->sij", off, off) + _USUAL_RATS * np.diag(_USUAL**2)
    covariance = total / (np.maximum(count - 1, 0) + _USUAL_RATS)[:, None, None]
    known = (~np.isnan(found["incidence"])).sum(axis=1)
    days = np.where(signs, found["onset_day"], np.inf)
    by_day = np.stack([(days <= day).sum(axis=1) for day in range(until + 1)], axis=1)
    onset = (by_day / np.maximum(known, 1)[:, None]).astype(np.float32)
    return count / np.maximum(known, 1), mean, covariance, count, onset
