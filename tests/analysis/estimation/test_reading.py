"""What is read off populations, on made courses."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.analysis.estimation.reading import READINGS, Populations


def populations(score, severity=None, death=None, course=None, induced=None):
    score = np.asarray(score, dtype=float)
    shape = score.shape[:2]
    return Populations(
        score,
        score if severity is None else np.asarray(severity, dtype=float),
        np.full(shape, np.inf) if death is None else np.asarray(death, dtype=float),
        np.zeros((*shape, 2)),
        score.shape[2] - 1 if course is None else course,
        induced,
    )


FOUR = [[0, 0, 1, 3, 1, 0], [0, 1, 2, 2, 0, 0], [0, 0, 0, 1, 4, 2], [0] * 6]


def test_means_over_rats_and_over_rats_with_signs():
    seen = populations([FOUR])
    for name, value in {
        "incidence": 3.5 / 5,
        "onset_day": 2.0,
        "peak_score": 2.25,
        "duration": 3.0,
        "mortality": 0.5 / 5,
        "spontaneous_relapse": 0.5 / 5,
        "severe_incidence": 0.5,
        "onset_day_sd": 1.0,
        "peak_score_sd": 1.0,
    }.items():
        assert READINGS[name](seen).value == pytest.approx([value]), name


def test_standard_errors():
    peaks = np.array([3, 2, 4, 0.0])
    found = READINGS["peak_score"](populations([FOUR]))
    assert np.sqrt(found.variance) == pytest.approx([peaks.std(ddof=1) / 2])
    assert found.influence[0] == pytest.approx((peaks - peaks.mean()) / np.sqrt(4 * 3))


def drawn(sets, rats, random):
    """Draw courses in which a rat's onset, peak and death hang together."""
    score = np.zeros((sets, rats, 20))
    onset = random.integers(3, 12, size=(sets, rats))
    peak = np.round(np.clip(0.25 * onset + random.normal(0, 1, size=(sets, rats)), 0, 5) * 2) / 2
    for set_, rat in np.ndindex(sets, rats):
        score[set_, rat, onset[set_, rat] : onset[set_, rat] + 4] = peak[set_, rat]
    return populations(score, death=np.where(random.random((sets, rats)) < peak / 8, 15.0, np.inf))


NAMES = [
    "incidence",
    "onset_day",
    "peak_score",
    "mortality",
    "severe_incidence",
    "onset_day_sd",
    "peak_score_sd",
    "severity_day_8",
]


def test_the_luck_is_that_of_many_populations():
    # Its covariance, rows of which share rats, is what their readings differ by.
    seen = drawn(4_000, 30, np.random.default_rng(3))
    found = [READINGS[name](seen) for name in NAMES]
    apart = np.cov([each.value for each in found])
    influence = np.stack([each.influence for each in found], axis=1)
    told = (influence @ influence.transpose(0, 2, 1)).mean(axis=0)
    told += np.diag([(each.error**2).mean() for each in found])
    scale = np.sqrt(np.diag(apart))
    assert told / np.outer(scale, scale) == pytest.approx(apart / np.outer(scale, scale), abs=0.2)


@pytest.mark.parametrize("sick", [0, 1])
def test_the_luck_of_none_or_all_is_that_of_half_a_rat_more(sick):
    score = np.zeros((1, 9, 6))
    score[..., 3] = 2.0 * sick
    found = READINGS["incidence"](populations(score))
    share = (9 * sick + 0.5) / 10
    assert found.value == pytest.approx([share])
    assert found.variance == pytest.approx([share * (1 - share) / 9])


def test_rats_that_do_not_differ_have_a_deviation_of_none():
    score = np.zeros((1, 5, 6))
    score[..., 3] = 2.0
    found = READINGS["peak_score_sd"](populations(score))
    assert (found.value, found.influence.any(), found.error) == (0, False, 0)


def test_a_death_counts_as_five():
    seen = populations([FOUR], death=[[4, np.inf, np.inf, np.inf]])
    assert READINGS["mortality"](seen).value == pytest.approx([1.5 / 5])
    assert READINGS["peak_score"](seen).value == pytest.approx([(5 + 2 + 4 + 0) / 4])


def test_a_population_without_signs_has_no_onset_but_a_peak():
    seen = populations([[[0] * 6] * 4])
    assert np.isnan(READINGS["onset_day"](seen).value).all()
    assert np.isnan(READINGS["duration"](seen).value).all()
    assert READINGS["peak_score"](seen).value == [0]


def test_rats_that_failed_are_left_out():
    score = np.array([FOUR], dtype=float)
    score[0, 0] = np.nan
    seen = populations(score, death=[[np.nan, np.inf, np.inf, np.inf]])
    assert READINGS["incidence"](seen).value == pytest.approx([2.5 / 4])


def test_turns_of_a_relapsing_mean_course():
    days = np.arange(35.0)
    curve = 3 * np.exp(-0.5 * ((days - 11) / 1.5) ** 2) + 2 * np.exp(-0.5 * ((days - 21) / 2) ** 2)
    flat = 3 * np.exp(-0.5 * ((days - 12) / 2.0) ** 2)
    seen = populations(np.zeros((2, 3, 35)), severity=np.tile(np.array([curve, flat])[:, None], (1, 3, 1)))
    assert READINGS["peak_day"](seen).value.tolist() == [11, 12]
    assert READINGS["remission_day"](seen).value[0] == 16
    assert READINGS["second_peak_day"](seen).value[0] == 21
    assert READINGS["relapse_rise"](seen).value[0] == pytest.approx(1.9, abs=0.05)
    assert READINGS["relapse_rise"](seen).value[1] < 0.01


def test_the_first_disease_ends_before_the_second_induction():
    score = np.zeros((1, 3, 30))
    score[:, :, 25:28] = 3
    seen = populations(score, course=20, induced=21)
    assert READINGS["incidence"](seen).value == pytest.approx([0.5 / 4])
    assert READINGS["relapse_incidence"](seen).value == pytest.approx([3.5 / 4])
