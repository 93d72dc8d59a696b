"""Patients estimated from the natural history, comparators and, for the plateau, trials of IVIG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.enrolment import Enrolled
from eaesim.endpoints.replicates import arm_value
from eaesim.errors import EaesimError
from eaesim.estimation.natural import PATIENT, NaturalFit, fit_natural, misses, read_natural, untreated
from eaesim.model import Rat
from eaesim.model.patient import SLOWNESS, patient_of
from eaesim.protocol.outcome import Published
from eaesim.protocol.trial import Trial
from eaesim.protocol.trialfile import read_trial
from eaesim.solver import USUAL, Effort
from eaesim.study.placebo import placebo_attacks
from eaesim.study.recruitment import Recruiting
from eaesim.study.trialpool import Pool, simulate_trial

#: Trials of other drugs that weigh the parameter sets.
COMPARATORS = ("affirm", "freedoms")
#: Trials of IVIG in relapsing-remitting disease, by which the share of attacks from lesions is judged.
PLATEAU_TRIALS = ("aims", "achiron1998", "lewanska", "sorensen1998")
#: Shares of attacks that start in a lesion, tried one after the other.
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
# What the model may be off by, on the logarithm of a ratio; assumed.
_MODEL_ERROR = 0.2
# Starts of a fit: few slow attacks that differ little, and many that differ much.
_STARTS: tuple[Mapping[str, float], ...] = (
    {
        "dispersion": 1.43,
        "size": 0.372,
        "spread": 0.334,
        SLOWNESS: 3.0,
        "severity_half_effect": 0.998,
        "demyelination_weight": 1.135,
        "axon_loss_rate": 0.0009,
        "remyelination_rate": 0.01085,
        "effector_cns_growth": 0.342,
    },
    {
        "dispersion": 1.3,
        "size": 0.1,
        "spread": 1.48,
        SLOWNESS: 1.69,
        "severity_half_effect": 0.907,
        "demyelination_weight": 0.957,
        "axon_loss_rate": 0.0027,
        "remyelination_rate": 0.0102,
        "effector_cns_growth": 0.666,
    },
)
# Multiples of the size of attacks and of the half effect, of which the best is the start of a descent.
_SIZES, _HALVES = (0.15, 0.4, 1.0, 2.5), (0.35, 0.7, 1.3)
_GOOD = 14.0
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
    descended: int = 1200
    finished: int = 3000
    steps: int = 8
    last_steps: int = 4


def fit_patient(rat: Rat, *, seed: int, size: FitSize, effort: Effort = USUAL) -> NaturalFit:
    """Fit a patient over a parameter set of the rat: the best of several starts, then a finer descent.

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
    best: NaturalFit | None = None
    for start in _STARTS:
        first = _best_start(rat, start, seed=seed, patients=size.screened, effort=effort)
        found = fit_natural(
            rat, first, patients=size.descended, seed=seed, evaluations=size.steps, effort=effort
        )
        if best is None or found.chi_square < best.chi_square:
            best = found
        if best.chi_square < _GOOD:
            break
    assert best is not None
    return fit_natural(
        rat, best.fitted, patients=size.finished, seed=seed, evaluations=size.last_steps, effort=effort
    )


def _best_start(
    rat: Rat, start: Mapping[str, float], *, seed: int, patients: int, effort: Effort
) -> Mapping[str, float]:
    def misfit(values: Mapping[str, float]) -> float:
        try:
            edss = untreated(patient_of(rat, PATIENT, values), patients=patients, seed=seed, effort=effort)
            return float(np.minimum(misses(read_natural(edss, seed=seed)) ** 2, _CAPPED).sum())
        except EaesimError:
            return np.inf

    tried = [
        {**start, "size": start["size"] * one, "severity_half_effect": start["severity_half_effect"] * other}
        for one in _SIZES
        for other in _HALVES
    ]
    return min(tried, key=misfit)


def comparator_misfit(
    subjects: Sequence[Rat], *, patients: int, seed: int, effort: Effort = USUAL
) -> tuple[dict[str, Floats], Floats]:
    """Return the ratio of relapse rates under each comparator, and the summed squared misses, by set.

    Parameters
    ----------
    subjects
        Parameter sets of the patient.
    patients, seed
        Patients drawn for each set, and seed of the study.
    effort
        Engine and workers.
    """
    ratios, squares = {}, np.zeros(len(subjects))
    for name in COMPARATORS:
        trial = read_trial(name)
        row = _main_ratio(trial)
        found, _ = _ratios(trial, subjects, [row], patients=patients, seed=seed, effort=effort)
        ratios[name] = found[:, 0]
        squares += _squares(found, [row])[:, 0]
    return ratios, squares


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
        for name in PLATEAU_TRIALS:
            trial = read_trial(name)
            trial = replace(trial, attacks=replace(trial.attacks, from_lesion=share))
            rows = _ratio_rows(trial)
            found, _ = _ratios(
                trial, subjects, rows, patients=patients, seed=seed, mechanism=mechanism, effort=effort
            )
            total -= 0.5 * _squares(found, rows, model_error=0.0).sum(axis=1)
        yield share, total


def _main_ratio(trial: Trial) -> Published:
    return _ratio_rows(trial)[0]


def _ratio_rows(trial: Trial) -> list[Published]:
    """Return the ratios of relapse rates with an interval, one for each arm."""
    rows = [
        row
        for row in trial.published
        if row.endpoint == "relapse_rate" and row.measure == "ratio" and row.low is not None
    ]
    return list({row.arm: row for row in reversed(rows)}.values())


def _squares(found: Floats, rows: Sequence[Published], model_error: float = _MODEL_ERROR) -> Floats:
    value = np.log([row.value or np.nan for row in rows])
    error = np.log([(row.high or np.nan) / (row.low or np.nan) for row in rows]) / (2 * 1.96)
    least = np.log(np.maximum(found, 1e-3))
    return np.asarray((least - value) ** 2 / (error**2 + model_error**2))


def _ratios(
    trial: Trial,
    subjects: Sequence[Rat],
    rows: Sequence[Published],
    *,
    patients: int,
    seed: int,
    effort: Effort,
    mechanism: str = "none",
) -> tuple[Floats, Pool]:
    """Return each set's own ratio of each row, over all of its simulated patients."""
    how = Recruiting(patients * len(subjects), seed)
    rates = placebo_attacks(trial, subjects, how, effort=effort)
    pool = simulate_trial(trial, subjects, rates.attacks, how, mechanism=mechanism, effort=effort)
    found = np.full((len(subjects), len(rows)), np.nan)
    for place in range(len(subjects)):
        persons = np.flatnonzero(pool.member == place)
        everyone = Enrolled(persons[None, :], np.full((1, len(persons)), np.inf))
        for column, row in enumerate(rows):
            parts = [pool.windows(row, name, [everyone] * 2) for name in (row.arm, trial.control)]
            one, two = (arm_value(row.endpoint, part).estimate[0] for part in parts)
            found[place, column] = one / two
    return found, pool
