"""What every engine must do: closed forms, events, bits and bad rats, on toy systems and on the rat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import EaesimError
from eaesim.model import STATES, Parameters, State, load
from eaesim.protocol import Bolus, Immunisation, Infusion, Regimen, Relapse
from eaesim.solver import FAILED, HANDED_OVER, SOLVED, STATUS, Events, Problem, Reducer, solve
from eaesim.study.cohort import draw_cohort

VEHICLE = Regimen()
_PLACE = {name: place for place, name in enumerate(Parameters._fields)}


def cohort(rat_problem, *regimens, rats=3, **options):
    return rat_problem(*regimens, differences=draw_cohort(rats, seed=5, days=1).differences, **options)


def same_bits(one, other):
    """Tell whether two arrays agree to the last bit, the sign of a zero included."""
    return one.shape == other.shape and one.tobytes() == other.tobytes()


# Closed forms and events


def test_decay_follows_its_closed_form(toy, solved):
    seen = solved(toy([(0.0, 0, 3.0)]))[0]
    left = 3 * np.exp(-0.5 * np.arange(1.0, 11))
    assert seen[1:] == solved.near(np.column_stack([left, 3 - left]), rel=1e-6)


def test_a_day_is_recorded_before_its_events(toy, solved):
    seen = solved(toy([(0.0, 0, 1.0), (4.0, 1, 7.0)], loss=0.0))[0]
    assert seen[:, 0].tolist() == [0, *[1] * 10]
    assert seen[:, 1].tolist() == [*[0] * 5, *[7] * 6]


def test_an_event_between_two_days_acts_at_its_time(toy, solved):
    seen = solved(toy([(2.7, 0, 1.0)]))[0, :, 0]
    assert (seen[:3] == 0).all()
    assert seen[3:] == solved.near(np.exp(-0.5 * (np.arange(3.0, 11) - 2.7)), rel=1e-6)


def test_a_run_starts_at_its_earliest_event(toy, solved):
    early, late = solved(toy([(-3.5, 0, 1.0)], [(0.0, 0, 1.0)]))[:, :, 0]
    assert early == solved.near(np.exp(-0.5 * (np.arange(11.0) + 3.5)), rel=1e-6)
    assert late[0] == 0


def test_a_start_value_other_than_zero_is_seen_on_day_0(toy, solved):
    assert solved(toy([], start=2.0))[0, 0].tolist() == [2, 2]


@pytest.mark.parametrize("others", [0, 20], ids=["alone", "in a crowd"])
def test_a_rat_without_any_event_runs_as_well(toy, solved, others):
    # Nothing is added to it, so nothing but its start can set it going.
    rows = [[], *[[(0.5, 0, 1.0)]] * others]
    seen = solved(toy(*rows, start=2.0))[0]
    left = 2 * np.exp(-0.5 * np.arange(11.0))
    assert seen == solved.near(np.column_stack([left, 4 - left]), rel=1e-6)


def test_an_event_that_adds_nothing_hardly_changes_a_rat(toy, solved):
    # It is a boundary, so bits differ; that it is one must not matter more than the tolerance.
    none, nothing = solved(toy([], [(0.0, 0, 0.0)], start=2.0))
    assert nothing == solved.near(none, rel=1e-7)


def test_events_at_one_time_add_up(toy, solved):
    together, apart, turned = solved(
        toy([(3.0, 0, 1.5)], [(3.0, 0, 1.0), (3.0, 0, 0.5)], [(3.0, 0, 0.5), (3.0, 0, 1.0)])
    )
    assert same_bits(together, apart)
    assert same_bits(together, turned)


def test_the_order_of_events_in_a_row_does_not_matter(toy, solved):
    events = [(-1.0, 0, 1.0), (2.25, 1, 0.5), (2.5, 0, 2.0), (7.0, 0, 0.25)]
    forward, backward, mixed = solved(toy(events, events[::-1], [*events[2:], *events[:2]]))
    assert same_bits(forward, backward)
    assert same_bits(forward, mixed)


def test_events_on_the_last_day_or_later_are_not_seen(toy, solved):
    none, last, later = solved(
        toy([(0.0, 0, 1.0)], [(0.0, 0, 1.0), (10.0, 0, 9.0)], [(0.0, 0, 1.0), (12.5, 0, 9.0)])
    )
    assert same_bits(none, last)
    assert same_bits(none, later)


def test_an_event_that_adds_and_one_that_takes_away_leave_nothing(toy, solved):
    seen = solved(toy([(1.0, 1, 0.1), (1.5, 1, 0.7), (2.0, 1, -0.1), (3.0, 1, -0.7)], loss=0.0))[0, :, 1]
    assert seen[4:] == solved.near(np.zeros(7), abs=1e-15)


@pytest.mark.parametrize("apart", [1e-3, 1e-9, 1e-13])
def test_two_events_close_together_are_both_given(toy, solved, apart):
    seen = solved(toy([(3.0, 0, 1.0), (3.0 + apart, 0, 1.0)]))[0, :, 0]
    assert seen[4:] == solved.near(2 * np.exp(-0.5 * np.arange(1.0, 8)), rel=2 * apart + 1e-6)


def test_many_events_follow_their_closed_form(toy, solved):
    # One every quarter of an hour for ten days, from day -1 on: a geometric sum.
    events = [(-1 + place / 96, 0, 0.01) for place in range(960)]
    seen = solved(toy(events))[0, :, 0]
    days = np.array([[day] for day, _, _ in events])
    since = np.arange(11.0) - days
    expected = np.where(since > 0, 0.01 * np.exp(-0.5 * since), 0.0).sum(axis=0)
    assert seen == solved.near(expected, rel=1e-6)


def test_an_event_on_each_side_of_a_recorded_day(toy, solved):
    seen = solved(toy([(np.nextafter(4.0, 0), 0, 1.0), (np.nextafter(4.0, 9), 0, 2.0)], loss=0.0))[0, :, 0]
    assert seen.tolist() == [*[0] * 4, 1, *[3] * 6]


def test_columns_of_no_event_change_nothing(toy, solved):
    problem = toy([(0.0, 0, 1.0), (2.3, 1, 4.0)], [(1.0, 0, 2.0), (np.inf, 1, 5.0)])
    events = problem.events
    wider = Events(
        np.pad(events.day, ((0, 0), (2, 3)), constant_values=np.inf),
        np.pad(events.state, ((0, 0), (2, 3))),
        np.pad(events.amount, ((0, 0), (2, 3)), constant_values=5.0),
    )
    assert same_bits(solved(replace(problem, events=wider)), solved(problem))


# Shapes


def test_days_need_not_be_whole_nor_every_day(toy, solved):
    problem = replace(toy([(0.0, 0, 1.0)]), days=np.array([0.0, 0.25, 3.5, 7.0]))
    assert solved(problem)[0, 1:, 0] == solved.near(np.exp(-0.5 * problem.days[1:]), rel=1e-6)


@pytest.mark.parametrize("days", [np.arange(0, 11, 2), np.arange(0.0, 11)[::2], [0, 2, 4, 6, 8, 10]])
def test_days_may_be_whole_numbers_or_every_other_one(toy, solved, days):
    problem = toy([(0.0, 0, 1.0)])
    plain = solved(replace(problem, days=np.array([0.0, 2, 4, 6, 8, 10])))
    assert same_bits(solved(replace(problem, days=np.asarray(days))), plain)


@pytest.mark.parametrize("day", [0.0, 6.0, 6.75])
def test_one_recorded_day(toy, solved, day):
    seen = solved(replace(toy([(-2.0, 0, 1.0)]), days=np.array([day])))
    assert seen.shape == (1, 1, 2)
    assert seen[0, 0, 0] == solved.near(np.exp(-0.5 * (day + 2)), rel=1e-6)


def test_no_rats_at_all(toy, engine):
    solution = solve(toy([(0.0, 0, 1.0)]).rows(slice(0)), engine=engine)
    assert solution.values.shape == (0, 11, 2)
    assert solution.status.shape == (0,)
    assert solution.reason == {}


def test_the_solution_has_the_shapes_that_the_contract_names(toy, engine):
    solution = solve(toy([], [(0.0, 0, 1.0)], start=1.0), engine=engine, workers=1)
    assert solution.values.shape == (2, 11, 2)
    assert solution.reduced.shape == (2, 0)
    assert solution.status.dtype == np.uint8
    assert [STATUS[code] for code in solution.status] == ["solved", "solved"]
    assert solution.reason == {}


def test_only_the_asked_states_are_recorded_in_the_order_asked(toy, solved):
    problem = toy([(0.0, 0, 1.0)])
    assert same_bits(solved(replace(problem, record=("second", "first"))), solved(problem)[:, :, ::-1].copy())
    assert solved(replace(problem, record=("second",))).shape == (1, 11, 1)
    twice = solved(replace(problem, record=("second", "first", "second")))
    assert same_bits(twice[:, :, 0], twice[:, :, 2])
    assert solved(replace(problem, record=())).shape == (1, 11, 0)


def test_the_problem_is_left_as_it_was(toy, solved):
    problem = toy([(3.0, 0, 1.0), (1.0, 1, 2.0)], [(np.inf, 0, 1.0)], start=1.0)
    arrays = (problem.parameters, problem.initial, problem.days, *vars(problem.events).values())
    before = [array.copy() for array in arrays]
    solved(problem)
    assert all(same_bits(one, other) for one, other in zip(arrays, before, strict=True))


def test_a_tighter_tolerance_gives_a_smaller_error(toy, solved):
    if solved.accuracy == "scores":
        pytest.skip("scores have a tolerance of their own")
    expected = np.exp(-0.5 * np.arange(1.0, 11))
    errors = [
        np.abs(solved(replace(toy([(0.0, 0, 1.0)]), relative_tolerance=tolerance))[0, 1:, 0] - expected).max()
        for tolerance in (1e-3, 1e-10)
    ]
    assert errors[1] < errors[0] / 10


# Bits


@pytest.mark.usefixtures("own_equations")
def test_a_rat_alone_is_the_rat_in_a_crowd(rat_problem, solved):
    crowd = cohort(rat_problem, VEHICLE, Bolus("1 g/kg").at(day=2.3), Bolus("1 g/kg").at(day=9))
    together = solved(crowd)
    for row in range(len(together)):
        assert same_bits(solved(crowd.rows([row]))[0], together[row]), row


def test_order_and_chunks_do_not_matter(rat_problem, solved):
    crowd = cohort(rat_problem, VEHICLE, Bolus("1 g/kg").at(day=5))
    together = solved(crowd)
    order = np.array([4, 1, 5, 0, 3, 2])
    assert same_bits(solved(crowd.rows(order)), together[order])
    in_chunks = np.concatenate([solved(crowd.rows(rows)) for rows in ([0, 1, 2, 3], [4], [5])])
    assert same_bits(in_chunks, together)


@pytest.mark.usefixtures("own_equations")
def test_one_worker_and_two_give_the_same_bits(rat_problem, solved):
    crowd = cohort(rat_problem, VEHICLE, Bolus("1 g/kg").at(day=2.3))
    assert same_bits(solved(crowd, workers=2), solved(crowd, workers=1))


def test_recording_less_changes_nothing(rat_problem, solved):
    problem = rat_problem(Bolus("1 g/kg").at(day=2.3))
    place = State._fields.index("inflammation")
    less = solved(replace(problem, record=("inflammation",)))[0, :, 0]
    assert same_bits(less, solved(problem)[0, :, place].copy())


def test_rats_with_other_drugs_and_mechanisms_change_nothing(rat_problem, stacked, solved):
    plain = rat_problem(VEHICLE, Bolus("1 g/kg").at(day=3), rat="da", until=12)
    other = rat_problem(
        Bolus("1 g/kg", route="ip").at(day=2.5),
        Bolus("1 g/kg", route="sc").at(day=1) + Infusion("1 g/kg", over="4 h").at(day=-2),
        rat="da_antibody",
        mechanism="H1b+H3+H4+H5+H6+H7",
        until=12,
    )
    assert same_bits(solved(stacked([plain, other]))[:2], solved(plain))
    assert same_bits(solved(stacked([other, plain]))[:2], solved(other))


def test_rats_with_states_that_others_never_have_change_nothing(rat_problem, stacked, solved):
    # Alone, the states of adjuvant are left out, and some products then depend on parameters only.
    rat = load("lewis").replace(maturation_without_adjuvant=0.37)
    plain = cohort(rat_problem, VEHICLE, rat=rat, inductions=(Immunisation(adjuvant="none"),))
    whole = cohort(rat_problem, Bolus("1 g/kg").at(day=3), rat=rat, mechanism="H1a+H2+H5")
    assert same_bits(solved(stacked([plain, whole]))[:3], solved(plain))


@pytest.mark.parametrize("day", [6, 6.4])
def test_a_late_dose_leaves_the_days_before_it_alone(rat_problem, solved, day):
    vehicle, treated = solved(rat_problem(VEHICLE, Bolus("1 g/kg").at(day=day), mechanism="H3"))
    dosed = int(np.ceil(day))
    before = dosed + (day == dosed)
    assert same_bits(treated[:before], vehicle[:before])
    assert not np.array_equal(treated[dosed + 1], vehicle[dosed + 1])


def test_courses_shift_by_whole_days(rat_problem, solved):
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
    first, second = solved(early)[0], solved(late)[0, 3:]
    if solved.engine == "reference":  # its pieces know no day; the lanes' clock does, and rounds
        assert same_bits(first, second)
    assert first == solved.near(second, rel=1e-7, abs=1e-9)


def test_without_an_event_a_rat_stays_at_rest(rat_problem, solved):
    problem = rat_problem(VEHICLE, inductions=[], rat="da")
    scale = np.array([info.scale for info in STATES.values()])
    # Sources and losses cancel but for rounding.
    rounding = solved.rounding * np.maximum(scale, problem.initial[0])
    assert (np.abs(solved(problem)[0] - problem.initial[0]) <= rounding).all()


@pytest.mark.parametrize("rat", ["lewis", "da_antibody"])
def test_no_state_goes_below_zero(rat_problem, solved, rat):
    regimen = Bolus("2 g/kg", route="ip").at(day=3) + Infusion("2 g/kg", over="4 h").at(day=10)
    for mechanism in ("none", "H1a+H1b+H3+H4+H5+H6+H7"):
        seen = solved(rat_problem(regimen, rat=rat, mechanism=mechanism, until=40))[0]
        share = 1e-7 if solved.way == "scores" else 1e-9
        assert (seen.min(axis=0) >= -share * np.abs(seen).max(axis=0)).all(), mechanism


# Rats that cannot be solved


def explosive(state, rates):
    return rates.growth * state.first * state.first, 0.0


def check_failed(problem: Problem, untouched, bad, solved):
    """Solve a problem in which some rats are bad, and see that the others are what they were without them."""
    solution = solved.solution(problem)
    good = np.setdiff1d(np.arange(len(problem.parameters)), bad)
    assert (solution.status[bad] == FAILED).all()
    assert (solution.status[good] == SOLVED).all()
    assert sorted(solution.reason) == sorted(bad)
    assert all(text and "\n" not in text for text in solution.reason.values())
    assert np.isnan(solution.values[bad]).all()
    assert same_bits(solution.values[good], untouched[good])
    return solution


def doses(count):
    return [[(0.0, 0, 1.0), (place / 4, 0, 1.0)] for place in range(count)]


@pytest.mark.usefixtures("own_equations")
@pytest.mark.parametrize("place", range(9))
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_bad_rat_leaves_its_neighbours_alone_wherever_it_stands(toy, solved, place, value):
    problem = toy(*doses(9), growth=0.1)
    untouched = solved(problem)
    problem.parameters[place, place % 2] = value
    check_failed(problem, untouched, [place], solved)


@pytest.mark.parametrize("bad", [[0], list(range(8)), list(range(9, 17)), list(range(17))], ids=str)
def test_several_bad_rats_or_all_of_them(toy, solved, bad):
    problem = toy(*doses(17), growth=0.1)
    untouched = solved(problem)
    problem.parameters[bad, 0] = np.nan
    check_failed(problem, untouched, bad, solved)


def test_a_bad_rat_alone(toy, engine):
    problem = toy([(0.0, 0, 1.0)])
    problem.parameters[0, 1] = np.nan
    solution = solve(problem, engine=engine, workers=1)
    assert solution.status.tolist() == [FAILED]
    assert np.isnan(solution.values).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_rat_without_a_number_to_start_from_stops_nobody(toy, solved, value):
    problem = toy(*doses(3), start=1.0)
    untouched = solved(problem)
    problem.initial[1, 0] = value
    check_failed(problem, untouched, [1], solved)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_dose_without_a_number_stops_nobody(toy, solved, value):
    problem = toy(*doses(3))
    untouched = solved(problem)
    problem.events.amount[1, 1] = value
    check_failed(problem, untouched, [1], solved)


@pytest.mark.slow  # some seconds for each engine
@pytest.mark.parametrize(("column", "value"), [(0, 1e12), (0, 500.0), (1, -1e12)])
def test_a_rat_whose_rates_are_out_of_this_world_fails(toy, solved, column, value):
    problem = toy(*doses(3), growth=0.1)
    untouched = solved(problem)
    problem.parameters[1, column] = value
    check_failed(problem, untouched, [1], solved)


def test_a_state_that_grows_past_all_numbers_fails(toy, solved):
    problem = toy(*doses(3), growth=0.1, derivative=lambda state, rates: (rates.growth, 0.0))
    untouched = solved(problem)
    problem.parameters[1, 0] = 1e308  # nearly the largest number, on every day
    check_failed(problem, untouched, [1], solved)


def test_a_state_that_runs_away_to_infinity_in_finite_time_fails_with_its_day(toy, engine):
    # first' = first^2 from 0.3 has its pole at 3.33 days.
    problem = toy([(0.0, 0, 0.3)], [(0.0, 0, 0.125)], growth=1.0, days=6, derivative=explosive)
    solution = solve(problem, engine=engine, workers=1)
    assert solution.status.tolist() == [FAILED, SOLVED]
    assert "day 3" in solution.reason[0]
    assert solution.values[1, :, 0][1:] == pytest.approx(1 / (8 - np.arange(1.0, 7)), rel=1e-5)


def test_a_division_by_zero_is_a_reason(toy, engine):
    problem = toy(*doses(2), derivative=lambda state, rates: (state.first / rates.loss, 0.0))
    problem.parameters[0, 1] = 0.0
    solution = solve(problem, engine=engine, workers=1)
    assert solution.status.tolist() == [FAILED, SOLVED]
    assert "\n" not in solution.reason[0]


@pytest.mark.parametrize("column", ["growth", "loss"])
def test_what_is_no_number_counts_also_where_others_are_zero(toy, engine, column):
    # Growth is multiplied by loss: where one is 0 in all rats, the other must still be a number, and a rat
    # alone must come to the same end as among rats in which it is not 0.
    problem = toy(*doses(2), derivative=lambda state, rates: (rates.growth * rates.loss * state.first, 0.0))
    problem.parameters[:] = [[0.0, 0.0], [0.1, -0.1]]
    problem.parameters[0, ("growth", "loss").index(column)] = np.nan
    together = solve(problem, engine=engine, workers=1).status
    alone = solve(problem.rows([0]), engine=engine, workers=1).status
    assert together.tolist() == [FAILED, SOLVED]
    assert alone.tolist() == [FAILED]


def test_an_arm_that_fails_leaves_the_other_arms_of_the_same_rat(toy, engine):
    # Both rows are one rat, so they share a past; only the second meets the pole.
    problem = toy(
        [(0.0, 0, 0.125)],
        [(0.0, 0, 0.125), (2.0, 0, 5.0)],
        [(0.0, 0, 0.125), (5.0, 1, 1.0)],
        growth=1.0,
        days=6,
        derivative=explosive,
    )
    solution = solve(problem, engine=engine, workers=1)
    assert solution.status.tolist() == [SOLVED, FAILED, SOLVED]
    assert same_bits(solution.values[2, :6], solution.values[0, :6])


@pytest.mark.usefixtures("own_equations")
def test_a_failed_rat_leaves_the_same_bits_beside_it_whatever_the_workers(rat_problem, solved):
    crowd = cohort(rat_problem, VEHICLE)
    untouched = solved(crowd)
    crowd.parameters[1, _PLACE["divisions"]] = 1e5
    for workers in (1, 2):
        solution = solved.solution(crowd, workers=workers)
        assert solution.status.tolist() == [SOLVED, FAILED, SOLVED]
        assert np.isnan(solution.values[1]).all()
        assert same_bits(solution.values[[0, 2]], untouched[[0, 2]])


# Stiff rats


def test_a_stiff_decay_follows_its_closed_form(toy, engine):
    # Fast enough that an explicit method alone would need a million steps.
    solution = solve(toy([(0.0, 0, 1.0), (2.0, 0, 1.0)], loss=1e6), engine=engine, workers=1)
    assert solution.status.tolist() == [HANDED_OVER if engine == "lanes" else SOLVED]
    seen = solution.values[0]
    assert seen[1:3, 1] == pytest.approx(1, rel=1e-6)
    assert seen[3:, 1] == pytest.approx(2, rel=1e-6)
    assert np.abs(seen[1:, 0]).max() < 1e-9


# Progress


def test_progress_counts_rats_up_to_all_of_them(rat_problem, engine):
    crowd = cohort(rat_problem, VEHICLE, Bolus("1 g/kg").at(day=2), until=3)
    seen = []
    solve(crowd, engine=engine, workers=1, progress=lambda done, total: seen.append((done, total)))
    assert [total for _, total in seen] == [6] * len(seen)
    done = [count for count, _ in seen]
    assert done == sorted(done)
    assert done[-1] == 6


@pytest.mark.parametrize("day", [np.nan, -np.inf])
def test_an_event_on_no_day_is_a_reason_and_stops_nobody(toy, solved, day):
    problem = toy(*doses(3))
    untouched = solved(problem)
    problem.events.day[1, 1] = day
    solution = check_failed(problem, untouched, [1], solved)
    assert solution.reason == {1: "the day of an event is not a number"}


# A problem that makes no sense is refused before anything is computed


def changed(problem, **changes):
    events = {name: changes.pop(name) for name in ("day", "state", "amount") if name in changes}
    return replace(problem, events=replace(problem.events, **events), **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": np.array([0.0, 0.0, 1.0])}, "recorded days"),
        ({"days": np.array([0.0, np.nan])}, "recorded days"),
        ({"days": np.array([])}, "recorded days"),
        ({"days": np.array([-1.0, 1.0])}, "day -1 is to be recorded, but a rat's run starts later"),
        ({"relative_tolerance": 0.0}, "tolerance is 0"),
        ({"relative_tolerance": np.nan}, "tolerance is nan"),
        ({"state": np.array([[-1], [0]])}, "adds to state -1; there are states 0 to 1"),
        ({"state": np.array([[0], [2]])}, "adds to state 2; there are states 0 to 1"),
        ({"state": np.array([[0, 1], [0, 1]])}, "the state of events has the shape"),
        ({"amount": np.array([[1.0]])}, "the amount of events has the shape"),
        ({"parameters": np.zeros((2, 3))}, "parameters has the shape"),
        ({"initial": np.zeros((1, 2))}, "initial has the shape"),
        ({"record": ("frist",)}, 'did you mean "first"'),
        ({"reducers": (Reducer("peek", "first"),)}, 'did you mean "peak"'),
        ({"reducers": (Reducer("peak", "third"),)}, '"third" is not a state'),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_a_problem_that_makes_no_sense_is_refused_in_one_line(toy, engine, changes, said):
    problem = toy([(0.0, 0, 1.0)], [(1.0, 1, 2.0)])
    solve(problem, engine=engine, workers=1)
    with pytest.raises(EaesimError, match=said) as caught:
        solve(changed(problem, **changes), engine=engine, workers=1)
    assert "\n" not in str(caught.value)
