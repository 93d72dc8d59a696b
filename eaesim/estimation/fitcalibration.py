"""Whether the fit's intervals hold what they say: synthetic rows whose truth is known (Talts et al. 2018).

Truths are drawn from the posterior of the published data widened twofold, and that is the prior of every
synthetic fit: then the truth is a draw of the posterior of the rows that it made, and each interval must hold
it as often as it says. Otherwise each fit is the shipped one: NUTS on the emulator, from places drawn without
looking at the truth, a bridge from there to the simulated likelihood, and lessons on the way. The emulator
knows readings, not rows, so what it learns first serves every set of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError
from eaesim.estimation.budget import check_budget
from eaesim.estimation.calibration import Calibration
from eaesim.estimation.chain import Way, from_emulator
from eaesim.estimation.emulated import Normal, emulated_log_likelihood, probit
from eaesim.estimation.emulator import libraries
from eaesim.estimation.fit import ANIMALS, check_strains, published_simulator
from eaesim.estimation.population import AT_ONCE, Simulator
from eaesim.estimation.record import claim_records, kept_arrays
from eaesim.estimation.start import SETS, WALKERS, Learnt, draw_start, extended, learn, rounds_of
from eaesim.estimation.target import Target, covariance
from eaesim.model.species import DEFAULT
from eaesim.solver import Progress
from eaesim.study.workers import map_chunks

#: What a calibration takes unless somebody asks for less. A data set of lean rats takes 100 CPU seconds
#: with 32 animals and 64 particles; with as few the chains of full rats collapse into one place.
DATA_SETS, PARTICLES, MOVES = 40, 128, 48
_LEAST_PARTICLES, _STAGE_MOVES = 8, 6
# Lessons of the emulator on the way of each, and the moves after each.
_LESSONS = (1, 16)
# How much wider truths lie than the posterior.
WIDER = 2.0
# Sets around the truths that the emulator learns besides those of the fit, as a share of them: they serve all
# data sets, and the better they are learnt the fewer steps each bridge takes.
_MORE = 1.0
# Draws of NUTS per chain from the posterior of the published data, kept and discarded.
_PRIOR_DRAWS, _PRIOR_WARMUP = 400, 200
# Draws of NUTS per chain for each data set, kept and discarded.
_DRAWS, _WARMUP = 125, 100
# Ratio of rats simulated for the truth to rats simulated for the fit.
_TRUTH = 8
# Truths that are tried for each that has a value for every row, at most.
_TRIED = 50
# Draws of a posterior for which the rows are predicted.
_ASKED = 64
# Places of which those are chosen that start NUTS.
_CHOICE = 2_048


@dataclass(frozen=True)
class _DataSet:
    """One synthetic set of rows: it decides its outcome alone.

    Attributes
    ----------
    simulator, learnt, prior, way
        Common to all fits.
    large
        Simulates a large population of a truth; it shares no rat with the fit, and so no Monte Carlo error.
    seed, number
        Random seed of everything; number of the data set, from 0 on.
    truth, readings
        The place, and what each row would read in a large population of it.
    """

    simulator: Simulator
    large: Simulator
    learnt: Learnt
    prior: Normal
    way: Way
    seed: int
    number: int
    truth: Floats
    readings: Floats


def calibrate_rows(
    rats: Sequence[str] = DEFAULT,
    *,
    data_sets: int = DATA_SETS,
    particles: int = PARTICLES,
    moves: int = MOVES,
    animals: int = ANIMALS,
    sets: int = SETS,
    seed: int = 2,
    targets: Sequence[Target] | None = None,
    folder: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Fit synthetic rows with known truth as the published data are fitted, and rank the truth.

    Every row is a number: what a large population of the truth shows, off by the errors of the published
    rows. Truths for which some row has no value (nobody fell ill, say), in a large population or in the rats
    of the fit, are redrawn.

    Parameters
    ----------
    rats, data_sets, particles, moves, animals, sets, seed
        Settings of ``eaesim fit --calibrate``. The emulator that is trained on the simulated sets serves all
        data sets, and as many sets more lie around the truths.
    targets
        As for `fit`.
    folder
        Where sets, the emulator and ranks are kept, so that an interrupted run resumes; None keeps
        nothing.
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
    QuantityError
        If a number is too small.
    NothingComputedError
        If hardly any truth has a value for every row.
    MissingLibraryError
        If a library that trains the emulator is not installed.

    Examples
    --------
    >>> calibrate_rows(["lewis"], data_sets=0)
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: data_sets = 0; it must be at least 1.
    """
    check_strains(rats)
    check_budget(
        particles=(particles, _LEAST_PARTICLES),
        data_sets=data_sets,
        moves=moves,
        animals=animals,
        sets=sets,
        seed=seed,
    )
    libraries()
    simulator = published_simulator(rats, animals=animals, targets=targets, workers=workers)
    claim_records(
        folder,
        simulator.targets,
        question="calibration of the fit",
        rats=[rat.name for rat in simulator.prior.rats.values()],
        particles=int(particles),
        moves=int(moves),
        animals=int(animals),
        sets=int(sets),
        seed=int(seed),
    )
    learnt, prior = _learnt(simulator, sets, seed, folder)
    large = replace(simulator, animals=_TRUTH * simulator.animals, seed=seed * 10_000 + 1)
    truths, seen, left_out = _draw_truths(
        simulator, large, prior, data_sets, np.random.default_rng([seed, 12])
    )
    way = Way(particles, _STAGE_MOVES, moves, *_LESSONS)
    chunks = [
        _DataSet(
            replace(simulator, workers=1),
            replace(large, workers=1),
            learnt,
            prior,
            way,
            seed,
            number,
            truth,
            readings,
        )
        for number, (truth, readings) in enumerate(zip(truths, seen, strict=True))
    ]
    ranks = np.empty((data_sets, len(_quantities(simulator))))
    for done, (place, found) in enumerate(map_chunks(partial(_kept, folder), chunks, workers=workers), 1):
        ranks[place] = found
        if progress is not None:
            progress(done, data_sets)
    return Calibration(_quantities(simulator), ranks, left_out)


