"""libroadrunner: CVODE on equations compiled from SBML, an absolute tolerance for each state."""

from __future__ import annotations

import numpy as np
import roadrunner

from benchmarks.adaptors.contract import Adaptor, Solve, absolute_tolerance
from benchmarks.exchange import exchange
from eaesim.solver import Problem
from eaesim.solver.problem import Floats


def _prepare(problem: Problem, setting: str) -> Solve:
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
    written = exchange(problem)
    runner = roadrunner.RoadRunner(written.text)
    states = list(problem.system.state._fields)
    runner.timeCourseSelections = states
    runner.integrator.setValue("stiff", setting == "CVODE BDF")
    runner.integrator.setValue("maximum_num_steps", 1_000_000)
    known = list(runner.model.getGlobalParameterIds())
    places = np.array([known.index(name) for name in written.names], dtype=np.int32)
    first, last = float(problem.days[0]), float(problem.days[-1])

    def run(tolerance: float, rats: int) -> Floats:
        runner.integrator.setValue("relative_tolerance", tolerance)
        for state, absolute in zip(states, absolute_tolerance(problem, tolerance).tolist(), strict=True):
            runner.integrator.setIndividualTolerance(state, absolute)
        values = np.empty((rats, len(problem.days), len(states)))
        for row in range(rats):
            runner.reset()
            runner.model.setGlobalParameterValues(places, written.numbers[row])
            values[row] = runner.simulate(first, last, len(problem.days))
        values[:, 0] = problem.initial[:rats]
        return values

    return run


ADAPTOR = Adaptor(
    library="libroadrunner",
    packages=("libroadrunner",),
    settings={"CVODE BDF": (1e-6, 3e-7, 1e-7, 3e-8, 1e-8), "CVODE Adams": (1e-6, 3e-7, 1e-7, 3e-8, 1e-8)},
    prepare=_prepare,
)
