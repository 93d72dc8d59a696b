"""The rat as SBML for libraries that read it: one model, whose numbers are set for each rat.

The equations come from the package's own export. Events are written anew: every rat has the same number of
them, on days and with amounts that are parameters. What is given on day 0 is in the initial state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.pieces import packed
from eaesim.interop import sbml_text
from eaesim.solver import Problem
from eaesim.solver.problem import Floats


@dataclass(frozen=True)
class Exchange:
    """A model and what makes it each rat.

    Attributes
    ----------
    text
        SBML.
    names
        Parameters of the model that differ from rat to rat, initial states among them.
    numbers
        Their values, a row a rat.
    """

    text: str
    names: tuple[str, ...]
    numbers: Floats


def exchange(problem: Problem, *, scaled: bool = False) -> Exchange:
    """Return a problem as one SBML model and its numbers.

    Parameters
    ----------
    problem
        The rats.
    scaled
        Whether states are written over their scale, for a library that takes but one absolute tolerance.
    """
    import libsbml

    scale = np.asarray(problem.system.scale) if scaled else np.ones(len(problem.system.scale))
    boundaries, added = packed(problem)
    given = added[:, 1:] / scale
    touched = np.flatnonzero(given.any(axis=(0, 1))).tolist()
    states, slots = problem.system.state._fields, range(1, given.shape[1] + 1)

    document = libsbml.readSBMLFromString(sbml_text("lewis"))
    model = document.getModel()
    model.getListOfEvents().clear()
    model.getListOfInitialAssignments().clear()
    for slot in slots:
        _event(model, slot, [states[index] for index in touched])
    if scaled:
        _scale(model, dict(zip(states, scale.tolist(), strict=True)))
    days = tuple(f"event_day_{slot}" for slot in slots)
    amounts = tuple(f"amount_{states[index]}_{slot}" for slot in slots for index in touched)
    return Exchange(
        text=libsbml.writeSBMLToString(document),
        names=(*states, *problem.system.parameters._fields, *days, *amounts),
        numbers=np.column_stack(
            [
                (problem.initial + added[:, 0]) / scale,
                problem.parameters,
                boundaries[:, 1:-1],
                given[:, :, touched].reshape(len(given), -1),
            ]
        ),
    )


def _event(model: Any, slot: int, states: list[str]) -> None:
    event = model.createEvent()
    event.setId(f"event_{slot}")
    event.setUseValuesFromTriggerTime(True)
    trigger = event.createTrigger()
    trigger.setInitialValue(False)
    trigger.setPersistent(True)
    trigger.setMath(_math(f"time >= {_parameter(model, f'event_day_{slot}')}"))
    for state in states:
        assignment = event.createEventAssignment()
        assignment.setVariable(state)
        assignment.setMath(_math(f"{state} + {_parameter(model, f'amount_{state}_{slot}')}"))


def _parameter(model: Any, name: str) -> str:
    parameter = model.createParameter()
    parameter.setId(name)
    parameter.setConstant(False)
    parameter.setValue(0.0)
    return name


def _scale(model: Any, scale: dict[str, float]) -> None:
    """Let every state stand for itself over its scale: multiply where it is read, divide its rate."""
    import libsbml

    for rule in (model.getRule(index) for index in range(model.getNumRules())):
        text, own = libsbml.formulaToL3String(rule.getMath()), scale.get(rule.getVariable(), 1.0)
        math = _math(f"({text}) / {own!r}" if own != 1.0 else text)
        for state, size in scale.items():
            if size != 1.0:
                math.replaceArgument(state, _math(f"{size!r} * {state}"))
        rule.setMath(math)


def _math(text: str) -> Any:
    import libsbml

    return libsbml.parseL3Formula(text)
