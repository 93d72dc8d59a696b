"""The rows that a rat is estimated from, and their likelihood given a simulation."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import FileError, unknown_name
from eaesim.estimation.prior import DATA
from eaesim.evidence import Finding, load_findings
from eaesim.files import Unchecked

SCALES = ("plain", "logit")
# What a row without a reading counts: finite, so that a sampler can still climb.
IMPOSSIBLE = -30.0
#: Assumed number of animals behind a share published without one.
USUAL_ANIMALS = 125
#: How far what sets a laboratory apart shows in different readings alike: half of the variance is a disease
#: that is stronger or weaker in all of them, the rest is of each reading alone; assumed. If all of it were
#: common, rows with small errors would fix how onset goes with incidence to a tenth of a day.
IN_COMMON = 0.5
#: A laboratory whose disease is stronger than another's sees more of these, and less of those with a minus:
#: first signs and turns come sooner. What is not named here has no common cause that we know.
STRONGER = {
    "incidence": 1.0,
    "severe_incidence": 1.0,
    "peak_score": 1.0,
    "duration": 1.0,
    "mortality": 1.0,
    "onset_day": -1.0,
    "peak_day": -1.0,
    "remission_day": -1.0,
    "relapse_day": -1.0,
    "second_peak_day": -1.0,
}


@dataclass(frozen=True, kw_only=True)
class Target:
    """One published row, or an assumed bound, compared with one reading of one simulated population.

    Attributes
    ----------
    finding
        Id of the row; empty for a bound without a published number.
    name
        What an assumed bound is about; empty for a row.
    experiment, reading
        What is simulated, and what is read off it.
    beside
        Other experiments on the same rats that the reading compares it with.
    scale
        On which the two are compared: ``"plain"``, or ``"logit"`` for a share.
    low, high
        On that scale: what the reading should lie between; both the same where one number was published.
    error
        The standard error of what was published, 0 for bounds.
    laboratory
        Standard deviation between laboratories; assumed.
    animals
        Number of animals behind a published share; a simulated one is read with the same number.
    study
        Rows of one experiment of a study share their laboratory; empty for a single one. A dose of
        antigen that is weak says nothing about a dose of cells.
    why
        What had to be assumed to compare the two.
    """

    finding: str = ""
    name: str = ""
    experiment: str
    reading: str
    beside: tuple[str, ...] = ()
    scale: str = "plain"
    low: float
    high: float
    error: float = 0.0
    laboratory: float
    animals: int = USUAL_ANIMALS
    study: str = ""
    why: str = ""

    @property
    def title(self) -> str:
        """The id of its row, or what an assumed bound is about."""
        return self.finding or f"assumed: {self.name}"

    @property
    def bound(self) -> bool:
        """Whether a reading may lie anywhere between two ends."""
        return self.low < self.high

    def on_scale(self, values: Floats) -> Floats:
        """Return values of the reading on the target's scale.

        A share is read as in so many animals, with half an animal more on both sides: none of so many is
        not never.
        """
        if self.scale == "plain":
            return values
        share = _seen_in(values, self.animals)
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


def read_targets(
    path: Path = DATA / "targets.toml", *, tables: Sequence[str] = ("A", "B", "E")
) -> tuple[tuple[Target, ...], dict[str, str]]:
    """Return the rows and bounds that are used, and why each of the other rows is left out.

    Parameters
    ----------
    path
        Says of each calibrating row how it is used, or why it is not; and what is assumed without a row.
    tables
        Tables of the evidence, whose calibration data must all be there.

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
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    targets: list[Target] = []
    left_out: dict[str, str] = {}
    for row in content["target"]:
        if row["finding"] not in findings:
            raise unknown_name(row["finding"], "calibrating finding", findings)
        if "left_out" in row:
            left_out[row["finding"]] = row["left_out"]
        else:
            targets.append(_target(findings[row["finding"]], row))
    missing = set(findings) - set(left_out) - {target.finding for target in targets}
    if missing:
        raise FileError(f"{path.name}: {min(missing)} is neither used nor left out.")
    return (*targets, *(_target(None, row) for row in content.get("assumed", ()))), left_out


def _target(finding: Finding | None, row: Unchecked) -> Target:
    scale = row.get("scale", "plain")
    if scale not in SCALES:
        raise unknown_name(scale, "scale", SCALES)
    animals = (finding.animals if finding else None) or USUAL_ANIMALS
    low, high, error = _published(finding, row, scale, animals)
    is_number = low == high
    return Target(
        finding=finding.id if finding else "",
        name=row.get("name", ""),
        experiment=row.get("experiment", ""),
        reading=row["reading"],
        beside=tuple(row.get("beside", ())),
        scale=scale,
        low=low,
        high=high,
        error=row.get("error", error),
        laboratory=row["laboratory"],
        animals=animals if is_number else USUAL_ANIMALS,
        study=_study(finding, row) if finding and is_number else "",
        why=row.get("why", ""),
    )


