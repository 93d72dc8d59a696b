"""Rows for the solver from rats and arms, and readings from what it returns."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from eaesim.model import Parameters, State, load
from eaesim.model.pharmacy import load_drug
from eaesim.model.score import severity
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Relapse, Transfer
from eaesim.protocol.timeline import arm_events
from eaesim.study.assembly import (
    READ,
    REDUCED,
    arm_parameters,
    build_problem,
    event_table,
    read,
    typical_parameters,
)
from eaesim.study.cohort import draw_chunks, draw_cohort

LEWIS = load("lewis")
PLACE = {name: index for index, name in enumerate(Parameters._fields)}
COHORT = draw_cohort(5, seed=2, days=21)
# A rat whose severity is the square of the burden alone, and whose scores are graded at numbers given here.
GRADED = LEWIS.replace(
    severity_linearity=0,
    score_threshold_1=0.9,
    score_threshold_2=1.8,
    score_threshold_3=2.6,
    score_threshold_4=3.4,
)


def parameters(arm, mechanism="H1a"):
    return arm_parameters(LEWIS, arm, COHORT, mechanism=mechanism)


def column(values, name):
    return values[:, PLACE[name]]


def test_numbers_of_a_second_drug_bring_their_own_literature():
    treated = Arm("treated", Bolus("10 mg/kg", drug="methylprednisolone").at(day=0))
    entry = typical_parameters(LEWIS, treated, mechanism="none")[1]["methylprednisolone_bioavailability_ip"]
    assert (entry.value, entry.key) == (0.5, ("Hazra2007",))
    assert "doi:10.1002/bdd.551 [not verified]" in entry.basis
    assert set(typical_parameters(LEWIS, Arm("vehicle"), mechanism="none")[1]) == set(Parameters._fields)


def test_arms_hold_the_same_rats():
    vehicle, treated = parameters(Arm("vehicle")), parameters(Arm("treated", Bolus("1 g/kg").at(day=0)))
    assert np.array_equal(vehicle, treated)


def test_an_arm_may_act_by_another_mechanism_and_its_rats_stay_the_same():
    plain, other = parameters(Arm("a")), parameters(Arm("b", mechanism="H3"))
    changed = {name for name, place in PLACE.items() if (plain[:, place] != other[:, place]).any()}
    assert changed == {"potency_maturation", "potency_fc_receptor"}
    assert (column(other, "potency_maturation") == 0).all()
    assert (column(other, "potency_fc_receptor") > 0).all()


def test_a_second_drug_brings_its_own_numbers_and_their_spread():
    late = Arm("late", Bolus("1 mg/kg", drug="late_acting").at(day=10))
    typical, entries = typical_parameters(LEWIS, late, mechanism="H1a")
    varied = [name for name in entries if entries[name].spread]
    cohort = next(draw_chunks(5, seed=1, days=21, size=5, varied=varied))
    dosed = arm_parameters(LEWIS, late, cohort, mechanism="H1a")
    plain = arm_parameters(LEWIS, Arm("vehicle"), cohort, mechanism="H1a")
    assert np.array_equal(dosed[:, : len(Parameters._fields)], plain)
    values = dosed[:, typical._fields.index("late_acting_potency")]
    assert len(np.unique(values)) == 5
    given = load_drug("late_acting").parameters["late_acting_potency"]
    assert np.exp(np.log(values).mean()) == pytest.approx(given.value, rel=0.5)


def test_events_become_amounts_of_this_rat():
    regimen = (
        Bolus("1 g/kg").at(day=2)
        + Bolus("1 g/kg", route="ip").at(day=3)
        + Infusion("1 g/kg", over="12 h").at(day=4)
    )
    inductions = (Immunisation(), Relapse(15, amount=0.5), Transfer(20))
    own = parameters(Arm("arm", regimen))
    problem = build_problem(
        list(own), [arm_events(inductions, regimen, triggered={})] * 5, until=20, record=("antigen",)
    )
    volume = column(own, "igg_volume_plasma")
    assert len(np.unique(volume)) == 5
    expected = [
        (0, "antigen", 1),
        (0, "adjuvant_complete", 1),
        (2, "igg_plasma", 1000 / volume),
        (3, "igg_peritoneal", 1000 * LEWIS.parameters().igg_bioavailability_ip),
        (4, "igg_infusion", 2000),
        (4.5, "igg_infusion", -2000),
        (15, "antigen", 0.5),
        (20, "licensing_early", LEWIS.parameters().transferred_cells),
    ]
    events = problem.events
    assert events.day.shape == (5, len(expected))
    for place, (day, state, amount) in enumerate(expected):
        assert (events.day[:, place] == day).all()
        assert (events.state[:, place] == State._fields.index(state)).all()
        assert events.amount[:, place] == pytest.approx(np.broadcast_to(amount, 5))


def test_rows_with_fewer_events_are_filled_up_with_none():
    own = parameters(Arm("arm"))[:2]
    regimen = Bolus("1 g/kg").at(day=2)
    events = [arm_events([], regimen, triggered={}), arm_events([Immunisation()], regimen, triggered={})]
    problem = build_problem(list(own), events, until=20, record=READ)
    assert np.isfinite(problem.events.day).sum(axis=1).tolist() == [1, 3]
    assert (problem.events.amount[0, 1:] == 0).all()


def test_a_problem_starts_from_this_rats_healthy_state_and_reads_every_day():
    own = parameters(Arm("arm"))
    problem = build_problem(list(own), [()] * 5, until=20, record=("treg_cns", "antigen"))
    place = State._fields.index("precursor")
    assert np.array_equal(problem.initial[:, place], column(own, "precursor_number"))
    assert problem.days.tolist() == list(range(21))
    assert problem.record == ("treg_cns", "antigen")
    assert problem.reducers == ()


def test_rows_that_follow_a_schedule_have_the_events_of_rows_with_their_own():
    own = parameters(Arm("arm"))
    schedules = [
        arm_events([Immunisation()], Bolus("1 g/kg").at(day=2), triggered={}),
        (),
        arm_events([Transfer()], Infusion("1 g/kg", over="4 h").at(day=1), triggered={}),
    ]
    follows = np.array([2, 0, 0, 1, 2])
    shared = event_table(schedules, follows, own)
    single = event_table([schedules[place] for place in follows], np.arange(5), own)
    for name in ("day", "state", "amount"):
        assert np.array_equal(getattr(shared, name), getattr(single, name))


def test_a_rat_without_a_resting_state_spoils_no_other():
    own = parameters(Arm("arm"))
    own[1, PLACE["treg_cns_loss"]] = 0
    problem = build_problem(own, [()], until=5, record=READ, reducers=REDUCED, follows=np.zeros(5, dtype=int))
    assert np.isnan(problem.initial).all(axis=1).tolist() == [False, True, False, False, False]
    assert np.isfinite(problem.initial[[0, 2, 3, 4]]).all()


# Readings


def severe(deficit):
    """Return the severity of a rat that has a deficit and no lesion."""
    state = State(*(0.0,) * len(State._fields))._replace(
        deficit=np.atleast_2d(np.array(deficit, dtype=float))
    )
    return severity(state, GRADED.parameters())


def readings(deficit, hazard=None, *, observer=0.0, death=(np.inf,)):
    seen = severe(deficit)
    hazard = np.zeros_like(seen) if hazard is None else np.atleast_2d(np.array(hazard, dtype=float))
    typical = np.tile(GRADED.parameters(), (len(seen), 1))
    return read(seen, hazard, typical, observer=np.full_like(seen, observer), death=np.array(death))


def test_the_score_counts_the_thresholds_that_severity_exceeds():
    half = GRADED.parameters().severity_half_effect
    deficit = half * np.array([0, 0.3, 0.5, 0.99, 2.0, 9.0])
    assert severe(deficit)[0] == pytest.approx(5 * deficit**2 / (half**2 + deficit**2))
    assert readings(deficit).score[0].tolist() == [0, 0, 1, 2, 4, 4]


def test_the_observers_error_moves_the_reading_but_never_makes_a_healthy_rat_ill():
    half = GRADED.parameters().severity_half_effect
    deficit = [0.0, 0.4 * half]  # severity 0 and 0.69
    assert readings(deficit).score[0].tolist() == [0, 0]
    assert readings(deficit, observer=1.0).score[0].tolist() == [0, 1]
    assert readings(deficit, observer=9.0).score[0].tolist() == [0, 3]


def test_an_error_beyond_all_numbers_reads_the_lowest_or_the_highest_score():
    half = GRADED.parameters().severity_half_effect
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for observer, score in ((1e308, 4), (-1e308, 0)):
            noisy = np.tile(GRADED.replace(score_noise=1e3).parameters(), (1, 1))
            seen = read(
                severe([half]), np.zeros((1, 1)), noisy, observer=np.full((1, 1), observer), death=np.ones(1)
            )
            assert seen.score.tolist() == [[score]]


def test_a_rat_dies_on_the_first_day_its_hazard_exceeds_its_lot():
    hazard = [[0, 0.1, 0.5, 0.5, 0.9]] * 4
    seen = readings(np.zeros((4, 5)), hazard, death=(0.05, 0.5, 0.3, 2.0))
    assert seen.death_day.tolist() == [1, 4, 2, np.inf]


def test_a_failed_row_reads_nothing():
    seen = readings([[np.nan] * 3, [0.0] * 3], [[np.nan] * 3, [0.0] * 3], death=(1.0, 1.0))
    assert np.isnan(seen.score[0]).all()
    assert seen.score[1].tolist() == [0, 0, 0]
