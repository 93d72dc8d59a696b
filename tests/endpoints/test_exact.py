"""Exact tests against every permutation by SciPy, and one study against the same study among thousands."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy import stats

from eaesim.endpoints.permutations import division_p_value, is_counted
from eaesim.endpoints.ranks import rank_test
from eaesim.endpoints.shares import share_test
from eaesim.endpoints.tests import fisher, log_rank, mann_whitney
from eaesim.endpoints.times import time_test

# Random tables of each test, and data sets in two ways (the issue asks for 2,000).
TABLES, SETS = 40, int(os.environ.get("EAESIM_TEST_N", "500"))


def rng(*key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(160, spawn_key=key))


def sizes(random: np.random.Generator) -> tuple[int, int]:
    one = int(random.integers(2, 9))
    return one, int(random.integers(2, 14 - one))


def permuted(values: tuple[np.ndarray, np.ndarray], statistic) -> float:
    """Return the share of all divisions with a statistic at least as large, by SciPy."""
    found = stats.permutation_test(
        values, statistic, vectorized=True, n_resamples=np.inf, alternative="greater", batch=20_000
    )
    return float(found.pvalue)


@pytest.mark.parametrize("table", range(TABLES))
def test_ranks_with_ties_are_every_permutation(table: int) -> None:
    random = rng(1, table)
    grades, half = int(random.integers(2, 12)), random.choice([0.5, 1.0])
    one, two = (half * random.integers(0, grades, size) for size in sizes(random))
    found = mann_whitney(one, two)

    def away(one, two, axis=-1):
        # Each pair by itself: U by its definition, twice so that it is whole.
        left, right = np.moveaxis(one, axis, -1)[..., :, None], np.moveaxis(two, axis, -1)[..., None, :]
        twice = (2 * (left > right) + (left == right)).sum(axis=(-1, -2))
        return np.abs(twice - left.shape[-2] * right.shape[-1])

    assert found.p_value == pytest.approx(permuted((one, two), away), abs=1e-12)
    assert found.statistic == sum((a > b) + 0.5 * (a == b) for a in one for b in two)


@pytest.mark.parametrize("table", range(TABLES))
def test_shares_are_every_permutation(table: int) -> None:
    random = rng(2, table)
    chances = random.random(2)
    one, two = (
        (random.random(size) < chance).astype(float)
        for size, chance in zip(sizes(random), chances, strict=True)
    )
    total, seen = len(one) + len(two), int(one.sum() + two.sum())

    def rare(one, two, axis=-1):
        # In so many ways: the fewer, the larger.
        return -stats.hypergeom.pmf(one.sum(axis=axis), total, seen, one.shape[axis]).round(12)

    assert fisher(one, two).p_value == pytest.approx(permuted((one, two), rare), abs=1e-12)


@pytest.mark.parametrize("table", range(TABLES))
def test_censored_times_are_every_permutation(table: int) -> None:
    random = rng(3, table)
    first, second = sizes(random)
    time = random.integers(8, int(random.integers(10, 22)), first + second).astype(float)
    event = random.random(first + second) < random.choice([0.3, 0.7, 1.0])
    if random.random() < 0.3:  # all censored on the last day
        time = np.where(event, time, 25.0)

    def away(one, two, axis=-1):
        """Events less expected events of the first group, day by day, for animals with their events."""
        own = np.moveaxis(one, axis, -1)
        apart = np.zeros(own.shape[:-1])
        for day in np.unique(time[event]):
            at_risk, ill = time >= day, (time == day) & event
            apart = apart + ill[own].sum(axis=-1) - ill.sum() * at_risk[own].sum(axis=-1) / at_risk.sum()
        return np.abs(apart).round(9)

    animals = np.arange(first + second)
    found = log_rank((time[:first], event[:first]), (time[first:], event[first:]))
    assert found.p_value == pytest.approx(permuted((animals[:first], animals[first:]), away), abs=1e-12)
    groups = [
        stats.CensoredData.right_censored(time[part], ~event[part])
        for part in (slice(first), slice(first, None))
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = stats.logrank(*groups).statistic
    assert found.statistic == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("shape", [(3, 20), (4, 26), (2, 58)])
def test_many_animals_are_divided_in_every_way_too(shape: tuple[int, int]) -> None:
    """More than 20 animals in unequal groups, where an animal's part of a log-rank sum is rounded."""
    first, second = shape
    assert is_counted(first, second)
    random = rng(4, *shape)
    time = random.integers(8, 20, first + second).astype(float)
    event = random.random(first + second) < 0.6
    hazard = np.array(
        [
            sum(
                (event & (time == day)).sum() / (time >= day).sum()
                for day in np.unique(time[event])
                if day <= own
            )
            for own in time
        ]
    )
    score = event - hazard
    ways = stats.permutation_test(
        (score[:first], score[first:]),
        lambda one, two, axis: np.abs(one.sum(axis=axis)).round(9),
        vectorized=True,
        n_resamples=np.inf,
        alternative="greater",
        batch=5_000,
    )
    found = log_rank((time[:first], event[:first]), (time[first:], event[first:]))
    assert found.note == "exact"
    assert found.p_value == pytest.approx(ways.pvalue, abs=1e-12)


def test_dividing_does_not_depend_on_what_else_is_divided() -> None:
    random = rng(5)
    scores = random.integers(-50, 50, (700, 9))
    scores[:, -1] -= scores.sum(axis=1)
    whole = division_p_value(scores, 4)
    alone = np.array([division_p_value(scores[row : row + 1], 4)[0] for row in range(0, 700, 50)])
    assert (whole[::50] == alone).all()
    # Changing sign, and changing places, changes nothing.
    assert (division_p_value(-scores, 4) == whole).all()
    assert (division_p_value(scores[:, ::-1], 5) == whole).all()


def data_sets() -> tuple[list[np.ndarray], list[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return small data sets as rows with NaN where there is no animal."""
    random = rng(6)
    groups, events = [], []
    # One kind of reading a study: grades, sums of grades, days; of 1 to 14 animals.
    kinds = random.integers(0, 3, (SETS, 1))
    shift = random.choice([0, 0, 2, 5], (SETS, 1))
    for place in range(2):
        number = random.integers(1, 15, (SETS, 1))
        grades, sums = random.integers(0, 6, (SETS, 14)), random.integers(0, 60, (SETS, 14))
        days = random.normal(12, 3, (SETS, 14)).round()
        values = np.choose(kinds, [grades, sums, days]) + place * shift
        groups.append(np.where(np.arange(14) < number, values, np.nan).astype(float))
        events.append(random.random((SETS, 14)) < random.choice([0.2, 0.7, 1.0], (SETS, 1)))
    shares = tuple(
        np.where(np.isnan(group), np.nan, seen) for group, seen in zip(groups, events, strict=True)
    )
    return groups, events, (shares[0], shares[1])


def test_the_planned_test_is_the_test_that_is_run() -> None:
    """Small data sets: all at once, as `power` does, and one by one with `scores`' functions."""
    groups, events, shares = data_sets()
    _, ranked, _ = rank_test(*groups)
    _, counted = share_test(*shares)
    _, timed, _ = time_test(*zip(groups, events, strict=True))
    for row in range(SETS):
        one, two = (group[row] for group in groups)
        seen, seen_too = (event[row] for event in events)
        assert mann_whitney(one, two).p_value == pytest.approx(ranked[row], abs=1e-12)
        assert fisher(shares[0][row], shares[1][row]).p_value == pytest.approx(counted[row], abs=1e-12)
        assert log_rank((one, seen), (two, seen_too)).p_value == pytest.approx(timed[row], abs=1e-12)
