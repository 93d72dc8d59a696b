"""How often studies of a given size find a difference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.ranks import rank_test
from eaesim.endpoints.shares import share_test
from eaesim.endpoints.times import time_test
from eaesim.proportion import wilson_interval
from eaesim.questions.power.lost import informative, known_peaks, last_event, settled
from eaesim.questions.power.plan import test_of
from eaesim.questions.power.pool import Drawn, Pool

# Ends of the spread over parameter sets.
SPREAD = (0.05, 0.95)
# Animals of an arm that are tested at once, which bounds the memory.
AT_ONCE = 500_000


@dataclass(frozen=True)
class Rate:
    """How often a test found a difference.

    Attributes
    ----------
    value
        The mean over parameter sets.
    low, high
        Its 95 % interval for the number of studies: Wilson's, as if they were of one parameter set.
    member_low, member_high
        Between them lie nine of ten parameter sets. The Monte Carlo variance of few studies is subtracted.
    untested
        In which share of studies lost animals leave no test to be done.
    """

    value: float
    low: float
    high: float
    member_low: float
    member_high: float
    untested: float = 0.0


@dataclass(frozen=True)
class Trials:
    """The tests of all studies, done when they are needed.

    Attributes
    ----------
    pool
        What they are drawn from.
    """

    pool: Pool

    @cached_property
    def _done(self) -> dict[tuple[str, int, str], Floats]:
        return {}

    def p_values(self, arm: str, endpoint: str, animals: int) -> Floats:
        """Return the p value of an arm against the control in every study, before any correction.

        It is that of `eaesim.endpoints.tests`, which a laboratory's own scores are judged by; NaN where there
        is no test.
        """
        key = (endpoint, animals, arm)
        if key not in self._done:
            self._done[key] = self._test(arm, endpoint, animals)
        return self._done[key]

    def _test(self, arm: str, endpoint: str, animals: int) -> Floats:
        pair = (arm, self.pool.plan.control)
        drawn, step = [self.pool.draw(name, animals) for name in pair], max(1, AT_ONCE // animals)
        parts = (
            [each.studies(first, first + step) for each in drawn]
            for first in range(0, self.pool.plan.request.studies, step)
        )
        return np.concatenate([self._tested(pair, endpoint, part) for part in parts])

    def _tested(self, pair: tuple[str, str], endpoint: str, drawn: list[Drawn]) -> Floats:
        pool = self.pool
        one, two = (pool.times(name, endpoint, each) for name, each in zip(pair, drawn, strict=True))
        whole, test = find_endpoint(endpoint).whole, test_of(endpoint)
        if test == "log-rank":
            return time_test(*informative(one, two))[1]
        values = [pool.values(name, endpoint, each) for name, each in zip(pair, drawn, strict=True)]
        lost = [pool.lost(endpoint, each) for each in drawn]
        if test == "Mann-Whitney":
            if whole == "peak_score":
                last = last_event(one, two)
                values = [
                    known_peaks(*each, last_onset=last) for each in zip(values, lost, (one, two), strict=True)
                ]
            return rank_test(*values)[1]
        if whole == "mortality":
            one, two = (pool.deaths(name, endpoint, each) for name, each in zip(pair, drawn, strict=True))
        shares, between = settled((values[0], values[1]), (lost[0], lost[1]), (one, two))
        return np.where(between, np.nan, share_test(*shares)[1])

    def found(self, arm: str, endpoint: str, animals: int) -> npt.NDArray[np.bool_]:
        """Return in which studies an arm differs, corrected for the number of arms as the plan says."""
        plan = self.pool.plan
        if plan.request.correction != "holm" or len(plan.arms) == 1:
            several = len(plan.arms) if plan.request.correction == "bonferroni" else 1
            return np.asarray(self.p_values(arm, endpoint, animals) <= plan.request.alpha / several)
        every = np.array([self.p_values(name, endpoint, animals) for name in plan.arms])
        return np.asarray(holm(every, alpha=plan.request.alpha)[plan.arms.index(arm)])

    def rate(self, arm: str, endpoint: str, animals: int) -> Rate:
        """Return how often an arm differs; a study without a test has found nothing."""
        found = rate(self.found(arm, endpoint, animals), members=self.pool.plan.members)
        return replace(found, untested=float(np.isnan(self.p_values(arm, endpoint, animals)).mean()))


def rate(found: npt.NDArray[np.bool_], *, members: int) -> Rate:
    """Return how often something was found; study s uses parameter set s modulo their number.

    Examples
    --------
    >>> rate(np.array([True, False] * 200), members=2).member_high
    0.95
    """
    own = found.reshape(-1, members).mean(axis=0)
    value = float(own.mean())
    low, high = wilson_interval(value, found.size)
    chance = float((own * (1.0 - own)).mean()) / max(found.size // members - 1, 1)
    observed = float(own.var(ddof=1)) if members > 1 else 0.0
    shrink = np.sqrt(max(1.0 - chance / observed, 0.0)) if observed > 0 else 0.0
    member_low, member_high = np.quantile(value + shrink * (own - value), SPREAD)
    return Rate(value, low, high, float(member_low), float(member_high))


def holm(p_values: Floats, *, alpha: float) -> npt.NDArray[np.bool_]:
    """Return which of several comparisons differ by Holm's procedure.

    Parameters
    ----------
    p_values
        Shape (comparisons, studies).
    alpha
        The level of all comparisons of a study together.

    Examples
    --------
    >>> holm(np.array([[0.02], [0.01], [0.04]]), alpha=0.05).ravel().tolist()
    [True, True, True]
    >>> holm(np.array([[0.03], [0.01], [0.04]]), alpha=0.05).ravel().tolist()
    [False, True, False]
    """
    number = len(p_values)
    order = np.argsort(p_values, axis=0, kind="stable")
    passed = np.take_along_axis(p_values, order, axis=0) <= alpha / np.arange(number, 0, -1)[:, None]
    # The first that does not pass stops all after it.
    kept = np.logical_and.accumulate(passed, axis=0)
    result = np.empty_like(kept)
    np.put_along_axis(result, order, kept, axis=0)
    return result
