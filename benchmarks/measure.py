"""Rats a second of every library at every tolerance, in rounds, so that whatever drifts hits all alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from benchmarks.truth import CACHE

Say = Callable[[str], None]
ROOT = Path(__file__).parent.parent


@dataclass
class Point:
    """One library at one tolerance.

    Attributes
    ----------
    library, setting, tolerance
        Which.
    rounds
        CPU seconds a rat of every run, a list a round.
    errors
        Of each rat.
    rats
        How many are timed.
    """

    library: str
    setting: str
    tolerance: float
    rounds: list[list[float]] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    rats: int = 0

    @property
    def engine(self) -> str:
        """Library and setting in one."""
        return f"{self.library} {self.setting}"

    @property
    def best(self) -> float:
        """Seconds a rat, the least of all runs."""
        return min(min(runs) for runs in self.rounds)

    @property
    def median(self) -> float:
        """Seconds a rat, the median of all runs."""
        return float(np.median(np.concatenate(self.rounds)))

    def quantile(self, share: float) -> float:
        """Return a quantile of the errors."""
        return float(np.quantile(self.errors, share, method="higher"))


class WorkerError(Exception):
    """A library that is not there, or failed; its text says why."""


class Worker:
    """The process of one library."""

    def __init__(self, library: str, *, rats: int, core: int) -> None:
        CACHE.mkdir(exist_ok=True)
        self.name, self.log = library, CACHE / f"{library}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.worker", library, str(rats), str(core)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                cwd=ROOT,
            )
        try:
            hello = self._read()
        except WorkerError:
            self.close()
            raise
        self.library, self.settings, self.versions = hello["library"], hello["settings"], hello["versions"]

    def ask(self, order: str, **details: Any) -> dict[str, Any]:
        """Give an order and return the answer.

        Raises
        ------
        WorkerError
            If it could not be carried out.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps({"order": order, **details}) + "\n")
            self.process.stdin.flush()
        except OSError:  # it is dead, and reading finds its last words
            pass
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            last = self.log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
            raise WorkerError(f"its process ended: {''.join(last) or 'without a word'}")
        answer: dict[str, Any] = json.loads(line)
        for trouble in ("missing", "failed"):
            if trouble in answer:
                raise WorkerError(answer[trouble])
        return answer

    def close(self) -> None:
        """Let the process end."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.process.wait()

    def __enter__(self) -> Self:
        """Return the worker."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the process end."""
        self.close()


def run_module(name: str, *arguments: object, environment: Mapping[str, str] | None = None) -> Any:
    """Run a module of the benchmarks in a process of its own and return the JSON that it prints last.

    Raises
    ------
    WorkerError
        If it fails; the text is its last word.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)],
        env={**os.environ, **(environment or {})},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise WorkerError(f"{name} failed: {''.join(done.stderr.strip().splitlines()[-1:])}")
    return json.loads(done.stdout.splitlines()[-1])


def last_core() -> int:
    """Return the core that is measured on; this process and the system have the others."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0


def hire(libraries: Sequence[str], *, rats: int, say: Say) -> list[Worker]:
    """Start the processes of libraries, one by one; one that is not there is told in a line and left out."""
    workers = []
    for library in libraries:
        try:
            workers.append(Worker(library, rats=rats, core=last_core()))
            say(f"{workers[-1].library}: {workers[-1].versions}")
        except WorkerError as error:
            say(f"{library} is left out: {error}")
    return workers


def measure(workers: Sequence[Worker], *, rounds: int, least: float, say: Say) -> list[Point]:
    """Measure all workers at all their settings and tolerances.

    Parameters
    ----------
    workers
        From `hire`.
    rounds
        How often each is measured, all others in between.
    least
        Seconds that a measurement takes at least.
    say
        Is told how far it is.
    """
    plans = [
        [(worker, Point(worker.library, setting, tolerance)) for setting, ladder in worker.settings.items()
         for tolerance in ladder]
        for worker in workers
    ]  # fmt: skip
    # The first of each, then the second of each: A B C A B C.
    plan = [entry for row in zip_longest(*plans) for entry in row if entry is not None]
    failed: set[int] = set()
    for number in range(1, rounds + 1):
        for worker, point in plan:
            if id(point) in failed:
                continue
            try:
                found = worker.ask("measure", setting=point.setting, tolerance=point.tolerance, least=least)
            except WorkerError as error:
                failed.add(id(point))
                say(f"{point.engine} at {point.tolerance:g} is left out: {error}")
                continue
            point.rounds.append(found["seconds"])
            point.errors, point.rats = found["errors"], found["rats"]
        say(f"round {number} of {rounds} is done")
    return [point for _, point in plan if id(point) not in failed]
