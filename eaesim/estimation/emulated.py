"""The likelihood of published data as an emulator sees it, and draws from the posterior that it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.estimation.emulator import Arrays, Emulator, Narrow, libraries, narrow, predicted
from eaesim.estimation.sampler import Quick
from eaesim.estimation.target import IMPOSSIBLE, Target, covariance

if TYPE_CHECKING:
    from jax import Array

#: Steps in which the chains learn their way, and the deepest tree of a draw.
WARMUP, DEEPEST = 400, 8
# Share of the steps that is accepted.
_ACCEPTED = 0.8
# Ways of Hamiltonian dynamics: steps of each, and how many ways in a row make a move.
_STEPS = ((12, 1), (24, 4), (24, 16))
# The step is sought so often, on so many places, from this on; what is added to the spread of the places.
_ATTEMPTS, _TRIED, _FIRST_STEP, _RIDGE = 24, 128, 0.05, 1e-3
# Probits are at most as large.
_OUTERMOST = 4.5
# Places that are evaluated together, at least and at most; more are evaluated in batches.
_FEWEST, _TOGETHER = 64, 1024
# A place as near to an edge of the cube as this counts as there.
_EDGE = 1e-6


class Normal(NamedTuple):
    """A prior in place of the even one: normal where an even one is standard normal.

    Attributes
    ----------
    mean, precision
        Moments of the probit of the places, shape (numbers,) and (numbers, numbers).
    """

    mean: Floats
    precision: Floats

    def log_ratio(self, places: Floats) -> Floats:
        """Return the log density at places against the even prior, but for a constant."""
        off = probit(places)
        return np.asarray(
            0.5 * (off**2).sum(axis=1)
            - 0.5 * np.einsum("ni,ij,nj->n", off - self.mean, self.precision, off - self.mean)
        )

    def draw(self, count: int, random: np.random.Generator) -> Floats:
        """Draw so many places, shape (count, numbers)."""
        from scipy.special import ndtr

        # For a precision R R^T, standard normals times the inverse of R are draws.
        root = np.linalg.cholesky(self.precision)
        off = np.linalg.solve(root.T, random.standard_normal((len(self.mean), count))).T
        return np.asarray(ndtr(self.mean + off))

    def standard(self, places: Floats) -> Floats:
        """Return places in coordinates in which this prior is standard normal, shape (count, numbers)."""
        return np.asarray((probit(places) - self.mean) @ np.linalg.cholesky(self.precision))


def probit(places: Floats) -> Floats:
    """Return places of the unit cube on a scale on which an even prior is standard normal."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(places, _EDGE, 1 - _EDGE)))


def emulated_log_likelihood(
    emulator: Emulator, targets: Sequence[Target], *, tempered: float = 1.0, prior: Normal | None = None
) -> Callable[[Floats], Floats]:
    """Return the log-likelihood of rows by an emulator, whose own error counts as one of the rows.

    Parameters
    ----------
    emulator
        Emulator of the readings of these rows.
    targets
        The rows, in the emulator's order.
    tempered
        How much the rows count.
    prior
        Another prior than the even one, whose ratio to it is added.
    """
    problem = _problem(emulator, targets, tempered, prior)

    def log_likelihood(places: Floats) -> Floats:
        parts = []
        for first in range(0, len(places), _TOGETHER):
            part = narrow(places[first : first + _TOGETHER])
            # A shape is compiled once, so there are few.
            size = max(_FEWEST, 1 << (len(part) - 1).bit_length())
            padded = np.pad(part, ((0, size - len(part)), (0, 0)), mode="edge")
            found = np.asarray(_compiled().places(padded, problem), dtype=np.float64)
            parts.append(found[: len(part)])
        every = np.concatenate(parts) if parts else np.empty(0)
        return every if prior is None else every + prior.log_ratio(places)

    return log_likelihood


def draw(
    emulator: Emulator,
    targets: Sequence[Target],
    first: Floats,
    *,
    draws: int,
    seed: int,
    warmup: int = WARMUP,
    tempered: float = 1.0,
    prior: Normal | None = None,
) -> Floats:
    """Draw from the posterior that an emulator makes, by NUTS (Hoffman and Gelman 2014).

    Parameters
    ----------
    emulator, targets, tempered, prior
        As for `emulated_log_likelihood`.
    first
        Where the chains start, shape (chains, numbers).
    draws, warmup
        Draws of each chain, kept and discarded.
    seed
        Random seed of the draws.

    Returns
    -------
    array
        Places, shape (chains, draws, numbers).
    """
    from scipy.special import ndtr

    jax = libraries()[0]
    # A prior of correlated numbers is known: in its own coordinates a few draws are enough for the rest.
    chains = _chains(len(first), draws, warmup, prior is None)
    problem = _problem(emulator, targets, tempered, prior)
    standard = probit(first) if prior is None else prior.standard(first)
    begin = {"place": narrow(np.clip(standard, -3.0, 3.0))}
    found = np.asarray(chains(jax.random.key(seed), problem, begin), dtype=np.float64)
    return np.asarray(ndtr(np.asarray(problem["mean"]) + found @ np.asarray(problem["root"]).T))


