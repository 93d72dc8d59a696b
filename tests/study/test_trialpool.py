"""The patients of a trial in every arm: crossovers, parameter sets, and patients that failed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import NothingComputedError
from eaesim.model import load_subject
from eaesim.protocol import Arm, Bolus
from eaesim.protocol.outcome import Published
from eaesim.protocol.trial import Trial, TrialArm
from eaesim.study import trialpool
from eaesim.study.patients import Courses, attacks_in
from eaesim.study.recruitment import Recruiting, recruit
from eaesim.study.trialpool import given_arms, sequences, simulate_trial

PATIENT = load_subject("patient")
ATTACKS = attacks_in(PATIENT)
IVIG = Bolus("0.4 g/kg", every="28 day", doses=6).at(day=0)
ARMS = (TrialArm(Arm("placebo"), 20), TrialArm(Arm("IVIG", IVIG), 30))
RATIO = Published(endpoint="relapse_rate", measure="ratio", arm="IVIG", value=0.5, source=("Fazekas1997",))
OWN = Trial(name="own", until=200, arms=ARMS, run_in=100, published=(RATIO,))
LONG = Bolus("0.4 g/kg", every="28 day", doses=8).at(day=0)
CROSSED = replace(
    OWN, until=400, arms=(ARMS[0], TrialArm(Arm("IVIG", LONG), 20)), sequence=("IVIG", "placebo")
)


def simulated(trial=OWN, *, count=60, subjects=(PATIENT,), mechanism="H1a", **settings):
    attacks = [ATTACKS] * len(subjects)
    patients = recruit(trial, subjects, attacks, Recruiting(count, 4))
    return simulate_trial(trial, patients, mechanism=mechanism, **settings)


@pytest.fixture(scope="module")
def pool():
    return simulated()


def test_a_crossover_gives_each_arm_in_its_own_period() -> None:
    arms = given_arms(CROSSED)
    assert list(arms) == ["IVIG then placebo", "placebo then IVIG"]
    days = {name: [row.day for row in arm.regimen.table()] for name, arm in arms.items()}
    assert days["IVIG then placebo"] == list(range(0, 200, 28))
    assert days["placebo then IVIG"] == list(range(200, 400, 28))
    assert list(sequences(CROSSED).values()) == [("IVIG", "placebo"), ("placebo", "IVIG")]


def test_a_background_is_given_in_every_arm() -> None:
    steroid = Bolus("14.3 mg/kg", drug="methylprednisolone").at(day=3)
    for arm in given_arms(replace(OWN, background=steroid)).values():
        assert "methylprednisolone" in [line.dose.drug for line in arm.regimen.lines]


def test_no_patient_is_twice_in_a_trial_or_in_two_arms(pool) -> None:
    (enrolled,) = pool.enrolled(50, seed=1)
    persons = np.hstack([arm.person for arm in enrolled])
    assert persons.shape == (50, 50)
    assert all(len(set(row)) == 50 for row in persons.tolist())


def test_each_parameter_set_has_a_pool_of_its_own() -> None:
    weak = PATIENT.replace(effector_cns_growth=0.5 * PATIENT.entries["effector_cns_growth"].value)
    both = simulated(count=160, subjects=(PATIENT, weak))
    alone = simulated(count=160, subjects=(weak,))
    for place, enrolled in enumerate(both.enrolled(40, seed=1)):
        for arm in enrolled:
            assert (both.member[arm.person] == place).all()
    odd = np.flatnonzero(both.member == 1)
    shared = both.readings["IVIG"].onsets.counts(1, 200)[odd]
    assert (shared == alone.readings["IVIG"].onsets.counts(1, 200)[1::2]).all()


def test_a_patient_that_fails_in_one_arm_leaves_every_arm(pool, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trialpool.follow

    def failing(patients, arm, **settings):
        found = whole(patients, arm, **settings)
        edss = found.edss.copy()
        edss[3 if arm.name == "IVIG" else 5] = np.nan
        return Courses(edss, found.inflammation)

    monkeypatch.setattr(trialpool, "follow", failing)
    left = simulated()
    assert left.failed == 2
    others = np.delete(np.arange(60), [3, 5])
    assert left.member[[3, 5]].tolist() == [-1, -1]
    assert (left.member[others] == pool.member[others]).all()
    for name in ("placebo", "IVIG"):
        whole_counts = pool.readings[name].onsets.counts(1, 200)
        assert (left.readings[name].onsets.counts(1, 200)[others] == whole_counts[others]).all()
    enrolled = {
        int(person) for arms in left.enrolled(200, seed=1) for arm in arms for person in arm.person.flat
    }
    assert enrolled == set(others.tolist())

    def nobody(patients, arm, **settings):
        found = whole(patients, arm, **settings)
        return Courses(np.full_like(found.edss, np.nan), found.inflammation)

    monkeypatch.setattr(trialpool, "follow", nobody)
    with pytest.raises(NothingComputedError, match="every patient failed in some arm"):
        simulated()


def test_strict_h7_is_no_effect_in_any_pair_of_patients() -> None:
    pool = simulated(mechanism="H7")
    for day in (100, 200):
        one, two = (pool.readings[name].onsets.counts(1, day) for name in ("placebo", "IVIG"))
        assert (one == two).all()
        assert one.sum() > 5


def test_arms_without_ivig_are_solved_once_for_all_mechanisms(pool) -> None:
    known: dict[str, Courses] = {}
    first = simulated(untreated=known)
    assert list(known) == ["placebo"]
    kept = known["placebo"]
    second = simulated(mechanism="H1b", untreated=known)
    assert known["placebo"] is kept
    for name in ("placebo", "IVIG"):
        same = pool.readings[name].onsets.day
        assert (first.readings[name].onsets.day == same).all()
    assert (second.readings["placebo"].onsets.day == pool.readings["placebo"].onsets.day).all()


def test_a_crossover_compares_each_patient_in_both_arms_and_carries_over() -> None:
    pool = simulated(CROSSED, count=160)
    first, second = pool.enrolled(20, seed=2)[0]
    assert (first.person.shape[1], second.person.shape[1]) == (10, 10)
    found = pool.found(RATIO, pool.enrolled(400, seed=2))
    assert np.nanmedian(found.estimate) < 0.9
    # IVIG of the first period is still there in the second.
    after = pool.readings["IVIG then placebo"].onsets.counts(201, 240).sum()
    before = pool.readings["placebo then IVIG"].onsets.counts(1, 60).sum()
    never = simulated(replace(OWN, until=400), count=160).readings["placebo"].onsets.counts(201, 240).sum()
    assert after < never
    assert before > 0


def test_h1a_lowers_the_rate_and_nothing_gives_exactly_1(pool) -> None:
    enrolled = simulated(count=120).enrolled(200, seed=3)
    assert np.nanmedian(simulated(count=120).found(RATIO, enrolled).estimate) < 0.9
    idle = simulated(count=120, mechanism="none")
    rates = [idle.readings[name].onsets.counts(1, 200) for name in ("placebo", "IVIG")]
    assert (rates[0] == rates[1]).all()
