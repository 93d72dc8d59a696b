"""A second drug with IgG: one compartment, with bolus, infusion or depot input."""

from __future__ import annotations

from eaesim.model.parameters import Parameters
from eaesim.model.state import State


def companion_plasma_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of the second drug in plasma, mg/mL per day."""
    input_rate = state.companion_infusion + parameters.companion_absorption * state.companion_depot
    return (
        input_rate / parameters.companion_volume - parameters.companion_elimination * state.companion_plasma
    )


def companion_depot_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of the second drug at its site of injection, mg/kg per day."""
    return -parameters.companion_absorption * state.companion_depot
