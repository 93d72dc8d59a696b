"""One library in a process of its own, on one core: orders in and answers out, a line of JSON each."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from benchmarks.adaptors import load
from benchmarks.adaptors.contract import Adaptor, Solve
from benchmarks.cohort import peak_memory
from benchmarks.problem import crowd, random_problem
from benchmarks.truth import find_truth


class Session:
    """What a worker knows.

    Parameters
    ----------
    adaptor
        Its library.
    rats
        How many random rats there are.
    """

    def __init__(self, adaptor: Adaptor, rats: int) -> None:
        self.adaptor, self.truth, self.rats = adaptor, find_truth(rats), rats
        copies = max(adaptor.copies.values(), default=1)
        self.problem = crowd(random_problem(rats), rats * copies)
        self.ready: dict[str, Solve] = {}
        self.warm: set[tuple[str, float]] = set()

    def measure(self, *, setting: str, tolerance: float, least: float) -> Mapping[str, Any]:
        """Solve the rats again and again for a number of seconds, at least once.

        Returns
        -------
        mapping
            CPU seconds a rat of each run, the error of each rat whose truth is known, and how many rats ran.
        """
        rats = min(self.rats, self.adaptor.most.get(setting, self.rats)) * self.adaptor.copies.get(setting, 1)
        solve = self._solve(setting, tolerance)
        seconds: list[float] = []
        while sum(seconds) * rats < least:
            start = time.process_time()
            values = solve(tolerance, rats)
            seconds.append((time.process_time() - start) / rats)
        errors = self.truth.error(values[: self.rats])
        return {"seconds": seconds, "errors": errors.tolist(), "rats": rats}

    def crowd(self, *, setting: str, tolerance: float, rats: int) -> Mapping[str, Any]:
        """Solve a number of rats, as many at a time as there are, and return the seconds on the wall."""
        solve, most = self._solve(setting, tolerance), len(self.problem.parameters)
        start = time.perf_counter()
        for first in range(0, rats, most):
            solve(tolerance, min(most, rats - first))
        return {"seconds": time.perf_counter() - start}

    def memory(self) -> Mapping[str, Any]:
        """Return the most memory that this process has ever held, in MB."""
        return {"peak": peak_memory()}

    def _solve(self, setting: str, tolerance: float) -> Solve:
        if setting not in self.ready:
            self.ready[setting] = self.adaptor.prepare(self.problem, setting)
        if (setting, tolerance) not in self.warm:
            self.ready[setting](tolerance, 2)
            self.warm.add((setting, tolerance))
        return self.ready[setting]


def versions(packages: tuple[str, ...]) -> str:
    """Return names and versions of distributions, as text."""
    found = []
    for name in packages:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} (not installed)")
    return ", ".join(found)


def main(library: str, rats: int, core: int) -> None:
    """Answer until there are no more orders."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print must not stand among the answers
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})

    def answer(words: Mapping[str, Any]) -> None:
        answers.write(json.dumps(words) + "\n")

    try:
        adaptor = load(library)
    except ImportError as error:
        answer({"missing": str(error)})
        return
    session = Session(adaptor, rats)
    settings = {name: list(ladder) for name, ladder in adaptor.settings.items()}
    answer({"library": adaptor.library, "settings": settings, "versions": versions(adaptor.packages)})
    for line in sys.stdin:
        order = json.loads(line)
        try:
            with np.errstate(all="ignore"):
                answer(getattr(session, order.pop("order"))(**order))
        except Exception as error:  # a library that fails at one setting still has others
            answer({"failed": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
