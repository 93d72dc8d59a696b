"""Natural history: the fit of patients, one parameter set of the rat at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.endpoints.onsets import Onsets, relapse_onsets
from eaesim.errors import EaesimError
from eaesim.estimation.prior import DATA
from eaesim.files import read_toml
from eaesim.model import Rat
from eaesim.model.patient import SLOWNESS, patient_of
from eaesim.protocol import Arm
from eaesim.protocol.trialfile import read_trial
from eaesim.solver import USUAL, Effort
from eaesim.study.cohort import random_stream
from eaesim.study.patients import attacks_in, follow, run_in

#: What a patient is fitted in, with its bounds; all are fitted on the scale of their logarithm.
BOUNDS: Mapping[str, tuple[float, float]] = {
    "dispersion": (0.2, 4.0),
    "size": (0.01, 3.0),
    "spread": (0.5, 2.0),
    SLOWNESS: (1.2, 12.0),
    "severity_half_effect": (0.05, 3.0),
    "demyelination_weight": (0.02, 3.0),
    "axon_loss_rate": (0.0001, 0.1),
    "remyelination_rate": (0.003, 0.04),
    # As a share of their death: above 1 an attack never ends.
    "effector_cns_growth": (0.05, 0.97),
}
PATIENT = "patient"
RUN_IN, UNTIL = 365, 730
#: EDSS before the run-in, near the 2.8 of patients who enter trials; assumed.
START_EDSS = 2.8
# A relapse is followed on its own: no other one this many days before and after.
_BEFORE, _AFTER = 30, 185
# Patients enter a trial of relapses on one of these days after the onset.
_ENTRY = (3, 28)
_FULL, _ONE = 0.5, 0.75
#: What natalizumab leaves of the relapse rate, with the error that the fit allows: how steeply relapses
#: follow the number of cells that enter the CNS, which no course without a drug tells.
COMPARATOR, COMPARATOR_RATIO, COMPARATOR_ERROR = "affirm", 0.33, 0.05
# A row that cannot be read misses by this many errors.
_MISSED = 6.0
_STREAM = 5


@dataclass(frozen=True)
class NaturalRow:
    """One published number of the natural history.

    Attributes
    ----------
    name, title
        Name, and what it is.
    value, error
        Published value, and its standard error or tolerance.
    key, source
        Key of the bibliography, and what was read.
    """

    name: str
    title: str
    value: float
    error: float
    key: str
    source: str


@dataclass(frozen=True)
class NaturalFit:
    """A patient fitted to the natural history.

    Attributes
    ----------
    subject
        The patient.
    fitted
        Fitted values by name, as for `eaesim.model.patient.patient_of`.
    read
        What is read of it, by row.
    chi_square
        Sum of the squared misses of the natural history, in errors.
    comparator
        What natalizumab leaves of the relapse rate.
    """

    subject: Rat
    fitted: dict[str, float]
    read: dict[str, float]
    chi_square: float
    comparator: float


@cache
def natural_rows() -> tuple[NaturalRow, ...]:
    """Return the published data.

    Examples
    --------
    >>> len(natural_rows())
    12
    """
    table = read_toml((DATA / "natural.toml").read_text("utf-8"), name="natural.toml")
    return tuple(NaturalRow(name, **entry) for name, entry in table.items())


def untreated(subject: Rat, *, patients: int, seed: int, effort: Effort = USUAL) -> Floats:
    """Return the daily EDSS of patients for two years after a run-in, without those that failed."""
    return _followed(subject, [Arm("vehicle")], patients=patients, seed=seed, effort=effort)[0]


def untreated_and_compared(
    subject: Rat, *, patients: int, seed: int, effort: Effort = USUAL
) -> tuple[Floats, float]:
    """Return `untreated`, and what the comparator leaves of the relapse rate in the same patients."""
    arm = read_trial(COMPARATOR).given("natalizumab")
    found = _followed(subject, [Arm("vehicle"), arm], patients=patients, seed=seed, effort=effort)
    counts = [len(relapse_onsets(edss).day) for edss in found]
    return found[0], counts[1] / counts[0] if counts[0] else float("nan")


def _followed(subject: Rat, arms: Sequence[Arm], *, patients: int, seed: int, effort: Effort) -> list[Floats]:
    pool = run_in(
        [subject],
        patients,
        seed=seed,
        days=RUN_IN,
        until=UNTIL,
        attacks=[attacks_in(subject)],
        disability=START_EDSS,
        effort=effort,
    )
    found = [follow(pool, arm, until=UNTIL, mechanism="none", effort=effort).edss for arm in arms]
    solved = np.all([np.isfinite(edss).all(axis=1) for edss in found], axis=0)
    return [edss[solved] for edss in found]


def read_natural(edss: Floats, *, seed: int) -> dict[str, float]:
    """Return what the rows say, read off a daily EDSS over two years; NaN without a relapse on its own.

    Examples
    --------
    >>> calm = read_natural(np.full((10, 731), 2.0), seed=1)
    >>> calm["relapse_free"], calm["relapse_rate"], calm["edss_change"]
    (1.0, 0.0, 0.0)
    """
    onsets = relapse_onsets(edss)
    count, days = onsets.counts(1, edss.shape[1] - 1), edss.shape[1] - 1
    patient, day = _alone(onsets, edss.shape[1])
    found = {
        "relapse_rate": float(count.mean() * 365.25 / days),
        "relapse_free": float((count == 0).mean()),
        "edss_change": float((edss[:, -1] - edss[:, 0]).mean()),
    }
    at = edss[patient[:, None], day[:, None] + np.arange(-_BEFORE, _AFTER)]
    before = at[:, :_BEFORE].min(axis=1, initial=np.inf)
    rise = at[:, _BEFORE : _BEFORE + 60].max(axis=1, initial=-np.inf) - before

    def left(after: int) -> Floats:
        return np.asarray(at[:, _BEFORE + after] - before)

    entry = random_stream(seed, _STREAM, "entry").integers(*_ENTRY, size=len(patient))
    row = np.arange(len(patient))
    gains = {week: at[row, _BEFORE + entry] - at[row, _BEFORE + entry + 7 * week] for week in (1, 3, 8)}
    found |= {
        "rise": _mean(rise),
        "severe": _mean(rise > 2.0),
        "residue": _mean(left(127)),
        "residue_of_one": _mean(left(127) >= _ONE),
        "recovered_90": _mean(left(90) < _FULL),
        "recovered_180": _mean(left(180) < _FULL),
    }
    found |= {f"gain_{7 * week}": _mean(gain >= _ONE) for week, gain in gains.items()}
    return found


def misses(read: Mapping[str, float]) -> Floats:
    """Return by how many errors each row is missed."""
    found = [(read[row.name] - row.value) / row.error for row in natural_rows()]
    return np.asarray(np.nan_to_num(np.array(found), nan=_MISSED))


def fit_natural(
    rat: Rat,
    start: Mapping[str, float],
    *,
    patients: int = 2000,
    seed: int = 1,
    evaluations: int = 15,
    effort: Effort = USUAL,
) -> NaturalFit:
    """Fit a patient over a parameter set of the rat, by least squares with the same patients at each step.

    Parameters
    ----------
    rat
        Parameter set.
    start
        A value for each name of `BOUNDS`.
    patients, seed
        Simulated patients.
    evaluations
        Most steps, each with a derivative in every direction.
    effort
        Engine and workers.
    """
    from scipy.optimize import least_squares

    low, high = np.log(np.array(list(BOUNDS.values()))).T

    def miss(place: Floats) -> Floats:
        values = dict(zip(BOUNDS, np.exp(place).tolist(), strict=True))
        try:
            edss, ratio = untreated_and_compared(
                patient_of(rat, PATIENT, values), patients=patients, seed=seed, effort=effort
            )
        except EaesimError:
            return np.full(len(natural_rows()) + 1, _MISSED)
        compared = np.nan_to_num((ratio - COMPARATOR_RATIO) / COMPARATOR_ERROR, nan=_MISSED)
        return np.append(misses(read_natural(edss, seed=seed)), compared)

    first = np.clip(np.log([start[name] for name in BOUNDS]), low + 1e-3, high - 1e-3)
    # Steps are long, because relapses are counted: a short step moves no count.
    step = np.full(len(first), 0.04)
    found = least_squares(miss, first, bounds=(low, high), diff_step=step, max_nfev=evaluations, x_scale=0.5)
    fitted = dict(zip(BOUNDS, np.exp(found.x).tolist(), strict=True))
    subject = patient_of(rat, PATIENT, fitted)
    edss, ratio = untreated_and_compared(subject, patients=patients, seed=seed + 1, effort=effort)
    read = read_natural(edss, seed=seed)
    return NaturalFit(subject, fitted, read, float((misses(read) ** 2).sum()), ratio)


def _alone(onsets: Onsets, days: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return patient and day of relapses without another one near."""
    patient, day = onsets.patient, onsets.day
    gap_before = np.full(len(day), np.inf)
    same = patient[1:] == patient[:-1]
    gap_before[1:] = np.where(same, day[1:] - day[:-1], np.inf)
    gap_after = np.append(gap_before[1:], np.inf)
    inside = (day > _BEFORE) & (day + _AFTER + _ENTRY[1] < days)
    kept = inside & (gap_before > _BEFORE) & (gap_after >= _AFTER)
    return patient[kept].astype(np.int64), day[kept].astype(np.int64)


def _mean(values: npt.NDArray[np.float64] | npt.NDArray[np.bool_]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
