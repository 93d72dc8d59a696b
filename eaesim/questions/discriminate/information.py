"""What one number tells about which of several explanations is true: exactly, by quadrature."""

from __future__ import annotations

import numpy as np

from eaesim.endpoints import Floats

# Grid points a standard deviation, and how many of these beyond the outermost mean: the rest is below 1e-12.
_FINE, _BEYOND = 3, 8
# Points that are worked on at once, which bounds the memory.
_AT_ONCE = 2_000
SURE, MOST_ANIMALS = 0.8, 50


def information(means: Floats, spreads: Floats, prior: Floats) -> float:
    """Return the mutual information between an explanation and a number, in bits.

    Under each explanation the number is a mixture of normal distributions of equal weight, whose means and
    spreads have the shape (explanations, members). The prior need not add up to 1.

    Examples
    --------
    >>> round(information(np.array([[0.0], [100.0]]), np.ones((2, 1)), np.ones(2)), 6)
    1.0
    """
    step, density = _densities(means, spreads)
    share = np.asarray(prior / prior.sum())
    together = share @ density
    # Where the density of an explanation is 0, it adds nothing.
    ratio = np.divide(density, together, out=np.ones_like(density), where=density > 0)
    return max(float(share @ (density * np.log2(ratio)).sum(axis=1) * step), 0.0)


def recognised(means: Floats, spreads: Floats) -> float:
    """Return the expected probability, once the number is known, of the explanation that is true.

    Before the number is known all explanations are as probable; the rest is as for `information`.

    Examples
    --------
    >>> round(recognised(np.zeros((2, 1)), np.ones((2, 1))), 6)
    0.5
    """
    step, density = _densities(means, spreads)
    together = density.sum(axis=0)
    found = np.divide((density**2).sum(axis=0), together, out=np.zeros_like(together), where=together > 0)
    return float(found.sum() * step / len(means))


def animals_needed(
    differences: Floats, variances: Floats, *, sure: float = SURE, most: int = MOST_ANIMALS
) -> float:
    """Return the least number of animals an arm that recognises the true explanation well enough.

    Differences between the means of two arms, and variances between animals, summed over both arms, are of
    shape (explanations, members). The true explanation is expected to be more probable than `sure`; NaN where
    `most` animals an arm do not suffice.

    Examples
    --------
    >>> animals_needed(np.array([[0.0], [1.0]]), np.full((2, 1), 2.0))
    10.0
    """
    for animals in range(1, most + 1):
        if recognised(differences, np.sqrt(variances / animals)) > sure:
            return float(animals)
    return np.nan


def _densities(means: Floats, spreads: Floats) -> tuple[float, Floats]:
    """Return the step of a grid, and the density of every explanation on it."""
    step = float(spreads.min()) / _FINE
    beyond = _BEYOND * float(spreads.max())
    grid = np.arange(means.min() - beyond, means.max() + beyond + step, step)
    density = np.empty((len(means), len(grid)))
    scale = 1 / (np.sqrt(2 * np.pi) * spreads)
    for first in range(0, len(grid), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        away = (grid[part] - means[..., None]) / spreads[..., None]
        density[:, part] = (np.exp(-0.5 * away**2) * scale[..., None]).mean(axis=1)
    return step, density
