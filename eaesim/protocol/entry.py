"""Entry into a trial: which patients it took, by their course before randomisation."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.errors import ProtocolError, QuantityError
from eaesim.protocol.quantity import count

#: Keys of an entry, each with those that it needs besides.
ENTRIES: dict[str, tuple[str, ...]] = {
    "relapses": ("years",),
    "years": ("relapses",),
    "relapse_within": (),
    "first_attack_within": (),
    "stable": (),
}
MOST_RELAPSES = 100


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Which patients a trial took, by their course in the run-in.

    Attributes
    ----------
    relapses, years
        At least so many relapses in so many years before randomisation.
    relapse_within
        A relapse that began within so many days before randomisation.
    first_attack_within
        A first attack within so many days.
    stable
        No relapse for so many days.

    Raises
    ------
    ProtocolError
        If it says nothing, or two things at once.
    QuantityError
        If a number is not above 0.

    Examples
    --------
    >>> Entry(relapses=2, years=2.0).looks_back
    730
    """

    relapses: int | None = None
    years: float | None = None
    relapse_within: int | None = None
    first_attack_within: int | None = None
    stable: int | None = None

    def __post_init__(self) -> None:
        given = [name for name in ENTRIES if getattr(self, name) is not None]
        if not given:
            raise ProtocolError(f"entry says nothing; write one of {', '.join(ENTRIES)}.")
        for name in given:
            missing = [each for each in ENTRIES[name] if each not in given]
            if missing:
                raise ProtocolError(f"entry: {name} needs {missing[0]} beside it.")
        if len(given) > 1 + len(ENTRIES[given[0]]):
            raise ProtocolError(f"entry is one condition; given: {', '.join(given)}.")
        if self.relapses is not None:
            count(self.relapses, what="entry: relapses", least=1, most=MOST_RELAPSES)
        for name in given:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise QuantityError(f"entry: {name} = {value!r} is not a number above 0.")

    @property
    def looks_back(self) -> int:
        """Days before randomisation that decide on entry."""
        back = self.relapse_within or self.first_attack_within or self.stable
        return back or int((self.years or 0.0) * 365.25)
