"""Whether the fit's intervals hold what they say: synthetic rows whose truth is known (Talts et al. 2018).

A set of values drawn from the prior is a draw of the posterior of the rows that it made. So chains that
start in it need not find their way first, and what is tested is the posterior itself: the rows' errors, what
laboratories differ by, the luck of a few simulated rats, and the moves. Whether a fit that starts in the
prior gets there is told by its chains, which must agree (`eaesim.analysis.estimation.fitresult`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from eaesim.analysis.estimation.budget import check_budget
from eaesim.analysis.estimation.calibration import DATA_SETS, Calibration
from eaesim.analysis.estimation.ensembles import member_places, read_ensembles
from eaesim.analysis.estimation.fit import STRAINS, check_strains, published_simulator
from eaesim.analysis.estimation.population import Simulator
from eaesim.analysis.estimation.record import Record, claim_records
from eaesim.analysis.estimation.sampler import KEEP_EVERY, proposed
from eaesim.analysis.estimation.target import Target, log_likelihood
from eaesim.analysis.workers import map_chunks
from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError
from eaesim.solver import Progress

CHAINS, MOVES, ANIMALS = 6, 3200, 16
# Data sets that are fitted together, each on simulated rats of its own.
_TOGETHER = 10
# The truth is seen in so many times more rats than are simulated for the fit.
_TRUTH = 8
# Truths that are tried for each that has a value for every row, at most.
_TRIED = 50
# Members of a posterior that are asked what the rows would read.
_ASKED = 128


@dataclass(frozen=True)
class _Group:
    """Some synthetic sets of rows: they decide their outcome alone.

    Attributes
    ----------
    rats, chains, moves, animals, seed
        As for `calibrate_fit`.
    number
        Of the group, from 1 on.
    truths, readings
        A row a data set: the values, and what each row would read in a large population of them.
    """

    rats: tuple[str, ...]
    chains: int
    moves: int
    animals: int
    seed: int
    number: int
    truths: Floats
    readings: Floats


def calibrate_fit(
    rats: Sequence[str] = STRAINS,
    *,
    data_sets: int = DATA_SETS,
    chains: int = CHAINS,
    moves: int = MOVES,
    animals: int = ANIMALS,
    seed: int = 2,
    folder: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Fit synthetic rows, made from sets of values drawn from the prior, and see where the truth stands.

    Every row is a number: what a large population of the truth shows, off by the error of the published row
    and by a laboratory of its own. Sets in which some row has no value (nobody fell ill, say), in a large
    population or in the few rats of the fit, are drawn anew.

    Parameters
    ----------
    rats
        Strains.
    data_sets
        Synthetic sets of rows.
    chains, moves
        Chains of each, which start in the truth, and their moves; the first half of them is forgotten.
    animals
        Rats in each simulated population.
    seed
        Of everything.
    folder
        Where ranks are kept, so that a run that was stopped goes on; None keeps nothing.
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
        If hardly any set of the prior has a value for every row.

    Examples
    --------
    >>> found = calibrate_fit(["lewis"], data_sets=1, chains=2, moves=1, animals=4, workers=1)
    >>> found.quantities[0], found.quantities[-1], found.rank.shape[0]
    ('antigen_clearance', 'lewis_immunised peak_score_sd', 1)
    """
    check_strains(rats)
    check_budget(data_sets=data_sets, chains=chains, moves=moves, animals=animals, seed=seed)
    simulator = published_simulator(rats, animals=animals, seed=seed)
    own: dict[str, Any] = {"rats": list(rats), "chains": int(chains), "moves": int(moves)}
    own |= {"animals": int(animals), "seed": int(seed)}
    claim_records(folder, simulator.targets, question="calibration of the fit", **own)
    truths, seen, left_out = _draw_truths(simulator, data_sets, np.random.default_rng([seed, 12]))
    starts = range(0, data_sets, _TOGETHER)
    groups = [
        _Group(
            tuple(rats),
            chains,
            moves,
            animals,
            seed,
            number,
            truths[start : start + _TOGETHER],
            seen[start : start + _TOGETHER],
        )
        for number, start in enumerate(starts, start=1)
    ]
    ranks = np.empty((data_sets, len(_quantities(simulator))))
    done = 0
    for place, found in map_chunks(partial(_kept, folder), groups, workers=workers):
        ranks[starts[place] : starts[place] + _TOGETHER] = found
        done += len(found)
        if progress is not None:
            progress(done, data_sets)
    return Calibration(_quantities(simulator), ranks, left_out)


def _large(simulator: Simulator) -> Simulator:
    """Return the simulator of truths; it shares no seed with a data set, and so no luck."""
    return replace(simulator, animals=_TRUTH * simulator.animals, seed=simulator.seed * 10_000)


def _small(simulator: Simulator, group: int) -> Simulator:
    """Return the simulator of a group's fits: its data sets take so many rats each of one seed."""
    return replace(simulator, seed=simulator.seed * 10_000 + group)


