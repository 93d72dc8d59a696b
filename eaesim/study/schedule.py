"""Dosing schedules of the rats of an arm, including triggered doses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats, relapse_days
from eaesim.protocol import Arm, Design
from eaesim.protocol.regimen import DoseLine
from eaesim.protocol.timeline import Event, arm_events

# The day of a dose that is not given.
NEVER = np.inf


def relapse_induction(design: Design, arm: Arm) -> int | None:
    """Return the first whole day on which an arm's induced relapse can be observed, or None."""
    days = [induction.day for induction in design.inductions_of(arm) if induction.kind == "relapse"]
    return int(np.ceil(min(days))) if days else None


def relapses_since(design: Design) -> tuple[tuple[int | None, ...], ...]:
    """Return the first days from which relapses of every arm may be counted: its own, then others'."""
    days = [relapse_induction(design, arm) for arm in design.arms]
    return tuple(
        (own, *(day for day in dict.fromkeys(days) if day is not None and day != own)) for own in days
    )


def waiting_lines(arm: Arm) -> dict[int, DoseLine]:
    """Return the triggered dose lines, by index in the regimen."""
    return {place: line for place, line in enumerate(arm.regimen.lines) if line.trigger is not None}


def next_doses(
    starts: Floats,
    lines: Sequence[DoseLine],
    *,
    score: Floats,
    death_day: Floats,
    induced: int | None,
) -> Floats:
    """Schedule, in every row, the earliest pending dose triggered by its course.

    Parameters
    ----------
    starts
        Day of the first dose, shape (rows, lines); `NEVER` where not scheduled.
    lines
        Triggered dose lines of the arm.
    score
        Daily readings as if no rat died, shape (rows, days); NaN in rows of failed rats.
    death_day
        Day of death of each row; infinity for a survivor.
    induced
        `relapse_induction` of the arm.

    Returns
    -------
    array
        `starts`, with at most one more dose scheduled in each row.
    """
    if not lines:
        return starts
    days = score.shape[1]
    alive = np.where(np.arange(days) < death_day[:, None], score, np.nan)
    found = np.column_stack([_sign_day(alive, line, induced) for line in lines])
    found[(starts != NEVER) | (found >= days) | (found >= death_day[:, None])] = NEVER
    # With two on one day, the first line.
    rows, chosen = np.arange(len(found)), found.argmin(axis=1)
    fixed = starts.copy()
    fixed[rows, chosen] = np.minimum(starts[rows, chosen], found[rows, chosen])
    return fixed


def _sign_day(alive: Floats, line: DoseLine, induced: int | None) -> Floats:
    """Return the day on which each course triggers a line; `NEVER` where it does not."""
    assert line.trigger is not None
    if line.trigger.kind == "onset":
        signs = alive >= line.trigger.threshold
        return np.where(signs.any(axis=1), signs.argmax(axis=1) + line.after, NEVER)
    relapse = np.zeros(len(alive))
    for _ in range(line.trigger.number):
        _, confirmed = relapse_days(alive, rise=line.trigger.threshold, induced=induced)
        relapse = np.where((confirmed >= 0) & (relapse != NEVER), confirmed, NEVER)
        # The next relapse follows this one's peak; earlier scores no longer count.
        alive, induced = np.where(np.arange(alive.shape[1]) < confirmed[:, None], 0.0, alive), None
    return relapse + line.after


def arm_schedules(
    design: Design, arm: Arm, starts: Floats
) -> tuple[list[tuple[Event, ...]], npt.NDArray[np.int64]]:
    """Return the distinct schedules of an arm's rats, and the index for each row.

    Parameters
    ----------
    design, arm
        Design and arm.
    starts
        Day of the first dose of each triggered line, shape (rows, lines); `NEVER` for none.
    """
    places, inductions = tuple(waiting_lines(arm)), design.inductions_of(arm)
    follows = np.zeros(len(starts), dtype=np.int64)
    for column in starts.T:
        # Two indices are combined into one, kept small.
        days, own = np.unique(column, return_inverse=True)
        _, follows = np.unique(follows * len(days) + own, return_inverse=True)
    _, first = np.unique(follows, return_index=True)
    given = [
        {place: day for place, day in zip(places, row, strict=True) if day != NEVER}
        for row in starts[first].tolist()
    ]
    return [arm_events(inductions, arm.regimen, triggered=days) for days in given], follows


def dosed(arm: Arm, starts: Floats) -> npt.NDArray[np.bool_]:
    """Return which rats received a dose above 0. `starts` as for `arm_schedules`."""
    waiting = list(waiting_lines(arm).values())
    given = (starts != NEVER) & np.array([line.dose.amount > 0 for line in waiting], dtype=np.bool_)
    fixed = any(line.dose.amount > 0 for line in arm.regimen.lines if line.trigger is None)
    return np.asarray(given.any(axis=1) | fixed)
