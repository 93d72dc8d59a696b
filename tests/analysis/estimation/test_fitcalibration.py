"""The calibration of the fit of published rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.analysis.estimation import fitcalibration
from eaesim.analysis.estimation.fitcalibration import calibrate_fit
from eaesim.analysis.estimation.reading import Reading
from eaesim.errors import NothingComputedError, QuantityError

SMALL = {"chains": 2, "moves": 1, "animals": 4}
HERE = {"workers": 1}  # what is replaced here is replaced in no other process


@pytest.fixture
def linear(monkeypatch):
    """Replace the simulated rats by readings that are the numbers themselves, with little or no noise."""

    def read(simulator, places, *, rats=None):
        values = places[:, : len(simulator.targets)] * 4.0
        return Reading(values, np.zeros((*values.shape, 1)), np.zeros(values.shape))

    monkeypatch.setattr(fitcalibration.Simulator, "read", read)


@pytest.mark.slow
def test_the_interval_of_sixty_numbers_holds_in_nine_of_ten(linear):
    found = calibrate_fit(data_sets=40, moves=1600, **HERE)
    assert found.left_out == 0
    assert len(found.quantities) == found.rank.shape[1]
    assert found.rank.mean() == pytest.approx(0.5, abs=0.02)
    assert found.rank.std() == pytest.approx(12**-0.5, abs=0.02)
    # The rows say something of 32 numbers, and nothing of the rest, which keep their prior.
    assert 0.87 <= found.covered()[:32].mean() / 40 <= 0.93
    assert 0.87 <= found.covered()[32:63].mean() / 40 <= 0.93


def test_a_likelihood_that_believes_its_rows_too_much_is_seen(linear, monkeypatch):
    rows = fitcalibration._rows

    def sure(targets, readings, random):
        return tuple(
            replace(row, error=row.error / 4, laboratory=row.laboratory / 4)
            for row in rows(targets, readings, random)
        )

    monkeypatch.setattr(fitcalibration, "_rows", sure)
    found = calibrate_fit(["lewis"], data_sets=20, chains=4, moves=600, animals=4, **HERE)
    assert found.covered()[:10].mean() / 20 < 0.7


def test_a_truth_that_is_off_is_seen(linear, monkeypatch):
    rows = fitcalibration._rows

    def shifted(targets, readings, random):
        return rows(targets, readings + 3.0, random)

    monkeypatch.setattr(fitcalibration, "_rows", shifted)
    found = calibrate_fit(["lewis"], data_sets=12, chains=4, moves=600, animals=4, **HERE)
    targets = fitcalibration.published_simulator(["lewis"], animals=4, seed=1).targets
    told = [place for place, target in enumerate(targets) if target.scale == "plain"]
    assert found.rank[:, told].mean() < 0.35


def test_a_seed_gives_the_same_ranks_whatever_the_threads():
    ranks = [calibrate_fit(["lewis"], data_sets=2, workers=workers, **SMALL).rank for workers in (1, 2)]
    assert np.array_equal(*ranks)
    assert not np.array_equal(ranks[0], calibrate_fit(["lewis"], data_sets=2, seed=3, **SMALL, **HERE).rank)


def test_a_calibration_that_was_stopped_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(fitcalibration, "_TOGETHER", 1)
    settings = {"data_sets": 3, **SMALL, **HERE}
    whole = calibrate_fit(["lewis"], **settings)

    def stop(done, _):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate_fit(["lewis"], **settings, folder=tmp_path, progress=stop)
    ranks, asked = fitcalibration._ranks, []
    monkeypatch.setattr(fitcalibration, "_ranks", lambda one: asked.append(one.number) or ranks(one))
    again = calibrate_fit(["lewis"], **settings, folder=tmp_path)
    assert np.array_equal(again.rank, whole.rank)
    assert asked == [3]


def test_sets_without_a_value_are_drawn_anew_and_counted(monkeypatch):
    read = fitcalibration.Simulator.read

    def hidden(simulator, places, *, rats=None):
        seen = read(simulator, places, rats=rats)
        # In a large population of the truth some have no value, in the few rats of its fit others.
        column = 0 if rats is None else 1
        return seen._replace(value=np.where(places[:, column : column + 1] > 0.5, np.nan, seen.value))

    monkeypatch.setattr(fitcalibration.Simulator, "read", hidden)
    simulator = fitcalibration.published_simulator(["lewis"], animals=4, seed=1)
    truths, seen, left_out = fitcalibration._draw_truths(simulator, 25, np.random.default_rng(1))
    assert (truths[:, :2] <= 0.5).all()
    assert left_out > 25
    assert np.isfinite(seen).all()
    large = fitcalibration._large(simulator)
    assert np.array_equal(seen, read(large, truths).value)
    assert calibrate_fit(["lewis"], data_sets=2, **SMALL, **HERE).left_out > 0


def test_where_no_set_has_a_value_it_says_so(monkeypatch):
    def nothing(simulator, places, *, rats=None):
        values = np.full((len(places), len(simulator.targets)), np.nan)
        return Reading(values, np.zeros((*values.shape, 1)), values)

    monkeypatch.setattr(fitcalibration.Simulator, "read", nothing)
    with pytest.raises(NothingComputedError, match="hardly any set"):
        calibrate_fit(["lewis"], data_sets=1, **SMALL, **HERE)


def test_equals_and_unknowns_are_ranked_fairly():
    values = np.array([[1.0, 0.0], [1.0, np.nan], [1.0, 2.0]])
    ranks = np.array(
        [
            fitcalibration._rank(values, np.array([1.0, 1.0]), np.random.default_rng(each))
            for each in range(400)
        ]
    )
    assert ranks[:, 0].mean() == pytest.approx(0.5, abs=0.05)
    assert ranks[:, 1].min() >= 1 / 3
    assert ranks[:, 1].max() <= 2 / 3


@pytest.mark.parametrize("number", ["data_sets", "chains", "moves", "animals", "seed"])
def test_a_number_that_is_too_small_is_named(number):
    with pytest.raises(QuantityError, match=f"{number} = -1; it must be at least"):
        calibrate_fit(["lewis"], **{number: -1})
