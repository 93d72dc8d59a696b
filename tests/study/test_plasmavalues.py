"""Plasma that is solved from the first dose on, and once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import EngineError
from eaesim.model import load
from eaesim.protocol import Bolus
from eaesim.protocol.timeline import arm_events
from eaesim.solver import Problem, solve
from eaesim.study import plasmavalues
from eaesim.study.assembly import build_problem


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(plasmavalues, "_KNOWN", type(plasmavalues._KNOWN)())


def dosed(*days: float) -> Problem:
    """Return rats that differ in clearance, each dosed on one of the days."""
    schedules = [arm_events([], Bolus("1 g/kg", route="sc").at(day=day), triggered={}) for day in days]
    parameters = np.tile(np.array(load("lewis").parameters("none")), (len(days), 1))
    problem = build_problem(parameters, schedules, until=0, record=("igg_plasma",))
    return replace(problem, days=np.linspace(0.0, 12.0, 49))


def test_nothing_is_lost_by_beginning_with_the_first_dose():
    problem = dosed(-3.0, 0.0, 2.5, 7.1, 12.0, 30.0)
    whole = solve(problem).values[:, :, 0]
    assert (whole.max(axis=1) > 1.0).tolist() == [True] * 4 + [False] * 2
    assert plasmavalues.plasma_values(problem, engine="auto").tobytes() == whole.tobytes()


def test_only_what_is_new_is_solved(monkeypatch):
    problem, asked = dosed(0.0, 1.0, 2.0), []

    def noted(some, **settings):
        asked.append(len(some.parameters))
        return solve(some, **settings)

    monkeypatch.setattr(plasmavalues, "solve", noted)
    few = plasmavalues.plasma_values(problem.rows(slice(2)), engine="auto")
    every = plasmavalues.plasma_values(problem, engine="auto")
    assert asked == [2, 1]
    assert every[:2].tobytes() == few.tobytes()
    # Another rat, schedule, day or engine is another run.
    slower = replace(problem, parameters=problem.parameters * 1.001)
    for other in (slower, dosed(3.0), replace(problem, days=problem.days[:-1])):
        plasmavalues.plasma_values(other, engine="auto")
    plasmavalues.plasma_values(problem.rows(slice(1)), engine="lanes")
    assert asked == [2, 1, 3, 1, 3, 1]


def test_an_error_leaves_nothing_behind(monkeypatch):
    def broken(*_, **__):
        raise EngineError("no engine")

    problem = dosed(0.0)
    with monkeypatch.context() as patch:
        patch.setattr(plasmavalues, "solve", broken)
        with pytest.raises(EngineError):
            plasmavalues.plasma_values(problem, engine="auto")
    assert plasmavalues.plasma_values(problem, engine="auto").max() > 1.0


def test_memory_is_bounded(monkeypatch):
    problem = dosed(*np.linspace(0.0, 4.0, 6))
    expected = plasmavalues.plasma_values(problem, engine="auto")
    # Three rows of 49 times fit.
    monkeypatch.setattr(plasmavalues, "MOST_VALUES", 150)
    for row in range(6):
        found = plasmavalues.plasma_values(problem.rows([row]), engine="auto")
        assert found.tobytes() == expected[row].tobytes()
        assert len(plasmavalues._KNOWN) <= 3
    assert plasmavalues.plasma_values(problem, engine="auto").tobytes() == expected.tobytes()
    assert len(plasmavalues._KNOWN) <= 3
