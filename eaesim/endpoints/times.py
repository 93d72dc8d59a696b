"""The log-rank test, for one study or many at once, and the Kaplan-Meier estimate."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Bools, Floats
from eaesim.endpoints.permutations import division_p_value, is_counted, two_sided
from eaesim.endpoints.ranks import Places, runs
from eaesim.endpoints.statistics import Estimate

Times = tuple[Floats, Bools]
# Each contribution to the statistic is a sum of fractions. Up to this number of animals it is an integer in
# units of one over their least common multiple; above, it is rounded to this number of binary places.
MOST_AS_FRACTIONS, BINARY_PLACES = 22, 40


@dataclass(frozen=True)
class RiskSets:
    """The animals of each study in the order of their times, shape (studies, animals).

    Attributes
    ----------
    first, second
        Number of animals with a time in the treated and in the control group, shape (studies,).
    known, own, event
        Whether there is a time, whether the animal is a treated one, and whether its event was observed.
    at_risk, own_at_risk
        Number of animals, and of treated ones, whose time is not before this one.
    events
        Number of events at the same time.
    begin, end
        Places of the first and the last of the animals with the same time.
    """

    first: Places
    second: Places
    known: Bools
    own: Bools
    event: Bools
    at_risk: Places
    own_at_risk: Places
    events: Places
    begin: Places
    end: Places

    @property
    def own_event(self) -> Bools:
        """Whether the event of a treated animal was observed."""
        return np.asarray(self.event & self.own)


def risk_sets(treated: Times, control: Times) -> RiskSets:
    """Return who was at risk at each time; parameters as for `time_test`."""
    first, second = ((~np.isnan(time)).sum(axis=1) for time, _ in (treated, control))
    both = (first + second)[:, None]
    time = np.concatenate([treated[0], control[0]], axis=1)
    order = np.argsort(time, axis=1, kind="stable")
    known = np.arange(time.shape[1]) < both
    event = np.take_along_axis(np.concatenate([treated[1], control[1]], axis=1), order, axis=1) & known
    own = (order < treated[0].shape[1]) & known
    begin, end = runs(np.take_along_axis(time, order, axis=1))
    at_risk = np.where(known, both - begin, 1)
    own_at_risk = np.take_along_axis(np.cumsum(own[:, ::-1], axis=1)[:, ::-1], begin, axis=1)
    events = events_within(event, begin, end)
    return RiskSets(first, second, known, own, event, at_risk, own_at_risk, events, begin, end)


def time_test(treated: Times, control: Times) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Test whether an event comes earlier in one group, in each study.

    The statistic is that of the log-rank test: observed minus expected events of the treated group,
    divided by its standard error. Exact up to 200,000 divisions of the animals (10 in each group): animals
    are permuted with their times and events, and the p value is the proportion of divisions whose observed
    minus expected events are at least as far from 0. Beyond that, the normal approximation.

    Parameters
    ----------
    treated, control
        Times, shape (studies, animals), and whether the event was observed; otherwise the time is
        censored. NaN is an excluded animal.

    Returns
    -------
    tuple of arrays
        Shape (studies,): the statistic, NaN where no time is informative; the two-sided p
        value, NaN where a group is empty; and whether it is exact.

    Examples
    --------
    >>> early, late = np.array([[1.0, 2, 3]]), np.array([[4.0, 5, 6]])
    >>> statistic, p_value, exact = time_test((early, early > 0), (late, late > 5))
    >>> statistic.round(3).tolist(), p_value.tolist(), exact.tolist()
    ([2.248], [0.1], [True])
    """
    risk = risk_sets(treated, control)
    first, second, event, at_risk = risk.first, risk.second, risk.event, risk.at_risk
    statistic = _statistic(risk.own_event, event, risk.own_at_risk / at_risk, at_risk, risk.events)
    p_value = np.where(np.isnan(statistic), 1.0, two_sided(np.nan_to_num(statistic)))
    exact = np.zeros(len(statistic), dtype=np.bool_)
    grouped = np.argsort(np.where(risk.known, ~risk.own, 2), axis=1, kind="stable")
    for one, two in sorted(set(zip(first.tolist(), second.tolist(), strict=True))):
        chosen = (first == one) & (second == two)
        if min(one, two) == 0:
            statistic[chosen] = p_value[chosen] = np.nan
        elif is_counted(one, two):
            scores, rounding = _scores(event[chosen], at_risk[chosen], risk.end[chosen], one + two)
            scores = np.take_along_axis(scores, grouped[chosen], axis=1)[:, : one + two]
            p_value[chosen] = division_p_value(scores, one, rounding=rounding)
            exact |= chosen
    return statistic, p_value, exact


def _statistic(
    own_event: Bools,
    event: Bools,
    share: Floats,
    at_risk: Places,
    events: Places,
) -> Floats:
    apart = own_event.sum(axis=1) - (event * share).sum(axis=1)
    left = (at_risk - events) / np.maximum(at_risk - 1, 1)
    variance = (event * share * (1.0 - share) * left).sum(axis=1)
    varies = variance > 0
    return np.where(varies, apart / np.sqrt(np.where(varies, variance, 1.0)), np.nan)


def events_within(event: Bools, begin: Places, end: Places) -> Places:
    """Return the number of events at the time of each animal."""
    until = np.concatenate([np.zeros((len(event), 1), dtype=np.int64), np.cumsum(event, axis=1)], axis=1)
    return np.asarray(np.take_along_axis(until, end + 1, axis=1) - np.take_along_axis(until, begin, axis=1))


def _scores(
    event: Bools,
    at_risk: Places,
    end: Places,
    animals: int,
) -> tuple[Places, int]:
    """Return each animal's contribution to observed minus expected events, and the rounding error of sums."""
    exactly = animals <= MOST_AS_FRACTIONS
    unit = math.lcm(*range(1, animals + 1)) if exactly else 1 << BINARY_PLACES
    hazard = np.cumsum(event * (unit // at_risk), axis=1)
    return event * unit - np.take_along_axis(hazard, end, axis=1), 0 if exactly else 2 * animals**2


def event_free(time: Floats, seen: Bools) -> tuple[Floats, Estimate]:
    """Return the Kaplan-Meier estimate of event-free animals with its 95 % interval.

    Parameters
    ----------
    time, seen
        Times (NaN is ignored), and whether the event was observed.

    Returns
    -------
    tuple
        Times of events and censoring, ascending, and the estimate from each on. The interval is computed on
        the log(-log) scale; it is NaN where the estimate is 0 or 1.

    Examples
    --------
    >>> days, share = event_free(np.array([1.0, 2.0, 2.0]), np.array([True, True, False]))
    >>> days.tolist(), share.value.round(3).tolist()
    ([1.0, 2.0], [0.667, 0.333])
    """
    from scipy import stats

    known = ~np.isnan(time)
    time, seen = time[known], seen[known]
    if not len(time):
        return np.empty(0), Estimate(np.empty(0), np.empty(0), np.empty(0))
    survival: Any = stats.ecdf(stats.CensoredData.right_censored(time, ~seen)).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no interval where the estimate is 0 or 1
        interval = survival.confidence_interval(0.95, method="log-log")
    share = np.asarray(survival.probabilities)
    low, high = (np.asarray(end.probabilities, dtype=np.float64) for end in (interval.low, interval.high))
    inside = (share > 0) & (share < 1)
    return np.asarray(survival.quantiles), Estimate(
        share, np.where(inside, low, np.nan), np.where(inside, high, np.nan)
    )
