"""What is a relapse and what is none, on courses written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eaesim.endpoints import relapse_days

NONE = (-1, -1)
COURSES = arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(2, 25)), elements=st.integers(0, 4).map(float)
)


def found(*scores, **options):
    rise, confirmed = relapse_days(np.array([scores], dtype=float), **options)
    return int(rise[0]), int(confirmed[0])


@pytest.mark.parametrize(
    "scores",
    [
        (0, 0, 0, 0, 0),
        (0, 0, 1, 2, 3, 4, 4),
        (0, 1, 1, 2, 2, 3, 3),
        (0, 1, 3, 3, 2, 1, 0, 0, 0),
        (4, 4, 3, 2, 1, 0),
        (2, 2, 2, 2),
    ],
    ids=["healthy", "climb", "climb by steps", "one attack", "recovery", "no change"],
)
def test_a_first_attack_is_no_relapse(scores):
    assert found(*scores) == NONE


@pytest.mark.parametrize(
    ("scores", "days"),
    [
        ((0, 3, 1, 0, 0, 1, 1, 0), (5, 6)),
        ((0, 3, 2, 1, 1, 2, 2), (5, 6)),
        ((0, 3, 0, 0, 4, 4), (4, 5)),
        ((0, 2, 1, 2, 2, 2), (3, 4)),
        ((0, 1, 0, 1, 2, 3), (3, 4)),
        ((0, 3, 0, 2, 1, 0), (3, 4)),
        ((0, 2, 1, 1, 0, 1, 1, 3, 3), (5, 6)),
    ],
    ids=[
        "small",
        "from a trough above 0",
        "higher than the first",
        "short trough",
        "second climb",
        "falling",
        "first of two",
    ],
)
def test_a_rise_from_a_trough_held_two_days_is_a_relapse(scores, days):
    assert found(*scores) == days


@pytest.mark.parametrize(
    "scores",
    [(0, 3, 1, 0, 1, 0, 0), (0, 3, 0, 4, 0, 4, 0), (0, 3, 0, 0, 0, 1)],
    ids=["one day", "one day twice", "last day"],
)
def test_a_blip_of_one_day_is_none(scores):
    assert found(*scores) == NONE


def test_the_rise_is_over_the_lowest_score_not_over_the_last():
    assert found(0, 3, 0.5, 1, 1, 1.5, 1.5) == (5, 6)


@pytest.mark.parametrize(("rise", "days"), [(0.5, (3, 4)), (1, (5, 6)), (2, (7, 8)), (3, NONE)])
def test_the_rise_asked_for_decides(rise, days):
    assert found(0, 3, 0, 0.5, 0.5, 1, 1, 2, 2, rise=rise) == days


@pytest.mark.parametrize(("rise", "days"), [(1, (4, 5)), (2, (5, 6)), (3, (6, 7))])
def test_a_slow_climb_to_a_new_height_counts_from_its_trough(rise, days):
    # The height of an earlier, milder bout must not hide where this climb began.
    assert found(0, 1, 0, 0, 1, 2, 3, 3, rise=rise) == days


# Induced


def test_only_days_from_the_induction_count():
    scores = (0, 3, 0, 2, 2, 0, 0, 0, 3, 3, 0)
    assert found(*scores) == (3, 4)
    assert found(*scores, induced=6) == (8, 9)
    assert found(*scores, induced=10) == NONE
    assert found(*scores, induced=11) == NONE


def test_a_rat_that_was_never_ill_can_have_an_induced_relapse():
    scores = (0, 0, 0, 0, 0, 1, 2, 3)
    assert found(*scores) == NONE
    assert found(*scores, induced=2) == (5, 6)


@pytest.mark.parametrize(("rise", "days"), [(1, (3, 4)), (2, (4, 5)), (3, (5, 6))])
def test_a_slow_climb_after_an_induction_counts_from_the_score_at_it(rise, days):
    assert found(0, 0, 0, 1, 2, 3, 3, induced=2, rise=rise) == days


def test_a_climb_by_half_grades_after_an_induction_is_seen():
    assert found(0, 0, 0.5, 1, 1.5, 2, 2, induced=1)[0] == 3


def test_being_ill_at_the_induction_is_no_relapse_and_getting_worse_is():
    assert found(0, 2, 2, 2, 2, 2, induced=2) == NONE
    assert found(0, 2, 2, 2, 3, 3, induced=2) == (4, 5)
    assert found(0, 2, 2, 1, 0, 1, 1, induced=2) == (5, 6)


def test_a_blip_after_an_induction_is_none():
    assert found(0, 0, 0, 1, 0, 0, 2, 0, induced=2) == NONE


# Death


def test_after_death_nothing_counts():
    assert found(0, 3, 0, 0, np.nan, np.nan, np.nan) == NONE
    assert found(0, 3, 0, 2, np.nan, np.nan, np.nan) == NONE
    assert found(0, 3, 0, 2, 2, np.nan, np.nan) == (3, 4)
    assert found(0, 0, 0, 2, np.nan, np.nan, induced=2) == NONE
    assert found(*[np.nan] * 6) == NONE
    assert found(*[np.nan] * 6, induced=3) == NONE


# Whatever the course


def day_by_day(course, *, rise, induced):
    """Look for a relapse as an observer does, who knows the days so far and the next."""
    window = course if induced is None else course[induced:]
    peak = low = window[0] if len(window) else np.nan
    for day in range(1, len(window) - 1):
        if (low < peak or induced is not None) and np.minimum(window[day], window[day + 1]) >= low + rise:
            return len(course) - len(window) + day
        if np.isnan(window[day]):
            return -1
        low = window[day] if window[day] > peak and low == peak and induced is None else min(low, window[day])
        peak = max(peak, window[day])
    return -1


@given(COURSES, st.sampled_from([0.5, 1.0, 2.0]), st.none() | st.integers(0, 12), st.integers(1, 30))
def test_it_is_what_an_observer_finds_day_by_day(scores, rise, induced, death):
    scores[0, death:] = np.nan
    found, _ = relapse_days(scores, rise=rise, induced=induced)
    assert found.tolist() == [day_by_day(course, rise=rise, induced=induced) for course in scores]


@given(COURSES)
def test_rats_do_not_touch_each_other(scores):
    rise, confirmed = relapse_days(scores)
    for rat, course in enumerate(scores):
        assert found(*course) == (rise[rat], confirmed[rat])


@given(COURSES, st.integers(0, 10))
def test_healthy_days_before_only_shift(scores, days):
    later = np.hstack([np.zeros((len(scores), days)), scores])
    rise, shifted = relapse_days(np.hstack([np.zeros((len(scores), 1)), scores]))[0], relapse_days(later)[0]
    if days:
        assert np.array_equal(np.where(rise < 0, -1, rise + days - 1), shifted)


@given(COURSES, st.integers(0, 20))
def test_what_came_before_an_induction_does_not_matter(scores, induced):
    if induced < scores.shape[1]:
        other = scores.copy()
        other[:, :induced] = 4 - other[:, :induced]
        assert np.array_equal(relapse_days(scores, induced=induced), relapse_days(other, induced=induced))


@given(COURSES, st.sampled_from([1.0, 2.0]))
def test_a_relapse_found_is_one(scores, rise):
    starts, confirmed = relapse_days(scores, rise=rise)
    for course, start, second in zip(scores, starts, confirmed, strict=True):
        if start < 0:
            assert second == -1
            continue
        assert second == start + 1
        # There was a fall to a trough before, and both readings stand above it by the rise.
        troughs = [low for low in range(1, start) if course[:low].max() > course[low]]
        assert any(min(course[start], course[second]) >= course[low] + rise for low in troughs)


@given(
    COURSES,
    st.integers(0, 3),
    st.lists(st.integers(0, 30), min_size=4, max_size=4),
    st.sampled_from([None, 0, 3]),
)
def test_scores_in_halves_have_the_relapses_of_whole_scores(scores, rise, deaths, induced):
    # Whole scores are compared as bytes, halves as numbers.
    dead = np.arange(scores.shape[1]) >= np.array(deaths)[: len(scores), None]
    whole = np.where(dead, np.nan, scores)
    halves = relapse_days(whole + 0.5, rise=rise, induced=induced)
    assert np.array_equal(relapse_days(whole, rise=rise, induced=induced), halves)
    assert np.array_equal(relapse_days(whole + 110, rise=rise, induced=induced), halves)
