"""The rows that a rat is estimated from, and how likely they are beside what was simulated."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eaesim.analysis.estimation.prior import DATA
from eaesim.endpoints import Floats
from eaesim.errors import FileError, unknown_name
from eaesim.evidence import Finding, load_findings

SCALES = ("plain", "logit")
# A simulated share of none or all of the rats says no more than that many rats can.
_LEAST_SHARE = 0.01


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

    def log_likelihood(self, seen: Floats, chance: Floats) -> Floats:
        """Return how likely the row is for each simulated reading; a reading that is none is impossible.

        Parameters
        ----------
        seen
            The simulated readings.
        chance
            Their standard errors, of the same shape: so many rats were simulated and no more.
        """
        value, spread = self.scaled(seen, chance)
        off = np.maximum(np.maximum(self.low - value, value - self.high), 0.0)
        total = self.error**2 + self.laboratory**2 + spread**2
        found = -0.5 * off**2 / total
        if self.low == self.high:
            found -= 0.5 * np.log(2 * np.pi * total)
        return np.where(np.isfinite(found), found, IMPOSSIBLE)

    def scaled(self, seen: Floats, chance: Floats) -> tuple[Floats, Floats]:
        """Return readings and their standard errors on the target's scale."""
        if self.scale == "plain":
            return seen, chance
        share = np.clip(seen, _LEAST_SHARE, 1 - _LEAST_SHARE)
        slope = 1 / (share * (1 - share))
        return np.log(share / (1 - share)), np.minimum(chance * slope, 1.0)


# What a row without a reading counts: finite, so that a sampler can still climb.
IMPOSSIBLE = -30.0


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
    >>> targets[0].finding, left_out["B9"]
    ('B1.onset_day', 'under cyclosporin, which is not simulated')
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


def log_likelihood(targets: Sequence[Target], readings: Floats, chances: Floats) -> Floats:
    """Return the log-likelihood of all rows for each simulated set, shape (sets,).

    Parameters
    ----------
    targets
        The rows.
    readings, chances
        A column a target: what was read, and its standard error; shape (sets, targets).
    """
    found: Floats = np.sum(
        [
            target.log_likelihood(readings[:, place], chances[:, place])
            for place, target in enumerate(targets)
        ],
        axis=0,
    )
    return found
