"""Studies as a whole: the same bytes, rats that nothing else can change, and what must equal the vehicle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eaesim.errors import NothingComputedError, ProtocolError, UnknownNameError
from eaesim.model import Parameters, load
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Regimen, Relapse, Transfer
from eaesim.study import Study
from eaesim.study.chunk import _few_individuals
from eaesim.study.cohort import individual_parameters

VEHICLE = Arm("vehicle")
EARLY = Arm("day 0", Bolus("1 g/kg").at(day=0))
LATE = Arm("day 9", Infusion("1 g/kg", over="4 h").at(day=9))
ONSET = Arm("at onset", Bolus("1 g/kg").at(onset="score >= 1"))


def run(*arms, rat="lewis", until=22, animals=5, seed=7, **options):
    asked = {name: options.pop(name) for name in ("dead", "record", "workers", "members") if name in options}
    return Study(rat, arms=arms, until=until, **options).run(
        animals=animals, seed=seed, **{"workers": 1} | asked
    )


def tables(result, arms=None, animals=None):
    """Return every table of a result, for some of its arms and rats."""
    found = []
    for table in (result.animals_table(), result.scores_table(), result.courses_table()):
        kept = table["arm"].isin(arms or result.arms) & (table["animal"] < (animals or result.number))
        found.append(table[kept].reset_index(drop=True))
    return found


def same(given, wanted):
    for one, other in zip(given, wanted, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def as_if(tables, arm):
    return [table.assign(arm=arm) for table in tables]


# The same bytes, and rats that nothing else changes


def test_the_same_seed_gives_the_same_bytes():
    first, again = run(VEHICLE, LATE, ONSET), run(VEHICLE, LATE, ONSET)
    assert [table.to_csv() for table in tables(first)] == [table.to_csv() for table in tables(again)]
    assert first.table().to_csv() == again.table().to_csv()


def test_another_seed_gives_other_rats():
    first, other = run(VEHICLE), run(VEHICLE, seed=8)
    assert not tables(first)[2].equals(tables(other)[2])


def test_another_arm_changes_no_rat():
    two = run(VEHICLE, ONSET)
    four = run(EARLY, VEHICLE, LATE, ONSET)
    same(tables(two), tables(four, arms=two.arms))


def test_the_order_of_the_arms_changes_no_rat():
    forward, backward = run(VEHICLE, LATE, ONSET), run(ONSET, LATE, VEHICLE)
    for arm in forward.arms:
        same(tables(forward, arms=[arm]), tables(backward, arms=[arm]))


def test_more_rats_change_no_rat():
    few, many = run(VEHICLE, ONSET, animals=3), run(VEHICLE, ONSET, animals=6)
    same(tables(few), tables(many, animals=3))


def test_a_longer_study_changes_no_day():
    short, long = run(VEHICLE, LATE, until=15), run(VEHICLE, LATE, until=22)
    for one, other in zip(tables(short)[1:], tables(long)[1:], strict=True):
        same([one], [other[other["day"] <= 15].reset_index(drop=True)])


def test_two_processes_give_the_same_bits_as_one():
    same(tables(run(VEHICLE, ONSET, workers=2)), tables(run(VEHICLE, ONSET, workers=1)))


def test_recording_other_states_changes_no_score():
    plain, other = run(VEHICLE, LATE), run(VEHICLE, LATE, record=("treg_cns",))
    animals, scores, _ = tables(plain)
    plasma = ["igg_plasma_peak", "igg_plasma_area"]  # read where plasma is recorded
    same([animals.drop(columns=plasma), scores], tables(other)[:2])
    assert list(tables(other)[2].columns) == ["arm", "animal", "member", "day", "treg_cns"]


# What must equal the vehicle


@pytest.mark.parametrize(
    "regimen",
    [
        Bolus("0 g/kg").at(day=0),
        Bolus("0 g/kg", route="sc").at(day=-6.3),
        Infusion("0 mg/kg", over="4 h", every="1 day", doses=5).at(day=2.5),
        Bolus("0 g/kg").at(onset="score >= 1"),
        Regimen(),
    ],
    ids=["bolus", "before day 0", "infusions", "at onset", "nothing"],
)
def test_a_dose_of_0_is_the_vehicle_to_the_last_bit(regimen):
    result = run(VEHICLE, Arm("nothing", regimen))
    same(as_if(tables(result, arms=["nothing"]), "vehicle"), tables(result, arms=["vehicle"]))
    assert not result.animals_table()["dosed"].any()


def test_with_every_mechanism_off_any_dose_is_the_vehicle():
    regimens = {
        "before": Bolus("2 g/kg", route="sc").at(day=-6),
        "early": Bolus("2 g/kg").at(day=0) + Bolus("2 g/kg", route="ip").at(day=0.5),
        "often": Infusion("0.4 g/kg", over="4 h", every="1 day", doses=5).at(day=3.3),
        "onset": Bolus("2 g/kg").at(onset="score >= 1"),
    }
    disease = (
        "effector_cns",
        "treg_node",
        "memory",
        "inflammation",
        "demyelination",
        "autoantibody",
        "deficit",
    )
    for rat in ("lewis", "da_antibody"):
        result = run(
            VEHICLE,
            *(Arm(name, regimen) for name, regimen in regimens.items()),
            rat=rat,
            mechanism="none",
            record=(*disease, "igg_plasma"),
        )
        place = result.place("vehicle")
        for name in regimens:
            assert result.simulation.states["igg_plasma"][result.place(name)].max() > 1
            assert np.array_equal(result.scores(name), result.scores("vehicle")), name
            for state in disease:
                values = result.simulation.states[state]
                size = np.maximum(np.abs(values[place]), 1e-3 * np.abs(values[place]).max())
                assert (np.abs(values[result.place(name)] - values[place]) <= 1e-5 * size).all(), (
                    name,
                    state,
                )


def test_an_arm_whose_mechanism_is_none_is_the_vehicle_too():
    result = run(VEHICLE, EARLY, Arm("off", Bolus("1 g/kg").at(day=0), mechanism="none"))
    assert np.array_equal(result.scores("off"), result.scores("vehicle"))
    assert not np.array_equal(result.scores("day 0"), result.scores("vehicle"))


def test_a_late_dose_leaves_the_days_before_it_alone():
    result = run(VEHICLE, LATE, mechanism="H1a+H3")
    for values in (*result.simulation.states.values(), result.simulation.severity):
        vehicle, treated = values[result.place("vehicle")], values[result.place("day 9")]
        assert np.array_equal(vehicle[:, :10], treated[:, :10])
    severity = result.simulation.severity
    assert not np.array_equal(severity[0][:, 10:], severity[1][:, 10:])


# No disease


def test_without_an_induction_nothing_happens():
    for rat in ("lewis", "da"):
        result = run(Arm("healthy"), Arm("treated", Bolus("2 g/kg").at(day=3)), rat=rat, inductions=[])
        assert (result.simulation.severity == 0).all()
        assert (result.simulation.score == 0).all()
        assert np.isinf(result.simulation.death_day).all()


@pytest.mark.parametrize(
    "induction", [Immunisation(adjuvant="none"), Immunisation(amount=0), Transfer(cells=0)]
)
def test_no_adjuvant_and_no_amount_give_no_disease_in_a_lewis_rat(induction):
    result = run(VEHICLE, inductions=[induction], animals=20, until=40)
    assert (result.simulation.score == 0).all()


def test_incomplete_adjuvant_makes_ill_and_h7_does_not_bind_it():
    result = run(VEHICLE, EARLY, inductions=[Immunisation(adjuvant="incomplete")], mechanism="H7")
    assert result.scores("vehicle").max() >= 1
    assert np.array_equal(result.scores("vehicle"), result.scores("day 0"))
    complete = run(VEHICLE, EARLY, mechanism="H7")
    assert not np.array_equal(complete.scores("vehicle"), complete.scores("day 0"))


# Arms with inductions of their own


def test_an_arm_may_be_induced_otherwise():
    own = run(VEHICLE, Arm("transfer", inductions=[Transfer()]), Arm("healthy", inductions=[]))
    assert (own.scores("healthy") == 0).all()
    same(tables(own, arms=["transfer"]), tables(run(Arm("transfer"), inductions=[Transfer()])))
    same(tables(own, arms=["vehicle"]), tables(run(VEHICLE)))


def test_an_arm_that_is_not_induced_again_is_the_induced_one_until_then():
    again = Arm("again", inductions=[Immunisation(), Relapse(25)])
    result = run(VEHICLE, again, rat="da", until=40)
    severity = result.simulation.severity
    assert np.array_equal(severity[0][:, :26], severity[1][:, :26])
    assert severity[1][:, 26:].sum() > severity[0][:, 26:].sum()


# Failures


@pytest.fixture
def one_bad_rat(monkeypatch):
    """Let rat 1 have a number of divisions that no arithmetic can hold."""

    def broken(parameters, *, entries, differences):
        values = individual_parameters(parameters, entries=entries, differences=differences)
        values[1, Parameters._fields.index("divisions")] = 1e5
        return values

    def spoil():
        monkeypatch.setattr("eaesim.study.chunk.individual_parameters", broken)
        _few_individuals.cache_clear()

    yield spoil
    _few_individuals.cache_clear()


def test_a_rat_that_fails_is_a_row_with_a_reason_and_leaves_its_neighbours(one_bad_rat):
    whole = run(VEHICLE, ONSET, members=1)
    one_bad_rat()
    result = run(VEHICLE, ONSET, members=1)
    animals = result.animals_table()
    failed = animals[animals["animal"] == 1]
    assert (failed["status"] == "failed").all()
    assert (failed["reason"] != "").all()
    assert not failed["dosed"].any()
    assert (
        failed[["incidence", "peak_score", "mortality", "duration", "relapse_incidence"]]
        .isna()
        .all(axis=None)
    )
    for mine, theirs in zip(tables(result), tables(whole), strict=True):
        same([mine[mine["animal"] != 1]], [theirs[theirs["animal"] != 1]])
    table = result.table()
    assert (table["failed"] == 1).all()
    assert (table["animals"] == 4).all()
    assert table.loc[("at onset", "peak_score"), "difference"] == pytest.approx(
        np.delete(
            whole.endpoint("at onset", "peak_score") - whole.endpoint("vehicle", "peak_score"), 1
        ).mean()
    )


def test_if_every_rat_fails_there_is_no_result():
    with pytest.raises(NothingComputedError, match=r"^every rat failed; the first: \S.*\.$"):
        run(VEHICLE, rat=load("lewis").replace(divisions=1e5))


# Bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rat": "lewi"}, '"lewi" is not a rat; did you mean "lewis"'),
        ({"mechanism": "H9"}, '"H9" is not a mechanism'),
        ({"control": "vehicel"}, '"vehicel" is not an arm; did you mean "vehicle"'),
        ({"dead": "scor"}, '"scor" is not a rule for the dead; did you mean "score"'),
        ({"record": ["igg_plasm"]}, '"igg_plasm" is not a recordable quantity; did you mean "igg_plasma"'),
    ],
)
def test_an_unknown_name_is_helped(options, message):
    with pytest.raises(UnknownNameError, match=message) as caught:
        run(VEHICLE, EARLY, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"animals": 0}, {"animals": -1}, {"animals": 1.5}, {"seed": -1}, {"seed": "x"}]
)
def test_a_study_needs_rats_and_a_seed(options):
    with pytest.raises(ProtocolError, match="whole number from"):
        run(VEHICLE, **options)


def test_a_dose_or_an_induction_past_the_end_is_refused():
    with pytest.raises(ProtocolError, match="past the end"):
        run(VEHICLE, Arm("late", Bolus("1 g/kg").at(day=23)))
    with pytest.raises(ProtocolError, match="past the end"):
        run(VEHICLE, inductions=[Immunisation(), Relapse(30)])
