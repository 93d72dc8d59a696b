"""The sampler against posteriors that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from eaesim.estimation.sampler import Start, sample, stay

CENTRE = np.array([0.3, 0.5, 0.7, 0.4])
WIDTH = np.array([0.02, 0.05, 0.1, 0.03])


def gaussian(places):
    return -0.5 * (((places - CENTRE) / WIDTH) ** 2).sum(axis=1)


def test_a_gaussian_has_its_mean_its_width_and_its_evidence():
    places, found, stages = sample(gaussian, numbers=4, particles=600, seed=1, last_moves=30)
    assert places.mean(axis=0) == pytest.approx(CENTRE, abs=0.01)
    assert places.std(axis=0) == pytest.approx(WIDTH, rel=0.1)
    # The prior is even on the unit cube, so the evidence is the integral of the likelihood.
    exact = np.log(
        np.sqrt(2 * np.pi) * WIDTH * (norm.cdf((1 - CENTRE) / WIDTH) - norm.cdf(-CENTRE / WIDTH))
    ).sum()
    assert stages[-1].log_evidence == pytest.approx(exact, abs=0.3)
    assert found == pytest.approx(gaussian(places))
    assert [stage.share for stage in stages] == sorted(stage.share for stage in stages)
    assert stages[-1].share == 1.0


def test_without_data_the_prior_stays():
    places, _, stages = sample(lambda at: np.zeros(len(at)), numbers=2, particles=400, seed=3, last_moves=20)
    assert len(stages) == 1
    assert places.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.04)
    assert places.std(axis=0) == pytest.approx(np.full(2, 12**-0.5), rel=0.06)
    assert ((places >= 0) & (places <= 1)).all()


def test_two_modes_are_both_found():
    def modes(places):
        return np.logaddexp(
            -0.5 * ((places[:, 0] - 0.2) / 0.02) ** 2, -0.5 * ((places[:, 0] - 0.8) / 0.02) ** 2
        )

    places, _, _ = sample(modes, numbers=3, particles=400, seed=5, last_moves=10)
    assert (places[:, 0] < 0.5).mean() == pytest.approx(0.5, abs=0.15)


def test_a_mass_at_the_edge_stays_inside():
    places, _, _ = sample(lambda at: -at[:, 0] / 0.05, numbers=1, particles=600, seed=2, last_moves=30)
    assert places.min() >= 0
    assert places.mean() == pytest.approx(0.05, rel=0.15)


def test_a_seed_gives_the_same_bytes_and_another_seed_does_not():
    runs = [
        sample(gaussian, numbers=4, particles=40, seed=seed, last_moves=3)[0].tobytes() for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_of_the_last_moves_the_particles_are_kept_several_times():
    places, found, _ = sample(gaussian, numbers=4, particles=40, seed=1, last_moves=75)
    assert len(places) == len(found) == 40 * 2


def test_a_ridge_is_walked_along():
    """Sixty numbers, of which the data know one sum to a hundredth: all else stays as wide as before."""
    weights = np.resize([1.0, -1.0], 60) / np.sqrt(60)

    def ridge(places):
        return -0.5 * (((places - 0.5) @ weights - 0.1) / 0.01) ** 2

    places, _, _ = sample(ridge, numbers=60, particles=64, seed=1, moves=20, last_moves=400)
    assert ((places - 0.5) @ weights).mean() == pytest.approx(0.1, abs=0.003)
    assert ((places - 0.5) @ weights).std() == pytest.approx(0.01, rel=0.1)
    assert places.std(axis=0).mean() == pytest.approx(12**-0.5, rel=0.05)


def test_from_another_posterior_the_evidence_is_relative_to_its_own():
    """A normal likelihood in four numbers loses its last one: what that gains is known in closed form."""
    width = np.array([*WIDTH[:3], 0.2])

    def whole(at):
        return -0.5 * (((at - CENTRE) / width) ** 2).sum(axis=1)

    def without(at):
        return whole(np.column_stack([at[:, :3], np.full(len(at), 0.7)]))

    places, _, _ = sample(whole, numbers=4, particles=300, seed=1, last_moves=60)
    kept, found, stages = sample(
        without, numbers=4, particles=150, seed=2, last_moves=60, start=Start(places, whole)
    )
    inside = norm.cdf((1 - CENTRE) / width) - norm.cdf(-CENTRE / width)
    lost = norm.logpdf(0.7, CENTRE[3], width[3]) - np.log(inside[3])
    assert stages[-1].log_evidence == pytest.approx(lost, abs=0.15)
    assert found == pytest.approx(without(kept))
    # The number that no longer counts is as wide as its prior.
    assert kept[:, 3].std() == pytest.approx(12**-0.5, rel=0.1)
    assert kept[:, :3].std(axis=0) == pytest.approx(WIDTH[:3], rel=0.15)


def test_a_posterior_that_cannot_go_on_is_left_behind():
    places, _, _ = sample(gaussian, numbers=4, particles=300, seed=1, last_moves=60)

    def upper_half(at):
        return np.where(at[:, 0] > CENTRE[0], gaussian(at), -np.inf)

    kept, found, stages = sample(
        upper_half, numbers=4, particles=150, seed=2, last_moves=60, start=Start(places, gaussian)
    )
    assert stages[-1].log_evidence == pytest.approx(np.log(0.5), abs=0.15)
    assert np.isfinite(found).all()
    assert (kept[:, 0] > CENTRE[0]).all()


def likelihood(middle, width):
    return lambda places: -0.5 * (((places - middle) / width) ** 2).sum(axis=1)


def anew(middle, width):
    """Draw a normal posterior anew: the quickest moves that leave it as it is."""

    def moves(random, places):
        there = middle + width * random.standard_normal(places.shape)
        there[::7] = places[::7]  # some stay where they are
        return there, likelihood(middle, width)(there) - likelihood(middle, width)(places)

    return moves


@pytest.mark.parametrize("quick", [None, anew(0.52, 0.06)])
def test_a_bridge_is_exact_however_far_off_its_start_is(quick):
    numbers, asked = 10, []

    def wanted(places):
        asked.append(len(places))
        return likelihood(0.5, 0.05)(places)

    random = np.random.default_rng(1)
    begun = Start(0.52 + 0.06 * random.standard_normal((3_000, numbers)), likelihood(0.52, 0.06), quick)
    places, found, stages = sample(
        wanted, numbers=numbers, particles=1_000, seed=1, moves=8, last_moves=50, start=begun
    )
    assert np.abs(places.mean(axis=0) - 0.5).max() / 0.05 < 0.08
    assert np.abs(places.std(axis=0) / 0.05 - 1).max() < 0.08
    assert stages[-1].log_evidence == pytest.approx(numbers * np.log(0.05 / 0.06), abs=0.1)
    assert found.mean() == pytest.approx(-numbers / 2, abs=0.3)
    # Who did not move asks nothing.
    whole = len(begun.places) + 1_000 * (8 * (len(stages) - 1) + 50)
    assert sum(asked) < whole if quick else sum(asked) == whole


@pytest.mark.parametrize("off", [0.0, 0.02, 0.3])
def test_who_stays_ends_in_the_posterior_however_wrong_the_quick_moves_are(off):
    numbers = 6
    begin = np.random.default_rng(2).uniform(0.4, 0.6, (600, numbers))
    places, found, taken = stay(
        likelihood(0.5, 0.05),
        first=(begin, likelihood(0.5, 0.05)(begin)),
        pool=begin,
        quick=anew(0.5 + off, 0.06),
        moves=240,
        seed=1,
    )
    assert np.abs(places.mean(axis=0) - 0.5).max() / 0.05 < 0.08
    assert np.abs(places.std(axis=0) / 0.05 - 1).max() < 0.08
    assert found == pytest.approx(likelihood(0.5, 0.05)(places))
    # Where they are right most are taken; where they are hopeless only the plain ones in between are.
    assert taken > 0.3 if off < 0.1 else taken < 0.1
