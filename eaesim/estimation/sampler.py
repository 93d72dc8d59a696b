"""Sampling a posterior on the unit cube, from the prior to the data in steps that adapt.

Sequential Monte Carlo with tempering (Del Moral, Doucet and Jasra 2006): a population starts in the prior,
and the data are let in little by little. At each step a few of it are drawn by their weights and move on from
there by differences of others (ter Braak and Vrugt 2008); every place they pass belongs to the next
population, so that no simulation is wasted (Dau and Chopin 2022). The library for this, `particles`, does not
run with the version of NumPy that SALib needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats

# Share of a population that a step may leave as its effective number.
KEPT = 0.5
# Moves of each particle a step; and once all data count.
MOVES, LAST_MOVES = 24, 1500
# Once all data count, the first third of the moves is burn-in; then particles are kept at this interval.
KEEP_EVERY = 25
# Shares of the coordinates that move at once. On the published data all at once go twice as far a simulation
# as some; some keep a sampler going that has fewer particles than coordinates.
CROSSOVER = (0.1, 1.0, 1.0, 1.0, 1.0)
# Lengths of a move, in those that are best for a normal distribution: ridges want shorter ones.
LENGTHS = (0.7, 1.0)
JITTER = 1e-4
# Interval of moves by differences, which move a particle where quick moves are rejected.
PLAIN_EVERY = 6
# Moves after which all particles are kept where most are quick.
KEEP_EVERY_QUICK = 4
_MOST_STAGES = 200

Likelihood = Callable[[Floats], Floats]
#: From particles to where they go in another posterior that costs next to nothing, and how much more likely
#: they are there by its own likelihood. What it does must leave that other posterior as it is.
Quick = Callable[[np.random.Generator, Floats], tuple[Floats, Floats]]
Travel = Callable[..., tuple[Floats, Floats, float]]


class Start(NamedTuple):
    """A posterior to start from instead of the prior.

    Attributes
    ----------
    places
        Drawn from it, with equal weight.
    log_likelihood
        As for `sample`, of the posterior's own data and model.
    quick
        Moves in it that cost next to nothing; the likelihood of the data then takes or refuses the whole way
        (Liu 2001: the surrogate transition method).
    """

    places: Floats
    log_likelihood: Likelihood
    quick: Quick | None = None


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
    moves: int = MOVES,
    last_moves: int = LAST_MOVES,
    start: Start | None = None,
) -> tuple[Floats, Floats, list[Stage]]:
    """Sample a posterior under an even prior on the unit cube.

    Parameters
    ----------
    log_likelihood
        From places, shape (sets, numbers), to log-likelihoods, shape (sets,).
    numbers
        Coordinates.
    particles
        How many move at once.
    seed
        Random seed of all draws.
    on_move
        Called after every move with how much the data count, and the part of that stage's moves made so far.
    moves
        Moves of each particle at every step; the populations have that many times more members.
    last_moves
        Moves once the data count in full; of their last two thirds, the particles are kept every 25 moves.
    start
        Another posterior under the same prior: what is let in little by little is then the difference of the
        two, and the evidence is relative to the other's. By default the prior.

    Returns
    -------
    tuple
        Places of equal weight, shape (times kept x particles, numbers); their log-likelihoods; the stages,
        whose last is not at 1 where the data cannot be reached.

    Examples
    --------
    >>> places, _, stages = sample(
    ...     lambda at: -0.5 * ((at[:, 0] - 0.5) / 0.01) ** 2, numbers=1, particles=200, seed=1
    ... )
    >>> bool(abs(places.mean() - 0.5) < 0.005), bool(abs(places.std() / 0.01 - 1) < 0.2)
    (True, True)
    """
    random = np.random.default_rng(seed)
    if start is None:
        places, before = _latin_hypercube(random, particles * moves, numbers), None
    else:
        places, before = start.places, start.log_likelihood
    quick = start.quick if start is not None else None
    ends = partial(_ends, before, log_likelihood)
    found = ends(places, share=0.0)
    share, log_evidence, stages = 0.0, 0.0, list[Stage]()
    travel = partial(_travel, random, ends, on_move, quick)
    while True:
        gain = found[:, 1] - found[:, 0]
        if not np.isfinite(gain.max()):
            return places, found[:, 1], [*stages, Stage(share, 0.0, -np.inf, -np.inf)]
        step = _step(gain, 1.0 - share)
        share = 1.0 if step >= 1.0 - share else share + step
        weights = np.exp(step * (gain - gain.max()))
        log_evidence += float(step * gain.max() + np.log(weights.mean()))
        weights /= weights.sum()
        chosen, best = _systematic(random, weights, particles), float(found[:, 1].max())
        first, pool = (places[chosen], found[chosen]), places[_systematic(random, weights, len(weights))]
        if share == 1.0 or len(stages) + 1 == _MOST_STAGES:
            every = KEEP_EVERY if quick is None else KEEP_EVERY_QUICK
            kept, values, taken = _stay(travel, first, pool, last_moves, every)
            stages.append(Stage(share, taken, best, log_evidence))
            return kept, values[:, 1], stages
        passed, values, taken = travel(first, pool, share=share, moves=moves, parts=(0, moves))
        stages.append(Stage(share, taken, best, log_evidence))
        places, found = passed.reshape(-1, numbers), values.reshape(-1, 2)


def stay(
    log_likelihood: Likelihood,
    *,
    first: tuple[Floats, Floats],
    pool: Floats,
    quick: Quick,
    moves: int,
    seed: int,
    on_move: Callable[[float, float], None] | None = None,
) -> tuple[Floats, Floats, float]:
    """Move on in a posterior that a population has reached, mostly by quick moves in one that is nearly it.

    Parameters
    ----------
    log_likelihood
        As for `sample`.
    first
        The population: places, shape (particles, numbers), and their log-likelihoods.
    pool
        Places that lie apart as the posterior does.
    quick
        As for `Start`; wherever its posterior is wrong, ways are refused and nothing else.
    moves, seed, on_move
        Moves of each particle; random seed of all draws; as for `sample`.

    Returns
    -------
    tuple
        Places of equal weight, shape (times kept x particles, numbers), those of the end last; their
        log-likelihoods; the share of moves that were taken.

    Examples
    --------
    >>> def sharp(at):
    ...     return -0.5 * ((at[:, 0] - 0.5) / 0.1) ** 2
    >>> def anywhere(random, at):  # in the prior
    ...     return random.random(at.shape), np.zeros(len(at))
    >>> begin = np.random.default_rng(1).uniform(0.4, 0.6, (500, 1))
    >>> places, _, taken = stay(
    ...     sharp, first=(begin, sharp(begin)), pool=begin, quick=anywhere, moves=40, seed=1
    ... )
    >>> bool(abs(places.std() / 0.1 - 1) < 0.05), 0.1 < taken < 0.5
    (True, True)
    """
    ends = partial(_ends, None, log_likelihood)
    travel = partial(_travel, np.random.default_rng(seed), ends, on_move, quick)
    both = np.stack([np.zeros(len(first[1])), first[1]], axis=1)
    places, found, taken = _stay(travel, (first[0], both), pool, moves, KEEP_EVERY_QUICK)
    return places, found[:, 1], taken


def _ends(before: Likelihood | None, after: Likelihood, places: Floats, *, share: float) -> Floats:
    """Return log-likelihoods at both ends, shape (sets, 2); once at the second the first is not asked."""
    found = np.zeros((len(places), 2))
    found[:, 1] = after(places)
    if before is not None and share < 1.0:
        found[:, 0] = before(places)
    return found


def _between(ends: Floats, share: float) -> Floats:
    """Return log-likelihoods between both ends."""
    return ends[:, 1] if share == 1.0 else share * ends[:, 1] + (1.0 - share) * ends[:, 0]


def _stay(
    travel: Travel, first: tuple[Floats, Floats], pool: Floats, moves: int, every: int
) -> tuple[Floats, Floats, float]:
    """Move while all data count; the pool becomes the places passed, but for the first third of them."""
    blocks: list[tuple[Floats, Floats]] = []
    done, taken = 0, 0.0
    while done < moves:
        now = min(every, moves - done)
        passed, values, rate = travel(first, pool, share=1.0, moves=now, parts=(done, moves))
        first, taken, done = (passed[-1], values[-1]), taken + rate * now / moves, done + now
        blocks.append((passed, values))
        if len(blocks) > 2:
            pool = np.concatenate([each[0].reshape(-1, pool.shape[1]) for each in blocks[len(blocks) // 3 :]])
    ends = blocks[len(blocks) // 3 :]
    return (
        np.concatenate([each[0][-1] for each in ends]),
        np.concatenate([each[1][-1] for each in ends]),
        taken,
    )


def _travel(
    random: np.random.Generator,
    ends: Callable[..., Floats],
    on_move: Callable[[float, float], None] | None,
    quick: Quick | None,
    first: tuple[Floats, Floats],
    pool: Floats,
    *,
    share: float,
    moves: int,
    parts: tuple[int, int],
) -> tuple[Floats, Floats, float]:
    """Move particles by differences within a pool; return all places passed, and the share of moves taken."""
    (here, found), taken = first, 0
    passed, values = np.empty((moves, *here.shape)), np.empty((moves, *found.shape))
    for move in range(moves):
        if quick is None or move % PLAIN_EVERY == 0:
            there, gain = proposed(random, here, pool), np.zeros(len(here))
        else:
            there, gain = quick(random, here)
        moved = (there != here).any(axis=1)
        value = found.copy()
        if moved.any():
            value[moved] = ends(there[moved], share=share)
        change = _between(value, share) - _between(found, share) - gain
        accepted = np.log(random.random(len(here))) < change
        taken += int((accepted & moved).sum())
        here = np.where(accepted[:, None], there, here)
        found = np.where(accepted[:, None], value, found)
        passed[move], values[move] = here, found
        if on_move is not None:
            on_move(share, (parts[0] + move + 1) / parts[1])
    return passed, values, taken / (moves * len(here))


def proposed(random: np.random.Generator, here: Floats, pool: Floats) -> Floats:
    """Return where particles would move next: by the difference of two places of a pool, drawn for each.

    Parameters
    ----------
    random
        Random numbers of the draws.
    here, pool
        Positions of the particles, and places that are spread like them; one row per place.
    """
    count, numbers = here.shape
    pairs = random.integers(0, len(pool), (count, 2))
    moves = random.random(here.shape) < random.choice(CROSSOVER, (count, 1))
    # At least one coordinate moves.
    moves[np.arange(count), random.integers(0, numbers, count)] = True
    length = random.choice(LENGTHS, (count, 1)) * 2.38 / np.sqrt(2 * moves.sum(axis=1, keepdims=True))
    change = length * (pool[pairs[:, 0]] - pool[pairs[:, 1]]) + JITTER * random.standard_normal(here.shape)
    return _reflected(np.where(moves, here + change, here))


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


def _systematic(random: np.random.Generator, weights: Floats, count: int) -> npt.NDArray[np.int64]:
    """Draw so many places by weights that add up to 1."""
    positions = (random.random() + np.arange(count)) / count
    chosen = np.searchsorted(np.cumsum(weights), positions)
    return random.permutation(np.minimum(chosen, len(weights) - 1))


def _reflected(places: Floats) -> Floats:
    """Fold places back into the unit cube."""
    folded = np.abs(places) % 2.0
    return np.where(folded > 1.0, 2.0 - folded, folded)
