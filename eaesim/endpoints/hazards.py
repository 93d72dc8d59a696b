"""Hazard ratios by Cox's regression on one group, and median times, for one trial or many at once.

Ties are Efron's, the usual choice of R's `coxph`. The p value of the same comparison is that of the log-rank
test (`eaesim.endpoints.times.time_test`).
"""

from __future__ import annotations

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.ranks import Places
from eaesim.endpoints.times import Times, events_within, risk_sets

# Newton's iterations end when no log hazard ratio moves by more than this, and in any case after so many.
CLOSE, ITERATIONS, LONGEST_STEP = 1e-9, 60, 2.0
# Rounding of a product of shares.
ROUNDING = 1e-12


def hazard_ratio(treated: Times, control: Times) -> tuple[Floats, Floats]:
    """Return the hazard ratio of the treated group against the control group, and its logarithm's error.

    Parameters
    ----------
    treated, control
        Times, shape (trials, patients), and whether the event was observed; otherwise the time is censored.
        NaN is a patient left out.

    Returns
    -------
    tuple of arrays
        Shape (trials,). The ratio is 0 or infinite where only one group has events while both are watched,
        and NaN where neither has. The standard error is NaN where the ratio is 0, infinite or NaN.

    Examples
    --------
    >>> early, late = np.array([[1.0, 3, 5]]), np.array([[2.0, 4, 6]])
    >>> ratio, log_error = hazard_ratio((early, early > 0), (late, late > 0))
    >>> ratio.round(3).tolist(), log_error.round(3).tolist()
    ([1.881], [0.922])
    """
    risk = risk_sets(treated, control)
    own_events = events_within(risk.own_event, risk.begin, risk.end)
    # Efron: of d events at one time, the k-th (from 0) meets those at risk less k/d of the d.
    earlier: Places = np.cumsum(risk.event, axis=1) - risk.event
    share = (earlier - np.take_along_axis(earlier, risk.begin, axis=1)) / np.maximum(risk.events, 1)
    own = risk.own_at_risk - share * own_events
    other = risk.at_risk - risk.own_at_risk - share * (risk.events - own_events)
    both = risk.event & (own > 0) & (other > 0)
    seen, seen_own = both.sum(axis=1), (both & risk.own).sum(axis=1)
    logs = np.where(seen_own == seen, np.inf, -np.inf)
    logs[seen == 0] = np.nan
    solved = (seen_own > 0) & (seen_own < seen)
    logs[solved], error = _newton(own[solved], other[solved], both[solved], seen_own[solved])
    log_error = np.full(len(logs), np.nan)
    log_error[solved] = error
    with np.errstate(over="ignore"):
        return np.exp(logs), log_error


def _newton(own: Floats, other: Floats, event: Floats, own_events: Floats) -> tuple[Floats, Floats]:
    """Return the log hazard ratio that maximises the partial likelihood, and its standard error."""
    logs = np.zeros(len(own))
    for _ in range(ITERATIONS):
        treated = own * np.exp(logs)[:, None]
        expected = np.where(event, treated / np.where(event, treated + other, 1.0), 0.0)
        information = (expected * (1.0 - expected)).sum(axis=1)
        step = np.clip((own_events - expected.sum(axis=1)) / information, -LONGEST_STEP, LONGEST_STEP)
        logs += step
        if (np.abs(step) <= CLOSE).all():
            break
    return logs, 1.0 / np.sqrt(information)


def median_time(times: Times) -> Floats:
    """Return the Kaplan-Meier median of the time to the event, shape (trials,); infinite if not reached.

    Parameters
    ----------
    times
        Times, shape (trials, patients), NaN left out, and whether the event was observed.

    Examples
    --------
    >>> time = np.array([[1.0, 2, 3, 4]])
    >>> median_time((time, time < 4)).tolist(), median_time((time, time < 2)).tolist()
    ([2.0], [inf])
    """
    time, free = _free(times)
    reached = free <= 0.5 + ROUNDING
    day = np.take_along_axis(time, reached.argmax(axis=1)[:, None], axis=1)[:, 0]
    return _watched(times, np.where(reached.any(axis=1), day, np.inf))


def share_with_event(times: Times) -> Floats:
    """Return the share with the event by the last time, by Kaplan and Meier, shape (trials,).

    Without losses it is the share with an event.

    Examples
    --------
    >>> time = np.array([[1.0, 2, 3, 4]])
    >>> share_with_event((time, np.array([[True, False, True, False]]))).tolist()
    [0.625]
    """
    return _watched(times, 1.0 - _free(times)[1][:, -1])


def _watched(times: Times, value: Floats) -> Floats:
    return np.where(np.isnan(times[0]).all(axis=1), np.nan, value)


def _free(times: Times) -> tuple[Floats, Floats]:
    """Return the times in order, and the share free of the event after each."""
    # At one time events come before losses: who is lost on a day was at risk on it.
    order = np.lexsort((~times[1], times[0]), axis=1)
    time, seen = np.take_along_axis(times[0], order, axis=1), np.take_along_axis(times[1], order, axis=1)
    known = ~np.isnan(time)
    at_risk = known.sum(axis=1)[:, None] - np.arange(time.shape[1])
    left = np.where(known & seen, 1.0 - 1.0 / np.where(known, at_risk, 1), 1.0)
    return time, np.asarray(np.cumprod(left, axis=1))
