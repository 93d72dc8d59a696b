"""Rats by the chunk: no bit depends on where a chunk ends, and nothing is kept that was not asked for."""

from __future__ import annotations

import tracemalloc
from functools import cache

import numpy as np
import pandas as pd
import pytest

from eaesim.endpoints import DEAD_RULES, ENDPOINTS
from eaesim.errors import NotKeptError, UnknownNameError
from eaesim.model import Parameters, State, load
from eaesim.model.score import severity
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.solver import FAILED, HANDED_OVER, Solution, solve
from eaesim.study import Study, chunk, simulation
from eaesim.study.cohort import draw_cohort, individual_parameters

PRECURSORS = Parameters._fields.index("precursor_number")
DAY_0 = Arm("day 0", Bolus("1 g/kg").at(day=0))
TWICE = Arm(
    "twice",
    Bolus("1 g/kg").at(onset="score >= 1", after=1)
    + Bolus("1 g/kg", route="ip").at(relapse="score rise >= 1"),
)


@cache
def study():
    """Return a study with everything that an arm can have, of rats that die easily."""
    return Study(
        load("da").replace(death_rate=2, death_severity=3.5),
        until=45,
        mechanism="H3",
        inductions=[Immunisation(), Relapse(30, adjuvant="complete")],
        arms=[
            Arm("vehicle"),
            DAY_0,
            TWICE,
            Arm("not induced", inductions=[Immunisation()]),
            Arm("later", inductions=[Immunisation(), Relapse(35)]),
            Arm("another drug", Bolus("1 mg/kg", drug="late_acting").at(onset="score >= 2")),
        ],
    )


def run(**options):
    return study().run(
        **{"animals": 9, "seed": 4, "workers": 1, "members": 3, "accuracy": "scores"} | options
    )


@cache
def whole_run(**options):
    """Return a run that nothing was changed in; no test may change it."""
    return run(**options)


