"""Verdicts on published data of trials, by hand."""

import math

import numpy as np
import pytest

from eaesim.endpoints.replicates import Prediction
from eaesim.evidence.claims import claims, trial_rows
from eaesim.evidence.trialverdict import judge_row, saw_difference
from eaesim.protocol.outcome import Published
from eaesim.protocol.trialfile import not_simulable, read_trial, trial_names


def row(measure="ratio", endpoint="relapse_rate", **given):
    return Published(endpoint=endpoint, measure=measure, arm="IVIG", source=("Fazekas1997",), **given)


def within(low, high):
    return Prediction(0.5 * (low + high), low, high, math.nan, math.nan, 0.0)


SAW = row(value=0.41, low=0.24, high=0.71)
SAW_NONE = row(value=0.73, low=0.26, high=2.05)
EDSS = row("difference", "edss_change", p=0.89, result="no difference")


@pytest.mark.parametrize(
    ("published", "low", "high", "verdict"),
    [
        (SAW, 0.3, 0.9, "agrees"),
        (SAW, 0.3, 1.1, "inconclusive"),
        (SAW, 0.3, math.inf, "inconclusive"),
        (SAW, 0.5, 0.9, "disagrees"),
        (SAW, 1.0, 1.0, "disagrees"),
        # The interval of the trial holds 1, so half of the rate is the opposite.
        (SAW_NONE, 0.6, 1.4, "agrees"),
        (SAW_NONE, 0.4, 1.4, "inconclusive"),
        (SAW_NONE, 0.02, 0.4, "disagrees"),
        # No number: no difference is 0, half a point of EDSS its opposite.
        (EDSS, -0.3, 0.2, "agrees"),
        (EDSS, -0.6, 0.2, "inconclusive"),
        (EDSS, -0.6, -0.1, "disagrees"),
        (row("hazard_ratio", "first_relapse_day", p=0.22), 0.7, 1.2, "agrees"),
        (row("hazard_ratio", "first_relapse_day", p=0.22), 0.4, 1.2, "inconclusive"),
        (row("difference", "edss_change", value=-0.45), -0.6, -0.1, "agrees"),
        (row("value", value=0.5), 0.4, 0.6, "agrees"),
        (row("value", value=0.5), 0.2, 0.6, "inconclusive"),
        (row("value", "relapse_free", value=0.0), 0.0, 0.2, "agrees"),
        (row("value", "relapse_free", value=0.0), 0.1, 0.2, "disagrees"),
        (row("difference", "mri_activity", result="no difference"), -0.1, 0.1, "not comparable"),
        (row("ratio", result="remarkable"), 0.1, 0.9, "not comparable"),
        (SAW, math.nan, math.nan, "not comparable"),
    ],
)
def test_a_row_is_judged_by_what_the_interval_holds(published, low, high, verdict):
    found, reason = judge_row(published, within(low, high), np.full(10, 0.5))
    assert found == verdict
    assert reason.endswith(".")


@pytest.mark.parametrize(("effects", "verdict"), [(9, "agrees"), (5, "inconclusive"), (1, "disagrees")])
def test_a_word_is_judged_by_the_share_of_trials_on_its_side(effects, verdict):
    estimates = np.array([0.7] * effects + [0.71] * (10 - effects) + [math.nan])
    assert judge_row(row(result="fewer lesions"), within(0.6, 0.8), estimates)[0] == verdict


def test_an_interval_counts_before_p_and_p_before_words():
    assert saw_difference(row(value=0.5, low=0.3, high=1.1, p=0.01)) is False
    assert saw_difference(row(p=0.01, result="no difference")) is True
    assert saw_difference(row(result="no difference")) is False
    assert saw_difference(row(result="odd")) is None


def test_every_comparison_of_a_shipped_trial_can_be_judged():
    for name in trial_names():
        for published in read_trial(name).published:
            if published.measure != "value":
                assert judge_row(published, within(0.4, 0.9), np.full(10, 0.5))[0] != "not comparable", name


def test_table_t_knows_every_trial_and_its_claims():
    rows = trial_rows()
    assert list(rows) == [f"T{number}" for number in range(1, 29)]
    assert list(claims()) == [f"S{number}" for number in range(1, 9)]
    by_trial = {}
    for one in rows.values():
        by_trial.setdefault(one.trial, set()).update(one.claim)
    shipped = {name: set(read_trial(name).claim.split(", ")) for name in trial_names()}
    of_ivig = {name: claim for name, claim in shipped.items() if claim != {"comparator"}}
    assert set(by_trial) - {""} == {*of_ivig, *not_simulable()} - {"tarims_index", "noseworthy_index"}
    assert all(by_trial.get(name, claim) == claim for name, claim in of_ivig.items())


def test_sources_of_table_t_are_those_of_the_trial_files():
    for one in trial_rows().values():
        if one.trial and one.trial not in not_simulable():
            keys = {key for each in read_trial(one.trial).published for key in each.source}
            assert keys & set(one.key), one.name
