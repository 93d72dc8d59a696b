"""The reference solver against SciPy's Radau at a tolerance of 1e-11, on random rats and protocols."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.protocol import Bolus, Infusion
from eaesim.solver import HANDED_OVER, SOLVED, solve


@pytest.mark.slow
def test_random_rats_and_protocols_agree_with_radau(random_truth, run_errors):
    problem, truth, peaks = random_truth.problem, random_truth.states, random_truth.peaks
    solution = solve(problem, engine="reference")
    assert not solution.status.any(), solution.reason
    errors = run_errors(solution.values, truth, peaks)
    undershoot = np.min(solution.values / np.where(peaks > 0, peaks, 1e-20)[:, None])
    print(f"error: worst {errors.max():.2e}, median {np.median(errors):.2e}; undershoot {undershoot:.2e}")
    assert np.isfinite(problem.events.day).sum() > 3 * len(truth)
    assert errors.max() <= 1e-5
    assert undershoot >= -1e-9


@pytest.mark.slow
def test_a_rat_that_regulatory_t_cells_overrun_is_still_right(random_rats, independent, run_error, engine):
    # Under H2 they can grow to 1e17, and those in the CNS then settle within seconds: as stiff as it gets.
    problem = replace(random_rats(110).rows([109]), days=np.arange(18.0))
    solution = solve(problem, engine=engine)
    assert solution.status.tolist() == [HANDED_OVER if engine == "lanes" else SOLVED]
    truth, peak = independent(problem, 0, tolerance=1e-9)
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
