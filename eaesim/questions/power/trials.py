"""How often studies of a given size find a difference, with the rules of `eaesim scores` for lost animals.

Loss tells nothing of what came after (`eaesim.endpoints.followup`): a lost animal keeps its onset and a peak
of what was read; without signs it is censored, and counts as without only if it was lost after the last event
of the two groups. Where animals were lost between the first event and the last, shares are not compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.ranks import rank_test
from eaesim.endpoints.shares import share_test
from eaesim.endpoints.times import Times, time_test
from eaesim.proportion import wilson_interval
from eaesim.questions.power.plan import test_of
from eaesim.questions.power.pool import Drawn, Pool

# Ends of the spread over parameter sets.
SPREAD = (0.05, 0.95)
# Animals of an arm that are tested at once, which bounds the memory.
AT_ONCE = 500_000
Bools = npt.NDArray[np.bool_]


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


def informative(one: Times, two: Times) -> tuple[Times, Times]:
    """Leave out animals that were last seen before the first event of their study: they tell nothing of it.

    Parameters
    ----------
    one, two
        Times and whether the event was seen then, shape (studies, animals); NaN is left out already.

    Examples
    --------
    >>> times = np.array([[2.0, 5.0]]), np.array([[False, True]])
    >>> informative(times, times)[0][0]
    array([[nan,  5.]])
    """
    first, _ = _span(one, two)
    left, right = (
        (np.where(~seen & (time < first[:, None]), np.nan, time), seen) for time, seen in (one, two)
    )
    return left, right


def known_peaks(values: Floats, lost: Bools, times: Times, *, last_onset: Floats) -> Floats:
    """Return peaks, NaN of animals that were lost without signs while others still fell ill.

    Parameters
    ----------
    values, lost, times
        Peaks, who was lost, and the times of onset, shape (studies, animals).
    last_onset
        The last day of onset in each study.

    Examples
    --------
    >>> times = np.array([[3.0, 9.0]]), np.array([[False, True]])
    >>> known_peaks(np.zeros((1, 2)), times[0] < 5, times, last_onset=np.array([9.0]))
    array([[nan,  0.]])
    """
    time, seen = times
    return np.where(lost & ~seen & (time < np.maximum(last_onset, 1.0)[:, None]), np.nan, values)


def settled(
    values: tuple[Floats, Floats], lost: tuple[Bools, Bools], times: tuple[Times, Times]
) -> tuple[tuple[Floats, Floats], Bools]:
    """Settle shares, and say in which studies they are not compared.

    Parameters
    ----------
    values, lost, times
        For both groups: 1 or 0, who was lost, and the day of the event or the last one without.

    Returns
    -------
    tuple
        Both groups with NaN for animals lost before the first event, and the studies in which animals were
        lost between the first event and the last.

    Examples
    --------
    >>> times = np.array([[4.0, 3.0], [4.0, 5.0]]), np.array([[True, False], [True, False]])
    >>> group, lost = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[False, True], [False, True]])
    >>> (own, _), open_ = settled((group, group), (lost, lost), (times, times))
    >>> own.tolist(), open_.tolist()
    ([[1.0, nan], [1.0, 0.0]], [False, False])
    """
    first, final = _span(*times)
    unknown = [gone & ~seen for gone, (_, seen) in zip(lost, times, strict=True)]
    before = [time < first[:, None] for time, _ in times]
    within = [~early & (time < final[:, None]) for early, (time, _) in zip(before, times, strict=True)]
    one, two = (
        np.where(open_ & early, np.nan, group)
        for group, open_, early in zip(values, unknown, before, strict=True)
    )
    between = [(open_ & inside).any(axis=1) for open_, inside in zip(unknown, within, strict=True)]
    return (one, two), np.asarray(between[0] | between[1])


def last_event(one: Times, two: Times) -> Floats:
    """Return the last day of an event in each study; 0 without one.

    Examples
    --------
    >>> times = np.array([[2.0, 5.0]]), np.array([[True, False]])
    >>> last_event(times, times)
    array([2.])
    """
    final = _span(one, two)[1]
    return np.where(np.isfinite(final), final, 0.0)


def _span(one: Times, two: Times) -> tuple[Floats, Floats]:
    """Return the first and the last day of an event in each study; infinity without one."""
    days = np.concatenate([np.where(seen, time, np.nan) for time, seen in (one, two)], axis=1)
    none = np.isnan(days).all(axis=1)
    first = np.where(np.isnan(days), np.inf, days).min(axis=1)
    final = np.where(np.isnan(days), -np.inf, days).max(axis=1)
    return first, np.where(none, np.inf, final)
