"""Ratios of event rates by negative binomial regression, for one trial or many at once.

Patients differ in how often they have an event, so counts vary more than Poisson's. The variance of a count
with mean m is m + dispersion m^2. Rates and dispersion are those of maximum likelihood, the dispersion common
to both groups, as in R's `glm.nb` with the logarithm of the time as offset.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.permutations import two_sided
from eaesim.errors import QuantityError

# Dispersions outside these are held at the nearer end; below the lower one the counts are Poisson's.
LEAST, MOST = 1e-4, 1e3
# With fewer patients in a group there is no error and no p value.
FEWEST = 2
# Iterations end when no logarithm moves by more than this, and in any case after so many.
CLOSE, ITERATIONS = 1e-9, 200


@dataclass(frozen=True)
class RateComparison:
    """The ratio of two event rates, of each trial.

    Attributes
    ----------
    ratio
        Rate of the treated group over that of the control group: 0 or infinite where one has no event, NaN
        where neither has, or where a group has no time.
    log_error
        Standard error of the ratio's logarithm; infinite where a group has no event, NaN where a group has
        fewer than 2 patients.
    dispersion
        Of the counts, common to both groups; 0: Poisson.
    p_value
        Two-sided, of the likelihood ratio against one rate for both groups; 1 where there is no event at all,
        NaN where a group has fewer than 2 patients.
    """

    ratio: Floats
    log_error: Floats
    dispersion: Floats
    p_value: Floats


Counts = tuple[Floats, Floats]


def rate_test(treated: Counts, control: Counts) -> RateComparison:
    """Compare the rates of an event that can come again and again, in each trial.

    Parameters
    ----------
    treated, control
        Number of events of each patient, shape (trials, patients), and the time in which they were counted,
        of the same shape. NaN is a patient left out.

    Raises
    ------
    QuantityError
        If a number of events is no whole number from 0, or a time is not above 0.

    Examples
    --------
    >>> counts = np.array([[0.0, 1, 1, 2]]), np.array([[1.0, 2, 4, 3]])
    >>> found = rate_test((counts[0], np.ones((1, 4))), (counts[1], np.ones((1, 4))))
    >>> found.ratio.tolist(), found.p_value.round(4).tolist()
    ([0.4], [0.1031])
    """
    groups = [_checked(*group) for group in (treated, control)]
    pooled = [(np.hstack([count for count, _ in groups]), np.hstack([time for _, time in groups]))]
    with np.errstate(divide="ignore", invalid="ignore"):
        rates, dispersion, best = _fit(groups)
        _, _, together = _fit(pooled)
        ratio = rates[0] / rates[1]
        information = [
            _information(time * rate[:, None], dispersion)
            for (_, time), rate in zip(groups, rates, strict=True)
        ]
        log_error = np.sqrt(1.0 / information[0] + 1.0 / information[1])
    # One patient says nothing of how much patients differ.
    few = np.array([(time > 0).sum(axis=1) < FEWEST for _, time in groups]).any(axis=0)
    p_value = np.where(few, np.nan, two_sided(np.sqrt(2.0 * np.maximum(best - together, 0.0))))
    return RateComparison(ratio, np.where(few, np.nan, log_error), dispersion, p_value)


def _checked(count: Floats, time: Floats) -> Counts:
    known = ~(np.isnan(count) | np.isnan(time))
    count, time = np.where(known, count, 0.0), np.where(known, time, 0.0)
    if (count < 0).any() or (count != np.rint(count)).any():
        raise QuantityError("numbers of events are whole numbers from 0.")
    if (time[known] <= 0).any():
        raise QuantityError(
            "a time in which events were counted is above 0; leave out patients never watched."
        )
    return count, time


def _fit(groups: list[Counts]) -> tuple[Floats, Floats, Floats]:
    """Return the rates, shape (groups, trials), the dispersion and the log likelihood of each trial."""
    above = _above([count for count, _ in groups])
    totals = [(count.sum(axis=1), time.sum(axis=1)) for count, time in groups]
    rates = np.array([events / time for events, time in totals])
    dispersion = np.zeros(rates.shape[1])
    fits = _slope(groups, above, rates, np.full_like(dispersion, LEAST))[0] > 0
    moving = np.flatnonzero(fits & ~np.isnan(rates).any(axis=0))
    dispersion[moving] = 0.5
    for _ in range(ITERATIONS):
        if not len(moving):
            break
        part = [(count[moving], time[moving]) for count, time in groups]
        now, spread = rates[:, moving], dispersion[moving]
        moved = np.zeros(len(moving))
        for place, (count, time) in enumerate(part):
            step = _rate_step(count, time * now[place][:, None], spread)
            now[place] *= np.exp(step)
            moved = np.maximum(moved, np.abs(step))
        slope, curvature = _slope(part, above[moving], now, spread)
        # Newton's step of the logarithm, bounded, and uphill where the likelihood is not concave.
        step = np.clip(np.where(curvature < 0, -slope / curvature, np.sign(slope)), -1.0, 1.0)
        spread_next = np.clip(spread * np.exp(step), LEAST, MOST)
        moved = np.maximum(moved, np.abs(np.log(spread_next / spread)))
        rates[:, moving], dispersion[moving] = now, spread_next
        moving = moving[moved > CLOSE]
    return rates, dispersion, _log_likelihood(groups, above, rates, dispersion)


def _above(counts: list[Floats]) -> Floats:
    """Return how many patients have more than 1, 2, ... events, shape (trials, numbers)."""
    most = int(max(count.max(initial=0.0) for count in counts))
    return (
        np.array(
            [sum((count > number).sum(axis=1) for count in counts) for number in range(1, most)],
            dtype=np.float64,
        )
        .reshape(max(most - 1, 0), len(counts[0]))
        .T
    )


def _rate_step(count: Floats, expected: Floats, dispersion: Floats) -> Floats:
    """Return the step of a log rate by Fisher's scoring; 0 without an event."""
    weight = 1.0 + dispersion[:, None] * expected
    information = (expected / weight).sum(axis=1)
    step = ((count - expected) / weight).sum(axis=1) / np.where(information > 0, information, 1.0)
    return np.asarray(np.clip(step, -2.0, 2.0))