def _learnt(simulator: Simulator, sets: int, seed: int, folder: Path | None) -> tuple[Learnt, Normal]:
    """Return what every data set starts from, and the posterior of the published data, widened."""
    numbers, rounds = len(simulator.prior.free), rounds_of(sets)
    learnt = learn(
        simulator.read, simulator.targets, numbers=numbers, seed=seed, rounds=rounds, folder=folder
    )
    draws = draw_start(
        learnt.emulator,
        simulator.targets,
        bridges=1,
        seed=seed,
        draws=_PRIOR_DRAWS,
        warmup=_PRIOR_WARMUP,
        folder=folder,
    )
    prior = widened(draws.places.reshape(-1, numbers))
    around = prior.draw(max(1, round(_MORE * sets)), np.random.default_rng([seed, 14]))
    own = None if folder is None else folder / "around"
    learnt = extended(learnt, simulator.read, around, simulator.targets, seed=seed + 100, folder=own)
    return learnt, prior


def widened(places: Floats, *, times: float = WIDER) -> Normal:
    """Return a posterior as if each row had so many times its error, as a normal of the probit of places.

    Where rows say nothing it is the even prior, and stays it.

    Parameters
    ----------
    places
        Drawn from the posterior, shape (sets, numbers).
    times
        How much wider.

    Examples
    --------
    >>> from scipy.special import ndtr
    >>> draws = np.random.default_rng(1).standard_normal((100_000, 2)) * [0.1, 1.0] + [0.5, 0.0]
    >>> found = widened(ndtr(draws))
    >>> (np.linalg.inv(found.precision).diagonal() ** 0.5).round(1).tolist()
    [0.2, 1.0]
    >>> (found.mean.round(1) + 0.0).tolist()
    [0.5, 0.0]
    """
    at = probit(places)
    inverse = np.linalg.inv(np.cov(at, rowvar=False))
    # The posterior is the prior, of precision 1, times what the rows say; that counts for less.
    precision = np.eye(len(inverse)) + (inverse - np.eye(len(inverse))) / times**2
    return Normal(np.linalg.solve(precision, inverse @ at.mean(axis=0)) / times**2, precision)


