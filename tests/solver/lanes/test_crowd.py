"""Bits that depend on nothing but the rat, threads, forks and interrupts."""

from __future__ import annotations

import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from eaesim.model import Parameters, State, load
from eaesim.model.score import severity
from eaesim.protocol import Bolus, Regimen
from eaesim.solver import HANDED_OVER, Reducer, solve
from eaesim.solver.lanes import crowd, job
from eaesim.study.cohort import draw_cohort

RATS = 1_000


@pytest.fixture(scope="module")
def together(random_rats):
    """Solve random rats under random protocols, all at once."""
    return crowd.solve(random_rats(RATS), workers=1)


def same_as(together, problem, same_bits, rows=slice(None), **options):
    solution = crowd.solve(problem, **options)
    assert same_bits(solution.status, together.status[rows])
    assert same_bits(solution.values, together.values[rows])
    return solution


# Bits


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 3, 8, None])
def test_threads_change_no_bit(random_rats, together, same_bits, workers):
    solution = same_as(together, random_rats(RATS), same_bits, workers=workers)
    assert solution.reason == together.reason


@pytest.mark.slow
@pytest.mark.parametrize(("size", "least"), [(1, 1), (7, 1), (64, 3), (10_000, 10_000)])
def test_the_size_of_chunks_changes_no_bit(random_rats, together, same_bits, monkeypatch, size, least):
    monkeypatch.setattr(crowd, "CHUNK", size)
    monkeypatch.setattr(crowd, "LEAST_CHUNK", least)
    same_as(together, random_rats(RATS), same_bits, workers=2)


@pytest.mark.slow
def test_the_order_of_rats_changes_no_bit(random_rats, together, same_bits):
    order = np.random.default_rng(4).permutation(RATS)
    solution = same_as(together, random_rats(RATS).rows(order), same_bits, order)
    assert sorted(order[list(solution.reason)]) == sorted(together.reason)


@pytest.mark.slow
def test_a_rat_alone_is_the_rat_among_a_thousand(random_rats, together, same_bits):
    # Alone, all that is 0 in this one rat is left out of the equations; among a thousand nothing is.
    handed_over = np.flatnonzero(together.status == HANDED_OVER)[:2]
    assert len(handed_over) == 2
    for row in (*range(10), *handed_over):
        same_as(together, random_rats(RATS).rows([row]), same_bits, [row])


@pytest.mark.slow
def test_a_few_rats_are_the_same_rats_among_a_thousand(random_rats, together, same_bits):
    for first in range(100, RATS, 111):
        rows = slice(first, first + 1 + first % 19)
        same_as(together, random_rats(RATS).rows(rows), same_bits, rows)


@pytest.mark.slow
def test_what_is_recorded_changes_no_bit(random_rats, together, same_bits):
    problem = random_rats(RATS)
    names = problem.record
    less = replace(
        problem,
        record=("igg_plasma", severity, "demyelination"),
        reducers=(Reducer("peak", severity), Reducer("last", "axon_loss")),
    )
    solution = crowd.solve(less)
    for place, name in ((0, "igg_plasma"), (2, "demyelination")):
        assert same_bits(
            solution.values[:, :, place].copy(), together.values[:, :, names.index(name)].copy()
        ), name
    last = together.values[:, -1, names.index("axon_loss")]
    assert same_bits(solution.reduced[:, 1].copy(), last.copy())
    nothing = crowd.solve(replace(less, record=()))
    assert same_bits(nothing.reduced, solution.reduced)


@pytest.mark.slow
def test_a_bad_rat_anywhere_among_a_thousand_changes_no_bit(random_rats, together, same_bits):
    problem = random_rats(RATS)
    bad = [0, 7, 8, 500, 501, 998, 999]
    parameters, initial = problem.parameters.copy(), problem.initial.copy()
    parameters[bad[:3], Parameters._fields.index("igg_uptake")] = np.nan
    initial[bad[3:], 2] = np.inf
    solution = crowd.solve(replace(problem, parameters=parameters, initial=initial))
    good = np.setdiff1d(np.arange(RATS), bad)
    assert same_bits(solution.values[good], together.values[good])
    assert same_bits(solution.status[good], together.status[good])
    assert np.isnan(solution.values[bad]).all()
    assert all(solution.reason[row] for row in bad)


def test_a_rat_of_a_cohort_is_the_same_among_ten_thousand(rat_problem, same_bits):
    unlike = draw_cohort(10_000, seed=8, days=1).differences
    problem = rat_problem(Bolus("1 g/kg").at(day=2.5), until=15, record=("inflammation",), differences=unlike)
    many = solve(problem, engine="lanes")
    assert not many.status.any()
    for rows in ([0], [9_999], [1_023, 1_024, 1_025], list(range(5_000, 5_040))):
        assert same_bits(solve(problem.rows(rows), engine="lanes").values, many.values[rows])


