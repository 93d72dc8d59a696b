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
        "incidence": 0.75,
        "onset_day": 2.0,
        "peak_score": 2.25,
        "duration": 3.0,
        "mortality": 0.0,
        "spontaneous_relapse": 0.0,
        "severe_incidence": 0.5,
        "onset_day_sd": 1.0,
        "peak_score_sd": 1.0,
    }.items():
        assert READINGS[name](seen)[0] == pytest.approx([value]), name


def test_standard_errors():
    peaks = np.array([3, 2, 4, 0.0])
    assert READINGS["peak_score"](populations([FOUR]))[1] == pytest.approx([peaks.std(ddof=1) / 2])


def test_a_death_counts_as_five():
    seen = populations([FOUR], death=[[4, np.inf, np.inf, np.inf]])
    assert READINGS["mortality"](seen)[0] == pytest.approx([0.25])
    assert READINGS["peak_score"](seen)[0] == pytest.approx([(5 + 2 + 4 + 0) / 4])


def test_a_population_without_signs_has_no_onset_but_a_peak():
    seen = populations([[[0] * 6] * 4])
    assert np.isnan(READINGS["onset_day"](seen)[0]).all()
    assert np.isnan(READINGS["duration"](seen)[0]).all()
    assert READINGS["peak_score"](seen)[0] == [0]


def test_rats_that_failed_are_left_out():
    score = np.array([FOUR], dtype=float)
    score[0, 0] = np.nan
    seen = populations(score, death=[[np.nan, np.inf, np.inf, np.inf]])
    assert READINGS["incidence"](seen)[0] == pytest.approx([2 / 3])


def test_turns_of_a_relapsing_mean_course():
    days = np.arange(35.0)
    curve = 3 * np.exp(-0.5 * ((days - 11) / 1.5) ** 2) + 2 * np.exp(-0.5 * ((days - 21) / 2) ** 2)
    flat = 3 * np.exp(-0.5 * ((days - 12) / 2.0) ** 2)
    seen = populations(np.zeros((2, 3, 35)), severity=np.tile(np.array([curve, flat])[:, None], (1, 3, 1)))
    assert READINGS["peak_day"](seen)[0].tolist() == [11, 12]
    assert READINGS["remission_day"](seen)[0][0] == 16
    assert READINGS["second_peak_day"](seen)[0][0] == 21
    assert READINGS["relapse_rise"](seen)[0][0] == pytest.approx(1.9, abs=0.05)
    assert READINGS["relapse_rise"](seen)[0][1] < 0.01


def test_the_first_disease_ends_before_the_second_induction():
    score = np.zeros((1, 3, 30))
    score[:, :, 25:28] = 3
    seen = populations(score, course=20, induced=21)
    assert READINGS["incidence"](seen)[0] == [0]
    assert READINGS["relapse_incidence"](seen)[0] == [1]
