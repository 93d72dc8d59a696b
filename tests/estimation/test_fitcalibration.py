"""The calibration of the fit of published data."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import ndtr

from eaesim.errors import NothingComputedError, QuantityError
from eaesim.estimation import emulated, emulator, fitcalibration, start
from eaesim.estimation.chain import Way
from eaesim.estimation.emulated import Normal, emulated_log_likelihood, probit
from eaesim.estimation.fitcalibration import calibrate_rows, widened
from eaesim.estimation.sampler import sample
from eaesim.model import load
from eaesim.questions.fit.calibration.answer import calibrate_fit

# Of the numbers and rows of Lewis rats: where readings are linear these are as good as all.
NUMBERS, ROWS = 12, 8
DATA_SETS = int(os.environ.get("EAESIM_TEST_N", "40"))
SMALL = {"particles": 64, "moves": 24, "animals": 4, "sets": 1_000, "workers": 1}


def make_linear(patch):
    """Replace the simulated rats by readings that are the numbers themselves, without noise.

    A narrow network knows them, and its posterior is drawn from by a population: NUTS and lessons take long,
    and are tested elsewhere.
    """
    known = fitcalibration.published_simulator
    every = known(["lewis"], animals=4)
    held = {each.name: load("lewis").entries[each.name].value for each in every.prior.free[NUMBERS:]}

    def published(rats, *, targets, **options):
        return known(rats, targets=every.targets[:ROWS], fixed=held, **options)

    def read(simulator, places):
        values = places[:, : len(simulator.targets)] * 4.0
        return np.where([row.scale == "logit" for row in simulator.targets], values / 5 + 0.1, values)

    def draw(emulator, targets, first, *, draws, warmup, seed, prior):
        likelihood = emulated_log_likelihood(emulator, targets, prior=prior)
        places = sample(likelihood, numbers=NUMBERS, particles=400, moves=12, last_moves=100, seed=seed)[0]
        return places[: 2 * (len(places) // 2)].reshape(2, -1, NUMBERS)

    patch.setattr(fitcalibration, "published_simulator", published)
    patch.setattr(fitcalibration, "_LESSONS", (0, 0))
    patch.setattr(emulated, "_STEPS", ((12, 1), (12, 3)))
    patch.setattr(fitcalibration.Simulator, "read", read)
    patch.setattr(emulator, "WIDTH", 32)
    patch.setattr(start, "draw", draw)
    patch.setattr(start, "_SURE", 100)


@pytest.fixture
def linear(monkeypatch):
    make_linear(monkeypatch)


@pytest.fixture
def simulator(few_rows):
    return fitcalibration.published_simulator(["lewis"], animals=4, targets=few_rows)


@pytest.fixture
def large(simulator):
    return replace(simulator, animals=32, seed=simulator.seed + 1)


def normal(random, numbers):
    root = random.standard_normal((numbers, numbers)) * 0.4
    return Normal(random.standard_normal(numbers) * 0.3, np.eye(numbers) + root @ root.T)


def test_draws_of_a_prior_have_its_moments():
    prior = normal(np.random.default_rng(1), 4)
    at = probit(prior.draw(200_000, np.random.default_rng(2)))
    assert at.mean(axis=0) == pytest.approx(prior.mean, abs=0.01)
    assert np.cov(at, rowvar=False) == pytest.approx(np.linalg.inv(prior.precision), abs=0.01)


def test_draws_are_standard_normal_in_the_coordinates_of_their_prior():
    prior = normal(np.random.default_rng(1), 4)
    standard = prior.standard(prior.draw(200_000, np.random.default_rng(2)))
    assert standard.mean(axis=0) == pytest.approx(np.zeros(4), abs=0.01)
    assert np.cov(standard, rowvar=False) == pytest.approx(np.eye(4), abs=0.02)


def test_a_prior_is_the_even_one_times_its_ratio():
    # Even places weighted by the ratio are draws of the prior, by importance.
    prior = normal(np.random.default_rng(1), 2)
    even = np.random.default_rng(2).random((400_000, 2))
    weights = np.exp(prior.log_ratio(even))
    at = probit(even)
    assert np.average(at, axis=0, weights=weights) == pytest.approx(prior.mean, abs=0.02)


@pytest.mark.parametrize("times", [1.0, 2.0, 5.0])
def test_a_widened_posterior_is_that_of_rows_with_wider_errors(times):
    # A row of three numbers with a normal error, under a standard normal prior: known in closed form.
    slope, error, seen = np.array([1.0, -2.0, 0.0]), 0.3, 0.7

    def posterior(error):
        precision = np.eye(3) + np.outer(slope, slope) / error**2
        return np.linalg.solve(precision, slope * seen / error**2), precision

    mean, precision = posterior(error)
    draws = np.random.default_rng(1).multivariate_normal(mean, np.linalg.inv(precision), 400_000)
    found, expected = widened(ndtr(draws), times=times), posterior(times * error)
    assert np.linalg.inv(found.precision) == pytest.approx(np.linalg.inv(expected[1]), abs=0.02)
    assert found.mean == pytest.approx(expected[0], abs=0.02)


@pytest.mark.slow
def test_rows_are_off_by_their_errors_and_nothing_else(simulator):
    readings = np.array([0.6 if row.scale == "logit" else 2.0 for row in simulator.targets])
    random = np.random.default_rng(1)
    drawn = np.array([[row.low for row in fitcalibration._rows(simulator.targets, readings, random)]
                      for _ in range(4_000)])  # fmt: skip
    middle = [np.log(0.6 / 0.4) if row.scale == "logit" else 2.0 for row in simulator.targets]
    spread = np.array([row.spread for row in simulator.targets])
    assert ((drawn.mean(axis=0) - middle) / spread) == pytest.approx(0, abs=0.08)
    assert drawn.std(axis=0) / spread == pytest.approx(1, abs=0.06)
    rows = fitcalibration._rows(simulator.targets, readings, random)
    assert not any(row.bound for row in rows)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """Return a folder in which an emulator was kept that serves every set of rows."""
    folder = tmp_path_factory.mktemp("calibration")
    with pytest.MonkeyPatch.context() as patch:
        make_linear(patch)
        calibrate_rows(["lewis"], data_sets=1, **SMALL, folder=folder)
    for path in folder.glob("ranks-*"):
        path.unlink()
    return folder


@pytest.fixture
def copied(learnt, tmp_path):
    """Return a function that hands over a copy of it."""
    return lambda name: shutil.copytree(learnt, tmp_path / name)


@pytest.mark.slow
def test_the_interval_of_every_number_holds_in_nine_of_ten(linear, copied):
    found = calibrate_rows(["lewis"], data_sets=DATA_SETS, **SMALL, folder=copied("own"))
    assert found.left_out == 0
    assert len(found.quantities) == found.rank.shape[1]
    assert found.rank.mean() == pytest.approx(0.5, abs=0.03)
    assert found.rank.std() == pytest.approx(12**-0.5, abs=0.03)
    assert found.numbers == NUMBERS
    # The rows say something of the first numbers, and nothing of the rest, which keep their prior.
    assert 0.86 <= found.covered()[:ROWS].mean() / DATA_SETS <= 0.94
    assert 0.84 <= found.covered()[ROWS:NUMBERS].mean() / DATA_SETS <= 0.96


@pytest.mark.slow
def test_a_likelihood_that_believes_its_rows_too_much_is_seen(linear, copied, monkeypatch):
    rows = fitcalibration._rows

    def sure(targets, readings, random):
        return tuple(
            replace(row, error=row.error / 4, laboratory=row.laboratory / 4)
            for row in rows(targets, readings, random)
        )

    monkeypatch.setattr(fitcalibration, "_rows", sure)
    found = calibrate_rows(["lewis"], data_sets=8, **SMALL, folder=copied("own"))
    assert found.covered()[:ROWS].mean() / 8 < 0.7


@pytest.mark.slow
def test_a_calibration_that_was_stopped_goes_on(linear, copied, monkeypatch):
    monkeypatch.setattr("eaesim.estimation.start.train", lambda *_, **__: pytest.fail("it trained"))
    whole = calibrate_rows(["lewis"], data_sets=3, **SMALL, folder=copied("whole"))
    folder = copied("stopped")

    def stop(done, _):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate_rows(["lewis"], data_sets=3, **SMALL, folder=folder, progress=stop)
    ranks, asked = fitcalibration._ranks, []
    monkeypatch.setattr(fitcalibration, "_ranks", lambda one: asked.append(one.number) or ranks(one))
    again = calibrate_rows(["lewis"], data_sets=3, **SMALL, folder=folder)
    assert np.array_equal(again.rank, whole.rank)
    assert asked == [2]


def test_no_fit_knows_its_truth(linear, simulator, large, monkeypatch):
    """Where the chains start depends on the rows, not on the truth behind them."""
    begun = []

    def start(emulator, rows, *, first, **_):
        begun.append(first)
        raise KeyboardInterrupt

    monkeypatch.setattr(fitcalibration, "draw_start", start)
    monkeypatch.setattr(
        fitcalibration, "emulated_log_likelihood", lambda *_: lambda places: -places.sum(axis=1)
    )
    numbers = len(simulator.prior.free)
    prior = Normal(np.zeros(numbers), np.eye(numbers))
    readings = np.full(len(simulator.targets), 0.5)
    for truth in (0.1, 0.9):
        one = fitcalibration._DataSet(
            simulator,
            large,
            SimpleNamespace(emulator=None),
            prior,
            Way(8, 1, 1),
            1,
            0,
            np.full(numbers, truth),
            readings,
        )
        with pytest.raises(KeyboardInterrupt):
            fitcalibration._ranks(one)
    assert np.array_equal(*begun)


@pytest.mark.slow
def test_truths_without_a_value_are_drawn_anew_and_counted(simulator, large, monkeypatch):
    read = fitcalibration.Simulator.read

    def hidden(one, places):
        seen = read(one, places)
        # In a large population of the truth some have no value, in the few rats of its fit others.
        column = 0 if one.animals > simulator.animals else 1
        return np.where(places[:, column : column + 1] > 0.5, np.nan, seen)

    monkeypatch.setattr(fitcalibration.Simulator, "read", hidden)
    numbers = len(simulator.prior.free)
    prior = Normal(np.zeros(numbers), np.eye(numbers))
    random = np.random.default_rng(1)
    truths, seen, left_out = fitcalibration._draw_truths(simulator, large, prior, 10, random)
    assert (truths[:, :2] <= 0.5).all()
    assert left_out > 10
    assert np.isfinite(seen).all()
    assert np.array_equal(seen, read(large, truths))


def test_where_no_truth_has_a_value_it_says_so(simulator, large, monkeypatch):
    def nothing(one, places):
        return np.full((len(places), len(one.targets)), np.nan)

    monkeypatch.setattr(fitcalibration.Simulator, "read", nothing)
    prior = Normal(np.zeros(len(simulator.prior.free)), np.eye(len(simulator.prior.free)))
    with pytest.raises(NothingComputedError, match="hardly any truth"):
        fitcalibration._draw_truths(simulator, large, prior, 1, np.random.default_rng(1))


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


@pytest.mark.parametrize("number", ["data_sets", "particles", "moves", "animals", "sets", "seed"])
def test_a_number_that_is_too_small_is_named(number):
    with pytest.raises(QuantityError, match=f"^{number} -1 is not a whole number from"):
        calibrate_fit(rat=["lewis"], **{number: -1})
