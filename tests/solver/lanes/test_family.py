"""Runs that are equal up to some day are solved once up to it, and no bit of them changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.model import Parameters, State
from eaesim.model.score import severity
from eaesim.protocol import Bolus, Infusion, Regimen
from eaesim.solver import Events, Reducer
from eaesim.solver.lanes.crowd import solve_and_count
from eaesim.solver.lanes.family import families
from eaesim.solver.lanes.method import tsit5, verner6

ACCURACIES = pytest.mark.parametrize(
    "options",
    [{}, {"method": tsit5(), "single": True}, {"method": verner6(), "single": False}],
    ids=["courses", "scores", "Verner6"],
)
DOSES = [
    Regimen(),
    Bolus("1 g/kg").at(day=0),
    Bolus("1 g/kg").at(day=3),
    Bolus("0.4 g/kg").at(day=3),
    Bolus("0.4 g/kg", every="1 day", doses=5).at(day=3),
    Infusion("1 g/kg", over="7 h").at(day=9.3),
    Bolus("1 g/kg").at(day=9.3),
    Bolus("1 g/kg").at(day=-2),
    Bolus("1 g/kg").at(day=21),
    Bolus("1 g/kg").at(day=14) + Bolus("1 mg/kg", route="ip", drug="late_acting").at(day=17.5),
    Bolus("1 g/kg").at(day=14),
]


@pytest.fixture
def same_rats(rat_problem):
    """Return a problem in which three rats are given each of some regimens, in random order."""

    def build(mechanism="H1a+H6", doses=DOSES, **options):
        problem = rat_problem(*doses, mechanism=mechanism, until=20, **options)
        rows = np.repeat(np.arange(len(doses)), 3)
        problem = problem.rows(rows)
        unlike = np.tile([1.0, 1.2, 0.9], len(doses))
        problem.parameters[:, Parameters._fields.index("inflammation_rate")] *= unlike
        return problem.rows(np.random.default_rng(3).permutation(len(rows)))

    return build


@ACCURACIES
def test_a_run_with_its_siblings_is_the_run_alone(same_rats, same_bits, options):
    reducers = tuple(
        Reducer(kind, severity, 0.05) for kind in ("peak", "day_of_peak", "first_day", "sum", "last")
    )
    problem = replace(same_rats(), reducers=reducers, relative_tolerance=1e-5)
    together, work = solve_and_count(problem, workers=1, **options)
    assert not together.status.any()
    days = 0.0
    for row in range(len(together.status)):
        alone, own = solve_and_count(problem.rows([row]), workers=1, **options)
        assert same_bits(alone.values[0], together.values[row]), row
        assert same_bits(alone.reduced[0], together.reduced[row]), row
        days += own.rat_days
    # Doses on the last day and the second drug before its dose change nothing.
    assert work.rat_days < 0.75 * days


@ACCURACIES
def test_threads_and_chunks_change_no_bit(same_rats, same_bits, options, monkeypatch):
    from eaesim.solver.lanes import crowd

    problem = replace(same_rats(), relative_tolerance=1e-5)
    one = solve_and_count(problem, workers=1, **options)[0]
    monkeypatch.setattr(crowd, "CHUNK", 5)
    monkeypatch.setattr(crowd, "LEAST_CHUNK", 1)
    for workers in (1, 2, 8):
        assert same_bits(solve_and_count(problem, workers=workers, **options)[0].values, one.values)


@ACCURACIES
def test_a_strength_does_not_matter_before_the_first_dose(same_rats, same_bits, options):
    doses = [Regimen(), Bolus("1 g/kg").at(day=10), Bolus("1 g/kg").at(day=18)]
    problem = replace(same_rats(doses=doses), relative_tolerance=1e-5)
    strengths = [0.2, 1.0, 3.0, 9.0]
    rows = np.tile(np.arange(9), len(strengths))
    many = problem.rows(rows)
    many.parameters[:, Parameters._fields.index("potency_maturation")] = np.repeat(strengths, 9)
    together, work = solve_and_count(many, workers=1, **options)
    for row in range(len(rows)):
        assert same_bits(
            solve_and_count(many.rows([row]), workers=1, **options)[0].values[0], together.values[row]
        )
    # Three rats: to the end without a dose, 10 and 2 days at each strength, and the steps before a branch.
    distinct = 3 * (20 + 4 * 12)
    assert distinct <= work.rat_days <= 1.1 * distinct + 3 * 8


@ACCURACIES
def test_a_parent_that_is_too_stiff_leaves_its_children_to_themselves(toy, same_bits, options):
    rows = [[(0.0, 0, 1.0)], [(0.0, 0, 1.0), (4.0, 1, 1.0)], [(0.0, 0, 1.0), (7.0, 1, 1.0)]]
    problem = toy(*rows)
    problem.parameters[:, 1] = 1e5
    together = solve_and_count(problem, workers=1, **options)[0]
    for row in range(3):
        alone = solve_and_count(problem.rows([row]), workers=1, **options)[0]
        assert same_bits(alone.values[0], together.values[row])
        assert alone.status[0] == together.status[row]


@pytest.mark.parametrize("seed", range(20))
def test_random_schedules_change_no_bit(toy, same_bits, seed):
    random = np.random.default_rng(seed)
    pool = [
        (float(day), int(state), float(amount))
        for day in (-1, 0, 2, 2.5, 7)
        for state in (0, 1)
        for amount in (0, 1)
    ]
    rows = [
        sorted(pool[place] for place in random.choice(len(pool), random.integers(0, 5), replace=False))
        for _ in range(12)
    ]
    problem = toy(*rows, growth=0.3, loss=0.7)
    problem.parameters[:, 1] = random.choice([0.5, 0.7], 12)
    named = replace(problem, subject=(problem.parameters[:, 1] == 0.7).astype(np.int64))
    for options in ({}, {"method": tsit5(), "single": True}):
        together, work = solve_and_count(problem, workers=1, **options)
        told, least = solve_and_count(named, workers=1, **options)
        assert same_bits(told.values, together.values)
        assert least == work
        for row in range(12):
            alone = solve_and_count(problem.rows([row]), workers=1, **options)[0]
            assert same_bits(alone.values[0], together.values[row]), rows[row]


def test_who_branches_off_from_whom(toy):
    rows = [[(0.0, 0, 1.0), (5.0, 1, 1.0)], [(0.0, 0, 1.0)], [(0.0, 0, 1.0), (5.0, 1, 2.0)], [(0.0, 0, 1.0)]]
    rows += [[(0.0, 0, 1.0), (5.0, 1, 1.0), (8.0, 1, 1.0)], [(0.0, 0, 2.0)]]
    problem = toy(*rows)
    events = problem.events
    starts = np.zeros(len(rows))
    nothing = np.zeros(2, dtype=bool)
    problem = replace(problem, events=Events(events.day, events.state, events.amount))
    found = families(problem, starts, np.zeros(problem.parameters.shape[1], dtype=bool), nothing)
    assert found.same.tolist() == [0, 1, 2, 1, 4, 5]
    # One of the two with a dose on day 5 goes on to day 8; the other follows it until then.
    assert set(found.parent[[0, 4]]) == {1, 0} or set(found.parent[[0, 4]]) == {1, 4}
    assert found.parent[[1, 2, 5]].tolist() == [-1, 1, -1]
    assert sorted(found.mark[[0, 2, 4]].tolist()) == [5.0, 5.0, 8.0]
    assert found.order.tolist() == sorted(found.order.tolist(), key=lambda row: (row == 5, row))


@ACCURACIES
def test_a_run_continued_with_another_dose_is_the_run_from_its_start(same_rats, same_bits, options):
    doses = [Regimen(), Bolus("1 g/kg").at(day=3), Bolus("1 g/kg").at(day=9.3)]
    problem = replace(same_rats(doses=doses), relative_tolerance=1e-5)
    rows, plasma = np.arange(len(problem.parameters)), State._fields.index("igg_plasma")
    waiting = replace(problem, waits=np.ones(len(rows), dtype=np.bool_))
    first, _ = solve_and_count(waiting, workers=1, **options)
    assert first.on_the_way is not None
    begun = first.on_the_way.before(rows, np.full(len(rows), 14.5), waiting, first)
    events = problem.events
    more = Events(
        np.column_stack([events.day, np.full(len(rows), 14.5)]),
        np.column_stack([events.state, np.full(len(rows), plasma)]),
        np.column_stack([events.amount, np.full(len(rows), 0.7)]),
    )
    dosed = replace(problem, events=more)
    whole, all_days = solve_and_count(dosed, workers=1, **options)
    continued, days = solve_and_count(replace(dosed, begun=begun), workers=1, **options)
    assert same_bits(continued.values, whole.values)
    assert days.rat_days < 0.6 * all_days.rat_days
