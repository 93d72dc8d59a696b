"""Exogenous IgG: its pharmacokinetics, and the only place where it acts.

No term depends on time: IgG works early because its targets act early.
"""

from __future__ import annotations

from typing import NamedTuple

from eaesim.model.kinetics import braking, inhibition, saturation
from eaesim.model.parameters import Parameters
from eaesim.model.state import State


class Action(NamedTuple):
    """Fraction of each process that remains under IgG; 1 is no effect, and `treg` rises above 1."""

    maturation: float
    priming: float
    lesion_maturation: float
    lesion_priming: float
    treg: float
    fc_receptor: float
    complement: float
    cytokine: float


def action(state: State, parameters: Parameters) -> Action:
    """Return the effect of the IgG concentration at each site.

    The node is exposed to plasma IgG (H1a, H1b, H2), and mechanisms in the CNS to IgG beyond the barrier (H4,
    H6); monocytes are partly exposed in the blood (H3). H5 acts in `antibody`, H7 in `antigen`.
    """
    plasma, cns = state.igg_plasma, igg_cns(state, parameters)
    in_blood = parameters.monocyte_blood_share
    reach, linearity = parameters.lesion_priming_reach, parameters.inhibition_linearity

    def left(concentration: float, potency: float, arriving: float = 1.0) -> float:
        return inhibition(concentration, potency, arriving, linearity)

    maturation, priming = parameters.potency_maturation, parameters.potency_priming
    fc_receptor = parameters.potency_fc_receptor
    return Action(
        maturation=left(plasma, maturation),
        priming=left(plasma, priming),
        lesion_maturation=left(plasma, maturation, reach),
        lesion_priming=left(plasma, priming, reach),
        treg=1.0 + parameters.potency_treg * saturation(plasma, parameters.treg_expansion_half_effect),
        fc_receptor=in_blood * left(plasma, fc_receptor) + (1.0 - in_blood) * left(cns, fc_receptor),
        complement=left(cns, parameters.potency_complement),
        cytokine=left(cns, parameters.potency_cytokine),
    )


def igg_cns(state: State, parameters: Parameters) -> float:
    """Return the effective IgG in the CNS, mg/mL; it enters where the barrier leaks.

    The leak follows the activated macrophages, not the cytokine that H6 neutralises: IgG would otherwise
    determine its own entry instantaneously. `cns_reads_plasma` = 1 uses plasma IgG instead.
    """
    leak = parameters.igg_cns_leak * saturation(state.inflammation, parameters.igg_cns_leak_half_effect)
    share = parameters.igg_cns_intact + leak
    return state.igg_plasma * (share + parameters.cns_reads_plasma * (1.0 - share))


def igg_loss(parameters: Parameters, given: float) -> float:
    """Return the loss of IgG per day: uptake minus FcRn recycling, which `given` mg/mL saturate."""
    recycled = parameters.igg_recycled_fraction * braking(
        parameters.igg_endogenous + given, parameters.fcrn_half_saturation
    )
    return parameters.igg_uptake * (1.0 - recycled)


def igg_plasma_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of IgG in plasma, mg/mL per day."""
    input_rate = state.igg_infusion + (
        parameters.igg_absorption_ip * state.igg_peritoneal
        + parameters.igg_absorption_sc * state.igg_subcutaneous
    )
    exchange = parameters.igg_exchange * (state.igg_plasma - state.igg_tissue)
    loss = igg_loss(parameters, state.igg_plasma) + state.anti_igg
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
