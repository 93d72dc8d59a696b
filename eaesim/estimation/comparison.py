"""A study's result compared with the published findings that match it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from eaesim.endpoints import DEAD_RULES, ENDPOINTS, Floats
from eaesim.errors import unknown_name
from eaesim.estimation.potency import UNTIL
from eaesim.estimation.target import Target, read_targets
from eaesim.evidence import Finding, Verdict, combined, judge, judged_by, load_findings
from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE, NOT_COMPARABLE
from eaesim.evidence.setting import (
    PREDICTION,
    Setting,
    arm_setting,
    concerns,
    given_doses,
    mismatch,
    tested,
    untreated_arm,
)
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.study import Result

if TYPE_CHECKING:
    import pandas as pd

CALIBRATION_END = UNTIL["da"]
# The kinetics of IgG in rats (C) and people (P), and the arguments for and against mechanisms (D), are not
# about courses of disease; the experiments of table E have their own designs, which `eaesim mechanisms`
# simulates.
TABLES_LEFT_OUT = ("C", "D", "E", "P")


@dataclass(frozen=True)
class Seen:
    """A number of a group of rats, and what it may be in the parameter sets that they belong to."""

    value: float
    draws: Floats
    sets: int


NOTHING = Seen(np.nan, np.empty(0), 0)
Row = dict[str, float | str]


@dataclass(frozen=True)
class Group:
    """Rats that were treated alike, as one curve or arm says what was done."""

    name: str
    label: str
    setting: Setting
    read: Callable[[str, str], Seen]  # by endpoint, and by "effect" or "value"


# By curve or arm: the groups among which a finding chooses. A curve has one a dosing day, an arm is one.
Groups = dict[str, list[Group]]


@runtime_checkable
class Curves(Protocol):
    """Something with curves of the effect of IVIG against dosing day: a `Timing`."""

    @property
    def dead(self) -> str:
        """How the dead are scored."""

    def compared(self) -> tuple[Groups, tuple[str, ...]]:
        """Return the groups of each curve, and the endpoints that are read."""


def compare(result: Curves | Result) -> pd.DataFrame:
    """Compare a result with the published findings.

    Treated rats are judged by their effect, 1 - treated/control, against untreated rats with the same
    inductions; untreated rats by their means; both as `eaesim.evidence.judge` says, over the parameter sets
    that the rats belong to. The typical rat alone is not judged. Where a finding fits several dosing days of
    a curve, the most extreme effect counts. A dose at onset is therapeutic; on a curve, so is the first day
    that is not before the mean onset of untreated rats. A finding on "the clinical score" is compared with
    peak and cumulative score.

    Parameters
    ----------
    result
        A `Timing`, compared with findings on IVIG, or a `Result`, compared with those on untreated rats too.

    Returns
    -------
    pandas.DataFrame
        A row for every reading of a finding in an arm: ``finding``, ``group`` (the arm, or the curve of a
        timing), ``arm``, ``endpoint``, ``published``, ``predicted`` (of all rats), ``low`` and ``high`` (90 %
        of the parameter sets), ``predictive_low`` and ``predictive_high`` (the same with the errors of the
        finding and of laboratories), ``share`` (of the parameter sets on the published side), ``verdict`` (on
        this reading), ``finding_verdict`` (on the whole finding, such as A3, in this group), ``reason``,
        ``use``, ``source``. Findings without an arm and arms without a finding have one row each. The head of
        the columns says how the dead were scored.

    Raises
    ------
    UnknownNameError
        If it is neither a `Timing` nor a `Result`.

    Examples
    --------
    >>> from eaesim import timing
    >>> table = compare(timing("lewis", induction="immunisation", days=[0], animals=5, workers=1))
    >>> table.loc[table["finding"] == "A4", "verdict"].tolist()
    ['not comparable', 'not comparable']
    """
    import pandas as pd

    findings = _findings()
    if isinstance(result, Curves):
        groups, endpoints = result.compared()
        findings = [finding for finding in findings if finding.drug == STUDIED_DRUG]
    elif isinstance(result, Result):
        groups, endpoints = _arms(result), tuple(ENDPOINTS)
    else:
        raise unknown_name(type(result).__name__, "result to compare", ["Timing", "Result"])
    rows: list[Row] = []
    for name, choice in groups.items():
        found = [row for finding in findings for row in _beside(finding, choice, endpoints)]
        rows += found or [_row(name, name, reason=_unmatched(choice[0].setting))]
    met = {row["finding"] for row in rows}
    lonely = [finding for finding in findings if finding.id not in met]
    rows += [_row("", "", finding, reason=_without_arm(finding, endpoints)) for finding in lonely]
    order = {finding.id: place for place, finding in enumerate(findings)}
    rows.sort(key=lambda row: order.get(str(row["finding"]), len(order)))
    table = pd.DataFrame(rows)
    whole = table.groupby([table["finding"].str.partition(".")[0], "group"])["verdict"].transform(combined)
    table.insert(list(table).index("verdict") + 1, "finding_verdict", whole)
    table.columns.name = DEAD_RULES[result.dead]
    return table


def comparison_summary(table: pd.DataFrame) -> str:
    """Return in words how many findings agree, disagree, or are inconclusive: findings, not readings of them.

    Each comes with the share of parameter sets on the published side. Where several curves or arms answer
    the same finding, each has its own sentence.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"finding": ["A4", "A5", "A6"], "group": "IVIG", "use": ["calibrate", "validate", "validate"]}
    >>> rows |= {"verdict": ["agrees", "disagrees", "not comparable"], "share": [0.95, 0.0, float("nan")]}
    >>> comparison_summary(pd.DataFrame(rows))
    '1 of 2 findings agrees (A4 95 %), 1 disagrees (A5 0 %); 1 of the 2 was used for calibration (A4).'
    """
    findings = table[table["finding"] != ""].assign(row=lambda one: one["finding"].str.partition(".")[0])
    judged = findings[findings["verdict"] != NOT_COMPARABLE]
    if not len(judged):
        return "no finding can be compared."
    groups = judged.groupby("row")["group"].nunique()
    if groups.max() == 1:
        return _counted(judged)
    return " ".join(f"{name}: {_counted(own)}" for name, own in judged.groupby("group", sort=False))


def _counted(judged: pd.DataFrame) -> str:
    """Return how many of some findings agree, which do not, and which were used for calibration."""
    by_finding = judged.groupby("row", sort=False)
    verdicts, shares = by_finding["verdict"].agg(combined), by_finding["share"].min()
    parts = []
    for verdict, one, many in (
        (AGREES, "agrees", "agree"),
        (DISAGREES, "disagrees", "disagree"),
        (INCONCLUSIVE, "is inconclusive", "are inconclusive"),
    ):
        rows = list(verdicts.index[verdicts == verdict])
        if rows:
            named = ", ".join(f"{row} {100 * shares[row]:.0f} %" for row in rows)
            parts.append(f"{len(rows)} {one if len(rows) == 1 else many} ({named})")
    count = len(verdicts)
    first, *others = parts
    number, _, words = first.partition(" ")
    text = ", ".join([f"{number} of {count} finding{'s' * (count != 1)} {words}", *others])
    used = list(dict.fromkeys(judged.loc[judged["use"] == "calibrate", "row"]))
    were = "was" if len(used) == 1 else "were"
    mark = f"; {len(used)} of the {count} {were} used for calibration ({', '.join(used)})" if used else ""
    return f"{text}{mark}."


def _findings() -> list[Finding]:
    """Return the findings on courses of disease, by letter and number of their row: B2 comes before B10."""
    chosen = [finding for finding in load_findings() if not finding.row.startswith(TABLES_LEFT_OUT)]
    return sorted(chosen, key=lambda one: (one.row.rstrip("0123456789"), len(one.row), one.row))


def _arms(result: Result) -> Groups:
    design, strain = result.design, result.rat.strain
    return {
        arm.name: [
            Group(
                arm.name,
                arm.name,
                arm_setting(arm, design=design, strain=strain, triggered=result.simulation.triggered),
                partial(_read_arm, result, arm),
            )
        ]
        for arm in design.arms
    }


def _read_arm(result: Result, arm: Arm, endpoint: str, kind: str) -> Seen:
    """Return the effect on an endpoint against the arm's own control, or the mean of the arm."""
    control = untreated_arm(arm, design=result.design) if kind == "effect" else arm
    if control is None or (kind == "effect" and not given_doses(arm)):
        return NOTHING
    if kind == "value":
        found = result.mean(arm.name, endpoint)
    else:
        found = result.effect(arm.name, control.name, endpoint)
    return Seen(float(found.value), found.draws, result.members)