@pytest.mark.parametrize("power", [2.0, 0.5, 3.0, -1.0, 1.7])
def test_what_is_made_of_parameters_alone_has_the_same_bits_for_one_rat_and_many(toy, same_bits, power):
    # NumPy computes it for all rats at once, and takes other paths for one number than for many.
    def decay(state, rates):
        return -(rates.growth**rates.loss) * state.first, 0.0

    problem = toy(*[[(0.0, 0, 1.0)]] * 100, derivative=decay)
    problem.parameters[:, 0] = np.random.default_rng(0).uniform(0.1, 2, 100)
    problem.parameters[:, 1] = power
    many = crowd.solve(problem, workers=1).values
    for row in range(30):
        assert same_bits(crowd.solve(problem.rows([row]), workers=1).values[0], many[row])


@pytest.mark.parametrize("layout", ["parameters", "initial"])
def test_the_layout_of_the_arrays_changes_no_bit(toy, same_bits, layout):
    problem = toy(*[[(place / 4, 0, 1.0)] for place in range(20)], start=1.0)
    problem.parameters[:, 1] = np.linspace(0.1, 2, 20)
    turned = replace(problem, **{layout: np.asfortranarray(getattr(problem, layout))})
    assert same_bits(crowd.solve(turned).values, crowd.solve(problem).values)


# Threads, forks, interrupts


def test_two_threads_may_call_at_once(toy, same_bits):
    problems = [
        toy(
            *[[(0.0, 0, 1.0), (place / 9, 1, 1.0)] for place in range(64)],
            loss=0.1 + number,
            derivative=lambda state, rates, number=number: (
                -rates.loss * state.first,
                rates.loss * state.first - (0.1 + number) * state.second,
            ),
        )
        for number in range(6)
    ]
    one_by_one = [crowd.solve(problem, workers=1).values for problem in problems]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(5):
            at_once = pool.map(lambda problem: crowd.solve(problem, workers=2).values, problems)
            for seen, alone in zip(at_once, one_by_one, strict=True):
                assert same_bits(seen, alone)


@pytest.mark.slow
def test_the_first_call_may_come_from_two_threads_at_once(script, tmp_path):
    done = script(
        """
import threading

found, barrier = [], threading.Barrier(2)

def call():
    barrier.wait()
    found.append(digest(toy()))

threads = [threading.Thread(target=call) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(found) == 2
assert set(found) == {digest(toy(), workers=1)}
print("same")
""",
        EAESIM_CACHE=tmp_path / "empty",
    )
    assert done.stdout == "same\n"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no fork on this system")
def test_a_fork_after_use_goes_on_with_the_same_bits(script):
    done = script(
        """
import multiprocessing
import os

mine = digest(toy(500), workers=2)
for _ in range(3):
    reader, writer = os.pipe()
    if os.fork() == 0:
        # A problem that the parent has solved, and one that it has not.
        os.write(writer, (digest(toy(500), workers=2) + digest(toy(500, loss=0.7))).encode())
        os._exit(0)
    os.wait()
    assert os.read(reader, 1000).decode() == mine + digest(toy(500, loss=0.7))
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert set(pool.map(digest, [toy(500)] * 8)) == {mine}
print("same")
"""
    )
    assert done.stdout == "same\n"