def hamiltonian(
    emulator: Emulator, targets: Sequence[Target], places: Floats, *, prior: Normal | None = None
) -> Quick:
    """Return moves in an emulator's posterior: ways of Hamiltonian dynamics, short ones and long.

    Its curved ridges want small steps and many. How long a step may be is found here; moves do not change it.

    Parameters
    ----------
    emulator, targets, prior
        As for `emulated_log_likelihood`.
    places
        That lie apart as the posterior does, shape (sets, numbers).
    """
    from scipy.special import ndtr

    jax = libraries()[0]
    problem, way = _problem(emulator, targets, 1.0, prior), _compiled().way
    at = np.clip(probit(places), -_OUTERMOST, _OUTERMOST)
    spread = np.cov(at, rowvar=False) + _RIDGE * np.eye(at.shape[1])
    root = narrow(np.linalg.cholesky(spread))

    def ways(first: Floats, seed: int, steps: int, times: int, step: float) -> tuple[Narrow, Narrow, float]:
        here, keys, shares = narrow(first), jax.random.split(jax.random.key(seed), times), []
        for key in keys:
            here, gain, share = way(here, key, problem, root, steps, step)
            shares.append(float(share))
        return here, gain, float(np.mean(shares))

    step, tried = _FIRST_STEP, at[np.linspace(0, len(at) - 1, _TRIED).astype(int)]
    for attempt in range(_ATTEMPTS):
        tried, _, share = ways(tried, attempt, _STEPS[-1][0], 1, step)
        step = float(np.clip(step * np.exp((share - _ACCEPTED) * (1 - attempt / _ATTEMPTS)), 1e-3, 1.0))

    def moves(random: np.random.Generator, here: Floats) -> tuple[Floats, Floats]:
        steps, times = _STEPS[random.integers(len(_STEPS))]
        first = np.clip(probit(here), -_OUTERMOST, _OUTERMOST)
        padded = np.pad(first, ((0, -len(first) % _FEWEST), (0, 0)), mode="edge")
        there, _, _ = ways(padded, int(random.integers(2**31)), steps, times, step)
        moved = np.asarray(there, dtype=np.float64)[: len(first)]
        still = np.abs(moved - narrow(first)).max(axis=1) == 0
        ends = np.where(still[:, None], here, ndtr(moved))
        return ends, log_likelihood(ends) - log_likelihood(here)

    log_likelihood = emulated_log_likelihood(emulator, targets, prior=prior)
    return moves


class Problem(TypedDict):
    """All that a likelihood depends on."""

    emulator: Arrays
    rows: npt.NDArray[np.int64]
    animals: Narrow
    low: Narrow
    high: Narrow
    inverse: Narrow
    constant: Narrow
    tempered: Narrow
    mean: Narrow
    precision: Narrow
    root: Narrow


def _problem(emulator: Emulator, targets: Sequence[Target], tempered: float, prior: Normal | None) -> Problem:
    """Return all that the likelihood depends on as arrays, so that what is compiled serves every problem."""
    readings = emulator.readings
    bound = np.array([target.bound for target in targets])
    rows = readings.of_row
    same = rows[:, None] == rows
    full = covariance(targets) + same * emulator.residual[rows] ** 2
    normal = ~bound
    inverse = np.zeros_like(full)
    inverse[np.ix_(normal, normal)] = np.linalg.inv(full[np.ix_(normal, normal)])
    inverse[bound, bound] = 1 / np.diag(full)[bound]
    _, log_determinant = np.linalg.slogdet(full[np.ix_(normal, normal)])
    constant = -0.5 * log_determinant - 0.5 * normal.sum() * np.log(2 * np.pi)
    numbers = emulator.numbers
    other = prior or Normal(np.zeros(numbers), np.eye(numbers))
    return {
        "emulator": emulator.arrays(),
        "rows": rows,
        "animals": narrow([target.animals if target.scale == "logit" else 0 for target in targets]),
        "low": narrow([max(target.low, -1e9) for target in targets]),
        "high": narrow([min(target.high, 1e9) for target in targets]),
        "inverse": narrow(inverse),
        "constant": narrow(constant),
        "tempered": narrow(tempered),
        "mean": narrow(other.mean),
        "precision": narrow(other.precision - np.eye(numbers)),
        "root": narrow(np.linalg.inv(np.linalg.cholesky(other.precision)).T),
    }


