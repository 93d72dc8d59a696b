"""The rows that a rat is estimated from, and how likely they are beside what was simulated."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.analysis.estimation.prior import DATA
from eaesim.analysis.estimation.reading import Reading
from eaesim.endpoints import Floats
from eaesim.errors import FileError, unknown_name
from eaesim.evidence import Finding, load_findings

SCALES = ("plain", "logit")
_LEAST_SHARE = 1e-3
# What a row without a reading counts: finite, so that a sampler can still climb.
IMPOSSIBLE = -30.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """One published row, held against one reading of one simulated population.

    Attributes
    ----------
    finding
        Id of the row.
    experiment, reading
        What is simulated, and what is read off it.
    scale
        On which the two are compared: ``"plain"``, or ``"logit"`` for a share.
    low, high
        On that scale: what the reading should lie between; both the same where one number was published.
    error
        The standard error of what was published, 0 for bounds.
    laboratory
        Standard deviation between laboratories; assumed.
    why
        What had to be assumed to compare the two.
    """

    finding: str
    experiment: str
    reading: str
    scale: str = "plain"
    low: float
    high: float
    error: float = 0.0
    laboratory: float
    why: str = ""

    @property
    def bound(self) -> bool:
        """Whether a reading may lie anywhere between two ends."""
        return self.low < self.high

    def on_scale(self, values: Floats) -> Floats:
        """Return values of the reading on the target's scale."""
        if self.scale == "plain":
            return values
        share = _inner(values)
        return np.asarray(np.log(share / (1 - share)))

    @property
    def spread(self) -> float:
        """Standard deviation of what was published: its own error, and what laboratories differ by."""
        return math.hypot(self.error, self.laboratory)

    def off(self, values: Floats) -> Floats:
        """Return how many standard deviations readings lie above or below what was published; 0 within.

        Examples
        --------
        >>> target = Target(finding="A1", experiment="", reading="", low=1.0, high=2.0, laboratory=0.5)
        >>> target.off(np.array([0.5, 1.5, 3.0])).tolist()
        [-1.0, 0.0, 2.0]
        """
        scaled = self.on_scale(values)
        above, below = np.maximum(scaled - self.high, 0.0), np.maximum(self.low - scaled, 0.0)
        return np.asarray((above - below) / self.spread)

    def scaled(self, seen: Reading) -> Reading:
        """Return readings and their luck on the target's scale."""
        if self.scale == "plain":
            return seen
        share = _inner(seen.value)
        slope = 1 / (share * (1 - share))
        return Reading(self.on_scale(seen.value), seen.influence * slope[..., None], seen.error * slope)


def read_targets(
    path: Path = DATA / "targets.toml", *, tables: Sequence[str] = ("A", "B")
) -> tuple[tuple[Target, ...], dict[str, str]]:
    """Return the rows that are used, and why each of the others is left out.

    Parameters
    ----------
    path
        Says of each calibrating row how it is used, or why it is not.
    tables
        Of the evidence, whose calibrating rows must all stand there.

    Raises
    ------
    FileError
        If a calibrating row of these tables is neither used nor left out, or a row holds no number.
    UnknownNameError
        If a row names no finding.

    Examples
    --------
    >>> targets, left_out = read_targets()
    >>> targets[0].finding, left_out["B8.severity"]
    ('B1.onset_day', 'under supportive care, which is not simulated')
    """
    findings = {one.id: one for one in load_findings() if one.use == "calibrate" and one.row[0] in tables}
    targets: list[Target] = []
    left_out: dict[str, str] = {}
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["target"]:
        if row["finding"] not in findings:
            raise unknown_name(row["finding"], "calibrating finding", findings)
        if "left_out" in row:
            left_out[row["finding"]] = row["left_out"]
        else:
            targets.append(_target(findings[row["finding"]], row))
    missing = set(findings) - set(left_out) - {target.finding for target in targets}
    if missing:
        raise FileError(f"{path.name}: {min(missing)} is neither used nor left out.")
    return tuple(targets), left_out


