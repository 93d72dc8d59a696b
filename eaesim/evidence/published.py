"""Published numbers on the scale on which predictions are compared with them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eaesim.endpoints import Floats
from eaesim.evidence.record import Finding
from eaesim.evidence.thresholds import thresholds
from eaesim.proportion import NORMAL_95, Number

# Ratios are kept off 0, where their logarithm would be infinite.
LEAST_RATIO = 0.01


@dataclass(frozen=True, slots=True)
class Published:
    """A published number or range, on a scale on which its error is approximately normal.

    Attributes
    ----------
    scale
        ``"log"`` (of treated/control), ``"logit"`` (of a share) or ``"plain"`` (in the finding's unit).
    low, high
        Bounds on that scale; equal for a number, infinite for the open end of a range.
    opposite
        Value of the opposite finding, on that scale: no effect where the paper saw one, half of the control
        where it saw none; for one group, half of the published value (twice an upper bound; for days before
        another event, the same day).
    opposite_said
        The same in words.
    error, laboratory
        Its standard error and the SD between laboratories, on that scale.
    assumed
        Which of the two are assumed rather than given, in words.
    animals
        Sample size of a proportion.
    """

    scale: str
    low: float
    high: float
    opposite: float
    opposite_said: str
    error: float
    laboratory: float
    assumed: tuple[str, ...]
    animals: float = 0.0

    @property
    def spread(self) -> float:
        """Standard deviation of the published value: its own error plus between-laboratory variation."""
        return math.hypot(self.error, self.laboratory)

    def on_scale(self, values: Floats) -> Floats:
        """Return values on the scale: effects for a ratio, else readings in the finding's unit."""
        if self.scale == "log":
            return np.asarray(np.log(np.maximum(1.0 - values, LEAST_RATIO)))
        if self.scale == "logit":
            return np.asarray(_logit(_shrunk(np.clip(values, 0.0, 1.0), self.animals)))
        return np.asarray(values, dtype=np.float64)

    def back(self, scaled: float) -> float:
        """Return a point on the scale as an effect or in the finding's unit."""
        if self.scale == "log":
            return 1.0 - math.exp(scaled)
        if self.scale == "logit":
            share = ((self.animals + 1.0) / (1.0 + math.exp(-scaled)) - 0.5) / self.animals
            return min(max(share, 0.0), 1.0)
        return scaled


def published(
    finding: Finding, *, error: float | None = None, laboratory: float | None = None
) -> Published | None:
    """Return the number of a finding; None for one in words.

    Parameters
    ----------
    finding
        The published finding.
    error, laboratory
        Standard error and SD between laboratories on its scale, if set; by default the finding's own
        error and the assumptions in ``thresholds.toml``.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> found = published(finding("A1"))
    >>> [round(number, 2) for number in (found.low, found.opposite, found.spread)]
    [-1.34, 0.0, 0.53]
    """
    if finding.measure == "ratio" and finding.ratio is not None:
        return _ratio(finding, error, laboratory)
    if finding.measure == "fraction" and finding.value is not None:
        return _fraction(finding, error, laboratory)
    if finding.measure == "mean" and finding.value is not None:
        return _number(finding, finding.value, finding.value, error, laboratory)
    if finding.measure == "range":
        low = -math.inf if finding.low is None else finding.low
        return _number(finding, low, math.inf if finding.high is None else finding.high, error, laboratory)
    return None


def published_effect(finding: Finding) -> tuple[float, float, float] | None:
    """Return the published effect, 1 - treated/control (dimensionless), and its 95 % interval.

    The two errors are taken as standard errors of the mean unless the paper says SD; the interval is
    symmetric on the logarithm of the ratio. It is undefined without both groups and both errors.

    Examples
    --------
    >>> from eaesim.evidence import finding
    >>> [round(number, 2) for number in published_effect(finding("A1"))]
    [0.74, 0.26, 0.91]
    """
    error = _ratio_error(finding)
    if finding.ratio is None or error is None:
        return None
    factor = math.exp(NORMAL_95 * error)
    return 1 - finding.ratio, 1 - finding.ratio * factor, 1 - finding.ratio / factor


def _ratio_error(finding: Finding) -> float | None:
    """Return the standard error of the logarithm of a ratio, where both groups have an error."""
    if not finding.treated or not finding.control or finding.measure != "ratio":
        return None
    if finding.treated_error is None or finding.control_error is None or finding.error_kind == "SD":
        return None
    return math.hypot(finding.treated_error / finding.treated, finding.control_error / finding.control)


def _ratio(finding: Finding, error: float | None, laboratory: float | None) -> Published:
    assert finding.ratio is not None
    own = _ratio_error(finding) if error is None else error
    error, laboratory, said = _spreads("ratio", own, laboratory, 1.0)
    none = (finding.words or finding.direction) == "none"
    opposite, words = (math.log(0.5), "half of the control") if none else (0.0, "no effect")
    value = math.log(max(finding.ratio, LEAST_RATIO))
    return Published("log", value, value, opposite, words, error, laboratory, said)


def _fraction(finding: Finding, error: float | None, laboratory: float | None) -> Published:
    assert finding.value is not None
    animals = finding.animals or thresholds().error["fraction"]
    share = _shrunk(finding.value, animals)
    own = 1 / math.sqrt(animals * share * (1 - share))
    given = own if finding.animals else None
    said = () if finding.animals or error is not None else (f"as if of {animals:g} animals",)
    _, laboratory, more = _spreads("fraction", own, laboratory, 1.0)
    error = given or own if error is None else error
    half, words = (
        (finding.value / 2, "half of what was published") if finding.value else (0.5, "half of the rats")
    )
    value, opposite = float(_logit(share)), float(_logit(_shrunk(half, animals)))
    return Published("logit", value, value, opposite, words, error, laboratory, (*said, *more), animals)


def _number(
    finding: Finding, low: float, high: float, error: float | None, laboratory: float | None
) -> Published:
    kind = finding.unit if finding.unit in ("day", "score") else "other"
    size = abs(low if math.isfinite(low) else high)
    own: float | None = 0.0 if finding.measure == "range" else _standard_error(finding)
    error, laboratory, said = _spreads(kind, own if error is None else error, laboratory, size)
    opposite, words = (2 * high, "twice that") if math.isinf(low) else (low / 2, "half of what was published")
    if low < 0 and math.isfinite(low):
        opposite, words = 0.0, "at the same time"
    if size == 0:
        opposite, words = (
            0.5,
            "half of the rats" if finding.unit == "dimensionless" else f"0.5 {finding.unit}",
        )
    return Published("plain", low, high, opposite, words, error, laboratory, said)


def _standard_error(finding: Finding) -> float | None:
    """Return the standard error of a mean; an SD is divided by the root of `animals`."""
    if finding.error is None or finding.error_kind != "SD":
        return finding.error
    return None if finding.animals is None else finding.error / math.sqrt(finding.animals)


def _spreads(
    kind: str, error: float | None, laboratory: float | None, size: float
) -> tuple[float, float, tuple[str, ...]]:
    """Return error and SD between laboratories, and which of them are assumed."""
    scale = size if kind == "other" else 1.0
    assumed = []
    if error is None:
        error = thresholds().error[kind] * scale
        assumed.append(f"an error of {error:.3g}")
    if laboratory is None:
        laboratory = thresholds().laboratory[kind] * scale
        if laboratory:
            assumed.append(f"an SD between laboratories of {laboratory:.3g}")
    return error, laboratory, tuple(assumed)


def _shrunk(share: Number, animals: float) -> Number:
    """Return a proportion with half an animal added on both sides, so that it is never 0 or 1."""
    return (share * animals + 0.5) / (animals + 1.0)


def _logit(share: Number) -> Number:
    found: Number = np.log(share / (1 - share))
    return found
