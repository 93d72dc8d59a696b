"""Rows of the tables of a trial under one mechanism."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.replicates import Comparison, predict
from eaesim.evidence.trialverdict import judge_row
from eaesim.protocol.outcome import Published
from eaesim.protocol.trial import Trial
from eaesim.questions.trial.ranking import RATIOS, counts_in_likelihood
from eaesim.questions.trial.request import TrialRequest
from eaesim.questions.trial.words import headline
from eaesim.study.placebo import Placebo
from eaesim.study.trialpool import Pool
from eaesim.workbench.answer import Row


def placebo_rows(trial: Trial, mechanism: str, rates: Placebo, pool: Pool) -> list[Row]:
    """Return the rows of ``placebo.csv``: the calibrated attacks of each parameter set."""
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


def ratio_rows(trial: Trial, mechanism: str, pool: Pool) -> list[Row]:
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


def trial_rows(trial: Trial, mechanism: str, pool: Pool, request: TrialRequest) -> list[Row]:
    """Return the rows of ``trial.csv``: what was published, and what simulated trials find."""
    enrolled = pool.enrolled(request.replicates, seed=request.seed)
    return [
        trial_row(trial, mechanism, row, pool.population(row), pool.found(row, enrolled))
        for row in trial.published
        if row.since >= 0
    ]


def trial_row(trial: Trial, mechanism: str, row: Published, own: Floats, found: Comparison) -> Row:
    """Return a row of the table; `own` are the parameter sets' own values."""
    trials = predict(
        found,
        published_low=math.nan if row.low is None else row.low,
        published_high=math.nan if row.high is None else row.high,
    )
    known = own[~np.isnan(own)]
    trials = replace(trials, predicted=float(np.median(known)) if len(known) else math.nan)
    verdict, reason = judge_row(row, trials, found.estimate)
    if len(own) == 1:
        reason += " The typical patient alone: the interval lacks the uncertainty of the rat."
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