def same(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("courses", [True, False])
@pytest.mark.parametrize(
    ("numbers", "at_once"),
    [(6_000, 2), *(pytest.param(*each, marks=pytest.mark.slow) for each in ((1, 1_024), (1_000_000, 4)))],
)
def test_the_size_of_chunks_changes_no_bit(monkeypatch, numbers, at_once, courses):
    whole = whole_run(courses=courses)
    sizes = []
    monkeypatch.setattr(simulation, "CHUNK", numbers)
    monkeypatch.setattr(chunk, "READ_AT_ONCE", at_once)
    monkeypatch.setattr(chunk, "solve", lambda problem, **given: sizes.append(1) or solve(problem, **given))
    parts = run(courses=courses)
    assert len(sizes) >= {1: 9, 6_000: 5, 1_000_000: 1}[numbers]
    same(parts.animals_table(), whole.animals_table())
    same(parts.table(), whole.table())
    if courses:
        same(parts.scores_table(), whole.scores_table())
        same(parts.courses_table(), whole.courses_table())
    for key, days in whole.simulation.triggered.items():
        assert np.array_equal(parts.simulation.triggered[key], days, equal_nan=True)


@pytest.mark.parametrize("dead", DEAD_RULES)
def test_endpoints_alone_are_those_of_the_courses(dead):
    whole, alone = whole_run(dead=dead), whole_run(dead=dead, courses=False)
    assert 0.1 < np.isfinite(whole.simulation.death_day).mean() < 0.9
    animals = alone.animals_table()
    same(animals, whole.animals_table()[list(animals.columns)])
    same(alone.table(), whole.table())
    for arm in whole.arms:
        assert np.array_equal(alone.relapse_days(arm), whole.relapse_days(arm), equal_nan=True)
        for name in ENDPOINTS:
            for since in (None, 30, 35):
                found, expected = (each.endpoint(arm, name, since=since) for each in (alone, whole))
                assert np.array_equal(found, expected, equal_nan=True)
            for control in whole.arms:
                pairs = zip(alone.pair(arm, control, name), whole.pair(arm, control, name), strict=True)
                assert all(np.array_equal(*pair, equal_nan=True) for pair in pairs)
            assert alone.mean(arm, name) == whole.mean(arm, name) or np.isnan(whole.mean(arm, name).high)
    assert np.array_equal(alone.simulation.death_day, whole.simulation.death_day)
    assert np.array_equal(alone.dead_before(30), whole.dead_before(30))
    assert np.array_equal(alone.simulation.dosed, whole.simulation.dosed)


def test_what_was_not_kept_is_said_with_the_way_to_keep_it():
    alone = run(courses=False, animals=2)
    for use in (
        alone.scores_table,
        alone.courses_table,
        lambda: alone.scores("vehicle"),
        lambda: alone.simulation.severity,
        lambda: alone.simulation.states,
        lambda: alone.endpoint("vehicle", "relapse_incidence", since=12),
    ):
        with pytest.raises(NotKeptError, match=r"^[^\n]*not kept[^\n]*courses=True[^\n]*$"):
            use()


def test_only_what_is_needed_is_asked_of_the_solver(monkeypatch):
    asked = []
    monkeypatch.setattr(
        chunk, "solve", lambda problem, **given: asked.append(problem) or solve(problem, **given)
    )
    run(courses=False, animals=1, record=["igg_plasma"])
    run(animals=1, record=["igg_plasma", "treg_cns", "igg_plasma"])
    run(animals=1, record=[])
    assert asked[0].record == (severity, "death_hazard")
    assert {problem.record for problem in asked[1:]} == {
        (severity, "death_hazard", "igg_plasma", "treg_cns"),
        (severity, "death_hazard"),
    }
    for problem in asked:
        assert [(each.kind, each.of) for each in problem.reducers] == [
            ("peak", "inflammation"),
            ("last", "demyelination"),
        ]


def test_all_arms_of_a_chunk_are_solved_together_and_then_those_that_were_given_a_dose(monkeypatch):
    rows = []
    monkeypatch.setattr(
        chunk, "solve", lambda problem, **given: rows.append(len(problem.initial)) or solve(problem, **given)
    )
    Study("lewis", until=20, arms=[Arm("vehicle"), DAY_0]).run(animals=5, workers=1)
    assert rows == [10]
    rows.clear()
    triggered = run().simulation.triggered
    first, other, again = (
        np.isfinite(days)
        for days in (triggered["twice", 0], triggered["another drug", 0], triggered["twice", 1])
    )
    # An arm with another drug has other equations, and is solved apart.
    of_another = [9, int(other.sum())]
    assert rows == [5 * 9, int((first | again).sum()), int((first & again).sum()), *of_another]


# The engine, and what it says of a rat


def test_the_engine_and_the_workers_are_handed_on(monkeypatch):
    given = []
    monkeypatch.setattr(chunk, "solve", lambda problem, **settings: given.append(settings) or solve(problem))
    Study("lewis", until=5, arms=[Arm("vehicle")]).run(animals=1, engine="reference", workers=3)
    assert (given[0]["engine"], given[0]["workers"]) == ("reference", 3)
    monkeypatch.undo()
    with pytest.raises(UnknownNameError, match='"lane" is not an engine; did you mean "lanes"'):
        Study("lewis", until=5, arms=[Arm("vehicle")]).run(animals=1, engine="lane")


def test_a_rat_that_was_handed_over_is_solved_and_says_so(monkeypatch):
    plain = whole_run(courses=True)

    def handing(problem, **settings):
        solution = solve(problem, **settings)
        solution.status[1::2] = HANDED_OVER
        solution.reason.update(dict.fromkeys(range(1, len(solution.status), 2), "too stiff"))
        return solution

    monkeypatch.setattr(chunk, "solve", handing)
    seen = run()
    animals = seen.animals_table()
    assert set(animals["status"]) == {"solved", "handed over"}
    assert ((animals["reason"] == "too stiff") == (animals["status"] == "handed over")).all()
    assert seen.failures() == []
    assert not any(seen.has_failed(arm).any() for arm in seen.arms)
    same(seen.table(), plain.table())
    same(animals.drop(columns=["status", "reason"]), plain.animals_table().drop(columns=["status", "reason"]))


def handed_over(problem, number):
    """Say of every second rat, by a number of its own, that it was handed over in this pass."""
    own = np.round(problem.parameters[:, PRECURSORS], 9)
    return {
        row: f"{value} in pass {number}"
        for row, value in enumerate(own.tolist())
        if str(value)[-1] in "13579"
    }


@pytest.mark.parametrize(("numbers", "at_once"), [(4_000_000, 1_024), (4_000_000, 2), (1_500, 1_024)])
def test_status_and_reason_are_the_rats_own_and_those_of_its_last_pass(monkeypatch, numbers, at_once):
    def handing(problem, **settings):
        solution = solve(problem, **settings)
        # Nobody is given IgG in the first pass.
        number = 2 if (problem.events.state == State._fields.index("igg_plasma")).any() else 1
        solution.reason.update(handed_over(problem, number))
        solution.status[list(solution.reason)] = HANDED_OVER
        return solution

    monkeypatch.setattr(simulation, "CHUNK", numbers)
    monkeypatch.setattr(chunk, "READ_AT_ONCE", at_once)
    monkeypatch.setattr(chunk, "solve", handing)
    arms = [Arm("vehicle"), Arm("treated", Bolus("1 g/kg").at(onset="score >= 3"))]
    seen = Study("lewis", until=14, arms=arms).run(animals=11, seed=3, workers=1, members=1)
    rat = load("lewis")
    cohort = draw_cohort(11, seed=3, days=1)
    own = individual_parameters(rat.parameters(), entries=rat.entries, differences=cohort.differences)
    dosed = seen.simulation.dosed
    assert 2 < dosed[1].sum() < 11
    for place, arm in enumerate(arms):
        found = seen.animals_table().query(f"arm == '{arm.name}'")
        for number, (status, reason) in enumerate(zip(found["status"], found["reason"], strict=True)):
            value = np.round(own[number, PRECURSORS], 9)
            odd = str(value)[-1] in "13579"
            assert status == ("handed over" if odd else "solved")
            assert reason == (f"{value} in pass {2 if dosed[place, number] else 1}" if odd else "")
    days = seen.simulation.triggered["treated", 0]
    assert np.array_equal(np.isnan(days), ~dosed[1])
    assert np.isfinite(days[dosed[1]]).all()


@pytest.mark.parametrize("courses", [True, False])
def test_failures_are_listed_arm_by_arm_and_stand_with_their_rats(monkeypatch, courses):
    def failing(problem, **settings):
        solution = solve(problem, **settings)
        for row in (2, 5):
            solution.status[row], solution.reason[row] = FAILED, f"row {row}"
            solution.values[row], solution.reduced[row] = np.nan, np.nan
        return solution

    monkeypatch.setattr(chunk, "solve", failing)
    seen = Study("lewis", until=15, arms=[Arm("vehicle"), DAY_0]).run(animals=4, workers=1, courses=courses)
    assert seen.failures() == ["row 2", "row 5"]
    animals = seen.animals_table()
    assert animals.loc[animals["status"] == "failed", "reason"].tolist() == ["row 2", "row 5"]
    assert animals.loc[animals["status"] == "failed", "animal"].tolist() == [2, 1]
    assert animals.loc[animals["status"] == "failed", list(ENDPOINTS)].isna().all(axis=None)
    assert np.isnan(seen.simulation.death_day[[0, 1], [2, 1]]).all()
    assert (seen.table()["failed"].unstack().loc["day 0"] == 2).all()


# Progress


@pytest.mark.parametrize("numbers", [1, 4_000_000])
def test_progress_counts_every_run_once_and_ends_at_the_total(monkeypatch, numbers):
    monkeypatch.setattr(simulation, "CHUNK", numbers)
    seen = []
    run(progress=lambda done, total: seen.append((done, total)), courses=False)
    done = [number for number, _ in seen]
    assert {total for _, total in seen} == {9 * 6}
    assert done == sorted(done)
    assert done[-1] == 9 * 6
    assert len(set(done)) > 2


# Many rats


def bumps(problem, **_):
    """Answer at once, with courses that depend on the rat alone."""
    height = 5 * np.modf(problem.parameters[:, PRECURSORS] * 7)[0]
    course = np.exp(-(((problem.days - 12) / 3) ** 2))
    values = np.zeros((len(height), len(problem.days), len(problem.record)))
    values[:, :, 0] = height[:, None] * course
    return Solution(values, np.ones((len(height), 2)), np.zeros(len(height), dtype=np.uint8))


def test_memory_grows_with_the_rats_by_what_is_kept_of_them(monkeypatch):
    monkeypatch.setattr(chunk, "solve", bumps)
    arms = [Arm("vehicle"), Arm("at onset", Bolus("1 g/kg").at(onset="score >= 1"))]
    long = Study("lewis", until=60, arms=arms)

    def peak(animals):
        tracemalloc.start()
        long.run(animals=animals, courses=False, members=1)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(20_000), peak(60_000)
    kept = 8 * (len(ENDPOINTS) + 2) + 2  # endpoints, day of the relapse, day of death; status, dosed
    # The day of the triggered dose comes to it.
    assert many - few < 40_000 * (2 * kept + 8) * 1.05
    assert few < 220e6
