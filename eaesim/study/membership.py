"""Which members of an ensemble a run draws from."""

from __future__ import annotations

from typing import Any

from eaesim.errors import ProtocolError
from eaesim.model import Rat
from eaesim.protocol.quantity import count
from eaesim.study.ensemble import MOST_MEMBERS, ensemble_of

# Members of a run unless stated; of fewer rats each, chance cannot be told from what members differ by.
DEFAULT_MEMBERS, FEWEST_RATS = 20, 2


def chosen_members(rat: Rat, members: int | None, *, animals: int) -> tuple[Rat, ...]:
    """Return the parameter sets that a run draws from.

    Parameters
    ----------
    rat
        The rat.
    members
        How many sets; by default 20 where the rat has an ensemble. 1 is the rat as it stands.
    animals
        Rats in every arm: there are at least two for every member, else fewer members.

    Raises
    ------
    QuantityError
        If it is not a number of members.
    ProtocolError
        If several are asked of a rat without an ensemble.

    Examples
    --------
    >>> from eaesim.model import load
    >>> chosen_members(load("lewis"), 1, animals=200)
    (Rat('lewis'),)
    """
    if members is not None:
        members = count(members, what="members", least=1, most=MOST_MEMBERS)
    ensemble = None if members == 1 else ensemble_of(rat)
    if ensemble is None:
        if members in (None, 1):
            return (rat,)
        raise ProtocolError(
            f"{rat.name} has no ensemble, so its members are 1, not {members}; a fit's folder has one."
        )
    number = max(1, min(members or DEFAULT_MEMBERS, animals // FEWEST_RATS))
    return ensemble.members(number) if number > 1 else (rat,)


def member_settings(rat: Rat, members: int | None, *, animals: int) -> dict[str, Any]:
    """Return how many members a run has, and of which ensemble, as plain values.

    Examples
    --------
    >>> from eaesim.model import load
    >>> member_settings(load("lewis"), 1, animals=200)
    {'members': 1, 'ensemble': ''}
    """
    number = len(chosen_members(rat, members, animals=animals))
    ensemble = ensemble_of(rat) if number > 1 else None
    return {"members": number, "ensemble": ensemble.fingerprint if ensemble else ""}