def _beside(finding: Finding, choice: Sequence[Group], endpoints: Sequence[str]) -> list[Row]:
    """Return a row for each endpoint on which the finding speaks about one of the groups."""
    groups = [group for group in choice if concerns(finding, group.setting)]
    kind, rows = judged_by(finding), []
    for endpoint in _fitting(finding, endpoints) if groups else ():
        found = [(group, group.read(endpoint, kind)) for group in groups]
        group, most = max(found, key=lambda pair: -1.0 if np.isnan(pair[1].value) else abs(pair[1].value))
        target = _target(finding, endpoint, group.setting.strain)
        draws = most.draws if len(most.draws) else np.array([most.value])
        judged = judge(
            finding,
            draws,
            sets=most.sets,
            error=(target.error or None) if target else None,
            laboratory=target.laboratory if target else None,
            mismatch=mismatch(finding, group.setting),
        )
        rows.append(_row(group.name, group.label, finding, endpoint, judged, predicted=most.value))
    return rows


@cache
def _target(finding: Finding, endpoint: str, strain: str) -> Target | None:
    """Return the error and the SD between laboratories with which the fit uses a number, by strain."""
    scale = "logit" if finding.measure == "fraction" else "plain"
    own = [
        target
        for target in read_targets()[0]
        if (target.finding, target.reading, target.scale) == (finding.id, endpoint, scale)
    ]
    return min(own, key=lambda target: not target.experiment.startswith(strain), default=None)


