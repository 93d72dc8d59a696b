"""Where a fit starts: an emulator trained in rounds, each nearer to its own posterior, and draws from that.

The emulator alone is no answer: its posterior lies where it errs in the rows' favour. It is where a bridge
(`sample` with a `Start`) sets out from to the likelihood of what is simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.agreement import rhat
from eaesim.estimation.emulated import (
    WARMUP,
    Normal,
    draw,
    emulated_log_likelihood,
    hamiltonian,
)
from eaesim.estimation.emulator import Emulator, different_readings, narrow, train
from eaesim.estimation.record import Asked, Record, kept_arrays
from eaesim.estimation.sampler import Likelihood, Start, sample
from eaesim.estimation.target import Target

Read = Callable[[Floats], Floats]


class Round(NamedTuple):
    """Sets that are simulated and learnt.

    Attributes
    ----------
    tempered
        How much the rows count where the sets lie: 0 is the prior.
    sets
        How many are simulated, at most.
    bridged
        Whether they are those that a bridge asks for on its way from the emulator to what is simulated: there
        it is learnt where the emulator errs in the rows' favour.
    """

    tempered: float
    sets: int
    bridged: bool = False


#: Early rounds trust the emulator little, and so stay wide.
ROUNDS = (
    Round(0.0, 5_000),
    Round(0.1, 6_000),
    Round(0.3, 8_000),
    Round(0.7, 10_000),
    Round(1.0, 11_000),
    Round(1.0, 12_000, bridged=True),
)
#: Sets that are simulated to train the emulator.
SETS = sum(each.sets for each in ROUNDS)
#: How often a round's sets, and those before, are seen.
EPOCHS = 40
#: Chains of NUTS for each bridge, and draws of each.
WALKERS, DRAWS = 2, 1_000
# Sets per particle of a bridge used for training, and its moves per step.
_BRIDGE, _BRIDGE_MOVES = 40, 8
# Populations that a round's sets are drawn from, their particles and moves.
_RUNS, _PARTICLES, _MOVES, _LAST_MOVES = 4, 512, 12, 100
# Number of those that start NUTS, and estimate the evidence.
_SURE, _SURE_MOVES = 1_024, 24


def rounds_of(sets: int) -> tuple[Round, ...]:
    """Split the total number of sets into rounds, in the proportions of `ROUNDS`.

    Examples
    --------
    >>> [each.sets for each in rounds_of(520)]
    [50, 60, 80, 100, 110, 120]
    """
    return tuple(each._replace(sets=max(1, round(sets * each.sets / SETS))) for each in ROUNDS)


@dataclass(frozen=True)
class Learnt:
    """An emulator, and the sets that it was trained on.

    Attributes
    ----------
    emulator
        What was trained.
    places, values
        Places of all rounds, and their readings, one column per reading.
    """

    emulator: Emulator
    places: Floats
    values: Floats


def learn(
    read: Read,
    targets: Sequence[Target],
    *,
    numbers: int,
    seed: int,
    rounds: Sequence[Round] = ROUNDS,
    epochs: int = EPOCHS,
    folder: Path | None = None,
    on_round: Callable[[float], None] | None = None,
) -> Learnt:
    """Train an emulator of what is read, in rounds around the posterior that it makes itself.

    Parameters
    ----------
    read
        From places, shape (sets, numbers), to a value for every row, shape (sets, rows).
    targets
        The rows; their published values say only where the sets lie.
    numbers
        Coordinates of a place.
    seed
        Random seed of everything.
    rounds, epochs
        What is simulated, and how often each set is seen.
    folder
        Where sets and emulators are kept, so that an interrupted run resumes; None keeps nothing.
    on_round
        Called after each round with the part of the sets that is done.

    Examples
    --------
    >>> row = Target(finding="A1", experiment="a", reading="b", low=0.3, high=0.3, laboratory=0.1)
    >>> found = learn(
    ...     lambda places: places[:, :1], [row], numbers=2, seed=1, rounds=[Round(0, 500), Round(1, 500)]
    ... )
    >>> found.places.shape, bool(found.places[500:, 0].std() < 0.15)
    ((1000, 2), True)
    """
    learnt: Learnt | None = None
    for number, now in enumerate(rounds):
        own = None if folder is None else folder / f"round-{number}"
        random = np.random.default_rng([seed, 22, number])
        found = kept_arrays(
            own and own / "places.npz",
            repr((number, seed, *now, _published(targets))).encode() + _digest(learnt),
            partial(_places, learnt.emulator if learnt else None, read, targets, numbers, now, random),
        )
        learnt = extended(
            learnt,
            partial(seen_already, found["values"]) if now.bridged else read,
            found["places"],
            targets,
            seed=seed + number,
            epochs=epochs,
            folder=own,
        )
        if on_round is not None:
            done = sum(each.sets for each in rounds[: number + 1])
            on_round(done / sum(each.sets for each in rounds))
    if learnt is None:
        raise ValueError("learning takes at least one round.")
    return learnt


def seen_already(values: Floats, _: Floats) -> Floats:
    """Return what was read already."""
    return values


def _places(
    emulator: Emulator | None,
    read: Read,
    targets: Sequence[Target],
    numbers: int,
    now: Round,
    random: np.random.Generator,
) -> dict[str, Floats]:
    """Return where a round's sets lie; of a bridge also what was read there."""
    if emulator is None:
        return {"places": random.random((now.sets, numbers))}
    if now.bridged:
        return _on_a_bridge(emulator, read, targets, now.sets, random)
    return {"places": _around(emulator, targets, now.tempered, now.sets, random)}


