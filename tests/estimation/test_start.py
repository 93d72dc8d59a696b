"""The emulator's start and the bridge, on posteriors that a grid knows."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.estimation.chain import Way, from_emulator
from eaesim.estimation.emulated import Normal, draw, emulated_log_likelihood, hamiltonian, probit
from eaesim.estimation.start import Round, draw_start, learn, rhat
from eaesim.estimation.target import Target, log_likelihood

pytestmark = pytest.mark.slow  # NUTS is compiled, and two bridges are crossed

NUMBERS = 20
GRID = (np.arange(400) + 0.5) / 400
ROUNDS = (Round(0.0, 1_500), Round(0.3, 1_500), Round(1.0, 2_000, bridged=True))


def row(reading: str, middle: float, error: float, scale: str = "plain") -> Target:
    return Target(
        finding="A1",
        experiment="toy",
        reading=reading,
        scale=scale,
        low=middle,
        high=middle,
        laboratory=error,
    )


ROWS = (
    row("banana", 0.5, 0.05),
    row("ridge", 0.15, 0.02),
    row("share", 1.0, 0.5, "logit"),
    row("share", 1.4, 0.5, "logit"),
    Target(finding="A1", experiment="toy", reading="bound", low=0.6, high=np.inf, laboratory=0.1),
    row("sometimes", 0.35, 0.1),
)


def toy(places):
    """Readings of pairs of numbers; the last has no value where its number is small."""
    a, b, c, d, e, f, g, h = places.T[:8]
    share = 1 / (1 + np.exp(-6 * (e * f - 0.2)))
    return np.stack([a + 2 * (b - 0.5) ** 2, c * d, share, share, g, np.where(h < 0.2, np.nan, h)], axis=1)


def exact(places):
    return log_likelihood(ROWS, toy(places))


def on_grid():
    """Means and standard deviations of the first eight numbers, and the log evidence, by quadrature."""
    middle, spread, evidence = [], [], 0.0
    one, two = (each.reshape(-1) for each in np.meshgrid(GRID, GRID, indexing="ij"))
    everywhere = np.full((len(one), 8), 0.5)
    base = exact(np.full((1, 8), 0.5))[0]
    for pair in ((0, 1), (2, 3), (4, 5), (6, 7)):
        at = everywhere.copy()
        at[:, pair[0]], at[:, pair[1]] = one, two
        found = exact(at) - base
        weights = np.exp(found - found.max())
        evidence += found.max() + np.log(weights.mean())
        weights /= weights.sum()
        for each in (one, two):
            middle.append(weights @ each)
            spread.append(np.sqrt(weights @ (each - middle[-1]) ** 2))
    return np.array(middle), np.array(spread), evidence + base


@pytest.fixture(scope="module")
def learnt():
    return learn(toy, ROWS, numbers=NUMBERS, seed=1, rounds=ROUNDS, epochs=20)


@pytest.fixture(scope="module")
def start(learnt):
    return draw_start(learnt.emulator, ROWS, bridges=2, seed=1, draws=400)


@pytest.fixture(scope="module")
def bridged(learnt, start):
    way = Way(particles=256, stage_moves=6, moves=60, lessons=1, lesson_moves=12)
    return [
        from_emulator(toy, ROWS, learnt, start.start(bridge), way=way, seed=bridge + 1) for bridge in range(2)
    ]


def test_ways_of_hamiltonian_dynamics_leave_the_emulators_posterior_as_it_is(learnt, start):
    places = start.places[:, ::4].reshape(-1, NUMBERS)
    moves, random, here = hamiltonian(learnt.emulator, ROWS, places), np.random.default_rng(1), places
    gains = np.zeros(len(places))
    for _ in range(12):
        here, gain = moves(random, here)
        gains += gain
    # Far from where they were, as far apart as before.
    assert np.corrcoef(here[:, 0], places[:, 0])[0, 1] < 0.7
    both = np.array([start.places[:2].reshape(-1, NUMBERS)[: len(here)], here])
    assert rhat(both).max() < 1.05
    assert gains == pytest.approx(start.log_likelihood(here) - start.log_likelihood(places), abs=2e-2)


def test_draws_under_another_prior_are_its_own_draws_weighed(learnt):
    """NUTS works in the coordinates of the prior; rows that count little leave enough of its draws."""
    random = np.random.default_rng(3)
    root = np.eye(NUMBERS) + 0.1 * random.standard_normal((NUMBERS, NUMBERS))
    prior = Normal(0.2 * random.standard_normal(NUMBERS), root @ root.T)
    found = draw(
        learnt.emulator,
        ROWS,
        prior.draw(2, random),
        draws=1_500,
        warmup=200,
        seed=1,
        tempered=0.1,
        prior=prior,
    )
    places = prior.draw(60_000, random)
    likely = emulated_log_likelihood(learnt.emulator, ROWS, tempered=0.1)(places)
    weights = np.exp(likely - likely.max())
    weights /= weights.sum()
    assert 1 / (weights**2).sum() > 500
    one, other = probit(found.reshape(-1, NUMBERS)), probit(places)
    middle = weights @ other
    spread = np.sqrt(weights @ (other - middle) ** 2)
    assert np.abs((one.mean(0) - middle) / spread).max() < 0.2
    assert np.abs(one.std(0) / spread - 1).max() < 0.15


def test_the_bridge_ends_in_the_posterior_that_a_grid_knows(bridged):
    middle, spread, log_evidence = on_grid()
    places = np.concatenate([each.places for each in bridged])
    assert np.abs((places[:, :8].mean(0) - middle) / spread).max() < 0.3
    assert np.abs(places[:, :8].std(0) / spread - 1).max() < 0.2
    # What no row is about stays as wide as the prior.
    assert np.abs(places[:, 8:].std(0) * np.sqrt(12) - 1).max() < 0.1
    for chain in bridged:
        assert abs(chain.stages[-1].log_evidence - log_evidence) < 0.6
        assert chain.log_likelihood == pytest.approx(exact(chain.places))


def test_chains_of_the_start_and_bridges_agree(start, bridged):
    assert start.rhat().max() < 1.05
    assert rhat(np.array([each.places for each in bridged])).max() < 1.05
