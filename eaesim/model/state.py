"""The states of the animal, by name, with unit and description."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Any, NamedTuple, TypeAlias

#: A number, an array over animals, or a term of equations that are being traced.
Term: TypeAlias = Any


class State(NamedTuple):
    """One value per state; also used for their rates of change per day."""

    antigen: float
    adjuvant_complete: float
    adjuvant_incomplete: float
    dendritic_semimature: float
    dendritic_mature: float
    dendritic_lesion: float
    precursor: float
    precursor_spreading: float
    expansion_1: float
    expansion_2: float
    expansion_3: float
    expansion_4: float
    expansion_5: float
    memory: float
    licensing_early: float
    licensing_late: float
    effector_blood: float
    effector_cns: float
    treg_node: float
    treg_cns: float
    bystander_cns: float
    inflammation: float
    stress_hormone: float
    germinal_centre_early: float
    germinal_centre_late: float
    antibody_cells: float
    autoantibody: float
    deficit: float
    demyelination: float
    axon_loss: float
    death_hazard: float
    igg_plasma: float
    igg_tissue: float
    igg_infusion: float
    igg_peritoneal: float
    igg_subcutaneous: float
    anti_igg_early: float
    anti_igg_late: float
    anti_igg: float


class StateInfo(NamedTuple):
    """Description of a state.

    Attributes
    ----------
    unit
        Unit, as read by Pint.
    scale
        Typical magnitude in that unit, from which solvers set their absolute tolerance.
    title
        Description.
    """

    unit: str
    scale: float
    title: str


_TABLE = files("eaesim.model").joinpath("states.csv").read_text("utf-8")
STATES: dict[str, StateInfo] = {
    row["name"]: StateInfo(row["unit"], float(row["scale"]), row["title"])
    for row in csv.DictReader(_TABLE.splitlines())
}
