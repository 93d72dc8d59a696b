from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest

from eaesim.endpoints import Floats
from eaesim.endpoints.daycounts import DayCounts
from eaesim.endpoints.groups import HIGH, LOW, counted_band
from eaesim.endpoints.living import living
from eaesim.protocol import Arm
from eaesim.study import Result, Study

Members = npt.NDArray[np.int64]


def simulated(rat: str, *, animals: int, seed: int, members: int = 64) -> Result:
    return Study(rat, until=30, arms=[Arm("vehicle")]).run(
        animals=animals, members=members, seed=seed, record=()
    )


@pytest.fixture(scope="module")
def rats() -> Result:
    return simulated("da", animals=800, seed=4)


@pytest.fixture(scope="module", params=["lewis", "da"])
def fresh(request: pytest.FixtureRequest) -> tuple[str, Result]:
    """Return many other rats of the same parameter sets."""
    return request.param, simulated(request.param, animals=6_400, seed=99)


def _courses(result: Result, number: int) -> tuple[Floats, Floats, Members]:
    score, death = result.simulation.score[0], result.simulation.death_day[0]
    return score[:number], death[:number], result.member[:number]


def _range(score: Floats, death: Floats, member: Members, *, animals: int = 8) -> tuple[Floats, Floats]:
    counts = DayCounts.of(score, death, member=member, sets=int(member.max()) + 1)
    return counted_band(counts, animals=animals)


def _band(result: Result, number: int, *, animals: int = 8) -> Floats:
    return np.array(_range(*_courses(result, number), animals=animals))


def _groups(score: Floats, death: Floats, member: Members, *, animals: int, number: int) -> Floats:
    """Draw groups, and return the mean score of the survivors of each by day."""
    random = np.random.default_rng(20_261)
    seen = np.where(np.arange(score.shape[1]) < death[:, None], score, np.nan)
    rows = [np.flatnonzero(member == each) for each in np.unique(member)]
    chosen = [random.choice(rows[random.integers(len(rows))], animals) for _ in range(number)]
    scores = seen[np.array(chosen)]
    count = (~np.isnan(scores)).sum(axis=1)
    return np.where(count > 0, np.nansum(scores, axis=1) / np.maximum(count, 1), np.nan)


@pytest.mark.slow
@pytest.mark.parametrize("number", [400, 800])
def test_groups_of_fresh_rats_lie_inside(fresh: tuple[str, Result], number: int) -> None:
    """On average over bands, each from rats of its own: one of 400 rats has an error of two points a day."""
    rat, others = fresh
    means = _groups(*_courses(others, others.number), animals=8, number=20_000)
    known = (~np.isnan(means)).sum(axis=0)
    inside = []
    for seed in range(1, 13):
        low, high = _band(simulated(rat, animals=number, seed=seed), number)
        inside.append(((means > low - 1e-9) & (means < high + 1e-9)).sum(axis=0) / known)
    ill = (others.scores("vehicle") >= 1).mean(axis=0) >= 0.5
    assert ill.sum() >= 3
    assert np.mean(inside, axis=0).min() >= 0.94
    assert np.mean(inside, axis=0)[ill].mean() <= 0.97


@pytest.mark.parametrize("animals", [1, 2, 3])
def test_the_ends_are_the_exact_quantiles(animals: int) -> None:
    """Every group of a few rats is listed, once for each of two sets; many alike leave no chance."""
    random = np.random.default_rng(3)
    score, member = random.integers(0, 5, (9, 6)).astype(float), np.arange(9) % 2
    death = np.where(np.arange(9) % 4 == 1, 3.0, np.inf)
    alike = [np.tile(each.T, 100_000).T for each in (score, death, member)]
    low, high = _range(*alike, animals=animals)
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
        for end, share in ((low[day], LOW), (high[day], HIGH)):
            ranked = np.array(value)[order]
            assert below[ranked <= end + 1e-9].max() >= share - 1e-9
            assert below[ranked < end - 1e-9].max(initial=0.0) < share + 1e-9


def test_twice_the_rats_leave_the_width() -> None:
    """Within two simulation errors; with sets as they are, 400 rats would make it 8 % wider."""
    widths = []
    for seed in range(1, 13):
        result = simulated("da", animals=800, seed=seed)
        widths.append([np.diff(_band(result, number), axis=0)[0, 8:].mean() for number in (400, 800)])
    change = np.diff(np.log(widths), axis=1)
    assert abs(change.mean()) < 2 * change.std() / np.sqrt(len(widths)) + 0.005


def test_larger_groups_have_narrower_bands(rats: Result) -> None:
    widths = [np.nansum(np.diff(_band(rats, rats.number, animals=n), axis=0)) for n in (4, 8, 20)]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("members", [1, 5, 50])
def test_sets_that_differ_by_chance_alone_are_one(members: int) -> None:
    """Rats of one kind that were dealt to sets have nearly the band of all of them."""
    score = np.random.default_rng(2).integers(0, 5, (400, 40)).astype(float)
    ends = [np.array(_range(score, np.full(400, np.inf), np.arange(400) % sets)) for sets in (1, members)]
    assert abs(np.diff(ends[1], axis=0).mean() / np.diff(ends[0], axis=0).mean() - 1) < 0.03


def test_the_dead_are_not_in_the_band() -> None:
    score, death = np.full((20, 12), 2.0), np.repeat([10.0, np.inf], 10)
    low, high = _range(score, death, np.zeros(20, dtype=np.int64))
    assert low.tolist() == high.tolist() == [2.0] * 12
    course = living(score, death)
    assert course.mean.tolist() == [2.0] * 12
    assert course.alive[[9, 10]].tolist() == [1.0, 0.5]


def test_where_all_are_dead_or_failed_there_is_no_band() -> None:
    score, death = np.zeros((2, 3)), np.array([1.0, np.nan])
    low, high = _range(score, death, np.zeros(2, dtype=np.int64))
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [False, True, True]


def test_a_million_rats_are_counted_in_little_memory() -> None:
    """The largest array beside the rats' own is one day of them."""
    import tracemalloc

    score = np.tile(np.array([[0.0, 1, 3, 2]]), (1_000_000, 1))
    death, member = np.full(1_000_000, np.inf), np.arange(1_000_000) % 64
    tracemalloc.start()
    _range(score, death, member)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * score.nbytes
