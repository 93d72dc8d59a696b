"""The reference solver against SciPy's Radau at a tolerance of 1e-11, on random rats and protocols."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.model import MECHANISMS, Parameters, load
from eaesim.protocol import Bolus, Immunisation, Infusion, Regimen, Relapse, Transfer
from eaesim.solver import SOLVED, solve

RATS = 50
# Settings that no rat has by default, so that their terms are not all zero.
SETTINGS = {"lesion_priming_reach": 1.0, "anti_igg_clearance": 0.3, "cns_reads_plasma": 1.0}


def _day(draw, first, last):
    day = draw.uniform(first, last)
    return float(np.floor(day)) if draw.random() < 0.5 else day


def _regimen(draw, until):
    regimen = Regimen()
    for _ in range(draw.integers(0, 4)):
        dose = f"{draw.uniform(10, 2500):g} mg/kg"
        repeats = (
            {"every": draw.uniform(0.1, 4), "doses": int(draw.integers(2, 5))} if draw.random() < 0.4 else {}
        )
        if draw.random() < 0.4:
            given = Infusion(dose, over=draw.uniform(0.05, 1.5), **repeats)
        else:
            given = Bolus(dose, route=str(draw.choice(["iv", "ip", "sc"])), **repeats)
        regimen += given.at(day=_day(draw, -7, until - 15))
    if draw.random() < 0.25:
        dose = f"{draw.uniform(0.1, 3):g} mg/kg"
        regimen += Bolus(dose, drug="late_acting", route="ip").at(day=_day(draw, 5, until - 1))
    return regimen


def _inductions(draw, until):
    if draw.random() < 0.7:
        first = Immunisation(adjuvant=str(draw.choice(["complete", "incomplete", "none"], p=[0.6, 0.2, 0.2])))
    else:
        first = Transfer(cells=draw.uniform(2e4, 3e5))
    inductions = [first]
    if draw.random() < 0.5:
        inductions.append(Relapse(_day(draw, 20, until - 5), adjuvant=str(draw.choice(["none", "complete"]))))
    if draw.random() < 0.2:
        inductions.append(Transfer(_day(draw, 1, until - 5)))
    return inductions


def _strain(draw):
    rat = load(str(draw.choice(["lewis", "da", "da_antibody"])))
    return rat.replace(**{name: value for name, value in SETTINGS.items() if draw.random() < 0.2})


@pytest.mark.slow
def test_fifty_random_rats_and_protocols_agree_with_radau(rat_problem, independent, run_error):
    errors, undershoots, given = [], [], 0
    for number in range(RATS):
        draw = np.random.default_rng([20240, number])
        until = int(draw.integers(40, 61))
        acting = draw.choice(list(MECHANISMS), size=draw.integers(0, 4), replace=False)
        problem = rat_problem(
            _regimen(draw, until),
            rat=_strain(draw),
            inductions=_inductions(draw, until),
            mechanism="+".join(acting) or "none",
            until=until,
            # The second row is the base rat under the same protocol.
            differences=np.vstack(
                [draw.standard_normal(len(Parameters._fields)), np.zeros(len(Parameters._fields))]
            ),
        )
        solution = solve(problem, workers=1)
        assert solution.status.tolist() == [SOLVED, SOLVED], solution.reason
        reference, own_peak = independent(problem, 0)
        _, base_peak = independent(problem, 1, method="DOP853", tolerance=1e-8)
        errors.append(run_error(solution.values[0], reference, np.maximum(own_peak, base_peak)))
        undershoots.append(np.min(solution.values[0] / np.where(own_peak > 0, own_peak, 1e-20)))
        given += int(np.isfinite(problem.events.day[0]).sum())
    print(
        f"error: worst {max(errors):.2e}, median {np.median(errors):.2e}; undershoot {min(undershoots):.2e}"
    )
    assert given > 3 * RATS
    assert max(errors) <= 1e-5
    assert min(undershoots) >= -1e-9


def test_the_measure_sees_a_looser_tolerance(rat_problem, independent, run_error):
    # A measure that could not tell a rough run from a fine one would prove nothing.
    problem = rat_problem(Bolus("1 g/kg").at(day=3), until=15)
    reference, peak = independent(problem, 0, method="DOP853", tolerance=1e-12)
    fine, rough = (
        run_error(solve(replace(problem, relative_tolerance=tolerance)).values[0], reference, peak)
        for tolerance in (1e-7, 1e-3)
    )
    assert fine < 1e-6
    assert rough > 10 * fine


def test_the_two_independent_methods_agree(rat_problem, independent, run_error):
    problem = rat_problem(Infusion("1 g/kg", over="4 h").at(day=2.3), rat="da", until=20)
    radau, peak = independent(problem, 0)
    explicit, _ = independent(problem, 0, method="DOP853", tolerance=1e-12)
    assert run_error(explicit, radau, peak) < 1e-7
