"""The equations, the only definition for every solver, the Jacobian, exports and the model card."""

from __future__ import annotations

from eaesim.model import antibody, antigen, effectors, ivig, lesion, priming, regulation, score
from eaesim.model.parameters import Parameters
from eaesim.model.processes import Effects
from eaesim.model.state import State


def initial_state(parameters: Parameters) -> State:
    """Return a healthy animal: precursors and regulatory T cells at rest, everything else 0.

    Regulatory T cells patrol the healthy CNS and also start in steady state there, so that a run from day
    -7 equals one from day 0.
    """
    return State(*(0.0,) * len(State._fields))._replace(
        precursor=parameters.precursor_number,
        precursor_spreading=parameters.precursor_number_spreading,
        treg_node=parameters.treg_number,
        treg_cns=parameters.treg_cns_entry_rate * parameters.treg_number / parameters.treg_cns_loss,
    )


def rates_of_change(state: State, parameters: Parameters, acting: Effects) -> State:
    """Return the rates of change per day.

    Time is not an argument: treatments and inductions only add amounts, so effects of timing emerge.

    Parameters
    ----------
    state
        One value per state: numbers, or symbols for tracing.
    parameters
        One value per parameter, likewise.
    acting
        Effect of drugs on each process.
    """
    maturing = priming.maturation(state, parameters, acting)
    tolerated = priming.tolerance(state, parameters)
    recruited = priming.priming(state, parameters, acting, tolerated)
    spread = priming.priming_spreading(state, parameters, acting, tolerated)
    recalled = priming.recall(state, parameters, acting, tolerated) + priming.recall_spreading(
        state, parameters, acting, tolerated
    )
    gain, rate = priming.stage_gain(parameters), parameters.expansion_rate
    cytokine = lesion.effector_cytokine(state, acting)
    opening = effectors.barrier_opening(parameters, cytokine)
    suppressed = regulation.suppression(state, parameters)
    damage = lesion.demyelination_rate(state, parameters, acting, cytokine)
    return State(
        antigen=antigen.antigen_change(state, parameters),
        adjuvant_complete=antigen.adjuvant_complete_change(state, parameters, acting),
        adjuvant_incomplete=antigen.adjuvant_incomplete_change(state, parameters),
        dendritic_semimature=priming.dendritic_semimature_change(state, parameters, maturing),
        dendritic_mature=priming.dendritic_mature_change(state, parameters, maturing),
        dendritic_lesion=priming.dendritic_lesion_change(state, parameters, acting, damage),
        precursor=priming.precursor_change(state, parameters, recruited),
        precursor_spreading=priming.precursor_spreading_change(state, parameters, spread),
        expansion_1=priming.expansion_change(recruited + spread, state.expansion_1, parameters, gain),
        expansion_2=priming.expansion_change(rate * state.expansion_1, state.expansion_2, parameters, gain),
        # Memory cells need fewer divisions: they join at the third stage.
        expansion_3=priming.expansion_change(
            rate * state.expansion_2 + recalled, state.expansion_3, parameters, gain
        ),
        expansion_4=priming.expansion_change(rate * state.expansion_3, state.expansion_4, parameters, gain),
        expansion_5=priming.expansion_change(rate * state.expansion_4, state.expansion_5, parameters, gain),
        memory=priming.memory_change(state, parameters, recalled),
        licensing_early=priming.licensing_early_change(state, parameters),
        licensing_late=priming.licensing_late_change(state, parameters),
        effector_blood=effectors.effector_blood_change(state, parameters, opening),
        effector_cns=effectors.effector_cns_change(state, parameters, opening, suppressed),
        treg_node=regulation.treg_node_change(state, parameters, acting),
        treg_cns=regulation.treg_cns_change(state, parameters, opening),
        bystander_cns=lesion.bystander_change(state, parameters, cytokine),
        inflammation=lesion.inflammation_change(state, parameters, acting, suppressed),
        stress_hormone=regulation.stress_hormone_change(state, parameters, cytokine),
        germinal_centre_early=antibody.germinal_centre_early_change(state, parameters),
        germinal_centre_late=antibody.germinal_centre_late_change(state, parameters),
        antibody_cells=antibody.antibody_cells_change(state, parameters),
        autoantibody=antibody.autoantibody_change(state, parameters, acting),
        deficit=lesion.deficit_change(state, parameters, cytokine),
        demyelination=lesion.demyelination_change(state, parameters, damage),
        axon_loss=lesion.axon_loss_change(state, parameters),
        death_hazard=score.death_hazard_change(parameters, score.severity(state, parameters)),
        igg_plasma=ivig.igg_plasma_change(state, parameters, acting),
        igg_tissue=ivig.igg_tissue_change(state, parameters),
        igg_infusion=0.0,
        igg_peritoneal=ivig.igg_peritoneal_change(state, parameters),
        igg_subcutaneous=ivig.igg_subcutaneous_change(state, parameters),
        anti_igg_early=ivig.anti_igg_change(
            ivig.anti_igg_drive(state, parameters), state.anti_igg_early, parameters
        ),
        anti_igg_late=ivig.anti_igg_change(state.anti_igg_early, state.anti_igg_late, parameters),
        anti_igg=ivig.anti_igg_change(state.anti_igg_late, state.anti_igg, parameters),
    )
