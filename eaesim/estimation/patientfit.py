"""Patients estimated from the natural history, comparators and, for the plateau, trials of IVIG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import EaesimError
from eaesim.estimation.natural import (
    COMPARATOR_ERROR,
    COMPARATOR_RATIO,
    PATIENT,
    NaturalFit,
    fit_natural,
    misses,
    read_natural,
    untreated,
)
from eaesim.model import Rat, load
from eaesim.model.patient import SLOWNESS, patient_of
from eaesim.proportion import NORMAL_95
from eaesim.protocol.outcome import Published
from eaesim.protocol.trial import Trial
from eaesim.protocol.trialfile import read_trial
from eaesim.solver import USUAL, Effort
from eaesim.study.ensemble import shipped_ensemble
from eaesim.study.patientsets import RAT
from eaesim.study.placebo import placebo_attacks
from eaesim.study.recruitment import Recruiting
from eaesim.study.trialpool import simulate_trial
from eaesim.study.weights import equal_steps

#: Trials of IVIG in relapsing-remitting disease, by which the share of attacks from lesions is judged.
PLATEAU_TRIALS = ("aims", "achiron1998", "lewanska", "sorensen1998")
#: Shares of attacks that start in a lesion, tried one after the other.
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
# Start of a fit, in the middle of what sets become.
_START: Mapping[str, float] = {
    "dispersion": 1.3,
    "size": 0.12,
    "spread": 1.2,
    SLOWNESS: 2.0,
    "severity_half_effect": 0.8,
    "demyelination_weight": 0.957,
    "axon_loss_rate": 0.002,
    "remyelination_rate": 0.0102,
    "effector_cns_growth": 0.6,
}
# Multiples of the size of attacks and of the half effect, of which the best is the start of a descent.
_SIZES, _HALVES = (0.2, 0.6, 2.0), (0.4, 0.7, 1.2)
# A ratio of 0 is taken for this one.
_LEAST = 1e-3
# A single row counts no more than this while starts are compared.
_CAPPED = 30.0


@dataclass(frozen=True)
class FitSize:
    """How large the simulations of a fit are.

    Attributes
    ----------
    screened, descended, finished
        Patients of a start, of the descent, and of its end.
    steps, last_steps
        Most steps of the descent, and of its end.
    """

    screened: int = 500
    descended: int = 1000
    finished: int = 2500
    steps: int = 8
    last_steps: int = 4


def fit_patient(rat: Rat, *, seed: int, size: FitSize, effort: Effort = USUAL) -> NaturalFit:
    """Fit a patient over a parameter set of the rat: from the best of several starts.

    Parameters
    ----------
    rat
        Parameter set.
    seed
        Seed of the simulated patients.
    size
        Numbers of patients and steps.
    effort
        Engine and workers.
    """
    first = _best_start(rat, seed=seed, patients=size.screened, effort=effort)
    near = fit_natural(rat, first, patients=size.descended, seed=seed, evaluations=size.steps, effort=effort)
    return fit_natural(
        rat, near.fitted, patients=size.finished, seed=seed, evaluations=size.last_steps, effort=effort
    )


def chosen_sets(count: int) -> tuple[tuple[int, ...], tuple[Rat, ...]]:
    """Return places and rats of some parameter sets, at equal steps of their summed weights."""
    ensemble = shipped_ensemble(load(RAT))
    assert ensemble is not None
    places = tuple(equal_steps(ensemble.weight, count).tolist())
    return places, tuple(ensemble.member(place) for place in places)


def set_weight(found: NaturalFit) -> float:
    """Return how much a set counts: by its misses of the natural history and of the comparator.

    Errors of the rows are mostly assumed, so the squared misses count half.
    """
    compared = ((found.comparator - COMPARATOR_RATIO) / COMPARATOR_ERROR) ** 2
    return float(np.exp(-0.25 * (found.chi_square + compared)))


def _best_start(rat: Rat, *, seed: int, patients: int, effort: Effort) -> Mapping[str, float]:
    def misfit(values: Mapping[str, float]) -> float:
        try:
            edss = untreated(patient_of(rat, PATIENT, values), patients=patients, seed=seed, effort=effort)
            return float(np.minimum(misses(read_natural(edss, seed=seed)) ** 2, _CAPPED).sum())
        except EaesimError:
            return np.inf

    tried = [
        {
            **_START,
            "size": _START["size"] * one,
            "severity_half_effect": _START["severity_half_effect"] * other,
        }
        for one in _SIZES
        for other in _HALVES
    ]
    return min(tried, key=misfit)


def plateau_likelihood(
    subjects: Sequence[Rat],
    *,
    mechanism: str,
    patients: int,
    seed: int,
    shares: Sequence[float] = SHARES,
    effort: Effort = USUAL,
) -> Iterator[tuple[float, Floats]]:
    """Yield each share of attacks from lesions, and the log likelihood of the trials of IVIG by set.

    It counts the ratio of relapse rates of each arm on IVIG, whose published error was derived.
    """
    for share in shares:
        total = np.zeros(len(subjects))
        for each in PLATEAU_TRIALS:
            trial = read_trial(each)
            trial = replace(trial, attacks=replace(trial.attacks, from_lesion=share))
            rows = _ratio_rows(trial)
            how = Recruiting(patients * len(subjects), seed)
            attacks = placebo_attacks(trial, subjects, how, effort=effort).attacks
            pool = simulate_trial(trial, subjects, attacks, how, mechanism=mechanism, effort=effort)
            found = np.column_stack([pool.population(row) for row in rows])
            published = {name: [getattr(row, name) for row in rows] for name in ("value", "low", "high")}
            total -= 0.5 * squared_misses(found, **published).sum(axis=1)
        yield share, total


def _ratio_rows(trial: Trial) -> list[Published]:
    """Return the ratios of relapse rates with an interval, one for each arm."""
    rows = [
        row
        for row in trial.published
        if row.endpoint == "relapse_rate" and row.measure == "ratio" and row.low is not None
    ]
    return list({row.arm: row for row in reversed(rows)}.values())


def squared_misses(ratio: Any, *, value: Any, low: Any, high: Any) -> Any:
    """Return the squared misses of ratios, in standard errors of the logarithm of the published ones.

    A ratio of 0 is taken for a thousandth, whose logarithm is finite.

    Examples
    --------
    >>> round(float(squared_misses(1.0, value=0.5, low=0.25, high=1.0)), 2)
    3.84
    """
    error = np.log(np.divide(high, low)) / (2 * NORMAL_95)
    return ((np.log(np.maximum(ratio, _LEAST)) - np.log(value)) / error) ** 2
