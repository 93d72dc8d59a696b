"""Raters' errors at patients' visits: they depend on the seed, the patient's number and the visit only."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from eaesim.endpoints import Floats

# The streams of a cohort have small numbers in this place.
_RATERS = crc32(b"raters")


def draw_rater_errors(patients: int, *, seed: int, visits: tuple[int, ...]) -> Floats:
    """Draw raters' errors as standard normal deviates, shape (patients, visits).

    Patient number i has the i-th draw of the stream of each visit's day, so a patient's errors are the same
    in every arm, whatever the number of patients and of visits.

    Parameters
    ----------
    patients
        Number of patients.
    seed
        Seed of the study, 0 or more.
    visits
        Days of the visits.

    Examples
    --------
    >>> many, few = (draw_rater_errors(number, seed=1, visits=(0, 91)) for number in (5, 2))
    >>> bool((many[:2] == few).all())
    True
    """
    return np.array([_stream(seed, day).standard_normal(patients) for day in visits]).T


def _stream(seed: int, day: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_RATERS, day)))
