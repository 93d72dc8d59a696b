"""Chains of a fit, against posteriors that are known, and what they let their emulator learn."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm

from eaesim.errors import UnknownNameError
from eaesim.estimation import chain as module
from eaesim.estimation.chain import WAYS, Way, fit_way, from_emulator, from_prior
from eaesim.estimation.emulated import Normal
from eaesim.estimation.record import Asked
from eaesim.estimation.target import Target, log_likelihood
from eaesim.questions.fit.answer import fit

#: The first number is read as it is; the rows know nothing of the second.
ROWS = (Target(finding="A1", experiment="y", reading="z", low=0.5, high=0.5, laboratory=0.02),)
WRONG = norm(0.45, 0.03)


def read(places):
    return places[:, :1]


@pytest.mark.parametrize("start", WAYS)
def test_what_is_not_asked_for_stays_as_it_is_shipped(start):
    assert fit_way(start) == WAYS[start]
    assert fit_way(start, particles=8)._replace(particles=WAYS[start].particles) == WAYS[start]
    assert fit_way(start, particles=8, moves=3)[:3] == (8, WAYS[start].stage_moves, 3)


@pytest.mark.parametrize(
    ("start", "said"),
    [("emulater", "emulator"), ("Prior", "prior"), ("", "start of a fit"), ("nuts", "emulator")],
)
def test_a_start_that_is_none_is_said_in_one_line(start, said):
    for asked in (fit_way, lambda name: fit(rat=["lewis"], start=name)):
        with pytest.raises(UnknownNameError, match=said) as caught:
            asked(start)
        assert "\n" not in str(caught.value)


def test_a_number_that_somebody_asks_for_counts_even_where_it_is_none_at_all():
    # It is refused where it is used, by name, and not replaced without a word.
    found = fit_way("emulator", particles=0, moves=0)
    assert (found.particles, found.moves) == (0, 0)


def test_only_sets_that_are_near_the_best_are_taught_and_each_once():
    asked = Asked(ROWS, read)
    # Log-likelihoods 0, 0.5, 50, 199 and 201 below the best.
    off = np.sqrt(2 * np.array([0.0, 0.5, 50, 199, 201])) * 0.02
    first = np.column_stack([0.5 - off, np.arange(5)])
    assert asked(first) == pytest.approx(log_likelihood(ROWS, read(first)))
    asked(first[::-1] + np.array([0.0, 10.0]))
    places, values = asked.forget()
    assert places[:, 1].tolist() == [0, 1, 2, 3, 13, 12, 11, 10]
    assert values.tolist() == read(places).tolist()
    # The best of these is itself far off: near is by what was asked since.
    later = np.array([[0.9, 20.0], [0.901, 21.0]])
    asked(later)
    assert asked.forget()[0].tolist() == later.tolist()
    assert not asked.places
    assert not asked.values


def test_the_prior_of_a_fit_decides_too_what_is_near():
    asked = Asked(ROWS, read, Normal(norm.ppf([0.5, 0.2]), np.diag([1.0, 0.05**-2])))
    places = np.array([[0.5, 0.2], [0.5, 0.9]])
    found = asked(places)
    middle, tail = norm.ppf([0.2, 0.9])
    # Against the even prior, which is standard normal in the probit.
    expected = norm.logpdf(middle, middle, 0.05) - norm.logpdf(tail, middle, 0.05)
    expected -= norm.logpdf(middle) - norm.logpdf(tail)
    assert found[0] - found[1] == pytest.approx(expected)
    assert expected > 200
    assert asked.forget()[0].tolist() == places[:1].tolist()


@pytest.fixture(scope="module")
def taught():
    """Return a chain whose emulator stays wrong, what that was taught, and all that was simulated."""
    lessons, simulated = [], []

    def watched(places):
        simulated.append(places)
        return read(places)

    def extended(learnt, read, near, targets, **_):
        lessons.append((near, read(near)))
        return learnt

    def hamiltonian(*_, **__):
        def anywhere(random, places):  # in the emulator's posterior: independent draws leave it as it is
            there = np.column_stack([WRONG.rvs(len(places), random_state=random), random.random(len(places))])
            return there, WRONG.logpdf(there[:, 0]) - WRONG.logpdf(places[:, 0])

        return anywhere

    random = np.random.default_rng(1)
    begin = np.column_stack([WRONG.rvs(800, random_state=random), random.random(800)])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "extended", extended)
        patched.setattr(module, "hamiltonian", hamiltonian)
        found = from_emulator(
            watched,
            ROWS,
            SimpleNamespace(emulator=None),
            (begin, lambda places: WRONG.logpdf(places[:, 0]), 0.7),
            way=Way(300, 6, 24, 2, 8),
            seed=1,
        )
    return found, lessons, np.concatenate(simulated)


def test_a_chain_from_a_wrong_emulator_ends_in_the_posterior(taught):
    found = taught[0]
    # Of the last moves two thirds are kept, every fourth.
    assert found.places.shape == (300 * 4, 2)
    assert found.places[:, 1].mean() == pytest.approx(0.5, abs=0.06)
    assert found.places[:, 0].mean() == pytest.approx(0.5, abs=0.003)
    assert found.places[:, 0].std() == pytest.approx(0.02, rel=0.1)
    assert found.log_likelihood == pytest.approx(log_likelihood(ROWS, read(found.places)))
    # The rows' density is 1 over the cube, and so is that of what it started from, by what is said of it.
    assert found.stages[-1].log_evidence == pytest.approx(0.7, abs=0.3)
    assert found.stages[-1].share == 1
    assert 0 < found.stages[-1].accepted < 1


def test_every_lesson_is_of_what_was_simulated_since_the_last_and_so_nothing_is_learnt_twice(taught):
    _, lessons, simulated = taught
    assert len(lessons) == 2
    taught_places = np.concatenate([near for near, _ in lessons])
    assert len(np.unique(taught_places, axis=0)) == len(taught_places)
    assert {tuple(each) for each in taught_places} <= {tuple(each) for each in simulated}
    for near, values in lessons:
        assert values.tolist() == read(near).tolist()
    # What was simulated after the second lesson is in none.
    assert len(taught_places) < len(simulated)


def test_a_chain_from_the_prior_goes_its_own_way():
    found = from_prior(
        lambda places: log_likelihood(ROWS, read(places)), numbers=2, way=Way(200, 6, 75), seed=1
    )
    assert found.places.shape == (200 * 2, 2)
    assert found.places[:, 0].mean() == pytest.approx(0.5, abs=0.005)
    assert found.stages[-1].log_evidence == pytest.approx(0.0, abs=0.3)
