"""Running arms: doses that wait for a sign are found pass by pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats, relapse_days
from eaesim.model import Rat
from eaesim.protocol import Arm, Design
from eaesim.protocol.regimen import Trigger
from eaesim.protocol.timeline import Event, arm_events
from eaesim.solver import FAILED, STATUS, Progress, solve
from eaesim.study.assembly import READ, Readings, arm_parameters, build_problem, read
from eaesim.study.cohort import Cohort


@dataclass(slots=True)
class _Row:
    """One rat in one arm."""

    arm: Arm
    rat: int
    parameters: Floats
    triggered: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Simulation:
    """What came of every rat in every arm: arrays of (arms, rats), states and scores of (arms, rats, days).

    Attributes
    ----------
    states
        The recorded states, by name; NaN for a rat that failed.
    score, severity
        Daily readings, as if no rat died; NaN for a rat that failed.
    death_day
        First day on which the rat is dead; infinity for one that lives.
    status, reason
        ``"solved"``, or ``"failed"`` and why.
    dosed
        Whether the rat was given any dose.
    triggered
        By arm and place of a dose line that waits for a sign: the day of its first dose, NaN without one.
    """

    states: dict[str, Floats]
    score: Floats
    severity: Floats
    death_day: Floats
    status: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]
    dosed: npt.NDArray[np.bool_]
    triggered: dict[tuple[str, int], Floats]


def relapse_induction(design: Design, arm: Arm) -> int | None:
    """Return the first whole day on which an arm's induced relapse can be seen, or None without one."""
    days = [induction.day for induction in design.inductions_of(arm) if induction.kind == "relapse"]
    return int(np.ceil(min(days))) if days else None


def simulate(
    rat: Rat,
    design: Design,
    cohort: Cohort,
    *,
    record: Sequence[str],
    workers: int | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Run every arm of a design with the same rats.

    Parameters
    ----------
    rat
        The typical rat.
    design
        Arms, inductions and days.
    cohort
        The rats.
    record
        Names of the states to keep, besides those that the readings need.
    workers, progress
        As in `eaesim.solver.solve`.
    """
    names = tuple(dict.fromkeys((*READ, *record)))
    animals = len(cohort.death)
    rows = []
    for arm in design.arms:
        parameters = arm_parameters(rat, arm, cohort, mechanism=design.mechanism)
        rows += [_Row(arm, number, parameters[number]) for number in range(animals)]
    values = np.full((len(rows), design.until + 1, len(names)), np.nan)
    status, reason = np.full(len(rows), FAILED, dtype=np.uint8), np.full(len(rows), "", dtype=object)
    pending = list(range(len(rows)))
    while pending:
        chosen = [rows[index] for index in pending]
        problem = build_problem(
            [row.parameters for row in chosen],
            [_events(row, design) for row in chosen],
            until=design.until,
            record=names,
        )
        solution = solve(problem, workers=workers, progress=progress)
        values[pending], status[pending] = solution.values, solution.status
        for row, why in solution.reason.items():
            reason[pending[row]] = why
        readings = _read(chosen, solution.values, names, cohort)
        # Before its next dose a rat's course is the same, so the days found so far stay what they are.
        fires = [_fire_next(row, readings, place, design) for place, row in enumerate(chosen)]
        pending = [index for index, fired in zip(pending, fires, strict=True) if fired]
        progress = None
    readings = _read(rows, values, names, cohort)
    shape = (len(design.arms), animals)
    return Simulation(
        states={name: values[:, :, place].reshape(*shape, -1) for place, name in enumerate(names)},
        score=readings.score.reshape(*shape, -1),
        severity=readings.severity.reshape(*shape, -1),
        death_day=np.where(status != FAILED, readings.death_day, np.nan).reshape(shape),
        status=np.array(STATUS, dtype=object)[status].reshape(shape),
        reason=reason.reshape(shape),
        dosed=np.array([_dosed(row) for row in rows]).reshape(shape),
        triggered=_triggered(rows),
    )


def _events(row: _Row, design: Design) -> tuple[Event, ...]:
    return arm_events(design.inductions_of(row.arm), row.arm.regimen, triggered=row.triggered)


def _read(rows: Sequence[_Row], values: Floats, names: Sequence[str], cohort: Cohort) -> Readings:
    rats = [row.rat for row in rows]
    states = {name: values[:, :, place] for place, name in enumerate(names)}
    parameters = np.array([row.parameters for row in rows])
    return read(states, parameters, observer=cohort.observer[rats], death=cohort.death[rats])


def _fire_next(row: _Row, readings: Readings, place: int, design: Design) -> bool:
    """Fix the earliest dose that this course triggers; False where none is left."""
    waiting = [
        (number, line)
        for number, line in enumerate(row.arm.regimen.lines)
        if line.trigger is not None and number not in row.triggered
    ]
    if not waiting or np.isnan(readings.score[place]).any():
        return False
    death = readings.death_day[place]
    alive = np.where(np.arange(design.until + 1) < death, readings.score[place], np.nan)
    found = []
    for number, line in waiting:
        day = _trigger_day(alive, line.trigger, relapse_induction(design, row.arm))
        if day is not None and day + line.after <= design.until and day + line.after < death:
            found.append((day + line.after, number))
    if not found:
        return False
    start, number = min(found)
    row.triggered[number] = float(start)
    return True


def _trigger_day(score: Floats, trigger: Trigger | None, induced: int | None) -> int | None:
    assert trigger is not None
    if trigger.kind == "onset":
        signs = score >= trigger.threshold
        return int(signs.argmax()) if signs.any() else None
    _, confirmed = relapse_days(score[None, :], rise=trigger.threshold, induced=induced)
    return int(confirmed[0]) if confirmed[0] >= 0 else None


def _dosed(row: _Row) -> bool:
    return any(
        line.dose.amount > 0 and (line.trigger is None or place in row.triggered)
        for place, line in enumerate(row.arm.regimen.lines)
    )


def _triggered(rows: Sequence[_Row]) -> dict[tuple[str, int], Floats]:
    days: dict[tuple[str, int], list[float]] = {}
    for row in rows:
        for place, line in enumerate(row.arm.regimen.lines):
            if line.trigger is not None:
                days.setdefault((row.arm.name, place), []).append(row.triggered.get(place, np.nan))
    return {key: np.array(values) for key, values in days.items()}