def _quantities(simulator: Simulator) -> tuple[str, ...]:
    named = [f"{target.experiment} {target.reading}" for target in simulator.targets]
    return (*simulator.prior.labels, *(named[column] for column in _columns(simulator.targets)))


def _kept(folder: Path | None, one: _DataSet) -> Floats:
    """Return the ranks of a data set, read where they were computed already."""
    path = None if folder is None else folder / f"ranks-{one.number:04d}.npz"
    content: tuple[npt.NDArray[np.floating], ...] = (
        one.truth,
        one.readings,
        *one.learnt.emulator.weights,
        *one.prior,
    )
    key = repr((*one.way, one.seed, one.number)).encode() + b"".join(each.tobytes() for each in content)
    return kept_arrays(path, key, lambda: {"ranks": _ranks(one)})["ranks"]


def _ranks(one: _DataSet) -> Floats:
    """Return the rank of a truth in its posterior, for every quantity."""
    random = np.random.default_rng([one.seed, 13, one.number])
    rows = _rows(one.simulator.targets, one.readings, random)
    places = _fit(one, rows, random)
    some = places[np.linspace(0, len(places) - 1, min(_ASKED, len(places))).round().astype(np.int64)]
    columns = _columns(one.simulator.targets)
    predicted = _read_large(one.large, some)[:, columns]
    return np.concatenate([_rank(places, one.truth, random), _rank(predicted, one.readings[columns], random)])


def _fit(one: _DataSet, rows: Sequence[Target], random: np.random.Generator) -> Floats:
    """Return places of the posterior of some rows: from the emulator by a bridge."""
    emulated = emulated_log_likelihood(one.learnt.emulator, rows)
    choice = one.prior.draw(_CHOICE, random)
    likely = emulated(choice)
    # Softly, so that the chains do not start in one place.
    weights = np.exp(0.2 * (likely - likely.max()))
    first = choice[random.choice(len(choice), WALKERS, replace=False, p=weights / weights.sum())]
    number = one.seed * 10_000 + one.number
    draws = draw_start(
        one.learnt.emulator,
        rows,
        bridges=1,
        seed=number,
        draws=_DRAWS,
        warmup=_WARMUP,
        prior=one.prior,
        first=first,
    )
    return from_emulator(
        one.simulator.read, rows, one.learnt, draws.start(0), way=one.way, seed=number, prior=one.prior
    ).places


def _read_large(large: Simulator, places: Floats) -> Floats:
    """Return what is read of large populations, a few at a time: as many rats at once as in a fit."""
    few = max(1, AT_ONCE // _TRUTH)
    return np.concatenate([large.read(places[at : at + few]) for at in range(0, len(places), few)])


def _draw_truths(
    simulator: Simulator, large: Simulator, prior: Normal, count: int, random: np.random.Generator
) -> tuple[Floats, Floats, int]:
    """Return sets that have a value for every row, what is read of them, and how many had none.

    They have one in the rats of their fit as well: a row without a reading is impossible there, so sets that
    have none are no part of what is tested.
    """
    truths, seen = np.empty((count, len(prior.mean))), np.empty((count, len(simulator.targets)))
    wanted, tried = np.arange(count), 0
    while len(wanted):
        if tried >= _TRIED * count:
            raise NothingComputedError("hardly any truth has a value for every row.")
        places = prior.draw(len(wanted), random)
        readings = _read_large(large, places)
        there = np.isfinite(readings).all(axis=1) & np.isfinite(simulator.read(places)).all(axis=1)
        tried += len(wanted)
        truths[wanted[there]], seen[wanted[there]] = places[there], readings[there]
        wanted = wanted[~there]
    return truths, seen, tried - count


def _rows(targets: Sequence[Target], readings: Floats, random: np.random.Generator) -> tuple[Target, ...]:
    """Return the rows that a truth would have had published."""
    off = random.multivariate_normal(np.zeros(len(targets)), covariance(targets))
    values = [float(each.on_scale(np.array(seen))) for each, seen in zip(targets, readings, strict=True)]
    return tuple(
        replace(target, low=value, high=value)
        for target, value in zip(targets, (np.array(values) + off).tolist(), strict=True)
    )


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
