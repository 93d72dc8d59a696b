"""What is worked out once for a study."""

from __future__ import annotations

from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Design, Immunisation, Relapse
from eaesim.study.plan import plan_study
from eaesim.study.simulation import simulate


def plan(*arms, rat="da", **options):
    chosen = load(rat) if isinstance(rat, str) else rat
    given = {"record": (), "engine": "auto", "accuracy": "scores", "workers": 1} | options
    return plan_study(chosen, Design(40, [Immunisation()], arms), **given)


def relapse(day):
    return Arm(f"day {day}", inductions=[Immunisation(), Relapse(day)])


def test_relapses_are_read_from_the_arms_own_day_then_from_those_of_the_others():
    assert plan(Arm("a"), Arm("b")).since == ((None,), (None,))
    assert plan(Arm("a"), relapse(30), relapse(35), relapse(30.5)).since == (
        (None, 30, 35, 31),
        (30, 35, 31),
        (35, 30, 31),
        (31, 30, 35),
    )


def test_rats_differ_in_what_has_a_spread_in_some_arm():
    own = {name for name, entry in load("da").entries.items() if entry.spread}
    assert set(plan(Arm("a")).varied) == own
    drug = Arm("b", Bolus("1 mg/kg", drug="late_acting").at(day=3))
    assert set(plan(Arm("a"), drug).varied) > own


def test_a_run_of_more_days_states_or_doses_holds_more():
    least = plan(Arm("a")).numbers
    assert plan(Arm("a"), record=("antigen",)).numbers == least + 41
    assert plan(Arm("a"), Arm("b", Bolus("1 g/kg", every=1, doses=30).at(day=0))).numbers > least + 60


def test_each_arm_may_have_a_rat_of_its_own():
    design = Design(12, [Immunisation()], [Arm("a"), Arm("b")])
    rats = {"a": load("lewis"), "b": load("lewis").replace(precursor_number=40)}
    mixed = simulate(rats, design, animals=3, seed=1, workers=1)
    for place, name in enumerate(rats):
        alone = simulate(rats[name], design, animals=3, seed=1, workers=1)
        assert (mixed.severity[place] == alone.severity[place]).all()
    assert (mixed.severity[0] != mixed.severity[1]).any()
