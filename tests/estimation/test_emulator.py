"""The emulator and what it says of rows, against the likelihood itself and posteriors in closed form."""

from __future__ import annotations

import sys
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

from eaesim.errors import MissingLibraryError
from eaesim.estimation import emulator as emulator_module
from eaesim.estimation import start as start_module
from eaesim.estimation.agreement import rhat
from eaesim.estimation.emulated import Normal, covariance, draw, emulated_log_likelihood, probit
from eaesim.estimation.emulator import Emulator, different_readings, train
from eaesim.estimation.start import Round, learn
from eaesim.estimation.target import Target, log_likelihood
from eaesim.questions.fit.answer import fit

NUMBERS = 3


def row(reading, low, high=None, *, error=0.0, laboratory=0.5, scale="plain"):
    high = low if high is None else high
    return Target(
        finding="A1",
        experiment="toy",
        reading=reading,
        scale=scale,
        low=low,
        high=high,
        error=error,
        laboratory=laboratory,
    )


ROWS = (
    row("peak", 2.0, error=0.3),
    row("peak", 2.6, laboratory=0.9),
    row("ill", 1.0, scale="logit"),
    row("dead", -np.inf, -2.0, scale="logit"),
    row("onset", 9.0, 12.0),
    row("rise", 0.7, np.inf, laboratory=0.2),
)


def constant(values, known=None, rows=ROWS):
    """Return an emulator that says the same everywhere: on the plain scale, as a simulator would."""
    readings = different_readings(rows)
    share = readings.share
    values = np.asarray(values, dtype=float)
    out = np.where(share, np.log(np.where(share, values, 0.5) / (1 - np.where(share, values, 0.5))), values)
    last = np.concatenate([out, np.where(np.ones(len(out)) if known is None else known, 40.0, -40.0)])
    weights = (np.zeros((NUMBERS, 4)), np.zeros(4), np.zeros((4, 2 * len(out))), last)
    zero = np.zeros(len(out))
    weights = tuple(each.astype(np.float32) for each in weights)
    return Emulator(readings, weights, zero, 1 / readings.unit, zero)


def simulated(values, rows=ROWS):
    whole = np.asarray(values, dtype=float)[different_readings(rows).of_row][None]
    return log_likelihood(rows, whole)[0]


@pytest.mark.parametrize(
    "values", [[2.2, 0.6, 0.05, 10.0, 0.9], [1.0, 0.9, 0.5, 8.0, 0.1], [4.0, 0.2, 0.01, 14.0, 0.7]]
)
def test_readings_have_the_likelihood_that_the_rows_give_them(values):
    found = emulated_log_likelihood(constant(values), ROWS)(np.full((5, NUMBERS), 0.5))
    assert found == pytest.approx(np.full(5, simulated(values)), rel=1e-5)
    tempered = emulated_log_likelihood(constant(values), ROWS, tempered=0.3)(np.full((1, NUMBERS), 0.5))
    assert tempered[0] == pytest.approx(0.3 * simulated(values), rel=1e-5)


def test_a_bound_without_a_value_costs_what_the_likelihood_says():
    known = np.array([True, True, True, True, False])
    found = emulated_log_likelihood(constant([2.2, 0.6, 0.05, 10.0, 0.0], known), ROWS)
    assert found(np.full((1, NUMBERS), 0.5))[0] == pytest.approx(
        simulated([2.2, 0.6, 0.05, 10.0, np.nan]), rel=1e-5
    )


def test_what_the_emulator_is_off_by_counts_as_an_error_of_all_its_rows():
    emulator = replace(constant([3.0, 0.6, 0.05, 10.0, 0.9]), residual=np.array([0.4, 0, 0, 0, 0]))
    found = emulated_log_likelihood(emulator, ROWS)(np.full((1, NUMBERS), 0.5))[0]
    both = covariance(ROWS[:2]) + 0.4**2
    off = np.array([2.0, 2.6]) - 3.0
    pair = -0.5 * off @ np.linalg.solve(both, off) - 0.5 * np.linalg.slogdet(2 * np.pi * both)[1]
    alone = sum(-0.5 * (each / one.spread) ** 2 - np.log(one.spread) - 0.5 * np.log(2 * np.pi)
                for each, one in zip(off, ROWS[:2], strict=True))  # fmt: skip
    assert found - simulated([3.0, 0.6, 0.05, 10.0, 0.9]) == pytest.approx(pair - alone, rel=1e-4)


@pytest.mark.slow
def test_without_anything_said_draws_are_those_of_the_prior():
    random = np.random.default_rng(1)
    root = 0.6 * random.standard_normal((NUMBERS, NUMBERS))
    prior = Normal(np.array([0.5, -0.3, 0.0]), np.eye(NUMBERS) + root @ root.T)
    found = draw(
        constant([2.2, 0.6, 0.05, 10.0, 0.9]),
        ROWS,
        random.random((2, NUMBERS)),
        draws=1_500,
        warmup=200,
        seed=1,
        prior=prior,
    )
    at = probit(found.reshape(-1, NUMBERS))
    assert rhat(found).max() < 1.02
    assert at.mean(axis=0) == pytest.approx(prior.mean, abs=0.08)
    assert np.cov(at, rowvar=False) == pytest.approx(np.linalg.inv(prior.precision), abs=0.08)


