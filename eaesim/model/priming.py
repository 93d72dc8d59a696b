"""From dendritic cells in the draining node to licensed effector cells: the chain that causes the delay."""

from __future__ import annotations

from eaesim.model.antigen import danger
from eaesim.model.kinetics import braking, saturation
from eaesim.model.parameters import Parameters
from eaesim.model.processes import Effects
from eaesim.model.state import State


def maturation(state: State, parameters: Parameters, action: Effects) -> float:
    """Return the rate per cell at which dendritic cells mature (H1a acts here)."""
    signal = parameters.maturation_without_adjuvant + danger(state, parameters)
    return parameters.maturation_rate * signal * action.maturation


def dendritic_semimature_change(state: State, parameters: Parameters, maturing: float) -> float:
    """Return the rate of change of semi-mature dendritic cells, given the maturation rate per cell."""
    uptake = parameters.antigen_uptake * state.antigen
    return uptake - (maturing + parameters.dendritic_semimature_loss) * state.dendritic_semimature


def dendritic_mature_change(state: State, parameters: Parameters, maturing: float) -> float:
    """Return the rate of change of mature dendritic cells, given the maturation rate per cell."""
    return maturing * state.dendritic_semimature - parameters.dendritic_mature_loss * state.dendritic_mature


def dendritic_lesion_change(state: State, parameters: Parameters, action: Effects, damage: float) -> float:
    """Return the rate of change of presenting cells loaded in the lesion, given the rate of demyelination."""
    loading = saturation(state.inflammation, parameters.spreading_half_saturation) * action.maturation_lesion
    return (
        parameters.spreading_rate * damage * loading
        - parameters.dendritic_mature_loss * state.dendritic_lesion
    )


def tolerance(state: State, parameters: Parameters) -> float:
    """Return the fraction of priming that remains under regulatory T cells in the node."""
    return braking(state.treg_node, parameters.treg_priming_half_inhibition)


def priming(state: State, parameters: Parameters, action: Effects, tolerated: float) -> float:
    """Return the cells per day recruited from the immunising clone (H1b acts here)."""
    contact = saturation(state.dendritic_mature, parameters.dendritic_half_saturation)
    return parameters.priming_rate * contact * tolerated * action.priming * state.precursor


def priming_spreading(state: State, parameters: Parameters, action: Effects, tolerated: float) -> float:
    """Return the cells per day recruited by antigen from lesions (epitope spreading)."""
    contact = saturation(state.dendritic_lesion, parameters.dendritic_half_saturation)
    return parameters.priming_rate * contact * tolerated * action.priming_lesion * state.precursor_spreading


def recall(state: State, parameters: Parameters, action: Effects, tolerated: float) -> float:
    """Return the memory cells per day recalled by dendritic cells of the node (H1b acts here)."""
    contact = saturation(state.dendritic_mature, parameters.dendritic_half_saturation)
    return parameters.memory_recall_rate * contact * tolerated * action.recall * state.memory


def recall_spreading(state: State, parameters: Parameters, action: Effects, tolerated: float) -> float:
    """Return the memory cells per day recalled by antigen from lesions (H1b acts in part)."""
    contact = saturation(state.dendritic_lesion, parameters.dendritic_half_saturation)
    return parameters.memory_recall_rate * contact * tolerated * action.recall_lesion * state.memory


def precursor_change(state: State, parameters: Parameters, recruited: float) -> float:
    """Return the rate of change of precursors of the immunising clone."""
    return parameters.precursor_replacement * (parameters.precursor_number - state.precursor) - recruited


def precursor_spreading_change(state: State, parameters: Parameters, recruited: float) -> float:
    """Return the rate of change of precursors of the spreading clone."""
    missing = parameters.precursor_number_spreading - state.precursor_spreading
    return parameters.precursor_replacement * missing - recruited


def stage_gain(parameters: Parameters) -> float:
    """Return the fold expansion of one stage: five stages share the divisions."""
    gain: float = 2.0 ** (parameters.divisions / 5.0)
    return gain


def expansion_change(before: float, stage: float, parameters: Parameters, gain: float) -> float:
    """Return the rate of change of an expansion stage."""
    return gain * before - parameters.expansion_rate * stage


def memory_change(state: State, parameters: Parameters, recalled: float) -> float:
    """Return the rate of change of memory cells: a share of the effectors lost from blood, minus recalls."""
    made = parameters.memory_fraction * parameters.effector_blood_loss * state.effector_blood
    return made - parameters.memory_loss * state.memory - recalled


def licensing_early_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of the first licensing stage, where transferred cells enter too."""
    return parameters.expansion_rate * state.expansion_5 - parameters.licensing_rate * state.licensing_early


def licensing_late_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of the second licensing stage."""
    return parameters.licensing_rate * (state.licensing_early - state.licensing_late)
