from __future__ import annotations

import math

import pytest

from eaesim.evidence import (
    Finding,
    finding,
    judge_effect,
    judge_mean,
    published_effect,
    published_interval,
)

BASE = {"id": "X1", "key": ("Pashov1998",), "use": "shown", "endpoint": "peak_score"}


def made(**given) -> Finding:
    return Finding(**{**BASE, "measure": "mean", **given})


def fraction(value: float, animals: int) -> Finding:
    return made(measure="fraction", value=value, animals=animals, unit="dimensionless")


LOWER = made(measure="direction", direction="lower", result="suppressed")
NONE = made(measure="direction", direction="none", result="no effect")


def test_published_effect_of_the_one_numeric_study():
    effect, low, high = published_effect(finding("A1"))
    # By hand: log ratio has variance (0.3/0.6)^2 + (0.4/2.3)^2 = 0.2802, so the ratio spans a factor 2.822.
    assert effect == pytest.approx(1 - 0.6 / 2.3)
    assert low == pytest.approx(0.264, abs=0.001)
    assert high == pytest.approx(0.908, abs=0.001)


@pytest.mark.parametrize(
    "change",
    [
        {"treated": 0.0},
        {"control": 0.0},
        {"treated_error": None},
        {"control_error": None},
        {"error_kind": "SD"},
        {"measure": "direction"},
    ],
)
def test_no_published_effect_without_all_it_takes(change):
    whole = {
        "measure": "ratio",
        "treated": 0.6,
        "treated_error": 0.3,
        "control": 2.3,
        "control_error": 0.4,
        "error_kind": "SEM",
    }
    assert published_effect(made(**whole)) is not None
    assert published_effect(made(**{**whole, **change})) is None


@pytest.mark.parametrize(
    ("effect", "low", "high", "verdict"),
    [
        (0.7, 0.6, 0.8, "agrees"),
        (0.1, 0.01, 0.2, "agrees"),
        (0.0999, 0.01, 0.2, "disagrees"),
        (0.5, 0.0, 0.9, "disagrees"),
        (-0.5, -0.6, -0.4, "disagrees"),
    ],
)
def test_lower(effect, low, high, verdict):
    assert judge_effect(LOWER, effect=effect, low=low, high=high).verdict == verdict


@pytest.mark.parametrize(
    ("effect", "half", "verdict"),
    [
        (0.0, 0.1, "agrees"),
        (0.0, 0.15, "agrees"),
        (0.1, 0.0501, "not comparable"),
        (0.0, 0.3, "not comparable"),
        (0.3, 0.15, "not comparable"),
        (0.3001, 0.15, "disagrees"),
        (-0.3001, 0.15, "disagrees"),
        (0.7, 0.1, "disagrees"),
    ],
)
def test_no_difference(effect, half, verdict):
    found = judge_effect(NONE, effect=effect, low=effect - half, high=effect + half)
    assert found.verdict == verdict
    assert ("too few rats" in found.reason) == (verdict == "not comparable")


def test_ratio_agrees_when_intervals_overlap_ends_included():
    study = finding("A1")
    _, low, high = published_effect(study)
    assert judge_effect(study, effect=0.74, low=0.7, high=0.8).verdict == "agrees"
    assert judge_effect(study, effect=0.1, low=0.0, high=low).verdict == "agrees"
    assert judge_effect(study, effect=0.1, low=0.0, high=low - 1e-9).verdict == "disagrees"
    assert judge_effect(study, effect=0.95, low=high, high=1.0).verdict == "agrees"
    assert judge_effect(study, effect=0.95, low=high + 1e-9, high=1.0).verdict == "disagrees"


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
@pytest.mark.parametrize("name", ["effect", "low", "high"])
def test_a_missing_model_number_is_not_comparable_and_never_a_number(name, missing):
    verdict = judge_effect(NONE, **{"effect": 0.0, "low": -0.1, "high": 0.1, name: missing})
    assert verdict.verdict == "not comparable"
    assert {"effect": verdict.predicted, "low": verdict.low, "high": verdict.high}[name] is None
    value = "mean" if name == "effect" else name
    given = {"mean": 1.0, "low": 0.9, "high": 1.1, value: missing}
    assert judge_mean(fraction(0.5, 10), **given).verdict == "not comparable"


