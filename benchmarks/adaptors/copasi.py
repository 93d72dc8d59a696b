"""COPASI through python-copasi: LSODA on SBML.

It takes one absolute tolerance and adapts it to each state itself. States over their scale were tried, and so
were other absolute tolerances: none was faster at equal error.
"""

from __future__ import annotations

from typing import Any

import basico
import COPASI
import numpy as np

from benchmarks.adaptors.contract import Adaptor, Solve
from benchmarks.exchange import exchange
from eaesim.solver import Problem
from eaesim.solver.problem import Floats

# The absolute tolerance as a share of the relative one.
ABSOLUTE_SHARE = 1e-5


def _prepare(problem: Problem, _: str) -> Solve:
    written = exchange(problem)
    source = basico.load_model(written.text)
    model = source.getModel()
    found = (model.getModelValue(index) for index in range(model.getNumModelValues()))
    known = {value.getSBMLId(): value for value in found}
    entries = [known[name] for name in written.names]
    changed = COPASI.ObjectStdVector()
    for entry in entries:
        changed.push_back(entry.getInitialValueReference())
    task, states = _task(source, problem), problem.system.state._fields
    wanted = [known[state].getValueReference().getCN().getString() for state in states]
    days = range(len(problem.days))

    def run(tolerance: float, rats: int) -> Floats:
        method = {"Relative Tolerance": tolerance, "Absolute Tolerance": tolerance * ABSOLUTE_SHARE}
        basico.set_task_settings(
            "Time-Course", {"method": method | {"Max Internal Steps": 1_000_000}}, model=source
        )
        values = np.empty((rats, len(days), len(states)))
        reader = COPASI.CDataHandler()
        for name in wanted:
            reader.addDuringName(COPASI.CRegisteredCommonName(name))
        source.addInterface(reader)
        for row in range(rats):
            for entry, number in zip(entries, written.numbers[row].tolist(), strict=True):
                entry.setInitialValue(number)
            model.updateInitialValues(changed)
            task.initializeRaw(COPASI.CCopasiTask.OUTPUT_UI)
            task.processRaw(True)
            values[row] = [reader.getNthRow(row * len(days) + day) for day in days]
        source.removeInterface(reader)
        values[:, 0] = problem.initial[:rats]
        return values

    return run


def _task(source: Any, problem: Problem) -> Any:
    task = source.getTask("Time-Course")
    asked = task.getProblem()
    asked.setDuration(float(problem.days[-1]))
    asked.setStepNumber(len(problem.days) - 1)
    asked.setTimeSeriesRequested(False)
    asked.setAutomaticStepSize(False)
    asked.setOutputEvent(False)
    task.setScheduled(True)
    return task


ADAPTOR = Adaptor(
    library="COPASI",
    packages=("python-copasi", "copasi-basico"),
    settings={"LSODA": (1e-5, 3e-6, 1e-6, 3e-7)},
    prepare=_prepare,
)
