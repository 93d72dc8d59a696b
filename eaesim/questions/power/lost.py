"""Animals lost before the last day in a test: the rules of `eaesim scores`.

Loss tells nothing of what came after (`eaesim.endpoints.followup`): a lost animal keeps its onset and a peak
of what was read; without signs it is censored, and counts as without only if it was lost after the last event
of the two groups. Where animals were lost between the first event and the last, shares are not compared.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.endpoints.times import Times

Bools = npt.NDArray[np.bool_]


def informative(one: Times, two: Times) -> tuple[Times, Times]:
    """Leave out animals that were last seen before the first event of their study: they tell nothing of it.

    Parameters
    ----------
    one, two
        Times and whether the event was seen then, shape (studies, animals); NaN is left out already.

    Examples
    --------
    >>> times = np.array([[2.0, 5.0]]), np.array([[False, True]])
    >>> informative(times, times)[0][0]
    array([[nan,  5.]])
    """
    first, _ = _span(one, two)
    left, right = (
        (np.where(~seen & (time < first[:, None]), np.nan, time), seen) for time, seen in (one, two)
    )
    return left, right


def known_peaks(values: Floats, lost: Bools, times: Times, *, last_onset: Floats) -> Floats:
    """Return peaks, NaN of animals that were lost without signs while others still fell ill.

    Parameters
    ----------
    values, lost, times
        Peaks, who was lost, and the times of onset, shape (studies, animals).
    last_onset
        The last day of onset in each study.

    Examples
    --------
    >>> times = np.array([[3.0, 9.0]]), np.array([[False, True]])
    >>> known_peaks(np.zeros((1, 2)), times[0] < 5, times, last_onset=np.array([9.0]))
    array([[nan,  0.]])
    """
    time, seen = times
    return np.where(lost & ~seen & (time < np.maximum(last_onset, 1.0)[:, None]), np.nan, values)


def settled(
    values: tuple[Floats, Floats], lost: tuple[Bools, Bools], times: tuple[Times, Times]
) -> tuple[tuple[Floats, Floats], Bools]:
    """Settle shares, and say in which studies they are not compared.

    Parameters
    ----------
    values, lost, times
        For both groups: 1 or 0, who was lost, and the day of the event or the last one without.

    Returns
    -------
    tuple
        Both groups with NaN for animals lost before the first event, and the studies in which animals were
        lost between the first event and the last.

    Examples
    --------
    >>> times = np.array([[4.0, 3.0], [4.0, 5.0]]), np.array([[True, False], [True, False]])
    >>> group, lost = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[False, True], [False, True]])
    >>> (own, _), open_ = settled((group, group), (lost, lost), (times, times))
    >>> own.tolist(), open_.tolist()
    ([[1.0, nan], [1.0, 0.0]], [False, False])
    """
    first, final = _span(*times)
    unknown = [gone & ~seen for gone, (_, seen) in zip(lost, times, strict=True)]
    before = [time < first[:, None] for time, _ in times]
    within = [~early & (time < final[:, None]) for early, (time, _) in zip(before, times, strict=True)]
    one, two = (
        np.where(open_ & early, np.nan, group)
        for group, open_, early in zip(values, unknown, before, strict=True)
    )
    between = [(open_ & inside).any(axis=1) for open_, inside in zip(unknown, within, strict=True)]
    return (one, two), np.asarray(between[0] | between[1])


def last_event(one: Times, two: Times) -> Floats:
    """Return the last day of an event in each study; 0 without one.

    Examples
    --------
    >>> times = np.array([[2.0, 5.0]]), np.array([[True, False]])
    >>> last_event(times, times)
    array([2.])
    """
    final = _span(one, two)[1]
    return np.where(np.isfinite(final), final, 0.0)


def _span(one: Times, two: Times) -> tuple[Floats, Floats]:
    """Return the first and the last day of an event in each study; infinity without one."""
    days = np.concatenate([np.where(seen, time, np.nan) for time, seen in (one, two)], axis=1)
    none = np.isnan(days).all(axis=1)
    first = np.where(np.isnan(days), np.inf, days).min(axis=1)
    final = np.where(np.isnan(days), -np.inf, days).max(axis=1)
    return first, np.where(none, np.inf, final)
