"""Autoantibody, and its increased loss when less IgG is recycled."""

from __future__ import annotations

from eaesim.model.ivig import igg_loss
from eaesim.model.kinetics import saturation
from eaesim.model.parameters import Parameters
from eaesim.model.processes import Effects
from eaesim.model.state import State


def germinal_centre_early_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of B cells activated by antigen with help from expanding T cells."""
    help_given = saturation(state.expansion_4 + state.expansion_5, parameters.antibody_help_half_saturation)
    made = parameters.antibody_cell_rate * state.antigen * help_given
    return made - parameters.germinal_centre_rate * state.germinal_centre_early


def germinal_centre_late_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of the second stage; both together take weeks, as in rats."""
    return parameters.germinal_centre_rate * (state.germinal_centre_early - state.germinal_centre_late)


def antibody_cells_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of long-lived antibody-secreting cells."""
    made = parameters.germinal_centre_rate * state.germinal_centre_late
    return made - parameters.antibody_cell_loss * state.antibody_cells


def autoantibody_change(state: State, parameters: Parameters, action: Effects) -> float:
    """Return the rate of change of autoantibody; a drug that competes for FcRn increases its loss."""
    made = parameters.autoantibody_production * state.antibody_cells
    return made - igg_loss(parameters, action.competing) * state.autoantibody
