"""The reference solver against SciPy's Radau at a tolerance of 1e-11, on random rats and protocols."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from eaesim.model import State, load
from eaesim.protocol import Bolus, Infusion
from eaesim.solver import HANDED_OVER, SOLVED, solve


@pytest.mark.slow
def test_what_is_stored_of_radau_is_what_it_says(random_truth, store, request, run_errors):
    if os.environ.get("EAESIM_STORE_RADAU"):
        store(random_truth)
    stored = request.getfixturevalue("stored_truth")
    _, places, _ = np.intersect1d(random_truth.rows, stored.rows, return_indices=True)
    assert len(places) == len(stored.rows) >= 10
    assert run_errors(stored.states, random_truth.states[places, ::3], stored.peaks).max() <= 1e-6


@pytest.mark.parametrize("rats", ["stored_truth", pytest.param("random_truth", marks=pytest.mark.slow)])
def test_random_rats_and_protocols_agree_with_radau(rats, request, run_errors):
    known = request.getfixturevalue(rats)
    problem, truth, peaks = known.problem, known.states, known.peaks
    solution = solve(problem, engine="reference")
    assert not solution.status.any(), solution.reason
    errors = run_errors(solution.values, truth, peaks)
    undershoot = np.min(solution.values / np.where(peaks > 0, peaks, 1e-20)[:, None])
    print(f"error: worst {errors.max():.2e}, median {np.median(errors):.2e}; undershoot {undershoot:.2e}")
    assert np.isfinite(problem.events.day).sum() > 3 * len(truth)
    assert errors.max() <= 1e-5
    assert undershoot >= -1e-9


@pytest.fixture(scope="module")
def overrun(rat_problem, independent):
    """Return a rat that regulatory T cells overrun, and how it fares: as stiff as it gets.

    With no end to their room, and under H2, they grow to 1e17 in the node; those in the CNS settle within
    seconds.
    """
    endless = load("lewis").replace(treg_capacity=1e300, treg_growth=1.0, potency_treg=20.0)
    problem = rat_problem(Bolus("1 g/kg").at(day=0), rat=endless, mechanism="H2", until=12)
    return problem, *independent(problem, 0, tolerance=1e-9)


@pytest.mark.slow
def test_a_rat_that_regulatory_t_cells_overrun_is_still_right(overrun, run_error, engine):
    problem, truth, peak = overrun
    assert peak[State._fields.index("treg_node")] > 1e15
    solution = solve(problem, engine=engine)
    assert solution.status.tolist() == [HANDED_OVER if engine == "lanes" else SOLVED]
    assert run_error(solution.values[0], truth, peak) <= 1e-5


def test_the_measure_sees_a_looser_tolerance(rat_problem, independent, run_error, engine):
    # A measure that could not tell a rough run from a fine one would prove nothing.
    problem = rat_problem(Bolus("1 g/kg").at(day=3), until=15)
    truth, peak = independent(problem, 0, method="DOP853", tolerance=1e-12)
    fine, rough = (
        run_error(solve(replace(problem, relative_tolerance=tolerance), engine=engine).values[0], truth, peak)
        for tolerance in (1e-7, 1e-3)
    )
    assert fine < 3e-6
    assert rough > 10 * fine


def test_the_two_independent_methods_agree(rat_problem, independent, run_error):
    problem = rat_problem(Infusion("1 g/kg", over="4 h").at(day=2.3), rat="da", until=20)
    radau, peak = independent(problem, 0)
    explicit, _ = independent(problem, 0, method="DOP853", tolerance=1e-12)
    assert run_error(explicit, radau, peak) < 1e-7
