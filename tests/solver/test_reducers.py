"""Numbers made on the way, against NumPy on the recorded values; quantities that are arithmetic on states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.model import Parameters, State
from eaesim.model.score import severity
from eaesim.protocol import Bolus, Regimen
from eaesim.solver import FAILED, Reducer, solve
from eaesim.study.cohort import draw_cohort


def product(state, rates):
    return state.first * state.second - rates.loss


def share(state, rates):
    return state.first / (rates.loss + state.first + state.second)


# Enough days for NumPy to sum in pieces, and courses that rise, fall, and rise again.
ROWS = [
    [(0.0, 0, 3.0)],
    [(2.3, 0, 1.0), (14.0, 0, 5.0)],
    [(-2.0, 1, 2.0), (9.0, 0, 4.0), (15.0, 1, -1.0)],
    [],
    [(19.5, 0, 1.0)],
]


@pytest.fixture
def problem(toy):
    return replace(toy(*ROWS, growth=0.02, days=20), record=("first", "second", product, share))


def expected(reducer, values, days):
    """Reduce a course of each rat with NumPy, shape (rats, days)."""
    if reducer.kind == "peak":
        return values.max(axis=1)
    if reducer.kind == "day_of_peak":
        return days[values.argmax(axis=1)]
    if reducer.kind == "sum":
        return values.sum(axis=1)
    if reducer.kind == "last":
        return values[:, -1]
    reached = values >= reducer.level
    return np.where(reached.any(axis=1), days[reached.argmax(axis=1)], np.nan)


@pytest.mark.parametrize("days", [None, np.array([0.0, 0.5, 3.0, 9.25, 20.0]), np.array([7.0])], ids=str)
@pytest.mark.parametrize("kind", ["peak", "day_of_peak", "first_day", "sum", "last"])
def test_reducers_are_what_numpy_makes_of_the_recorded_values(problem, engine, kind, days):
    problem = problem if days is None else replace(problem, days=days)
    levels = (-0.4, 0.0, 0.3, 1e9) if kind == "first_day" else (0.0,)
    reducers = tuple(Reducer(kind, of, level) for of in problem.record for level in levels)
    solution = solve(replace(problem, reducers=reducers), engine=engine, workers=1)
    assert solution.reduced.shape == (len(ROWS), len(reducers))
    for place, reducer in enumerate(reducers):
        seen = solution.values[:, :, problem.record.index(reducer.of)]
        exact = expected(reducer, seen, problem.days)
        # A sum may be taken in another order; nothing else may differ.
        rounding = 1e-15 * np.abs(seen).sum(axis=1).max() if kind == "sum" else 0.0
        assert solution.reduced[:, place] == pytest.approx(exact, rel=0, abs=rounding, nan_ok=True), reducer


def test_the_first_of_several_equal_peaks_counts(toy, engine):
    problem = replace(toy([(3.0, 0, 1.0)], loss=0.0), reducers=(Reducer("day_of_peak", "first"),))
    # Nothing is lost: from day 4 on every day is a peak.
    assert solve(problem, engine=engine, workers=1).reduced.tolist() == [[4.0]]


def test_a_level_that_is_just_reached_counts(toy, engine):
    problem = replace(toy([(3.0, 0, 1.0)], loss=0.0), reducers=(Reducer("first_day", "first", 1.0),))
    assert solve(problem, engine=engine, workers=1).reduced.tolist() == [[4.0]]


def test_a_peak_may_be_negative(toy, engine):
    problem = replace(
        toy([(0.0, 0, 1.0)]), reducers=(Reducer("peak", lambda state, rates: -1.0 - state.first),)
    )
    assert solve(problem, engine=engine, workers=1).reduced[0, 0] == -1.0


def test_what_is_only_reduced_need_not_be_recorded(problem, engine):
    reducers = (Reducer("sum", share), Reducer("peak", "second"), Reducer("last", product))
    with_values = solve(replace(problem, reducers=reducers), engine=engine, workers=1)
    without = solve(replace(problem, record=(), reducers=reducers), engine=engine, workers=1)
    assert without.values.shape == (len(ROWS), 21, 0)
    assert without.reduced.tobytes() == with_values.reduced.tobytes()
    fewer = solve(replace(problem, record=("second",), reducers=reducers[1:]), engine=engine, workers=1)
    assert fewer.reduced.tobytes() == with_values.reduced[:, 1:].tobytes()
    assert fewer.values.tobytes() == with_values.values[:, :, 1:2].tobytes()


def test_reducers_change_no_recorded_bit(problem, engine):
    plain = solve(problem, engine=engine, workers=1)
    reduced = solve(replace(problem, reducers=(Reducer("peak", share),)), engine=engine, workers=1)
    assert reduced.values.tobytes() == plain.values.tobytes()


def test_quantities_are_functions_of_the_recorded_states(problem, solved):
    values = solved(problem)
    first, second, loss = values[:, :, 0], values[:, :, 1], problem.parameters[:, 1:]
    assert values[:, :, 2] == pytest.approx(first * second - loss, rel=solved.rounding, abs=solved.rounding)
    assert values[:, :, 3] == pytest.approx(first / (loss + first + second), rel=solved.rounding)


def test_a_quantity_may_be_a_parameter_or_a_number(problem, solved):
    quantities = (
        lambda state, rates: rates.loss,
        lambda state, rates: 2.5,
        lambda state, rates: rates.loss * 2,
    )
    problem.parameters[:, 1] = [0.1, 0.2, 0.3, 0.4, 0.5]
    reducers = tuple(Reducer("sum", each) for each in quantities)
    solution = solved.solution(replace(problem, record=quantities, reducers=reducers))
    loss = problem.parameters[:, 1]
    columns = np.column_stack([loss, np.full(5, 2.5), 2 * loss])
    assert solution.values == pytest.approx(
        np.broadcast_to(columns[:, None, :], (5, 21, 3)), rel=solved.rounding
    )
    assert solution.reduced == pytest.approx(21 * columns, rel=solved.rounding)


def test_quantities_of_what_is_zero_throughout(toy, engine):
    problem = replace(
        toy([], [], growth=0.0),
        record=("first", product, lambda state, rates: 1.0 + state.first),
        reducers=(
            Reducer("peak", "first"),
            Reducer("day_of_peak", "first"),
            Reducer("first_day", "first", 0.0),
        ),
    )
    solution = solve(problem, engine=engine, workers=1)
    assert (solution.values == [0.0, -0.5, 1.0]).all()
    assert solution.reduced.tolist() == [[0.0, 0.0, 0.0]] * 2


def test_a_failed_rat_has_no_numbers(toy, engine):
    problem = toy(*[[(0.0, 0, 1.0)]] * 3)
    reducers = tuple(Reducer(kind, "first") for kind in ("peak", "day_of_peak", "first_day", "sum", "last"))
    problem.parameters[1, 1] = np.nan
    solution = solve(replace(problem, reducers=reducers), engine=engine, workers=1)
    assert solution.status[1] == FAILED
    assert np.isnan(solution.reduced[1]).all()
    assert np.isfinite(solution.reduced[[0, 2]]).all()


def test_severity_is_that_of_the_recorded_states(rat_problem, solved):
    unlike = draw_cohort(6, seed=3, days=1).differences
    problem = rat_problem(Regimen(), Bolus("1 g/kg").at(day=4), rat="da", until=30, differences=unlike)
    # The sign of an attack: the first day on which a rat would score.
    reducers = (
        Reducer("peak", severity),
        Reducer("day_of_peak", severity),
        Reducer("first_day", severity, 0.75),
        Reducer("sum", severity),
    )
    problem = replace(problem, record=(severity, *problem.record), reducers=reducers)
    solution = solved.solution(problem)
    seen = solution.values[:, :, 0]
    states = State._make(np.moveaxis(solution.values[:, :, 1:], 2, 0))
    by_hand = severity(states, Parameters._make(problem.parameters.T[:, :, None]))
    assert seen == pytest.approx(by_hand, rel=solved.rounding, abs=solved.rounding * seen.max())
    assert seen.max() > 1
    for place, reducer in enumerate(reducers):
        exact = expected(reducer, seen, problem.days)
        assert solution.reduced[:, place] == pytest.approx(exact, rel=1e-14, nan_ok=True)


def test_both_engines_reduce_alike(rat_problem):
    pytest.importorskip("numba")
    problem = rat_problem(Regimen(), Bolus("1 g/kg").at(day=4), until=30)
    reducers = tuple(
        Reducer(kind, severity, 0.75) for kind in ("peak", "day_of_peak", "first_day", "sum", "last")
    )
    problem = replace(problem, record=(), reducers=reducers)
    lanes, reference = (solve(problem, engine=name, workers=1).reduced for name in ("lanes", "reference"))
    assert lanes == pytest.approx(reference, rel=1e-5)
