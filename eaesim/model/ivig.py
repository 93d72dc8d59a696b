"""Exogenous IgG: its pharmacokinetics. What it acts on is in ``drugs/ivig.toml``."""

from __future__ import annotations

from eaesim.model.kinetics import braking, saturation
from eaesim.model.parameters import Parameters
from eaesim.model.processes import Effects
from eaesim.model.state import State


def igg_cns(state: State, parameters: Parameters) -> float:
    """Return the effective IgG in the CNS, mg/mL; it enters where the barrier leaks.

    The leak follows the activated macrophages, not the cytokine that H6 neutralises: IgG would otherwise
    determine its own entry instantaneously. `cns_reads_plasma` = 1 uses plasma IgG instead.
    """
    share = parameters.igg_cns_intact + barrier_leak(state, parameters)
    return state.igg_plasma * (share + parameters.cns_reads_plasma * (1.0 - share))


def barrier_leak(state: State, parameters: Parameters) -> float:
    """Return the share of the IgG in plasma that reaches the CNS through the leak of the barrier."""
    return parameters.igg_cns_leak * saturation(state.inflammation, parameters.igg_cns_leak_half_effect)


def igg_loss(parameters: Parameters, given: float) -> float:
    """Return the loss of IgG per day: uptake minus FcRn recycling, which `given` mg/mL saturate."""
    recycled = parameters.igg_recycled_fraction * braking(
        parameters.igg_endogenous + given, parameters.fcrn_half_saturation
    )
    return parameters.igg_uptake * (1.0 - recycled)


def igg_plasma_change(state: State, parameters: Parameters, action: Effects) -> float:
    """Return the rate of change of IgG in plasma, mg/mL per day; a blocker of FcRn speeds its loss."""
    input_rate = state.igg_infusion + (
        parameters.igg_absorption_ip * state.igg_peritoneal
        + parameters.igg_absorption_sc * state.igg_subcutaneous
    )
    exchange = parameters.igg_exchange * (state.igg_plasma - state.igg_tissue)
    loss = igg_loss(parameters, state.igg_plasma + action.blocking) + state.anti_igg
    return (input_rate - exchange) / parameters.igg_volume_plasma - loss * state.igg_plasma


def igg_tissue_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of IgG in tissue, mg/mL per day."""
    exchange = parameters.igg_exchange * (state.igg_plasma - state.igg_tissue)
    return exchange / parameters.igg_volume_tissue


def igg_peritoneal_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of IgG in the peritoneal cavity, mg/kg per day."""
    return -parameters.igg_absorption_ip * state.igg_peritoneal


def igg_subcutaneous_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of IgG under the skin, mg/kg per day."""
    return -parameters.igg_absorption_sc * state.igg_subcutaneous


def anti_igg_change(before: float, stage: float, parameters: Parameters) -> float:
    """Return the rate of change of one of the three stages of anti-drug antibodies.

    They are measured by the clearance that they add.
    """
    return parameters.anti_igg_rate * (before - stage)


def anti_igg_drive(state: State, parameters: Parameters) -> float:
    """Return the maximum clearance by anti-drug antibodies at this concentration."""
    return parameters.anti_igg_clearance * saturation(state.igg_plasma, parameters.anti_igg_half_effect)
