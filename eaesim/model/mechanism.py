"""The candidate mechanisms of IVIG, each with one parameter for its strength."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.errors import UnknownNameError, unknown_name


@dataclass(frozen=True)
class Mechanism:
    """A candidate mechanism of IVIG.

    Attributes
    ----------
    name
        Id, such as ``"H1a"``.
    title
        Short description.
    potency
        Parameter for its strength; 0 disables the mechanism.
    site
        Site and target of IgG.
    """

    name: str
    title: str
    potency: str
    site: str


MECHANISMS = {
    mechanism.name: mechanism
    for mechanism in (
        Mechanism(
            "H1a",
            "blocks maturation of dendritic cells",
            "potency_maturation",
            "IgG in plasma lowers the rate at which dendritic cells mature",
        ),
        Mechanism(
            "H1b",
            "blocks priming by dendritic cells",
            "potency_priming",
            "IgG in plasma lowers the rate at which mature dendritic cells prime T cells and recall memory",
        ),
        Mechanism(
            "H2",
            "expands regulatory T cells",
            "potency_treg",
            "IgG in plasma speeds the growth of regulatory T cells in the node",
        ),
        Mechanism(
            "H3",
            "blocks Fc receptors of macrophages",
            "potency_fc_receptor",
            "IgG in plasma (for monocyte_blood_share) and in the CNS lowers the activation of macrophages",
        ),
        Mechanism(
            "H4",
            "scavenges complement",
            "potency_complement",
            "IgG in the CNS lowers the damage that autoantibody does with complement",
        ),
        Mechanism(
            "H5",
            "saturates FcRn, so autoantibody is lost",
            "potency_fcrn",
            "IgG in plasma competes for FcRn and speeds the loss of autoantibody",
        ),
        Mechanism(
            "H6",
            "neutralises effector cytokine",
            "potency_cytokine",
            "IgG in the CNS lowers the effector cytokine that macrophages make",
        ),
        Mechanism(
            "H7",
            "neutralises mycobacterial adjuvant",
            "potency_adjuvant",
            "IgG in plasma binds complete adjuvant; incomplete adjuvant holds nothing to bind",
        ),
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
