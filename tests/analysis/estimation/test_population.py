"""Populations of many sets, against studies of one."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.analysis.estimation.population import (
    Simulator,
    read_experiments,
    simulate_populations,
)
from eaesim.analysis.estimation.prior import read_prior
from eaesim.analysis.estimation.target import read_targets
from eaesim.analysis.estimation.trial import Trial, effects, run_arms, shortened
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation
from eaesim.study import Study

LEWIS = load("lewis")
EXPERIMENT = shortened(read_experiments()["lewis_immunised"], 16)


def run(typical, **options):
    settings = {"entries": LEWIS.entries, "animals": 6, "seed": 3, "workers": 1} | options
    return simulate_populations(EXPERIMENT, typical, **settings)


def test_a_population_is_what_a_study_of_the_same_rats_gives():
    study = Study(LEWIS, until=16, arms=[Arm("vehicle")], inductions=[Immunisation()], mechanism="none")
    result = study.run(animals=6, seed=3, members=1)
    seen = run([LEWIS.parameters()])
    # The tolerances differ, and a severity beside a threshold may be read on its other side.
    assert (seen.score[0] == result.simulation.score[0]).mean() > 0.98
    assert seen.severity[0] == pytest.approx(result.simulation.severity[0], abs=1e-3)


def test_a_set_has_the_same_bits_alone_and_among_others():
    other = LEWIS.replace(priming_rate=0.2).parameters()
    together = run([LEWIS.parameters(), other, LEWIS.parameters()])
    for place, one in enumerate([LEWIS.parameters(), other, LEWIS.parameters()]):
        alone = run([one])
        assert alone.severity[0].tobytes() == together.severity[place].tobytes()


def test_threads_change_nothing():
    sets = [LEWIS.replace(priming_rate=value).parameters() for value in np.linspace(0.2, 1, 12)]
    assert run(sets, workers=1).severity.tobytes() == run(sets, workers=2).severity.tobytes()


def test_populations_may_have_rats_of_their_own():
    typical = [LEWIS.parameters("none")] * 3
    found, again = run(typical, rats=np.array([0, 1, 0])), run(typical[:2], rats=np.array([1, 0]))
    for name in ("score", "severity", "death_day"):
        first, second, third = (each.tobytes() for each in getattr(found, name))
        assert [each.tobytes() for each in getattr(again, name)] == [second, first]
        assert third == first
    assert found.severity[0].tobytes() != found.severity[1].tobytes()


def test_no_dose_for_some_rats_is_no_dose():
    typical = [LEWIS.parameters("H1a")]
    days = np.array([[0.0, np.nan, 0.0, np.nan, 12.0, np.nan]])
    plain, dosed = run(typical), run(typical, dose=Bolus("1 g/kg"), days=days)
    same = [plain.severity[0, rat].tobytes() == dosed.severity[0, rat].tobytes() for rat in range(6)]
    assert same == [False, True, False, True, False, True]


def test_a_simulator_reads_every_row_and_batches_do_not_matter(monkeypatch):
    prior = read_prior({"lewis": LEWIS})
    targets = tuple(target for target in read_targets()[0] if target.experiment == "lewis_transfer")
    simulator = Simulator(prior, targets, read_experiments(), 5, 1, 1)
    places = np.random.default_rng(2).random((5, len(prior.free)))
    whole = simulator.read(places)
    monkeypatch.setattr("eaesim.analysis.estimation.population.AT_ONCE", 2)
    parts = simulator.read(places)
    assert whole[0].shape == (5, len(targets))
    for one, other in zip(whole, parts, strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_mechanism_that_is_off_has_no_effect_at_all():
    trials = [
        Trial(EXPERIMENT, Bolus("2 g/kg"), 0.0),
        Trial(EXPERIMENT, Bolus("2 g/kg"), 0.0, "cumulative_score"),
    ]
    off = [LEWIS.parameters("none")]
    for treated, control in run_arms(trials, off, off, entries=LEWIS.entries, animals=6, seed=1):
        assert (treated == control).all()
        assert effects(treated, control) == [0.0]


def test_a_dose_at_onset_leaves_the_onset_where_it_was():
    trial = Trial(EXPERIMENT, Bolus("2 g/kg"), "onset", "onset_day")
    ((treated, control),) = run_arms(
        [trial], [LEWIS.parameters()], [LEWIS.parameters("H6")], entries=LEWIS.entries, animals=6, seed=1
    )
    assert np.array_equal(treated, control, equal_nan=True)
