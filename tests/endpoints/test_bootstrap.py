"""Resampling against the same written out in one line, and against NumPy's quantiles."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eaesim.endpoints import difference, effect, mean
from eaesim.endpoints.bootstrap import RESAMPLES, draw_counts, resample, tails

ENDS = [(1 - 0.95) / 2, 1 - (1 - 0.95) / 2]


def written_out(of_means, *samples, seed):
    """Resample with one matrix of weights and NumPy's quantiles."""
    rats = len(samples[0])
    counts = (
        np.random.default_rng(seed).multinomial(rats, np.full(rats, 1 / rats), size=RESAMPLES).astype(float)
    )

    def means(values, counts):
        known = ~np.isnan(values)
        number = counts @ known.astype(float)
        return counts @ np.where(known, values, 0.0) / np.where(number == 0, np.nan, number)

    value = of_means(*(means(sample, np.ones((1, rats))) for sample in samples))[0]
    low, high = np.nanquantile(of_means(*(means(sample, counts) for sample in samples)), ENDS, axis=0)
    return np.array([value, low, high])


def sample(rats, columns=(), *, missing=0.0, seed=1):
    draw = np.random.default_rng(seed)
    values = draw.gamma(2.0, 1.5, (rats, *columns))
    return np.where(draw.random(values.shape) < missing, np.nan, values)


STATISTICS = {
    "mean": (mean, 1, lambda a: a),
    "difference": (difference, 2, lambda a, b: a - b),
    "effect": (effect, 2, lambda a, b: 1 - a / np.where(b == 0, np.nan, b)),
}


@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize("missing", [0.0, 0.4])
@pytest.mark.parametrize("shape", [(20,), (80,), (400,), (80, 6)])
def test_it_is_the_bootstrap_written_out(name, missing, shape):
    statistic, number, of_means = STATISTICS[name]
    samples = [sample(shape[0], shape[1:], missing=missing, seed=place) for place in range(number)]
    if shape == (20,):  # one missing would leave too few for a bootstrap
        samples = [np.where(np.isnan(each), 1.0, each) for each in samples]
    found = statistic(*samples, seed=5)
    # A rat without a value in one sample is no pair.
    either = np.isnan(sum(samples))
    samples = [np.where(either, np.nan, each) for each in samples]
    expected = written_out(of_means, *samples, seed=5)
    assert np.array([found.value, found.low, found.high]) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("rats", [501, 2_500])
def test_of_many_rats_the_interval_is_that_of_the_bootstrap_but_for_chance(rats):
    samples = [sample(rats, missing=0.2, seed=place) for place in range(2)]
    samples = [np.where(np.isnan(sum(samples)), np.nan, each) for each in samples]
    found = effect(*samples, seed=5)
    value, low, high = written_out(STATISTICS["effect"][2], *samples, seed=5)
    assert found.value == pytest.approx(value, rel=1e-13)
    # Two thousand resamples say where an end lies to a tenth of the interval.
    assert [found.low, found.high] == pytest.approx([low, high], abs=0.1 * (high - low))


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("rats", [3, 700])
def test_each_rat_is_drawn_as_often_as_any_other(quick, rats):
    counts = draw_counts(np.random.default_rng(3), rats, quick=quick)
    assert counts.shape == (RESAMPLES, rats)
    assert (counts.sum(axis=1) == rats).all()
    np.testing.assert_allclose(counts.mean(axis=0), 1.0, atol=6 / np.sqrt(RESAMPLES))
    assert counts.var(axis=0).mean() == pytest.approx(1 - 1 / rats, rel=0.05)
    assert (counts == 0).mean() == pytest.approx((1 - 1 / rats) ** rats, rel=0.05)
    # Rats are drawn independently of each other but for their number.
    assert np.corrcoef(counts[:, 0], counts[:, 1])[0, 1] == pytest.approx(-1 / (rats - 1), abs=0.1)


def test_what_is_remembered_is_what_is_computed():
    values = sample(600, missing=0.3)
    first = mean(values, seed=2)
    for seed in range(3, 9):
        mean(values + seed, seed=2)
    assert mean(values, seed=2) == first != mean(values, seed=3)
    columns = mean(np.column_stack([values, values]), seed=2)
    assert columns.low == pytest.approx(first.low, rel=1e-13)


@pytest.mark.parametrize("columns", [(), (12,)])
def test_threads_change_no_bit(columns):
    code = (
        "import numpy as np; from eaesim.endpoints import effect; random = np.random.default_rng(1);"
        f"samples = random.gamma(2.0, 1.5, (2, 1500, *{columns!r})); found = effect(*samples, seed=1);"
        "print(np.array([found.value, found.low, found.high]).tobytes().hex())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), threads),
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(printed) == 1


@pytest.mark.parametrize("rats", [40, 700])
def test_columns_at_once_are_the_columns_one_by_one(rats):
    treated, control = sample(rats, (5,), missing=0.1), sample(rats, (5,), missing=0.1, seed=2)
    treated[:, 3] = control[:, 4] = np.nan
    control[:, 2] = 0
    together = effect(treated, control, seed=3)
    for column in range(5):
        alone = effect(treated[:, column], control[:, column], seed=3)
        found = [each[column] for each in (together.value, together.low, together.high)]
        assert found == pytest.approx([alone.value, alone.low, alone.high], rel=1e-12, nan_ok=True)
    assert np.isnan(together.value).tolist() == [False, False, True, True, True]


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 60), st.integers(1, 4)),
        elements=st.one_of(st.floats(-1e3, 1e3), st.just(np.nan)),
    )
)
def test_tails_are_numpys_quantiles(values):
    found = tails(values)
    for column in range(values.shape[1]):
        known = values[:, column][~np.isnan(values[:, column])]
        expected = np.quantile(known, ENDS) if len(known) else [np.nan, np.nan]
        assert np.array_equal(found[:, column], expected, equal_nan=True)
        assert np.array_equal(tails(values[:, column]), expected, equal_nan=True)


def test_the_same_rats_are_drawn_from_every_sample():
    values = sample(30)
    zero = resample(lambda a, b: a - b, values, values, seed=2)
    assert [float(each) for each in zero] == [0, 0, 0]


def test_a_mean_of_zero_has_no_effect_though_its_resamples_have():
    found = effect(np.ones(4), np.array([1.0, -1, 1, -1]), seed=1)
    assert np.isnan([found.value, found.low, found.high]).all()
