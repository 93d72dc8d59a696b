"""Sampling unknowns and reading their indices off the outputs, through SALib, on shares of their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.files import Content, Table

RESAMPLES, CONFIDENCE = 200, 0.95
LEVELS = 4
# Their intervals, symmetric in SALib, end at 0.
_NEVER_NEGATIVE = ("mu_star", "ST")


@dataclass(frozen=True)
class Method:
    """A way to sample, and the indices that it gives.

    Attributes
    ----------
    name, title
        Its name, and what it is.
    size
        What its size is a number of, and the key that sets it.
    extra
        A trajectory, or a base sample with its exchanges, has this many points more than there are factors.
    leading
        The index that ranks.
    beside
        The one drawn next to it.
    least
        The smallest size whose two halves still say something.
    """

    name: str
    title: str
    size: str
    extra: int
    leading: str
    beside: str
    least: int


METHODS = {
    method.name: method
    for method in (
        Method("morris", "Morris: elementary effects", "trajectories", 1, "mu_star", "sigma", 4),
        Method("sobol", "Sobol: shares of the variance", "samples", 2, "ST", "S1", 8),
    )
}


def draw(method: str, factors: int, *, size: int, seed: int) -> Floats:
    """Draw points in the unit cube, shape (size, points, factors); the first ones do not depend on the size.

    Parameters
    ----------
    method
        ``"morris"``: trajectories on a grid of four levels, a step two thirds of the range; ``"sobol"``: a
        scrambled Sobol sequence with Saltelli's exchanges, its size a power of 2.
    factors
        How many.
    size
        Trajectories, or base samples.
    seed
        Random seed of the sample.

    Examples
    --------
    >>> draw("morris", 3, size=5, seed=1).shape
    (5, 4, 3)
    """
    problem = _problem(factors)
    random = np.random.default_rng(seed)
    if method == "morris":
        from SALib.sample import morris

        points = morris.sample(problem, size, num_levels=LEVELS, seed=random)
    else:
        from SALib.sample import sobol

        points = sobol.sample(problem, size, calc_second_order=False, seed=random)
    return np.asarray(points, dtype=np.float64).reshape(size, -1, factors)


def estimate(method: str, points: Floats, values: Floats, *, seed: int) -> dict[str, Floats]:
    """Return every index of every factor, with the ends of its 95 % interval over the sample.

    Parameters
    ----------
    method
        As in `draw`.
    points
        Shape (size, points, factors), from `draw`.
    values
        The output at each point, shape (size, points); none missing.
    seed
        Random seed of the resampling.

    Returns
    -------
    dict of arrays
        For ``"morris"`` `mu`, `mu_star` and `sigma`, in the unit of the output over the whole range of a
        factor; for ``"sobol"`` `S1` and `ST`. All NaN where fewer than two trajectories or base samples are
        given; those of ``"sobol"`` also where the output does not vary, which leaves no variance to share.

    Examples
    --------
    >>> points = draw("morris", 2, size=4, seed=1)
    >>> estimate("morris", points, points @ [3.0, 0.0], seed=1)["mu_star"].round(9).tolist()
    [3.0, 0.0]
    """
    size, _, factors = points.shape
    if method == "morris":
        columns = ["mu", "mu_star", "mu_star_low", "mu_star_high", "sigma"]
        undefined = size < 2
    else:
        columns = ["S1", "S1_low", "S1_high", "ST", "ST_low", "ST_high"]
        # The variance is that of the base samples, the first and the last point of each.
        undefined = size < 2 or bool(np.ptp(values[:, [0, -1]]) == 0)
    if undefined:
        return {name: np.full(factors, np.nan) for name in columns}
    found = _analyse(method, _problem(factors), points.reshape(-1, factors), values.ravel(), seed)
    return {name: _column(found, name) for name in columns}


def _column(found: Mapping[str, npt.ArrayLike], name: str) -> Floats:
    """Return a column of what SALib found; it gives half the width of an interval."""
    index, _, end = name.rpartition("_")
    if end not in ("low", "high"):
        return np.asarray(found[name], dtype=np.float64)
    half = np.asarray(found[f"{index}_conf"], dtype=np.float64)
    bound = np.asarray(np.asarray(found[index]) + (half if end == "high" else -half), dtype=np.float64)
    return np.maximum(bound, 0.0) if index in _NEVER_NEGATIVE else bound


def _analyse(
    method: str, problem: Table, points: Floats, values: Floats, seed: int
) -> Mapping[str, npt.ArrayLike]:
    settings = {"num_resamples": RESAMPLES, "conf_level": CONFIDENCE}
    found: Mapping[str, npt.ArrayLike]
    if method == "morris":
        from SALib.analyze import morris

        random = np.random.default_rng(seed)
        found = morris.analyze(problem, points, values, num_levels=LEVELS, seed=random, **settings)
    else:
        from SALib.analyze import sobol

        # SALib takes a seed of 0 for none at all.
        found = sobol.analyze(problem, values, calc_second_order=False, seed=seed + 1, **settings)
    return found


def _problem(factors: int) -> dict[str, Content]:
    return {
        "num_vars": factors,
        "names": [f"factor {number}" for number in range(factors)],
        "bounds": [[0.0, 1.0]] * factors,
    }


def ranks(values: Floats) -> Floats:
    """Return the place of every value, the largest first; equal values share one, and NaN has none.

    Examples
    --------
    >>> ranks(np.array([0.0, 5.0, 2.0, 0.0])).tolist()
    [3.0, 1.0, 2.0, 3.0]
    """
    places = 1.0 + (values[None, :] > values[:, None]).sum(axis=1)
    return np.where(np.isnan(values), np.nan, places)


def rank_agreement(first: Floats, second: Floats) -> float:
    """Return Spearman's rank correlation of two rankings, ties at their mean place; NaN where one is flat.

    Examples
    --------
    >>> rank_agreement(np.array([3.0, 2.0, 1.0]), np.array([30.0, 20.0, 10.0]))
    1.0
    """
    places = [(ranks(values) - ranks(-values)) / 2.0 for values in (first, second)]
    apart = [place - place.mean() for place in places]
    size = float(np.sqrt((apart[0] ** 2).sum() * (apart[1] ** 2).sum()))
    return float((apart[0] * apart[1]).sum()) / size if size > 0 else float("nan")
