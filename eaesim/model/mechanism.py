"""The candidate mechanisms of IVIG, each with one parameter for its strength in the animal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eaesim.errors import UnknownNameError, unknown_name
from eaesim.model.action import Mechanism
from eaesim.model.pharmacy import STUDIED_DRUG, load_drug


class _Mechanisms(Mapping[str, Mechanism]):
    """The mechanisms in the file of IVIG, which is read when first asked."""

    def __getitem__(self, name: str) -> Mechanism:
        return load_drug(STUDIED_DRUG).mechanisms[name]

    def __iter__(self) -> Iterator[str]:
        return iter(load_drug(STUDIED_DRUG).mechanisms)

    def __len__(self) -> int:
        return len(load_drug(STUDIED_DRUG).mechanisms)


MECHANISMS = _Mechanisms()


def parse_mechanism(text: str) -> tuple[str, ...]:
    """Split a mechanism setting into ids, in the order of `MECHANISMS`.

    Examples
    --------
    >>> parse_mechanism("H2+H1a")
    ('H1a', 'H2')
    >>> parse_mechanism("none")
    ()
    """
    given = [part.strip() for part in str(text).split("+")]
    if given == ["none"]:
        return ()
    if "none" in given:
        raise UnknownNameError(f'"{text}" mixes "none" with a mechanism; write one or the other.')
    for part in given:
        if part not in MECHANISMS:
            raise unknown_name(part, "mechanism", [*MECHANISMS, "none"])
    return tuple(name for name in MECHANISMS if name in given)
