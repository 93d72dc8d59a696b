"""Whether a model result agrees with a published finding, by rules that know nothing of the model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from eaesim.evidence.record import Finding
from eaesim.proportion import NORMAL_95, wilson_interval

#: Half-width of a 95 % interval in standard errors.
#: Smallest effect that counts as a disease made milder.
SMALLEST_EFFECT = 0.1
#: Largest effect, either way, that counts as no difference.
EQUIVALENCE_MARGIN = 0.15


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model value says about one finding.

    Attributes
    ----------
    finding_id
        The finding.
    verdict
        ``"agrees"``, ``"disagrees"`` or ``"not comparable"``.
    predicted, low, high
        The model's value and its 95 % interval; ``None`` where it has none.
    published
        What was published, as text.
    reason
        Why, in one plain sentence.
    """

    finding_id: str
    verdict: str
    predicted: float | None
    low: float | None
    high: float | None
    published: str
    reason: str


def published_effect(finding: Finding) -> tuple[float, float, float] | None:
    """Return the published effect, 1 - treated/control (dimensionless), and its 95 % interval.

    The two errors are taken as standard errors of the mean unless the paper says SD; the interval is
    symmetric on the logarithm of the ratio. Without both groups and both such errors there is none.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> [round(number, 2) for number in published_effect(finding("A1"))]
    [0.74, 0.26, 0.91]
    """
    if not finding.treated or not finding.control or finding.measure != "ratio":
        return None
    if finding.treated_error is None or finding.control_error is None or finding.error_kind == "SD":
        return None
    ratio = finding.treated / finding.control
    spread = math.hypot(finding.treated_error / finding.treated, finding.control_error / finding.control)
    factor = math.exp(NORMAL_95 * spread)
    return 1 - ratio, 1 - ratio * factor, 1 - ratio / factor


def published_interval(finding: Finding) -> tuple[float, float] | None:
    """Return the 95 % interval of a published mean or fraction, or a published range, in its own unit.

    A mean has value ± 1.96 errors, the error taken as a standard error of the mean unless it is stated to be
    an SD, which is divided by the root of `animals`. A fraction has its Wilson interval. The open end of a
    range is infinite. A number without error or animals has no interval.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> [round(number, 2) for number in published_interval(finding("B1.incidence"))]
    [0.42, 0.63]
    """
    if finding.measure == "range":
        low = -math.inf if finding.low is None else finding.low
        return low, math.inf if finding.high is None else finding.high
    if finding.value is None:
        return None
    if finding.measure == "fraction" and finding.animals is not None:
        return wilson_interval(finding.value, finding.animals)
    if finding.measure == "mean" and finding.error is not None:
        error = finding.error
        if finding.error_kind == "SD":
            if finding.animals is None:
                return None
            error /= math.sqrt(finding.animals)
        return finding.value - NORMAL_95 * error, finding.value + NORMAL_95 * error
    return None


def judge_effect(
    finding: Finding,
    *,
    effect: float | None,
    low: float | None,
    high: float | None,
    mismatch: str | None = None,
) -> Verdict:
    """Judge a finding on treated against control animals.

    - ``ratio``: agrees when the model's interval and the published one (`published_effect`) overlap.
    - ``lower``: agrees when the model's interval lies above 0 and its effect is at least 0.1.
    - ``none``: agrees when the model's interval lies within -0.15 to 0.15; with one that lies in part outside
      there are too few rats to tell, and it is not comparable.

    Otherwise it disagrees. It is not comparable when the caller gives a mismatch, when the model has no
    effect or interval, or when the finding has neither a ratio with errors nor a direction.

    Parameters
    ----------
    finding
        The published finding.
    effect, low, high
        1 - treated/control in the model and its 95 % interval (dimensionless); ``None`` or NaN is missing.
    mismatch
        Why the model's study is not the finding's, as a clause: ``"the dose is not stated"``.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> judge_effect(finding("A4"), effect=0.7, low=0.6, high=0.8).verdict
    'agrees'
    """
    effect, low, high = _finite(effect), _finite(low), _finite(high)
    said = partial(_verdict, finding, effect, low, high)
    published = published_effect(finding)
    if mismatch:
        return said("not comparable", mismatch)
    if published is None and not finding.direction:
        return said("not comparable", "the finding gives neither a direction nor a ratio with its errors")
    if effect is None or low is None or high is None:
        return said("not comparable", "the model has no effect here")
    ours = f"the model's effect is {effect:.2f} ({low:.2f} to {high:.2f})"
    if published is not None:
        overlap = low <= published[2] and published[1] <= high
        theirs = f"the published one {published[0]:.2f} ({published[1]:.2f} to {published[2]:.2f})"
        return said(_agrees(overlap), f"{ours}, {theirs}; {_overlap(overlap)}")
    if finding.direction == "lower":
        agrees = low > 0 and effect >= SMALLEST_EFFECT
        rule = f"lower means an interval above 0 and an effect of at least {SMALLEST_EFFECT:g}"
    else:
        agrees = max(abs(low), abs(high)) <= EQUIVALENCE_MARGIN
        rule = f"no difference means within ±{EQUIVALENCE_MARGIN:g}"
        if not agrees and low <= EQUIVALENCE_MARGIN and high >= -EQUIVALENCE_MARGIN:
            return said("not comparable", f"{ours}; {rule}, and too few rats were simulated to tell")
    return said(_agrees(agrees), f"{ours}; {rule}")


def judge_mean(
    finding: Finding,
    *,
    mean: float | None,
    low: float | None,
    high: float | None,
    mismatch: str | None = None,
) -> Verdict:
    """Judge a finding on one group: a mean, a fraction or a range.

    It agrees when the model's interval and the published one (`published_interval`) overlap, ends included;
    otherwise it disagrees. It is not comparable when the caller gives a mismatch, when the model has no value
    or interval, or when the finding has no interval.

    Parameters
    ----------
    finding
        The published finding.
    mean, low, high
        The model's value and its 95 % interval in the finding's unit; ``None`` or NaN is missing.
    mismatch
        Why the model's study is not the finding's, as a clause.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> judge_mean(finding("B3.peak_score"), mean=2.9, low=2.8, high=3.0).reason
    'the model gives 2.9 (2.8 to 3), the published interval is 2.25 to 2.95; they overlap.'
    """
    mean, low, high = _finite(mean), _finite(low), _finite(high)
    said = partial(_verdict, finding, mean, low, high)
    published = published_interval(finding)
    if mismatch:
        return said("not comparable", mismatch)
    if published is None:
        return said("not comparable", "the finding gives no interval, nor numbers to derive one from")
    if mean is None or low is None or high is None:
        return said("not comparable", "the model has no value here")
    overlap = low <= published[1] and published[0] <= high
    ours = f"the model gives {mean:.3g} ({low:.3g} to {high:.3g})"
    theirs = f"the published interval is {published[0]:.3g} to {published[1]:.3g}"
    return said(_agrees(overlap), f"{ours}, {theirs}; {_overlap(overlap)}")


def _verdict(
    finding: Finding,
    predicted: float | None,
    low: float | None,
    high: float | None,
    verdict: str,
    reason: str,
) -> Verdict:
    return Verdict(finding.id, verdict, predicted, low, high, finding.text, f"{reason.rstrip('.')}.")


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _agrees(agrees: bool) -> str:
    return "agrees" if agrees else "disagrees"


def _overlap(overlap: bool) -> str:
    return "they overlap" if overlap else "they do not overlap"