LONG = """
import signal

# Where the tests run in the background, interrupts are ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
problem = toy(400_000, loss=20.0)
solve(toy(), engine="lanes")
before, share = digest(toy()), []


def progress(done, total):
    share.append(done / total)
    print("begun", flush=True)


try:
    while True:
        share.clear()
        solve(problem, engine="lanes", workers=WORKERS, progress=progress)
except KeyboardInterrupt:
    assert share[-1] < 1  # most rats were still to be solved
assert digest(toy()) == before
assert digest(toy(500), workers=2) == digest(toy(500), workers=1)
print("usable", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are not sent this way there")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_stops_the_run_and_leaves_all_usable(script, workers):
    process = script(LONG.replace("WORKERS", str(workers)), start=True)
    try:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert rest.splitlines()[-1:] == ["usable"], errors
    assert process.returncode == 0


def test_an_error_in_the_callers_progress_stops_the_run_and_leaves_no_thread(toy):
    def refuse(done, total):
        raise RuntimeError("enough")

    before = threading.active_count()
    with pytest.raises(RuntimeError, match="enough"):
        crowd.solve(toy(*[[(0.0, 0, 1.0)]] * 5_000), workers=4, progress=refuse)
    assert threading.active_count() == before


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_progress_rises_to_the_total(toy, workers):
    problem = toy(*[[(0.0, 0, 1.0)]] * 3_000)
    problem.parameters[:, 0] = np.linspace(0.0, 0.1, 3_000)
    problem.parameters[::1_500, 1] = 1e6
    seen = []
    crowd.solve(problem, workers=workers, progress=lambda *given: seen.append(given))
    done = [count for count, _ in seen]
    assert {total for _, total in seen} == {3_000}
    assert done == sorted(set(done))
    assert done[-1] == 3_000
    assert len(done) > 2


def test_no_rats_no_progress_no_trouble(toy):
    solution = crowd.solve(toy([(0.0, 0, 1.0)]).rows([]), workers=2)
    assert solution.values.shape == (0, 11, 2)


# Equations


def test_a_power_that_the_lanes_cannot_take_says_so(toy):
    problem = toy([(0.0, 0, 1.0)], derivative=lambda state, rates: (-(state.first**0.5), 0.0))
    with pytest.raises(TypeError, match="whole power"):
        crowd.solve(problem)


def test_an_edited_function_is_seen_at_once(rat_problem, monkeypatch):
    from eaesim.model import kinetics

    def steeper(amount, half):
        return amount * amount / (half * half + amount * amount)

    problem = rat_problem(Bolus("1 g/kg").at(day=2.5), until=10)
    before = solve(problem, engine="lanes").values
    with monkeypatch.context() as patch:
        # Every module that imported the function sees the edit.
        patch.setattr(kinetics.saturation, "__code__", steeper.__code__)
        edited = solve(problem, engine="lanes").values
        reference = solve(problem, engine="reference").values
    assert np.abs(edited / np.where(before == 0, 1, before) - 1).max() > 0.01
    assert edited == pytest.approx(reference, rel=1e-4, abs=1e-8)
    assert solve(problem, engine="lanes").values.tobytes() == before.tobytes()


# Of parts that are off: each that can be set as it likes, since nothing depends on it.
DEAD = {
    "memory_recall_rate": 1.5,
    "memory_loss": 0.02,
    "germinal_centre_rate": 0.14,
    "autoantibody_production": 0.8,
    "autoantibody_damage": 1.4,
    "axon_loss_weight": 2.0,
    "anti_igg_rate": 0.4,
}


@pytest.mark.parametrize("name", ["lewis", "da"])
def test_a_lean_rat_is_the_full_one_with_its_values_to_the_last_bit(rat_problem, same_bits, name):
    lean, full = load(f"{name}_lean"), load(name)
    own = {each: lean.entries[each].value for each in lean.differences}
    doses = (Bolus("1 g/kg").at(day=0), Regimen(), Bolus("1 g/kg", route="sc").at(day=3))
    one = crowd.solve(rat_problem(*doses, rat=lean, until=40))
    other = crowd.solve(rat_problem(*doses, rat=full.replace(**own), until=40))
    assert same_bits(one.values, other.values)


@pytest.mark.parametrize("value", DEAD)
def test_what_belongs_to_a_part_that_is_off_changes_no_bit(rat_problem, same_bits, value):
    dose, lean = Bolus("1 g/kg").at(day=0), load("da_lean")
    one = crowd.solve(rat_problem(dose, rat=lean, until=30))
    changed = rat_problem(dose, rat=lean.replace(**{value: DEAD[value]}), until=30)
    assert same_bits(crowd.solve(changed).values, one.values)


@pytest.mark.parametrize("rat", ["lewis_lean", "da_lean", "lewis"])
def test_not_integrating_what_stays_at_a_parameter_changes_no_bit(rat_problem, same_bits, monkeypatch, rat):
    deviates = np.random.default_rng(2).standard_normal((9, len(Parameters._fields)))
    problem = rat_problem(Bolus("1 g/kg").at(day=0), rat=rat, differences=deviates, until=40)
    shortened = crowd.solve(problem)
    monkeypatch.setattr(job, "resting", lambda _: {})
    assert same_bits(crowd.solve(problem).values, shortened.values)


def test_a_resting_state_that_something_is_added_to_moves(rat_problem):
    problem = rat_problem(Regimen(), rat="lewis_lean", until=10)
    place = State._fields.index("treg_node")
    assert place in job.resting(problem)
    problem.events.state[0, 0], problem.events.amount[0, 0] = place, 100.0
    assert place not in job.resting(problem)
    course = crowd.solve(problem).values[0, :, place]
    assert course[0] == 300.0 < course[-1] < course[1] < 400.0
