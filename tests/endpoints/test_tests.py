"""Tests of two groups against closed forms, counting by hand, and a data set from textbooks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from eaesim.endpoints.tests import fisher, group_difference, log_rank, mann_whitney
from eaesim.endpoints.times import event_free

# Freireich 1963: weeks in remission of leukaemia, 6-mercaptopurine against placebo.
TREATED = np.array(
    [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], dtype=float
)
SEEN = np.arange(21) < 9
PLACEBO = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], dtype=float)
ALL = np.ones(21, dtype=bool)


def by_scipy(one: np.ndarray, two: np.ndarray) -> float:
    """Return the exact p value of the rank sum as SciPy finds it by permuting."""
    ranks = stats.rankdata(np.concatenate([one, two]))
    middle = len(one) * (len(ranks) + 1) / 2
    found = stats.permutation_test(
        (ranks[: len(one)], ranks[len(one) :]), lambda a, _: abs(a.sum() - middle), alternative="greater"
    )
    return float(found.pvalue)


def test_mann_whitney_of_separate_groups() -> None:
    # Of 20 ways to choose 3 of 6, two are as extreme; of 252 to choose 5 of 10, again two.
    assert mann_whitney(np.array([1.0, 2, 3]), np.array([4.0, 5, 6])).p_value == pytest.approx(2 / 20)
    assert mann_whitney(np.arange(5.0), np.arange(5.0, 10)).p_value == pytest.approx(2 / 252)


def test_mann_whitney_counts_ties_half() -> None:
    found = mann_whitney(np.array([0.0, 0, 1]), np.array([1.0, 2, 2]))
    # Nothing above, one tie; 0 0 1 in one group and 2 2 1 in it: 4 of 20 partings.
    assert (found.statistic, found.p_value) == (0.5, pytest.approx(4 / 20))


@pytest.mark.parametrize("seed", range(6))
def test_mann_whitney_with_ties_is_what_permuting_gives(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, two = random.integers(0, 4, 4).astype(float), random.integers(1, 6, 6).astype(float)
    found = mann_whitney(one, two)
    assert found.p_value == pytest.approx(by_scipy(one, two))
    assert found.note == "exact"
    assert found.statistic == sum((a > b) + 0.5 * (a == b) for a in one for b in two)
    assert mann_whitney(two, one).p_value == pytest.approx(found.p_value)


def test_a_group_of_one_can_be_tested() -> None:
    # The lowest of four: 2 of 4 ways are as far from the middle, and 1 where the other three are tied.
    assert mann_whitney(np.array([0.0]), np.array([1.0, 2, 3])).p_value == pytest.approx(0.5)
    assert mann_whitney(np.array([0.0]), np.array([1.0, 1, 1])).p_value == pytest.approx(1 / 4)


def test_large_groups_are_taken_for_normal() -> None:
    one, two = np.tile([0.0, 1, 2], 10), np.tile([1.0, 2, 3], 10)
    found = mann_whitney(one, two)
    assert found.note == "normal approximation"
    expected = stats.mannwhitneyu(one, two, method="asymptotic").pvalue
    assert found.p_value == pytest.approx(expected, rel=1e-12)


def test_groups_that_are_all_the_same_do_not_differ() -> None:
    assert mann_whitney(np.zeros(3), np.zeros(4)).p_value == 1
    assert fisher(np.zeros(3), np.zeros(4)).p_value == 1
    assert fisher(np.ones(3), np.ones(4)).p_value == 1


def test_fisher_by_hand() -> None:
    # The lady tasting tea: 3 of 4 right. (1 + 16 + 16 + 1) / 70 at least as extreme.
    found = fisher(np.array([1.0, 1, 1, 0]), np.array([1.0, 0, 0, 0]))
    assert found.p_value == pytest.approx(34 / 70)
    assert found.statistic == pytest.approx(9)
    # All against none: 2 of 70.
    assert fisher(np.ones(4), np.zeros(4)).p_value == pytest.approx(2 / 70)


def test_animals_without_a_value_are_left_out() -> None:
    value, nan = np.array([1.0, 2, 3]), np.nan
    found = mann_whitney(np.append(value, nan), np.append(value + 3, [nan, nan]))
    assert (found.p_value, found.animals, found.control_animals) == (pytest.approx(0.1), 3, 3)
    lost = np.array([nan])
    for test in (mann_whitney(lost, value), fisher(lost, value), mann_whitney(value, lost)):
        assert np.isnan(test.p_value)
        assert test.note == "a group has no value"


def test_log_rank_of_the_leukaemia_trial() -> None:
    found = log_rank((TREATED, SEEN), (PLACEBO, ALL))
    assert found.statistic**2 == pytest.approx(16.79, abs=0.005)
    assert found.p_value == pytest.approx(4.17e-5, rel=0.01)
    assert log_rank((PLACEBO, ALL), (TREATED, SEEN)).p_value == pytest.approx(found.p_value)


def test_log_rank_has_nothing_to_say_without_events_or_animals() -> None:
    days = np.array([5.0, 5.0])
    nobody = log_rank((days, days < 0), (days, days < 0))
    assert (nobody.note, nobody.p_value) == ("no animal of either group had signs", 1.0)
    same = log_rank((days, days > 0), (days, days > 0))
    assert (same.note, same.p_value) == ("all times are the same", 1.0)
    gone = log_rank((days - 1, days < 0), (np.array([5.0, 6.0]), days > 0))
    assert (gone.note, gone.p_value) == ("when there were signs, only one group was still watched", 1.0)
    assert log_rank((days * np.nan, days > 0), (days, days > 0)).note == "a group has no time"


def test_log_rank_with_a_group_that_never_falls_ill() -> None:
    healthy, ill = np.full(6, 20.0), np.full(6, 11.0) + np.arange(6) % 3
    assert log_rank((healthy, healthy < 0), (ill, ill > 0)).p_value < 0.01


def test_kaplan_and_meier_of_the_leukaemia_trial() -> None:
    weeks, share = event_free(TREATED, SEEN)
    at = {week: share.value[np.flatnonzero(weeks == week)[0]] for week in (6, 7, 10, 13, 16, 22, 23)}
    expected = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert at == pytest.approx(expected, abs=6e-4)
    # On the scale of log(-log), as R's survfit gives it with that type.
    first = np.flatnonzero(weeks == 6)[0]
    assert (share.low[first], share.high[first]) == pytest.approx((0.620, 0.952), abs=2e-3)


def test_without_censoring_it_is_one_less_the_distribution() -> None:
    weeks, share = event_free(PLACEBO, ALL)
    assert share.value == pytest.approx([np.mean(week < PLACEBO) for week in weeks])
    assert np.isnan(share.low[-1])
    assert np.isnan(share.high[-1])


def test_no_times_give_no_curve() -> None:
    days, share = event_free(np.array([np.nan]), np.array([False]))
    assert len(days) == len(share.value) == 0


def test_a_group_of_one_has_no_interval() -> None:
    found = group_difference(np.array([1.0, np.nan]), np.array([2.0, 4.0]), seed=1)
    assert found.value == -2
    assert np.isnan(found.low)
    assert np.isnan(found.high)


def test_the_interval_of_a_difference_is_about_that_of_welch() -> None:
    random = np.random.default_rng(2)
    one, two = random.normal(3, 1, 60), random.normal(1, 2, 80)
    found = group_difference(one, two, seed=1)
    welch = stats.ttest_ind(one, two, equal_var=False).confidence_interval()
    assert found.value == pytest.approx(one.mean() - two.mean())
    assert (found.low, found.high) == pytest.approx((welch.low, welch.high), abs=0.12)
    swapped = group_difference(two, one, seed=1)
    assert swapped.value == pytest.approx(-found.value)
