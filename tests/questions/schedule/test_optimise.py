"""The best schedule: known answers, limits, and the real rat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eaesim.errors import ProtocolError, UnknownNameError
from eaesim.protocol import Arm
from eaesim.questions.schedule.optimise.answer import optimise
from eaesim.questions.schedule.optimise.evaluation import Evaluation
from eaesim.questions.schedule.optimise.limits import STEP, Limits, Planned, plain_schedules, volume_limit
from eaesim.questions.schedule.optimise.result import BEST
from eaesim.questions.schedule.optimise.search import neighbours, search, simpler
from eaesim.study import Study
from eaesim.workbench.figure.save import plot

LIMITS = Limits(3000.0, 5, -7.0, 14.0)
STUDY = Study("lewis", until=24, arms=[Arm("vehicle")])


def amount(schedule, day):
    return sum(dose.amount for dose in schedule if dose.day == day)


def test_where_only_day_0_counts_all_is_given_on_day_0():
    (best, *_) = search(lambda many: np.array([-amount(each, 0.0) for each in many]), LIMITS)
    assert best == (Planned(0.0, 3000.0),)


def test_a_linear_effect_uses_the_whole_budget():
    (best, *_) = search(lambda many: np.array([-sum(dose.amount for dose in each) for each in many]), LIMITS)
    assert sum(dose.amount for dose in best) == LIMITS.total


def test_two_days_that_each_take_so_much_are_found():
    def lacking(schedule):
        return -min(amount(schedule, 2.0), 1000.0) - min(amount(schedule, 9.0), 2000.0)

    (best, *_) = search(lambda many: np.array([lacking(each) for each in many]), LIMITS)
    assert best == (Planned(2.0, 1000.0), Planned(9.0, 2000.0))


def test_where_nothing_helps_nothing_is_given():
    (best, *_) = search(lambda many: np.array([sum(dose.amount for dose in each) for each in many]), LIMITS)
    assert best == ()


def test_the_same_seed_gives_the_same_schedules():
    def bumpy(many):
        return np.array([np.sin(sum(dose.amount * (dose.day + 8) for dose in each) / 700) for each in many])

    assert search(bumpy, LIMITS, seed=3) == search(bumpy, LIMITS, seed=3)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(-9, 9), min_size=11, max_size=11),
    st.sampled_from([LIMITS, Limits(1000.0, 5, 0.0, 3.0, least=300.0, most=400.0)]),
)
def test_every_place_is_a_schedule_within_limits(place, limits):
    schedule = limits.decoded(np.array(place))
    for each in (schedule, *neighbours(schedule, limits)):
        assert len(each) <= limits.doses
        assert sum(dose.amount for dose in each) <= limits.total
        assert len({dose.day for dose in each}) == len(each)
        for dose in each:
            assert limits.earliest <= dose.day <= limits.latest
            assert max(limits.least, STEP) <= dose.amount <= limits.most
            assert dose.amount % STEP == 0


def test_a_place_reads_back_as_its_schedule():
    schedule = (Planned(-2.0, 1000.0), Planned(5.0, 2000.0))
    read = LIMITS.decoded(LIMITS.encoded(schedule))
    assert [dose.day for dose in read] == [-2.0, 5.0]
    assert all(abs(one.amount - two.amount) <= 2 * STEP for one, two in zip(read, schedule, strict=True))


def test_plain_schedules_keep_to_the_limits():
    limits = Limits(3000.0, 3, 0.0, 10.0, most=volume_limit(8.0, "ivig"))
    for schedule in plain_schedules(limits).values():
        assert len(schedule) <= 3
        assert all(dose.amount <= 800.0 and 0 <= dose.day <= 10 for dose in schedule)


@pytest.mark.parametrize(
    ("given_limits", "message"),
    [
        ({"total": "0 g/kg"}, "budget is 0"),
        ({"total": "0.5 g/kg", "least": "1 g/kg"}, "does not fit into 0.5 g/kg"),
        ({"earliest": 10.0, "latest": 3.0}, "comes after the latest"),
        ({"latest": 40.0}, "lies past the end"),
        ({"volume": "0.1 mL/kg"}, "more than may be given at once"),
        ({"least": "0.9 g/kg", "doses": 1, "volume": "5 mL/kg"}, "more than may be given at once"),
        ({"ceiling": "0.1 mg/mL", "generations": 2}, "smallest dose that is allowed"),
        ({"target": 0.99, "earliest": 10.0, "generations": 2}, "the best reaches"),
        ({"endpoint": "relapse_incidence", "generations": 1}, "nothing can lower it"),
    ],
)
def test_limits_that_cannot_be_met_are_said(given_limits, message):
    with pytest.raises(ProtocolError, match=message):
        optimise(STUDY, parameter_sets=1, animals=20, **given_limits)


def test_names_that_are_not_known_are_refused():
    for wrong in ({"endpoint": "onset_day"}, {"robust": "meen"}, {"route": "oral"}):
        with pytest.raises(UnknownNameError):
            optimise(STUDY, **wrong)


def test_the_worst_tenth_is_no_better_than_the_mean():
    schedules = [(Planned(0.0, 1000.0),), (Planned(7.0, 1000.0),)]
    mean = Evaluation(STUDY, LIMITS, "cumulative_score", "mean", None, 60, 1, 20)
    worst = Evaluation(STUDY, LIMITS, "cumulative_score", "worst tenth", None, 60, 1, 20)
    assert (worst.effects(schedules) <= mean.effects(schedules) + 1e-12).all()


def test_plasma_peaks_add_up():
    own = Evaluation(STUDY, LIMITS, "cumulative_score", "mean", None, 10, 1, 1)
    one, two, both = own.plasma_peaks(
        [(Planned(0.0, 500.0),), (Planned(0.0, 1000.0),), (Planned(0.0, 500.0), Planned(1.0, 500.0))]
    )
    assert two == pytest.approx(2 * one, rel=1e-9)
    assert one < both < two


def test_plasma_peaks_count_doses_before_day_0():
    own = Evaluation(STUDY, LIMITS, "cumulative_score", "mean", None, 10, 1, 1)
    early, late = own.plasma_peaks(
        [tuple(Planned(first + day, 500.0) for day in range(3)) for first in (-6.0, 2.0)]
    )
    assert early == pytest.approx(late, rel=1e-6)


def test_no_schedule_goes_above_the_ceiling_plain_ones_included():
    found = optimise(
        STUDY, total="3 g/kg", latest=7.0, ceiling="15 mg/mL", animals=16, parameter_sets=2, generations=2
    )
    assert found.evaluation.plasma_peaks([found.best, *found.plain.values()]).max() <= 15.0
    assert found.beside_plain().high >= 0


def test_doses_that_do_nothing_are_left_out():
    def lacking(many):
        return np.array([-amount(each, 2.0) / 3000 for each in many])

    many = (Planned(-3.0, 50.0), Planned(2.0, 2900.0), Planned(9.0, 50.0))
    assert [dose.day for dose in simpler(lacking, LIMITS, many)] == [2.0]


@pytest.fixture(scope="module")
def found():
    return optimise(STUDY, total="1 g/kg", doses=3, earliest=-3.0, latest=10.0, animals=60, generations=8)


def test_the_best_is_never_wholly_worse_than_a_plain_schedule(found):
    assert found.beside_plain().high >= 0


def test_early_is_best_and_the_tables_say_so(found):
    assert min(dose.day for dose in found.best) <= 2
    table = found.table().set_index("schedule")
    assert table.loc[BEST, "behind_best"] == 0
    assert (found.flatness_table()["lost"] >= -0.2).all()
    assert sum(found.doses_table()["amount"]) <= 1000.0
    assert found.sentence()


def test_a_drug_that_does_nothing_beats_nothing():
    idle = Study("lewis", until=24, arms=[Arm("vehicle")], mechanism="none")
    nothing = optimise(idle, latest=7.0, animals=40, parameter_sets=2, generations=4)
    assert nothing.sentence().startswith("Nothing beats vehicle")
    assert nothing.best == ()
    assert len(plot(nothing).axes) == 3


@pytest.mark.slow
def test_a_target_is_reached_with_less():
    less = optimise(STUDY, total="2 g/kg", doses=2, latest=7.0, target=0.3, animals=100, generations=20)
    assert sum(dose.amount for dose in less.best) < 2000.0
    assert less.reached >= 0.29


@pytest.mark.parametrize("robust", ["mean", "worst tenth"])
def test_nothing_is_run_twice_and_effects_are_those_of_one_run(monkeypatch, robust):
    ran, run = [], Evaluation.run

    def recorded(self, schedules, **options):
        ran.extend((self.animals, self.seed, each) for each in schedules.values() or [None])
        return run(self, schedules, **options)

    monkeypatch.setattr(Evaluation, "run", recorded)
    limits = Limits(1000.0, 2, 0.0, 5.0)
    first = Evaluation(STUDY, limits, "cumulative_score", robust, None, 8, 1, 4)
    asked = [(Planned(0.0, 500.0),), (), (Planned(3.0, 1000.0),)]
    effects = first.effects([*asked, asked[0]])
    again = replace(first, target=0.5, limits=replace(limits, total=500.0))
    assert again.effects(asked[::-1]).tolist() == effects[[2, 1, 0]].tolist()
    assert len(ran) == len(set(ran)) == 4
    whole = run(first, {str(place): each for place, each in enumerate(asked)})
    assert [first.effect(whole, str(place)) for place in range(3)] == effects[:3].tolist()
    replace(first, seed=2).effects(asked)
    assert len(ran) == len(set(ran)) == 8
