"""Whether the fit's intervals hold what they say: synthetic rows whose truth is known (Talts et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from eaesim.analysis.estimation.calibration import DATA_SETS, Calibration
from eaesim.analysis.estimation.fit import STRAINS, published_simulator
from eaesim.analysis.estimation.population import Simulator
from eaesim.analysis.estimation.record import Record
from eaesim.analysis.estimation.sampler import sample
from eaesim.analysis.estimation.target import Target, log_likelihood
from eaesim.analysis.workers import map_chunks
from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError
from eaesim.solver import Progress

PARTICLES, MOVES, ANIMALS = 64, 400, 16
# The truth is seen in so many times more rats than are simulated for the fit.
_TRUTH = 8
# Truths that are tried for each that has a value for every row, at most.
_TRIED = 50
# Members of a posterior that are asked what the rows would read.
_ASKED = 256


@dataclass(frozen=True)
class _DataSet:
    """One synthetic set of rows to be fitted: it decides its outcome alone.

    Attributes
    ----------
    rats, particles, moves, animals, seed
        As for `calibrate_fit`.
    number
        Of the data set, from 1 on.
    truth, readings
        The set of values, and what each row would read in a large population of it.
    """

    rats: tuple[str, ...]
    particles: int
    moves: int
    animals: int
    seed: int
    number: int
    truth: Floats
    readings: Floats


def calibrate_fit(
    rats: Sequence[str] = STRAINS,
    *,
    data_sets: int = DATA_SETS,
    particles: int = PARTICLES,
    moves: int = MOVES,
    animals: int = ANIMALS,
    seed: int = 2,
    folder: Path | None = None,
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
    folder
        Where the ranks of each data set are kept, so that a run that was stopped goes on; None keeps nothing.
    workers
        Processes; they change no result.
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
    >>> found = calibrate_fit(["lewis"], data_sets=1, particles=8, moves=1, animals=4, workers=1)
    >>> found.quantities[0], found.quantities[-1], found.rank.shape[0]
    ('antigen_clearance', 'lewis_immunised peak_score_sd', 1)
    """
    simulator = published_simulator(rats, animals=animals, seed=seed)
    truths, seen, left_out = _draw_truths(
        _large(simulator, seed), data_sets, np.random.default_rng([seed, 12])
    )
    asked = [
        _DataSet(tuple(rats), particles, moves, animals, seed, number, truth, readings)
        for number, (truth, readings) in enumerate(zip(truths, seen, strict=True), start=1)
    ]
    ranks = np.empty((data_sets, len(_quantities(simulator))))
    for done, (place, found) in enumerate(
        map_chunks(partial(_kept, folder), asked, workers=workers), start=1
    ):
        ranks[place] = found
        if progress is not None:
            progress(done, data_sets)
    return Calibration(_quantities(simulator), ranks, left_out)


def _large(simulator: Simulator, seed: int) -> Simulator:
    """Return the simulator of truths; it shares no seed with a data set, and so no luck."""
    return replace(simulator, animals=_TRUTH * simulator.animals, seed=seed * 10_000)


def _quantities(simulator: Simulator) -> tuple[str, ...]:
    named = [f"{target.experiment} {target.reading}" for target in simulator.targets]
    return (*simulator.prior.labels, *(named[column] for column in _columns(simulator.targets)))


def _kept(folder: Path | None, asked: _DataSet) -> Floats:
    """Return the ranks of a data set, read where they were computed already."""
    record = Record(lambda _: _ranks(asked)[None], None if folder is None else folder / f"{asked.number:04d}")
    settings = (asked.particles, asked.moves, asked.animals, asked.seed, asked.number)
    return np.asarray(record(np.array([[*settings, *asked.truth]]))[0])


def _ranks(asked: _DataSet) -> Floats:
    """Return where the truth of a data set stands in its posterior, for every quantity."""
    simulator = published_simulator(asked.rats, animals=asked.animals, seed=asked.seed, workers=1)
    random = np.random.default_rng([asked.seed, 13, asked.number])
    own = replace(
        simulator,
        seed=asked.seed * 10_000 + asked.number,
        targets=_rows(simulator.targets, asked.readings, random),
    )
    places, _, _ = sample(
        partial(_fitness, own),
        numbers=len(asked.truth),
        particles=asked.particles,
        seed=own.seed,
        last_moves=asked.moves,
    )
    columns = _columns(simulator.targets)
    some = places[np.linspace(0, len(places) - 1, min(_ASKED, len(places))).round().astype(np.int64)]
    predicted = _large(simulator, asked.seed).read(some)[0][:, columns]
    return np.concatenate(
        [_rank(places, asked.truth, random), _rank(predicted, asked.readings[columns], random)]
    )


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
