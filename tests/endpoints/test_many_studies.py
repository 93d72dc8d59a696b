"""The tests of many studies at once: against SciPy, closed forms, and their rates where nothing differs."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from eaesim.endpoints import ranks, shares, student, times

STUDIES = 4_000
# Three standard errors of a share of so many studies.
WITHIN = 3 * math.sqrt(0.25 / STUDIES)


def rank_test(treated, control):
    """Return the p values alone."""
    return ranks.rank_test(treated, control)[1]


def share_test(treated, control):
    return shares.share_test(np.asarray(treated, dtype=float), np.asarray(control, dtype=float))[1]


def time_test(treated, control):
    return times.time_test(treated, control)[1]


def rng(*key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(11, spawn_key=key))


@pytest.mark.parametrize("sizes", [(2, 3), (5, 5), (8, 20), (10, 10), (49, 30)])
def test_ranks_without_ties_are_scipys_exact_ones(sizes: tuple[int, int]) -> None:
    one, two = (rng(*sizes).normal(place, 1.0, (30, size)) for place, size in enumerate(sizes))
    expected = [stats.mannwhitneyu(a, b, method="exact").pvalue for a, b in zip(one, two, strict=True)]
    assert rank_test(one, two) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("sizes", [(8, 20), (11, 11), (30, 25), (60, 1)])
def test_ranks_with_many_ties_are_scipys_approximation(sizes: tuple[int, int]) -> None:
    one, two = (rng(*sizes).normal(place, 1.0, (30, size)).round() for place, size in enumerate(sizes))
    expected = [stats.mannwhitneyu(a, b, method="asymptotic").pvalue for a, b in zip(one, two, strict=True)]
    assert rank_test(one, two) == pytest.approx(expected, abs=1e-12)


def test_an_animal_left_out_is_not_there() -> None:
    draw = rng(1)
    one, two = draw.normal(size=(20, 6)), draw.normal(size=(20, 12)).round()
    gap = np.full((20, 1), np.nan)
    padded = np.hstack([gap, one, gap]), np.hstack([two[:, :3], gap, two[:, 3:]])
    assert (rank_test(*padded) == rank_test(one, two)).all()
    share = (draw.random((20, 6)) < 0.5).astype(float), (draw.random((20, 12)) < 0.5).astype(float)
    assert (share_test(np.hstack([gap, share[0]]), share[1]) == share_test(*share)).all()
    early, late = draw.integers(5, 9, (20, 6)).astype(float), draw.integers(6, 11, (20, 12)).astype(float)
    holed, seen = np.hstack([early, gap]), np.ones((20, 7), dtype=bool)
    whole = time_test((early, early < 8), (late, late < 11))
    seen[:, :6] = early < 8
    assert time_test((holed, seen), (late, late < 11)) == pytest.approx(whole, abs=1e-12)
    few = time_test((early[:, :4], early[:, :4] < 8), (late[:, :4], late[:, :4] < 11))
    holed, seen = np.hstack([gap, early[:, :4], gap]), np.ones((20, 6), dtype=bool)
    seen[:, 1:5] = early[:, :4] < 8
    assert time_test((holed, seen), (late[:, :4], late[:, :4] < 11)) == pytest.approx(few, abs=1e-12)
    nobody = np.full((2, 3), np.nan)
    assert np.isnan(rank_test(nobody, np.ones((2, 3)))).all()
    assert np.isnan(share_test(nobody, np.ones((2, 3)))).all()
    assert np.isnan(time_test((nobody, nobody > 0), (nobody, nobody > 0))).all()


@pytest.mark.parametrize("sizes", [(2, 3), (17, 15), (75, 73)])
def test_chi_square_is_scipys(sizes: tuple[int, int]) -> None:
    one, two = ((rng(9, size).random((40, size)) < 0.4).astype(float) for size in sizes)
    found = shares.chi_square_test(one, two)
    for trial in range(40):
        table = [[group[trial].sum(), (1 - group[trial]).sum()] for group in (one, two)]
        alike = not np.array(table).sum(axis=0).all()
        expected = 1.0 if alike else stats.chi2_contingency(table, correction=False).pvalue
        assert found[trial] == pytest.approx(expected, abs=1e-12)
    gap = np.full((40, 2), np.nan)
    assert shares.chi_square_test(np.hstack([one, gap]), two) == pytest.approx(found, abs=1e-12)
    assert np.isnan(shares.chi_square_test(gap, two)).all()


@pytest.mark.parametrize("sizes", [(2, 3), (17, 15), (75, 73)])
def test_t_tests_are_scipys(sizes: tuple[int, int]) -> None:
    one, two = (rng(10, size).normal(place, 1 + place, (40, size)) for place, size in enumerate(sizes))
    apart, p_value = student.welch_test(one, two)
    expected = stats.ttest_ind(one, two, axis=1, equal_var=False)
    assert apart == pytest.approx(one.mean(axis=1) - two.mean(axis=1))
    assert p_value == pytest.approx(expected.pvalue, abs=1e-12)
    gap = np.full((40, 2), np.nan)
    assert student.welch_test(np.hstack([gap, one]), two)[1] == pytest.approx(p_value)


def test_means_that_do_not_vary_and_groups_of_one() -> None:
    ones, none = np.full((1, 4), 0.1), np.full((1, 3), np.nan)
    assert student.welch_test(ones, ones[:, :3])[1].tolist() == [1.0]
    assert np.isnan(student.welch_test(ones, ones + 1)[1])
    assert np.isnan(student.welch_test(np.array([[1.0]]), np.array([[2.0, 3]]))[1])
    assert np.isnan(student.welch_test(none, ones)[1])


@pytest.mark.parametrize("sizes", [(1, 1), (4, 7), (10, 10), (25, 20)])
def test_every_outcome_of_fisher_is_scipys(sizes: tuple[int, int]) -> None:
    for one, two in product(range(sizes[0] + 1), range(sizes[1] + 1)):
        table = [[one, sizes[0] - one], [two, sizes[1] - two]]
        groups = [np.repeat([[1.0, 0.0]], row, axis=1) for row in table]
        expected = stats.fisher_exact(table)
        ratio, p_value = shares.share_test(*groups)
        assert p_value[0] == pytest.approx(expected.pvalue, abs=1e-12)
        assert ratio[0] == pytest.approx(expected.statistic, nan_ok=True)


@pytest.mark.parametrize("sizes", [(11, 11), (8, 20), (30, 25)])
def test_times_are_scipys(sizes: tuple[int, int]) -> None:
    draw = rng(2, *sizes)
    groups = []
    for place, size in enumerate(sizes):
        time = draw.integers(5, 18 + 4 * place, (50, size)).astype(float)
        groups.append((time, draw.random(time.shape) < 0.7))
    expected = [
        stats.logrank(*(stats.CensoredData.right_censored(time[row], ~seen[row]) for time, seen in groups))
        for row in range(50)
    ]
    statistic, p_value, _ = times.time_test(*groups)
    assert p_value == pytest.approx([each.pvalue for each in expected], abs=1e-12)
    assert statistic == pytest.approx([each.statistic for each in expected], abs=1e-12)


def test_few_times_are_parted_in_every_way() -> None:
    draw = rng(3)
    time = draw.integers(5, 12, (30, 8)).astype(float)
    seen = draw.random((30, 8)) < 0.7
    found = time_test((time[:, :4], seen[:, :4]), (time[:, 4:], seen[:, 4:]))

    def apart(row: int, order: np.ndarray) -> float:
        total = 0.0
        own = np.isin(np.arange(8), order)
        for day in np.unique(time[row]):
            risk, event = time[row] >= day, (time[row] == day) & seen[row]
            total += (event & own).sum() - event.sum() * (risk & own).sum() / risk.sum()
        return abs(total)

    for row in range(30):
        orders = [order for order in product(range(8), repeat=4) if list(order) == sorted(set(order))]
        seen_so = apart(row, np.arange(4))
        share = np.mean([apart(row, np.array(order)) >= seen_so - 1e-9 for order in orders])
        assert found[row] == pytest.approx(share)


def test_groups_and_animals_may_change_places() -> None:
    draw = rng(4)
    one, two = draw.normal(size=(2, 50, 9)).round()
    order = draw.permutation(9)
    for test in (rank_test, lambda a, b: time_test((a, a < 1), (b, b < 1))):
        assert test(one, two) == pytest.approx(test(two, one), abs=1e-12)
        assert test(one, two) == pytest.approx(test(one[:, order], two), abs=1e-12)
    assert (rank_test(one, two) == rank_test(np.exp(one), np.exp(two))).all()
    assert share_test(one > 0, two > 0) == pytest.approx(share_test(one <= 0, two <= 0), abs=1e-12)


@pytest.mark.parametrize(("animals", "apart"), [(10, 1.2), (20, 0.9), (40, 0.6)])
def test_power_of_normal_groups_is_the_closed_form(animals: int, apart: float) -> None:
    draw = rng(5, animals)
    one, two = draw.normal(apart, 1, (STUDIES, animals)), draw.normal(0, 1, (STUDIES, animals))
    found = float((rank_test(one, two) <= 0.05).mean())
    # Noether: the mean and the variance of U at p = P(X > Y), both exact for normal groups.
    above = stats.norm.cdf(apart / math.sqrt(2))
    both = float(stats.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]]).cdf([apart / math.sqrt(2)] * 2))
    pairs, shift = animals**2, 2 * (animals - 1)
    spread = math.sqrt(pairs * (above * (1 - above) + shift * (both - above**2)))
    cut = 0.5 + stats.norm.ppf(0.975) * math.sqrt(pairs * (2 * animals + 1) / 12)
    closed = stats.norm.sf((cut - pairs * (above - 0.5)) / spread)
    assert found == pytest.approx(closed, abs=WITHIN + 0.01)  # U itself is nearly normal
    # And the t test's noncentral t, at Mann-Whitney's efficiency of 3 / pi.
    size = animals * 3 / math.pi
    cut = stats.t.ppf(0.975, 2 * size - 2)
    ideal = stats.nct.sf(cut, 2 * size - 2, apart * math.sqrt(size / 2))
    assert found == pytest.approx(ideal, abs=WITHIN + 0.02)


@pytest.mark.parametrize("shares", [(0.3, 0.3), (0.9, 0.3), (0.6, 0.2)])
@pytest.mark.parametrize("animals", [5, 10, 20])
def test_power_and_size_of_fisher_are_exact(animals: int, shares: tuple[float, float]) -> None:
    draw = rng(6, animals)
    one, two = ((draw.random((STUDIES, animals)) < share).astype(float) for share in shares)
    counts = np.arange(animals + 1)
    probable = np.outer(*(stats.binom.pmf(counts, animals, share) for share in shares))
    p_value = [
        [stats.fisher_exact([[a, animals - a], [b, animals - b]]).pvalue for b in counts] for a in counts
    ]
    exact = float(probable[np.array(p_value) <= 0.05].sum())
    within = 3.5 * math.sqrt(max(exact * (1 - exact), 1e-4) / STUDIES)
    assert float((share_test(one, two) <= 0.05).mean()) == pytest.approx(exact, abs=within)


@pytest.mark.parametrize("animals", [pytest.param(10, marks=pytest.mark.slow), 20, 40])
def test_where_nothing_differs_5_in_100_are_found(animals: int) -> None:
    draw = rng(7, animals)
    one, two = draw.gamma(1.5, 8, (2, 2 * STUDIES, animals))
    assert 0.03 <= (rank_test(one, two) <= 0.05).mean() <= 0.07
    days = np.minimum(draw.normal(11, 3, (2, 2 * STUDIES, animals)).round(), 16)
    found = time_test((days[0], days[0] < 16), (days[1], days[1] < 16)) <= 0.05
    assert 0.03 <= found.mean() <= 0.07


@pytest.mark.slow
@pytest.mark.parametrize("animals", [2, 3, 4, 5, 6, 8])
def test_never_more_than_7_in_100_however_few_and_tied(animals: int) -> None:
    draw = rng(8, animals)
    for weights in ([0.1, 0.1, 0.3, 0.3, 0.2], [0.5, 0.5], [0.8, 0.2], [0.05, 0.95]):
        one, two = draw.choice(len(weights), p=weights, size=(2, STUDIES, animals)).astype(float)
        assert (rank_test(one, two) <= 0.05).mean() <= 0.07
        assert (share_test(one > 0, two > 0) <= 0.05).mean() <= 0.05 + 0.01
    for spread, ill in ((1.3, 0.95), (3.0, 0.7), (8.0, 1.0)):
        days = (10 + spread * draw.normal(size=(2, 2 * STUDIES, animals))).round()
        seen = draw.random(days.shape) < ill
        days = np.where(seen, days, 30.0)
        assert (time_test((days[0], seen[0]), (days[1], seen[1])) <= 0.05).mean() <= 0.07
