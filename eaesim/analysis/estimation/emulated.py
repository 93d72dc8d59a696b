"""The likelihood of published rows as an emulator sees it, and draws from the posterior that it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from eaesim.analysis.estimation.emulator import Emulator, libraries, narrow, predicted
from eaesim.analysis.estimation.target import IMPOSSIBLE, Target, covariance
from eaesim.endpoints import Floats

#: Steps in which the chains learn their way, and the deepest tree of a draw.
WARMUP, DEEPEST = 400, 8
# Share of the steps that is accepted.
_ACCEPTED = 0.8
# Places that are looked at together, at least and at most; more are looked at by turns.
_FEWEST, _TOGETHER = 64, 1024
# A place as near to an edge of the cube as this counts as there.
_EDGE = 1e-6


class Normal(NamedTuple):
    """A prior beside the even one: normal where an even one is standard normal.

    Attributes
    ----------
    mean, precision
        Of the probit of the places, shape (numbers,) and (numbers, numbers).
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

        # Of a precision R R^T, standard normals times the inverse of R are draws.
        root = np.linalg.cholesky(self.precision)
        off = np.linalg.solve(root.T, random.standard_normal((len(self.mean), count))).T
        return np.asarray(ndtr(self.mean + off))


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
        Of the readings of these rows.
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
            found = np.asarray(_compiled()["places"](padded, problem), dtype=np.float64)
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
        Of each chain, kept and forgotten.
    seed
        Of the draws.

    Returns
    -------
    array
        Places, shape (chains, draws, numbers).
    """
    from scipy.special import ndtr

    jax = libraries()[0]
    chains = _chains(len(first), draws, warmup)
    problem = _problem(emulator, targets, tempered, prior)
    start = {"place": narrow(np.clip(probit(first), -3.0, 3.0))}
    chains.run(jax.random.key(seed), problem, init_params=start)
    found = np.asarray(chains.get_samples(group_by_chain=True)["place"], dtype=np.float64)
    return np.asarray(ndtr(found))


def _problem(emulator: Emulator, targets: Sequence[Target], tempered: float, prior: Normal | None) -> Any:
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
    }


def _rows_log_likelihood(places: Any, problem: Any) -> Any:
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
    return problem["tempered"] * (problem["constant"] - 0.5 * square + missing)


@cache
def _compiled() -> dict[str, Any]:
    return {"places": libraries()[0].jit(_rows_log_likelihood)}


@cache
def _chains(chains: int, draws: int, warmup: int) -> Any:
    """Return chains that are compiled once for problems of one shape."""
    jax, _, numpyro = libraries()
    from numpyro import distributions, infer

    def model(problem: Any) -> None:
        numbers = problem["mean"].shape[0]
        place = numpyro.sample("place", distributions.Normal(0, 1).expand([numbers]).to_event(1))
        off = place - problem["mean"]
        # What another prior adds to the standard normal one.
        other = 0.5 * place @ place - 0.5 * off @ off - 0.5 * off @ problem["precision"] @ off
        inside = jax.scipy.special.ndtr(place)
        numpyro.factor("rows", _rows_log_likelihood(inside, problem) + other)

    kernel = infer.NUTS(model, dense_mass=True, max_tree_depth=DEEPEST, target_accept_prob=_ACCEPTED)
    return infer.MCMC(
        kernel,
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="vectorized",
        progress_bar=False,
        jit_model_args=True,
    )