def _rows_log_likelihood(places: Narrow, problem: Problem) -> Narrow:
    jnp = libraries()[0].numpy
    value, known = predicted(problem["emulator"], places)
    value, known = value[..., problem["rows"]], libraries()[0].nn.sigmoid(known[..., problem["rows"]])
    # A share is read as in the animals of its row.
    animals = problem["animals"]
    share = (libraries()[0].nn.sigmoid(value) * animals + 0.5) / (animals + 1.0)
    value = jnp.where(animals > 0, jnp.log(share) - jnp.log1p(-share), value)
    off = jnp.maximum(problem["low"] - value, 0.0) - jnp.maximum(value - problem["high"], 0.0)
    off = known * off
    square = jnp.einsum("...i,ij,...j->...", off, problem["inverse"], off)
    missing = IMPOSSIBLE * (1 - known).sum(axis=-1)
    found: Narrow = problem["tempered"] * (problem["constant"] - 0.5 * square + missing)
    return found


def _density(place: Narrow, problem: Problem) -> tuple[Narrow, Narrow]:
    """Return the log density at probits, and its slope."""
    jax = libraries()[0]

    def total(at: Narrow) -> tuple[Narrow, Narrow]:
        off = at - problem["mean"]
        other = 0.5 * (at**2).sum(-1) - 0.5 * (off**2).sum(-1)
        other = other - 0.5 * jax.numpy.einsum("ni,ij,nj->n", off, problem["precision"], off)
        found = _rows_log_likelihood(jax.scipy.special.ndtr(at), problem) + other - 0.5 * (at**2).sum(-1)
        return found.sum(), found

    (_, found), slope = jax.value_and_grad(total, has_aux=True)(place)
    return found, slope


def _way(
    here: Narrow, key: Array, problem: Problem, root: Narrow, steps: int, length: float
) -> tuple[Narrow, Narrow, Narrow]:
    """Go one way of Hamiltonian dynamics from each place (Duane et al. 1987), in units of the root."""
    jax = libraries()[0]
    jnp = jax.numpy
    kick, choice, jitter = jax.random.split(key, 3)
    speed = jax.random.normal(kick, here.shape)
    # The same length for ever would meet itself again in a nearly normal posterior.
    lengths = length * (0.7 + 0.6 * jax.random.uniform(jitter, (here.shape[0], 1)))
    begun, slope = _density(here, problem)

    def leap(state: tuple[Narrow, ...], _: None) -> tuple[tuple[Narrow, ...], None]:
        at, speed, slope = state[:3]
        speed = speed + 0.5 * lengths * (slope @ root)
        at = at + lengths * (speed @ root.T)
        found, slope = _density(at, problem)
        return (at, speed + 0.5 * lengths * (slope @ root), slope, found), None

    (there, late, _, ended), _ = jax.lax.scan(leap, (here, speed, slope, begun), None, length=steps)
    change = ended - begun + 0.5 * (speed**2).sum(axis=1) - 0.5 * (late**2).sum(axis=1)
    taken = jnp.log(jax.random.uniform(choice, (here.shape[0],))) < jnp.where(
        jnp.isnan(change), -jnp.inf, change
    )
    return jnp.where(taken[:, None], there, here), jnp.where(taken, ended, begun) - begun, taken.mean()


class _Programs(NamedTuple):
    places: Callable[[Narrow, Problem], Narrow]
    way: Callable[[Narrow, Array, Problem, Narrow, int, float], tuple[Narrow, Narrow, Narrow]]


@cache
def _compiled() -> _Programs:
    jit = libraries()[0].jit
    return _Programs(jit(_rows_log_likelihood), jit(_way, static_argnums=4))


Chains: TypeAlias = "Callable[[Array, Problem, dict[str, Narrow]], Narrow]"


@cache
def _chains(chains: int, draws: int, warmup: int, dense: bool) -> Chains:
    """Return chains that are compiled once for problems of one shape; places are in the prior's coordinates.

    Whether they learn how numbers go together (dense), or only how far each one varies.
    """
    jax, _, numpyro = libraries()
    from numpyro import distributions, infer

    def model(problem: Problem) -> None:
        numbers = problem["mean"].shape[0]
        place = numpyro.sample("place", distributions.Normal(0, 1).expand([numbers]).to_event(1))
        inside = jax.scipy.special.ndtr(problem["mean"] + problem["root"] @ place)
        numpyro.factor("rows", _rows_log_likelihood(inside, problem))

    def run(key: Array, problem: Problem, begin: dict[str, Narrow]) -> Narrow:
        kernel = infer.NUTS(model, dense_mass=dense, max_tree_depth=DEEPEST, target_accept_prob=_ACCEPTED)
        sampler = infer.MCMC(
            kernel,
            num_warmup=warmup,
            num_samples=draws,
            num_chains=chains,
            chain_method="vectorized",
            progress_bar=False,
            jit_model_args=True,
        )
        sampler.run(key, problem, init_params=begin)
        places: Narrow = sampler.get_samples(group_by_chain=True)["place"]
        return places

    # By default NumPyro recompiles its loop for every run, and keeps what it compiled.
    chained: Chains = jax.jit(run)
    return chained
