"""Resolution of an attack and prevention of the next: regulatory T cells and stress hormone."""

from __future__ import annotations

from eaesim.model.kinetics import saturation
from eaesim.model.parameters import Parameters
from eaesim.model.processes import Effects
from eaesim.model.state import State


def suppression(state: State, parameters: Parameters) -> float:
    """Return the fraction of maximum suppression by regulatory T cells in the CNS."""
    return saturation(state.treg_cns, parameters.treg_cns_half_inhibition)


def treg_node_change(state: State, parameters: Parameters, action: Effects) -> float:
    """Return the rate of change of regulatory T cells in the node (H2 speeds their growth)."""
    dendritic = state.dendritic_semimature + state.dendritic_mature + state.dendritic_lesion
    expanding = (
        state.expansion_1 + state.expansion_2 + state.expansion_3 + state.expansion_4 + state.expansion_5
    )
    induction = parameters.treg_induction * saturation(dendritic, parameters.dendritic_half_saturation)
    room = 1.0 - state.treg_node / parameters.treg_capacity
    seen = saturation(expanding, parameters.treg_growth_half_saturation)
    growth = parameters.treg_growth * action.treg_growth * seen * room
    return (
        induction
        + growth * state.treg_node
        - parameters.treg_loss * (state.treg_node - parameters.treg_number)
    )


def treg_cns_change(state: State, parameters: Parameters, opening: float) -> float:
    """Return the rate of change of regulatory T cells in the CNS, given the barrier permeability."""
    entry = parameters.treg_cns_entry_rate * opening * state.treg_node
    room = 1.0 - state.treg_cns / parameters.treg_cns_capacity
    seen = saturation(state.effector_cns, parameters.treg_cns_growth_half_saturation)
    growth = parameters.treg_cns_growth * seen * room
    return entry + (growth - parameters.treg_cns_loss) * state.treg_cns


def stress_hormone_change(state: State, parameters: Parameters, cytokine: float) -> float:
    """Return the rate of change of stress hormone, driven by the effector cytokine."""
    drive = saturation(cytokine, parameters.hormone_half_effect)
    return parameters.hormone_rate * (drive - state.stress_hormone)
