"""Readings of a run for the rows that need more than scores: one number per rat, or per population."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats, scores_with_dead
from eaesim.errors import unknown_name
from eaesim.estimation.reading import SEVERE
from eaesim.evidence import finding
from eaesim.questions.mechanisms.runs import COURSE, Seen

# Rats with a value that a mean needs.
LEAST_RATS = 3
# The barrier leaks while its leak is at least this share of its own peak; assumed.
LEAKS = 0.1

Window = tuple[int, int]
Days = TypeVar("Days", Floats, npt.NDArray[np.bool_])


def _within(values: Days, window: Window) -> Days:
    return values[:, :, window[0] : window[1] + 1]


def _alive(seen: Seen, day: int) -> Floats:
    """Return 1 for rats that live on a day, NaN for the dead and the failed."""
    death = seen.populations.death_day
    return np.where(death > day, 1.0, np.nan)


def _scores(seen: Seen, window: Window) -> Floats:
    """Return the scores of days, the dead at 5; NaN for rats that failed."""
    score, death = seen.populations.score, seen.populations.death_day
    flat = scores_with_dead(score.reshape(-1, score.shape[2]), death.ravel())
    return np.asarray(_within(flat.reshape(score.shape), window))


def _signs(seen: Seen, window: Window) -> npt.NDArray[np.bool_]:
    """Return which living rats have signs on which days."""
    return _within(seen.populations.signs, window)


def _ill(seen: Seen, window: Window) -> Floats:
    return np.asarray(_alive(seen, window[0]) * _signs(seen, window).any(axis=2))


def _induced(seen: Seen) -> int:
    induced = seen.populations.induced
    assert induced is not None
    return induced


def _ill_again_if_protected(seen: Seen, _: Window) -> Floats:
    """Return whether rats that had no signs before fall ill when they are induced again."""
    day = _induced(seen)
    ill = _alive(seen, day) * _signs(seen, (day, seen.populations.score.shape[2] - 1)).any(axis=2)
    return np.asarray(np.where(_signs(seen, (0, day - 1)).any(axis=2), np.nan, ill))


def _peak_of_the_sick(seen: Seen, window: Window) -> Floats:
    peak = _scores(seen, window).max(axis=2)
    return np.where(peak >= 1, peak, np.nan)


def _severe(seen: Seen, window: Window) -> Floats:
    peak = _scores(seen, window).max(axis=2)
    return np.where(np.isnan(peak), np.nan, peak >= SEVERE)


def _greatest(name: str) -> Callable[[Seen, Window], Floats]:
    return lambda seen, window: _within(seen.state(name), window).max(axis=2)


def _onset(seen: Seen) -> Floats:
    return seen.populations.first["onset_day"]


def _first_course(values: Days) -> Days:
    return values[:, :, : COURSE + 1]


def _onset_to_infiltrate_peak(seen: Seen, _: Window) -> Floats:
    return np.asarray(_first_course(seen.state("infiltrate")).argmax(axis=2) - _onset(seen))


def _leaks(seen: Seen) -> npt.NDArray[np.bool_]:
    """Return on which days each rat's barrier leaks; it follows the cytokine of activated macrophages."""
    leak = _first_course(seen.state("macrophages"))
    return np.asarray(leak >= LEAKS * leak.max(axis=2, keepdims=True))


def _onset_to_leak(seen: Seen, _: Window) -> Floats:
    return np.asarray(_leaks(seen).argmax(axis=2) - _onset(seen))


def _peak_to_leak_maximum(seen: Seen, _: Window) -> Floats:
    leak, severe = (
        _first_course(values).argmax(axis=2) for values in (seen.state("macrophages"), seen.severity)
    )
    return np.where(np.isnan(_onset(seen)), np.nan, leak - severe)


def _remission(seen: Seen) -> Floats:
    """Return the day after the last with signs of the first disease; NaN where none, death or no end."""
    last_day = min(COURSE, seen.populations.score.shape[2] - 1)
    signs = _signs(seen, (0, last_day))
    after = signs.shape[2] - signs[:, :, ::-1].argmax(axis=2)
    ended = signs.any(axis=2) & (after <= last_day) & (seen.populations.death_day > last_day)
    return np.where(ended, after, np.nan)


def _leak_end_before_remission(seen: Seen, _: Window) -> Floats:
    leaks = _leaks(seen)
    over = leaks.shape[2] - leaks[:, :, ::-1].argmax(axis=2)
    return np.asarray(_remission(seen) - over)


def _at(values: Floats, day: Floats) -> Floats:
    """Return each rat's value on its own day; NaN where it has none."""
    place = np.where(np.isnan(day), 0, day).astype(np.int64)[:, :, None]
    return np.where(np.isnan(day), np.nan, np.take_along_axis(values, place, axis=2)[:, :, 0])


