"""Files run in libroadrunner and COPASI, and say what both engines of this package say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from eaesim.interop import sbml_text
from eaesim.model import State
from eaesim.protocol import Arm, Bolus
from eaesim.study import Study

Run = Callable[[Study, str], np.ndarray]
Measure = Callable[[Study, np.ndarray, np.ndarray], float]
AGREES = 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["reference", "lanes"])
def test_simulators_agree_with_the_engines(
    case: Study, engine: str, simulator: Run, reference: Run, error: Measure
) -> None:
    assert error(case, simulator(case, sbml_text(case)), reference(case, engine)) <= AGREES


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"day": 1.01}, {"dose": "1.001 g/kg"}, {"route": "ip"}, {"mechanism": "H2"}]
)
def test_the_measure_sees_a_small_change(
    change: dict[str, object], simulator: Run, reference: Run, error: Measure
) -> None:
    given: dict[str, object] = {"day": 1, "dose": "1 g/kg", "route": "iv", "mechanism": "H1a"}

    def study(day: float, dose: str, route: str, mechanism: str) -> Study:
        arm = Arm("given", Bolus(dose, route=route).at(day=day))
        return Study("da", arms=[arm], until=20, mechanism=mechanism)

    same, other = study(**given), study(**{**given, **change})
    truth = reference(same, "reference")
    assert error(same, simulator(same, sbml_text(same)), truth) <= AGREES
    assert error(same, simulator(other, sbml_text(other)), truth) > 10 * AGREES


def test_an_event_at_the_start_acts_once(simulator: Run) -> None:
    study = Study("lewis", arms=[Arm("given", Bolus("1 g/kg").at(day=0))], until=3)
    seen = dict(zip(State._fields, simulator(study, sbml_text(study))[0], strict=True))
    values = study.rat.parameters()
    # Antigen only decays: one dose of it, read on the first day.
    assert seen["antigen"] == pytest.approx(np.exp(-0.30417 * values.antigen_clearance), rel=1e-8)
