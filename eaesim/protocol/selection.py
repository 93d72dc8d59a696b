"""Selection and renaming of arms of a design, with the arms that donate their cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from eaesim.protocol.arm import Arm
from eaesim.protocol.design import Design
from eaesim.protocol.donors import harvests
from eaesim.protocol.induction import Transfer


def donors(design: Design) -> dict[str, tuple[str, ...]]:
    """Return, for every arm, the arms that its cells are taken from."""
    return {
        arm.name: tuple(dict.fromkeys(each.donor for each in harvests(design.inductions_of(arm))))
        for arm in design.arms
    }


def with_donors(design: Design, chosen: Iterable[str]) -> tuple[Arm, ...]:
    """Return arms of a design in its order: those chosen, and their cell donors.

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
    """Return the arms of a design with a prefix to their names, each with its mechanism and inductions.

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
                mechanism=arm.mechanism_or(design.mechanism),
                inductions=own,
                parameters=dict(arm.parameters),
            )
        )
    return tuple(found)