def test_readings_that_rows_share_are_emulated_once_at_the_smallest_error():
    found = different_readings(ROWS)
    assert found.columns.tolist() == [0, 2, 3, 4, 5]
    assert found.of_row.tolist() == [0, 0, 1, 2, 3, 4]
    assert found.share.tolist() == [False, True, True, False, False]
    assert found.unit[0] == pytest.approx(np.hypot(0.3, 0.5))
    scaled = found.on_scale(np.array([[2.0, 0.5, 0.0, np.nan, 1.0], [2.0, np.nan, 1.0, 3.0, 1.0]]))
    assert scaled[0, 1:3] == pytest.approx([0.0, np.log(0.5 / 125.5)])
    assert np.isnan(scaled).tolist() == [[False] * 3 + [True, False], [False, True, False, False, False]]


def toy(places):
    """Readings: a number, a share, and one that half of the sets have."""
    a, b, c = places.T
    share = 1 / (1 + np.exp(-3 * (a + b - 1)))
    return np.stack([3 * a * b, share, np.where(c > 0.5, a + c, np.nan)], axis=1)


TOY = (row("peak", 1.0, laboratory=0.3), row("ill", 0.5, scale="logit"), row("sometimes", 1.2))


@pytest.fixture(scope="module")
def trained():
    places = np.random.default_rng(1).random((3_000, NUMBERS))
    return train(places, toy(places), different_readings(TOY), epochs=20, seed=1)


@pytest.mark.slow
def test_it_learns_numbers_shares_and_which_sets_have_a_value(trained):
    places = np.random.default_rng(2).random((2_000, NUMBERS))
    readings = different_readings(TOY)
    found, expected = (readings.on_scale(each) for each in (trained.values(places), toy(places)))
    assert np.isnan(found[:, :2]).sum() == 0
    right = np.isnan(found[:, 2]) == np.isnan(expected[:, 2])
    assert right.mean() > 0.97
    off = (found - expected) / different_readings(TOY).unit
    assert np.nanstd(off, axis=0).max() < 0.25
    # What it says that it is off by is what it is off by.
    assert trained.residual / different_readings(TOY).unit == pytest.approx(np.nanstd(off, axis=0), rel=0.6)


@pytest.mark.slow
def test_a_seed_gives_the_same_emulator(trained):
    places = np.random.default_rng(1).random((300, NUMBERS))
    one, same, other = (
        train(places, toy(places), different_readings(TOY), epochs=2, seed=seed) for seed in (1, 1, 2)
    )
    assert all(np.array_equal(*each) for each in zip(one.weights, same.weights, strict=True))
    assert not np.array_equal(one.weights[0], other.weights[0])


def untrained(places, values, readings, *, seed, **_):
    """Return an emulator that depends on all that is given, and has learnt nothing: JAX need not compile."""
    random = np.random.default_rng([seed, crc32(places.tobytes() + values.tobytes())])
    known = constant([1.0, 0.5, 1.2], rows=TOY)
    weights = tuple(random.standard_normal(each.shape).astype(np.float32) for each in known.weights)
    return replace(known, weights=weights)


def anywhere(random, here):
    return random.random(here.shape), np.zeros(len(here))


@pytest.mark.parametrize("trainer", [untrained, pytest.param(train, marks=pytest.mark.slow)])
def test_what_was_simulated_and_learnt_is_not_done_again(trainer, tmp_path, monkeypatch):
    rounds = (Round(0.0, 300), Round(0.5, 200), Round(1.0, 300, bridged=True))
    asked = []

    def read(places):
        asked.append(len(places))
        return toy(places)

    monkeypatch.setattr(emulator_module, "WIDTH", 16)
    monkeypatch.setattr(start_module, "train", trainer)
    if trainer is untrained:
        monkeypatch.setattr(start_module, "_LAST_MOVES", 2)
        monkeypatch.setattr(start_module, "hamiltonian", lambda *_: anywhere)
    settings = {"numbers": NUMBERS, "seed": 1, "rounds": rounds, "epochs": 2}
    whole = learn(read, TOY, **settings)
    first, asked[:] = sum(asked), []
    assert len(whole.places) == 800
    with monkeypatch.context() as patch:
        patch.setattr(start_module, "_on_a_bridge", lambda *_: pytest.fail("stopped here"))
        with pytest.raises(pytest.fail.Exception):
            learn(read, TOY, **settings, folder=tmp_path)
    assert asked == [300, 200]
    again = learn(read, TOY, **settings, folder=tmp_path)
    assert sum(asked) == first
    monkeypatch.setattr(start_module, "train", lambda *_, **__: pytest.fail("it trained"))
    once_more = learn(lambda _: pytest.fail("it simulated"), TOY, **settings, folder=tmp_path)
    for found in (again, once_more):
        assert np.array_equal(found.places, whole.places)
        assert np.array_equal(found.emulator.weights[0], whole.emulator.weights[0])


@pytest.mark.parametrize("library", ["jax", "optax", "numpyro"])
def test_without_a_library_one_line_names_the_extra(library, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingLibraryError, match=rf"--start prior.*{library}.*eaesim\[fit\]") as caught:
        fit(rat=["lewis"])
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "kept").exists()
