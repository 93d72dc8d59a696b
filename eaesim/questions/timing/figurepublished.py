"""Published findings beside a panel: in their own strain, induction and read-out, on their day."""

from __future__ import annotations

import math

from eaesim.evidence import Finding, load_findings, published_effect
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.questions.timing.panel import CALIBRATED, Panel
from eaesim.workbench.figure.effect import Number, Statement

# A finding without a day, but after first signs, is drawn from the untreated rats' onset on.
AFTER_SIGNS = ("therapeutic", "during disease")


def findings_beside(panel: Panel) -> tuple[Finding, ...]:
    """Return the published findings on IVIG in such rats, induced like this, by the endpoint of a panel.

    A strain or an adjuvant that a paper does not state may be this one.
    """
    return tuple(
        finding
        for finding in load_findings()
        if finding.drug == panel.drug == STUDIED_DRUG
        and finding.induction == panel.around
        and finding.adjuvant in ("", panel.adjuvant)
        and not finding.other_strain(panel.rat.strain)
        and finding.fits(panel.endpoint)
    )


def dosing_day(finding: Finding, panel: Panel) -> float | None:
    """Return the day at which a finding is drawn; None if the paper gives no time at all."""
    if finding.day is None and finding.when in AFTER_SIGNS and math.isfinite(panel.onset):
        return panel.onset
    return finding.day


def kind_of(finding: Finding) -> str | None:
    """Return ``"number"``, ``"lower"`` or ``"none"`` (no difference); None without a result to draw."""
    return "number" if finding.ratio is not None else finding.direction or None


def has_own_reading(panel: Panel) -> bool:
    """Return whether a number beside a panel is one of the mean score, which the strength was set to."""
    return not panel.relapse and any(
        kind_of(one) == "number" and one.endpoint == "clinical_score" for one in findings_beside(panel)
    )


def undrawn(panel: Panel) -> str:
    """Return a line on the findings that have no place on the days of a panel; "" if all have."""
    left = [
        f"{finding.row} ({finding.result}, {finding.dose or 'dose not stated'})"
        for finding in findings_beside(panel)
        if kind_of(finding) is None or dosing_day(finding, panel) is None
    ]
    return f"Published, but no dosing day stated, so not drawn: {', '.join(left)}." if left else ""


def published(panel: Panel, endpoint: str) -> tuple[list[Number], list[Statement]]:
    """Return what is drawn beside an endpoint: numbers of the same reading, and findings without a number."""
    numbers: list[Number] = []
    words: dict[tuple[float, str, float, bool, bool], list[Finding]] = {}
    for finding in findings_beside(panel):
        kind, day = kind_of(finding), dosing_day(finding, panel)
        if kind is None or day is None:
            continue
        if kind == "number":
            if (finding.endpoint == "clinical_score") == (endpoint == CALIBRATED):
                numbers.append(_number(finding, day))
            continue
        last = math.inf if finding.when == "from day" or finding.day is None else day
        key = (day, kind, last, finding.day is not None, finding.use == "calibrate")
        words.setdefault(key, []).append(finding)
    return numbers, [_statement(*key, words[key]) for key in sorted(words)]


def _number(finding: Finding, day: float) -> Number:
    interval = published_effect(finding)
    value = 100 * (1 - (finding.ratio or 0.0))
    low, high = (math.nan, math.nan) if interval is None else (100 * interval[1], 100 * interval[2])
    span = "" if interval is None else f" ({low:.0f} to {high:.0f})"
    count = "n\u00a0not\u00a0stated" if finding.animals is None else f"n\u00a0=\u00a0{finding.animals}"
    label = f"{finding.row} {value:.0f} %{span}, {count}"
    return Number(finding.id, day, value, low, high, label, finding.use == "calibrate")


def _statement(
    day: float, kind: str, last: float, is_known: bool, is_fitted: bool, found: list[Finding]
) -> Statement:
    rows = ", ".join(dict.fromkeys(one.row for one in found))
    said = "protected" if kind == "lower" else "no effect"
    why = "" if is_known else "; day not stated"
    size = "; size not given" if kind == "lower" else ""
    # An id holds no spaces.
    ids = "--".join(one.id for one in found)
    return Statement(
        ids, day, last, kind == "lower", f"{said} ({rows}{size}{why})", is_known, is_fitted, rows
    )
