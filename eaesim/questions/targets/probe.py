"""A drug that hits one target from one day to another, and does nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from eaesim.errors import UnknownNameError, unknown_name
from eaesim.model.action import DEPLETE, INHIBIT, Action, Route
from eaesim.model.drug import Drug
from eaesim.model.processes import PROCESSES, target_parameters, target_states

#: What is tried by default, by what a laboratory calls it.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "maturation": ("maturation", "maturation_lesion"),
        "priming and recall": ("priming", "priming_lesion", "recall", "recall_lesion"),
        "dividing cells": tuple(f"expansion_{stage}" for stage in range(1, 6)),
        "entry into the CNS": ("cns_entry",),
        "effectors in blood": ("effector_blood",),
        "macrophage activation": ("macrophage_activation",),
        "regulatory T cells": ("treg_node", "treg_cns"),
    }
)
_SWITCH = "probe_switch"
# A switch is 0 or 1; at 1 its effect is the whole.
_HALF = 1e-12


def target_names() -> tuple[str, ...]:
    """Return everything that can be tried: groups, processes, parameters and states.

    Examples
    --------
    >>> target_names()[:2]
    ('maturation', 'priming and recall')
    """
    return tuple(dict.fromkeys((*GROUPS, *PROCESSES, *target_parameters(), *target_states())))


def check_target_name(name: str) -> str:
    """Return the name of a target.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name not in target_names():
        raise unknown_name(name, "target", target_names())
    return name


@cache
def probe(target: str, block: float, loss: float) -> Drug:
    """Return the drug that hits a target.

    Parameters
    ----------
    target
        One of `target_names`.
    block
        Share that is taken from a process or a parameter.
    loss
        Loss of each depleted state per day.

    Examples
    --------
    >>> [action.does for action in probe("dividing cells", 0.96, 5.0).actions]
    ['deplete']
    """
    hit = GROUPS.get(check_target_name(target), (target,))
    depleted = tuple(name for name in hit if name in target_states() and name not in PROCESSES)
    others = tuple(name for name in hit if name not in depleted)
    actions = []
    if others:
        actions.append(Action(others, INHIBIT, half=_HALF, most=block))
    if depleted:
        actions.append(Action(depleted, DEPLETE, half=_HALF, most=loss))
    if not actions:
        raise UnknownNameError(f"{target} holds nothing that can be hit.")
    return Drug(
        name="probe",
        title=f"block of {target}",
        source="assumed",
        note="",
        concentration=None,
        target=target,
        routes={"iv": Route(_SWITCH)},
        infusion=_SWITCH,
        actions=tuple(actions),
        chosen=target,
        is_switch=True,
    )
