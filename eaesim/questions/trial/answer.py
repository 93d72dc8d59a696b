"""Simulated trials beside published ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.replicates import Comparison, predict
from eaesim.evidence.trialverdict import judge_row
from eaesim.model import Rat
from eaesim.protocol.outcome import Published
from eaesim.protocol.trial import Trial
from eaesim.questions.trial.plan import TrialPlan, plan
from eaesim.questions.trial.ranking import RATIOS, counts_in_likelihood, ranking
from eaesim.questions.trial.request import TrialRequest
from eaesim.questions.trial.shown import ROW_KEY, printed_table
from eaesim.questions.trial.words import closing_words, headline, in_words
from eaesim.solver import Effort
from eaesim.study.patients import Patients
from eaesim.study.placebo import Placebo, placebo_attacks
from eaesim.study.recruitment import recruit
from eaesim.study.trialpool import Pool, Read, simulate_trial
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TrialAnswer", "answer", "plan", "trial"]

_RANKED = ("mechanism", "log_likelihood", "no_effect", "inside", "rows", "agrees", "disagrees")


@dataclass(frozen=True)
class TrialAnswer(Answer):
    """What simulated trials find, beside what was published.

    Attributes
    ----------
    table
        The columns of ``trial.csv``.
    placebo
        Those of ``placebo.csv``.
    ratios
        Ratios of relapse rates that mechanisms are ranked by, of each parameter set.
    trials
        The trials.
    request
        What was asked.

    Examples
    --------
    >>> from eaesim import trial
    >>> found = trial("tarims_index", parameter_sets=1, patients=300, replicates=50)
    >>> sorted(found.tables())
    ['mechanisms', 'placebo', 'trial']
    """

    table: pd.DataFrame
    placebo: pd.DataFrame
    ratios: pd.DataFrame
    trials: tuple[Trial, ...]
    request: TrialRequest

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"trial": self.table, "placebo": self.placebo, "mechanisms": self.ranking()}

    def ranking(self) -> pd.DataFrame:
        """Return how likely the published ratios are, and how many rows agree, by mechanism."""
        return ranking(self.table, self.ratios)

    def shown(self) -> list[Shown]:
        """Return what the terminal prints: the rows by mechanism, and how several mechanisms compare."""
        several = self.table["mechanism"].nunique() > 1
        found = [
            Shown(f"{name}: published, and predicted with the 90 % interval", table=printed_table(own))
            for name, own in self.table.groupby("mechanism", sort=False)
        ]
        found.append(Shown(note=ROW_KEY))
        if several:
            title = "mechanisms: log likelihood of the published ratios of relapse rates, and rows inside"
            found.append(Shown(title, table=self.ranking()[list(_RANKED)].round(2)))
        return found

    def notes(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        # Mechanisms with the same parameter sets share the placebo arm.
        sets = self.placebo.drop_duplicates(["trial", "parameter_set", "attacks_per_year"])
        lost = sets[~sets["reached"]]
        found = [
            f"{name}: at no rate of attacks does the placebo arm reach what was published in "
            f"{len(own)} of {int((sets['trial'] == name).sum())} sets; the nearest rate is taken."
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
        """Return what is missed, the main row of each trial, and how likely the mechanisms are."""
        return in_words(self.table, self.ranking())

    def closing(self) -> list[str]:
        """Return what the answer rests on, and the next command."""
        sets = int(self.placebo["parameter_set"].nunique())
        return closing_words(self.request, sets, self.trials)


def answer(plan: TrialPlan, effort: Effort) -> TrialAnswer:
    """Simulate every trial under every mechanism.

    Raises
    ------
    ProtocolError
        If nobody meets the entry of a trial.
    NothingComputedError
        If every patient fails.
    """
    import pandas as pd

    progress, quiet = effort.progress, Effort(effort.engine, effort.accuracy, effort.workers)
    rows: list[dict[str, Any]] = []
    placebo: list[dict[str, Any]] = []
    ratios: list[dict[str, Any]] = []
    total = sum(len(plan.mechanisms(trial)) for trial in plan.trials)
    done = 0
    for trial in plan.trials:
        for mechanism, rates, pool in _pools(trial, plan, quiet):
            rows += _rows(trial, mechanism, pool, plan.request)
            placebo += _placebo_rows(trial, mechanism, rates, pool)
            ratios += _ratios(trial, mechanism, pool)
            done += 1
            if progress is not None:
                progress(done, total)
    return TrialAnswer(
        pd.DataFrame(rows),
        pd.DataFrame(placebo),
        pd.DataFrame(ratios, columns=list(RATIOS)),
        plan.trials,
        plan.request,
    )


def _pools(trial: Trial, plan: TrialPlan, effort: Effort) -> Iterator[tuple[str, Placebo, Pool]]:
    """Yield the patients of a trial under each mechanism; the same parameter sets share the placebo arm."""
    done: dict[tuple[str, ...], tuple[Placebo, Patients, dict[str, Read]]] = {}
    for mechanism in plan.mechanisms(trial):
        subjects = plan.subjects(trial, mechanism)
        how = plan.recruiting(trial, len(subjects))
        key = tuple(repr(sorted((n, e.value) for n, e in one.entries.items())) for one in subjects)
        if key not in done:
            done[key] = (*_recruited(trial, subjects, plan, effort), {})
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
        yield mechanism, rates, pool


def _recruited(
    trial: Trial, subjects: Sequence[Rat], plan: TrialPlan, effort: Effort
) -> tuple[Placebo, Patients]:
    """Return the calibrated attacks and the patients, at least as many of each set as the trial enrols."""
    how = plan.recruiting(trial, len(subjects))
    rates = placebo_attacks(trial, subjects, how, effort=effort)
    patients = recruit(trial, subjects, rates.attacks, how, until=trial.until, effort=effort)
    fewest = int(np.bincount(patients.member, minlength=len(subjects)).min())
    more = plan.recruiting_more(trial, how, fewest)
    if more is not None:
        patients = recruit(trial, subjects, rates.attacks, more, until=trial.until, effort=effort)
    return rates, patients


def _placebo_rows(trial: Trial, mechanism: str, rates: Placebo, pool: Pool) -> list[dict[str, Any]]:
    return [
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
    ]


def _ratios(trial: Trial, mechanism: str, pool: Pool) -> list[dict[str, Any]]:
    """Return the ratios of relapse rates that count in the likelihood, of each parameter set."""
    return [
        dict(
            zip(
                RATIOS,
                (trial.name, row.arm, mechanism, place, row.value, row.low, row.high, float(ratio)),
                strict=True,
            )
        )
        for row in trial.published
        if counts_in_likelihood(row)
        for place, ratio in enumerate(pool.population(row))
    ]


def _rows(trial: Trial, mechanism: str, pool: Pool, request: TrialRequest) -> list[dict[str, Any]]:
    enrolled = pool.enrolled(request.replicates, seed=request.seed)
    return [
        _row(trial, mechanism, row, pool.population(row), pool.found(row, enrolled))
        for row in trial.published
        if row.since >= 0
    ]


def _row(trial: Trial, mechanism: str, row: Published, own: Floats, found: Comparison) -> dict[str, Any]:
    """Return a row of the table; `own` are the parameter sets' own values."""
    trials = predict(
        found,
        published_low=math.nan if row.low is None else row.low,
        published_high=math.nan if row.high is None else row.high,
    )
    known = own[~np.isnan(own)]
    trials = replace(trials, predicted=float(np.median(known)) if len(known) else math.nan)
    verdict, reason = judge_row(row, trials, found.estimate)
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
        "predicted": trials.predicted,
        "low": trials.low,
        "high": trials.high,
        "within": trials.within,
        "significant": trials.significant,
        "undefined": trials.undefined,
        "verdict": verdict,
        "reason": reason,
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