def _infiltrate_share_at_remission(seen: Seen, _: Window) -> Floats:
    infiltrate = seen.state("infiltrate")
    return np.asarray(_at(infiltrate, _remission(seen)) / _first_course(infiltrate).max(axis=2))


def _of_score_4(seen: Seen, sample: Floats) -> Floats:
    """Return the mean infiltrate of a sample in cells per gram, of which score 4 holds what B12 says."""
    infiltrate, score = _first_course(seen.state("infiltrate")), _first_course(seen.populations.score)
    worst = (score == 4) & _first_course(seen.populations.alive)
    highest = _mean(np.where(worst, infiltrate, np.nan).reshape(len(score), -1))
    return np.asarray(sample / highest * float(finding("B12.score_4").low or np.nan))


def _infiltrate_at_score_1(seen: Seen, _: Window) -> Floats:
    """Return what rats of score 1 hold before their worst day."""
    infiltrate, score = _first_course(seen.state("infiltrate")), _first_course(seen.populations.score)
    rising = np.arange(score.shape[2]) < score.argmax(axis=2)[:, :, None]
    held = np.where((score == 1) & rising, infiltrate, np.nan)
    return _of_score_4(seen, _mean(held.reshape(len(score), -1)))


def _infiltrate_in_remission(seen: Seen, _: Window) -> Floats:
    return _of_score_4(seen, _mean(_at(seen.state("infiltrate"), _remission(seen))))


def _share_of_peak(name: str) -> Callable[[Seen, Window], Floats]:
    """Return what reads how much of a state is there on a day, above a healthy rat's, of its peak."""

    def share(seen: Seen, window: Window) -> Floats:
        course = np.nanmean(seen.states[name], axis=1)
        above = course - course[:, :1]
        return np.asarray(above[:, window[0]] / above[:, : COURSE + 1].max(axis=1))

    return share


#: A value a rat, shape (populations, rats); NaN for rats that do not count.
BY_RAT: dict[str, Callable[[Seen, Window], Floats]] = {
    "score": lambda seen, window: _scores(seen, window).mean(axis=2),
    "score_of_the_living": lambda seen, window: _alive(seen, window[0]) * _scores(seen, window).mean(axis=2),
    "severity": lambda seen, window: _within(seen.severity, window).mean(axis=2),
    "peak": lambda seen, window: _scores(seen, window).max(axis=2),
    "peak_of_the_sick": _peak_of_the_sick,
    "ill": _ill,
    "severe": _severe,
    "ill_again_if_protected": _ill_again_if_protected,
    "infiltrate": _greatest("infiltrate"),
    "t_cells": _greatest("t_cells"),
    "macrophages": _greatest("macrophages"),
    "leak": lambda seen, window: _within(seen.state("macrophages"), window).mean(axis=2),
    "demyelination": lambda seen, window: seen.state("demyelination")[:, :, window[1]],
    "onset_to_infiltrate_peak": _onset_to_infiltrate_peak,
    "onset_to_leak": _onset_to_leak,
    "peak_to_leak_maximum": _peak_to_leak_maximum,
    "leak_end_before_remission": _leak_end_before_remission,
    "infiltrate_share_at_remission": _infiltrate_share_at_remission,
}
#: A value a population, shape (populations,).
BY_POPULATION: dict[str, Callable[[Seen, Window], Floats]] = {
    "infiltrate_share": _share_of_peak("infiltrate"),
    "regulators_share": _share_of_peak("regulators"),
    "infiltrate_at_score_1": _infiltrate_at_score_1,
    "infiltrate_in_remission": _infiltrate_in_remission,
}


def read_rats(name: str, seen: Seen, window: Window) -> Floats:
    """Return the reading of every rat.

    Raises
    ------
    UnknownNameError
        If there is no such reading of rats.
    """
    if name not in BY_RAT:
        raise unknown_name(name, "reading of rats", BY_RAT)
    return np.asarray(BY_RAT[name](seen, window), dtype=np.float64)


def read_population(name: str, seen: Seen, window: Window) -> Floats:
    """Return the reading of every population: the mean of its rats, or a number of their mean course.

    Raises
    ------
    UnknownNameError
        If there is no such reading.
    """
    if name in BY_RAT:
        return _mean(read_rats(name, seen, window))
    if name in BY_POPULATION:
        return np.asarray(BY_POPULATION[name](seen, window), dtype=np.float64)
    raise unknown_name(name, "reading of runs", [*BY_RAT, *BY_POPULATION])


def days_earlier(treated: Seen, control: Seen) -> Floats:
    """Return by how many days treated rats fall ill before the same rats untreated, in the mean."""
    return _mean(_onset(control) - _onset(treated))


def _mean(values: Floats) -> Floats:
    """Return the mean over rats with a value; NaN with too few."""
    count = (~np.isnan(values)).sum(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a population without a rat with a value
        return np.where(count >= LEAST_RATS, np.nanmean(values, axis=1), np.nan)
