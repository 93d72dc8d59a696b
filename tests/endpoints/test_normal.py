"""Intervals of very many rats: against the bootstrap, against their own definition, and in bounded memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from eaesim.endpoints import difference, effect, mean, normal, statistics
from eaesim.endpoints.normal import normal_difference, normal_effect, normal_mean

Z = 1.959963984540054


def pairs(rats, *, missing=0.0, seed=1):
    """Return rats whose control and treated values go together."""
    draw = np.random.default_rng(seed)
    control = draw.gamma(3.0, 1.0, rats)
    treated = 0.5 * control + draw.gamma(1.0, 0.3, rats)
    lost = [draw.random(rats) < missing for _ in range(2)]
    return np.where(lost[0], np.nan, treated), np.where(lost[1], np.nan, control)


def numbers(estimate):
    return np.array([estimate.value, estimate.low, estimate.high], dtype=float)


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("kind", ["values", "shares"])
def test_the_bootstrap_comes_to_them(monkeypatch, missing, kind):
    treated, control = pairs(6_000, missing=missing)
    if kind == "shares":
        treated, control = (np.where(np.isnan(each), np.nan, each > 3.5) for each in (treated, control))
    uses = (
        lambda: mean(treated, seed=3),
        lambda: difference(treated, control, seed=3),
        lambda: effect(treated, control, seed=3),
    )
    for use in uses:
        resampled = numbers(use())
        monkeypatch.setattr(statistics, "MOST_RESAMPLED", 5_999)
        large = numbers(use())
        monkeypatch.undo()
        assert large[0] == pytest.approx(resampled[0], rel=1e-12)
        # An end of 2,000 resamples is off by 6 % of a standard error, a quarter of which is the width.
        assert large == pytest.approx(resampled, abs=0.07 * (resampled[2] - resampled[1]))


def test_only_very_many_rats_are_not_resampled(monkeypatch):
    monkeypatch.setattr(statistics, "resample", lambda *_, seed: (np.array(seed),) * 3)
    for rats, resampled in ((statistics.MOST_RESAMPLED, True), (statistics.MOST_RESAMPLED + 1, False)):
        treated, control = pairs(rats)
        for found in (
            mean(treated, seed=-7),
            difference(treated, control, seed=-7),
            effect(treated, control, seed=-7),
        ):
            assert (found.value == -7) == resampled


def test_means_and_differences_are_the_textbooks():
    treated, control = pairs(500)
    for found, values in (
        (normal_mean(treated), treated),
        (normal_difference(treated, control), treated - control),
    ):
        error = values.std() / np.sqrt(500)
        expected = values.mean() + np.array([0, -Z, Z]) * error
        assert [float(each) for each in found] == pytest.approx(expected, rel=1e-9)


def test_the_ends_of_an_effect_are_ratios_that_are_just_not_ruled_out():
    treated, control = pairs(60)
    value, *ends = normal_effect(treated, control)
    assert value == pytest.approx(1 - treated.mean() / control.mean())
    assert ends[0] < value < ends[1]
    for end in ends:
        apart = treated - (1 - end) * control
        assert abs(apart.mean()) == pytest.approx(Z * apart.std() / np.sqrt(60), rel=1e-9)


def test_the_interval_of_an_effect_covers_the_truth_as_often_as_it_says():
    truth = 1 - (0.5 * 3 + 0.3) / 3
    hits = [
        low <= truth <= high
        for _, low, high in (normal_effect(*pairs(400, seed=seed)) for seed in range(800))
    ]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.025)


def test_rats_that_do_not_differ_have_no_width():
    treated, _ = pairs(300)
    for found in (normal_difference(treated, treated), normal_effect(treated, treated)):
        assert [float(each) for each in found] == [0, 0, 0]
    assert [float(each) for each in normal_difference(treated + 2, treated)] == pytest.approx(
        [2, 2, 2], abs=1e-9
    )
    assert [float(each) for each in normal_effect(0.25 * treated, treated)] == pytest.approx(
        [0.75] * 3, abs=1e-9
    )


def test_without_a_control_there_is_no_effect_and_with_next_to_none_no_interval():
    treated = np.ones(1_000)
    assert np.isnan([float(each) for each in normal_effect(treated, np.zeros(1_000))]).all()
    control = np.zeros(1_000)
    control[:2] = 1
    value, low, high = normal_effect(treated, control)
    assert value == -499
    assert np.isnan([low, high]).all()


def test_columns_are_estimated_each_on_its_own():
    samples = [pairs(800, missing=0.2, seed=seed) for seed in range(3)]
    treated, control = (np.column_stack([each[place] for each in samples]) for place in range(2))
    treated[:, 1] = np.nan
    together = np.array(normal_effect(treated, control))
    for column in range(3):
        alone = [float(each) for each in normal_effect(treated[:, column], control[:, column])]
        assert together[:, column] == pytest.approx(alone, rel=1e-9, nan_ok=True)
    assert np.isnan(together).any(axis=0).tolist() == [False, True, False]
    assert np.array(normal_mean(treated)).shape == (3, 3)


def test_the_size_of_blocks_does_not_matter(monkeypatch):
    treated, control = pairs(1_000, missing=0.1)
    whole = [float(each) for each in normal_effect(treated, control)]
    monkeypatch.setattr(normal, "AT_ONCE", 64)
    assert [float(each) for each in normal_effect(treated, control)] == pytest.approx(whole, rel=1e-9)


def test_a_million_rats_need_little_memory():
    treated, control = pairs(1_000_000)
    tracemalloc.start()
    for found in (
        mean(treated, seed=1),
        difference(treated, control, seed=1),
        effect(treated, control, seed=1),
    ):
        assert 0 < found.high - found.low < 0.02
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 30e6
