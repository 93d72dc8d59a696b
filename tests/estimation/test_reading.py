"""What is read off populations, on made courses."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.estimation.reading import Populations, reading


def populations(score, severity=None, death=None, course=None, induced=None, again=0, cells=0.0, pool=None):
    score = np.asarray(score, dtype=float)
    shape = score.shape[:2]
    return Populations(
        score,
        score if severity is None else np.asarray(severity, dtype=float),
        np.full(shape, np.inf) if death is None else np.asarray(death, dtype=float),
        np.ones_like(score) if pool is None else np.asarray(pool, dtype=float),
        np.zeros((*shape, 2)),
        score.shape[2] - 1 if course is None else course,
        induced,
        again,
        cells,
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
        assert reading(name)(seen) == pytest.approx([value]), name


def test_a_death_counts_as_five():
    seen = populations([FOUR], death=[[4, np.inf, np.inf, np.inf]])
    assert reading("mortality")(seen) == pytest.approx([1 / 4])
    assert reading("peak_score")(seen) == pytest.approx([(5 + 2 + 4 + 0) / 4])


def test_a_population_without_signs_has_no_onset_but_a_peak():
    seen = populations([[[0] * 6] * 4])
    assert np.isnan(reading("onset_day")(seen)).all()
    assert np.isnan(reading("duration")(seen)).all()
    assert reading("peak_score")(seen) == [0]


def test_rats_that_failed_are_left_out():
    score = np.array([FOUR], dtype=float)
    score[0, 0] = np.nan
    seen = populations(score, death=[[np.nan, np.inf, np.inf, np.inf]])
    assert reading("incidence")(seen) == pytest.approx([2 / 3])


def test_turns_of_a_relapsing_mean_course():
    days = np.arange(35.0)
    curve = 3 * np.exp(-0.5 * ((days - 11) / 1.5) ** 2) + 2 * np.exp(-0.5 * ((days - 21) / 2) ** 2)
    flat = 3 * np.exp(-0.5 * ((days - 12) / 2.0) ** 2)
    seen = populations(np.zeros((2, 3, 35)), severity=np.tile(np.array([curve, flat])[:, None], (1, 3, 1)))
    assert reading("peak_day")(seen).tolist() == pytest.approx([11, 12], abs=0.1)
    assert reading("remission_day")(seen)[0] == pytest.approx(16, abs=0.5)
    assert reading("second_peak_day")(seen)[0] == pytest.approx(21, abs=0.1)
    assert reading("relapse_rise")(seen)[0] == pytest.approx(1.9, abs=0.05)
    assert reading("relapse_rise")(seen)[1] < 0.01


def test_the_first_disease_ends_before_the_second_induction():
    score = np.zeros((1, 3, 30))
    score[:, :, 25:28] = 3
    seen = populations(score, course=20, induced=21)
    assert reading("incidence")(seen) == pytest.approx([0.0])
    assert reading("relapse_incidence")(seen) == pytest.approx([1.0])


def test_a_turn_between_two_days_is_read_between_them():
    days = np.arange(35.0)
    curve = 3 * np.exp(-0.5 * ((days - 11.3) / 2.5) ** 2)
    seen = populations(np.zeros((1, 3, 35)), severity=np.tile(curve, (1, 3, 1)))
    assert reading("peak_day")(seen) == pytest.approx([11.3], abs=0.02)


def test_a_second_attack_counts_in_survivors_of_a_first_alone():
    score = np.zeros((1, 4, 40))
    score[0, :3, 12] = 2  # the fourth never fell ill
    score[0, 0, 30] = score[0, 3, 30] = 2
    death = [[np.inf, np.inf, 14.0, np.inf]]
    seen = populations(np.repeat(score, 1, axis=0), death=death, again=21)
    assert np.isnan(reading("second_attack")(seen)).all()  # two rats say nothing
    seen = populations(np.tile(score, (1, 2, 1)), death=np.tile(death, (1, 2)), again=21)
    assert reading("second_attack")(seen) == pytest.approx([0.5])


def test_an_induced_relapse_is_what_the_same_rats_do_not_show_otherwise():
    control = np.zeros((1, 4, 50))
    control[0, 0, 40] = 1
    induced = control.copy()
    induced[0, :, 44] = 3
    death = [[np.inf, np.inf, np.inf, 20.0]]
    seen = populations(induced, death=death, induced=35)
    assert reading("induced_rise")(seen, populations(control, death=death)) == pytest.approx(
        [(2 + 3 + 3) / 3]
    )


def test_the_best_day_without_signs_is_one_and_the_same_for_all():
    score = np.zeros((1, 4, 36))
    score[0, :, 12] = 3
    score[0, :, 13:36] = 1
    score[0, 0, 16] = score[0, 1, 16] = score[0, 2, 17] = 0
    assert reading("without_signs")(populations(score)) == pytest.approx([0.5])
    dead = populations(score, death=[[15.0, np.inf, np.inf, np.inf]])
    assert reading("without_signs")(dead) == pytest.approx([0.25])


@pytest.mark.parametrize(("ratio", "ill"), [(1.0, 0.7), (0.5, 0.4), (0.25, 0.1), (0.001, 0.0)])
def test_later_donors_give_as_many_cells_as_their_pool_has(ratio, ill):
    # Ten rats; the share ill falls by 0.3 with each halving of the dose.
    def recipients(cells, share):
        score = np.zeros((1, 10, 5))
        score[0, : round(10 * share), 4] = 1
        return populations(score, cells=cells)

    pool = np.ones((1, 10, 20))
    pool[:, :, 16] = ratio
    doses = [recipients(1.0, 1.0), recipients(0.5, 0.7), recipients(0.25, 0.4), recipients(0.125, 0.1)]
    donors = populations(np.zeros((1, 10, 20)), pool=pool)
    assert reading("later_donors")(donors, *doses) == pytest.approx([ill], abs=1e-6)


def test_an_unknown_reading_is_named():
    with pytest.raises(UnknownNameError, match="did you mean"):
        reading("peak_dy")
