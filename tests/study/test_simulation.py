"""Doses that wait for a sign: who is dosed, when, and what that leaves untouched."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Relapse
from eaesim.study import Study

VEHICLE = Arm("vehicle")
# A drug that acts late, so that a wrong dosing day would be seen in the score too.
MECHANISM = "H3"


def run(*arms, rat="lewis", until=25, animals=12, seed=7, **options):
    study = Study(rat, arms=[VEHICLE, *arms], until=until, mechanism=MECHANISM, **options)
    return study.run(animals=animals, seed=seed, workers=1, members=1)


def states(result, arm):
    return np.stack([values[result.place(arm)] for values in result.simulation.states.values()])


def plasma(result, arm):
    return result.simulation.states["igg_plasma"][result.place(arm)]


def dosed(result, arm):
    return result.simulation.dosed[result.place(arm)]


def first_dose(result, arm):
    """Return the last day read without IgG, that of the dose; -1 for a rat without any."""
    given = plasma(result, arm) > 0
    return np.where(given.any(axis=1), given.argmax(axis=1) - 1, -1)


def onset(result, least=1):
    """Return the first day on which the vehicle's reading reaches a score; -1 where it never does."""
    signs = result.simulation.score[result.place("vehicle")] >= least
    return np.where(signs.any(axis=1), signs.argmax(axis=1), -1)


def death(result, arm="vehicle"):
    return result.simulation.death_day[result.place(arm)]


@pytest.mark.parametrize("after", [0, 2])
def test_a_dose_at_onset_is_given_on_the_first_day_with_signs(after):
    result = run(Arm("treated", Bolus("1 g/kg").at(onset="score >= 1", after=after)))
    expected = onset(result)
    alive = (expected >= 0) & (expected + after < death(result))
    assert alive.sum() > 8
    assert np.array_equal(first_dose(result, "treated"), np.where(alive, expected + after, -1))
    assert np.array_equal(dosed(result, "treated"), alive)


@pytest.mark.parametrize("after", [0, 3])
def test_before_its_dose_a_rat_is_the_vehicles_to_the_last_bit(after):
    result = run(Arm("treated", Bolus("1 g/kg").at(onset="score >= 1", after=after)))
    treated, vehicle = states(result, "treated"), states(result, "vehicle")
    severity = result.simulation.severity
    changed = 0
    for rat, day in enumerate(first_dose(result, "treated")):
        until = treated.shape[2] if day < 0 else day + 1
        assert np.array_equal(treated[:, rat, :until], vehicle[:, rat, :until])
        assert np.array_equal(severity[1, rat, :until], severity[0, rat, :until])
        changed += not np.array_equal(severity[1, rat], severity[0, rat])
    assert changed > 8


def test_a_triggered_dose_is_the_dose_on_that_day():
    dose = Infusion("1 g/kg", over="4 h")
    result = run(Arm("treated", dose.at(onset="score >= 1", after=1)))
    for rat, day in enumerate(first_dose(result, "treated")):
        if day >= 0:
            fixed = run(Arm("fixed", dose.at(day=int(day))), animals=rat + 1)
            assert np.array_equal(states(fixed, "fixed")[:, rat], states(result, "treated")[:, rat])
            break


def test_rats_that_never_show_the_sign_are_not_dosed_and_stay_in_the_arm():
    result = run(Arm("treated", Bolus("1 g/kg").at(onset="score >= 3")), animals=30)
    expected = onset(result, 3) >= 0
    assert 0 < expected.sum() < 30
    # Without a death in the way, dosed is who reached the score.
    lived = onset(result, 3) < death(result)
    assert np.array_equal(dosed(result, "treated"), expected & lived)
    never = ~dosed(result, "treated")
    assert np.array_equal(states(result, "treated")[:, never], states(result, "vehicle")[:, never])
    assert len(result.endpoint("treated", "peak_score")) == 30
    assert np.isfinite(result.endpoint("treated", "peak_score")).all()


def test_the_dead_are_not_dosed():
    fragile = load("lewis").replace(death_rate=5, death_severity=3)
    result = run(Arm("treated", Bolus("1 g/kg").at(onset="score >= 1", after=3)), rat=fragile, animals=30)
    due = onset(result) + 3
    fell_ill = onset(result) >= 0
    dead = fell_ill & (death(result) <= due)
    assert dead.sum() >= 3
    assert (fell_ill & ~dead).sum() >= 3
    assert np.array_equal(dosed(result, "treated"), fell_ill & ~dead)
    assert (plasma(result, "treated")[dead] == 0).all()


def test_a_sign_after_death_is_none():
    # All die on the day of their first sign or before: nobody is left to be dosed.
    fragile = load("lewis").replace(death_rate=1e6, death_severity=0.3)
    result = run(Arm("treated", Bolus("1 g/kg").at(onset="score >= 1")), rat=fragile)
    assert np.isfinite(death(result)).sum() > 8
    assert (death(result) <= np.where(onset(result) < 0, np.inf, onset(result))).all()
    assert not dosed(result, "treated").any()


def test_a_dose_that_would_come_past_the_end_is_not_given():
    result = run(Arm("treated", Bolus("1 g/kg").at(onset="score >= 1", after=20)))
    assert not dosed(result, "treated").any()