def _on_a_bridge(
    emulator: Emulator, read: Read, targets: Sequence[Target], sets: int, random: np.random.Generator
) -> dict[str, Floats]:
    """Return the last sets that a short bridge needs, and their readings, without Monte Carlo error."""
    asked = Asked(targets, read)
    particles = max(16, sets // _BRIDGE)
    begin = _around(emulator, targets, 1.0, 4 * particles, random)
    sample(
        asked,
        numbers=emulator.numbers,
        particles=particles,
        seed=int(random.integers(2**32)),
        moves=_BRIDGE_MOVES,
        last_moves=_BRIDGE_MOVES,
        start=Start(begin, emulated_log_likelihood(emulator, targets), hamiltonian(emulator, targets, begin)),
    )
    return {"places": np.concatenate(asked.places)[-sets:], "values": np.concatenate(asked.values)[-sets:]}


def extended(
    learnt: Learnt | None,
    read: Read,
    places: Floats,
    targets: Sequence[Target],
    *,
    seed: int,
    epochs: int = EPOCHS,
    folder: Path | None = None,
) -> Learnt:
    """Return what is learnt after more sets.

    Parameters
    ----------
    learnt
        Before; None where these are the first.
    places
        Places of the new sets.
    folder
        Where the sets and the emulator are kept; None keeps nothing.
    read, targets, seed, epochs
        As for `learn`.
    """
    readings = different_readings(targets)
    values = Record(read, folder)(places)[:, readings.columns]
    known = Learnt(learnt.emulator, *_joined(learnt, places, values)) if learnt else None
    every, seen = (known.places, known.values) if known else (places, values)
    before = learnt.emulator if learnt is not None else None

    def trained() -> dict[str, Floats]:
        found = train(every, seen, readings, epochs=epochs, seed=seed, newest=len(places), before=before)
        weights = {
            f"weights-{number}": np.asarray(each, dtype=np.float64)
            for number, each in enumerate(found.weights)
        }
        return {"centre": found.centre, "spread": found.spread, "residual": found.residual, **weights}

    key = repr((seed, epochs, readings.unit.tolist())).encode() + every.tobytes() + seen.tobytes()
    arrays = kept_arrays(None if folder is None else folder / "emulator.npz", key + _digest(learnt), trained)
    weights = tuple(narrow(arrays[f"weights-{number}"]) for number in range(len(arrays) - 3))
    emulator = Emulator(readings, weights, arrays["centre"], arrays["spread"], arrays["residual"])
    return Learnt(emulator, every, seen)


def _published(targets: Sequence[Target]) -> list[tuple[float, float, float]]:
    return [(each.low, each.high, each.spread) for each in targets]


def _joined(learnt: Learnt, places: Floats, values: Floats) -> tuple[Floats, Floats]:
    return np.concatenate([learnt.places, places]), np.concatenate([learnt.values, values])


def _digest(learnt: Learnt | None) -> bytes:
    return b"" if learnt is None else b"".join(each.tobytes() for each in learnt.emulator.weights)


def _around(
    emulator: Emulator, targets: Sequence[Target], tempered: float, sets: int, random: np.random.Generator
) -> Floats:
    """Draw sets from the tempered posterior that an emulator makes; they need not have quite got there."""
    log_likelihood = emulated_log_likelihood(emulator, targets, tempered=tempered)
    runs = [
        sample(
            log_likelihood,
            numbers=emulator.numbers,
            particles=max(64, min(_PARTICLES, sets // _RUNS)),
            seed=int(random.integers(2**32)),
            moves=_MOVES,
            last_moves=_LAST_MOVES,
        )[0]
        for _ in range(_RUNS)
    ]
    everyone = np.concatenate(runs)
    return everyone[random.choice(len(everyone), sets, replace=sets > len(everyone))]


@dataclass(frozen=True)
class Draws:
    """Draws from the posterior that an emulator makes.

    Attributes
    ----------
    places
        Shape (chains, draws, numbers).
    log_likelihood
        By the emulator, of places of shape (sets, numbers).
    log_evidence
        Log evidence of the rows by the emulator, from the population that each chain starts from; NaN without
        none.
    """

    places: Floats
    log_likelihood: Callable[[Floats], Floats]
    log_evidence: Floats

    def rhat(self) -> Floats:
        """Return the rank-normalised R-hat of each number."""
        return rhat(self.places)

    def start(self, bridge: int) -> tuple[Floats, Likelihood, float]:
        """Return where a bridge starts, with likelihood and log evidence; bridges share no chain but that."""
        own = slice(bridge * WALKERS, (bridge + 1) * WALKERS)
        chains = self.places[own]
        with np.errstate(invalid="ignore"):  # it may not be known
            evidence = float(np.logaddexp.reduce(self.log_evidence) - np.log(len(self.log_evidence)))
        return chains.reshape(-1, chains.shape[2]), self.log_likelihood, evidence


def draw_start(
    emulator: Emulator,
    targets: Sequence[Target],
    *,
    bridges: int,
    seed: int,
    draws: int = DRAWS,
    warmup: int = WARMUP,
    prior: Normal | None = None,
    first: Floats | None = None,
    folder: Path | None = None,
) -> Draws:
    """Draw the places that bridges start from: NUTS on the emulator, each from its own population.

    Parameters
    ----------
    emulator, targets
        What is emulated, and the rows.
    bridges
        How many start from it.
    seed
        Random seed of the draws.
    draws, warmup
        Draws of each chain, kept and discarded; a bridge has two chains.
    prior
        Another prior than the even one.
    first
        Where the chains start, if known; the evidence is then unknown.
    folder
        Where the draws are kept; None keeps nothing.
    """
    log_likelihood = emulated_log_likelihood(emulator, targets, prior=prior)
    chains = bridges * WALKERS

    def drawn() -> dict[str, Floats]:
        if first is None:
            begin, evidence = _populations(log_likelihood, emulator.numbers, chains, seed)
        else:
            begin, evidence = first, np.full(chains, np.nan)
        places = draw(emulator, targets, begin, draws=draws, warmup=warmup, seed=seed, prior=prior)
        return {"places": places, "log_evidence": evidence}

    key = repr((seed, draws, warmup, chains, _published(targets))).encode()
    key += b"".join(
        each.tobytes() for each in (*emulator.weights, *(prior or ()), *(() if first is None else (first,)))
    )
    kept = kept_arrays(None if folder is None else folder / "draws.npz", key, drawn)
    return Draws(kept["places"], log_likelihood, kept["log_evidence"])


def _populations(
    log_likelihood: Callable[[Floats], Floats], numbers: int, chains: int, seed: int
) -> tuple[Floats, Floats]:
    """Go from the even prior to the posterior; return a place of each population, and its evidence."""
    found = [
        sample(
            log_likelihood,
            numbers=numbers,
            particles=_SURE,
            seed=seed * 1_000 + chain,
            moves=_SURE_MOVES,
            last_moves=1,
        )
        for chain in range(chains)
    ]
    return np.array([run[0][0] for run in found]), np.array([run[2][-1].log_evidence for run in found])
