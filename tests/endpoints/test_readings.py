"""Days without a reading, and onset times, by the rules that the notes state."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints import Courses, read_endpoints
from eaesim.endpoints.readings import daily_scores, onset_times

NAN, ALIVE = np.nan, np.inf


def daily(score, days, *, until, death=None):
    score = np.array(score, dtype=float)
    dead = np.full(len(score), ALIVE) if death is None else np.array(death, dtype=float)
    return daily_scores(score, days, until=until, death_day=dead)


def test_readings_on_every_day_are_left_as_they_are() -> None:
    score = [[0.0, 1, 2.5, 1], [0, 0, 0, 0.5]]
    assert daily(score, range(4), until=3).tolist() == score


def test_a_day_between_keeps_the_last_reading_and_days_after_have_none() -> None:
    found = daily([[1, NAN, 3, NAN]], [2, 4, 6, 8], until=9)
    np.testing.assert_array_equal(found, [[0, 0, 1, 1, 1, 1, 3, NAN, NAN, NAN]])


def test_the_dead_keep_the_last_score_of_their_life_beyond_the_last_reading() -> None:
    assert daily([[1.0, 5.0]], [0, 1], until=3, death=[1]).tolist() == [[1, 1, 1, 1]]


def test_who_dies_later_lives_until_then() -> None:
    assert daily([[1.0, NAN, 5.0]], [0, 2, 6], until=4, death=[6]).tolist() == [[1, 1, 1, 1, 1]]


def test_a_reading_before_day_0_holds_on_day_0() -> None:
    assert daily([[0.5, 1.0]], [-2, 1], until=1).tolist() == [[0.5, 1]]


def test_an_animal_that_is_dead_at_once_is_dead_by_every_rule() -> None:
    death = np.array([0.0])
    score = daily_scores(np.full((1, 3), 5.0), range(3), until=2, death_day=death)
    read = read_endpoints(Courses(score, death, score, score), dead="carry")
    assert (read["peak_score"][0], read["mortality"][0]) == (5, 1)


@pytest.mark.parametrize(
    ("dead", "time", "seen"),
    [
        ("score", [1, 2, 1, 3], [True, True, False, False]),
        ("carry", [1, 1, 1, 3], [True, False, False, False]),
        ("exclude", [1, NAN, 1, 3], [True, False, False, False]),
    ],
)
def test_onset_is_the_first_sign_or_the_last_day_without(
    dead: str, time: list[float], seen: list[bool]
) -> None:
    # Signs on day 1; dead on day 2 without any; lost after day 1; healthy.
    score = np.array([[0, 1, 0, 0], [0, 0, 0, 0], [0, 0.5, NAN, NAN], [0, 0.5, 0.5, 0]])
    found, was_seen = onset_times(score, np.array([ALIVE, 2, ALIVE, ALIVE]), dead=dead)
    np.testing.assert_array_equal(found, time)
    kept = ~np.isnan(found)
    assert was_seen[kept].tolist() == np.array(seen)[kept].tolist()


def test_the_threshold_of_a_sign_decides() -> None:
    score, alive = np.array([[0, 0.5, 1, 2.0]]), np.array([ALIVE])
    assert [onset_times(score, alive, signs=signs)[0][0] for signs in (0.5, 1, 2)] == [1, 2, 3]
    assert not onset_times(score, alive, signs=3)[1].any()
