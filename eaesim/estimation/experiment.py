"""The experiments that rows are about, and courses of the same rats in several of them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.prior import DATA
from eaesim.model import State
from eaesim.protocol import Arm, Design, Regimen, Transfer
from eaesim.protocol.induction import Induction
from eaesim.protocol.tables import read_inductions
from eaesim.protocol.timeline import Event, arm_events
from eaesim.solver import Quantity, Reducer, solve
from eaesim.study.assembly import build_problem, healthy
from eaesim.study.schedule import relapse_induction

_LAST = tuple(Reducer("last", name) for name in State._fields)


@dataclass(frozen=True)
class Experiment:
    """Something done to a strain.

    Attributes
    ----------
    name, strain
        Its name, and the rat.
    design
        Its only arm is what is done.
    course
        Last day of the first disease.
    """

    name: str
    strain: str
    design: Design
    course: int

    @property
    def days(self) -> int:
        """How many daily readings there are."""
        return self.design.until + 1

    @property
    def induced(self) -> int | None:
        """First whole day on which an induced relapse can be seen; None without one."""
        return relapse_induction(self.design, self.design.arms[0])

    @property
    def again(self) -> int:
        """The day of the last induction."""
        return math.ceil(max(each.day for each in self._inductions))

    @property
    def cells(self) -> float:
        """Transferred cells, relative to the standard number; 0 without a transfer."""
        return sum(each.amount for each in self._inductions if isinstance(each, Transfer))

    @property
    def _inductions(self) -> tuple[Induction, ...]:
        return self.design.inductions_of(self.design.arms[0])

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What is done to an untreated rat."""
        return arm_events(self._inductions, Regimen(), triggered={})


def read_experiments() -> dict[str, Experiment]:
    """Return every experiment that rows may be about, by name.

    Examples
    --------
    >>> read_experiments()["lewis_transfer"].design.until
    20
    """
    content = tomllib.loads((DATA / "experiments.toml").read_text(encoding="utf-8"))
    return {
        name: Experiment(
            name,
            table["rat"],
            Design(table["until"], read_inductions(table["induction"], name), [Arm("vehicle")], "none", None),
            table["course"],
        )
        for name, table in content.items()
    }


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
