"""Names of things in a figure."""

from __future__ import annotations

from eaesim.endpoints import endpoint
from eaesim.model import MECHANISMS, Rat
from eaesim.protocol import Design
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.selection import donors

#: What a score can be, for an axis.
SCORES = "0 to 5"


def rat_words(rat: Rat) -> str:
    """Return a rat's title without its explanation."""
    return rat.title.partition(":")[0].partition(",")[0]


def changes_words(rat: Rat) -> str:
    """Return in a sentence what a user set instead of the rat's own values; an empty text for nothing.

    Examples
    --------
    >>> from eaesim.model import load
    >>> changes_words(load("da").replace(lesion_priming_reach=1))
    'Set for this rat: lesion_priming_reach = 1.'
    """
    values = [
        f"{entry.name} = {entry.value:g}{'' if entry.unit == 'dimensionless' else f' {entry.unit}'}"
        for entry in rat.changes
    ]
    return f"Set for this rat: {', '.join(values)}." if values else ""


def mechanism_words(mechanism: str) -> str:
    """Return the id of a mechanism and what it does; combinations stay as they are.

    Examples
    --------
    >>> mechanism_words("H2")
    'H2 expands regulatory T cells'
    """
    return f"{mechanism} {MECHANISMS[mechanism].title}" if mechanism in MECHANISMS else mechanism


def acting_words(design: Design) -> str:
    """Return what the drugs of a design do: the mechanism of IVIG where it is given, the target of others.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus, Immunisation
    >>> late = Arm("late", Bolus("1 mg/kg", drug="late_acting").at(day=9))
    >>> acting_words(Design(20, [Immunisation()], [Arm("vehicle"), late]))
    'late-acting comparator: effector cytokine in the central nervous system'
    """
    drugs = [drug for arm in design.arms for drug in arm.drugs()]
    others = dict.fromkeys(f"{drug.title}: {drug.chosen or drug.target}" for drug in drugs)
    given = {line.dose.drug for arm in design.arms for line in arm.regimen.lines}
    acting = f"drug mechanism: {mechanism_words(design.mechanism)}"
    return "; ".join([*([acting] if STUDIED_DRUG in given or not others else []), *others])


def sentence_case(words: str) -> str:
    """Return words with a capital at their start.

    Examples
    --------
    >>> sentence_case("drug mechanism: H1a")
    'Drug mechanism: H1a'
    """
    return words[:1].upper() + words[1:]


def endpoint_words(name: str) -> str:
    """Return the title of an endpoint with its unit, for an axis.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> endpoint_words("duration")
    'days with signs (day)'
    """
    found = endpoint(name)
    return f"{found.title} ({SCORES if found.unit == 'score' else found.unit})"


def drawn_endpoint(design: Design) -> str:
    """Return the endpoint that a figure draws by default: the first window, else the peak score.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> drawn_endpoint(Design(40, [], [Arm("healthy")]))
    'peak_score'
    """
    return next(iter(design.endpoints), "peak_score")


def left_out_words(design: Design) -> str:
    """Say why rats of a design may be left out.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> left_out_words(Design(40, [], [Arm("healthy")]))
    'could not be solved'
    """
    taken = any(donors(design).values())
    return "could not be solved, or had no living donor," if taken else "could not be solved"
