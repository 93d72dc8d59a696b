"""Notes of an exchange file: sources, and the meaning of its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from eaesim.interop.animal import Animal
from eaesim.model import MECHANISMS, Parameter, parse_mechanism
from eaesim.model.species import RAT
from eaesim.model.state import StateInfo
from eaesim.protocol.quantity import number_text

_XHTML = "http://www.w3.org/1999/xhtml"


def state_notes(info: StateInfo) -> str:
    """Return the notes of a state."""
    return _body([info.title])


def parameter_notes(entry: Parameter) -> str:
    """Return the notes of a parameter: source, bounds, and variation between rats."""
    bounds = f"kind: {entry.kind}; bounds: {entry.low:g} to {entry.high:g}; spread: {entry.spread:g}"
    return _body([f"source: {entry.basis}", *([entry.note] if entry.note else []), bounds])


def model_notes(animal: Animal) -> str:
    """Return the notes of the model: rat, inductions, doses, and how to read the numbers."""
    kind = "rat" if animal.rat.species == RAT else "patient"
    acting = "; ".join(f"{name} {MECHANISMS[name].title}" for name in parse_mechanism(animal.mechanism))
    doses = [
        f"day {number_text(line.day or 0)}: {line.dose.text()} {line.dose.drug}, {line.dose.route}"
        for line in animal.arm.regimen.lines
    ]
    return _body(
        [
            f"{animal.rat.title}; strain: {animal.rat.strain}",
            f"source: {animal.rat.source}",
            f"mechanism of IVIG: {acting or 'none'}; the strength of every other is set to 0",
            f"arm: {animal.arm.name}",
            *(map(str, animal.inductions) if animal.inductions else ["no induction"]),
            *(doses or ["no dose"]),
            *(f"{drug.title}: {drug.target}" for drug in animal.drugs),
            f"This is the typical {kind}; virtual {kind}s differ by the spread of each parameter. What a "
            "dose does around a relapse is a prediction.",
            f"Time is in days; time 0 is day {number_text(animal.start)}, and day 0 is the first induction.",
            "A kilogram is one of body weight; cells are counted in items.",
        ]
    )


def _body(lines: Iterable[str]) -> str:
    paragraphs = "".join(f"<p>{escape(' '.join(line.split()), quote=False)}</p>" for line in lines)
    return f'<body xmlns="{_XHTML}">{paragraphs}</body>'