def test_two_triggered_lines_in_one_arm():
    by_vein = Bolus("1 g/kg").at(onset="score >= 2")
    into_depot = Bolus("1 g/kg", route="ip").at(onset="score >= 1", after=1)
    # With the drug's effect off the course stays the vehicle's, so both days can be read off it.
    arms = [VEHICLE, Arm("both", by_vein + into_depot), Arm("one", into_depot)]
    result = Study("lewis", arms=arms, until=25, mechanism="none").run(animals=12, seed=7, workers=1)
    first, second = onset(result, 1), onset(result, 2)
    lived = np.isinf(death(result))
    assert np.array_equal(first_dose(result, "one")[lived], np.where(first < 0, -1, first + 1)[lived])
    more = plasma(result, "both") - plasma(result, "one") > 1
    days = np.where(more.any(axis=1), more.argmax(axis=1) - 1, -1)
    assert np.array_equal(days[lived], second[lived])
    assert (second[lived] >= 0).sum() > 6
    assert (first[lived] + 1 != second[lived]).any()


def test_the_second_line_reads_the_course_that_the_first_has_changed():
    # A strong early dose keeps rats from the score that the second waits for.
    strong = Bolus("3 g/kg").at(onset="score >= 1")
    waits = Bolus("1 g/kg", route="ip").at(onset="score >= 3")
    arms = [VEHICLE, Arm("alone", waits), Arm("both", strong + waits)]
    result = Study("lewis", arms=arms, until=25, mechanism="H6", inductions=[Immunisation()]).run(
        animals=20, seed=7, workers=1, record=("igg_plasma", "igg_peritoneal")
    )
    depot = result.simulation.states["igg_peritoneal"]
    alone, both = ((depot[place] > 0).any(axis=1).sum() for place in (1, 2))
    score = result.simulation.score
    reached = (score[2] >= 3).any(axis=1) & np.isinf(result.simulation.death_day[2])
    assert both < alone
    assert both >= reached.sum() > 0


def test_a_triggered_line_beside_one_with_a_day():
    regimen = Bolus("1 g/kg").at(day=3) + Bolus("1 g/kg", route="ip").at(onset="score >= 1")
    result = run(Arm("both", regimen))
    assert dosed(result, "both").all()
    assert (first_dose(result, "both") == 3).all()


def test_repeats_of_a_triggered_dose_follow_it():
    dose = Bolus("1 g/kg", every="2 day", doses=3)
    result = run(Arm("treated", dose.at(onset="score >= 1")), until=30)
    rises = np.diff(plasma(result, "treated"), axis=1) > 0
    for rat, day in enumerate(first_dose(result, "treated")):
        if day >= 0:
            assert np.flatnonzero(rises[rat]).tolist() == [day, day + 2, day + 4]


# Relapses


def test_a_dose_at_a_spontaneous_relapse_waits_for_the_reading_that_confirms_it():
    result = run(
        Arm("treated", Bolus("1 g/kg").at(relapse="score rise >= 1")), rat="da", until=30, animals=20
    )
    score = result.simulation.score[result.place("vehicle")]
    given = first_dose(result, "treated")
    assert (given >= 0).sum() > 8
    for rat in np.flatnonzero(given >= 0):
        day, course = given[rat], score[rat]
        trough = course[course[: day - 1].argmax() : day - 1].min()
        assert min(course[day - 1], course[day]) >= trough + 1
        assert course[: day - 1].max() > trough
        assert day < death(result)[rat]
    # The first attack is none: no dose comes before a rat has been ill.
    assert (given[given >= 0] > onset(result)[given >= 0] + 1).all()
    treated, vehicle = states(result, "treated"), states(result, "vehicle")
    for rat, day in enumerate(given):
        until = treated.shape[2] if day < 0 else day + 1
        assert np.array_equal(treated[:, rat, :until], vehicle[:, rat, :until])


def test_after_an_induced_relapse_only_days_from_it_trigger():
    result = run(
        Arm("treated", Bolus("1 g/kg").at(relapse="score rise >= 1")),
        rat="da",
        until=60,
        inductions=[Immunisation(), Relapse(35, adjuvant="complete")],
    )
    given = first_dose(result, "treated")
    assert (given >= 0).sum() > 4
    assert (given[given >= 0] > 35).all()


def test_a_monophasic_rat_is_not_dosed_at_a_relapse():
    result = run(Arm("treated", Bolus("1 g/kg").at(relapse="score rise >= 2")), until=40)
    assert not dosed(result, "treated").any()


def test_a_relapse_trigger_reads_the_inductions_of_its_own_arm():
    treated = Arm("treated", Bolus("1 g/kg").at(relapse="score rise >= 1"))
    other = Arm("other", inductions=[Immunisation(), Relapse(25)])

    def days(*arms):
        seen = Study("da", arms=arms, until=30).run(animals=8, seed=4, workers=1)
        return seen.simulation.triggered["treated", 0], seen.simulation.score[seen.place("treated")]

    (alone, scores), (beside, same) = days(Arm("vehicle"), treated), days(Arm("vehicle"), treated, other)
    assert np.isfinite(alone).any()
    assert np.array_equal(alone, beside, equal_nan=True)
    assert np.array_equal(scores, same)
