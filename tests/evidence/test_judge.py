"""The judge: closed forms of the predictive interval, edges of thresholds, and what no width can do."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from eaesim.evidence import VERDICTS, Finding, combined, finding, judge, judged_by, load_findings
from eaesim.evidence.judge import predictive_interval
from eaesim.evidence.published import published
from eaesim.evidence.record import VOCABULARY
from eaesim.evidence.thresholds import thresholds

BASE = {"id": "X1", "use": "shown", "endpoint": "peak_score", "key": ("Jorgensen2005",)}
SETS = 200


def made(**given) -> Finding:
    return Finding(**{**BASE, "measure": "mean", **given})


def ratio(treated=0.6, control=2.3, errors=(0.3, 0.4), **given) -> Finding:
    return made(
        measure="ratio",
        treated=treated,
        control=control,
        treated_error=errors[0],
        control_error=errors[1],
        error_kind="SEM",
        unit="score",
        **given,
    )


def words(text: str, **given) -> Finding:
    return made(measure="direction", words=text, result=text, **given)


def normal(middle: float, spread: float, count: int = SETS) -> np.ndarray:
    """Return draws whose quantiles are those of a normal distribution."""
    return middle + spread * norm.ppf((np.arange(count) + 0.5) / count)


# The predictive interval


@pytest.mark.parametrize(("between", "error"), [(0.0, 1.0), (1.0, 1.0), (2.0, 0.3), (0.1, 3.0)])
@pytest.mark.parametrize("count", [400, 5_000])
def test_of_normal_draws_it_is_normal(between, error, count):
    low, high = predictive_interval(normal(3.0, between, count), error)
    half = norm.ppf(0.95) * math.hypot(between, error)
    assert (low, high) == pytest.approx((3.0 - half, 3.0 + half), abs=0.01 * half)


@pytest.mark.parametrize("seed", range(5))
def test_of_any_draws_it_is_the_quantile_of_the_mixture(seed):
    random = np.random.default_rng(seed)
    draws, error = random.exponential(1.0, 64) ** 2, random.uniform(0.05, 2.0)

    def below(place, share):
        return norm.cdf((place - draws) / error).mean() - share

    expected = [brentq(below, -20, 200, args=(share,)) for share in (0.05, 0.95)]
    assert predictive_interval(draws, error) == pytest.approx(expected, abs=1e-6)


def test_without_an_error_it_is_that_of_the_sets():
    draws = np.arange(101.0)
    assert predictive_interval(draws, 0.0) == pytest.approx((5.0, 95.0))
    assert predictive_interval(draws, 1e-9) == pytest.approx((5.0, 95.0), abs=0.5)


def test_it_moves_and_stretches_with_what_it_is_of_and_forgets_the_order():
    draws = np.random.default_rng(3).gamma(2.0, size=90)
    low, high = predictive_interval(draws, 0.4)
    assert predictive_interval(2.0 * draws[::-1] - 7.0, 0.8) == pytest.approx((2 * low - 7, 2 * high - 7))


# Findings with a number


@pytest.mark.parametrize("effect", np.linspace(-0.5, 0.98, 24))
def test_sure_sets_are_judged_by_the_error_of_the_finding_alone(effect):
    """A point prediction has a normal predictive distribution on the log of the ratio, by hand."""
    half = norm.ppf(0.95) * math.hypot(0.3 / 0.6, 0.4 / 2.3)
    centre = math.log(1 - effect)
    inside = abs(centre - math.log(0.6 / 2.3)) <= half
    expected = "disagrees" if not inside else "inconclusive" if abs(centre) <= half else "agrees"
    found = judge(finding("A1"), np.full(SETS, effect))
    assert found.verdict == expected
    ends = (1 - math.exp(centre + half), 1 - math.exp(centre - half))
    assert (found.predictive_low, found.predictive_high) == pytest.approx(ends)


def test_what_the_laboratory_adds_widens_the_interval():
    alone, shared = (judge(finding("A1"), np.full(SETS, 0.7), laboratory=size) for size in (0.0, 0.6))
    assert (alone.verdict, shared.verdict) == ("agrees", "inconclusive")
    half = norm.ppf(0.95) * math.hypot(0.3 / 0.6, 0.4 / 2.3, 0.6)
    assert shared.predictive_high == pytest.approx(1 - math.exp(math.log(0.3) - half))


def test_a_mechanism_that_predicts_little_does_not_agree_with_what_was_seen():
    """H7 in A1: 0.10 (0.01 to 0.47) against 0.74."""
    ratios = np.concatenate([np.linspace(0.99, 0.90, 100), np.linspace(0.90, 0.53, 100)])
    assert judge(finding("A1"), 1 - ratios).verdict == "disagrees"
    # Nor does one that predicts everything.
    assert judge(finding("A1"), np.linspace(-0.2, 0.99, SETS)).verdict == "inconclusive"


@pytest.mark.parametrize("seed", range(20))
def test_a_wider_interval_never_turns_inconclusive_into_agreement(seed):
    random = np.random.default_rng(seed)
    centre, one = random.uniform(-0.5, 2.5), ratio(direction=random.choice(["lower", "none"]))
    said = [
        judge(one, 1 - np.exp(-normal(centre, spread, 60))).verdict for spread in np.linspace(0.01, 3.0, 12)
    ]
    for before, after in pairwise(said):
        assert (before, after) not in {("inconclusive", "agrees"), ("inconclusive", "disagrees")}
        assert (before, after) != ("agrees", "disagrees")
    assert said[-1] == "inconclusive"


def test_the_opposite_is_no_effect_where_one_was_seen_and_half_of_the_control_where_none_was():
    seen, none = ratio(direction="lower"), ratio(2.2, 2.3, (0.1, 0.1), direction="none")
    assert published(seen).back(published(seen).opposite) == pytest.approx(0.0)
    assert published(none).back(published(none).opposite) == pytest.approx(0.5)
    assert judge(none, np.full(SETS, 0.05)).verdict == "agrees"
    assert judge(none, np.full(SETS, 0.5)).verdict == "disagrees"
    assert judge(none, np.linspace(-0.1, 0.6, SETS)).verdict == "inconclusive"


def test_the_share_is_of_sets_nearer_to_what_was_published_than_to_its_opposite():
    middle = 1 - math.sqrt(0.6 / 2.3)  # half-way to no effect, on the logarithm
    draws = np.r_[np.full(150, middle + 1e-6), np.full(50, middle - 1e-6)]
    found = judge(finding("A1"), draws)
    assert found.share == 0.75
    assert "75 % of the parameter sets" in found.reason


@pytest.mark.parametrize(("value", "expected"), [(2.6, "agrees"), (1.3, "disagrees"), (4.4, "disagrees")])
def test_a_mean_of_one_group(value, expected):
    found = judge(finding("B3.peak_score"), np.full(SETS, value), laboratory=0.3)
    half = norm.ppf(0.95) * math.hypot(0.18, 0.3)
    assert found.verdict == expected
    assert (found.predictive_low, found.predictive_high) == pytest.approx((value - half, value + half))


def test_a_mean_that_may_be_half_as_large_says_nothing():
    assert judge(finding("B3.peak_score"), np.linspace(0.5, 4.0, SETS)).verdict == "inconclusive"


def test_an_sd_becomes_a_standard_error_and_a_missing_error_is_assumed_and_said():
    given = {"value": 2.6, "unit": "score"}
    assert published(made(**given, error=0.18, error_kind="SEM")).error == 0.18
    assert published(made(**given, error=0.18, error_kind="SD", animals=9)).error == pytest.approx(0.06)
    for one in (made(**given), made(**given, error=0.18, error_kind="SD")):
        assert published(one).error == thresholds().error["score"]
        reason = judge(one, np.full(SETS, 2.6)).reason
        assert "assumed: an error of 0.3 and an SD between laboratories of 0.3" in reason
    assert "assumed" not in judge(finding("A1"), np.full(SETS, 0.7)).reason
    derived = made(measure="ratio", value=0.14, unit="dimensionless", direction="lower")
    assert "assumed: an error of 0.5" in judge(derived, np.full(SETS, 0.8)).reason


def test_a_share_is_judged_on_its_logit():
    of_many = made(measure="fraction", value=0.5, animals=100, unit="dimensionless")
    error = 1 / math.sqrt(100 * 0.25)
    found = published(of_many)
    assert (found.low, found.error) == pytest.approx((0.0, error))
    judged = judge(of_many, np.full(SETS, 0.5), laboratory=0.0)
    counted = 1 / (1 + math.exp(-norm.ppf(0.95) * error))  # with half an animal more on both sides
    assert judged.predictive_high == pytest.approx((101 * counted - 0.5) / 100)
    assert judged.verdict == "agrees"
    assert judge(of_many, np.full(SETS, 0.9), laboratory=0.0).verdict == "disagrees"
    unknown = made(measure="fraction", value=0.5, unit="dimensionless")
    assert "as if of 10 animals" in judge(unknown, np.full(SETS, 0.5)).reason


def test_none_of_so_many_is_neither_never_nor_half():
    none = made(measure="fraction", value=0.0, animals=40, unit="dimensionless")
    assert judge(none, np.full(SETS, 0.0), laboratory=0.5).verdict == "agrees"
    assert judge(none, np.full(SETS, 0.5), laboratory=0.5).verdict == "disagrees"
    assert judge(none, np.linspace(0, 1, SETS) ** 3, laboratory=0.5).verdict == "inconclusive"


def test_a_range_may_be_open_and_its_ends_count():
    def verdict(one, value):
        return judge(one, np.full(SETS, value), error=0.0, laboratory=0.0).verdict

    between = finding("B1.onset_day_other_laboratory")
    assert [verdict(between, day) for day in (7.99, 8, 9, 10, 10.01)] == [
        "disagrees",
        "agrees",
        "agrees",
        "agrees",
        "disagrees",
    ]
    at_least = made(measure="range", low=18.0, unit="day")
    assert [verdict(at_least, day) for day in (17.9, 18, 300)] == ["disagrees", "agrees", "agrees"]
    at_most = made(measure="range", high=18.0, unit="day")
    assert [verdict(at_most, day) for day in (18.1, 18, 0)] == ["disagrees", "agrees", "agrees"]


# Findings in words


EDGES = [
    ("none", 0.1, 0.1001),
    ("none", -0.1, -0.1001),
    ("lower", 0.3, 0.2999),
    ("suppressed", 0.3, 0.2999),
    ("almost complete", 0.8, 0.7999),
    ("abolished", 0.8, 0.7999),
    ("no signs", 0.1, 0.1001),
    ("resistant", 0.1, 0.1001),
]


@pytest.mark.parametrize(("text", "within", "beyond"), EDGES)
def test_every_word_at_the_edge_of_its_threshold(text, within, beyond):
    one = words(text)
    assert judge(one, np.full(SETS, within)).verdict == "agrees"
    assert judge(one, np.full(SETS, beyond)).verdict == "disagrees"
    for number, expected in ((180, "agrees"), (179, "inconclusive"), (21, "inconclusive"), (20, "disagrees")):
        found = judge(one, np.r_[np.full(number, within), np.full(SETS - number, beyond)])
        assert (found.verdict, found.share) == (expected, number / SETS)
        assert f"{100 * number / SETS:.0f} % of the parameter sets" in found.reason
        assert f"at {'least' if within >= 0.3 else 'most'} {abs(within):g}" in found.reason


def test_a_word_that_stands_in_no_table_of_thresholds_is_not_judged():
    assert {text for text in VOCABULARY["words"] if text} == set(thresholds().words)
    unknown = judge(words("", direction=""), np.full(SETS, 0.5))
    assert (unknown.verdict, unknown.share) == ("not comparable", None)


def test_the_threshold_and_the_rule_are_printed_with_the_verdict():
    reason = judge(finding("A4"), np.linspace(0.0, 1.0, SETS)).reason
    assert reason == (
        "70 % of the parameter sets have an effect of at least 0.3, which is taken for "
        '"suppressed" (assumed); '
        "agrees from 90 %, disagrees up to 10 %."
    )


# What is not judged


def test_one_rat_has_no_interval_and_few_sets_are_too_few():
    typical = judge(finding("A4"), np.array([0.9]))
    assert (typical.verdict, typical.predicted, typical.low) == ("not comparable", 0.9, None)
    assert "typical rat only" in typical.reason
    least = thresholds().least_sets
    assert judge(finding("A4"), np.full(least, 0.9)).verdict == "agrees"
    assert "too few" in judge(finding("A4"), np.full(least - 1, 0.9)).reason
    assert "too few" in judge(finding("A4"), np.full(2_000, 0.9), sets=least - 1).reason
    assert judge(finding("A4"), np.full(2_000, 0.9), sets=1).verdict == "not comparable"
    assert "too few rats for each of 64" in judge(finding("A4"), np.array([0.9]), sets=64).reason


def test_what_does_not_match_is_said_and_still_shown():
    found = judge(finding("A1"), np.full(SETS, 0.7), mismatch="another strain (da)")
    assert (found.verdict, found.reason) == ("not comparable", "another strain (da).")
    assert (found.predicted, found.share) == (0.7, None)


def test_sets_without_a_value_are_left_out_and_counted():
    draws = np.r_[np.full(150, 0.9), np.full(50, np.nan)]
    found = judge(finding("A4"), draws)
    assert (found.verdict, found.share) == ("agrees", 1.0)
    assert "50 of 200 have no value" in found.reason
    assert judge(finding("A4"), np.full(SETS, np.nan)).reason == "the model has no value here."


def test_the_order_of_the_sets_changes_nothing():
    random = np.random.default_rng(5)
    draws = random.uniform(-0.2, 1.0, 77)
    for one in (finding("A1"), finding("A4"), finding("A5")):
        assert judge(one, draws).verdict == judge(one, random.permutation(draws)).verdict


def test_every_finding_gets_a_word_of_the_one_vocabulary():
    for one in load_findings():
        assert judge(one, np.linspace(0.0, 1.0, SETS)).verdict in VERDICTS
        assert judged_by(one) in ("effect", "value")


# Several readings


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        (["agrees"] * 4, "agrees"),
        (["agrees", "agrees", "inconclusive", "agrees"], "inconclusive"),
        (["agrees", "disagrees", "inconclusive"], "disagrees"),
        (["not comparable", "agrees"], "agrees"),
        (["not comparable"] * 2, "not comparable"),
        ([], "not comparable"),
    ],
)
def test_a_finding_of_several_readings(readings, expected):
    assert combined(readings) == combined(readings[::-1]) == expected
