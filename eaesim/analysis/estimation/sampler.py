"""Sampling a posterior on the unit cube, from the prior to the data in steps that adapt.

Sequential Monte Carlo with tempering (Del Moral, Doucet and Jasra 2006): particles start in the prior, the
data are let in little by little, and after each step the particles move by differences of other particles
(ter Braak and Vrugt 2008), some coordinates at a time. The library for this, `particles`, does not run beside
the version of NumPy that SALib needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eaesim.endpoints import Floats

# Share of the particles that a step may leave as the effective number.
KEPT = 0.5
MOVES, LAST_MOVES = 6, 400
# Once all data count, the first third of the moves forgets the way; then every so many moves all are kept.
KEEP_EVERY = 25
# Shares of the coordinates that move at once. On the published rows all at once go twice as far a simulation
# as some; some keep a sampler going that has fewer particles than coordinates.
CROSSOVER = (0.1, 1.0, 1.0, 1.0, 1.0)
JITTER = 1e-4
_MOST_STAGES = 200


@dataclass(frozen=True)
class Stage:
    """One step towards the data.

    Attributes
    ----------
    share
        How much the data count, 0 to 1.
    accepted
        Share of the proposed moves that were taken.
    best
        The largest log-likelihood.
    log_evidence
        Logarithm of the evidence of the data so far.
    """

    share: float
    accepted: float
    best: float
    log_evidence: float


def sample(
    log_likelihood: Callable[[Floats], Floats],
    *,
    numbers: int,
    particles: int,
    seed: int,
    on_move: Callable[[float, float], None] | None = None,
    last_moves: int = LAST_MOVES,
) -> tuple[Floats, Floats, list[Stage]]:
    """Sample a posterior under an even prior on the unit cube.

    Parameters
    ----------
    log_likelihood
        From places, shape (sets, numbers), to log-likelihoods, shape (sets,).
    numbers
        Coordinates.
    particles
        How many; an even number.
    seed
        Of all draws.
    on_move
        Called after every move with how much the data count, and the part of that stage's moves made so far.
    last_moves
        Moves once the data count in full; of their last two thirds, the particles are kept every 25 moves.

    Returns
    -------
    tuple
        Places of equal weight, shape (times kept x particles, numbers); their log-likelihoods; the stages.

    Examples
    --------
    >>> places, _, stages = sample(
    ...     lambda at: -0.5 * ((at[:, 0] - 0.5) / 0.01) ** 2, numbers=1, particles=200, seed=1
    ... )
    >>> bool(abs(places.mean() - 0.5) < 0.005), bool(abs(places.std() / 0.01 - 1) < 0.2)
    (True, True)
    """
    random = np.random.default_rng(seed)
    places = _latin_hypercube(random, particles, numbers)
    found = log_likelihood(places)
    share, log_evidence, stages = 0.0, 0.0, list[Stage]()
    kept: list[tuple[Floats, Floats]] = []
    while share < 1.0 and len(stages) < _MOST_STAGES:
        step = _step(found, 1.0 - share)
        share = 1.0 if step >= 1.0 - share else share + step
        weights = np.exp(step * (found - found.max()))
        log_evidence += float(step * found.max() + np.log(weights.mean()))
        chosen = _systematic(random, weights / weights.sum())
        places, found = places[chosen], found[chosen]
        taken, moves = [], MOVES if share < 1.0 else last_moves
        for move in range(moves):
            taken.append(_move(random, places, found, log_likelihood, share))
            if share == 1.0 and (moves - 1 - move) % KEEP_EVERY == 0 and move >= moves // 3:
                kept.append((places.copy(), found.copy()))
            if on_move is not None:
                on_move(share, (move + 1) / moves)
        stages.append(Stage(share, float(np.mean(taken)), float(found.max()), log_evidence))
    return np.concatenate([each for each, _ in kept]), np.concatenate([each for _, each in kept]), stages


def _latin_hypercube(random: np.random.Generator, particles: int, numbers: int) -> Floats:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(numbers, rng=random).random(particles))


def _step(found: Floats, most: float) -> float:
    """Return the largest step that keeps enough particles effective."""

    def effective(step: float) -> float:
        weights = np.exp(step * (found - found.max()))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(found))

    if effective(most) >= KEPT:
        return most
    low, high = 0.0, most
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= KEPT else (low, middle)
    return max(low, 1e-12)


def _systematic(random: np.random.Generator, weights: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    positions = (random.random() + np.arange(len(weights))) / len(weights)
    chosen = np.searchsorted(np.cumsum(weights), positions)
    return random.permutation(np.minimum(chosen, len(weights) - 1))


def _move(
    random: np.random.Generator,
    places: Floats,
    found: Floats,
    log_likelihood: Callable[[Floats], Floats],
    share: float,
) -> float:
    """Move each half of the particles by differences within the other half, in place."""
    half, numbers = len(places) // 2, places.shape[1]
    taken = 0
    for own, other in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
        here, pool = places[own], places[other]
        pairs = random.integers(0, len(pool), (len(here), 2))
        moves = random.random((len(here), numbers)) < random.choice(CROSSOVER, (len(here), 1))
        # At least one coordinate moves.
        moves[np.arange(len(here)), random.integers(0, numbers, len(here))] = True
        length = 2.38 / np.sqrt(2 * moves.sum(axis=1, keepdims=True))
        change = length * (pool[pairs[:, 0]] - pool[pairs[:, 1]]) + JITTER * random.standard_normal(
            here.shape
        )
        proposed = _reflected(np.where(moves, here + change, here))
        value = log_likelihood(proposed)
        accepted = np.log(random.random(len(here))) < share * (value - found[own])
        here[accepted], found[own] = proposed[accepted], np.where(accepted, value, found[own])
        taken += int(accepted.sum())
    return taken / len(places)


def _reflected(places: Floats) -> Floats:
    """Fold places back into the unit cube."""
    folded = np.abs(places) % 2.0
    return np.where(folded > 1.0, 2.0 - folded, folded)
