"""What many trials of the same size find: estimates, p values, and how they spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.hazards import hazard_ratio
from eaesim.endpoints.trialendpoints import Test, TrialEndpoint, trial_endpoint
from eaesim.endpoints.trialsample import ArmWindow, Sample, joined_samples
from eaesim.errors import QuantityError, unknown_name

#: What a trial reports of an endpoint.
MEASURES = ("value", "ratio", "difference", "hazard_ratio")
SIGNIFICANT = 0.05
# Ends of the interval of 90 % of the trials.
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class Comparison:
    """What each of many trials found.

    Attributes
    ----------
    estimate
        Shape (trials,); infinite or NaN where the trial's numbers give no finite one.
    p_value
        Two-sided, of the same shape; NaN for the value of one arm.
    test
        Name of the test; empty for the value of one arm.
    """

    estimate: Floats
    p_value: Floats
    test: str = ""


def arm_value(name: str, arm: Sequence[ArmWindow]) -> Comparison:
    """Return the value of an endpoint in one arm of each trial.

    Parameters
    ----------
    name
        Endpoint of trials, without a window.
    arm
        The arm; several parts are taken together, as the two sequences of a crossover.

    Raises
    ------
    UnknownNameError
        If there is no such endpoint.
    """
    found, _ = trial_endpoint(name)
    estimate = found.estimate(_read(found, arm))
    return Comparison(estimate, np.full(len(estimate), np.nan))


def compare(
    name: str,
    measure: str,
    treated: Sequence[ArmWindow],
    control: Sequence[ArmWindow],
    *,
    paired: bool = False,
    test: str | None = None,
) -> Comparison:
    """Compare two arms in each of many trials.

    A hazard ratio is that of Cox's regression. A ratio or difference is that of the two arms' values:
    rates by person-time, shares, means or medians.

    Parameters
    ----------
    name
        Endpoint of trials, without a window.
    measure
        ``ratio``, ``difference`` or ``hazard_ratio``, of the treated arm against the control arm.
    treated, control
        The arms; each of one part, or of several, as a crossover has: there both have the same patients in
        the same order, in different windows.
    paired
        Whether the patients of both are the same; those who were not read in both are left out.
    test
        Name of the test; None: the usual one.

    Raises
    ------
    UnknownNameError
        If there is no such endpoint, measure or test.
    QuantityError
        If the endpoint has no test of pairs, or the pairs differ.

    Examples
    --------
    >>> from eaesim.endpoints.enrolment import enrol
    >>> from eaesim.endpoints.patients import read_patients
    >>> ill = np.repeat([[2.0, 2, 2, 4, 4, 4, 4, 4, 4, 4], [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]], 20, axis=0)
    >>> placebo = read_patients(ill, ill, visits=(0, 9))
    >>> drug = read_patients(np.full_like(ill, 2.0), ill, visits=(0, 9))
    >>> arms = enrol((10, 10), eligible=40, trials=100, seed=1)
    >>> one, two = (ArmWindow(pool, arm, 0, 9) for pool, arm in zip((drug, placebo), arms))
    >>> found = predict(compare("relapse_free", "difference", [one], [two]))
    >>> [round(each, 2) for each in (found.predicted, found.low, found.high, found.significant)]
    [0.5, 0.3, 0.7, 0.63]
    """
    found, _ = trial_endpoint(name)
    allowed = [each for each in found.measures if each != "value"]
    if measure not in allowed:
        raise unknown_name(measure, f"measure of {found.name}", allowed)
    chosen, p_value = _chosen_test(found, paired, test)
    samples = _read(found, treated), _read(found, control)
    if paired:
        _check_pairs(treated, control)
        samples = _complete(*samples)
    if measure == "hazard_ratio":
        estimate = hazard_ratio(samples[0].times, samples[1].times)[0]
    else:
        one, two = (found.estimate(each) for each in samples)
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate = one - two if measure == "difference" else one / two
    return Comparison(estimate, p_value(*samples), chosen)


def joined_comparisons(parts: Sequence[Comparison]) -> Comparison:
    """Return the trials of several parameter sets together; every trial counts the same."""
    estimate, p_value = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("estimate", "p_value")
    )
    return Comparison(estimate, p_value, parts[0].test)


@dataclass(frozen=True)
class Prediction:
    """What trials of the published size find, as a row of a table.

    Attributes
    ----------
    predicted, low, high
        Median and ends of the interval of 90 % of the trials.
    within
        Share of the trials whose estimate lies inside the published interval; NaN without one.
    significant
        Share of the trials with p below 0.05; NaN for the value of one arm.
    undefined
        Share of the trials without an estimate, for example without an event in either arm; the other shares
        are of the rest.
    """

    predicted: float
    low: float
    high: float
    within: float
    significant: float
    undefined: float


def predict(
    found: Comparison, *, published_low: float = math.nan, published_high: float = math.nan
) -> Prediction:
    """Summarise what many trials found, beside the published interval.

    Raises
    ------
    QuantityError
        If the published interval is reversed.

    Examples
    --------
    >>> estimate = np.linspace(0.0, 1.0, 101)
    >>> predict(Comparison(estimate, estimate / 10), published_low=0.2, published_high=0.4).low
    0.05
    """
    if published_low > published_high:
        raise QuantityError(
            f"the published interval goes from {published_low} to {published_high}; swap its ends."
        )
    known = np.sort(found.estimate[~np.isnan(found.estimate)])
    p_value = found.p_value[~np.isnan(found.p_value)]
    if not len(known):
        return Prediction(math.nan, math.nan, math.nan, math.nan, math.nan, 1.0)
    # Order statistics, because an interpolation between infinite ratios has no value.
    low, high = (known[max(math.ceil(end * len(known)) - 1, 0)] for end in (LOW, HIGH))
    inside = float(((known >= published_low) & (known <= published_high)).mean())
    return Prediction(
        float(np.median(known)),
        float(low),
        float(high),
        math.nan if math.isnan(published_low + published_high) else inside,
        float((p_value < SIGNIFICANT).mean()) if len(p_value) else math.nan,
        1.0 - len(known) / len(found.estimate),
    )


def _read(found: TrialEndpoint, arm: Sequence[ArmWindow]) -> Sample:
    return joined_samples([found.read(part) for part in arm])


def _chosen_test(found: TrialEndpoint, paired: bool, test: str | None) -> tuple[str, Test]:
    tests = found.paired_tests if paired else found.tests
    if not tests:
        raise QuantityError(
            f"{found.name} is not compared between two periods of the same patients; ask for relapse_rate or "
            "relapse_free."
        )
    name = next(iter(tests)) if test is None else test
    if name not in tests:
        raise unknown_name(name, f"test of {found.name}", tests)
    return name, tests[name]


def _complete(one: Sample, two: Sample) -> tuple[Sample, Sample]:
    """Return both samples without the patients who were not read in both."""
    known = ~(np.isnan(one.value) | np.isnan(two.value))
    both = (replace(each, value=np.where(known, each.value, np.nan)) for each in (one, two))
    first, second = (
        each if each.years is None else replace(each, years=np.where(known, each.years, np.nan))
        for each in both
    )
    return first, second


def _check_pairs(treated: Sequence[ArmWindow], control: Sequence[ArmWindow]) -> None:
    for one, two in zip(treated, control, strict=True):
        if not np.array_equal(one.enrolled.person, two.enrolled.person):
            raise QuantityError("the two periods of a crossover have different patients; give the same ones.")
