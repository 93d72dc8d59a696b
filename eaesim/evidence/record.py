"""One published finding: animals, treatment, result, source, and its permitted use in this package."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from eaesim.model.bibliography import cite, source
from eaesim.model.pharmacy import drug_names

_WORDS = tomllib.loads((Path(__file__).parent / "words" / "findings.toml").read_text("utf-8"))
#: Allowed words per field; "" means "not stated" or "not applicable" (see `Finding`).
VOCABULARY: dict[str, tuple[str, ...]] = {
    field: (*(drug_names() if field == "drug" else ()), *words) for field, words in _WORDS.items()
}

#: Endpoints that a finding on "clinical_score" may be compared with.
SCORE_ENDPOINTS = ("peak_score", "cumulative_score", "mean_score")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One published finding.

    Attributes
    ----------
    id
        Row on the evidence page, then the endpoint: ``"A3.peak_score"``.
    key
        Bibliography keys of its sources; empty where the row is derived from those of `refers`.
    setting
        Animals and disease in words, such as ``"DA rats, spinal cord homogenate"``.
    use
        ``"calibrate"`` (may be used to estimate parameters), ``"validate"`` (never fitted) or ``"shown"``.
    endpoint
        Matching endpoint of the package; ``"clinical_score"`` where the paper does not say whether mean or
        peak; otherwise another quantity; ``""`` for an argument without a measurement.
    measure
        ``"ratio"`` (treated against control), ``"mean"`` (one number for a group), ``"fraction"`` (of
        `animals`), ``"range"`` (`low` to `high`, one end may be open) or ``"direction"`` (words only).
    direction
        Treated relative to control: ``"lower"``, ``"none"`` (no difference), or ``""``.
    words
        Size of the effect, where the source gives it in words only: one of ``VOCABULARY["words"]``.
    result
        Result in words; required without numbers.
    strain
        ``"lewis"`` or ``"da"``, else the species; ``""`` is not stated.
    induction
        ``"immunisation"``, ``"transfer"``, ``"relapse"`` (rechallenge), or ``""``.
    adjuvant
        ``"complete"``, ``"incomplete"``, ``"none"``, or ``"any"`` (with or without); ``""`` is not stated.
    drug
        The drug given, or ``""``.
    dose
        With its unit, such as ``"1 g/kg"``; ``""`` is not stated.
    when
        ``"untreated"``; ``"day 0"`` (at induction); ``"from day"`` (from `day` on); ``"therapeutic"`` and
        ``"during disease"`` (after first signs, day not stated); ``"recipient"`` (to the recipient of
        transferred cells, day not stated); ``"not stated"``; ``""`` where no dosing day applies.
    day
        Day of the (first) dose relative to induction, where the paper states it.
    value, error, error_kind
        Value, its ±, and the meaning of the ±: ``"SEM"``, ``"SD"`` or ``"not stated"``.
    treated, treated_error, control, control_error
        Values and errors of the two groups of a ratio.
    animals
        Sample size.
    low, high
        Ends of a range; ``None`` is open.
    unit
        Unit of every number in the row; ``"dimensionless"`` for fractions and ratios, ``"score"`` for scores.
    mechanism, stance
        Ids of the mechanisms that the row supports (``"for"``) or contradicts (``"against"``).
    refers
        Ids of the rows that it is derived from or based on.
    note
        What is derived, assumed or not stated.

    Examples
    --------
    >>> one = Finding(id="A4", key=("Achiron2000",), use="calibrate", endpoint="clinical_score",
    ...               measure="direction", direction="lower", result="suppressed")
    >>> one.text, one.study
    ('suppressed', 'Achiron 2000')
    """

    id: str
    use: str
    endpoint: str
    measure: str
    key: tuple[str, ...] = ()
    setting: str = ""
    direction: str = ""
    words: str = ""
    result: str = ""
    strain: str = ""
    induction: str = ""
    adjuvant: str = ""
    drug: str = ""
    dose: str = ""
    when: str = ""
    day: float | None = None
    value: float | None = None
    error: float | None = None
    error_kind: str = ""
    treated: float | None = None
    treated_error: float | None = None
    control: float | None = None
    control_error: float | None = None
    animals: int | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    mechanism: tuple[str, ...] = ()
    stance: str = ""
    refers: tuple[str, ...] = ()
    note: str = ""

    @property
    def row(self) -> str:
        """The row of the evidence page that it belongs to: ``"A3"`` for ``"A3.peak_score"``."""
        return self.id.partition(".")[0]

    @property
    def table(self) -> str:
        """Letter of its table; the control drug that works late is in A."""
        return "A" if self.id == "FTY720" else self.id[0]

    @property
    def study(self) -> str:
        """First author and year of each source, or the rows that it is derived from."""
        return "; ".join(source(key).short for key in self.key) or self._derived

    @property
    def source(self) -> str:
        """The citation of each source, with unverified fields, and the rows that it is derived from."""
        rows = f"rests on {', '.join(self.refers)}" if self.key and self.refers else self._derived
        return "; ".join(part for part in (cite(self.key), rows) if part)

    @property
    def _derived(self) -> str:
        return f"derived from {', '.join(self.refers)}" if self.refers else ""

    @property
    def ratio(self) -> float | None:
        """Ratio treated/control (dimensionless), where the paper gives both or the ratio itself."""
        if self.measure != "ratio":
            return None
        if self.treated is not None and self.control:
            return self.treated / self.control
        return self.value

    @property
    def text(self) -> str:
        """The published result on one line: numbers with their unit, then words."""
        return ", ".join(part for part in (_numbers(self), self.result) if part)

    def fits(self, endpoint: str) -> bool:
        """Return whether it may be compared with this endpoint of the package."""
        since = "relapse_" if self.induction == "relapse" else ""
        return endpoint == self.endpoint or (
            self.endpoint == "clinical_score" and endpoint in [f"{since}{name}" for name in SCORE_ENDPOINTS]
        )

    def other_strain(self, strain: str) -> bool:
        """Return whether it is known to come from a strain or species other than this rat's."""
        return self.strain not in ("", "rat", strain)


