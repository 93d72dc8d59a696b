"""What is known of animals that were not all watched to the last day, on tables made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eaesim.endpoints import Courses, read_endpoints
from eaesim.endpoints.followup import LOST_RULES, SUMMED, settled_shares, watch
from eaesim.endpoints.times import event_free
from eaesim.errors import UnknownNameError

NAN, ALIVE = np.nan, np.inf
# High and lost; recovered and lost; lost before others fell ill; lost after; watched, ill; watched, well.
TABLE = np.array(
    [
        [0, 1, 4, NAN, NAN, NAN],
        [0, 2, 1, 0, NAN, NAN],
        [0, 0, NAN, NAN, NAN, NAN],
        [0, 0, 0, 0, 0, NAN],
        [0, 0, 0, 1, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ]
)


def watched(table=TABLE, *, death=None, **options):
    dead = np.full(len(table), ALIVE) if death is None else np.array(death, dtype=float)
    days = np.arange(table.shape[1])
    return watch(table, days, dead, until=table.shape[1] - 1, last_onset=3.0, **options)


def test_every_animal_is_of_one_kind():
    seen = watched()
    kinds = {
        name: np.flatnonzero(getattr(seen, name)).tolist()
        for name in ("is_high", "is_recovered", "is_censored", "is_well")
    }
    assert kinds == {"is_high": [0], "is_recovered": [1], "is_censored": [2], "is_well": [3]}
    assert seen.last.tolist() == [2, 3, 1, 4, 5, 5]
    assert seen.is_lost.tolist() == [True] * 4 + [False] * 2


def test_what_was_seen_counts_by_every_rule():
    for lost in (None, *LOST_RULES):
        found = watched(lost=lost).endpoints
        np.testing.assert_array_equal(found["incidence"], [1, 1, NAN, NAN, 1, 0])
        np.testing.assert_array_equal(found["onset_day"], [1, 1, NAN, NAN, 3, NAN])
        np.testing.assert_array_equal(found["mortality"], [NAN, NAN, NAN, NAN, 0, 0])
        censored = 0 if lost == "carry" else NAN
        np.testing.assert_array_equal(found["peak_score"], [4, 2, censored, 0, 1, 0])


@pytest.mark.parametrize(
    ("lost", "cumulative", "duration"),
    [
        (None, [NAN, 3, NAN, 0, 2, 0], [NAN, 2, NAN, 0, 2, 0]),
        ("carry", [17, 3, 0, 0, 2, 0], [5, 2, 0, 0, 2, 0]),
        ("score", [20, 13, 20, 5, 2, 0], [2, 2, 0, 0, 2, 0]),
        ("exclude", [NAN, NAN, NAN, NAN, 2, 0], [NAN, NAN, NAN, NAN, 2, 0]),
    ],
)
def test_sums_over_days_follow_the_rule_for_the_lost(lost, cumulative, duration):
    found = watched(lost=lost).endpoints
    np.testing.assert_array_equal(found["cumulative_score"], cumulative)
    np.testing.assert_allclose(found["mean_score"], np.array(cumulative) / 6)
    np.testing.assert_array_equal(found["duration"], duration)


def test_only_animals_lost_with_signs_and_without_a_rule_are_withheld():
    assert watched().is_withheld.tolist() == [True, *[False] * 5]
    for lost in LOST_RULES:
        assert not watched(lost=lost).is_withheld.any()


def test_the_dead_are_not_lost():
    table = np.array([[0, 2, NAN, NAN], [0, 1, 1, 1.0]])
    seen = watched(table, death=[2, ALIVE])
    assert not seen.is_lost.any()
    assert seen.endpoints["cumulative_score"].tolist() == [12, 3]
    assert seen.endpoints["mortality"].tolist() == [1, 0]
    assert watched(table, death=[2, ALIVE], dead="carry").endpoints["cumulative_score"].tolist() == [6, 3]


@given(st.integers(0, 2**32 - 1), st.sampled_from([None, *LOST_RULES]), st.sampled_from(["score", "carry"]))
def test_where_nobody_is_lost_no_rule_matters(seed, lost, dead):
    random = np.random.default_rng(seed)
    table = random.integers(0, 5, (6, 8)).astype(float)
    death = np.where(random.random(6) < 0.3, random.integers(1, 8, 6), ALIVE)
    seen = watch(table, np.arange(8), death, until=7, lost=lost, dead=dead)
    unseen = np.full((6, 1), NAN)
    courses = Courses(np.where(np.arange(8) < death[:, None], table, 0), death, unseen, unseen)
    held = watch(table, np.arange(8), death, until=7, dead=dead).score
    expected = read_endpoints(Courses(held, death, unseen, unseen), dead=dead)
    for name, values in seen.endpoints.items():
        np.testing.assert_array_equal(values, expected[name])
    assert np.array_equal(seen.endpoints["mortality"], np.isfinite(courses.death_day))


@given(st.integers(0, 2**32 - 1))
def test_a_late_reading_that_is_missing_changes_no_earlier_onset(seed):
    random = np.random.default_rng(seed)
    table = random.integers(0, 4, (8, 10)) / 2.0
    whole = watch(table, np.arange(10), np.full(8, ALIVE), until=9)
    cut = table.copy()
    place = int(random.integers(8))
    first = int(random.integers(1, 10))
    cut[place, first:] = NAN
    less = watch(cut, np.arange(10), np.full(8, ALIVE), until=9)
    earlier = np.isfinite(whole.times[0]) & whole.had_signs & (whole.times[0] < first)
    earlier |= np.arange(8) != place
    for name in ("incidence", "onset_day"):
        np.testing.assert_array_equal(less.endpoints[name][earlier], whole.endpoints[name][earlier])


def test_a_rule_that_is_not_there_is_refused():
    with pytest.raises(UnknownNameError, match=r'"cary" is not a rule for the lost; did you mean "carry"'):
        watched(lost="cary")


def test_the_summed_endpoints_are_endpoints():
    assert set(SUMMED) < set(watched().endpoints)


@given(st.integers(0, 2**32 - 1))
def test_settled_shares_are_those_of_kaplan_and_meier(seed):
    """By SciPy, where all lost can be settled: the share is that of the Kaplan-Meier curve in the end."""
    random = np.random.default_rng(seed)
    animals = int(random.integers(3, 12))
    day = np.where(random.random(animals) < 0.6, random.integers(3, 9, animals), np.inf)
    lost = np.isinf(day) & (random.random(animals) < 0.5)
    last = np.where(np.isfinite(day), day, np.where(lost, random.integers(0, 12, animals), 12.0))
    value = np.where(lost, NAN, np.isfinite(day))
    (found,) = settled_shares((value, day, last))
    inside = (last >= day.min()) & (last < day[np.isfinite(day)].max(initial=-1)) & lost
    assert found.between == inside.sum()
    if not np.isfinite(day).any():
        return
    data = stats.CensoredData.right_censored(last, np.isinf(day))
    free = stats.ecdf(data).sf.probabilities[-1]
    if found.between == 0:
        assert 1 - free == pytest.approx(np.nanmean(found.value))
    assert event_free(found.day, found.seen)[1].value[-1] == pytest.approx(free)
