"""A study's result beside the published findings that match it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eaesim.analysis.setting import (
    PREDICTION,
    Setting,
    arm_setting,
    concerns,
    given_doses,
    mismatch,
    untreated_arm,
)
from eaesim.analysis.strengths import UNTIL as CALIBRATION_END
from eaesim.analysis.timingresult import ENDPOINTS_AROUND, Panel, Timing
from eaesim.endpoints import DEAD_RULES, ENDPOINTS, Estimate
from eaesim.endpoints.statistics import NO_ESTIMATE
from eaesim.errors import unknown_name
from eaesim.evidence import Finding, Verdict, judge_effect, judge_mean, load_findings
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG, parse_dose
from eaesim.study import Result

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = ("agrees", "disagrees", "not comparable")
# The kinetics of IgG, and the arguments for and against mechanisms, are not about courses of disease.
TABLES_LEFT_OUT = ("C", "D")


@dataclass(frozen=True)
class _Group:
    """Rats that were treated alike."""

    label: str
    setting: Setting
    estimate: Callable[[str], Estimate]  # by endpoint


# By label: the groups among which a finding chooses. An arm is one group; a curve has one a dosing day.
_Groups = dict[str, list[_Group]]


def compare(result: Timing | Result) -> pd.DataFrame:
    """Put a result beside the published findings.

    Treated rats are compared by their effect, 1 - treated/control, against untreated rats with the same
    inductions; untreated rats by their means. Where a finding fits several dosing days of a curve, the most
    extreme effect counts. A dose at onset is therapeutic; on a curve, so is the first dosing day that is not
    before the mean onset of untreated rats. A finding on "the clinical score" is held against peak and
    cumulative score.

    Parameters
    ----------
    result
        A `Timing`, held against findings on IVIG, or a `Result`, held against those on untreated rats too.

    Returns
    -------
    pandas.DataFrame
        A row for every finding, arm and endpoint that belong together: ``finding``, ``arm``, ``endpoint``,
        ``published``, ``predicted``, ``low``, ``high``, ``verdict``, ``reason``, ``use``, ``source``.
        Findings without an arm and arms without a finding have one row each. The head of the columns says how
        the dead were scored.

    Raises
    ------
    UnknownNameError
        If it is neither a `Timing` nor a `Result`.

    Examples
    --------
    >>> from eaesim.analysis.timing import timing
    >>> table = compare(timing("lewis", around="immunisation", days=[0], animals=5, workers=1))
    >>> table.loc[table["finding"] == "A4", "verdict"].tolist()
    ['agrees', 'agrees']
    """
    import pandas as pd

    findings = _findings()
    if isinstance(result, Timing):
        groups, endpoints = _curves(result), ENDPOINTS_AROUND["immunisation"]
        findings = [finding for finding in findings if finding.drug == STUDIED_DRUG]
    elif isinstance(result, Result):
        groups, endpoints = _arms(result), tuple(ENDPOINTS)
    else:
        raise unknown_name(type(result).__name__, "result to compare", ["Timing", "Result"])
    rows: list[dict[str, object]] = []
    for label, choice in groups.items():
        found = [row for finding in findings for row in _beside(finding, choice, endpoints)]
        rows += found or [_row(label, reason=choice[0].setting.apart or "no published finding on such rats")]
    met = {row["finding"] for row in rows}
    lonely = [finding for finding in findings if finding.id not in met]
    rows += [_row("", finding, reason=_without_arm(finding, endpoints)) for finding in lonely]
    calibrating = {finding.id for finding in findings if finding.use == "calibrate" and finding.ratio}
    for row in rows:
        if row["finding"] in calibrating and row["verdict"] != "not comparable":
            row["reason"] = f"{row['reason']} Strengths were set to it on days 0 to {CALIBRATION_END}."
    order = {finding.id: place for place, finding in enumerate(findings)}
    rows.sort(key=lambda row: order.get(str(row["finding"]), len(order)))
    table = pd.DataFrame(rows)
    table.columns.name = DEAD_RULES[result.dead]
    return table


def comparison_summary(table: pd.DataFrame) -> str:
    """Return in one sentence how many rows of a comparison agree, disagree, or say nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"finding": ["A4", "A5", "A6"], "verdict": ["agrees", "disagrees", "not comparable"]}
    >>> comparison_summary(pd.DataFrame(rows))
    '1 agrees, 1 disagrees (A5), 1 not comparable.'
    """
    agree, disagree, other = (int((table["verdict"] == verdict).sum()) for verdict in VERDICTS)
    against = dict.fromkeys(table.loc[table["verdict"] == "disagrees", "finding"])
    named = f" ({', '.join(against)})" if against else ""
    return f"{_count(agree, 'agree')}, {_count(disagree, 'disagree')}{named}, {other} not comparable."


def _findings() -> list[Finding]:
    """Return the findings on courses of disease, by letter and number of their row: B2 comes before B10."""
    chosen = [finding for finding in load_findings() if not finding.row.startswith(TABLES_LEFT_OUT)]
    return sorted(chosen, key=lambda one: (one.row.rstrip("0123456789"), len(one.row), one.row))


def _curves(timing: Timing) -> _Groups:
    curves: _Groups = {}
    for panel in timing.panels:
        rat = panel.rat
        if panel.prediction:
            label = f"{rat.name}, relapse, adjuvant: {panel.adjuvant}"
            setting = Setting(strain=rat.strain, apart=PREDICTION)
            curves[label] = [_Group(label, setting, lambda _: NO_ESTIMATE)]
            continue
        own = timing.table[(timing.table["rat"] == rat.name) & (timing.table["around"] == panel.around)]
        for (mechanism, dose), curve in own.groupby(["mechanism", "dose"], sort=False):
            label = f"{rat.name}, {mechanism}, {dose}"
            curves[label] = _curve(label, curve, panel, parse_dose(str(dose)).amount)
    return curves


def _curve(label: str, curve: pd.DataFrame, panel: Panel, amount: float) -> list[_Group]:
    days = sorted(set(curve["day"]))
    late = min((day for day in days if day >= panel.onset), default=None)
    return [
        _Group(
            f"{label}, day {day:g}",
            Setting(
                strain=panel.rat.strain,
                induction=panel.around,
                adjuvant=panel.adjuvant,
                drug=STUDIED_DRUG if amount else "",
                dose=amount,
                day=day,
                therapeutic=day == late,
            ),
            _estimates(curve[curve["day"] == day]).__getitem__,
        )
        for day in days
    ]


def _estimates(rows: pd.DataFrame) -> dict[str, Estimate]:
    return {
        row["endpoint"]: Estimate(row["effect"], row["effect_low"], row["effect_high"])
        for row in rows.to_dict("records")
    }


def _arms(result: Result) -> _Groups:
    design, strain = result.design, result.rat.strain
    settings = {arm: arm_setting(arm, design=design, strain=strain) for arm in design.arms}
    return {
        arm.name: [_Group(arm.name, setting, partial(_read_arm, result, arm))]
        for arm, setting in settings.items()
    }


def _read_arm(result: Result, arm: Arm, endpoint: str) -> Estimate:
    if not given_doses(arm):
        return result.mean(arm.name, endpoint)
    control = untreated_arm(arm, design=result.design)
    if control is None:
        return NO_ESTIMATE
    return result.effect(arm.name, control.name, endpoint)


def _beside(finding: Finding, choice: Sequence[_Group], endpoints: Sequence[str]) -> list[dict[str, object]]:
    """Return a row for each endpoint on which the finding speaks about one of the groups."""
    groups = [group for group in choice if concerns(finding, group.setting)]
    rows = []
    for endpoint in _fitting(finding, endpoints) if groups else ():
        estimates = [(group, group.estimate(endpoint)) for group in groups]
        group, most = max(estimates, key=lambda pair: -1.0 if np.isnan(pair[1].value) else abs(pair[1].value))
        apart = mismatch(finding, group.setting)
        if finding.when == "untreated":
            judged = judge_mean(finding, mean=most.value, low=most.low, high=most.high, mismatch=apart)
        else:
            judged = judge_effect(finding, effect=most.value, low=most.low, high=most.high, mismatch=apart)
        rows.append(_row(group.label, finding, endpoint=endpoint, judged=judged))
    return rows


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
    arm: str,
    finding: Finding | None = None,
    *,
    endpoint: str = "",
    judged: Verdict | None = None,
    reason: str = "",
) -> dict[str, object]:
    numbers = (judged.predicted, judged.low, judged.high) if judged else (None, None, None)
    predicted, low, high = (np.nan if number is None else number for number in numbers)
    return {
        "finding": finding.id if finding else "",
        "arm": arm,
        "endpoint": endpoint or (finding.endpoint if finding else ""),
        "published": finding.text if finding else "",
        "predicted": predicted,
        "low": low,
        "high": high,
        "verdict": judged.verdict if judged else "not comparable",
        "reason": judged.reason if judged else f"{reason}.",
        "use": finding.use if finding else "",
        "source": finding.source if finding else "",
    }


def _count(number: int, verb: str) -> str:
    return f"{number} {verb}{'s' if number == 1 else ''}"
