"""Numbers of events of an arm as a table: how many patients had 0, 1, 2, ... events.

Where every patient is watched for the same time, the table holds all that the tests of counts need, so that
arms of thousands of patients cost as little as arms of ten.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.permutations import two_sided
from eaesim.endpoints.ranks import Places, normal_p_value
from eaesim.endpoints.rates import LEAST, MOST
from eaesim.errors import QuantityError

# The dispersion is sought by bisection of its logarithm, to 1e-8.
_HALVED = 31


@dataclass(frozen=True)
class TableComparison:
    """The ratio of two event rates, of each trial.

    Attributes
    ----------
    ratio
        Rate of the treated arm over that of the control arm.
    log_error
        Standard error of its logarithm by negative binomial regression; infinite without an event in an arm.
    p_value
        Two-sided, of the likelihood ratio of negative binomial regression, or of the rank test.
    """

    ratio: Floats
    log_error: Floats
    p_value: Floats


def draw_tables(counts: Places, size: int, trials: int, *, most: int, random: np.random.Generator) -> Places:
    """Draw the arm of each of many trials from a pool of patients, with replacement.

    Parameters
    ----------
    counts
        Number of events of each patient of the pool.
    size
        Patients of the arm.
    trials
        Number of trials.
    most
        Largest number of events that the table has a column for.
    random
        Random numbers.

    Returns
    -------
    array
        Patients with each number of events, shape (trials, most + 1).

    Raises
    ------
    QuantityError
        If the arm or the pool is empty, or a patient has more events than `most`.

    Examples
    --------
    >>> draw_tables(np.array([0, 0, 2]), 30, 4, most=3, random=np.random.default_rng(1)).sum(axis=1).tolist()
    [30, 30, 30, 30]
    """
    if size < 1 or trials < 1 or not len(counts):
        raise QuantityError(f"{trials} trials of {size} from {len(counts)} patients; give 1 or more of each.")
    if counts.max() > most:
        raise QuantityError(f"a patient has {counts.max()} events; the table ends at {most}.")
    return random.multinomial(size, np.bincount(counts, minlength=most + 1) / len(counts), size=trials)


def rank_test_of_tables(treated: Places, control: Places) -> TableComparison:
    """Compare two arms by ranks, in each trial: the normal approximation of `ranks.rank_test`.

    Examples
    --------
    >>> rank_test_of_tables(np.array([[30, 10, 0]]), np.array([[20, 10, 10]])).p_value.round(4).tolist()
    [0.0052]
    """
    first, second = treated.sum(axis=1), control.sum(axis=1)
    below = np.cumsum(control, axis=1) - 0.5 * control
    both = treated + control
    tied = (both.astype(np.float64) ** 3 - both).sum(axis=1)
    p_value = normal_p_value((treated * below).sum(axis=1), first, second, tied)
    means = _means(treated), _means(control)
    with np.errstate(divide="ignore", invalid="ignore"):
        return TableComparison(means[0] / means[1], np.full(len(p_value), np.nan), p_value)


def rate_test_of_tables(treated: Places, control: Places) -> TableComparison:
    """Compare the rates of two arms by negative binomial regression, as `rates.rate_test` does.

    Examples
    --------
    >>> found = rate_test_of_tables(np.array([[30, 10, 0]]), np.array([[20, 10, 10]]))
    >>> found.ratio.round(3).tolist(), found.p_value.round(4).tolist()
    ([0.333], [0.0012])
    """
    groups = treated, control
    dispersion, apart = _fitted(groups)
    _, together = _fitted((treated + control,))
    means = [_means(each) for each in groups]
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = sum(
            1.0 / mean / each.sum(axis=1) * (1.0 + dispersion * mean)
            for mean, each in zip(means, groups, strict=True)
        )
        ratio = means[0] / means[1]
    p_value = two_sided(np.sqrt(2.0 * np.maximum(apart - together, 0.0)))
    return TableComparison(ratio, np.sqrt(variance), p_value)


def _means(table: Places) -> Floats:
    return np.asarray((table * np.arange(table.shape[1])).sum(axis=1) / table.sum(axis=1))


def _fitted(groups: Sequence[Places]) -> tuple[Floats, Floats]:
    """Return the common dispersion and the log likelihood, each group with a rate of its own."""
    sizes, means = ([each(group) for group in groups] for each in (lambda one: one.sum(axis=1), _means))
    both = np.sum(groups, axis=0)
    # Patients with more than 1, 2, ... events.
    above = (both.sum(axis=1)[:, None] - np.cumsum(both, axis=1))[:, 1:]
    numbers = np.arange(1, above.shape[1] + 1)

    def slope(dispersion: Floats) -> Floats:
        total = (above * numbers / (1.0 + dispersion[:, None] * numbers)).sum(axis=1)
        for size, mean in zip(sizes, means, strict=True):
            scaled = dispersion * mean
            rest = (np.log1p(scaled) - scaled / (1.0 + scaled)) / dispersion**2
            total += size * (rest - mean**2 / (1.0 + scaled))
        return np.asarray(total)

    low, high = (np.full(len(both), math.log(end)) for end in (LEAST, MOST))
    is_wider = slope(np.exp(low)) > 0
    for _ in range(_HALVED):
        middle = 0.5 * (low + high)
        rises = slope(np.exp(middle)) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    dispersion = np.where(is_wider, np.exp(low), 0.0)
    likelihood = (above * np.log1p(dispersion[:, None] * numbers)).sum(axis=1)
    spread = np.where(is_wider, dispersion, 1.0)
    for size, mean in zip(sizes, means, strict=True):
        logged = np.where(mean > 0, mean * np.log(np.where(mean > 0, mean, 1.0)), 0.0)
        weighted = (mean + 1.0 / spread) * np.log1p(spread * mean)
        likelihood = likelihood + size * (logged - np.where(is_wider, weighted, mean))
    return dispersion, np.asarray(likelihood)
