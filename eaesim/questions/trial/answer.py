"""Simulated trials beside published ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints.replicates import Prediction, predict
from eaesim.protocol.outcome import Published
from eaesim.protocol.trial import Trial
from eaesim.questions.trial.plan import TrialPlan, plan
from eaesim.questions.trial.request import TrialRequest
from eaesim.questions.trial.words import headline, in_short
from eaesim.solver import Effort
from eaesim.study.patients import Courses
from eaesim.study.placebo import placebo_attacks
from eaesim.study.recruitment import recruit
from eaesim.study.trialpool import Pool, simulate_trial
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TrialAnswer", "answer", "plan", "trial"]
_SHOWN = ("trial", "endpoint", "arm", "mechanism", "published", "predicted", "low", "high", "significant")


@dataclass(frozen=True)
class TrialAnswer(Answer):
    """What simulated trials find, beside what was published.

    Attributes
    ----------
    table
        The columns of ``trial.csv``.
    placebo
        Those of ``placebo.csv``.
    trials
        The trials.
    request
        What was asked.

    Examples
    --------
    >>> from eaesim import trial
    >>> found = trial("tarims_index", parameter_sets=1, patients=300, replicates=50)
    >>> sorted(found.tables())
    ['placebo', 'trial']
    """

    table: pd.DataFrame
    placebo: pd.DataFrame
    trials: tuple[Trial, ...]
    request: TrialRequest

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"trial": self.table, "placebo": self.placebo}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints: rows that compare two arms."""
        own = self.table[self.table["measure"] != "value"]
        title = "IVIG against placebo: published, and predicted with the 90 % interval of trials of that size"
        table = own.assign(
            endpoint=[f"{e} {m}" for e, m in zip(own["endpoint"], own["measure"], strict=True)]
        )
        return [Shown(title, table=table[list(_SHOWN)].reset_index(drop=True))]

    def notes(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        lost = self.placebo[~self.placebo["reached"]]
        found = [
            f"{name}: at no rate of attacks does the placebo arm reach what was published in "
            f"{len(own)} of {int((self.placebo['trial'] == name).sum())} sets; the nearest rate is taken."
            for name, own in lost.groupby("trial", sort=False)
        ]
        failed = self.placebo.groupby("trial", sort=False)["failed"].first()
        found += [
            f"{name}: {count} patients failed and were left out." for name, count in failed.items() if count
        ]
        stand_in = sorted(set(self.table.loc[self.table["stand_in"], "trial"]))
        if stand_in:
            found.append(
                f"{', '.join(stand_in)}: what was measured is not in the model; EDSS stands in for it."
            )
        return found

    def sentence(self) -> str:
        """Return a line for the main row of each trial and mechanism."""
        return in_short(self.table)


def answer(plan: TrialPlan, effort: Effort) -> TrialAnswer:
    """Simulate every trial under every mechanism.

    Raises
    ------
    NothingComputedError
        If nobody meets the entry of a trial, or every patient fails.
    """
    import pandas as pd

    progress, quiet = effort.progress, Effort(effort.engine, effort.accuracy, effort.workers)
    rows: list[dict[str, Any]] = []
    placebo: list[dict[str, Any]] = []
    total = sum(len(plan.mechanisms(trial)) for trial in plan.trials)
    for trial in plan.trials:
        for found, rates in _trial_rows(trial, plan, quiet):
            rows += found
            placebo += rates
            if progress is not None:
                progress(len({(row["trial"], row["mechanism"]) for row in rows}), total)
    return TrialAnswer(pd.DataFrame(rows), pd.DataFrame(placebo), plan.trials, plan.request)


def _trial_rows(
    trial: Trial, plan: TrialPlan, effort: Effort
) -> list[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Simulate one trial; mechanisms with the same parameter sets share patients and placebo arms."""
    done: dict[tuple[str, ...], Any] = {}
    found = []
    for mechanism in plan.mechanisms(trial):
        subjects = plan.subjects(trial, mechanism)
        how = plan.recruiting(trial, len(subjects))
        key = tuple(repr(sorted((n, e.value) for n, e in one.entries.items())) for one in subjects)
        if key not in done:
            rates = placebo_attacks(trial, subjects, how, effort=effort)
            patients = recruit(trial, subjects, rates.attacks, how, until=trial.until, effort=effort)
            done[key] = rates, patients, dict[str, Courses]()
        rates, patients, untreated = done[key]
        pool = simulate_trial(
            trial,
            subjects,
            rates.attacks,
            how,
            mechanism=mechanism,
            patients=patients,
            untreated=untreated,
            effort=effort,
        )
        found.append(
            (
                _rows(trial, mechanism, pool, plan.request),
                [
                    {
                        "trial": trial.name,
                        "mechanism": mechanism,
                        "parameter_set": place,
                        "attacks_per_year": one.rate,
                        "endpoint": trial.placebo.endpoint if trial.placebo else "",
                        "published": trial.placebo.value if trial.placebo else math.nan,
                        "simulated": float(value),
                        "reached": bool(reached),
                        "drawn": pool.drawn // pool.members,
                        "entered": int((pool.member == place).sum()),
                        "failed": pool.failed,
                    }
                    for place, (one, value, reached) in enumerate(
                        zip(rates.attacks, rates.value, rates.reached, strict=True)
                    )
                ],
            )
        )
    return found


def _rows(trial: Trial, mechanism: str, pool: Pool, request: TrialRequest) -> list[dict[str, Any]]:
    enrolled = pool.enrolled(request.replicates, seed=request.seed)
    return [
        _row(
            trial,
            mechanism,
            row,
            predict(
                pool.found(row, enrolled),
                published_low=math.nan if row.low is None else row.low,
                published_high=math.nan if row.high is None else row.high,
            ),
        )
        for row in trial.published
        if row.since >= 0
    ]


def _row(trial: Trial, mechanism: str, row: Published, found: Prediction) -> dict[str, Any]:
    return {
        "trial": trial.name,
        "claim": trial.claim,
        "endpoint": row.endpoint,
        "measure": row.measure,
        "arm": row.arm,
        "since": row.since,
        "until": trial.until if row.until is None else row.until,
        "mechanism": mechanism,
        "published": _number(row.value),
        "published_low": _number(row.low),
        "published_high": _number(row.high),
        "published_p": _number(row.p),
        "published_words": row.result,
        "predicted": found.predicted,
        "low": found.low,
        "high": found.high,
        "within": found.within,
        "significant": found.significant,
        "undefined": found.undefined,
        "use": row.use,
        "stand_in": row.stand_in,
        "is_main": row is headline(trial),
        "source": ", ".join(row.source),
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else float(np.float64(value))


@asks(TrialRequest)
def trial(trial: Trial | str | Sequence[Trial | str] | None, request: TrialRequest) -> TrialAnswer:
    """Simulate clinical trials at their published size, and compare them with what was published.

    Parameters
    ----------
    trial
        A trial, the path of a trial file, the name of a shipped one, or several; ``"all"`` is every one.

    Raises
    ------
    EaesimError
        If a trial is not known or not valid, or nobody meets its entry.

    Examples
    --------
    >>> found = trial("noseworthy2001", parameter_sets=1, patients=300, replicates=50, mechanism="H7")
    >>> float(found.table["predicted"].abs().max()) < 1
    True
    """
    return answer(plan(trial, request), request.effort)
