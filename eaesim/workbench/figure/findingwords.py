"""Published findings in words, for a figure."""

from __future__ import annotations

import re

from eaesim.evidence import Finding, published_effect
from eaesim.protocol.dose import STUDIED_DRUG

_SHORT = re.compile(r"\b(lfa|icam|fty720|tnf|cam)\b")
_STRAINS = {"lewis": "Lewis", "da": "DA"}
_INDUCED = {"transfer": "transfer", "relapse": "induced again"}
_WHEN = {"therapeutic": "after first signs", "during disease": "during disease"}


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
