"""SBML, the exchange format of systems biology: equations, parameters with units and sources, and events."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import groupby
from types import ModuleType
from typing import TYPE_CHECKING

from eaesim.errors import EaesimError, missing_library
from eaesim.interop.animal import Animal, typical_animal
from eaesim.interop.annotations import (
    EXPRESSION,
    OCCURRENCE,
    annotate_model,
    annotate_parameter,
    annotate_state,
    title_of,
)
from eaesim.interop.formula import formula
from eaesim.interop.notes import model_notes, parameter_notes, state_notes
from eaesim.interop.units import add_definition, unit_of
from eaesim.model import Rat, initial_state
from eaesim.model.symbols import steps, trace
from eaesim.protocol.quantity import number_text
from eaesim.protocol.timeline import Event
from eaesim.study import Study
from eaesim.units import registry

if TYPE_CHECKING:
    from libsbml import ASTNode, Model, Parameter
    from pint.facets.plain import PlainUnit

_LEVEL, _VERSION = 3, 1  # supported by every simulator


def sbml_text(subject: Study | Rat | str, *, arm: str | None = None, mechanism: str | None = None) -> str:
    """Return the typical rat of one arm, with its inductions and doses, as SBML (level 3, version 1).

    States are parameters with rate rules, not species with reactions, and time is in days. SBML starts at
    time 0, so time 0 is the day of the first event if that is before day 0; ``study_day`` gives the day of
    the study.

    Examples
    --------
    >>> sbml_text("lewis").count("<rateRule ")
    39
    """
    libsbml = exchange_library("libsbml", "SBML", "python-libsbml")
    animal = typical_animal(subject, arm=arm, mechanism=mechanism)
    document = libsbml.SBMLDocument(_LEVEL, _VERSION)
    _Writer(document.createModel(), animal).write()
    return str(libsbml.writeSBMLToString(document))


def exchange_library(module: str, purpose: str, library: str) -> ModuleType:
    """Return an optional library of an exchange format."""
    try:
        return import_module(module)
    except ImportError as error:
        raise missing_library(purpose, library, extra="exchange") from error


class _Writer:
    """Writer of an animal into an empty libSBML model."""

    def __init__(self, model: Model, animal: Animal) -> None:
        self.model, self.animal = model, animal
        units = {name: info.unit for name, info in animal.states.items()}
        units |= {name: entry.unit for name, entry in animal.entries.items()}
        units |= dict.fromkeys(("first_day", "study_day"), "day")
        self.units: dict[str, PlainUnit] = {
            name: registry().parse_units(unit) for name, unit in units.items()
        }
        self.steps = steps(animal.drugs)
        for name, expression in self.steps.shared.items():
            self.units[name] = unit_of(expression, self.units)

    def write(self) -> None:
        """Write all elements, in reading order."""
        self._head()
        self._states()
        for name, expression in self.steps.shared.items():
            self._assigned(name, formula(expression))
        for name, entry in self.animal.entries.items():
            parameter = self._parameter(name, entry.value, constant=True, notes=parameter_notes(entry))
            annotate_parameter(parameter, name, entry)
        if self.animal.start:
            self._parameter("first_day", self.animal.start, constant=True)
            self._assigned("study_day", "time + first_day")
        for number, (day, events) in enumerate(groupby(self.animal.events, key=lambda event: event.day), 1):
            self._event(number, day, list(events))

    def _head(self) -> None:
        rat = self.animal.rat
        self.model.setId(re.sub(r"\W|^(?=\d)", "_", rat.name, flags=re.ASCII))
        self.model.setName(rat.title)
        self.model.setNotes(model_notes(self.animal))
        annotate_model(self.model, rat.species)
        self.model.setTimeUnits(add_definition(self.model, registry().parse_units("day")))
        # No element has a volume or an extent, but simulators warn where these units are missing.
        self.model.setSubstanceUnits("item")
        self.model.setExtentUnits("item")
        self.model.setVolumeUnits("dimensionless")
        self.model.setAreaUnits("dimensionless")
        self.model.setLengthUnits("dimensionless")

    def _states(self) -> None:
        values = initial_state(self.animal.parameters)._asdict()
        healthy = initial_state(trace().parameters)._asdict()
        for name, rate in self.steps.rates._asdict().items():
            info = self.animal.states[name]
            parameter = self._parameter(name, values.get(name, 0.0), notes=state_notes(info))
            parameter.setName(info.title)
            annotate_state(parameter, name, info.unit)
            if healthy.get(name):
                assignment = self.model.createInitialAssignment()
                assignment.setSymbol(name)
                assignment.setMath(_math(formula(healthy[name])))
            rule = self.model.createRateRule()
            rule.setVariable(name)
            rule.setSBOTerm(EXPRESSION)
            unit = self.units[name] / registry().parse_units("day")
            rule.setMath(_math(formula(rate) if rate else f"0 {add_definition(self.model, unit)}"))

    def _assigned(self, name: str, text: str) -> None:
        self._parameter(name)
        rule = self.model.createAssignmentRule()
        rule.setVariable(name)
        rule.setSBOTerm(EXPRESSION)
        rule.setMath(_math(text))

    def _parameter(
        self, name: str, value: float | None = None, *, constant: bool = False, notes: str = ""
    ) -> Parameter:
        parameter = self.model.createParameter()
        parameter.setId(name)
        parameter.setName(title_of(name))
        parameter.setConstant(constant)
        parameter.setUnits(add_definition(self.model, self.units[name]))
        if value is not None:
            parameter.setValue(value)
        if notes:
            parameter.setNotes(notes)
        return parameter

    def _event(self, number: int, day: float, given: list[Event]) -> None:
        event = self.model.createEvent()
        event.setId(f"event_{number}")
        event.setName(f"day {number_text(day)}")
        event.setSBOTerm(OCCURRENCE)
        # Events only add, so that simultaneous events do not overwrite each other.
        event.setUseValuesFromTriggerTime(False)
        trigger = event.createTrigger()
        # False before the start, so that an event at the start also fires.
        trigger.setInitialValue(False)
        trigger.setPersistent(True)
        trigger.setMath(_math(f"time >= {day - self.animal.start!r} day"))
        for state in dict.fromkeys(one.state for one in given):
            assignment = event.createEventAssignment()
            assignment.setVariable(state)
            amounts = [self._amount(one) for one in given if one.state == state]
            assignment.setMath(_math(" + ".join((state, *amounts)).replace("+ -", "- ")))

    def _amount(self, event: Event) -> str:
        unit = self.units[event.state]
        unit = unit / self.units[event.factor] if event.factor else unit
        unit = unit * self.units[event.divisor] if event.divisor else unit
        factor = f" * {event.factor}" if event.factor else ""
        divisor = f" / {event.divisor}" if event.divisor else ""
        return f"{event.amount!r} {add_definition(self.model, unit)}{factor}{divisor}"


def _math(text: str) -> ASTNode:
    import libsbml

    math = libsbml.parseL3Formula(text)
    if math is None:
        raise EaesimError(f"SBML cannot say {text}: {libsbml.getLastParseL3Error()}.")
    return math
