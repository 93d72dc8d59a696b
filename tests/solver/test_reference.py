"""What is the reference solver's own: shared pasts, processes, and rats that need an implicit method."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from eaesim.model import Parameters
from eaesim.protocol import Bolus, Regimen
from eaesim.solver import FAILED, SOLVED, reference
from eaesim.solver.trace import compiled

solve = partial(reference.solve, workers=1)
SLOW = pytest.mark.slow


@pytest.fixture
def counted(monkeypatch):
    """Count how often slopes are asked for, and give up past a limit: no test waits for ever."""
    count = SimpleNamespace(asked=0, limit=np.inf)

    def counting(text):
        def prepare(parameters):
            rates = compiled(text)(parameters)

            def ask(state):
                count.asked += 1
                assert count.asked <= count.limit, "the solver does not come to an end"
                return rates(state)

            return ask

        return prepare

    monkeypatch.setattr("eaesim.solver.reference.compiled", counting)
    return count


def test_a_shared_past_saves_work_and_changes_no_bit(toy, counted):
    rows = [[(0.0, 0, 1.0)], *([(0.0, 0, 1.0), (day, 0, 1.0)] for day in (7.0, 8.0, 8.5, 9.0))]
    together = solve(toy(*rows)).values
    shared, counted.asked = counted.asked, 0
    alone = np.concatenate([solve(toy(row)).values for row in rows])
    assert np.array_equal(together, alone)
    assert 0 < shared < 0.5 * counted.asked


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (0, np.nan),
        (1, np.nan),
        (0, np.inf),
        (0, -np.inf),
        *(pytest.param(0, large, marks=SLOW) for large in (1e12, 500.0)),
    ],
    ids=["growth_nan", "loss_nan", "growth_infinite", "growth_minus_infinite", "growth_huge", "growth_large"],
)
def test_a_rat_that_cannot_be_solved_comes_to_an_end(toy, counted, column, value):
    counted.limit = 450_000 if np.isfinite(value) else 20_000
    problem = toy([(0.0, 0, 1.0)], [(0.0, 0, 1.0), (2.0, 0, 1.0)], [(0.0, 0, 1.0)], growth=0.1)
    problem.parameters[1, column] = value
    assert solve(problem).status.tolist() == [SOLVED, FAILED, SOLVED]


@pytest.mark.parametrize("bad", ["start", "dose"])
def test_a_rat_without_a_number_comes_to_an_end(toy, counted, bad):
    counted.limit = 20_000
    problem = toy([(0.0, 0, 1.0), (5.0, 0, 1.0)])
    if bad == "start":
        problem.initial[0, 0] = np.nan
    else:
        problem.events.amount[0, 1] = np.inf
    assert solve(problem).status.tolist() == [FAILED]


def test_an_error_in_the_arithmetic_is_a_reason(toy):
    problem = toy(*[[(0.0, 0, 1.0)]] * 2, derivative=lambda state, rates: (state.first / rates.loss, 0.0))
    problem.parameters[0, 1] = 0.0
    solution = solve(problem)
    assert solution.status.tolist() == [FAILED, SOLVED]
    assert "zero" in solution.reason[0]


@SLOW
@pytest.mark.parametrize("fast", ["deficit_rate", "igg_exchange"])
def test_a_stiff_rat_is_still_right(rat_problem, independent, run_error, fast):
    regimen = Bolus("1 g/kg").at(day=4) + Bolus("1 g/kg", route="ip").at(day=9)
    problem = rat_problem(regimen, mechanism="H1a+H6", until=11)
    problem.parameters[0, Parameters._fields.index(fast)] *= 1000
    solution = solve(problem)
    assert solution.status.tolist() == [SOLVED], solution.reason
    truth, peak = independent(problem, 0, tolerance=1e-10)
    assert run_error(solution.values[0], truth, peak) <= 1e-5


def test_progress_is_told_rat_by_rat(rat_problem):
    problem = rat_problem(Regimen(), until=1, differences=np.zeros((3, len(Parameters._fields))))
    problem.parameters[:, 0] *= [1.0, 1.1, 1.2]
    seen = []
    solve(problem, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
