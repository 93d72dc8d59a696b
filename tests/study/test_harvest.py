"""Cells of another arm: conserved, equal to two runs by hand, and none of a donor that is dead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import NothingComputedError
from eaesim.protocol import Arm, Bolus, Immunisation, Transfer
from eaesim.study import Study, simulation, study_text
from eaesim.study.manifest import settings_hash

POOL = ("expansion_4", "expansion_5", "licensing_early", "licensing_late", "effector_blood")
ENGINES = pytest.mark.parametrize("engine", ["lanes", pytest.param("reference", marks=pytest.mark.slow)])
DEADLY = {"death_rate": 3.0, "death_severity": 0.3}
TREATED = Bolus("0.3 g/kg").at(day=2)
WAITING = Bolus("1 g/kg").at(onset="score >= 1")


# What arithmetic may lose, as a share: the lanes add cells in single precision.
ROUNDING = {"lanes": 1e-6, "reference": 1e-12}


def taking(amount=1.0, donor="donor", harvest=10, name="cells", **options):
    return Arm(name, inductions=[Transfer(amount=amount, donor=donor, harvest=harvest)], **options)


def run(*arms, rat="lewis", until=12, animals=3, seed=5, **settings):
    return Study(rat, until=until, arms=arms).run(animals=animals, seed=seed, **settings)


def course(result, arm):
    return result.simulation.severity[result.place(arm)]


def pool(result, arm, day):
    """Return by hand what can be taken from each rat of an arm on a day."""
    place = result.place(arm)
    return sum(result.simulation.states[name][place, :, day] for name in POOL)


def assert_near(seen, expected, engine="lanes"):
    np.testing.assert_allclose(seen, expected, rtol=ROUNDING[engine], atol=ROUNDING[engine])


# By hand, in two runs


@ENGINES
@pytest.mark.parametrize(
    "donor",
    [Arm("donor"), Arm("donor", TREATED), Arm("donor", WAITING)],
    ids=["untreated", "treated", "dosed at onset"],
)
def test_cells_of_an_arm_are_those_of_two_runs_by_hand(engine, donor):
    found = run(Arm("vehicle"), taking(0.7), donor, engine=engine)
    cells = 0.7 * pool(run(donor, engine=engine, record=POOL), "donor", 10)
    assert (cells > 0).all()
    for rat in (0, 2):
        by_hand = run(Arm("cells", inductions=[Transfer(cells=float(cells[rat]))]), engine=engine)
        assert_near(course(found, "cells")[rat], course(by_hand, "cells")[rat], engine)


def test_so_they_are_in_the_rats_of_many_parameter_sets():
    settings = {"members": 4, "animals": 8}
    found = run(Arm("donor"), taking(), **settings)
    cells = pool(run(Arm("donor"), record=POOL, **settings), "donor", 10)
    for rat in (0, 5):
        by_hand = run(Arm("cells", inductions=[Transfer(cells=float(cells[rat]))]), **settings)
        assert_near(course(found, "cells")[rat], course(by_hand, "cells")[rat])


def test_recipients_give_cells_in_their_turn_wherever_the_arms_stand():
    arms = (taking(2.0, donor="cells", harvest=5, name="third"), taking(), Arm("donor"))
    found = run(*arms, record=POOL)
    number = 2.0 * float(pool(found, "cells", 5)[1])
    by_hand = run(Arm("third", inductions=[Transfer(cells=number)]))
    assert_near(course(found, "third")[1], course(by_hand, "third")[1])


# Conservation and invariance


@ENGINES
@pytest.mark.parametrize(("amount", "day"), [(1.0, 0), (0.25, 2.5), (3.0, 1)])
def test_no_cell_is_lost_or_made_on_the_way(engine, amount, day):
    # Where nothing is licensed, transferred cells stay where they arrive, and the donors' stay in the chain.
    rat = Study("lewis", arms=[Arm("donor")]).rat.replace(licensing_rate=0)
    given = Transfer(day, amount=amount, donor="donor", harvest=9)
    recipient = Arm("cells", inductions=[Transfer(0, amount=0), given])
    found = run(Arm("donor"), recipient, rat=rat, record=POOL, engine=engine)
    taken = amount * pool(found, "donor", 9)
    for later in (3, 8, 12):
        np.testing.assert_allclose(pool(found, "cells", later), taken, rtol=ROUNDING[engine])


def test_a_donor_is_not_changed_by_what_is_taken():
    found, alone = run(Arm("donor"), taking(), taking(name="more", harvest=3)), run(Arm("donor"))
    np.testing.assert_array_equal(course(found, "donor"), course(alone, "donor"))


def test_a_rat_is_the_same_in_any_crowd_chunk_and_without_courses(monkeypatch):
    arms = (Arm("donor"), taking(0.5))
    whole = run(*arms, animals=7)
    np.testing.assert_array_equal(course(whole, "cells")[:3], course(run(*arms, animals=3), "cells"))
    monkeypatch.setattr(simulation, "CHUNK", 1)
    alone = run(*arms, animals=7, workers=1)
    np.testing.assert_array_equal(course(whole, "cells"), course(alone, "cells"))
    short = run(*arms, animals=7, courses=False)
    np.testing.assert_array_equal(
        short.endpoint("cells", "cumulative_score"), whole.endpoint("cells", "cumulative_score")
    )


def test_cells_are_taken_before_what_is_done_on_that_day():
    late = Arm("donor", inductions=[Immunisation(), Transfer(9, cells=1e6)])
    found = run(Arm("plain"), late, taking(harvest=9), taking(donor="plain", harvest=9, name="plain cells"))
    np.testing.assert_array_equal(course(found, "cells"), course(found, "plain cells"))


def test_an_amount_of_0_takes_no_cells_and_needs_no_living_donor():
    rat = Study("da", arms=[Arm("donor")]).rat.replace(**DEADLY)
    found = run(Arm("donor"), taking(0), rat=rat, until=20, animals=8)
    assert found.simulation.death_day[0].min() <= 10
    assert not course(found, "cells").any()
    assert not found.failures()


def test_healthy_donors_give_nothing():
    found = run(Arm("donor", inductions=[]), taking())
    assert not course(found, "cells").any()


# Donors that are dead by then


@pytest.fixture(scope="module")
def deadly():
    again = taking(donor="cells", harvest=3, name="again")
    return run(Arm("donor"), taking(harvest=16), again, rat="da", until=18, animals=24)


def test_a_dead_donor_gives_no_cells_and_its_recipient_is_left_out_and_counted(deadly):
    dead = deadly.simulation.death_day[0] <= 16
    assert 0 < dead.sum() < 24
    np.testing.assert_array_equal(deadly.has_failed("cells"), dead)
    assert np.isnan(course(deadly, "cells")[dead]).all()
    assert deadly.failed("cells") == dead.sum()
    rat = int(np.flatnonzero(dead)[0])
    assert deadly.simulation.reason[1, rat] == 'no donor: the same rat in arm "donor" is dead by day 16'
    row = deadly.table().loc[("cells", "peak_score")]
    assert (row["failed"], row["animals"]) == (dead.sum(), 24 - dead.sum())
    # Never a zero: the mean is that of the others.
    peaks = deadly.endpoint("cells", "peak_score")
    assert row["mean"] == pytest.approx(peaks[~dead].mean())
    status = deadly.animals_table().set_index(["arm", "animal"]).loc[("cells", rat)]
    assert (status["status"], status["reason"]) == ("failed", deadly.simulation.reason[1, rat])


def test_the_day_of_death_decides_to_the_day(deadly):
    day = int(deadly.simulation.death_day[0].min())
    rat = int(deadly.simulation.death_day[0].argmin())
    arms = [taking(harvest=harvest, name=f"day {harvest}") for harvest in (day - 1, day)]
    found = run(Arm("donor"), *arms, rat="da", until=18, animals=rat + 1)
    assert [found.has_failed(arm.name)[rat] for arm in arms] == [False, True]


def test_rats_that_would_follow_are_left_out_too(deadly):
    first, second = deadly.has_failed("cells"), deadly.has_failed("again")
    assert second[first].all()
    rat = int(np.flatnonzero(first)[0])
    assert deadly.simulation.reason[2, rat] == 'no donor: the same rat in arm "cells" could not be run'


def test_where_no_donor_lives_nothing_is_computed_of_that_arm_alone():
    rat = Study("da", arms=[Arm("donor")]).rat.replace(death_rate=1e3, death_severity=0.01)
    found = run(Arm("donor"), taking(harvest=14), rat=rat, until=20, animals=3)
    assert found.failed("cells") == 3
    assert np.isnan(found.mean("cells", "peak_score").value)
    assert not found.has_failed("donor").any()


def test_progress_counts_rats_that_are_not_run():
    rat = Study("da", arms=[Arm("donor")]).rat.replace(**DEADLY)
    told = []
    study = Study(rat, until=20, arms=[Arm("donor"), taking(harvest=13)])
    study.run(animals=12, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (24, 24)
    assert told == sorted(told)


def test_a_failed_donor_gives_none():
    rat = Study("lewis", arms=[Arm("donor")]).rat.replace(treg_cns_loss=0)
    with pytest.raises(NothingComputedError):
        run(Arm("donor"), taking(), rat=rat, animals=2)


# Files


def test_every_word_of_a_harvest_decides_the_settings():
    arm = taking(0.5)
    texts = {
        study_text(Study("lewis", arms=[Arm("donor"), Arm("other"), Arm("cells", inductions=[each])]))
        for each in (
            arm.inductions[0],
            replace(arm.inductions[0], amount=0.6),
            replace(arm.inductions[0], harvest=12),
            replace(arm.inductions[0], donor="other"),
            Transfer(amount=0.5),
        )
    }
    assert len({settings_hash({"study": text}) for text in texts}) == 5


# Parameters of an arm


def test_an_arm_has_parameters_of_its_own():
    found = run(Arm("vehicle"), Arm("half", parameters={"antigen_dose": 0.5, "adjuvant_dose": "0.5"}))
    by_hand = run(Arm("half", inductions=[Immunisation(amount=0.5)]))
    np.testing.assert_array_equal(course(found, "half"), course(by_hand, "half"))
    np.testing.assert_array_equal(course(found, "vehicle"), course(run(Arm("vehicle")), "vehicle"))


def test_they_are_what_the_same_rat_with_these_values_does_in_every_parameter_set():
    own = {"effector_blood_loss": 0.6, "ic50_maturation": 2.0}
    dose = Bolus("1 g/kg").at(day=0)
    found = run(Arm("plain", dose), Arm("own", dose, parameters=own), members=4, animals=8)
    changed = run(Arm("own", dose), rat=found.rat.replace(**own), members=4, animals=8)
    np.testing.assert_array_equal(course(found, "own"), course(changed, "own"))
    assert not np.array_equal(course(found, "own"), course(found, "plain"))


def test_they_come_before_what_a_study_sets():
    rat = Study("lewis", arms=[Arm("vehicle")]).rat.replace(antigen_dose=0.2)
    found = run(Arm("own", parameters={"antigen_dose": 1}), rat=rat)
    np.testing.assert_array_equal(course(found, "own"), course(run(Arm("own")), "own"))
