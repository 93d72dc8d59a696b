"""Days without a reading, and onset times, by the rules that the notes state."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints import read_endpoints
from eaesim.endpoints.readings import daily_scores, laboratory_courses, onset_times

NAN = np.nan


def test_readings_on_every_day_are_left_as_they_are() -> None:
    score = np.array([[0.0, 1, 2.5, 1], [0, 0, 0, 0.5]])
    assert daily_scores(score, range(4), until=3).tolist() == score.tolist()


def test_a_day_between_keeps_the_last_reading_and_days_after_have_none() -> None:
    daily = daily_scores(np.array([[1, NAN, 3, NAN]]), [2, 4, 6, 8], until=9)
    np.testing.assert_array_equal(daily, [[0, 0, 1, 1, 1, 1, 3, NAN, NAN, NAN]])


def test_the_dead_stay_dead_beyond_the_last_reading() -> None:
    assert daily_scores(np.array([[1.0, 5.0]]), [0, 1], until=3).tolist() == [[1, 5, 5, 5]]


def test_a_reading_before_day_0_holds_on_day_0() -> None:
    assert daily_scores(np.array([[0.5, 1.0]]), [-2, 1], until=1).tolist() == [[0.5, 1]]


def test_an_animal_that_is_dead_at_once_is_dead_by_every_rule() -> None:
    read = read_endpoints(laboratory_courses(np.full((1, 3), 5.0)), dead="last")
    assert (read["peak_score"][0], read["mortality"][0]) == (5, 1)


@pytest.mark.parametrize(
    ("dead", "time", "seen"),
    [
        ("five", [1, 2, 1, 3], [True, True, False, False]),
        ("last", [1, 1, 1, 3], [True, False, False, False]),
        ("exclude", [1, NAN, 1, 3], [True, False, False, False]),
    ],
)
def test_onset_is_the_first_sign_or_the_last_day_without(
    dead: str, time: list[float], seen: list[bool]
) -> None:
    # Signs on day 1; dead on day 2 without any; lost after day 1; healthy.
    daily = np.array([[0, 1, 0, 0], [0, 0, 5, 5], [0, 0.5, NAN, NAN], [0, 0.5, 0.5, 0]])
    found, was_seen = onset_times(daily, dead=dead)
    np.testing.assert_array_equal(found, time)
    kept = ~np.isnan(found)
    assert was_seen[kept].tolist() == np.array(seen)[kept].tolist()


def test_onsets_agree_with_the_endpoint_where_all_were_followed() -> None:
    daily = np.random.default_rng(1).integers(0, 4, (40, 6)) / 2.0
    time, seen = onset_times(daily)
    onset = read_endpoints(laboratory_courses(daily))["onset_day"]
    np.testing.assert_array_equal(np.where(seen, time, NAN), onset)
