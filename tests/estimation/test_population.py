"""Populations of many sets, against studies of one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.estimation.experiment import read_experiments, simulate_courses
from eaesim.estimation.fit import published_simulator
from eaesim.estimation.population import Simulator, simulate_populations
from eaesim.estimation.prior import read_prior
from eaesim.estimation.rats import EVEN_RATS, EVEN_SEED, Rats, drawn_rats, even_rats
from eaesim.estimation.target import log_likelihood, read_targets
from eaesim.estimation.trial import Controls, Trial, effects, run_arms, shortened
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation
from eaesim.solver import solve
from eaesim.study import Study
from eaesim.study.assembly import READ, build_problem

LEWIS = load("lewis")
EXPERIMENT = shortened(read_experiments()["lewis_immunised"], 16)


def run(typical, **options):
    settings = {"entries": LEWIS.entries, "rats": drawn_rats(6, seed=3, days=17), "workers": 1} | options
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
    own = drawn_rats(6, seed=3, days=17, populations=3)
    found = run(typical, rats=own)
    first, second, third = (found.severity[place].tobytes() for place in range(3))
    assert len({first, second, third}) == 3
    assert run(typical[:1]).severity[0].tobytes() == first
    whole = run(typical[:1], rats=drawn_rats(18, seed=3, days=17))
    assert whole.score.tobytes() == found.score.tobytes()


def test_each_observer_of_a_rat_sees_the_same_severity_and_reads_with_an_error_of_his_own():
    rats = even_rats(4, seed=1, days=17)
    seen = run([LEWIS.parameters()], rats=rats)
    assert seen.severity.shape == (1, 4, 17)
    assert seen.score.shape == (1, 16, 17)
    apart = Rats(
        np.repeat(rats.differences, 4, axis=0), rats.observer.reshape(16, 1, -1), rats.death.reshape(16, 1)
    )
    assert run([LEWIS.parameters()], rats=apart).score.tobytes() == seen.score.tobytes()


def test_a_dose_that_waits_for_signs_is_given_when_that_observer_sees_them():
    rats, typical = even_rats(4, seed=1, days=17), [LEWIS.parameters("H6")]
    days = np.full((1, 16), np.nan)
    days[0, 5] = 10.0
    plain, dosed = run(typical, rats=rats), run(typical, rats=rats, dose=Bolus("2 g/kg"), days=days)
    others = np.arange(16) != 5
    assert dosed.score[0, others].tobytes() == plain.score[0, others].tobytes()


@pytest.mark.parametrize(("count", "seed"), [(32, 4), (EVEN_RATS, EVEN_SEED)])
def test_an_even_population_is_even(count, seed):
    rats = even_rats(count, seed=seed, days=9)
    varied = rats.differences[:, rats.differences.any(axis=0)]
    assert varied.shape[1] >= 15
    assert varied.mean(axis=0) == pytest.approx(np.zeros(varied.shape[1]), abs=1e-12)
    assert varied.std(axis=0) == pytest.approx(np.ones(varied.shape[1]))
    assert rats.observer.sum() == 0
    # One death in each stratum of the exponential distribution.
    ranks = np.sort(-np.expm1(-rats.death.reshape(-1))) * rats.animals
    assert (np.floor(ranks) == np.arange(rats.animals)).all()
    longer = even_rats(count, seed=seed, days=20)
    assert (longer.observer[:, :, :9] == rats.observer).all()


def test_every_fit_has_the_rats_whose_scrambling_was_chosen():
    one, other = (published_simulator([name], animals=EVEN_RATS) for name in ("lewis", "da"))
    assert one.seed == other.seed == EVEN_SEED
    assert (one.animals, Simulator.animals, Simulator.seed) == (EVEN_RATS, EVEN_RATS, EVEN_SEED)


@pytest.mark.slow
def test_the_few_rats_of_a_fit_stand_for_a_thousand():
    """Of the typical rats: no row reads otherwise by as much as it is uncertain, all together by a third."""
    few = published_simulator(("lewis", "da"), animals=EVEN_RATS, workers=1)
    prior = few.prior
    values = [prior.rats.get(each.strain, LEWIS).entries[each.name].value for each in prior.free]
    places = np.array(
        [[each.place(np.float64(value)) for each, value in zip(prior.free, values, strict=True)]]
    )
    read = np.vstack([few.read(places), replace(few, animals=1024, seed=1).read(places)])
    assert np.isfinite(read).all()
    off = np.array([target.off(values) for target, values in zip(few.targets, read.T, strict=True)])
    apart = off[:, 0] - off[:, 1]
    assert abs(apart).max() < 1
    assert np.sqrt((apart**2).mean()) < 1 / 3
    # Over sets near the posterior the difference has a standard deviation of 0.9 about 0.4.
    one, other = log_likelihood(few.targets, read)
    assert one - other == pytest.approx(0.4, abs=3 * 0.9)


def test_what_begins_alike_is_what_each_experiment_gives_alone():
    names = (
        "lewis_immunised",
        "lewis_again_day_21",
        "lewis_cells_day_21",
        "lewis_again_day_35",
        "lewis_transfer",
    )
    experiments = [read_experiments()[name] for name in names]
    parameters = np.array([LEWIS.parameters("none"), LEWIS.replace(priming_rate=0.2).parameters("none")])
    together = simulate_courses(experiments, parameters, record=READ)
    for each in experiments:
        alone = solve(
            build_problem(
                parameters,
                [each.events],
                until=each.design.until,
                record=READ,
                follows=np.zeros(2, dtype=np.int64),
                relative_tolerance=1e-7,
            )
        )
        assert together[each.name] == pytest.approx(alone.values, abs=3e-3), each.name


def test_no_dose_for_some_rats_is_no_dose():
    typical = [LEWIS.parameters("H1a")]
    days = np.array([[0.0, np.nan, 0.0, np.nan, 12.0, np.nan]])
    plain, dosed = run(typical), run(typical, dose=Bolus("1 g/kg"), days=days)
    same = [plain.severity[0, rat].tobytes() == dosed.severity[0, rat].tobytes() for rat in range(6)]
    assert same == [False, True, False, True, False, True]


def test_a_simulator_reads_every_row_and_batches_do_not_matter(monkeypatch):
    prior = read_prior({"lewis": LEWIS})
    targets = tuple(target for target in read_targets()[0] if target.experiment == "lewis_transfer")
    simulator = Simulator(prior, targets, read_experiments(), animals=8, workers=1)
    places = np.random.default_rng(2).random((5, len(prior.free)))
    whole = simulator.read(places)
    monkeypatch.setattr("eaesim.estimation.population.AT_ONCE", 2)
    parts = simulator.read(places)
    assert whole.shape == (5, len(targets))
    assert whole.tobytes() == parts.tobytes()


def test_a_mechanism_that_is_off_has_no_effect_at_all():
    trials = [
        Trial(EXPERIMENT, Bolus("2 g/kg"), 0.0),
        Trial(EXPERIMENT, Bolus("2 g/kg"), 0.0, "cumulative_score"),
    ]
    off = [LEWIS.parameters("none")]
    for treated, control in run_arms(trials, Controls(off, LEWIS.entries, 6, 1), off):
        assert (treated == control).all()
        assert effects(treated, control) == [0.0]


def test_a_dose_at_onset_leaves_the_onset_where_it_was():
    trial = Trial(EXPERIMENT, Bolus("2 g/kg"), "onset", "onset_day")
    controls = Controls([LEWIS.parameters()], LEWIS.entries, 6, 1)
    ((treated, control),) = run_arms([trial], controls, [LEWIS.parameters("H6")])
    assert np.array_equal(treated, control, equal_nan=True)


def test_untreated_rats_that_were_simulated_before_give_the_same_bits():
    typical = [LEWIS.parameters("none"), LEWIS.replace(precursor_number=60).parameters("none")]
    places = np.array([1, 0, 1])
    known = Controls(typical, LEWIS.entries, 6, 1)
    treated = [rat._replace(potency_maturation=2.0) for rat in typical]
    own, other = ([rats[place] for place in places] for rats in (typical, treated))
    for at in (0.0, "onset"):
        asked = [Trial(EXPERIMENT, Bolus("1 g/kg"), at)]
        alone = run_arms(asked, Controls(own, LEWIS.entries, 6, 1), other)
        again = run_arms(asked, known.chosen(places), other)
        for pair, same in zip(alone, again, strict=True):
            assert all(one.tobytes() == two.tobytes() for one, two in zip(pair, same, strict=True))
    assert known.of(EXPERIMENT) is known.of(EXPERIMENT)