def _target(finding: Finding, row: dict[str, Any]) -> Target:
    scale = row.get("scale", "plain")
    if scale not in SCALES:
        raise unknown_name(scale, "scale", SCALES)
    low, high, error = _published(finding, row, scale)
    return Target(
        finding=finding.id,
        experiment=row.get("experiment", ""),
        reading=row["reading"],
        scale=scale,
        low=low,
        high=high,
        error=row.get("error", error),
        laboratory=row["laboratory"],
        why=row.get("why", ""),
    )


def _published(finding: Finding, row: dict[str, Any], scale: str) -> tuple[float, float, float]:
    """Return what the reading should lie between, and the error of that."""
    if "at_least" in row or "at_most" in row:
        scaled = _logit if scale == "logit" else float
        low, high = row.get("at_least"), row.get("at_most")
        return -math.inf if low is None else scaled(low), math.inf if high is None else scaled(high), 0.0
    if finding.measure == "range":
        low = -math.inf if finding.low is None else finding.low
        return low, math.inf if finding.high is None else finding.high, 0.0
    if finding.value is None:
        raise FileError(f"{finding.id} holds no number; say at_least or at_most.")
    if scale == "logit":
        animals = finding.animals or 1
        # Half an animal more on both sides: none of so many is not never.
        share = (finding.value * animals + 0.5) / (animals + 1.0)
        error = 1 / math.sqrt(animals * share * (1 - share))
        return _logit(share), _logit(share), error
    return finding.value, finding.value, finding.error or 0.0


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _inner(share: Floats) -> Floats:
    """Keep a share off none and all, whose logit would be infinite."""
    return np.asarray(np.clip(share, _LEAST_SHARE, 1 - _LEAST_SHARE))


def log_likelihood(targets: Sequence[Target], seen: Reading) -> Floats:
    """Return the log-likelihood of all rows for each simulated set, shape (sets,).

    Rows that are numbers are normal, and share the luck of the rats that they are read off. A bound costs as
    much as a reading falls short of it. A row without a reading is nearly impossible.

    Parameters
    ----------
    targets
        The rows.
    seen
        What was read for each: values of shape (sets, targets), and influences of (sets, targets, rats).
    """
    bounds = np.array([target.bound for target in targets])
    scaled = [target.scaled(seen.part((slice(None), place))) for place, target in enumerate(targets)]
    value, influence, error = (np.stack(each, axis=1) for each in zip(*scaled, strict=True))
    known = np.isfinite(value)
    value, influence = np.where(known, value, 0.0), np.where(known[..., None], influence, 0.0)
    low, high = np.array([(target.low, target.high) for target in targets]).T
    own = np.array([target.error**2 + target.laboratory**2 for target in targets])
    variance = own + np.where(known, error, 0.0) ** 2
    # How far a reading lies below or above what was published; nothing where there is none.
    off = np.where(known, np.maximum(low - value, 0.0) - np.maximum(value - high, 0.0), 0.0)
    found = IMPOSSIBLE * (~known).sum(axis=1)
    wide = variance[:, bounds] + (influence[:, bounds] ** 2).sum(axis=2)
    found -= 0.5 * (off[:, bounds] ** 2 / wide).sum(axis=1)
    return np.asarray(
        found + _normal(off[:, ~bounds], influence[:, ~bounds], variance[:, ~bounds], known[:, ~bounds])
    )


def _normal(off: Floats, influence: Floats, variance: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Return the log density of numbers whose errors are their own but for the luck of the same rats."""
    variance = np.where(known, variance, 1.0)
    shared = influence @ influence.transpose(0, 2, 1)
    covariance = shared + variance[:, :, None] * np.eye(off.shape[1])
    root = np.linalg.cholesky(covariance)
    standard = np.linalg.solve(root, off[:, :, None])[..., 0]
    spreads = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return np.asarray(
        -0.5 * (standard**2).sum(axis=1) - spreads - 0.5 * known.sum(axis=1) * np.log(2 * np.pi)
    )
