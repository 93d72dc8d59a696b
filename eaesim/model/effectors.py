"""Effector T cells in blood and CNS."""

from __future__ import annotations

from eaesim.model.parameters import Parameters
from eaesim.model.state import State


def barrier_opening(parameters: Parameters, cytokine: float) -> float:
    """Return the fold increase of barrier permeability under the effector cytokine."""
    return 1.0 + parameters.barrier_opening * cytokine


def effector_blood_change(state: State, parameters: Parameters, opening: float) -> float:
    """Return the rate of change of effectors in the blood: licensed, lost, or entering the CNS."""
    leaving = parameters.cns_entry_rate * opening + parameters.effector_blood_loss
    return parameters.licensing_rate * state.licensing_late - leaving * state.effector_blood


def effector_cns_change(state: State, parameters: Parameters, opening: float, suppressed: float) -> float:
    """Return the rate of change of effectors in the CNS."""
    entry = parameters.cns_entry_rate * opening * state.effector_blood
    crowding = 1.0 + state.effector_cns / parameters.effector_cns_crowding
    growth = parameters.effector_cns_growth * (1.0 - suppressed) / crowding
    death = parameters.effector_cns_death * (
        1.0
        + parameters.effector_cns_death_by_treg * suppressed
        + parameters.effector_cns_death_by_hormone * state.stress_hormone
    )
    return entry + (growth - death) * state.effector_cns
