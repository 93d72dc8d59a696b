"""When the rats of an arm are given what: doses that wait for a sign, and the schedules that follow."""

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
    """Return the first whole day on which an arm's induced relapse can be seen, or None without one."""
    days = [induction.day for induction in design.inductions_of(arm) if induction.kind == "relapse"]
    return int(np.ceil(min(days))) if days else None


def waiting_lines(arm: Arm) -> dict[int, DoseLine]:
    """Return the dose lines that wait for a sign, by their place in the regimen."""
    return {place: line for place, line in enumerate(arm.regimen.lines) if line.trigger is not None}


def next_doses(
    starts: Floats,
    lines: Sequence[DoseLine],
    *,
    score: Floats,
    death_day: Floats,
    induced: int | None,
) -> Floats:
    """Fix, in every row, the earliest dose that its course triggers and that is not fixed yet.

    Parameters
    ----------
    starts
        Day of the first dose, shape (rows, lines); `NEVER` where none is fixed.
    lines
        Those of the arm that wait for a sign.
    score
        Daily readings as if no rat died, shape (rows, days); NaN in the rows of rats that failed.
    death_day
        Of each row; infinity for a rat that lives.
    induced
        The arm's `relapse_induction`.

    Returns
    -------
    array
        `starts`, with at most one more dose fixed in each row.
    """
    if not lines:
        return starts
    days = score.shape[1]
    alive = np.where(np.arange(days) < death_day[:, None], score, np.nan)
    found = np.column_stack([_sign_day(alive, line, induced) for line in lines])
    found[(starts != NEVER) | (found >= days) | (found >= death_day[:, None])] = NEVER
    # Of two on one day, the line that stands first.
    rows, chosen = np.arange(len(found)), found.argmin(axis=1)
    fixed = starts.copy()
    fixed[rows, chosen] = np.minimum(starts[rows, chosen], found[rows, chosen])
    return fixed


def _sign_day(alive: Floats, line: DoseLine, induced: int | None) -> Floats:
    """Return the day on which each course lets a line begin; `NEVER` where it does not."""
    assert line.trigger is not None
    if line.trigger.kind == "onset":
        signs = alive >= line.trigger.threshold
        return np.where(signs.any(axis=1), signs.argmax(axis=1) + line.after, NEVER)
    relapse = np.zeros(len(alive))
    for _ in range(line.trigger.number):
        _, confirmed = relapse_days(alive, rise=line.trigger.threshold, induced=induced)
        relapse = np.where((confirmed >= 0) & (relapse != NEVER), confirmed, NEVER)
        # The next one comes after this one's peak: what was before it counts no more.
        alive, induced = np.where(np.arange(alive.shape[1]) < confirmed[:, None], 0.0, alive), None
    return relapse + line.after


def arm_schedules(
    design: Design, arm: Arm, starts: Floats
) -> tuple[list[tuple[Event, ...]], npt.NDArray[np.int64]]:
    """Return the different schedules of an arm's rats, and which of them each row follows.

    Parameters
    ----------
    design, arm
        What is done.
    starts
        Day of the first dose of each line that waits for a sign, shape (rows, lines); `NEVER` for none.
    """
    places, inductions = tuple(waiting_lines(arm)), design.inductions_of(arm)
    follows = np.zeros(len(starts), dtype=np.int64)
    for column in starts.T:
        # Two numbers become one, and the numbers stay small.
        days, own = np.unique(column, return_inverse=True)
        _, follows = np.unique(follows * len(days) + own, return_inverse=True)
    _, first = np.unique(follows, return_index=True)
    given = [
        {place: day for place, day in zip(places, row, strict=True) if day != NEVER}
        for row in starts[first].tolist()
    ]
    return [arm_events(inductions, arm.regimen, triggered=days) for days in given], follows


def dosed(arm: Arm, starts: Floats) -> npt.NDArray[np.bool_]:
    """Return which rats were given any dose; one of 0 is none. `starts` as for `arm_schedules`."""
    waiting = list(waiting_lines(arm).values())
    given = (starts != NEVER) & np.array([line.dose.amount > 0 for line in waiting], dtype=np.bool_)
    fixed = any(line.dose.amount > 0 for line in arm.regimen.lines if line.trigger is None)
    return np.asarray(given.any(axis=1) | fixed)
