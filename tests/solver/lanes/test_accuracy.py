"""The lanes against methods that nobody here wrote, on random rats and protocols."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from eaesim.model import Parameters, load
from eaesim.protocol import Bolus, Infusion
from eaesim.solver import HANDED_OVER, SOLVED, solve
from eaesim.solver.lanes import crowd
from eaesim.solver.lanes.method import dop853, rodas5p, tsit5

pytestmark = pytest.mark.usefixtures("own_machine_code")

RATS = 1_000


@pytest.fixture(scope="module")
def truth(random_rats, extrapolated):
    """Solve the random rats that are not too stiff for explicit steps, by extrapolation."""
    solution = solve(random_rats(RATS), engine="lanes")
    assert np.isin(solution.status, (SOLVED, HANDED_OVER)).all(), solution.reason
    rows = np.flatnonzero(solution.status == SOLVED)
    states, peaks = zip(*(extrapolated(random_rats(RATS), row) for row in rows), strict=True)
    return SimpleNamespace(rows=rows, states=np.array(states), peaks=np.array(peaks), solution=solution)


@pytest.mark.slow
def test_a_thousand_random_rats_agree_with_the_truth(truth, run_errors):
    errors = run_errors(truth.solution.values[truth.rows], truth.states, truth.peaks)
    print(
        f"{len(truth.rows)} rats: median {np.median(errors):.2e}, 99 % {np.quantile(errors, 0.99):.2e}, "
        f"worst {errors.max():.2e}"
    )
    assert np.median(errors) <= 3e-6
    assert errors.max() <= 1e-4
    # Rats that regulatory T cells overrun need implicit steps; others do not.
    assert len(truth.rows) >= 0.97 * RATS


@pytest.mark.parametrize(("accuracy", "median", "worst"), [("courses", 3e-6, 1e-4), ("scores", 2e-3, 5e-2)])
@pytest.mark.parametrize("rats", ["stored_truth", pytest.param("random_truth", marks=pytest.mark.slow)])
def test_random_rats_agree_with_radau(rats, request, run_errors, accuracy, median, worst):
    known = request.getfixturevalue(rats)
    solution = solve(known.problem, engine="lanes", accuracy=accuracy)
    assert np.isin(solution.status, (SOLVED, HANDED_OVER)).all()
    errors = run_errors(solution.values, known.states, known.peaks)
    print(
        f"{len(errors)} rats: median {np.median(errors):.2e}, 99 % {np.quantile(errors, 0.99):.2e}, "
        f"worst {errors.max():.2e}, handed over {np.sum(solution.status == HANDED_OVER)}"
    )
    assert np.median(errors) <= median
    assert errors.max() <= worst


@pytest.mark.slow
def test_the_truth_agrees_with_radau(truth, random_truth, run_errors):
    both, here, there = np.intersect1d(truth.rows, random_truth.rows, return_indices=True)
    apart = run_errors(truth.states[here], random_truth.states[there], random_truth.peaks[there])
    print(f"{len(both)} rats: extrapolation and Radau differ by at most {apart.max():.2e}")
    assert len(both) >= 0.9 * len(random_truth.rows)
    assert apart.max() < 1e-8


@pytest.mark.slow
@pytest.mark.parametrize("method", [tsit5, dop853, rodas5p])
def test_the_error_follows_the_tolerance(truth, random_rats, run_errors, method):
    problem = random_rats(RATS).rows(truth.rows[:200])
    medians = []
    for tolerance in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9):
        solution, _ = crowd.solve_and_count(replace(problem, relative_tolerance=tolerance), method=method())
        kept = np.flatnonzero(solution.status == SOLVED)
        assert len(kept) >= 190
        errors = run_errors(solution.values[kept], truth.states[kept], truth.peaks[kept])
        medians.append(np.median(errors))
        # One rat in two hundred stands close to a threshold, where any error grows.
        assert np.quantile(errors, 0.99) < 300 * medians[-1]
        assert errors.max() < 3_000 * medians[-1]
    print(f"{method().name}: median errors {', '.join(f'{each:.1e}' for each in medians)}")
    # A tenth of the tolerance is about a tenth of the error.
    assert (np.array(medians[:-1]) / medians[1:] > 2.5).all()
    assert 1e3 < medians[0] / medians[-1] < 1e5


# What grows by itself, grown faster, is not stiff but unstable: errors grow with it, in every method.
RATES = [
    name
    for name, entry in load("lewis").entries.items()
    if "/day" in entry.unit and not name.endswith("_growth")
]


@pytest.mark.slow
@pytest.mark.parametrize("times", [10, 100, 1000])
def test_a_stiffer_rat_is_solved_as_well_or_handed_over(
    rat_problem, extrapolated, independent, run_error, times
):
    regimen = Bolus("1 g/kg").at(day=4) + Bolus("1 g/kg", route="ip").at(day=9)
    problem = rat_problem(*[regimen] * len(RATES), mechanism="H1a+H6", until=14)
    for row, name in enumerate(RATES):
        problem.parameters[row, Parameters._fields.index(name)] *= times
    solution = solve(problem, engine="lanes")
    assert np.isin(solution.status, (SOLVED, HANDED_OVER)).all(), solution.reason
    handed_over = np.flatnonzero(solution.status == HANDED_OVER).tolist()
    assert sorted(solution.reason) == handed_over
    assert all("stiff" in reason for reason in solution.reason.values())
    errors = {}
    for row, name in enumerate(RATES):
        solved = independent if row in handed_over else extrapolated
        truth, peak = solved(problem, row, tolerance=1e-8)
        errors[name] = run_error(solution.values[row], truth, peak)
    print(
        f"{times} times: worst {max(errors.values()):.1e}, handed over {[RATES[row] for row in handed_over]}"
    )
    assert not {name: error for name, error in errors.items() if error > 3e-5}
    assert handed_over or times < 1000


@pytest.mark.slow  # what solves it otherwise is compiled for 10 s
def test_one_rat_is_as_right_as_many(rat_problem, extrapolated, run_error):
    problem = rat_problem(Bolus("1 g/kg").at(day=3) + Infusion("1 g/kg", over="4 h").at(day=9.1), rat="da")
    truth, peak = extrapolated(problem, 0)
    assert run_error(solve(problem, engine="lanes").values[0], truth, peak) <= 3e-6
