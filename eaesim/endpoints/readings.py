"""From the days on which a laboratory scored its animals to daily courses, by one rule for missing days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.clinical import Courses, Floats, scores_with_dead

DEAD = 5.0
#: How days without a reading are treated, for whoever reads a result.
MISSING_RULE = "days without a reading keep the last one; days before the first count as 0"


def daily_scores(score: Floats, days: Sequence[int] | npt.NDArray[np.int64], *, until: int) -> Floats:
    """Return scores for every day from 0 on: the last reading holds until the next one.

    Days before an animal's first reading count as 0; days after its last are NaN.

    Parameters
    ----------
    score
        Shape (animals, days read), NaN where there is no reading; 5 from death on.
    days
        The days read, rising.
    until
        The last day that is wanted.

    Returns
    -------
    array
        Shape (animals, until + 1).

    Examples
    --------
    >>> daily_scores(np.array([[1.0, np.nan, 2.0, np.nan]]), [1, 2, 4, 5], until=5)
    array([[ 0.,  1.,  1.,  1.,  2., nan]])
    """
    first, last = min(0, int(days[0])), max(until, int(days[-1]))
    by_day = np.full((len(score), last - first + 1), np.nan)
    by_day[:, np.asarray(days) - first] = score
    known = ~np.isnan(by_day)
    # Where the last reading stands, day by day; -1 before the first.
    read = np.maximum.accumulate(np.where(known, np.arange(by_day.shape[1]), -1), axis=1)
    held = np.where(read < 0, 0.0, np.take_along_axis(by_day, np.maximum(read, 0), axis=1))
    followed = np.arange(by_day.shape[1]) <= read[:, -1:]
    dead = (held == DEAD).any(axis=1)[:, None]
    return np.where(followed | dead, held, np.nan)[:, -first : until - first + 1]


def laboratory_courses(daily: Floats) -> Courses:
    """Return the courses of an arm, for `eaesim.endpoints.read_endpoints`; what only a model sees is NaN.

    Parameters
    ----------
    daily
        From `daily_scores`; an animal that was not followed to the end has no endpoints.

    Examples
    --------
    >>> laboratory_courses(np.array([[0.0, 3.0, 5.0, 5.0]])).death_day
    array([2.])
    """
    dead = daily == DEAD
    death_day = np.where(dead.any(axis=1), dead.argmax(axis=1), np.inf)
    before = np.maximum(dead.argmax(axis=1) - 1, 0)[:, None]
    score = np.where(dead, np.take_along_axis(daily, before, axis=1), daily)
    unseen = np.full((len(daily), 1), np.nan)
    return Courses(score, death_day, inflammation=unseen, demyelination=unseen)


def onset_times(daily: Floats, *, dead: str = "five") -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the first day with signs, or the last day an animal was seen without them.

    Parameters
    ----------
    daily
        From `daily_scores`, shape (animals, days).
    dead
        The rule for the dead, as for endpoints: by ``exclude`` they have no time, by ``last`` one that dies
        without signs was last seen on the day before.

    Returns
    -------
    tuple of arrays
        The days, NaN for an animal that was left out, and whether there were signs.

    Examples
    --------
    >>> onset_times(np.array([[0.0, 1.0, 2.0], [0.0, 0.0, np.nan]]))
    (array([1., 1.]), array([ True, False]))
    """
    courses = laboratory_courses(daily)
    signs = scores_with_dead(courses.score, courses.death_day, dead=dead) >= 1
    seen = np.asarray(signs.any(axis=1))
    last = (~np.isnan(daily)).sum(axis=1) - 1.0
    if dead == "last":
        last = np.minimum(last, np.maximum(courses.death_day - 1, 0))
    time = np.where(seen, signs.argmax(axis=1), last)
    left_out = (last < 0) | ((dead == "exclude") & np.isfinite(courses.death_day))
    return np.where(left_out, np.nan, time), seen
