"""AMICI: CVODES on C++ that it makes from SBML, which takes a compiler and is done once.

It takes one absolute tolerance for all states, so it is given states over their scale.
"""

from __future__ import annotations

import logging
import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

# Its build asks the path for swig, which pip puts beside Python.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

import amici
import numpy as np
from amici.importers.sbml import SbmlImporter
from amici.sim import sundials

from benchmarks.adaptors.contract import Adaptor, Solve
from benchmarks.exchange import exchange
from benchmarks.problem import FLOOR
from benchmarks.truth import CACHE
from eaesim.solver import Problem
from eaesim.solver.problem import Floats


def _prepare(problem: Problem, setting: str) -> Solve:
    written = exchange(problem, scaled=True)
    model = _built(written.text).get_model()
    model.set_timepoints(problem.days)
    solver = model.create_solver()
    solver.set_max_steps(1_000_000)
    if setting == "CVODES Adams":
        solver.set_linear_multistep_method(sundials.LinearMultistepMethod.adams)
        solver.set_stability_limit_flag(False)  # of BDF only
    states, known = list(model.get_state_ids()), list(model.get_free_parameter_ids())
    order = [states.index(name) for name in problem.system.state._fields]
    # States come first among the numbers, then what AMICI calls parameters.
    width = len(order)
    places = [known.index(name) for name in written.names[width:]]
    parameters, initial = np.array(model.get_free_parameters()), np.empty(width)
    scale = np.asarray(problem.system.scale)

    def run(tolerance: float, rats: int) -> Floats:
        solver.set_relative_tolerance(tolerance)
        solver.set_absolute_tolerance(tolerance * FLOOR)
        values = np.empty((rats, len(problem.days), width))
        for row in range(rats):
            parameters[places], initial[order] = written.numbers[row, width:], written.numbers[row, :width]
            model.set_free_parameters(parameters)
            model.set_initial_state(initial)
            course = sundials.run_simulation(model, solver)
            values[row] = (
                np.asarray(course.x)[:, order] if course.status == sundials.AMICI_SUCCESS else np.nan
            )
        values *= scale
        values[:, 0] = problem.initial[:rats]
        return values

    return run


def _built(text: str) -> Any:
    """Return the compiled model, from the folder or made now."""
    name = f"rat_{sha256(f'{amici.__version__} {text}'.encode()).hexdigest()[:12]}"
    folder, done = CACHE / name, CACHE / name / "built"
    if not done.exists():
        CACHE.mkdir(exist_ok=True)
        source = CACHE / f"{name}.xml"
        source.write_text(text, "utf-8")
        SbmlImporter(str(source)).sbml2amici(
            name, str(folder), generate_sensitivity_code=False, verbose=logging.ERROR
        )
        done.touch()
    return amici.import_model_module(name, str(folder))


ADAPTOR = Adaptor(
    library="AMICI",
    packages=("amici",),
    settings={"CVODES BDF": (1e-6, 1e-7, 3e-8, 1e-8), "CVODES Adams": (1e-6, 3e-7, 1e-7, 3e-8)},
    prepare=_prepare,
)
