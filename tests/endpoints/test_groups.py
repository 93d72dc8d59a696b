from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest

from eaesim.endpoints import Floats
from eaesim.endpoints.groups import group_band
from eaesim.endpoints.living import living
from eaesim.protocol import Arm
from eaesim.study import Result, Study

Members = npt.NDArray[np.int64]


@pytest.fixture(scope="module")
def rats() -> Result:
    return Study("da", until=40, arms=[Arm("vehicle")]).run(animals=320, members=16, seed=4)


def _courses(result: Result, number: int) -> tuple[Floats, Floats, Members]:
    score, death = result.simulation.score[0], result.simulation.death_day[0]
    return score[:number], death[:number], result.member[:number]


def _groups(score: Floats, death: Floats, member: Members, *, animals: int, number: int) -> Floats:
    """Draw groups, and return the mean score of the survivors of each by day."""
    random = np.random.default_rng(20_261)
    seen = np.where(np.arange(score.shape[1]) < death[:, None], score, np.nan)
    rows = [np.flatnonzero(member == each) for each in np.unique(member)]
    chosen = [random.choice(rows[random.integers(len(rows))], animals) for _ in range(number)]
    scores = seen[np.array(chosen)]
    count = (~np.isnan(scores)).sum(axis=1)
    return np.where(count > 0, np.nansum(scores, axis=1) / np.maximum(count, 1), np.nan)


def test_groups_drawn_afresh_lie_inside(rats: Result) -> None:
    courses = _courses(rats, rats.number)
    low, high = group_band(courses[0], courses[1], member=courses[2], animals=8)
    means = _groups(*courses, animals=8, number=20_000)
    known = ~np.isnan(means)
    inside = ((means > low - 1e-9) & (means < high + 1e-9)).sum(axis=0) / known.sum(axis=0)
    assert inside.min() >= 0.94
    ill = (rats.scores("vehicle") >= 1).mean(axis=0) >= 0.5
    assert ill.sum() >= 5
    assert inside[ill].mean() <= 0.97


@pytest.mark.parametrize("animals", [1, 2, 3])
def test_the_ends_are_the_exact_quantiles(animals: int) -> None:
    """Every group of a few rats is listed, once for each of two sets."""
    random = np.random.default_rng(3)
    score, member = random.integers(0, 5, (9, 6)).astype(float), np.arange(9) % 2
    death = np.where(np.arange(9) % 4 == 1, 3.0, np.inf)
    low, high = group_band(score, death, member=member, animals=animals)
    seen = np.where(np.arange(6) < death[:, None], score, np.nan)
    for day in range(6):
        value, chance = [], []
        for each in (0, 1):
            own = seen[member == each, day]
            for group in product(own, repeat=animals):
                alive = [one for one in group if not np.isnan(one)]
                if alive:
                    value.append(np.mean(alive))
                    chance.append(0.5 / len(own) ** animals)
        order = np.argsort(value)
        below = np.cumsum(np.array(chance)[order]) / np.sum(chance)
        for end, share in ((low[day], 0.025), (high[day], 0.975)):
            ranked = np.array(value)[order]
            assert below[ranked <= end + 1e-9].max() >= share - 1e-9
            assert below[ranked < end - 1e-9].max(initial=0.0) < share + 1e-9


def test_twice_the_rats_leave_the_width(rats: Result) -> None:
    """Unlike an interval of the mean, which would shrink to 0.71 of its width."""
    widths = []
    for number in (160, 320):
        courses = _courses(rats, number)
        low, high = group_band(courses[0], courses[1], member=courses[2], animals=8)
        widths.append(np.nanmean((high - low)[9:30]))
    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_larger_groups_have_narrower_bands(rats: Result) -> None:
    courses = _courses(rats, rats.number)
    bands = [group_band(courses[0], courses[1], member=courses[2], animals=n) for n in (4, 8, 20)]
    widths = [np.nansum(high - low) for low, high in bands]
    assert widths == sorted(widths, reverse=True)


def test_the_dead_are_not_in_the_band() -> None:
    score, death = np.full((20, 12), 2.0), np.repeat([10.0, np.inf], 10)
    low, high = group_band(score, death, member=np.zeros(20, dtype=np.int64), animals=8)
    assert low.tolist() == high.tolist() == [2.0] * 12
    course = living(score, death)
    assert course.mean.tolist() == [2.0] * 12
    assert course.alive[[9, 10]].tolist() == [1.0, 0.5]


def test_where_all_are_dead_or_failed_there_is_no_band() -> None:
    score, death = np.zeros((2, 3)), np.array([1.0, np.nan])
    low, high = group_band(score, death, member=np.zeros(2, dtype=np.int64), animals=8)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [False, True, True]


def test_a_million_rats_are_counted_in_little_memory() -> None:
    """The largest array beside the rats' own is one day of them."""
    import tracemalloc

    score = np.tile(np.array([[0.0, 1, 3, 2]]), (1_000_000, 1))
    death, member = np.full(1_000_000, np.inf), np.arange(1_000_000) % 64
    tracemalloc.start()
    group_band(score, death, member=member, animals=8)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * score.nbytes
