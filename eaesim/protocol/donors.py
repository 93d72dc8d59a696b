"""Arms whose cells are given to rats of other arms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from eaesim.errors import ProtocolError, unknown_name
from eaesim.protocol.arm import Arm
from eaesim.protocol.induction import Harvest, Induction, Transfer

if TYPE_CHECKING:
    from eaesim.protocol.design import Design


def harvests(inductions: Iterable[Induction]) -> tuple[Harvest, ...]:
    """Return what is harvested for some inductions, each harvest once.

    Examples
    --------
    >>> harvests([Transfer(donor="vehicle", harvest=11)])
    (Harvest(donor='vehicle', day=11),)
    """
    found = (each.harvested for each in inductions if isinstance(each, Transfer))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def donors(design: Design) -> dict[str, tuple[str, ...]]:
    """Return, for every arm, the arms that its cells are taken from."""
    return {
        arm.name: tuple(dict.fromkeys(each.donor for each in harvests(design.inductions_of(arm))))
        for arm in design.arms
    }


def with_donors(design: Design, chosen: Iterable[str]) -> tuple[Arm, ...]:
    """Return arms of a design in its order: those chosen, and those that give cells to one of them.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Design, Immunisation
    >>> cells = Arm("cells", inductions=[Transfer(donor="donor", harvest=11)])
    >>> design = Design(40, [Immunisation()], [Arm("vehicle"), Arm("donor"), cells])
    >>> [arm.name for arm in with_donors(design, ["cells"])]
    ['donor', 'cells']
    """
    needed, given, waiting = set[str](), donors(design), list(chosen)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += given.get(name, ())
    return tuple(arm for arm in design.arms if arm.name in needed)


def renamed(design: Design, before: str) -> tuple[Arm, ...]:
    """Return the arms of a design with something before their names, each with all inductions of its own.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Design, Immunisation
    >>> print(*renamed(Design(40, [Immunisation()], [Arm("vehicle")]), "2 ")[0].inductions)
    day 0: immunisation, complete adjuvant
    """
    found = []
    for arm in design.arms:
        own = [
            replace(each, donor=f"{before}{each.donor}")
            if isinstance(each, Transfer) and each.donor is not None
            else each
            for each in design.inductions_of(arm)
        ]
        found.append(
            Arm(
                f"{before}{arm.name}",
                arm.regimen,
                mechanism=arm.mechanism,
                inductions=own,
                parameters=dict(arm.parameters),
            )
        )
    return tuple(found)


def levels(given: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return arms in the order in which they can be run: those of a level take cells from earlier ones alone.

    Raises
    ------
    ProtocolError
        If some take their cells from each other.

    Examples
    --------
    >>> levels({"vehicle": [], "cells": ["vehicle"]})
    [('vehicle',), ('cells',)]
    """
    sorter = TopologicalSorter(given)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " from ".join(f'"{name}"' for name in reversed(error.args[1]))
        raise ProtocolError(f"arms take their cells in a circle: {circle}.") from error
    found = []
    while sorter.is_active():
        ready = sorter.get_ready()
        found.append(tuple(name for name in given if name in ready))
        sorter.done(*ready)
    return found


def check_donors(design: Design) -> None:
    """Make sure that the cells of every arm can be taken from where they are to come from.

    Raises
    ------
    UnknownNameError
        If there is no such arm.
    ProtocolError
        If an arm takes its own cells, some take them in a circle, or a harvest lies past the end.
    """
    names = [arm.name for arm in design.arms]
    for arm in design.arms:
        for harvest in harvests(design.inductions_of(arm)):
            owner = f'arm "{arm.name}"'
            if harvest.donor not in names:
                found = unknown_name(harvest.donor, "arm", names)
                raise type(found)(f"{owner} takes cells from an unknown arm: {found}")
            if harvest.donor == arm.name:
                hint = "; give it inductions of its own" if arm.inductions is None else ""
                raise ProtocolError(f"{owner} takes its cells from itself{hint}.")
            if harvest.day > design.until:
                raise ProtocolError(
                    f"{owner}: the harvest on day {harvest.day} lies past the end of its donor; "
                    f"the study runs until day {design.until}."
                )
    levels(donors(design))
