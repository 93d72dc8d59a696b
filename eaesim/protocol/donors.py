"""Arms that donate cells to rats of other arms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from eaesim.errors import ProtocolError, check_names
from eaesim.files import within
from eaesim.protocol.induction import Harvest, Induction, Transfer


def harvests(inductions: Iterable[Induction]) -> tuple[Harvest, ...]:
    """Return the harvests required by some inductions, each once.

    Examples
    --------
    >>> harvests([Transfer(donor="vehicle", harvest=11)])
    (Harvest(donor='vehicle', day=11),)
    """
    found = (each.harvested for each in inductions if isinstance(each, Transfer))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def levels(given: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return arms in the order in which they can be run: each level takes cells only from earlier levels.

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


def check_donors(inductions: Mapping[str, Iterable[Induction]], *, until: int) -> None:
    """Check that the donors of every arm are valid.

    Examples
    --------
    >>> check_donors({"vehicle": [], "cells": [Transfer(donor="vehicle", harvest=11)]}, until=40)
    """
    given = {name: harvests(own) for name, own in inductions.items()}
    for name, taken in given.items():
        for harvest in taken:
            with within(f'arm "{name}" takes cells from an unknown arm'):
                check_names([harvest.donor], "arm", given)
            if harvest.donor == name:
                raise ProtocolError(
                    f'arm "{name}" takes its cells from itself; name another arm, '
                    "or give it inductions of its own."
                )
            if harvest.day > until:
                raise ProtocolError(
                    f'arm "{name}": the harvest on day {harvest.day} lies past the end of its donor; '
                    f"the study runs until day {until}."
                )
    levels({name: [each.donor for each in taken] for name, taken in given.items()})
