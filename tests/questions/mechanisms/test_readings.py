"""Readings of runs against courses written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.estimation.reading import Populations
from eaesim.questions.mechanisms.readings import (
    BY_POPULATION,
    BY_RAT,
    days_earlier,
    read_population,
    read_rats,
)
from eaesim.questions.mechanisms.runs import KEPT, Seen

DAYS = 36
ONSETS = (10, 11, 12)


def course(onset: int, *, height: float = 3.0, length: int = 5, days: int = DAYS) -> np.ndarray:
    score = np.zeros(days)
    score[onset : onset + length] = height
    return score


def seen(score, *, death=None, states=None, induced=None, severity=None) -> Seen:
    """Return one population; states not given are 0."""
    score = np.asarray(score, dtype=float)[None]
    zero = np.zeros_like(score)
    kept = {name: np.asarray((states or {}).get(name, zero[0]), dtype=float)[None] for name in KEPT}
    death = np.full(score.shape[:2], np.inf) if death is None else np.asarray(death, dtype=float)[None]
    severe = zero if severity is None else np.asarray(severity, dtype=float)[None]
    populations = Populations(score, severe, death, zero, None, 35, induced, induced or 0)
    return Seen(populations, kept)


ILL = seen([course(onset) for onset in ONSETS])


def bump(peaks, *, width=2.0, height=1.0, floor=0.0) -> np.ndarray:
    days = np.arange(DAYS)
    return floor + height * np.exp(-0.5 * ((days - np.array(peaks)[:, None]) / width) ** 2)


def test_scores_count_the_dead_at_5():
    found = seen([course(10), course(10), course(30)], death=[np.inf, 12, np.inf])
    assert read_rats("peak", found, (0, 24))[0].tolist() == [3, 5, 0]
    mean = read_rats("score", found, (10, 14))[0]
    assert mean.tolist() == [3, (3 + 3 + 5 * 3) / 5, 0]
    living = read_rats("score_of_the_living", found, (13, 14))[0]
    assert living[0] == 3
    assert np.isnan(living[1])


def test_the_sick_and_the_severe():
    found = seen([course(10, height=1), course(10, height=3), np.zeros(DAYS), course(10, height=2)])
    assert read_rats("peak_of_the_sick", found, (0, 24))[0, [0, 1, 3]].tolist() == [1, 3, 2]
    assert np.isnan(read_rats("peak_of_the_sick", found, (0, 24))[0, 2])
    assert read_population("severe", found, (0, 24)) == pytest.approx(0.25)
    assert read_population("ill", found, (0, 24)) == pytest.approx(0.75)
    assert read_population("ill", found, (20, 24)) == pytest.approx(0)


def test_only_protected_rats_count_when_they_are_challenged_again():
    second = [np.zeros(DAYS), course(25), course(10), course(26), course(25)]
    found = seen(second, death=[np.inf, np.inf, np.inf, np.inf, 15], induced=20)
    read = read_rats("ill_again_if_protected", found, (0, 0))[0]
    assert read[[0, 1, 3]].tolist() == [0, 1, 1]
    assert np.isnan(read[[2, 4]]).all()
    assert read_population("ill_again_if_protected", found, (0, 0)) == pytest.approx(2 / 3)
    few = seen(second[:2], induced=20)
    assert np.isnan(read_population("ill_again_if_protected", few, (0, 0))).all()


def test_days_between_two_things_in_the_same_rats():
    peaks = np.array(ONSETS) + 2
    found = seen([course(onset) for onset in ONSETS], states={"infiltrate": bump(peaks)})
    assert read_population("onset_to_infiltrate_peak", found, (0, 0)) == pytest.approx(2)
    # A bump falls to a tenth of its peak 2.146 widths away from it.
    leaking = seen([course(onset) for onset in ONSETS], states={"macrophages": bump(peaks, width=1.4)})
    assert read_population("onset_to_leak", leaking, (0, 0)) == pytest.approx(2 - 3)
    severe = seen(
        [course(onset) for onset in ONSETS],
        states={"macrophages": bump(ONSETS)},
        severity=bump(np.array(ONSETS) + 1),
    )
    assert read_population("peak_to_leak_maximum", severe, (0, 0)) == pytest.approx(-1)
    # Signs end on day onset + 5, the leak on the fourth day after its maximum.
    ending = seen([course(onset) for onset in ONSETS], states={"macrophages": bump(ONSETS, width=1.4)})
    assert read_population("leak_end_before_remission", ending, (0, 0)) == pytest.approx(5 - 4)


def test_rats_without_signs_or_end_have_no_such_day():
    scores = [np.zeros(DAYS), course(30, length=6), course(10), course(10), course(10)]
    found = seen(scores, death=[np.inf, np.inf, 20, np.inf, np.inf], states={"infiltrate": bump([12] * 5)})
    share = read_rats("infiltrate_share_at_remission", found, (0, 0))[0]
    assert np.isnan(share[:3]).all()
    assert share[3] == pytest.approx(np.exp(-0.5 * (3 / 2) ** 2))


def test_shares_of_a_peak_are_above_a_healthy_rat():
    found = seen([course(10)] * 3, states={"regulators": bump([12] * 3, height=4.0, floor=7.0)})
    below = np.exp(-0.5 * (12 / 2) ** 2)
    expected = (np.exp(-0.5 * (4 / 2) ** 2) - below) / (1 - below)
    assert read_population("regulators_share", found, (16, 16)) == pytest.approx(expected)


def test_the_infiltrate_of_score_4_holds_what_b12_says():
    score = np.zeros((3, DAYS))
    score[:, 10], score[:, 11], score[:, 12] = 1, 4, 1
    infiltrate = np.zeros((3, DAYS))
    infiltrate[:, 10], infiltrate[:, 11], infiltrate[:, 12], infiltrate[:, 13] = 0.1, 0.5, 0.4, 0.3
    found = seen(score, states={"infiltrate": infiltrate})
    # Score 1 on the way down, day 12, is not what the paper calls score 1.
    assert read_population("infiltrate_at_score_1", found, (0, 0)) == pytest.approx(0.1 / 0.5 * 15e6)
    assert read_population("infiltrate_in_remission", found, (0, 0)) == pytest.approx(0.3 / 0.5 * 15e6)


def test_states_of_rats_stand_beside_the_courses_of_their_observers():
    whole = seen([course(10)] * 4)
    two = Seen(whole.populations, {name: bump([12, 14])[None] for name in KEPT})
    read = read_rats("infiltrate", two, (0, 13))[0]
    assert read.shape == (4,)
    assert read[0] == read[1] == 1.0
    assert read[2] == read[3] == pytest.approx(np.exp(-0.125))


def test_days_earlier_are_of_rats_ill_in_both():
    later = seen([course(11), course(14), np.zeros(DAYS), course(12)])
    control = seen([course(10), course(11), course(12), course(13)])
    assert days_earlier(later, control) == pytest.approx((-1 - 3 + 1) / 3)


@pytest.mark.parametrize("name", [*BY_RAT, *BY_POPULATION])
def test_rats_that_failed_have_no_reading(name):
    score = np.array([course(onset) for onset in (10, 11, 12, 13)])
    bumps = {state: bump([12] * 4) for state in KEPT}
    score[3] = np.nan
    with_failed = seen(
        score, death=[np.inf] * 3 + [np.nan], states=bumps, induced=20, severity=bump([12] * 4)
    )
    for state in with_failed.states.values():
        state[0, 3] = np.nan
    with_failed.populations.severity[0, 3] = np.nan
    three = {state: bump([12] * 3) for state in KEPT}
    without = seen(score[:3], states=three, induced=20, severity=bump([12] * 3))
    np.testing.assert_allclose(
        read_population(name, with_failed, (12, 14)), read_population(name, without, (12, 14))
    )


def test_an_unknown_reading_names_the_closest():
    with pytest.raises(UnknownNameError, match='did you mean "peak"'):
        read_population("peek", ILL, (0, 0))
    with pytest.raises(UnknownNameError, match="reading of rats"):
        read_rats("infiltrate_share", ILL, (0, 0))
