"""Inflammation and damage in the CNS, and the resulting deficit."""

from __future__ import annotations

from eaesim.model.kinetics import saturation
from eaesim.model.parameters import Parameters
from eaesim.model.processes import Effects
from eaesim.model.state import State


def effector_cytokine(state: State, action: Effects) -> float:
    """Return the effector cytokine of macrophages (H6 acts here)."""
    return state.inflammation * action.cytokine


def bystander_change(state: State, parameters: Parameters, cytokine: float) -> float:
    """Return the rate of change of the infiltrate that is not specific for myelin."""
    recruited = parameters.bystander_recruitment * cytokine * (1.0 - state.bystander_cns)
    return recruited - parameters.bystander_loss * state.bystander_cns


def inflammation_change(state: State, parameters: Parameters, action: Effects, suppressed: float) -> float:
    """Return the rate of change of activated macrophages: recruits times a specific signal (H3 acts here)."""
    recruits = parameters.resident_share + state.bystander_cns
    signal = saturation(state.effector_cns, parameters.inflammation_half_saturation)
    spared = 1.0 - parameters.inflammation_suppression * suppressed
    activation = parameters.inflammation_rate * recruits * signal * spared * action.macrophage_activation
    return activation - parameters.inflammation_resolution * state.inflammation


def demyelination_rate(state: State, parameters: Parameters, action: Effects, cytokine: float) -> float:
    """Return the rate at which macrophages, and autoantibody with complement, strip myelin (H4 acts here)."""
    complement = saturation(cytokine, parameters.complement_half_activation) * action.complement
    by_antibody = parameters.autoantibody_damage * saturation(state.autoantibody, 1.0) * complement
    return parameters.demyelination_rate * (state.inflammation + by_antibody) * (1.0 - state.demyelination)


def demyelination_change(state: State, parameters: Parameters, damage: float) -> float:
    """Return the rate of change of the demyelinated share, given the rate at which myelin is lost."""
    return damage - parameters.remyelination_rate * state.demyelination


def axon_loss_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of axon loss: inflamed tissue loses axons, demyelinated ones faster."""
    exposed = (parameters.axon_loss_without_demyelination + state.demyelination) * (1.0 - state.axon_loss)
    return parameters.axon_loss_rate * state.inflammation * exposed


def deficit_change(state: State, parameters: Parameters, cytokine: float) -> float:
    """Return the rate of change of the reversible deficit, which follows the effector cytokine."""
    return parameters.deficit_rate * (cytokine - state.deficit)
