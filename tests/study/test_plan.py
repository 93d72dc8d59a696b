"""What is worked out once for a study."""

from __future__ import annotations

from eaesim.model import Drug, load
from eaesim.protocol import Arm, Bolus, Design, Immunisation, Relapse
from eaesim.study.assembly import typical_parameters
from eaesim.study.plan import plan_arm, plan_study
from eaesim.study.schedule import relapses_since
from eaesim.study.simulation import simulate


def plan(*arms, rat="da", **options):
    chosen = load(rat) if isinstance(rat, str) else rat
    given = {"record": (), "engine": "auto", "accuracy": "scores", "workers": 1} | options
    return plan_study(chosen, Design(40, [Immunisation()], arms), **given)


def relapse(day):
    return Arm(f"day {day}", inductions=[Immunisation(), Relapse(day)])


def test_relapses_are_read_from_the_arms_own_day_then_from_those_of_the_others():
    assert relapses_since(plan(Arm("a"), Arm("b")).design) == ((None,), (None,))
    planned = plan(Arm("a"), relapse(30), relapse(35), relapse(30.5))
    assert relapses_since(planned.design) == (
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


def blocker(half_effect):
    return Drug.from_table(
        "blocker",
        title="blocker of entry",
        source="assumed",
        disposition={"volume": "40 mL/kg", "elimination": "0.1 1/day"},
        action=[{"on": "cns_entry", "does": "inhibit", "half_effect": half_effect}],
    )


def test_parameter_sets_are_made_once_for_arms_that_differ_in_days_and_amounts_alone():
    sets = (load("da"), load("da").replace(priming_rate=1))
    arms = [
        Arm("vehicle"),
        Arm("day 3", Bolus("1 g/kg").at(day=3)),
        Arm("day 5", Bolus("2 g/kg").at(day=5)),
        Arm("another mechanism", Bolus("1 g/kg").at(day=3), mechanism="H2"),
        Arm("a parameter", parameters={"divisions": 7}),
        Arm("a drug", Bolus("1 mg/kg", drug=blocker("0.2 mg/mL")).at(day=3)),
        Arm("another of that name", Bolus("1 mg/kg", drug=blocker("0.4 mg/mL")).at(day=3)),
    ]
    plans = [plan_arm(sets[0], Design(40, [Immunisation()], [arm]), arm, sets) for arm in arms]
    for arm, own in zip(arms, plans, strict=True):
        expected = [typical_parameters(rat, arm, mechanism="H1a") for rat in sets]
        assert own.typical == tuple(values for values, _ in expected)
        assert own.entries == expected[0][1]
    assert plans[0].typical is plans[1].typical is plans[2].typical
    assert len({own.typical for own in plans}) == 5