def _quantities(simulator: Simulator) -> tuple[str, ...]:
    named = [f"{target.experiment} {target.reading}" for target in simulator.targets]
    return (*simulator.prior.labels, *(named[column] for column in _columns(simulator.targets)))


def _kept(folder: Path | None, group: _Group) -> Floats:
    """Return the ranks of some data sets, read where they were computed already."""
    record = Record(lambda _: _ranks(group), None if folder is None else folder / f"{group.number:04d}")
    settings = (group.chains, group.moves, group.animals, group.seed, group.number)
    key = [np.concatenate([settings, truth]) for truth in group.truths]
    return record(np.array(key))


def _ranks(group: _Group) -> Floats:
    """Return where each truth stands in its posterior, for every quantity, shape (data sets, quantities)."""
    simulator = published_simulator(group.rats, animals=group.animals, seed=group.seed, workers=1)
    random = np.random.default_rng([group.seed, 13, group.number])
    rows = [_rows(simulator.targets, readings, random) for readings in group.readings]
    own = _small(simulator, group.number)
    columns, large = _columns(simulator.targets), _large(simulator)
    ranks = []
    passed = _walk(own, rows, group.truths, random, chains=group.chains, moves=group.moves)
    for places, truth, readings in zip(passed, group.truths, group.readings, strict=True):
        some = places[np.linspace(0, len(places) - 1, min(_ASKED, len(places))).round().astype(np.int64)]
        predicted = large.read(some).value[:, columns]
        ranks.append(
            np.concatenate([_rank(places, truth, random), _rank(predicted, readings[columns], random)])
        )
    return np.array(ranks)


def _walk(
    simulator: Simulator,
    rows: Sequence[Sequence[Target]],
    truths: Floats,
    random: np.random.Generator,
    *,
    chains: int,
    moves: int,
) -> list[Floats]:
    """Return where chains pass that start in the truths, but for their first half, for each data set.

    They move by differences of the shipped members at first, then by those of the places they passed.
    """
    here = np.repeat(truths, chains, axis=0)
    blocks = [slice(first, first + chains) for first in range(0, len(here), chains)]

    def fitness(places: Floats) -> Floats:
        seen = simulator.read(places, rats=np.repeat(np.arange(len(truths)), chains))
        return np.concatenate(
            [log_likelihood(own, seen.part(block)) for own, block in zip(rows, blocks, strict=True)]
        )

    pools = [member_places(read_ensembles(), simulator.prior)] * len(truths)
    found, passed = fitness(here), list[Floats]()
    for move in range(moves):
        there = np.concatenate(
            [proposed(random, here[block], pool) for block, pool in zip(blocks, pools, strict=True)]
        )
        value = fitness(there)
        accepted = np.log(random.random(len(here))) < value - found
        here, found = np.where(accepted[:, None], there, here), np.where(accepted, value, found)
        if (moves - 1 - move) % KEEP_EVERY == 0:
            passed.append(here)
            if move > moves / 3:
                pools = [np.concatenate([each[block] for each in passed]) for block in blocks]
    last = passed[len(passed) // 2 :]
    return [np.concatenate([each[block] for each in last]) for block in blocks]


def _draw_truths(simulator: Simulator, count: int, random: np.random.Generator) -> tuple[Floats, Floats, int]:
    """Return sets that have a value for every row, what is read of them, and how many had none.

    They have one in the rats of their fit as well: a row without a reading is impossible there, so sets that
    have none are no part of what is tested.
    """
    numbers, large = len(simulator.prior.free), _large(simulator)
    truths, seen = np.empty((count, numbers)), np.empty((count, len(simulator.targets)))
    wanted, tried = np.arange(count), 0
    while len(wanted):
        if tried >= _TRIED * count:
            raise NothingComputedError(
                "hardly any set of values within the priors has a value for every row."
            )
        places = random.random((len(wanted), numbers))
        readings = large.read(places).value
        there = np.asarray(np.isfinite(readings).all(axis=1))
        for group in np.unique(wanted // _TOGETHER):
            own = np.flatnonzero(wanted // _TOGETHER == group)
            fitted = _small(simulator, int(group) + 1).read(places[own], rats=wanted[own] % _TOGETHER)
            there[own] &= np.isfinite(fitted.value).all(axis=1)
        tried += len(wanted)
        truths[wanted[there]], seen[wanted[there]] = places[there], readings[there]
        wanted = wanted[~there]
    return truths, seen, tried - count


def _rows(targets: Sequence[Target], readings: Floats, random: np.random.Generator) -> tuple[Target, ...]:
    """Return the rows that a truth would have had published."""
    rows = []
    for target, reading in zip(targets, readings, strict=True):
        value = float(target.on_scale(np.array(reading)))
        value += target.spread * random.standard_normal()
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
