"""Targets of a drug: processes by source, parameters of kind biology, and states."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from eaesim.errors import QuantityError, unknown_name
from eaesim.files import Content
from eaesim.model.parameter_file import base_entries
from eaesim.model.state import STATES

# The engine folds 2 to the power of a fifth of it into one number per animal.
FOLDED = ("divisions",)
# No amount of cells or substance: sums and rates that other states do not clear.
SUMS = ("death_hazard", "igg_infusion")


class Effects(NamedTuple):
    """Factor on each process that the equations hold by source: 1 is no effect.

    `adjuvant_loss` is added to the clearance of complete adjuvant (1/day), `competing` to the IgG that
    competes with autoantibody for FcRn (mg/mL), and `blocking` to what competes with given IgG.
    """

    maturation: float = 1.0
    maturation_lesion: float = 1.0
    priming: float = 1.0
    priming_lesion: float = 1.0
    recall: float = 1.0
    recall_lesion: float = 1.0
    treg_growth: float = 1.0
    macrophage_activation: float = 1.0
    complement: float = 1.0
    cytokine: float = 1.0
    adjuvant_loss: float = 0.0
    competing: float = 0.0
    blocking: float = 0.0


class Process(NamedTuple):
    """A process that a drug may inhibit or stimulate.

    Attributes
    ----------
    title
        Description.
    rates
        Parameters that the drug scales; empty for a factor of `Effects`.
    """

    title: str
    rates: tuple[str, ...] = ()


PROCESSES: dict[str, Process] = {
    "maturation": Process("maturation of dendritic cells at the site of immunisation"),
    "maturation_lesion": Process("loading of presenting cells in the lesion"),
    "priming": Process("priming of naive cells in the node"),
    "priming_lesion": Process("priming of naive cells by antigen from lesions"),
    "recall": Process("recall of memory cells in the node"),
    "recall_lesion": Process("recall of memory cells by antigen from lesions"),
    "division": Process("division of primed cells", ("expansion_rate",)),
    "egress": Process("exit of expanded cells from the node into the blood", ("licensing_rate",)),
    "cns_entry": Process(
        "entry of T cells of any kind into the CNS", ("cns_entry_rate", "treg_cns_entry_rate")
    ),
    "treg_growth": Process("growth of regulatory T cells in the node"),
    "macrophage_activation": Process("activation of macrophages in the CNS"),
    "cytokine": Process("effector cytokine of macrophages"),
    "complement": Process("complement in the damage that autoantibody does"),
}


@cache
def target_parameters() -> Mapping[str, str]:
    """Return the parameters that a drug may act on, with their units.

    Examples
    --------
    >>> target_parameters()["remyelination_rate"]
    '1/day'
    """
    return {
        name: entry["unit"]
        for name, entry in base_entries("base").items()
        if entry["kind"] == "biology" and name not in (*FOLDED, *PROCESSES)
    }


def target_states() -> tuple[str, ...]:
    """Return the states that a drug may deplete.

    Examples
    --------
    >>> "inflammation" in target_states()
    True
    """
    return tuple(name for name in STATES if name not in SUMS)


def check_target(name: Content, *, depleted: bool) -> str:
    """Return the name of a target.

    Parameters
    ----------
    name
        Name as given.
    depleted
        Whether it loses cells: then it is a state, else a process or a parameter.

    Examples
    --------
    >>> check_target("priming", depleted=False)
    'priming'
    >>> check_target("divisions", depleted=False)
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: divisions cannot be a target: it is an exponent, ... act on division.
    """
    if name in FOLDED:
        raise QuantityError(
            f"{name} cannot be a target: it is an exponent, one number for each animal; act on division."
        )
    allowed = target_states() if depleted else (*PROCESSES, *target_parameters())
    if not isinstance(name, str) or name not in allowed:
        raise unknown_name(
            name, "state to deplete" if depleted else "process or parameter to act on", allowed
        )
    return name
