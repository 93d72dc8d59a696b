"""EDSS at the visits of a trial: half steps, raters' error, and progression that a later visit confirms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eaesim.endpoints.dead import Bools, Floats
from eaesim.errors import QuantityError

#: SD of one rater's error, in EDSS. Derived from Noseworthy 1990 (Neurology 40:971-975; abstract read,
#: journal and year from memory): two physicians agreed perfectly on 69 % of 545 pairs of examinations. Two
#: normal errors of this SD, rounded to half steps, agree in 69 % too. They are within one step always, there
#: in "at least 92 %": large errors are too rare here. With an SD of 0.29, 92 % are within one step, but only
#: 44 % agree perfectly.
RATER_SD = 0.14
#: Days between the visits of a trial that examines every three months.
THREE_MONTHS = 91


@dataclass(frozen=True)
class ProgressionRule:
    """What counts as confirmed progression of disability.

    Attributes
    ----------
    step
        Least rise of the EDSS over the baseline.
    high_step, high_from
        Least rise where the baseline is at `high_from` or above. Trials differ here (some say 6.0); assumed.
    confirmed_after
        Days over which every visit has to show the rise, at least one of them that many days after its first.
    after_relapse
        Visits this number of days after an onset, or sooner, count neither for nor against; 0: every visit
        counts.
    """

    step: float = 1.0
    high_step: float = 0.5
    high_from: float = 5.5
    confirmed_after: int = 84
    after_relapse: int = 0


def visit_days(until: int, *, also: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the days of the visits, from day 0 every `THREE_MONTHS`, with some more.

    Raises
    ------
    QuantityError
        If a visit lies outside days 0 to `until`.

    Examples
    --------
    >>> visit_days(200, also=(7, 200))
    (0, 7, 91, 182, 200)
    """
    for day in also:
        if not 0 <= day <= until:
            raise QuantityError(f"a visit on day {day}; the trial lasts from day 0 to day {until}.")
    return tuple(sorted({*range(0, until + 1, THREE_MONTHS), *also}))


def rated_edss(edss: Floats, *, errors: Floats | float = 0.0) -> Floats:
    """Return the EDSS as a rater writes it down: in half steps, with an error.

    The scale has no 0.5: its steps are 0, 1, 1.5, ... 9.5, 10.

    Parameters
    ----------
    edss
        The patients' true EDSS at the visits, of any shape.
    errors
        Standard normal deviates of the same shape, in units of `RATER_SD`; 0 for a rater without error.

    Examples
    --------
    >>> rated_edss(np.array([0.3, 0.6, 2.2, 2.3, 9.9])).tolist()
    [0.0, 1.0, 2.0, 2.5, 10.0]
    """
    seen = np.clip(edss + RATER_SD * errors, 0.0, 10.0)
    steps = np.floor(2.0 * seen + 0.5) / 2.0
    return np.where(seen < 0.75, np.where(seen < 0.5, 0.0, 1.0), steps)


def confirmed_progression(
    edss: Floats, days: tuple[int, ...], *, rule: ProgressionRule | None = None, aside: Bools | None = None
) -> tuple[Floats, Floats]:
    """Find the first rise of the EDSS over the baseline that later visits confirm.

    Parameters
    ----------
    edss
        EDSS at the visits, shape (patients, visits); the first visit is the baseline.
    days
        Days of the visits, ascending.
    rule
        What counts as confirmed progression.
    aside
        Visits that count neither for nor against, for example those during a relapse.

    Returns
    -------
    tuple of arrays
        Shape (patients,): the day of the visit at which the confirmed rise began, and that of the visit that
        confirmed it; infinite where there is none.

    Examples
    --------
    >>> confirmed_progression(np.array([[2.0, 3.0, 2.0, 3.0, 3.5]]), (0, 91, 182, 273, 364))
    (array([273.]), array([364.]))
    """
    rule = rule or ProgressionRule()
    baseline = edss[:, 0]
    needed = baseline + np.where(baseline >= rule.high_from, rule.high_step, rule.step)
    since = np.full(len(edss), np.inf)
    began, confirmed = np.full(len(edss), np.inf), np.full(len(edss), np.inf)
    for visit, day in enumerate(days[1:], start=1):
        counts = np.ones(len(edss), dtype=np.bool_) if aside is None else ~aside[:, visit]
        raised = edss[:, visit] >= needed
        since = np.where(counts, np.where(raised, np.minimum(since, day), np.inf), since)
        found = counts & np.isinf(confirmed) & (day - since >= rule.confirmed_after)
        began, confirmed = np.where(found, since, began), np.where(found, day, confirmed)
    return began, confirmed