def _numbers(finding: Finding) -> str:
    if finding.unit == "day" and finding.endpoint.endswith("_day"):
        if _is_open(finding):
            return f"from day {finding.low:g} on"
        return f"{'days' if finding.measure == 'range' else 'day'} {_plain(finding)}"
    unit = "" if finding.unit in ("", "dimensionless") or not _plain(finding) else f" {finding.unit}"
    if finding.unit in ("cell", "hour", "day", "week") and finding.value not in (1, -1):
        unit += "s" * bool(unit)
    animals = f" of {finding.animals}" if finding.measure == "fraction" and finding.animals else ""
    return f"{_plain(finding)}{unit}{animals}"


def _plain(finding: Finding) -> str:
    """Return the numbers without their unit."""
    if finding.measure == "ratio" and finding.treated is not None and finding.control is not None:
        treated = _with_error(finding.treated, finding.treated_error)
        return f"{treated} against {_with_error(finding.control, finding.control_error)}"
    if finding.measure == "range":
        if finding.low is None:
            return f"at most {finding.high:g}"
        if _is_open(finding):
            return f"at least {finding.low:g}"
        return f"{finding.low:g}" if finding.low == finding.high else f"{finding.low:g} to {finding.high:g}"
    if finding.value is None:
        return ""
    if finding.measure == "fraction":
        return f"{100 * finding.value:.3g} %"
    return _with_error(finding.value, finding.error)


def _is_open(finding: Finding) -> bool:
    return finding.measure == "range" and finding.high is None


def _with_error(value: float, error: float | None) -> str:
    return f"{value:g}" if error is None else f"{value:g} ± {error:g}"