def _slope(groups: list[Counts], above: Floats, rates: Floats, dispersion: Floats) -> tuple[Floats, Floats]:
    """Return the first and second derivative of the log likelihood by the logarithm of the dispersion."""
    spread = dispersion[:, None]
    numbers = np.arange(1, above.shape[1] + 1)
    parts = numbers / (1.0 + spread * numbers)
    first, second = (above * parts).sum(axis=1), -(above * parts**2).sum(axis=1)
    for (count, time), rate in zip(groups, rates, strict=True):
        expected = time * rate[:, None]
        scaled = spread * expected
        weight = 1.0 + scaled
        rest = ((np.log1p(scaled) - scaled / weight) / spread**2).sum(axis=1)
        first += rest - (count * expected / weight).sum(axis=1)
        second += ((expected / weight) ** 2 * (1.0 / spread + count)).sum(axis=1) - 2.0 * rest / dispersion
    return dispersion * first, dispersion * first + dispersion**2 * second


def _log_likelihood(groups: list[Counts], above: Floats, rates: Floats, dispersion: Floats) -> Floats:
    """Return the log likelihood without the terms that depend on the data alone."""
    numbers = np.arange(1, above.shape[1] + 1)
    total = (above * np.log1p(dispersion[:, None] * numbers)).sum(axis=1)
    spread = np.maximum(dispersion, LEAST)[:, None]
    for (count, time), rate in zip(groups, rates, strict=True):
        expected = time * rate[:, None]
        events = count.sum(axis=1)
        total += np.where(events > 0, events * np.log(np.where(events > 0, rate, 1.0)), 0.0)
        overdispersed = ((count + 1.0 / spread) * np.log1p(spread * expected)).sum(axis=1)
        total -= np.where(dispersion > 0, overdispersed, expected.sum(axis=1))
    return np.asarray(total)


def _information(expected: Floats, dispersion: Floats) -> Floats:
    return np.asarray((expected / (1.0 + dispersion[:, None] * expected)).sum(axis=1))
