"""A patient with attacks and doses, exported: lanes, reference and simulators say the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from eaesim.interop import sbml_text
from eaesim.interop.animal import typical_animal
from eaesim.model import Rat, load_subject
from eaesim.protocol import Arm, Bolus, Design, Immunisation, Infusion
from eaesim.study import Study
from eaesim.study.assembly import SYSTEM
from eaesim.study.attacks import draw_attacks
from eaesim.study.patients import attacks_in, parameters_of

PATIENT = load_subject("patient")
ATTACKS = attacks_in(PATIENT)
UNTIL = 150


def patient(number: int, *, mechanism: str = "H1a") -> Study:
    """Return a random patient with its own attacks, of which the first is on day 0, and with doses."""
    treated = Arm(
        "given",
        Infusion("0.4 g/kg", over="4 h", every="28 day", doses=5).at(day=3.25),
        Bolus("1 g/kg").at(day=number % 50 + 0.5),
    )
    # Strengths of every mechanism differ between patients; the others are switched off by the study.
    values = parameters_of([PATIENT], np.arange(number + 1), treated, mechanism=mechanism, seed=7)[number]
    own: Rat = PATIENT.replace(
        **{
            name: value
            for name, value in zip(SYSTEM.parameters._fields, values.tolist(), strict=True)
            if PATIENT.entries[name].spread and value
        }
    )
    drawn = draw_attacks([ATTACKS], number + 1, seed=7, start=0.0, end=400.0)
    days = drawn.day[number][np.isfinite(drawn.day[number])]
    attacks = [
        Immunisation(day=day - days[0], adjuvant="incomplete", amount=size)
        for day, size in zip(days.tolist(), drawn.size[number].tolist(), strict=False)
        if day - days[0] < UNTIL
    ] or [Immunisation(adjuvant="incomplete")]
    return Study.from_design(own, Design(UNTIL, attacks, [treated], mechanism))


def test_attacks_are_events_of_antigen_and_danger() -> None:
    animal = typical_animal(patient(3))
    states = [event.state for event in animal.events]
    assert states.count("antigen") == states.count("adjuvant_incomplete") == len(animal.inductions)
    assert "adjuvant_complete" not in states
    typical = typical_animal("patient")
    assert [event.amount for event in typical.events] == [ATTACKS.size, ATTACKS.size]


@pytest.mark.parametrize("number", [0, 1])
def test_simulators_agree_with_both_engines(
    number: int, simulator: Callable, reference: Callable, error: Callable
) -> None:
    study = patient(number, mechanism=("H1a", "H3")[number])
    seen = simulator(study, sbml_text(study))
    for engine in ("lanes", "reference"):
        assert error(study, seen, reference(study, engine)) <= 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 100, 20))
def test_a_hundred_patients(
    first: int, uncached_simulator: Callable, reference: Callable, error: Callable
) -> None:
    for number in range(first, first + 20):
        study = patient(number, mechanism=("H1a", "H1b", "H2", "H3", "H6")[number % 5])
        seen = uncached_simulator(study, sbml_text(study))
        for engine in ("lanes", "reference"):
            assert error(study, seen, reference(study, engine)) <= 1e-4, number
