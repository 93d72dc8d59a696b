"""A laboratory's own rat: its strain's ensemble, moved as far as the scores of its control animals ask."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eaesim.analysis.estimation.population import read_experiments, simulate_populations
from eaesim.analysis.estimation.prior import DATA
from eaesim.analysis.estimation.trial import shortened
from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError, ProtocolError
from eaesim.model import Parameters
from eaesim.solver import Progress
from eaesim.study.ensemble import Ensemble

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.evidence import LaboratoryResult

# Read in animals with signs; together with the share of animals that have any.
MEASURED = ("onset_day", "peak_score", "cumulative_score", "duration")
SETS, ANIMALS, AT_ONCE = 30_000, 64, 250
# Fewer animals than this say nothing; with fewer effective sets nothing was found.
LEAST_ANIMALS, LEAST_SETS, MORE = 3, 20, 4
# Weights that sum up to this little are left out of what is written.
_NEGLIGIBLE = 1e-3
# Variances of a population of few sick rats are drawn towards those of a laboratory's table; assumed.
_USUAL = np.array([1.0, 0.7, 5.0, 2.0])
_USUAL_RATS = 4


@dataclass(frozen=True)
class Group:
    """What a group of animals showed.

    Attributes
    ----------
    sick, animals
        How many had signs, of how many.
    mean
        Of `MEASURED` over those with signs.
    """

    sick: int
    animals: int
    mean: Floats


@dataclass(frozen=True)
class Bank:
    """Populations of many parameter sets, simulated once, to be weighted for any group of animals.

    Attributes
    ----------
    names, values
        The parameters that differ between sets; shape (sets, names).
    ensemble
        Of the strain.
    until
        Last day that was scored.
    incidence
        Share of rats with signs, shape (sets,).
    mean, covariance
        Of `MEASURED` over rats with signs; shape (sets, 4) and (sets, 4, 4).
    sick
        How many rats had signs in each set.
    members
        Which member of the ensemble each set comes from.
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

    def log_likelihood(self, group: Group) -> Floats:
        """Return how likely a group is for each set: how many fall ill, then how those do."""
        animals = ANIMALS
        share = (self.incidence * animals + 0.5) / (animals + 1.0)
        found = group.sick * np.log(share) + (group.animals - group.sick) * np.log1p(-share)
        if group.sick < 1:
            return np.asarray(found)
        chance = 1.0 / group.sick + 1.0 / np.maximum(self.sick, 1.0)
        spread = self.covariance * chance[:, None, None]
        off = group.mean - self.mean
        solved = np.linalg.solve(spread, off[:, :, None])[:, :, 0]
        _, size = np.linalg.slogdet(spread)
        found = found - 0.5 * (np.sum(off * solved, axis=1) + size)
        # A population in which next to no rat falls ill cannot say how those do that do.
        return np.where(self.sick >= 3, found, -np.inf)

    def weights(self, group: Group) -> Floats:
        """Return how much each set counts beside a group; they sum to 1.

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
                f"{effective:.0f} come near them; do days count from immunisation, and is the strain right?"
            )
        return weights

    def effective(self, group: Group) -> float:
        """Return how many sets count beside a group, as an effective number; 0 where none does."""
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
    sets: int = SETS,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Bank:
    """Simulate the bank: members of the strain's ensemble, each in a laboratory of its own.

    Parameters
    ----------
    ensemble
        Of the strain.
    until
        Last day that was scored.
    sets
        How many.
    seed
        Of laboratories and rats.
    workers
        Threads.
    progress
        Called with the number of sets done and their total.
    """
    own, strain = _own(), ensemble.rat.strain
    experiment = shortened(read_experiments()[f"{strain}_immunised"], until)
    random = np.random.default_rng([seed, 7])
    names = (*ensemble.names, *(name for name in own if name not in ensemble.names))
    start = ensemble.rat.parameters()
    values = np.empty((sets, len(names)))
    members = random.choice(len(ensemble), sets, p=ensemble.weight / ensemble.weight.sum())
    for column, name in enumerate(names):
        known = name in ensemble.names
        values[:, column] = ensemble.values[members, column] if known else getattr(start, name)
        if name in own:
            values[:, column] *= np.exp(own[name] * random.standard_normal(sets))
    parts = []
    for first in range(0, sets, AT_ONCE):
        typical = typical_rats(start, names, values[first : first + AT_ONCE])
        seen = simulate_populations(
            experiment,
            typical,
            entries=ensemble.rat.entries,
            animals=ANIMALS,
            # Rats of their own each time: the luck of a few must not pull all sets the same way.
            seed=seed + first,
            workers=workers,
        )
        parts.append(_summaries(dict(seen.endpoints(until + 1, None))))
        if progress is not None:
            progress(min(first + AT_ONCE, sets), sets)
    incidence, mean, covariance, sick = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Bank(names, values, ensemble, until, incidence, mean, covariance, sick, members)


def typical_rats(start: Parameters, names: tuple[str, ...], values: Floats) -> list[Parameters]:
    """Return the typical untreated rats of some sets: mechanisms stay off, as in `start`."""
    chosen = [place for place, name in enumerate(names) if not name.startswith("potency_")]
    return [start._replace(**{names[place]: float(row[place]) for place in chosen}) for row in values]


def _summaries(found: dict[str, Floats]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return incidence, means and covariances among rats with signs, and their number, of each population."""
    signs = found["incidence"] > 0
    count = signs.sum(axis=1).astype(float)
    seen = np.stack([np.where(signs, found[name], 0.0) for name in MEASURED], axis=2)
    mean = seen.sum(axis=1) / np.maximum(count, 1)[:, None]
    off = np.where(signs[:, :, None], seen - mean[:, None], 0.0)
    total = np.einsum("sri,srj->sij", off, off) + _USUAL_RATS * np.diag(_USUAL**2)
    covariance = total / (np.maximum(count - 1, 0) + _USUAL_RATS)[:, None, None]
    known = (~np.isnan(found["incidence"])).sum(axis=1)
    return count / np.maximum(known, 1), mean, covariance, count


