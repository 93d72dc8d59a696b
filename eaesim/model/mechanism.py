"""The rival explanations of what IVIG does, each with the one parameter that is its strength."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.errors import UnknownNameError, unknown_name


@dataclass(frozen=True)
class Mechanism:
    """One explanation of what IVIG does.

    Attributes
    ----------
    name
        Its id, such as ``"H1a"``.
    title
        What it does, in a few words.
    potency
        The parameter that is its strength; 0 switches the mechanism off.
    """

    name: str
    title: str
    potency: str


MECHANISMS = {
    mechanism.name: mechanism
    for mechanism in (
        Mechanism("H1a", "blocks maturation of dendritic cells", "potency_maturation"),
        Mechanism("H1b", "blocks priming by dendritic cells", "potency_priming"),
        Mechanism("H2", "expands regulatory T cells", "potency_treg"),
        Mechanism("H3", "blocks Fc receptors of macrophages", "potency_fc_receptor"),
        Mechanism("H4", "scavenges complement", "potency_complement"),
        Mechanism("H5", "saturates FcRn, so autoantibody is lost", "potency_fcrn"),
        Mechanism("H6", "neutralises effector cytokine", "potency_cytokine"),
        Mechanism("H7", "neutralises mycobacterial adjuvant", "potency_adjuvant"),
    )
}


def parse_mechanism(text: str) -> tuple[str, ...]:
    """Split a mechanism setting into ids, in the order of `MECHANISMS`.

    Parameters
    ----------
    text
        Ids combined with ``+``, or ``"none"``.

    Raises
    ------
    UnknownNameError
        If an id is not known.

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
