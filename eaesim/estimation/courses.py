"""Courses of the same rats in several experiments: what begins alike is simulated once, until it parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.experiment import Experiment
from eaesim.model import State
from eaesim.protocol.timeline import Event
from eaesim.solver import Quantity, Reducer, solve
from eaesim.study.assembly import build_problem, healthy

_LAST = tuple(Reducer("last", name) for name in State._fields)


def simulate_courses(
    experiments: Sequence[Experiment],
    parameters: Floats,
    *,
    record: Sequence[Quantity],
    workers: int | None = None,
) -> dict[str, Floats]:
    """Simulate untreated rats in every experiment.

    Parameters
    ----------
    experiments
        Experiments of one strain; in each the same rats start healthy.
    parameters
        Parameters of every rat, shape (rats, parameters).
    record
        Quantities stored day by day.
    workers
        As for the solver.

    Returns
    -------
    dict
        By experiment, shape (rats, days, quantities).
    """
    found: dict[str, Floats] = {}

    def run(group: Sequence[Experiment], start: int, initial: Floats, before: list[Floats]) -> None:
        for together in _alike(group, start):
            end = _parting(together, start)
            goes_on = any(each.design.until > end for each in together)
            events = [
                replace(each, day=each.day - start) for each in together[0].events if start <= each.day < end
            ]
            problem = build_problem(
                parameters,
                [events],
                until=end - start,
                record=record,
                reducers=_LAST if goes_on else (),
                follows=np.zeros(len(parameters), dtype=np.int64),
                initial=initial,
            )
            solution = solve(problem, accuracy="scores", workers=workers)
            seen = [*before, solution.values[:, 1 if before else 0 :]]
            for each in together:
                if each.design.until == end:
                    found[each.name] = np.concatenate(seen, axis=1)
            rest = [each for each in together if each.design.until > end]
            if rest:
                run(rest, end, solution.reduced, seen)

    run(experiments, 0, healthy(parameters), [])
    return found


def _on(experiment: Experiment, day: int) -> tuple[Event, ...]:
    """Return what is done on a day, from its reading until the next."""
    return tuple(event for event in experiment.events if day <= event.day < day + 1)


def _alike(experiments: Sequence[Experiment], day: int) -> list[list[Experiment]]:
    """Return experiments in groups in which the same is done on a day."""
    groups: dict[tuple[Event, ...], list[Experiment]] = {}
    for each in experiments:
        groups.setdefault(_on(each, day), []).append(each)
    return list(groups.values())


def _parting(experiments: Sequence[Experiment], start: int) -> int:
    """Return the day on which the first of them ends, or something else is done in one than in another."""
    end = min(each.design.until for each in experiments)
    return next((day for day in range(start + 1, end) if len(_alike(experiments, day)) > 1), end)
