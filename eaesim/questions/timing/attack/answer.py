"""The effect of one dose against the day it is given, in patients with one attack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats, member_effect
from eaesim.endpoints.onsets import relapse_onsets
from eaesim.errors import NothingComputedError
from eaesim.model import Rat
from eaesim.protocol import Arm
from eaesim.questions.timing.attack.plan import UNTIL, AttackPlan, plan
from eaesim.questions.timing.attack.request import AttackRequest
from eaesim.questions.timing.attack.words import in_short
from eaesim.solver import Effort
from eaesim.study.attacks import one_attack
from eaesim.study.patients import Patients, Recruiting, attacks_in, follow, run_in
from eaesim.workbench.answer import Answer, Row, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PatientTiming", "answer", "attacked", "plan", "timing_patient"]
_SHOWN = ("mechanism", "dose", "day", "left", "left_low", "left_high", "treated", "control")


@dataclass(frozen=True, repr=False)
class PatientTiming(Answer):
    """The share of the relapses that is left, against the day of the dose.

    Attributes
    ----------
    table
        The columns of ``timing.csv``.
    relapses
        Those of ``relapses.csv``: when untreated patients relapse, days after the attack.
    plan
        What was asked, and of whom.

    Examples
    --------
    >>> from eaesim import timing
    >>> found = timing("patient", days=[0, 28], parameter_sets=1, patients=100)
    >>> sorted(found.tables())
    ['relapses', 'timing']
    """

    table: pd.DataFrame
    relapses: pd.DataFrame
    plan: AttackPlan

    def __repr__(self) -> str:
        """Return the result in words; `table` has the rest."""
        return f"PatientTiming({self.plan.subject}): {self.sentence()}"

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"timing": self.table, "relapses": self.relapses}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        title = "Share of the relapses that is left, with its 95 % interval, by day of the dose"
        return [Shown(title, table=self.table[list(_SHOWN)])]

    def notes(self) -> list[str]:
        """Return a line if patients failed, or hardly one relapsed."""
        failed = int(self.relapses["failed"].max())
        found = [f"{failed} patients failed in some arm and were left out."] if failed else []
        if int(self.relapses["relapses"].min()) < 20:
            found.append("fewer than 20 untreated patients relapse; ask for more patients.")
        return found

    def sentence(self) -> str:
        """Return a line for each mechanism and dose."""
        return in_short(self.table, self.relapses)


def answer(plan: AttackPlan, effort: Effort) -> PatientTiming:
    """Follow patients with one attack untreated, and with a dose on each day.

    Raises
    ------
    NothingComputedError
        If every patient failed, or none relapses untreated.
    """
    import pandas as pd

    request, progress = plan.request, effort.progress
    quiet = effort.quiet
    rows: list[Row] = []
    relapses: list[Row] = []
    total = sum(len(request.given(acting)) * len(request.days) for acting in request.acting())
    for acting in request.acting():
        subjects = plan.subjects(acting)
        patients = attacked(plan, subjects, quiet)
        relapse_days = partial(_relapse_days, plan, patients, acting, quiet)
        untreated = relapse_days(Arm("untreated"))
        failed = np.isnan(untreated)
        for dose in request.given(acting):
            for day in request.days:
                treated = relapse_days(Arm("treated", dose.at(day=plan.lead + day)))
                failed |= np.isnan(treated)
                named: Row = {
                    "subject": plan.subject,
                    "sets": len(subjects),
                    "mechanism": acting,
                    "dose": dose.text(),
                    "day": day,
                }
                rows.append(named | _left(treated, untreated, patients.member, seed=request.seed))
                if progress is not None:
                    progress(len(rows), total)
        relapses.append({"subject": plan.subject, "mechanism": acting, **_seen(untreated, failed)})
    if all(row["relapses"] == 0 for row in relapses):
        raise NothingComputedError("no untreated patient has a relapse, so no effect can be computed.")
    return PatientTiming(pd.DataFrame(rows), pd.DataFrame(relapses), plan)


def attacked(plan: AttackPlan, subjects: Sequence[Rat], effort: Effort) -> Patients:
    """Return patients at rest, with one attack ahead."""
    count, seed = plan.patients(len(subjects)), plan.request.seed
    attacks = [attacks_in(one) for one in subjects]
    calm = [replace(one, rate=0.0) for one in attacks]
    resting = run_in(subjects, calm, Recruiting(count, seed), days=1, until=0, effort=effort)
    return replace(resting, attacks=one_attack(attacks, count, seed=seed, day=plan.lead))


def _relapse_days(plan: AttackPlan, patients: Patients, acting: str, effort: Effort, arm: Arm) -> Floats:
    """Return the day of each patient's first relapse after the attack; infinite without, NaN if it failed."""
    mechanism = plan.mechanism(acting)
    edss = follow(patients, arm, until=plan.lead + UNTIL, mechanism=mechanism, effort=effort).edss
    solved = np.asarray(np.isfinite(edss).all(axis=1))
    onsets = relapse_onsets(np.where(solved[:, None], edss, 0.0), first_day=-plan.lead)
    return np.where(solved, onsets.first_after(0), np.nan)


def _left(treated: Floats, untreated: Floats, member: npt.NDArray[np.int64], *, seed: int) -> Row:
    """Return the share of the relapses that is left, of patients solved in both arms."""
    kept = np.asarray(~np.isnan(treated + untreated))
    has, had = (np.where(np.isfinite(days[kept]), 1.0, 0.0) for days in (treated, untreated))
    found = member_effect(has, had, member=member[kept], seed=seed)
    return {
        "treated": float(has.mean()) if len(has) else np.nan,
        "control": float(had.mean()) if len(had) else np.nan,
        "left": 1.0 - found.value,
        "left_low": 1.0 - found.high,
        "left_high": 1.0 - found.low,
        "patient_low": 1.0 - found.animal_high,
        "patient_high": 1.0 - found.animal_low,
        "relapses": int(had.sum()),
        "patients": int(kept.sum()),
        "prediction": True,
    }


def _seen(untreated: Floats, failed: npt.NDArray[np.bool_]) -> Row:
    """Return when untreated patients relapse."""
    days = untreated[np.isfinite(untreated)]
    low, median, high = np.quantile(days, (0.05, 0.5, 0.95)) if len(days) else (np.nan,) * 3
    return {
        "relapses": len(days),
        "patients": int((~np.isnan(untreated)).sum()),
        "share": float(len(days) / max(1, (~np.isnan(untreated)).sum())),
        "median_day": float(median),
        "day_5_percent": float(low),
        "day_95_percent": float(high),
        "failed": int(failed.sum()),
    }


@asks(AttackRequest)
def timing_patient(patient: str | None, request: AttackRequest) -> PatientTiming:
    """Simulate the share of the relapses that one dose leaves, against dosing day.

    Every patient has one attack, on day 0. Intervals are over parameter sets and patients.

    Parameters
    ----------
    patient
        Name of the patient; None is ``"patient"``.

    Raises
    ------
    EaesimError
        If a name, dose or day is not allowed, or nobody relapses.

    Examples
    --------
    >>> found = timing_patient("patient", days=[0, 28], parameter_sets=1, patients=200)
    >>> found.table["left"].tolist()[1]
    1.0
    """
    return answer(plan(patient, request), request.effort)
