"""SBML, the exchange format of systems biology: equations, parameters with units and sources, and events."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from eaesim.errors import EaesimError
from eaesim.interop.animal import Animal, typical_animal
from eaesim.interop.formula import formula
from eaesim.interop.notes import model_notes, parameter_notes, state_notes
from eaesim.interop.units import add_definition, identifier, unit_of
from eaesim.model import STATES, Rat, initial_state
from eaesim.model.symbols import steps, trace
from eaesim.protocol.timeline import Event
from eaesim.study import Study
from eaesim.units import registry

_LEVEL, _VERSION = 3, 1  # the one that every simulator reads


def sbml_text(subject: Study | Rat | str, *, arm: str | None = None, mechanism: str | None = None) -> str:
    """Return the typical rat of one arm, and all that is done to it, as SBML.

    States are parameters with rate rules, in days; time 0 is the first event's day where that is before day 0.

    Parameters
    ----------
    subject
        A `Study`; or a `Rat` or the name of one, which is then immunised on day 0 and given nothing.
    arm
        Name of the arm; by default the control.
    mechanism
        What IVIG does, if other than in the study.

    Raises
    ------
    EaesimError
        If a name is not known, a dose of the arm waits for a sign, or python-libsbml is not installed.

    Examples
    --------
    >>> sbml_text("lewis").count("<rateRule ")
    40
    """
    libsbml = _library()
    animal = typical_animal(subject, arm=arm, mechanism=mechanism)
    document = libsbml.SBMLDocument(_LEVEL, _VERSION)
    model = document.createModel()
    model.setId(animal.rat.name)
    model.setName(animal.rat.title)
    model.setNotes(model_notes(animal))
    model.setTimeUnits(add_definition(model, registry().parse_units("day")))
    _Writer(model, animal).write()
    return str(libsbml.writeSBMLToString(document))


def _library() -> Any:
    try:
        import libsbml
    except ImportError as error:
        raise EaesimError('SBML needs python-libsbml; install it: pip install "eaesim[exchange]".') from error
    return libsbml


class _Writer:
    """Fills one model."""

    def __init__(self, model: Any, animal: Animal) -> None:
        self.model, self.animal, self.shared = model, animal, steps().shared
        texts = {name: info.unit for name, info in STATES.items()}
        texts |= {name: entry.unit for name, entry in animal.entries.items()}
        self.units = {name: registry().parse_units(text) for name, text in texts.items()}
        for name, expression in self.shared.items():
            self.units[name] = unit_of(expression, self.units)

    def write(self) -> None:
        for name, value in initial_state(self.animal.parameters)._asdict().items():
            self._parameter(name, value, notes=state_notes(name))
        for name, entry in self.animal.entries.items():
            self._parameter(name, entry.value, constant=True, notes=parameter_notes(entry))
        for name, expression in self.shared.items():
            self._parameter(name, None)
            self._set(self.model.createAssignmentRule(), name, formula(expression))
        for name, expression in steps().rates._asdict().items():
            unit = self.units[name] / registry().parse_units("day")
            text = formula(expression) if expression else f"0 {add_definition(self.model, unit)}"
            self._set(self.model.createRateRule(), name, text)
        for name, expression in initial_state(trace().parameters)._asdict().items():
            if expression:
                self._initially(name, formula(expression))
        if self.animal.start:
            self._clock()
        for number, (day, events) in enumerate(groupby(self.animal.events, key=lambda event: event.day), 1):
            self._event(number, day, list(events))

    def _parameter(self, name: str, value: float | None, *, constant: bool = False, notes: str = "") -> None:
        parameter = self.model.createParameter()
        parameter.setId(name)
        parameter.setConstant(constant)
        parameter.setUnits(add_definition(self.model, self.units[name]))
        if value is not None:
            parameter.setValue(value)
        if notes:
            parameter.setNotes(notes)

    def _set(self, rule: Any, name: str, text: str) -> None:
        rule.setVariable(name)
        rule.setMath(self._math(text))

    def _initially(self, name: str, text: str) -> None:
        assignment = self.model.createInitialAssignment()
        assignment.setSymbol(name)
        assignment.setMath(self._math(text))

    def _clock(self) -> None:
        self.units |= dict.fromkeys(("day", "first_day"), registry().parse_units("day"))
        self._parameter("first_day", self.animal.start, constant=True)
        self._parameter("day", None)
        self._set(self.model.createAssignmentRule(), "day", "time + first_day")

    def _event(self, number: int, day: float, given: list[Event]) -> None:
        event = self.model.createEvent()
        event.setId(f"event_{number}")
        event.setName(f"day {day:g}")
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        # Untrue before the start, so that an event at the start itself acts too.
        trigger.setInitialValue(False)
        trigger.setPersistent(True)
        trigger.setMath(self._math(f"time >= {day - self.animal.start!r} day"))
        for state in dict.fromkeys(one.state for one in given):
            assignment = event.createEventAssignment()
            assignment.setVariable(state)
            amounts = [self._amount(one) for one in given if one.state == state]
            assignment.setMath(self._math(" + ".join((state, *amounts)).replace("+ -", "- ")))

    def _amount(self, event: Event) -> str:
        unit = self.units[event.state]
        unit = unit / self.units[event.factor] if event.factor else unit
        unit = unit * self.units[event.divisor] if event.divisor else unit
        factor = f" * {event.factor}" if event.factor else ""
        divisor = f" / {event.divisor}" if event.divisor else ""
        return f"{event.amount!r} {add_definition(self.model, unit)}{factor}{divisor}"

    def _math(self, text: str) -> Any:
        import libsbml

        math = libsbml.parseL3Formula(text)
        if math is None:
            raise EaesimError(f"SBML cannot say {text}: {libsbml.getLastParseL3Error()}.")
        return math
