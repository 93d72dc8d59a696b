"""Patients of simulated trials: drawn from a pool, different persons in each arm, some lost to follow-up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.ranks import Places
from eaesim.errors import QuantityError

YEAR = 365.25
# Persons and days of loss have streams of their own: a trial with losses enrols the same persons.
_PERSONS, _LOSSES = range(2)


@dataclass(frozen=True)
class Enrolled:
    """The patients of one arm of many trials.

    Attributes
    ----------
    person
        Number of each patient in the pool, shape (trials, patients).
    stop
        Last day on which the patient was watched, of the same shape; infinite if to the end.
    """

    person: Places
    stop: Floats


def enrol(
    sizes: Sequence[int],
    *,
    eligible: Places | int,
    trials: int,
    seed: int,
    parameter_set: int = 0,
    dropout: float = 0.0,
) -> tuple[Enrolled, ...]:
    """Draw the patients of each arm of many trials from a pool.

    All patients of a trial are different persons. The difference of two arms then varies from trial to trial
    as it does with patients from an unlimited population. The value of one arm varies a little less: its
    variance is lower by the share of the pool that the arm takes.

    Parameters
    ----------
    sizes
        Number of patients in each arm.
    eligible
        Numbers of the persons of the pool that meet the entry criteria, or their number if all do.
    trials
        Number of trials.
    seed, parameter_set
        Seed of the study, and number of the parameter set of the pool; each set has a stream of its own.
    dropout
        Share of the patients that is lost in a year, at a constant rate.

    Raises
    ------
    QuantityError
        If an arm is empty, the pool is smaller than the trial, or the share is not from 0 to below 1.

    Examples
    --------
    >>> ivig, placebo = enrol((3, 2), eligible=50, trials=4, seed=1)
    >>> ivig.person.shape, placebo.person.shape, bool(np.isinf(ivig.stop).all())
    ((4, 3), (4, 2), True)
    """
    pool = np.arange(eligible) if isinstance(eligible, int) else eligible
    _check(sizes, len(pool), trials, dropout)
    persons = _persons(sizes, len(pool), trials, _stream(seed, parameter_set, _PERSONS))
    losses = _stream(seed, parameter_set, _LOSSES)
    stops = [
        np.full((trials, size), np.inf)
        if dropout == 0
        else np.floor(losses.exponential(-YEAR / math.log1p(-dropout), (trials, size)))
        for size in sizes
    ]
    return tuple(Enrolled(pool[person], stop) for person, stop in zip(persons, stops, strict=True))


def _check(sizes: Sequence[int], pool: int, trials: int, dropout: float) -> None:
    for size in sizes:
        if size < 1:
            raise QuantityError(f"an arm of {size} patients; give 1 or more.")
    if trials < 1:
        raise QuantityError(f"{trials} trials; give 1 or more.")
    if sum(sizes) > pool:
        raise QuantityError(
            f"{pool} simulated patients meet the entry criteria, and a trial has {sum(sizes)}; give "
            "more patients (--patients), or widen the criteria."
        )
    if not 0 <= dropout < 1:
        raise QuantityError(f"dropout = {dropout} a year; give a share from 0 to below 1.")


def _persons(sizes: Sequence[int], pool: int, trials: int, random: np.random.Generator) -> list[Places]:
    """Draw places in the pool, all of one trial different, by the first steps of a Fisher-Yates shuffle."""
    places = np.tile(np.arange(pool, dtype=np.int32), (trials, 1))
    trial = np.arange(trials)
    for patient in range(sum(sizes)):
        drawn = random.integers(patient, pool, trials)
        person = places[trial, drawn]
        places[trial, drawn] = places[:, patient]
        places[:, patient] = person
    ends = np.cumsum([0, *sizes])
    return [places[:, start:end].astype(np.int64) for start, end in pairwise(ends)]


def _stream(seed: int, parameter_set: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(parameter_set, purpose)))
