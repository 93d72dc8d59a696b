"""The schedules that a laboratory would try without any search."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from eaesim.questions.schedule.optimise.limits import Limits, Schedule


def plain_schedules(limits: Limits) -> dict[str, Schedule]:
    """Return plain schedules within limits, by name; of two that are the same, the first.

    Examples
    --------
    >>> plain = plain_schedules(Limits(1000.0, 5, -7.0, 14.0))
    >>> list(plain)[:3]
    ['at once on day -7', 'at once on day 0', 'at once on day 3']
    >>> [dose.day for dose in plain["weekly from day -7"]]
    [-7.0, 0.0, 7.0, 14.0]
    """
    days, count = limits.days, limits.doses
    first = float(days[0])
    starts = [first, *([0.0] if first < 0.0 <= days[-1] and 0.0 in days else [])]
    found: dict[str, Schedule] = {}

    def add(name: str, at: Iterable[float]) -> None:
        chosen = [float(day) for day in at if first <= day <= days[-1]][:count]
        share = limits.total / len(chosen)
        schedule = limits.rounded((day, share) for day in chosen)
        if schedule and schedule not in found.values():
            found[name] = schedule

    for day in (*starts, float(days[len(days) // 2 - (len(days) % 2 == 0)])):
        add(f"at once on day {day:g}", [day])
    for day in starts:
        add(f"daily from day {day:g}", day + np.arange(count))
        add(f"weekly from day {day:g}", day + 7.0 * np.arange(count))
    spread = days[np.unique(np.round(np.linspace(0, len(days) - 1, count)).astype(int))]
    add("equal doses over all days", spread)
    return found
