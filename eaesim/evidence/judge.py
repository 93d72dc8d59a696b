"""The criteria for comparing predictions with published findings, used by every table.

A finding with a number is compared with the predictive interval: the distribution over parameter sets of each
set's own population value, with the finding's own error and the SD between laboratories added. It agrees if
it lies inside and the interval excludes the opposite finding, disagrees if it lies outside, and is
inconclusive if the opposite lies inside too: an interval that contains both is uninformative. A finding in
words is judged by the proportion of parameter sets on its side of an assumed threshold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from eaesim.elementary import exp
from eaesim.endpoints import Floats
from eaesim.evidence.published import Published, published
from eaesim.evidence.record import Finding
from eaesim.evidence.thresholds import Word, thresholds
from eaesim.proportion import percent

AGREES, DISAGREES, INCONCLUSIVE, NOT_COMPARABLE = "agrees", "disagrees", "inconclusive", "not comparable"
VERDICTS = (AGREES, DISAGREES, INCONCLUSIVE, NOT_COMPARABLE)
# Components of the predictive mixture; more draws are represented by this number of quantiles.
MOST_MIXED = 400
# Where its ends are sought.
MOST_STEPS, LEAST_DENSITY, CLOSE = 60, 1e-6, 1e-14
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict of a prediction on one finding.

    Attributes
    ----------
    finding
        Id of the finding.
    verdict
        One of `VERDICTS`.
    reason
        Reason in one sentence, with the assumed thresholds and errors.
    predicted, low, high
        Median and 90 % interval of the parameter sets' own values; ``None`` where undefined.
    predictive_low, predictive_high
        The same interval with the errors of the finding and of laboratories; ``None`` for words.
    share
        Proportion of parameter sets on the published side; ``None`` without a verdict.
    """

    finding: str
    verdict: str
    reason: str
    predicted: float | None = None
    low: float | None = None
    high: float | None = None
    predictive_low: float | None = None
    predictive_high: float | None = None
    share: float | None = None


def judged_by(finding: Finding) -> str:
    """Return what a finding is compared by: ``"effect"``, 1 - treated/control, or ``"value"`` of one group.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> judged_by(finding("A4")), judged_by(finding("B3.peak_score"))
    ('effect', 'value')
    """
    word = _word(finding)
    if word is not None:
        return "effect" if word.of == "effect" else "value"
    return "effect" if finding.measure == "ratio" or finding.direction else "value"


def judge(
    finding: Finding,
    draws: Floats,
    *,
    sets: int | None = None,
    error: float | None = None,
    laboratory: float | None = None,
    mismatch: str | None = None,
    word: Word | None = None,
) -> Verdict:
    """Compare the predictions of parameter sets with one finding.

    Parameters
    ----------
    finding
        The published finding.
    draws
        Each parameter set's own population value: an effect or a reading, as `judged_by` says. NaN is a set
        without a value.
    sets
        Number of parameter sets behind the draws; by default one per draw.
    error, laboratory
        Standard error and SD between laboratories, as for `eaesim.evidence.published.published`.
    mismatch
        How the simulation differs from the finding's experiment, as a clause: ``"another strain (da)"``.
    word
        Threshold for findings in words without one of their own.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> judge(finding("A4"), np.linspace(0.4, 0.9, 64)).verdict
    'agrees'
    >>> judge(finding("A1"), np.linspace(0.05, 0.85, 64)).verdict
    'inconclusive'
    """
    known = draws[np.isfinite(draws)]
    seen = _seen(known)
    number, word = published(finding, error=error, laboratory=laboratory), word or _word(finding)
    reason = mismatch or _unjudged(number or word, len(known), len(draws) if sets is None else sets)
    if reason is not None:
        return Verdict(finding.id, NOT_COMPARABLE, _sentence(reason), *seen)
    lost = "" if len(known) == len(draws) else f"; {len(draws) - len(known)} of {len(draws)} have no value"
    if word is not None:
        verdict, share, reason = _by_word(word, known)
        return Verdict(finding.id, verdict, _sentence(reason + lost), *seen, share=share)
    assert number is not None
    low, high = predictive_interval(number.on_scale(known), number.spread)
    verdict, share, reason = _by_number(number, known, low, high)
    first, last = sorted((number.back(low), number.back(high)))
    reason = f"the {percent(thresholds().interval)} predictive interval, {first:.2g} to {last:.2g}, {reason}"
    return Verdict(finding.id, verdict, _sentence(reason + lost), *seen, first, last, share)


def combined(verdicts: Iterable[str]) -> str:
    """Return the combined verdict over several readings of a finding.

    It disagrees if any reading does, agrees if all do, and otherwise is inconclusive; readings that are not
    comparable are ignored.

    Examples
    --------
    >>> combined(["agrees", "not comparable", "inconclusive"])
    'inconclusive'
    """
    judged = set(verdicts) - {NOT_COMPARABLE}
    if not judged:
        return NOT_COMPARABLE
    if DISAGREES in judged:
        return DISAGREES
    return AGREES if judged == {AGREES} else INCONCLUSIVE


def by_interval(holds_published: bool, holds_opposite: bool) -> str:
    """Return the verdict of a predictive interval on a number.

    Examples
    --------
    >>> by_interval(True, False), by_interval(True, True), by_interval(False, True)
    ('agrees', 'inconclusive', 'disagrees')
    """
    if not holds_published:
        return DISAGREES
    return INCONCLUSIVE if holds_opposite else AGREES


