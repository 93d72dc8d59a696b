"""Recruitment: the patients of a trial, with the course that its entry asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.onsets import Onsets, relapse_onsets
from eaesim.errors import NothingComputedError, ProtocolError
from eaesim.model import Rat
from eaesim.protocol.attacks import Attacks
from eaesim.protocol.entry import Entry
from eaesim.protocol.trial import Trial
from eaesim.solver import USUAL, Effort
from eaesim.study.attacks import YEAR
from eaesim.study.cohort import random_stream
from eaesim.study.patients import Patients, run_in

# Patients who enter after a relapse are sought for this long.
SOUGHT = 730
# An attack precedes the relapse that it becomes by less.
ATTACK_BEFORE = 60
_DELAY = 4


@dataclass(frozen=True)
class Recruiting:
    """How patients are drawn.

    Attributes
    ----------
    patients
        Number of patients drawn, of which those that meet the entry are taken.
    seed
        Seed of the study.
    own_igg
        Whether the patient's own IgG acts like given IgG.
    places
        Places of the parameter sets whose patients are drawn; None: all. A patient is the same either way.
    """

    patients: int
    seed: int
    own_igg: bool = False
    places: tuple[int, ...] | None = None


def recruit(
    trial: Trial,
    subjects: Sequence[Rat],
    attacks: Sequence[Attacks],
    how: Recruiting,
    *,
    effort: Effort = USUAL,
) -> Patients:
    """Return the patients who meet the entry of a trial, on the day of randomisation.

    Parameters
    ----------
    trial
        The trial.
    subjects, attacks
        Parameter sets of the patient, and the attacks of each.
    how
        How many are drawn, and by which seed.
    effort
        Engine and workers.

    Raises
    ------
    ProtocolError
        If nobody meets the entry.
    NothingComputedError
        If every patient failed.
    """
    entry, span = trial.entry, trial.run_in

    def drawn(days: int, day_zero: Floats | None = None, more: int = 0) -> Patients:
        return run_in(
            subjects,
            how.patients,
            seed=how.seed,
            days=days,
            until=trial.until + more,
            attacks=attacks,
            disability=trial.edss,
            own_igg=how.own_igg,
            day_zero=day_zero,
            places=how.places,
            effort=effort,
        )

    if not trial.later_attacks:
        alone = recruit(replace(trial, later_attacks=True), subjects, attacks, how, effort=effort)
        return replace(alone, attacks=alone.attacks.between(0.0, 0.0))
    within = entry and (entry.relapse_within or entry.first_attack_within)
    if entry is None:
        everybody = drawn(span)
        return _kept(everybody, np.ones(len(everybody.number), dtype=np.bool_), "")
    if not within:
        found = drawn(span)
        return _kept(found, _history(entry, found), f"nobody of {how.patients:,} meets the entry")
    first = 0 if entry.first_attack_within else span
    sought = drawn(first + SOUGHT)
    onset = _onsets(sought, first + SOUGHT).first_after(first - (first + SOUGHT)) + (first + SOUGHT)
    delays = random_stream(how.seed, _DELAY, "entry").integers(1, within + 1, size=how.patients)
    delay = delays[sought.number]
    has = np.isfinite(onset)
    day_zero = np.where(has, onset + delay, float(first + SOUGHT))
    found = drawn(max(span, within + ATTACK_BEFORE), day_zero, SOUGHT + within)
    found = replace(found, attacks=found.attacks.between(0.0, float(trial.until)))
    return _kept(found, has, f"nobody of {how.patients:,} has a relapse within {SOUGHT} days")


def _onsets(found: Patients, days: int) -> Onsets:
    """Return the relapses of the run-in; the days of patients that failed hold none."""
    calm = np.nan_to_num(found.before.edss, nan=0.0)
    return relapse_onsets(calm, first_day=-days)


def _history(entry: Entry, found: Patients) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    days = found.before.edss.shape[1] - 1
    onsets = _onsets(found, days)
    if entry.stable:
        return np.asarray(onsets.counts(-entry.stable, 0) == 0)
    back = round((entry.years or 0.0) * YEAR)
    return np.asarray(onsets.counts(-back, 0) >= (entry.relapses or 0))


def _kept(found: Patients, meets: np.ndarray[tuple[int], np.dtype[np.bool_]], why: str) -> Patients:
    solved = np.isfinite(found.state).all(axis=1) & np.isfinite(found.before.edss).all(axis=1)
    chosen = np.flatnonzero(meets & solved)
    if not len(chosen):
        if why:
            raise ProtocolError(f"{why}.")
        raise NothingComputedError("every patient failed.")
    return replace(found.rows(chosen), drawn=found.drawn)
