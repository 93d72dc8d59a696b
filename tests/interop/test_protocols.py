"""Random protocols, a third of them with doses back to back, exported and run in libroadrunner and COPASI.

EAESIM_TEST_PROTOCOLS=1000 runs that many, about a second of processor time each; what a simulator says when
it gives up is printed (pytest -s).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from eaesim.interop import sbml_text
from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.timeline import MOMENT
from eaesim.study import Study

Run = Callable[[Study, str], np.ndarray]
Measure = Callable[[Study, np.ndarray, np.ndarray], float]
FEW, MANY = 3, int(os.environ.get("EAESIM_TEST_PROTOCOLS", "40"))
AGREES = 1e-4
SMALLEST = {
    "4 h on day 2": (2, "0.4 g/kg over 4 h every 4 h x 6"),
    "8 h on day 7": (7, "0.4 g/kg over 8 h every 8 h x 6"),
    "half an hour": (7, "0.1 g/kg over 30 min every 30 min x 8"),
    "boluses": (0, "0.4 g/kg every 0.1 day x 4"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALLEST)
def test_doses_back_to_back(name: str, simulator: Run, reference: Run, error: Measure) -> None:
    day, dose = SMALLEST[name]
    study = Study(
        "lewis", arms=[Arm("given", parse_dose(dose).at(day=day), Bolus("2 g/kg").at(day=day + 0.3))]
    )
    assert error(study, simulator(study, sbml_text(study)), reference(study, "lanes")) <= AGREES


@pytest.mark.slow
# COPASI has lost the end of an infusion 1.1e-6 day after another's.
@pytest.mark.parametrize("apart", [1.1e-6, 0.9 * MOMENT, 1.1 * MOMENT, 3e-5, 1e-4, 1e-3])
def test_events_may_lie_any_time_apart(apart: float, simulator: Run, reference: Run, error: Measure) -> None:
    slow = Infusion("0.4 g/kg", over="23 h", every="23 h", doses=3)
    given = slow.at(day=10 / 3), slow.at(day=10 / 3 + apart), Bolus("1 g/kg").at(day=10 / 3 + 2 * apart)
    study = Study("lewis", arms=[Arm("given", *given)], until=40, inductions=[])
    assert error(study, simulator(study, sbml_text(study)), reference(study, "lanes")) <= AGREES


@pytest.mark.slow
def test_random_protocols(
    random_studies: Callable[[int], Study], uncached_simulator: Run, reference: Run, error: Measure
) -> None:
    assert _wrong(map(random_studies, range(FEW)), uncached_simulator, reference, error) == ({}, [])


@pytest.mark.slow
def test_many_random_protocols(
    random_studies: Callable[[int], Study], uncached_simulator: Run, reference: Run, error: Measure
) -> None:
    wrong, given_up = _wrong(map(random_studies, range(FEW, MANY)), uncached_simulator, reference, error)
    print(f"{MANY - FEW} protocols; wrong: {wrong}; given up: {len(given_up)}", *given_up, sep="\n")
    assert wrong == {}
    assert len(given_up) <= MANY // 100


def _wrong(
    studies: Iterable[Study], run: Run, reference: Run, error: Measure
) -> tuple[dict[int, float], list[str]]:
    """Return the errors that are too large, by the number of the study, and why a simulator gave up."""
    wrong, given_up, largest = {}, [], 0.0
    for number, study in enumerate(studies):
        truth = reference(study, "lanes")
        try:
            values = run(study, sbml_text(study))
        except Exception as stopped:  # whatever a foreign simulator may raise
            given_up.append(f"{number}: {stopped}")
            continue
        apart = error(study, values, truth) if np.isfinite(values).all() else float("inf")
        largest = max(largest, apart)
        if apart > AGREES:
            wrong[number] = apart
    print(f"largest error: {largest:.1e}")
    return wrong, given_up
