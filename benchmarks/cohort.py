"""Cost against the number of rats, at both accuracies, on one thread and on two, and memory: endpoints only.

Every size runs in a process of its own. Rats come in chunks, as a sweep hands them over.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence
from itertools import product
from typing import Any

from benchmarks.measure import Say, Worker, WorkerError, run_module
from eaesim.solver.problem import SCORES_TOLERANCE

THREADS = (1, 2)
CHUNK = 20_000
# Rats drawn; larger cohorts are copies of them.
DRAWN = 128
# Tolerances of our own engine: one at which it has the common error, and that of scores.
TOLERANCES = {"courses": 5e-7, "scores": SCORES_TOLERANCE}
# What a competitor's cohort may take, in seconds.
PATIENCE = 5.0


def run(rats: int, threads: int, accuracy: str) -> dict[str, float]:
    """Run a cohort in this process and return seconds, and the memory before and at the most, in MB."""
    from dataclasses import replace

    from benchmarks.problem import crowd, random_problem
    from eaesim.model.score import severity
    from eaesim.solver import Reducer, solve

    endpoints = (
        Reducer("peak", severity),
        Reducer("first_day", severity, level=0.75),
        Reducer("sum", severity),
        Reducer("last", "demyelination"),
    )
    drawn = replace(random_problem(DRAWN), record=(), reducers=endpoints)
    drawn = replace(drawn, relative_tolerance=TOLERANCES[accuracy])
    # Equations are cut to what the rats at hand need, so a few are compiled for once more, off the clock.
    solve(crowd(drawn, min(CHUNK, rats)), accuracy=accuracy, workers=threads)
    before, seconds = peak_memory(), 0.0
    for first in range(0, rats, CHUNK):
        chunk = crowd(drawn, min(CHUNK, rats - first))
        start = time.perf_counter()
        solve(chunk, accuracy=accuracy, workers=threads)
        seconds += time.perf_counter() - start
    return {"seconds": seconds, "before": before, "peak": peak_memory()}


def peak_memory() -> float:
    """Return the most memory that this process has ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_cohorts(sizes: Sequence[int], *, say: Say) -> list[dict[str, Any]]:
    """Run cohorts in processes of their own and return a row each."""
    rows = []
    for accuracy, threads, rats in product(TOLERANCES, THREADS, sizes):
        found = run_module("cohort", rats, threads, accuracy)
        rows.append({"rats": rats, "threads": threads, "accuracy": accuracy, **found})
        say(f"{rats} rats, {accuracy}, {threads} threads: {found['seconds']:.2f} s, {found['peak']:.0f} MB")
    return rows


def measure_others(worker: Worker, setting: str, tolerance: float, sizes: Sequence[int]) -> dict[int, float]:
    """Return another library's seconds for growing cohorts, while patience lasts; one core, every state."""
    times: dict[int, float] = {}
    for rats in sizes:
        if times and max(times.values()) * rats / max(times) > PATIENCE:
            break
        try:
            times[rats] = worker.ask("crowd", setting=setting, tolerance=tolerance, rats=rats)["seconds"]
        except WorkerError:
            break
    return times


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
