"""Patients of a trial: one run-in, the same persons in every arm, and the reference solver agrees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.model import load, load_subject
from eaesim.protocol import Arm, Bolus
from eaesim.protocol.timeline import arm_events
from eaesim.solver import Effort, Problem, solve
from eaesim.study import patients as studied
from eaesim.study.assembly import SYSTEM, event_table, healthy, system_with
from eaesim.study.attacks import draw_attacks, one_attack
from eaesim.study.patients import attack_events, attacks_in, follow, parameters_of, run_in

PATIENT = load_subject("patient")
ATTACKS = attacks_in(PATIENT)
UNTREATED = Arm("placebo")
MONTHLY = Arm("IVIG", Bolus("0.4 g/kg", every="28 day", doses=6).at(day=0))
EXACT = Effort(accuracy="courses")


def group(count=40, *, days=200, until=200, attacks=ATTACKS, subjects=(PATIENT,), **settings):
    each = [attacks] * len(subjects)
    return run_in(subjects, count, seed=11, days=days, until=until, attacks=each, **settings)


def course(patients, arm, *, mechanism="H1a", until=200, **settings):
    return follow(patients, arm, until=until, mechanism=mechanism, **settings)


@pytest.fixture(scope="module")
def patients():
    return group()


@pytest.fixture(scope="module")
def untreated(patients):
    return course(patients, UNTREATED)


def test_a_run_in_and_its_follow_up_are_one_long_run() -> None:
    found = group(effort=EXACT)
    after, long = course(found, UNTREATED, effort=EXACT), group(days=400, until=0, effort=EXACT)
    joined = np.concatenate([found.before.edss, after.edss[:, 1:]], axis=1)
    assert np.ptp(joined) > 1
    assert joined == pytest.approx(long.before.edss, abs=2e-5)
    # Day 0 is in both.
    assert after.edss[:, 0] == pytest.approx(found.before.edss[:, -1], abs=1e-6)


def test_the_state_on_day_0_is_that_of_the_run_in(patients) -> None:
    longer = group(days=200, until=900)
    assert (longer.state == patients.state).all()
    assert (longer.before.edss == patients.before.edss).all()
    assert (longer.attacks.between(0, 200).day == patients.attacks.day).all()


def test_patients_are_the_same_in_any_crowd(patients, untreated) -> None:
    few = group(7)
    assert (few.state == patients.state[:7]).all()
    assert (course(few, MONTHLY).edss == course(patients, MONTHLY).edss[:7]).all()
    chosen = np.array([30, 4, 19])
    assert (course(patients.rows(chosen), UNTREATED).edss == untreated.edss[chosen]).all()


def test_workers_change_no_bit(patients) -> None:
    one, two = (course(patients, MONTHLY, effort=Effort(workers=workers)) for workers in (1, 2))
    assert (one.edss == two.edss).all()
    assert (one.inflammation == two.inflammation).all()
    assert (group(effort=Effort(workers=1)).state == patients.state).all()


def test_parameter_sets_have_their_patients_in_turn(patients) -> None:
    other = PATIENT.replace(expansion_rate=1.1 * PATIENT.entries["expansion_rate"].value)
    both, alone = group(20, subjects=(PATIENT, other)), group(20, subjects=(other,))
    even, odd = np.arange(0, 20, 2), np.arange(1, 20, 2)
    assert both.member.tolist() == [0, 1] * 10
    assert (both.state[even] == patients.state[even]).all()
    assert (both.state[odd] == alone.state[odd]).all()
    assert (course(both, MONTHLY).edss[odd] == course(alone, MONTHLY).edss[odd]).all()


def test_a_dose_of_nothing_changes_no_bit(patients, untreated) -> None:
    nothing = Arm("nothing", Bolus("0 g/kg", every="28 day", doses=6).at(day=0))
    assert (course(patients, nothing).edss == untreated.edss).all()


@pytest.mark.parametrize("mechanism", ["H7", "none"])
def test_ivig_that_does_nothing_changes_no_relapse(mechanism: str, patients, untreated) -> None:
    given = course(patients, MONTHLY, mechanism=mechanism)
    # The doses are days on which the solver stops, and scores are solved to about 1e-3.
    assert given.edss == pytest.approx(untreated.edss, abs=5e-3)
    assert (given.edss == course(patients, MONTHLY, mechanism="none").edss).all()


def test_ivig_under_h1a_does_something(patients, untreated) -> None:
    assert (untreated.edss - course(patients, MONTHLY).edss).max() > 0.5


def test_h1a_leaves_attacks_from_lesions_as_they_are() -> None:
    lesions = replace(ATTACKS, from_lesion=1.0)
    patients = group(attacks=lesions)
    one, two = (course(patients, arm) for arm in (UNTREATED, MONTHLY))
    assert np.ptp(one.edss) > 1
    assert two.edss == pytest.approx(one.edss, abs=5e-3)


def test_microbial_attacks_are_as_strong_as_others_and_ivig_binds_them_alone() -> None:
    microbial = replace(ATTACKS, microbial=1.0)
    plain, bound = group(), group(attacks=microbial)
    one, two = course(plain, UNTREATED), course(bound, UNTREATED)
    assert two.edss == pytest.approx(one.edss, abs=5e-3)
    treated = course(bound, MONTHLY, mechanism="H7")
    assert (two.edss - treated.edss).max() > 0.5


def test_rats_are_solved_by_the_shipped_equations() -> None:
    assert system_with(()) is SYSTEM
    assert system_with((), own_igg=False) is SYSTEM
    assert system_with((), own_igg=True) is not SYSTEM


def test_own_igg_of_none_changes_nothing_and_own_igg_weakens_ivig() -> None:
    without = PATIENT.replace(igg_endogenous=0.0)
    found = [
        course(group(subjects=(subject,), own_igg=own), MONTHLY).edss
        for subject, own in ((without, False), (without, True), (PATIENT, False), (PATIENT, True))
    ]
    assert found[1] == pytest.approx(found[0], abs=1e-6)
    plain = course(group(), UNTREATED).edss
    assert 0 < (plain - found[3]).mean() < 0.5 * (plain - found[2]).mean()


def test_own_igg_alone_changes_nothing() -> None:
    assert group(own_igg=True).before.edss == pytest.approx(group().before.edss, abs=5e-3)


def test_a_patient_that_fails_has_no_course_and_the_others_keep_theirs(patients, untreated) -> None:
    state = patients.state.copy()
    state[3, 0] = np.nan
    broken = course(replace(patients, state=state), UNTREATED)
    others = np.delete(np.arange(40), 3)
    assert np.isnan(broken.edss[3]).all()
    assert np.isnan(broken.inflammation[3]).all()
    assert (broken.edss[others] == untreated.edss[others]).all()


def test_day_zero_may_differ_between_patients() -> None:
    every = group(3, days=100, until=150)
    early = group(3, days=100, until=150, day_zero=np.array([100.0, 60.0, 0.0]))
    drawn = draw_attacks([ATTACKS], 3, seed=11, start=0.0, end=250.0)
    assert (early.state[0] == every.state[0]).all()
    for patient, shift in enumerate((100.0, 60.0, 0.0)):
        day = drawn.day[patient] - shift
        mine = early.attacks.day[patient]
        assert mine[np.isfinite(mine)] == pytest.approx(day[(day >= 0) & (day < 150)])
    # Nothing has happened yet in a patient whose first day is day 0.
    rest = group(3, days=0, until=150)
    assert early.before.edss[2] == pytest.approx(np.full(101, rest.before.edss[2, 0]), abs=1e-6)


def test_attacks_add_what_they_say() -> None:
    mixed = replace(ATTACKS, from_lesion=0.4, microbial=0.5, lesion_load=0.7)
    drawn = draw_attacks([mixed], 30, seed=2, start=0, end=300)
    number = np.arange(30)
    parameters = parameters_of([PATIENT], number, UNTREATED, mechanism="none", seed=2)
    events = attack_events(drawn, [mixed], number, parameters, SYSTEM)
    assert (np.diff(np.where(np.isfinite(events.day), events.day, 1e9), axis=1) >= 0).all()
    # Incomplete adjuvant is as much weaker as its strength says: the equations weigh it.
    strength = PATIENT.entries["adjuvant_incomplete_strength"].value
    has, names = np.isfinite(events.day), SYSTEM.state._fields
    added = {
        name: float(events.amount[has & (events.state == names.index(name))].sum())
        for name in ("antigen", "adjuvant_incomplete", "adjuvant_complete", "dendritic_lesion")
    }
    seen, periphery = np.isfinite(drawn.day), np.isfinite(drawn.day) & ~drawn.in_lesion
    assert added == pytest.approx(
        {
            "antigen": drawn.size[periphery].sum(),
            "adjuvant_incomplete": drawn.size[periphery & ~drawn.microbial].sum(),
            "adjuvant_complete": strength * drawn.size[periphery & drawn.microbial].sum(),
            "dendritic_lesion": 0.7 * drawn.size[seen & drawn.in_lesion].sum(),
        }
    )
    assert has.sum() == 2 * periphery.sum() + (seen & drawn.in_lesion).sum()


def test_patients_differ_as_their_file_says() -> None:
    values = parameters_of([PATIENT], np.arange(4000), UNTREATED, mechanism="none", seed=3)
    place = {name: index for index, name in enumerate(SYSTEM.parameters._fields)}
    for name, entry in PATIENT.entries.items():
        own = values[:, place[name]]
        if not entry.spread:
            assert (own == PATIENT.parameters("none")._asdict()[name]).all(), name
        elif entry.unit != "dimensionless" and own.any():
            assert own.std() / own.mean() == pytest.approx(entry.spread, rel=0.15), name


def test_disability_before_the_first_attack_is_met() -> None:
    for edss in (0.0, 2.8, 6.0):
        found = group(60, days=1, until=0, attacks=replace(ATTACKS, rate=0.0), disability=edss)
        assert np.median(found.before.edss[:, 0]) == pytest.approx(edss, abs=0.2 + 0.05 * edss)


@pytest.mark.slow
@pytest.mark.parametrize(("accuracy", "error"), [("courses", 1e-4), ("scores", 0.02)])
def test_random_patients_agree_with_the_reference(accuracy: str, error: float) -> None:
    """The error is that of the contract; at scores, EDSS alone is held, in steps of the scale."""
    count, until = 100, 180
    process = replace(ATTACKS, rate=12.0, from_lesion=0.3, microbial=0.3)
    number = np.arange(count)
    parameters = parameters_of([PATIENT], number, MONTHLY, mechanism="H1a", seed=5)
    drawn = draw_attacks([process], count, seed=5, start=0.0, end=float(until))
    own = attack_events(drawn, [process], number, parameters, SYSTEM)
    doses = event_table(
        [arm_events((), MONTHLY.regimen, triggered={})], np.zeros(count, dtype=np.int64), parameters
    )
    # Read between events, where no order of events on a day matters.
    problem = Problem(
        SYSTEM,
        parameters,
        healthy(parameters, SYSTEM),
        studied._together(own, doses),
        np.arange(until) + 0.30417,
        (*SYSTEM.state._fields, studied.edss),
    )
    truth = solve(problem, engine="reference").values
    lanes = solve(problem, engine="lanes", accuracy=accuracy).values
    if accuracy == "scores":
        assert np.abs(lanes - truth)[:, :, -1].max() <= error
        return
    truth, lanes = truth[:, :, :-1], lanes[:, :, :-1]
    base = load("da")
    typical = np.array([base.parameters("H1a")])
    single = one_attack([ATTACKS], 1, seed=1, day=1.0)
    single_events = attack_events(single, [ATTACKS], np.arange(1), typical, SYSTEM)
    of_base = Problem(
        SYSTEM, typical, healthy(typical, SYSTEM), single_events, np.arange(60.0), SYSTEM.state._fields
    )
    peaks = np.maximum(np.abs(truth).max(axis=1), np.abs(solve(of_base).values).max(axis=1))
    size = np.maximum(np.abs(truth), 1e-3 * peaks[:, None, :])
    apart = np.abs(lanes - truth)
    assert (apart[size == 0] <= 1e-15).all()
    assert np.divide(apart, size, out=np.zeros_like(apart), where=size > 0).max() <= error
