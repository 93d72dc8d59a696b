"""The driver: its own order of convergence, and lanes that do not see each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.solver import HANDED_OVER, SOLVED, solve
from eaesim.solver.lanes.crowd import solve_and_count
from eaesim.solver.lanes.method import dop853, rodas5p, sharp_verner6, tsit5

pytestmark = pytest.mark.usefixtures("own_machine_code")

# So loose that no step is refused: each goes from one recorded day to the next, so the days set the step.
LOOSE = 1e6


def predator(state, rates):
    meeting = state.first * state.second
    return rates.growth * state.first - meeting, meeting / (
        1 + 0.2 * state.second
    ) - rates.loss * state.second


def logistic(state, rates):
    return rates.growth * state.first * (1 - state.first), -rates.loss * state.second * state.first


def fixed_step_error(toy, method, steps):
    """Return the error on day 1 after that many equal steps, against the closed form."""
    growth, loss, start = 12.0, 9.0, 0.1
    problem = toy([(0.0, 0, start), (0.0, 1, 1.0)], growth=growth, loss=loss, derivative=logistic)
    problem = replace(problem, days=np.linspace(0.0, 1.0, steps + 1), relative_tolerance=LOOSE)
    solution, work = solve_and_count(problem, workers=1, method=method)
    assert work.rat_steps == steps
    grown = np.exp(growth)
    exact = [start * grown / (1 + start * (grown - 1)), (1 + start * (grown - 1)) ** (-loss / growth)]
    return np.abs(solution.values[0, -1] - exact).max()


@pytest.mark.parametrize(
    ("method", "steps"),
    [
        (tsit5(), (80, 120, 160, 240)),
        (sharp_verner6(), (40, 60, 80, 120)),
        (dop853(), (10, 14, 20, 28)),
        (rodas5p(), (60, 80, 120, 160, 240)),
    ],
    ids=["Tsit5", "SharpVerner6", "DOP853", "Rodas5P"],
)
def test_the_error_shrinks_with_the_order_of_the_method(toy, method, steps):
    errors = [fixed_step_error(toy, method, number) for number in steps]
    order = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    print(f"{method.name}: errors {', '.join(f'{error:.1e}' for error in errors)}; order {order:.2f}")
    assert order == pytest.approx(method.order, abs=0.35)


@pytest.mark.parametrize(
    "method", [tsit5(), sharp_verner6(), dop853(), rodas5p()], ids=lambda method: method.name
)
def test_fewer_steps_at_a_looser_tolerance(toy, method):
    problem = replace(
        toy([], start=1.5, growth=6.0, loss=4.0, derivative=predator), days=np.array([0.0, 5.0])
    )
    steps = [
        solve_and_count(replace(problem, relative_tolerance=tolerance), workers=1, method=method)[1].rat_steps
        for tolerance in (1e-4, 1e-6, 1e-8, 1e-10)
    ]
    # Of order p: a hundredth of the tolerance takes 100 ** (1 / p) as many steps.
    ratios = np.array(steps[1:]) / steps[:-1]
    assert ratios == pytest.approx(100 ** (1 / method.order), rel=0.3)


def test_a_rat_without_an_event_takes_no_more_steps_than_one_with(toy):
    none, nothing = (
        solve_and_count(toy(row, start=1.5, growth=6.0, loss=4.0, derivative=predator), workers=1)[1]
        for row in ([], [(0.0, 0, 0.0)])
    )
    assert none.rat_steps == nothing.rat_steps


@pytest.mark.parametrize("rats", [*range(1, 18), 31, 32, 33, 100])
def test_any_number_of_rats_fits_the_lanes(toy, same_bits, rats):
    rows = [[(0.0, 0, 1.0 + place), (place / 7, 1, 0.5)] for place in range(100)]
    problem = toy(*rows, growth=0.2)
    problem.parameters[:, 1] = np.linspace(0.1, 9, 100)
    all_of_them = solve_and_count(problem, workers=1)[0]
    some = solve_and_count(problem.rows(slice(rats)), workers=1)[0]
    assert not some.status.any()
    assert same_bits(some.values, all_of_them.values[:rats])


def test_a_slow_rat_does_not_hold_up_the_others(toy, same_bits):
    # One needs a hundred times the steps of the others: lanes are refilled meanwhile.
    problem = toy(*[[(0.0, 0, 1.0)]] * 200)
    problem.parameters[:, 0] = np.linspace(0.1, 0.1 + 1e-9, 200)
    problem.parameters[3, 1] = 150.0
    solution, work = solve_and_count(problem, workers=1)
    assert not solution.status.any()
    alone = solve_and_count(problem.rows([3]), workers=1)[1]
    quick = solve_and_count(problem.rows([4]), workers=1)[1]
    assert work.rat_steps == alone.rat_steps + 199 * quick.rat_steps
    assert work.steps < alone.rat_steps + 199 * quick.rat_steps


@pytest.mark.parametrize("place", range(8))
def test_a_stiff_rat_leaves_its_neighbours_alone(toy, same_bits, place):
    rows = [[(0.0, 0, 1.0), (number / 4, 0, 1.0)] for number in range(9)]
    problem = toy(*rows)
    plain = solve_and_count(problem, workers=1)[0]
    problem.parameters[place, 1] = 1e5
    solution = solve_and_count(problem, workers=1)[0]
    others = np.arange(9) != place
    assert solution.status[place] == HANDED_OVER
    assert (solution.status[others] == SOLVED).all()
    assert list(solution.reason) == [place]
    assert same_bits(solution.values[others], plain.values[others])
    assert solution.values[place, 5:, 1] == pytest.approx(np.full(6, 2.0), rel=1e-6)


def test_stiff_rats_have_the_same_bits_alone_and_in_a_crowd(toy, same_bits):
    rows = [[(0.0, 0, 1.0), (number / 4, 0, 1.0)] for number in range(12)]
    problem = toy(*rows, growth=0.1)
    problem.parameters[::2, 1] = np.geomspace(1e4, 1e8, 6)
    together = solve_and_count(problem, workers=1)[0]
    assert (together.status[::2] == HANDED_OVER).all()
    for row in range(12):
        alone = solve_and_count(problem.rows([row]), workers=1)[0]
        assert same_bits(alone.values[0], together.values[row]), row


@pytest.mark.parametrize("accuracy", ["courses", "scores"])
def test_small_numbers_are_numbers_again_after_a_solution(toy, accuracy):
    # The lanes of single precision take numbers below 1e-38 as 0, in this thread.
    solution = solve(toy([(0.0, 0, 1.0)]), engine="lanes", accuracy=accuracy, workers=1)
    assert solution.status.tolist() == [SOLVED]
    assert np.array([1e-39], dtype=np.float32)[0] * np.float32(0.5) > 0
    assert np.array([1e-310])[0] * 0.5 > 0
