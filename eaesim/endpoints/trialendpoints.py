"""The endpoints of trials by name: how each is read, estimated and tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.hazards import median_time, share_with_event
from eaesim.endpoints.paired import mcnemar_test, signed_rank_test
from eaesim.endpoints.ranks import rank_test
from eaesim.endpoints.rates import rate_test
from eaesim.endpoints.shares import chi_square_test, share_test
from eaesim.endpoints.student import welch_test
from eaesim.endpoints.times import time_test
from eaesim.endpoints.trialsample import (
    ArmWindow,
    Sample,
    edss_change,
    edss_gain,
    first_relapse,
    mri_activity,
    progression,
    relapse_free,
    relapses,
)
from eaesim.endpoints.window import Window, split_window
from eaesim.errors import unknown_name

Test = Callable[[Sample, Sample], Floats]


@dataclass(frozen=True)
class TrialEndpoint:
    """An endpoint of a trial.

    Attributes
    ----------
    name, title, unit
        Name in every table, axis label, and unit of its value.
    read
        Function that reads it of each patient.
    estimate
        Function that returns its value in an arm, shape (trials,).
    measures
        What of it a trial can report.
    tests
        Tests of two arms by name, the usual one first.
    paired_tests
        Tests of two periods of the same patients; empty where there is none.
    """

    name: str
    title: str
    unit: str
    read: Callable[[ArmWindow], Sample] = field(compare=False, repr=False)
    estimate: Callable[[Sample], Floats] = field(compare=False, repr=False)
    measures: tuple[str, ...]
    tests: Mapping[str, Test] = field(compare=False, repr=False)
    paired_tests: Mapping[str, Test] = field(default_factory=dict, compare=False, repr=False)


def trial_endpoint(text: str) -> tuple[TrialEndpoint, Window | None]:
    """Return an endpoint of trials by its name, and its window in days, if the name has one.

    Raises
    ------
    UnknownNameError
        If there is no such endpoint.
    QuantityError
        If the text in brackets is not a window.

    Examples
    --------
    >>> found, window = trial_endpoint("relapse_rate[0:365]")
    >>> found.unit, window
    ('1/year', Window(first=0, last=365))
    """
    name, window = split_window(text)
    if name not in TRIAL_ENDPOINTS:
        raise unknown_name(name, "endpoint of a trial", TRIAL_ENDPOINTS)
    return TRIAL_ENDPOINTS[name], window


def _rate(sample: Sample) -> Floats:
    """Return the events of all patients over the time of all patients."""
    amount, years = (np.nansum(each, axis=1) for each in sample.counts)
    return np.asarray(amount / np.where(years > 0, years, np.nan))


def _mean(sample: Sample) -> Floats:
    number = (~np.isnan(sample.value)).sum(axis=1)
    return np.asarray(np.nansum(sample.value, axis=1) / np.where(number > 0, number, np.nan))


def _median(sample: Sample) -> Floats:
    return median_time(sample.times)


def _share_with_event(sample: Sample) -> Floats:
    return share_with_event(sample.times)


_RANK = {"rank": lambda one, two: rank_test(one.per_year, two.per_year)[1]}
_T = {"t": lambda one, two: welch_test(one.per_year, two.per_year)[1]}
_COUNTS = {**_RANK, "negative_binomial": lambda one, two: rate_test(one.counts, two.counts).p_value, **_T}
_SHARES = {
    "fisher": lambda one, two: share_test(one.value, two.value)[1],
    "chi_square": lambda one, two: chi_square_test(one.value, two.value),
}
_TIMES = {"log_rank": lambda one, two: time_test(one.times, two.times)[1]}
_SIGNED = {"signed_rank": lambda one, two: signed_rank_test(one.per_year, two.per_year)}
_MCNEMAR = {"mcnemar": lambda one, two: mcnemar_test(one.value, two.value)}
_ABSOLUTE, _RELATIVE = ("value", "difference"), ("value", "ratio", "difference")
_HAZARD = (*_RELATIVE, "hazard_ratio")


#: Every endpoint of a trial, by name. By default counts are compared by ranks: that test holds its size in
#: arms of 15 to 20 patients, in which the likelihood ratio of the negative binomial is significant in 6 % of
#: trials without an effect.
TRIAL_ENDPOINTS: dict[str, TrialEndpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        TrialEndpoint("relapse_rate", "relapse rate", "1/year", relapses, _rate, _RELATIVE, _COUNTS, _SIGNED),
        TrialEndpoint(
            "relapse_free",
            "patients without relapse",
            "share",
            relapse_free,
            _mean,
            _RELATIVE,
            _SHARES,
            _MCNEMAR,
        ),
        TrialEndpoint(
            "first_relapse_day",
            "median time to first relapse",
            "day",
            first_relapse,
            _median,
            _HAZARD,
            _TIMES,
        ),
        TrialEndpoint(
            "edss_change", "change of EDSS", "EDSS", edss_change, _mean, _ABSOLUTE, {**_T, **_RANK}, _SIGNED
        ),
        TrialEndpoint(
            "edss_gain_share",
            "patients better by 1 EDSS point",
            "share",
            edss_gain,
            _mean,
            _RELATIVE,
            _SHARES,
            _MCNEMAR,
        ),
        TrialEndpoint(
            "confirmed_progression",
            "patients with confirmed progression",
            "share",
            progression,
            _share_with_event,
            _HAZARD,
            _TIMES,
        ),
        TrialEndpoint(
            "mri_activity",
            "MRI activity",
            "inflammation day/year",
            mri_activity,
            _rate,
            _RELATIVE,
            {**_RANK, **_T},
            _SIGNED,
        ),
    )
}