def _unmatched(setting: Setting) -> str:
    """Return why no finding is about a group of rats."""
    dosed = setting.drug == STUDIED_DRUG and setting.induction
    if dosed and not tested(induction=setting.induction, adjuvant=setting.adjuvant, strain=setting.strain):
        return setting.apart or PREDICTION
    return setting.apart or "no published finding on such rats"


def _fitting(finding: Finding, endpoints: Sequence[str]) -> list[str]:
    # The mean daily score is the cumulative score over a fixed number of days: its effect is the same.
    return [
        endpoint
        for endpoint in endpoints
        if finding.fits(endpoint) and (endpoint != "mean_score" or finding.endpoint == endpoint)
    ]


def _without_arm(finding: Finding, endpoints: Sequence[str]) -> str:
    if not _fitting(finding, endpoints):
        return f"{finding.endpoint} is not among the endpoints here"
    return "the published dosing day is not stated" if finding.when == "not stated" else "no arm of this kind"


def _row(
    group: str,
    arm: str,
    finding: Finding | None = None,
    endpoint: str = "",
    judged: Verdict | None = None,
    *,
    predicted: float = np.nan,
    reason: str = "",
) -> Row:
    numbers = ("low", "high", "predictive_low", "predictive_high", "share")
    seen = {name: getattr(judged, name) if judged else None for name in numbers}
    why = judged.reason if judged else f"{reason}."
    # The mechanisms' strengths were fitted to the ratio, over the first days only.
    if finding and judged and finding.use == "calibrate" and judged.verdict != NOT_COMPARABLE:
        ratio = f": strengths were set to it on days 0 to {CALIBRATION_END}" if finding.ratio else ""
        why = f"{why} Used for calibration{ratio}."
    return {
        "finding": finding.id if finding else "",
        "group": group,
        "arm": arm,
        "endpoint": endpoint or (finding.endpoint if finding else ""),
        "published": finding.text if finding else "",
        "predicted": predicted,
        **{name: np.nan if number is None else number for name, number in seen.items()},
        "verdict": judged.verdict if judged else NOT_COMPARABLE,
        "reason": why,
        "use": finding.use if finding else "",
        "source": finding.source if finding else "",
    }
