"""Names of things in a figure: rats, mechanisms, endpoints, effects and published findings."""

from __future__ import annotations

import re

from eaesim.endpoints import endpoint
from eaesim.evidence import Finding, published_effect
from eaesim.model import MECHANISMS, Rat
from eaesim.protocol import Design
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.selection import donors

#: What a score can be, for an axis.
SCORES = "0 to 5"
#: What an effect on an endpoint prevents, where the title of the endpoint does not say it.
PREVENTED = {
    "incidence": "disease",
    "mortality": "deaths",
    "relapse_incidence": "relapses",
    "demyelination_end": "demyelination",
    "cns_inflammation_peak": "peak inflammation",
    "duration": "days with signs",
}
_SHORT = re.compile(r"\b(lfa|icam|fty720|tnf|cam)\b")
_STRAINS = {"lewis": "Lewis", "da": "DA"}
_INDUCED = {"transfer": "transfer", "relapse": "induced again"}
_WHEN = {"therapeutic": "after first signs", "during disease": "during disease"}


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


def effect_words(name: str, *, dead: str = "score") -> str:
    """Return the name of the effect on an endpoint, which says whether it counts death.

    Examples
    --------
    >>> effect_words("peak_score"), effect_words("relapse_incidence")
    ('peak score (death = 5) prevented (%)', 'relapses prevented (%)')
    """
    found = endpoint(name)
    window = f", {found.window.words()}" if found.window is not None else ""
    what = PREVENTED.get(found.whole)
    return f"{counted_words(name, dead=dead) if what is None else what + window} prevented (%)"


def counted_words(name: str, *, dead: str = "score") -> str:
    """Return the title of an endpoint, which says whether it counts death.

    Examples
    --------
    >>> counted_words("cumulative_score"), counted_words("cumulative_score", dead="carry")
    ('cumulative score (death = 5)', 'cumulative score')
    """
    found = endpoint(name)
    counts = found.unit in ("score", "score day") and dead == "score"
    return f"{found.title}{' (death = 5)' if counts else ''}"


def shortened(name: str, words: int) -> str:
    """Return the first words of a name.

    Examples
    --------
    >>> shortened("IVIG at first signs", 3)
    'IVIG at first …'
    """
    first = " ".join(name.split()[:words])
    return first if first == name else f"{first} …"


def readable(name: str) -> str:
    """Return the name of a reading or an experiment as words.

    Examples
    --------
    >>> readable("lewis_immunised"), readable("treg_cns_growth")
    ('Lewis immunised', 'Treg CNS growth')
    """
    own = {"da": "DA", "lewis": "Lewis", "cns": "CNS", "treg": "Treg", "igg": "IgG", "sd": "SD"}
    words = name.replace(".", " ").replace("_", " ").split()
    return " ".join(own.get(word, word) for word in words)


def finding_words(finding: Finding) -> str:
    """Return the rats of a finding and what was read, with its row of the evidence.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> finding_words(finding("B16.first")), finding_words(finding("B10.recovery_day"))
    ('DA without adjuvant: incidence (B16)', 'Lewis transfer: recovery day (B10)')
    >>> finding_words(finding("E14"))
    'Lewis with anti-LFA-1 and anti-ICAM-1: clinical score (E14)'
    """
    rats = [_STRAINS.get(finding.strain, "rats")]
    rats += [_INDUCED[finding.induction]] if finding.induction in _INDUCED else []
    rats += ["without adjuvant"] if finding.adjuvant == "none" else []
    drug = _SHORT.sub(lambda found: found[0].upper(), finding.drug)
    rats += [f"with {drug}"] if finding.drug not in ("", STUDIED_DRUG) else []
    return f"{' '.join(rats)}: {readable(finding.endpoint)} ({finding.row})"


def treated_words(finding: Finding) -> str:
    """Return the rats of a finding on treatment, and when they were dosed.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> treated_words(finding("A5"))
    'A5 Lewis, from day 7'
    """
    rats = [_STRAINS.get(finding.strain, "rats")]
    rats += [_INDUCED[finding.induction]] if finding.induction in _INDUCED else []
    when = _WHEN.get(finding.when, "")
    if finding.day is not None:
        when = f"{'from ' if finding.when == 'from day' else ''}day {finding.day:g}"
    return f"{finding.row} {' '.join(rats)}{f', {when}' if when else ''}"


def published_words(finding: Finding) -> str:
    """Return what was published: the effect prevented in percent, with its interval, or the words.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> published_words(finding("A1")), published_words(finding("A5"))
    ('clinical score: 74 % (26 to 91) prevented', 'not suppressed')
    """
    effect = published_effect(finding)
    if finding.ratio is None:
        return finding.text
    span = "" if effect is None else f" ({100 * effect[1]:.0f} to {100 * effect[2]:.0f})"
    return f"{readable(finding.endpoint)}: {100 * (1 - finding.ratio):.0f} %{span} prevented"
