"""The contract of the solver: events, bits, shared pasts and failures, on toy systems and on the rat."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from eaesim.model import STATES, Parameters, State
from eaesim.protocol import Bolus, Immunisation, Infusion, Regimen, Relapse
from eaesim.solver import FAILED, SOLVED, Events, Problem, System, solve
from eaesim.solver.trace import trace
from eaesim.study.cohort import draw_cohort

VEHICLE = Regimen()


class Chain(NamedTuple):
    first: float
    second: float


class Rates(NamedTuple):
    growth: float
    loss: float


def chain(state, rates):
    return Chain((rates.growth - rates.loss) * state.first, rates.loss * state.first)


TOY = System(chain, Chain, Rates, (1.0, 1.0))


def toy(*rows, growth=0.0, loss=0.5, days=10, start=0.0, system=TOY):
    """Build a problem: a row for every list of (day, state, amount)."""
    width = max((len(row) for row in rows), default=0)
    day, state = np.full((len(rows), width), np.inf), np.zeros((len(rows), width), dtype=np.int64)
    amount = np.zeros((len(rows), width))
    for place, row in enumerate(rows):
        for column, event in enumerate(row):
            day[place, column], state[place, column], amount[place, column] = event
    return Problem(
        system=system,
        parameters=np.broadcast_to([growth, loss], (len(rows), 2)).copy(),
        initial=np.full((len(rows), 2), start),
        events=Events(day, state, amount),
        days=np.arange(days + 1.0),
        record=(0, 1),
    )


@pytest.fixture
def counted(monkeypatch):
    """Count how often slopes are asked for, and give up past a limit: no test waits for ever."""
    count = SimpleNamespace(asked=0, limit=np.inf)

    def counting(system):
        def prepare(parameters):
            rates = trace(system)(parameters)

            def ask(state):
                count.asked += 1
                assert count.asked <= count.limit, "the solver does not come to an end"
                return rates(state)

            return ask

        return prepare

    monkeypatch.setattr("eaesim.solver.reference.trace", counting)
    return count


def cohort(rat_problem, *regimens, rats=3, **options):
    return rat_problem(*regimens, differences=draw_cohort(rats, seed=5, days=1).differences, **options)


def rows_of(problem, rows):
    events = problem.events
    return replace(
        problem,
        parameters=problem.parameters[rows],
        initial=problem.initial[rows],
        events=Events(events.day[rows], events.state[rows], events.amount[rows]),
    )


def values(problem, **options):
    solution = solve(problem, **{"workers": 1} | options)
    assert set(solution.status.tolist()) == {SOLVED}, solution.reason
    return solution.values


# Closed forms and events


def test_decay_follows_its_closed_form():
    seen = values(toy([(0.0, 0, 3.0)]))[0]
    left = 3 * np.exp(-0.5 * np.arange(1.0, 11))
    assert seen[1:] == pytest.approx(np.column_stack([left, 3 - left]), rel=1e-6)


def test_a_day_is_recorded_before_its_events():
    seen = values(toy([(0.0, 0, 1.0), (4.0, 1, 7.0)], loss=0.0))[0]
    assert seen[:, 0].tolist() == [0, *[1] * 10]
    assert seen[:, 1].tolist() == [*[0] * 5, *[7] * 6]


def test_an_event_between_two_days_acts_at_its_time():
    seen = values(toy([(2.7, 0, 1.0)]))[0, :, 0]
    assert (seen[:3] == 0).all()
    assert seen[3:] == pytest.approx(np.exp(-0.5 * (np.arange(3.0, 11) - 2.7)), rel=1e-6)


def test_a_run_starts_at_its_earliest_event():
    early, late = values(toy([(-3.5, 0, 1.0)], [(0.0, 0, 1.0)]))[:, :, 0]
    assert early == pytest.approx(np.exp(-0.5 * (np.arange(11.0) + 3.5)), rel=1e-6)
    assert late[0] == 0


def test_a_start_value_other_than_zero_is_seen_on_day_0():
    assert values(toy([], start=2.0))[0, 0].tolist() == [2, 2]


def test_events_at_one_time_add_up():
    together, apart, turned = values(
        toy([(3.0, 0, 1.5)], [(3.0, 0, 1.0), (3.0, 0, 0.5)], [(3.0, 0, 0.5), (3.0, 0, 1.0)])
    )
    assert np.array_equal(together, apart)
    assert np.array_equal(together, turned)


def test_the_order_of_events_in_a_row_does_not_matter():
    events = [(-1.0, 0, 1.0), (2.25, 1, 0.5), (2.5, 0, 2.0), (7.0, 0, 0.25)]
    forward, backward = values(toy(events, events[::-1]))
    assert np.array_equal(forward, backward)


def test_events_on_the_last_day_or_later_are_not_seen():
    none, last, later = values(
        toy([(0.0, 0, 1.0)], [(0.0, 0, 1.0), (10.0, 0, 9.0)], [(0.0, 0, 1.0), (12.5, 0, 9.0)])
    )
    assert np.array_equal(none, last)
    assert np.array_equal(none, later)


def test_an_event_that_adds_and_one_that_takes_away_leave_nothing():
    seen = values(toy([(1.0, 1, 0.1), (1.5, 1, 0.7), (2.0, 1, -0.1), (3.0, 1, -0.7)], loss=0.0))[0, :, 1]
    assert seen[4:] == pytest.approx(np.zeros(7), abs=1e-15)


def test_days_need_not_be_whole_nor_every_day():
    problem = replace(toy([(0.0, 0, 1.0)]), days=np.array([0.0, 0.25, 3.5, 7.0]))
    assert values(problem)[0, 1:, 0] == pytest.approx(np.exp(-0.5 * problem.days[1:]), rel=1e-6)


def test_only_the_asked_states_are_recorded_in_the_order_asked():
    problem = toy([(0.0, 0, 1.0)])
    assert np.array_equal(values(replace(problem, record=(1, 0))), values(problem)[:, :, ::-1])
    assert values(replace(problem, record=(1,))).shape == (1, 11, 1)


def test_a_tighter_tolerance_gives_a_smaller_error():
    expected = np.exp(-0.5 * np.arange(1.0, 11))
    errors = [
        np.abs(
            values(replace(toy([(0.0, 0, 1.0)], loss=0.5), relative_tolerance=tolerance))[0, 1:, 0] - expected
        ).max()
        for tolerance in (1e-3, 1e-10)
    ]
    assert errors[1] < errors[0] / 10


# Bits


def test_courses_shift_by_whole_days(rat_problem):
    # Nothing in the equations knows the day: the same acts three days later give the same course later.
    early, late = (
        rat_problem(
            Bolus("1 g/kg").at(day=shift + 1.25) + Infusion("0.4 g/kg", over="6 h").at(day=shift + 4),
            inductions=[Immunisation(shift), Relapse(shift + 15)],
            rat="da",
            mechanism="H1a+H7",
            until=25 + shift,
        )
        for shift in (-5, -2)
    )
    assert np.array_equal(values(early)[0], values(late)[0, 3:])


def test_a_rat_alone_is_the_rat_in_a_crowd(rat_problem):
    crowd = cohort(rat_problem, VEHICLE, Bolus("1 g/kg").at(day=2.3), Bolus("1 g/kg").at(day=9))
    together = values(crowd)
    for row in range(len(together)):
        assert np.array_equal(values(rows_of(crowd, [row]))[0], together[row]), row


def test_order_and_chunks_do_not_matter(rat_problem):
    crowd = cohort(rat_problem, VEHICLE, Bolus("1 g/kg").at(day=5))
    together = values(crowd)
    order = np.array([4, 1, 5, 0, 3, 2])
    assert np.array_equal(values(rows_of(crowd, order)), together[order])
    in_chunks = np.concatenate([values(rows_of(crowd, rows)) for rows in ([0, 1, 2, 3], [4], [5])])
    assert np.array_equal(in_chunks, together)


def test_one_process_and_two_give_the_same_bits(rat_problem):
    crowd = cohort(rat_problem, VEHICLE, Bolus("1 g/kg").at(day=2.3))
    assert np.array_equal(values(crowd, workers=2), values(crowd, workers=1))


def test_recording_less_changes_nothing(rat_problem):
    all_states = rat_problem(Bolus("1 g/kg").at(day=2.3))
    place = State._fields.index("inflammation")
    assert np.array_equal(
        values(replace(all_states, record=(place,)))[0, :, 0], values(all_states)[0, :, place]
    )


def test_columns_of_no_event_change_nothing(rat_problem):
    problem = rat_problem(Bolus("1 g/kg").at(day=2.3))
    events = problem.events
    wider = Events(
        np.pad(events.day, ((0, 0), (2, 3)), constant_values=np.inf),
        np.pad(events.state, ((0, 0), (2, 3))),
        np.pad(events.amount, ((0, 0), (2, 3)), constant_values=5.0),
    )
    assert np.array_equal(values(replace(problem, events=wider)), values(problem))


@pytest.mark.parametrize("day", [6, 6.4])
def test_a_late_dose_leaves_the_days_before_it_alone(rat_problem, day):
    vehicle, treated = values(rat_problem(VEHICLE, Bolus("1 g/kg").at(day=day), mechanism="H3"))
    dosed = int(np.ceil(day))
    assert np.array_equal(treated[: dosed + (day == dosed)], vehicle[: dosed + (day == dosed)])
    assert not np.array_equal(treated[dosed + 1], vehicle[dosed + 1])


def test_a_shared_past_saves_work_and_changes_no_bit(counted):
    rows = [[(0.0, 0, 1.0)], *([(0.0, 0, 1.0), (day, 0, 1.0)] for day in (7.0, 8.0, 8.5, 9.0))]
    together = values(toy(*rows))
    shared, counted.asked = counted.asked, 0
    alone = np.concatenate([values(toy(row)) for row in rows])
    assert np.array_equal(together, alone)
    assert 0 < shared < 0.5 * counted.asked


def test_without_an_event_a_rat_stays_at_rest(rat_problem):
    problem = rat_problem(VEHICLE, inductions=[], rat="da")
    scale = np.array([info.scale for info in STATES.values()])
    # Sources and losses cancel but for rounding.
    assert (np.abs(values(problem)[0] - problem.initial[0]) < 1e-13 * scale).all()


@pytest.mark.parametrize("rat", ["lewis", "da_antibody"])
def test_no_state_goes_below_zero(rat_problem, rat):
    regimen = Bolus("2 g/kg", route="ip").at(day=3) + Infusion("2 g/kg", over="4 h").at(day=10)
    for mechanism in ("none", "H1a+H1b+H2+H3+H4+H5+H6+H7"):
        seen = values(rat_problem(regimen, rat=rat, mechanism=mechanism, until=40))[0]
        assert (seen.min(axis=0) >= -1e-9 * np.abs(seen).max(axis=0)).all(), mechanism


# Failures


def explosive(state, rates):
    return Chain(rates.growth * state.first * state.first, 0.0)


@pytest.mark.parametrize(
    ("column", "value"),
    [(0, np.nan), (1, np.nan), (0, np.inf), (0, -np.inf), (0, 1e12), (0, 500.0)],
    ids=["growth_nan", "loss_nan", "growth_infinite", "growth_minus_infinite", "growth_huge", "growth_large"],
)
def test_a_rat_that_cannot_be_solved_says_why_and_stops_nobody(counted, column, value):
    counted.limit = 450_000 if np.isfinite(value) else 20_000
    rows = [[(0.0, 0, 1.0)], [(0.0, 0, 1.0), (2.0, 0, 1.0)], [(0.0, 0, 1.0)]]
    problem = toy(*rows, growth=0.1)
    untouched = values(problem)
    problem.parameters[1, column] = value
    solution = solve(problem, workers=1)
    assert solution.status.tolist() == [SOLVED, FAILED, SOLVED]
    assert solution.reason[1]
    assert "\n" not in solution.reason[1]
    assert (solution.reason[0], solution.reason[2]) == ("", "")
    assert np.isnan(solution.values[1]).all()
    assert np.array_equal(solution.values[[0, 2]], untouched[[0, 2]])


def test_a_rat_without_a_number_to_start_from_stops_nobody(counted):
    counted.limit = 20_000
    problem = toy([(0.0, 0, 1.0)], [(0.0, 0, 1.0)])
    problem.initial[1, 0] = np.nan
    solution = solve(problem, workers=1)
    assert solution.status.tolist() == [SOLVED, FAILED]
    assert np.isfinite(solution.values[0]).all()
    assert np.isnan(solution.values[1]).all()


def test_a_dose_without_a_number_stops_nobody(counted):
    counted.limit = 20_000
    problem = toy([(0.0, 0, 1.0)], [(0.0, 0, 1.0), (5.0, 0, np.inf)])
    solution = solve(problem, workers=1)
    assert solution.status.tolist() == [SOLVED, FAILED]
    assert np.isnan(solution.values[1]).all()


def test_a_state_that_runs_away_to_infinity_in_finite_time_fails_with_its_day():
    # first' = first^2 from 0.3 has its pole at 3.33 days.
    problem = toy(
        [(0.0, 0, 0.3)], [(0.0, 0, 0.125)], growth=1.0, days=6, system=replace(TOY, derivative=explosive)
    )
    solution = solve(problem, workers=1)
    assert solution.status.tolist() == [FAILED, SOLVED]
    assert "day 3" in solution.reason[0]
    assert solution.values[1, :, 0][1:] == pytest.approx(1 / (8 - np.arange(1.0, 7)), rel=1e-5)


def test_an_error_in_the_arithmetic_is_a_reason():
    def divides(state, rates):
        return Chain(state.first / rates.loss, 0.0)

    problem = toy([(0.0, 0, 1.0)], [(0.0, 0, 1.0)], system=replace(TOY, derivative=divides))
    problem.parameters[0, 1] = 0.0
    solution = solve(problem, workers=1)
    assert solution.status.tolist() == [FAILED, SOLVED]
    assert "zero" in solution.reason[0]


def test_a_failed_rat_leaves_the_same_bits_beside_it_in_two_processes(rat_problem):
    crowd = cohort(rat_problem, VEHICLE)
    untouched = values(crowd)
    crowd.parameters[1, Parameters._fields.index("divisions")] = 1e5
    for workers in (1, 2):
        solution = solve(crowd, workers=workers)
        assert solution.status.tolist() == [SOLVED, FAILED, SOLVED]
        assert np.isnan(solution.values[1]).all()
        assert np.array_equal(solution.values[[0, 2]], untouched[[0, 2]])


def test_an_arm_that_fails_leaves_the_other_arms_of_the_same_rat():
    # Both rows are one rat, so they share a past; only the second meets the pole.
    problem = toy(
        [(0.0, 0, 0.125)],
        [(0.0, 0, 0.125), (2.0, 0, 5.0)],
        [(0.0, 0, 0.125), (5.0, 1, 1.0)],
        growth=1.0,
        days=6,
        system=replace(TOY, derivative=explosive),
    )
    solution = solve(problem, workers=1)
    assert solution.status.tolist() == [SOLVED, FAILED, SOLVED]
    assert np.array_equal(solution.values[2, :6], solution.values[0, :6])


# Stiff rats


@pytest.mark.parametrize(
    "fast", [("igg_exchange",), ("deficit_rate",), ("companion_absorption", "companion_elimination")], ids=str
)
def test_a_stiff_rat_is_still_right(rat_problem, independent, run_error, fast):
    regimen = Bolus("1 g/kg").at(day=4) + Bolus("1 mg/kg", route="ip", drug="late_acting").at(day=9)
    problem = rat_problem(regimen, mechanism="H1a+H6", until=14)
    for name in fast:
        problem.parameters[0, Parameters._fields.index(name)] *= 1000
    solution = solve(problem, workers=1)
    assert solution.status.tolist() == [SOLVED], solution.reason
    reference, peak = independent(problem, 0, tolerance=1e-10)
    assert run_error(solution.values[0], reference, peak) <= 1e-5


def test_a_stiff_decay_follows_its_closed_form():
    # Fast enough that an explicit method alone would need a million steps.
    seen = values(toy([(0.0, 0, 1.0), (2.0, 0, 1.0)], loss=1e6))[0]
    assert seen[1:3, 1] == pytest.approx(1, rel=1e-6)
    assert seen[3:, 1] == pytest.approx(2, rel=1e-6)
    assert np.abs(seen[1:, 0]).max() < 1e-9


# Progress


def test_progress_counts_rats_up_to_all_of_them(rat_problem):
    crowd = cohort(rat_problem, VEHICLE, Bolus("1 g/kg").at(day=2), until=3)
    seen = []
    solve(crowd, workers=1, progress=lambda done, total: seen.append((done, total)))
    assert [total for _, total in seen] == [6] * len(seen)
    done = [count for count, _ in seen]
    assert done == sorted(done)
    assert done[-1] == 6
    assert len(done) > 1
