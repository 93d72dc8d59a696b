"""Cells that can be harvested for transfer to another animal."""

from __future__ import annotations

from eaesim.model.parameters import Parameters
from eaesim.model.state import State


def harvestable(state: State, _: Parameters) -> float:
    """Return the cells that can be harvested from node and blood.

    These are the last two stages of expansion, both stages of licensing, and effectors in the blood, but
    not memory cells or cells in the CNS.
    """
    return (
        state.expansion_4
        + state.expansion_5
        + state.licensing_early
        + state.licensing_late
        + state.effector_blood
    )