def read_group(found: dict[str, Floats]) -> Group:
    """Return what a group showed, from the endpoints of its animals, each of shape (animals,).

    Raises
    ------
    ProtocolError
        If there are too few animals, or none has signs.

    Examples
    --------
    >>> four = dict.fromkeys(("incidence", *MEASURED), np.array([1.0, 1.0, 1.0, 0.0]))
    >>> read_group(four).sick
    3
    """
    known = ~np.isnan(found["incidence"])
    animals = int(known.sum())
    if animals < LEAST_ANIMALS:
        raise ProtocolError(
            f"control animals scored to the end: {animals}; a rat is estimated from {LEAST_ANIMALS} or more."
        )
    signs = known & (found["incidence"] > 0)
    if not signs.any():
        raise ProtocolError("no control animal shows a sign; without disease a rat cannot be estimated.")
    return Group(int(signs.sum()), animals, np.array([found[name][signs].mean() for name in MEASURED]))


@dataclass(frozen=True)
class LaboratoryFit:
    """A laboratory's rat.

    Attributes
    ----------
    bank
        What was simulated.
    group
        What its control animals showed.
    weights
        How much each set of the bank counts.
    """

    bank: Bank
    group: Group
    weights: Floats

    def ensemble(self, about: dict[str, object]) -> Ensemble:
        """Return the sets that count, with their weights."""
        order = np.argsort(self.weights)
        kept = np.sort(order[np.cumsum(self.weights[order]) > _NEGLIGIBLE])
        return Ensemble(
            rat=self.bank.ensemble.rat,
            names=self.bank.names,
            values=self.bank.values[kept],
            weight=self.weights[kept] / self.weights[kept].sum(),
            about=about,
            # What published rows on treated rats say of a member holds in this laboratory too.
            likelihood={
                name: rows[self.bank.members[kept]] for name, rows in self.bank.ensemble.likelihood.items()
            },
        )

    def table(self) -> pd.DataFrame:
        """Return what the animals showed beside this rat and its strain: medians with 90 % intervals."""
        import pandas as pd

        rows = []
        readings = {"incidence": self.bank.incidence} | dict(zip(MEASURED, self.bank.mean.T, strict=True))
        shown = {"incidence": self.group.sick / self.group.animals} | dict(
            zip(MEASURED, self.group.mean, strict=True)
        )
        even = np.full(len(self.weights), 1.0 / len(self.weights))
        for name, values in readings.items():
            low, middle, high = weighted_percentiles(values, self.weights, (5, 50, 95))
            before = weighted_percentiles(values, even, (5, 50, 95))
            rows.append(
                {
                    "reading": name,
                    "shown": shown[name],
                    "predicted": middle,
                    "low": low,
                    "high": high,
                    "strain": before[1],
                    "strain_low": before[0],
                    "strain_high": before[2],
                }
            )
        return pd.DataFrame(rows)

    def sentence(self) -> str:
        """Return the result in one sentence."""
        effective = 1.0 / np.sum(self.weights**2)
        return (
            f"{self.group.animals} control animals, {self.group.sick} with signs: {effective:.0f} effective "
            f"of {len(self.weights)} rats of the strain {self.bank.ensemble.rat.strain}."
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


def fit_scores(
    result: LaboratoryResult,
    ensemble: Ensemble,
    *,
    sets: int = SETS,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> LaboratoryFit:
    """Estimate a laboratory's rat from the daily scores of its control animals.

    Parameters
    ----------
    result
        The scores.
    ensemble
        Of the strain.
    sets
        Rats of the strain that are tried.
    seed
        Of them.
    workers
        Threads.
    progress
        Called with the number of sets done and their total.

    Raises
    ------
    ProtocolError
        If the animals are too few, or none is ill.
    NothingComputedError
        If no rat of the strain does what they did.
    """
    control = result.scores.control
    group = read_group({name: result.endpoint(control, name) for name in ("incidence", *MEASURED)})
    for factor in (1, MORE):
        bank = build_bank(
            ensemble,
            until=result.until,
            sets=factor * sets,
            seed=seed,
            workers=workers,
            progress=progress,
        )
        # Many animals leave few sets that come near them: more sets may do.
        if bank.effective(group) >= LEAST_SETS:
            break
    return LaboratoryFit(bank, group, bank.weights(group))