def test_a_mismatch_goes_first_and_is_the_reason():
    verdict = judge_effect(LOWER, effect=0.7, low=0.6, high=0.8, mismatch="the dose is not stated")
    assert (verdict.verdict, verdict.reason) == ("not comparable", "the dose is not stated.")
    verdict = judge_mean(fraction(0.5, 10), mean=0.5, low=0.4, high=0.6, mismatch="other strain")
    assert (verdict.verdict, verdict.reason) == ("not comparable", "other strain.")


def test_words_only_and_the_wrong_kind_are_not_comparable():
    assert judge_effect(finding("A9"), effect=0.0, low=0.0, high=0.0).verdict == "not comparable"
    assert judge_effect(finding("B3.peak_score"), effect=0.0, low=0.0, high=0.0).verdict == "not comparable"
    assert judge_mean(finding("A4"), mean=1.0, low=0.9, high=1.1).verdict == "not comparable"
    assert judge_mean(finding("A1"), mean=0.6, low=0.5, high=0.7).verdict == "not comparable"
    assert judge_mean(finding("B5.onset_day"), mean=8.0, low=7.9, high=8.1).verdict == "not comparable"


def test_verdict_carries_what_was_compared():
    verdict = judge_effect(finding("A5"), effect=0.02, low=-0.01, high=0.05)
    assert (verdict.finding_id, verdict.predicted, verdict.low, verdict.high) == ("A5", 0.02, -0.01, 0.05)
    assert verdict.published == "not suppressed"
    assert verdict.reason == "the model's effect is 0.02 (-0.01 to 0.05); no difference means within ±0.15."


# Newcombe 1998, Stat Med 17:857, table I, score method without continuity correction.
@pytest.mark.parametrize(
    ("count", "animals", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_against_known_values(count, animals, low, high):
    assert published_interval(fraction(count / animals, animals)) == pytest.approx((low, high), abs=6e-5)


def test_wilson_interval_stays_within_nought_and_one_and_mirrors():
    low, high = published_interval(fraction(1.0, 45))
    assert high == 1.0
    assert published_interval(fraction(0.0, 45)) == pytest.approx((0.0, 1 - low))


def test_mean_takes_its_error_as_sem_unless_it_is_an_sd():
    mean = {"value": 2.6, "error": 0.18, "animals": 16, "unit": "score"}
    assert published_interval(made(**mean, error_kind="not stated")) == pytest.approx(
        (2.2472, 2.9528), abs=1e-4
    )
    assert published_interval(made(**mean, error_kind="SD")) == pytest.approx((2.5118, 2.6882), abs=1e-4)
    assert published_interval(made(value=2.6, error=0.18, error_kind="SD", unit="score")) is None
    assert published_interval(made(value=2.6, unit="score")) is None


def test_range_may_be_open():
    assert published_interval(finding("B5.relapse_day")) == (18, math.inf)
    assert published_interval(finding("B12.score_1")) == (-math.inf, 1e6)
    assert judge_mean(finding("B5.relapse_day"), mean=30, low=29, high=31).verdict == "agrees"
    assert judge_mean(finding("B5.relapse_day"), mean=16, low=15, high=17).verdict == "disagrees"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (7, 8, "agrees"),
        (10, 11, "agrees"),
        (7, 7.99, "disagrees"),
        (10.01, 11, "disagrees"),
        (1, 30, "agrees"),
    ],
)
def test_mean_agrees_when_intervals_overlap_ends_included(low, high, verdict):
    study = finding("B1.onset_day_other_laboratory")
    assert judge_mean(study, mean=(low + high) / 2, low=low, high=high).verdict == verdict


def test_no_signs_means_none():
    refractory = finding("B15")
    assert judge_mean(refractory, mean=0.0, low=0.0, high=0.0).verdict == "agrees"
    assert judge_mean(refractory, mean=0.1, low=0.06, high=0.14).verdict == "disagrees"
