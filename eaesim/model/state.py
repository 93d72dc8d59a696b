"""The states of the animal, by name, with unit and description."""

from __future__ import annotations

from typing import NamedTuple


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


STATES: dict[str, StateInfo] = {
    "antigen": StateInfo(
        "dimensionless", 1.0, "myelin antigen at the site of immunisation (1 = one immunisation)"
    ),
    "adjuvant_complete": StateInfo("dimensionless", 1.0, "mycobacterial adjuvant (1 = one immunisation)"),
    "adjuvant_incomplete": StateInfo("dimensionless", 1.0, "adjuvant without mycobacteria"),
    "dendritic_semimature": StateInfo(
        "dimensionless", 1.0, "antigen-bearing dendritic cells in the node, not yet mature"
    ),
    "dendritic_mature": StateInfo("dimensionless", 1.0, "mature dendritic cells in the node"),
    "dendritic_lesion": StateInfo("dimensionless", 0.02, "presenting cells loaded with myelin in the lesion"),
    "precursor": StateInfo("cell", 500.0, "naive precursors of the immunising clone"),
    "precursor_spreading": StateInfo("cell", 500.0, "naive precursors of the clone that spreading recruits"),
    "expansion_1": StateInfo("cell", 200.0, "programmed expansion, stage 1"),
    "expansion_2": StateInfo("cell", 700.0, "programmed expansion, stage 2"),
    "expansion_3": StateInfo("cell", 2500.0, "programmed expansion, stage 3"),
    "expansion_4": StateInfo("cell", 10000.0, "programmed expansion, stage 4"),
    "expansion_5": StateInfo("cell", 30000.0, "programmed expansion, stage 5"),
    "memory": StateInfo("cell", 1e4, "memory cells"),
    "licensing_early": StateInfo("cell", 20000.0, "expanded cells, licensing to enter the CNS, stage 1"),
    "licensing_late": StateInfo("cell", 20000.0, "expanded cells, licensing to enter the CNS, stage 2"),
    "effector_blood": StateInfo("cell", 40000.0, "licensed effector T cells in the blood"),
    "effector_cns": StateInfo("cell", 20000.0, "effector T cells in the CNS"),
    "treg_node": StateInfo("cell", 150000.0, "regulatory T cells in the node"),
    "treg_cns": StateInfo("cell", 150000.0, "regulatory T cells in the CNS"),
    "bystander_cns": StateInfo("dimensionless", 1.0, "infiltrate that is not specific for myelin (0 to 1)"),
    "inflammation": StateInfo("dimensionless", 0.5, "activated macrophages in the CNS"),
    "stress_hormone": StateInfo("dimensionless", 0.5, "stress hormone above its resting level"),
    "germinal_centre_early": StateInfo(
        "dimensionless", 0.5, "B cells on the way to make autoantibody, stage 1"
    ),
    "germinal_centre_late": StateInfo(
        "dimensionless", 0.5, "B cells on the way to make autoantibody, stage 2"
    ),
    "antibody_cells": StateInfo("dimensionless", 0.5, "cells that make autoantibody"),
    "autoantibody": StateInfo("dimensionless", 0.5, "autoantibody (1 = half of its greatest effect)"),
    "deficit": StateInfo("dimensionless", 0.5, "inflammatory deficit, reversible"),
    "demyelination": StateInfo("dimensionless", 0.03, "demyelinated share of the tract"),
    "axon_loss": StateInfo("dimensionless", 0.001, "lost share of the axons"),
    "death_hazard": StateInfo("dimensionless", 0.03, "cumulative hazard of death (a reading)"),
    "igg_plasma": StateInfo("mg/mL", 25.0, "given IgG in plasma"),
    "igg_tissue": StateInfo("mg/mL", 5.0, "given IgG in tissue"),
    "igg_infusion": StateInfo("mg/kg/day", 1e3, "rate of infusion of IgG"),
    "igg_peritoneal": StateInfo("mg/kg", 1e3, "given IgG in the peritoneal cavity"),
    "igg_subcutaneous": StateInfo("mg/kg", 1e3, "given IgG under the skin"),
    "anti_igg_early": StateInfo("1/day", 0.1, "response against the given IgG, stage 1"),
    "anti_igg_late": StateInfo("1/day", 0.1, "response against the given IgG, stage 2"),
    "anti_igg": StateInfo("1/day", 0.1, "antibodies against the given IgG, as the clearance they bring"),
}
