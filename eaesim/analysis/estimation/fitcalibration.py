"""Whether the fit's intervals hold what they say: synthetic rows whose truth is known (Talts et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from eaesim.analysis.estimation.calibration import DATA_SETS, Calibration
from eaesim.analysis.estimation.fit import STRAINS, published_simulator
from eaesim.analysis.estimation.population import Simulator
from eaesim.analysis.estimation.sampler import LAST_MOVES, sample
from eaesim.analysis.estimation.target import Target, log_likelihood
from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError
from eaesim.solver import Progress

# As many moves as the shipped ensembles have, and a third of their particles: with 64 particles and 75 moves
# the intervals are too narrow (0.70 instead of 0.90 on rows whose posterior is known).
PARTICLES, MOVES, ANIMALS = 128, LAST_MOVES, 16
# The truth is seen in so many times more rats than are simulated for the fit.
_TRUTH = 8
# Truths that are tried for each that has a value for every row, at most.
_TRIED = 50


def calibrate_fit(
    rats: Sequence[str] = STRAINS,
    *,
    data_sets: int = DATA_SETS,
    particles: int = PARTICLES,
    moves: int = MOVES,
    animals: int = ANIMALS,
    seed: int = 2,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Fit synthetic rows, made from sets of values drawn from the prior, and see where the truth stands.

    Every row is a number: what a large population of the truth shows, off by the error of the published row
    and by a laboratory of its own. Sets in which some row has no value (nobody fell ill, say) are drawn anew.

    Parameters
    ----------
    rats
        Strains.
    data_sets
        Synthetic sets of rows.
    particles, moves, animals
        As for `eaesim.analysis.estimation.fit.fit`, of a single chain each.
    seed
        Of everything.
    workers
        Threads; they change no result.
    progress
        Called with the data sets done and their total.

    Returns
    -------
    Calibration
        The quantities are first the numbers that are estimated, then every reading of the rows.

    Raises
    ------
    NothingComputedError
        If hardly any set of the prior has a value for every row.

    Examples
    --------
    >>> found = calibrate_fit(["lewis"], data_sets=1, particles=8, moves=1, animals=4)
    >>> found.quantities[0], found.quantities[-1], found.rank.shape[0]
    ('antigen_clearance', 'lewis_immunised peak_score_sd', 1)
    """
    simulator = published_simulator(rats, animals=animals, seed=seed, workers=workers)
    # Seeds of simulated rats: that of the truths, then one for each data set, so that no luck is shared.
    large = replace(simulator, animals=_TRUTH * animals, seed=seed * 10_000)
    truths, seen, left_out = _draw_truths(large, data_sets, np.random.default_rng([seed, 12]))
    random = np.random.default_rng([seed, 13])
    columns = _columns(simulator.targets)
    ranks = []
    for number, (truth, readings) in enumerate(zip(truths, seen, strict=True), start=1):
        own = replace(
            simulator, seed=seed * 10_000 + number, targets=_rows(simulator.targets, readings, random)
        )
        places, _, _ = sample(
            partial(_fitness, own),
            numbers=len(truth),
            particles=particles,
            seed=own.seed,
            last_moves=moves,
        )
        predicted = large.read(places)[0][:, columns]
        ranks.append(
            np.concatenate([_rank(places, truth, random), _rank(predicted, readings[columns], random)])
        )
        if progress is not None:
            progress(number, data_sets)
    named = [f"{target.experiment} {target.reading}" for target in simulator.targets]
    quantities = (*simulator.prior.labels, *(named[column] for column in columns))
    return Calibration(quantities, np.array(ranks), left_out)


def _fitness(simulator: Simulator, places: Floats) -> Floats:
    return log_likelihood(simulator.targets, *simulator.read(places))


def _draw_truths(large: Simulator, count: int, random: np.random.Generator) -> tuple[Floats, Floats, int]:
    """Return sets that have a value for every row, what is read of them, and how many had none."""
    numbers, tried = len(large.prior.free), 0
    kept: list[tuple[Floats, Floats]] = []
    while sum(len(places) for places, _ in kept) < count:
        if tried >= _TRIED * count:
            raise NothingComputedError(
                "hardly any set of values within the priors has a value for every row."
            )
        places = random.random((count, numbers))
        readings, _ = large.read(places)
        there = np.isfinite(readings).all(axis=1)
        kept.append((places[there], readings[there]))
        tried += count
    truths, seen = (np.concatenate(each) for each in zip(*kept, strict=True))
    return truths[:count], seen[:count], tried - len(truths)


def _rows(targets: Sequence[Target], readings: Floats, random: np.random.Generator) -> tuple[Target, ...]:
    """Return the rows that a truth would have had published."""
    rows = []
    for target, reading in zip(targets, readings, strict=True):
        value = float(target.scaled(np.array(reading), np.array(0.0))[0])
        value += np.hypot(target.error, target.laboratory) * random.standard_normal()
        rows.append(replace(target, low=value, high=value))
    return tuple(rows)


def _columns(targets: Sequence[Target]) -> list[int]:
    """Return the first row of each reading."""
    first: dict[tuple[str, str], int] = {}
    for place, target in enumerate(targets):
        first.setdefault((target.experiment, target.reading), place)
    return list(first.values())


def _rank(values: Floats, truth: Floats, random: np.random.Generator) -> Floats:
    """Return the share of values below the truth; its place among its equals is drawn."""
    below, equal = (values < truth).sum(axis=0), (values == truth).sum(axis=0)
    known = np.isfinite(values).sum(axis=0)
    return np.asarray((below + random.random(len(truth)) * (equal + 1)) / (known + 1))
