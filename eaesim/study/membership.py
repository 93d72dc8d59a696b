"""Choice of the parameter sets of an ensemble for a run."""

from __future__ import annotations

from functools import lru_cache
from numbers import Integral
from pathlib import Path

from eaesim.endpoints.members import FEWEST_RATS
from eaesim.errors import ProtocolError, QuantityError
from eaesim.files import Content
from eaesim.model import Rat
from eaesim.protocol.quantity import count
from eaesim.study.ensemble import MOST_MEMBERS, ensemble_of
from eaesim.study.identity import Identity

# Default parameter sets of a run, independent of the number of rats, so that one more rat changes no other.
# With this number, sampled in order of effect, another draw changes an effect by about 2 points.
DEFAULT_MEMBERS, MANY_MEMBERS = 64, 128
# With fewer rats per set, intervals over an ensemble under-cover.
RATS_A_MEMBER = 5


def chosen_members(rat: Rat, members: int | None, *, mechanism: str = "none") -> tuple[Rat, ...]:
    """Return the parameter sets that a run draws from.

    Parameters
    ----------
    rat
        The rat.
    members
        Number of sets; by default 64, or all of the rat's ensemble. 1 is the rat itself.
    mechanism
        Mechanism of IVIG in the run: sets are weighted by the likelihood of the data on treated rats.

    Raises
    ------
    QuantityError
        If it is not a valid number of sets, or more than the ensemble has.
    ProtocolError
        If several are requested for a rat without an ensemble.

    Examples
    --------
    >>> from eaesim.model import load
    >>> chosen_members(load("lewis"), 1)
    (Rat('lewis'),)
    """
    if members is not None:
        members = count(members, what="members", least=1, most=MOST_MEMBERS)
    return _chosen(Identity(rat), members, mechanism, _file_times(rat))


@lru_cache(maxsize=16)
def _chosen(
    one: Identity[Rat], members: int | None, mechanism: str, _: tuple[tuple[str, int, int], ...]
) -> tuple[Rat, ...]:
    """Return `chosen_members` of a rat whose files have these times: a search asks for them at every step."""
    rat = one.of
    ensemble = None if members == 1 else ensemble_of(rat)
    if ensemble is None:
        if members in (None, 1):
            return (rat,)
        raise ProtocolError(
            f"{rat.name} has no ensemble, so its members are 1, not {members}; a fit's folder has one."
        )
    if members is not None and members > len(ensemble):
        raise QuantityError(f"members = {members}; the ensemble of {rat.name} has {len(ensemble)}.")
    sets = ensemble.given(mechanism).members(members or min(DEFAULT_MEMBERS, len(ensemble)))
    return tuple(sets[place] for place in spread_order(len(sets)))


def _file_times(rat: Rat) -> tuple[tuple[str, int, int], ...]:
    """Return name, time and size of the files of a rat's fit, which change if it is repeated."""
    if not rat.ensemble:
        return ()
    path = Path(rat.ensemble)
    files = (path if path.is_dir() else path.parent).glob("*.ensemble.*")
    found = ((file.name, file.stat()) for file in sorted(files))
    return tuple((name, status.st_mtime_ns, status.st_size) for name, status in found)


def usual_count(rat: Rat, animals: int) -> int:
    """Return the number of parameter sets that `timing` uses by default for this number of rats.

    Over sets, rats and seeds a bound of an interval varies by 4 to 5 points (SD) with 640 rats of 128
    sets, and by up to 8 with 320 of 64.

    Examples
    --------
    >>> from eaesim.model import load
    >>> usual_count(load("lewis"), 320), usual_count(load("lewis"), 640)
    (64, 128)
    """
    ensemble = ensemble_of(rat)
    if ensemble is None:
        return 1
    # An invalid number is rejected by the run.
    many = isinstance(animals, Integral) and animals >= RATS_A_MEMBER * MANY_MEMBERS
    return min(MANY_MEMBERS if many else DEFAULT_MEMBERS, len(ensemble))


def few_rats_notes(animals: int, members: int) -> list[str]:
    """Return a line if there are too few rats per parameter set, so that the interval is too narrow.

    Examples
    --------
    >>> few_rats_notes(320, 64), few_rats_notes(3, 1)
    ([], [])
    >>> few_rats_notes(100, 64)[0][:42]
    '100 rats of 64 parameter sets: intervals l'
    """
    if members < 2 or animals >= RATS_A_MEMBER * members:
        return []
    said = "leave parameter uncertainty out" if animals < FEWEST_RATS * members else "are somewhat too narrow"
    sets = max(animals // RATS_A_MEMBER, 1)
    return [
        f"{animals} rats of {members} parameter sets: intervals {said}; give {RATS_A_MEMBER * members} rats, "
        f"or {sets} parameter set{'s' * (sets > 1)}."
    ]


def spread_order(count: int) -> tuple[int, ...]:
    """Return the numbers below `count` in van der Corput order, evenly spread from the start.

    Rats are assigned to sets in turn, so a small group is not all from one end of the ensemble.

    Examples
    --------
    >>> spread_order(8)
    (0, 4, 2, 6, 1, 5, 3, 7)
    """
    bits = max(count - 1, 1).bit_length()
    turned = [int(f"{place:0{bits}b}"[::-1], 2) for place in range(1 << bits)]
    return tuple(place for place in turned if place < count)


def member_settings(rat: Rat, members: int | None) -> dict[str, Content]:
    """Return the number of parameter sets of a run, and their ensemble, as plain values.

    Examples
    --------
    >>> from eaesim.model import load
    >>> member_settings(load("lewis"), 1)
    {'members': 1, 'ensemble': ''}
    """
    number = len(chosen_members(rat, members))
    ensemble = ensemble_of(rat) if number > 1 else None
    return {"members": number, "ensemble": ensemble.fingerprint if ensemble else ""}
