"""Antigen and adjuvant at the site of immunisation."""

from __future__ import annotations

from eaesim.model.parameters import Parameters
from eaesim.model.processes import Effects
from eaesim.model.state import State


def antigen_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of antigen: it is cleared."""
    return -parameters.antigen_clearance * state.antigen


def adjuvant_complete_change(state: State, parameters: Parameters, action: Effects) -> float:
    """Return the rate of change of complete adjuvant: cleared, and bound by a drug."""
    return -(parameters.adjuvant_clearance + action.adjuvant_loss) * state.adjuvant_complete


def adjuvant_incomplete_change(state: State, parameters: Parameters) -> float:
    """Return the rate of change of incomplete adjuvant: without mycobacteria IgG has nothing to bind."""
    return -parameters.adjuvant_clearance * state.adjuvant_incomplete


def danger(state: State, parameters: Parameters) -> float:
    """Return the danger signal of both adjuvants; 1 for one full dose of complete adjuvant."""
    adjuvant = state.adjuvant_complete + parameters.adjuvant_incomplete_strength * state.adjuvant_incomplete
    half = parameters.adjuvant_half_effect
    return adjuvant * (1.0 + half) / (half + adjuvant)