def _study(finding: Finding, row: Unchecked) -> str:
    """Return the study and the experiment whose laboratory a row shares with others."""
    shares = finding.key and row["reading"] in STRONGER
    return f"{finding.key[0]}, {row['experiment']}" if shares else ""


def _published(
    finding: Finding | None, row: Unchecked, scale: str, animals: int
) -> tuple[float, float, float]:
    """Return what the reading should lie between, and the error of that."""
    if "at_least" in row or "at_most" in row:
        scaled = _logit if scale == "logit" else float
        low, high = row.get("at_least"), row.get("at_most")
        return -math.inf if low is None else scaled(low), math.inf if high is None else scaled(high), 0.0
    if finding is None:
        raise FileError(f"{row.get('name')} is no row; say at_least or at_most.")
    if finding.measure == "range":
        low = -math.inf if finding.low is None else finding.low
        return low, math.inf if finding.high is None else finding.high, 0.0
    if finding.value is None:
        raise FileError(f"{finding.id} holds no number; say at_least or at_most.")
    if scale == "logit":
        share = float(_seen_in(np.float64(finding.value), animals))
        return _logit(share), _logit(share), 1 / math.sqrt(animals * share * (1 - share))
    return finding.value, finding.value, finding.error or 0.0


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _seen_in(share: Floats | np.float64, animals: int) -> Floats:
    """Return a share with half an animal more on both sides."""
    return np.asarray((share * animals + 0.5) / (animals + 1.0))


def log_likelihood(targets: Sequence[Target], values: Floats) -> Floats:
    """Return the log-likelihood of all rows for each simulated set, shape (sets,).

    Rows that are numbers are normal around what was read; those of one study share their laboratory: where
    its disease is stronger than another's, that shows in all of them. A bound costs as much as a reading
    falls short of it. A row without a reading is nearly impossible.

    Parameters
    ----------
    targets
        The rows.
    values
        What was read for each, shape (sets, targets).

    Examples
    --------
    >>> row = dict(experiment="", reading="peak_score", low=2.0, high=2.0, laboratory=0.5)
    >>> found = log_likelihood([Target(finding="A1", **row)], np.array([[2.0], [2.5]]))
    >>> round(float(found[0] - found[1]), 3)
    0.5
    """
    off = np.empty(values.shape)
    for column, target in enumerate(targets):
        scaled = target.on_scale(values[:, column])
        off[:, column] = np.maximum(scaled - target.high, 0.0) - np.maximum(target.low - scaled, 0.0)
    known = np.isfinite(off)
    off = np.where(known, off, 0.0)
    found = IMPOSSIBLE * (~known).sum(axis=1)
    bounds = np.array([target.bound for target in targets])
    spread = np.array([target.spread for target in targets])
    found = found - 0.5 * ((off[:, bounds] / spread[bounds]) ** 2).sum(axis=1)
    found = found + _normal(
        [target for target in targets if not target.bound], off[:, ~bounds], known[:, ~bounds]
    )
    return np.asarray(found)


def _normal(targets: Sequence[Target], off: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Return the log density of numbers, of those that have a reading."""
    shared, found = covariance(targets), np.zeros(len(off))
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for place, pattern in enumerate(patterns):
        if not pattern.any():
            continue
        sets = which.reshape(-1) == place
        root = np.linalg.cholesky(shared[np.ix_(pattern, pattern)])
        standard = np.linalg.solve(root, off[np.ix_(sets, pattern)].T)
        constant = np.log(np.diagonal(root)).sum() + 0.5 * len(root) * np.log(2 * np.pi)
        found[sets] = -0.5 * (standard**2).sum(axis=0) - constant
    return found


def covariance(targets: Sequence[Target]) -> Floats:
    """Return the covariance of the published readings: their own errors, and laboratories that rows share.

    Parameters
    ----------
    targets
        The rows; bounds share nothing.

    Returns
    -------
    array
        Shape (targets, targets).
    """
    laboratory = np.array([target.laboratory * STRONGER.get(target.reading, 1.0) for target in targets])
    studies = np.array([target.study or target.title + str(place) for place, target in enumerate(targets)])
    readings = np.array([target.reading for target in targets])
    same = studies[:, None] == studies
    shared = np.where(readings[:, None] == readings, 1.0, IN_COMMON) * same
    own = np.array([target.error**2 for target in targets])
    return np.asarray(np.diag(own) + shared * np.outer(laboratory, laboratory))
