"""Nothing solved twice: the rat-days that the engine integrates over those that differ, by question.

What differs is counted from parameters and events alone, by other code than the engine's. Two rats share a
day when all events before its end are the same, and so are the parameters that can matter until then: a
strength of IVIG does not, while no IgG has been given.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from itertools import groupby
from math import floor, inf
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import ROOT, Say, WorkerError, run_module
from eaesim.solver import Problem, Solution, System, engine
from eaesim.solver.lanes import crowd
from eaesim.solver.lanes.folding import fold
from eaesim.solver.trace import trace

# A day, a state and an amount.
Given = tuple[float, int, float]
ONSET = """
[study]
rat = "da"
until = 65
control = "vehicle"
[[arm]]
name = "vehicle"
[[arm]]
name = "day 0"
dose = "1 g/kg"
day = 0
[[arm]]
name = "day 10"
dose = "1 g/kg"
day = 10
[[arm]]
name = "at onset"
dose = "1 g/kg"
onset = "score >= 1"
"""
OPTIMISE = ("--optimise", "--doses", "2", "--parameter-sets", "1")
# Few rats, as the ratio does not depend on their number. The study is that of an experiment, or written here.
QUESTIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "timing": ("timing", "", ("--animals", "64", "--parameter-sets", "4")),
    "sweep over day and strength": ("sweep", "11_sweep", ("--animals", "8")),
    "run with a dose at onset": ("run", ONSET, ("--animals", "64", "--parameter-sets", "4")),
    "schedule": ("schedule", "15_schedules", ("--animals", "16", "--parameter-sets", "4")),
    "schedule --mistiming": ("schedule", "16_mistiming", ("--mistiming", "--animals", "16")),
    "schedule --optimise": ("schedule", "18_best_schedule", OPTIMISE),
    "power": ("power", "17_power", ("--pool", "640", "--studies", "640")),
}


@dataclass
class Count:
    """Rat-days of all problems so far.

    Attributes
    ----------
    asked, solved
        Of every row from its start to its end, and of what the engine integrated.
    longest
        By all that decides a stretch of days: how long it is in the rat that needs most of it.
    """

    asked: float = 0.0
    solved: float = 0.0
    longest: dict[bytes, float] = field(default_factory=dict)

    @property
    def distinct(self) -> float:
        """Rat-days that differ."""
        return sum(self.longest.values())

    def add(self, problem: Problem) -> None:
        """Count the rat-days of a problem."""
        for row in range(len(problem.parameters)):
            for decided, days in _stretches(problem, row):
                self.asked += days
                self.longest[decided] = max(days, self.longest.get(decided, 0.0))


def _stretches(problem: Problem, row: int) -> Iterator[tuple[bytes, float]]:
    """Return the stretches of one row between days with events: what decides each, and its days."""
    parameters, initial, last = problem.parameters[row], problem.initial[row], float(problem.days[-1])
    zeros = frozenset(np.flatnonzero(parameters == 0.0).tolist())
    still = frozenset(np.flatnonzero(initial == 0.0).tolist())
    events, before = _events(problem, row, last), initial.tobytes()
    start = min(0, floor(events[0][0])) if events else 0
    days = [(day, list(given)) for day, given in groupby(events, key=lambda event: floor(event[0]))]
    for end, given in [*days, (inf, [])]:
        if end > start:
            own = parameters[_mattering(problem.system, zeros, still)]
            decided = blake2b(repr((problem.system.state, start)).encode(), digest_size=16)
            decided.update(before + own.tobytes())
            yield decided.digest(), min(end, last) - start
            start = end
        for event in given:
            before += np.array(event).tobytes()
            still -= {event[1]}


def _events(problem: Problem, row: int, last: float) -> list[Given]:
    """Return what is given to one row before its last day, in order."""
    events = problem.events
    every = zip(*(part[row].tolist() for part in (events.day, events.state, events.amount)), strict=True)
    return sorted((day, state, amount) for day, state, amount in every if day < last and amount != 0.0)


@cache
def _mattering(system: System, zeros: frozenset[int], still: frozenset[int]) -> list[int]:
    """Return the parameters that decide the course while these parameters and these states are 0."""
    folded = fold(_tape(system), zero_parameters=zeros, still=still)
    needed: set[int] = set()
    waiting = [rate for rate in folded.rates if isinstance(rate, int)]
    while waiting:
        place = waiting.pop()
        if place not in needed:
            needed.add(place)
            sides = folded.steps[place].sides if place in folded.steps else ()
            waiting += [side for side in sides if isinstance(side, int)]
    first = folded.tape.states
    return sorted(place - first for place in needed if first <= place < folded.tape.first)


_tape = cache(trace)


def ask(question: str) -> dict[str, float]:
    """Ask a question in this process, and return the rat-days of its problems."""
    from eaesim.cli.main import main

    verb, study, options = QUESTIONS[question]
    with tempfile.TemporaryDirectory() as folder, _counting() as count:
        files = [_study(study, Path(folder))] if study else []
        try:
            main([verb, *map(str, files), *options, "--workers", "1", "--quiet", "--out", f"{folder}/out"])
        except SystemExit as end:
            if end.code:
                raise
    return {"asked": count.asked, "solved": count.solved, "distinct": count.distinct}


def _study(study: str, folder: Path) -> Path:
    """Return the file of a study."""
    if "\n" not in study:
        return ROOT / "experiments" / study / "study.toml"
    file = folder / "study.toml"
    file.write_text(study, "utf-8")
    return file


@contextmanager
def _counting() -> Iterator[Count]:
    """Count the problems that the package solves, whoever asks, and the work of its engine."""
    count, solve, drive = Count(), engine.solve, crowd.solve_and_count

    def counted(problem: Problem, **settings: Any) -> Solution:
        count.add(problem)
        return solve(problem, **settings)

    def driven(problem: Problem, **settings: Any) -> tuple[Solution, crowd.Work]:
        solution, work = drive(problem, **settings)
        count.solved += work.rat_days
        return solution, work

    hooks = ((solve, counted), (drive, driven))
    for own, hook in hooks:
        _replace(own, hook)
    try:
        yield count
    finally:
        for own, hook in hooks:
            _replace(hook, own)


def _replace(one: object, other: object) -> None:
    """Put one function in the place of another wherever the package has imported it."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "eaesim":
            for key in [key for key, value in vars(module).items() if value is one]:
                setattr(module, key, other)


def measure_shared(*, say: Say) -> list[dict[str, object]]:
    """Ask every question in a process of its own and return a row each."""
    rows: list[dict[str, object]] = []
    for question in QUESTIONS:
        try:
            found = run_module("shared", question)
        except WorkerError as error:
            say(f"{question} is left out: {error}")
            continue
        rows.append(
            {
                "question": question,
                "rat_days_asked": f"{found['asked']:.0f}",
                "solved": f"{found['solved']:.0f}",
                "distinct": f"{found['distinct']:.0f}",
                "asked_over_distinct": f"{found['asked'] / found['distinct']:.2f}",
                "solved_over_distinct": f"{found['solved'] / found['distinct']:.2f}",
            }
        )
        say(f"{question}: {rows[-1]['solved_over_distinct']} rat-days solved for each that differs")
    return rows


if __name__ == "__main__":
    print(json.dumps(ask(sys.argv[1])))
