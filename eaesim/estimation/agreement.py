"""Whether chains have come to the same answer: by the number in which they differ most, not by a mean."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from eaesim.endpoints import Floats

#: Chains that differ by more have not come to the same answer.
LARGEST_RHAT = 1.05


def rhat(chains: Floats) -> Floats:
    """Return the rank-normalised R-hat of each quantity (Vehtari et al. 2021); NaN of a single chain.

    Parameters
    ----------
    chains
        Draws of each chain, shape (chains, draws) or (chains, draws, quantities).

    Examples
    --------
    >>> draws = np.random.default_rng(1).standard_normal((2, 1_000))
    >>> bool(rhat(draws)[0] < 1.01), bool(rhat(draws + [[0], [1]])[0] > 1.1)
    (True, True)
    """
    chains = chains if chains.ndim == 3 else chains[..., None]
    if len(chains) < 2:
        return np.full(chains.shape[2], np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ArviZ announces its next version on import
        import arviz
    found: Any = arviz.rhat
    return np.array([float(found(chains[:, :, each])) for each in range(chains.shape[2])])


def held_shares(chains: Floats) -> Floats:
    """Return the share of each chain's draws in the 90 % interval of each other, shape (pairs, quantities).

    0.9 where chains agree: what it falls short by, one chain alone would have given too narrow. Of a single
    chain there is no pair.

    Examples
    --------
    >>> draws = np.random.default_rng(1).random((2, 1_000, 3))
    >>> bool(abs(held_shares(draws) - 0.9).max() < 0.05)
    True
    """
    edges = np.percentile(chains, [5, 95], axis=1)
    pairs = [
        ((other > low) & (other < high)).mean(axis=0)
        for own, (low, high) in enumerate(zip(*edges, strict=True))
        for place, other in enumerate(chains)
        if place != own
    ]
    return np.array(pairs).reshape(-1, chains.shape[2])


def disagreement(chains: Floats, labels: Sequence[str], log_evidence: Sequence[float]) -> str:
    """Return in one sentence how far chains differ: the worst number first.

    Parameters
    ----------
    chains
        As for `rhat`, with a quantity for each label.
    labels
        Their names.
    log_evidence
        Log evidence of each chain; empty where it is not known.

    Examples
    --------
    >>> disagreement(np.random.default_rng(1).random((1, 9, 1)), ["a"], [0.0])
    'a single chain: nothing tells whether it has arrived.'
    """
    if len(chains) < 2:
        return "a single chain: nothing tells whether it has arrived."
    found, held = rhat(chains), held_shares(chains)
    worst, least = int(np.nanargmax(found)), int(held.min(axis=0).argmin())
    above = int((found > LARGEST_RHAT).sum())
    evidence = f"; log evidences differ by {np.ptp(log_evidence):.2f}" if len(log_evidence) else ""
    return (
        f"R-hat at most {found[worst]:.3f} ({labels[worst]}), above {LARGEST_RHAT} in {above} of "
        f"{len(labels)} numbers; the 90 % interval of one chain holds {held.mean():.1%} of another, at least "
        f"{held.min():.1%} ({labels[least]}){evidence}."
    )