def by_share(share: float) -> str:
    """Return the verdict on words, of which this share of the prediction is on the published side.

    Examples
    --------
    >>> by_share(0.9), by_share(0.5), by_share(0.1)
    ('agrees', 'inconclusive', 'disagrees')
    """
    rule = thresholds()
    if share >= rule.agree_from - _ROUNDING:
        return AGREES
    return DISAGREES if share <= rule.disagree_to + _ROUNDING else INCONCLUSIVE


def predictive_interval(draws: Floats, spread: float) -> tuple[float, float]:
    """Return the central interval of draws with a normal error of this standard deviation added to each.

    Examples
    --------
    >>> [round(end, 3) for end in predictive_interval(np.zeros(64), 1.0)]
    [-1.645, 1.645]
    """
    tail = (1 - thresholds().interval) / 2
    if spread == 0:
        low, high = np.quantile(draws, [tail, 1 - tail])
        return float(low), float(high)
    count = len(draws)
    if count > MOST_MIXED:
        draws, count = np.quantile(draws, (np.arange(MOST_MIXED) + 0.5) / MOST_MIXED), MOST_MIXED
    centres = draws / (math.sqrt(2) * spread)

    def end(share: float) -> float:
        """Return a quantile of the mixture: by Newton's steps, and by halving where it is nearly flat."""
        low, high = float(centres.min()) - 8.0, float(centres.max()) + 8.0
        at = 0.5 * (low + high)
        for _ in range(MOST_STEPS):
            apart = at - centres
            below = 0.5 + 0.5 * math.fsum(map(math.erf, apart.tolist())) / count
            low, high = (at, high) if below < share else (low, at)
            density = math.fsum(exp(-apart * apart).tolist()) / (math.sqrt(math.pi) * count)
            step = (share - below) / density if density > LEAST_DENSITY else math.inf
            if abs(step) <= CLOSE:
                break
            at = at + step if low < at + step < high else 0.5 * (low + high)
        return at * math.sqrt(2) * spread

    return end(tail), end(1 - tail)


def _word(finding: Finding) -> Word | None:
    """Return the threshold for a finding without a number, where there is one."""
    if finding.measure not in ("direction", "range"):
        return None
    return thresholds().words.get(finding.words or finding.direction)


def _unjudged(asked: Published | Word | None, known: int, sets: int) -> str | None:
    """Return why there is no verdict, or None."""
    if asked is None:
        return "the finding gives no number, and no word with a threshold"
    if known == 0:
        return "the model has no value here"
    if sets < 2:
        return "typical rat only: one parameter set has no distribution to judge by"
    if known < 2:
        return f"too few rats for each of {sets} parameter sets: they have no distribution to judge by"
    least = thresholds().least_sets
    if sets < least:
        return f"{sets} parameter sets are too few to judge by; {least} are needed"
    return None


def _by_word(word: Word, draws: Floats) -> tuple[str, float, str]:
    """Return the verdict on a finding in words, the proportion on its side, and the reason."""
    share = float(np.mean((draws >= word.least - _ROUNDING) & (draws <= word.most + _ROUNDING)))
    rule, verdict = thresholds(), by_share(share)
    why = (
        f"{percent(share)} of the parameter sets have {word.said}, which is taken for "
        f'"{word.meaning}" (assumed); '
        f"agrees from {percent(rule.agree_from)}, disagrees up to {percent(rule.disagree_to)}"
    )
    return verdict, share, why


def _by_number(number: Published, draws: Floats, low: float, high: float) -> tuple[str, float, str]:
    """Return the verdict on a number, the proportion of sets nearer to it than its opposite, and why."""
    inside = low <= number.high and number.low <= high
    opposite = low <= number.opposite <= high
    # The nearest point of a range counts.
    scaled = number.on_scale(draws)
    off = np.abs(scaled - np.clip(scaled, number.low, number.high))
    share = float(np.mean(off < np.abs(scaled - number.opposite)))
    found = (
        f"{number.back(number.low):.3g}"
        if number.low == number.high
        else " to ".join(f"{end:.3g}" for end in (number.low, number.high) if math.isfinite(end))
    )
    other = f"the opposite, {number.opposite_said} ({number.back(number.opposite):.2g})"
    if not inside:
        held = f"does not hold what was published, {found}"
    elif opposite:
        held = f"holds both what was published, {found}, and {other}"
    else:
        held = f"holds what was published, {found}, and not {other}"
    why = f"{held}; {percent(share)} of the parameter sets are nearer to what was published"
    why += f"; assumed: {' and '.join(number.assumed)}" if number.assumed else ""
    return by_interval(inside, opposite), share, why


def _seen(draws: Floats) -> tuple[float | None, float | None, float | None]:
    """Return median and interval of the sets' own values; only the value for a single set."""
    if not len(draws):
        return None, None, None
    tail = (1 - thresholds().interval) / 2
    low, middle, high = (float(end) for end in np.quantile(draws, [tail, 0.5, 1 - tail]))
    return (middle, low, high) if len(draws) > 1 else (middle, None, None)


def _sentence(clause: str) -> str:
    return f"{clause.rstrip('.')}."
