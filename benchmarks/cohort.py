"""Cost against the number of rats, on one thread and on two, and the memory it takes: endpoints only.

Every size runs in a process of its own. Rats come in chunks, as a sweep hands them over.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence

from benchmarks.measure import Say, Worker, WorkerError, run_module

THREADS = (1, 2)
CHUNK = 20_000
# Rats drawn; larger cohorts are copies of them.
DRAWN = 128
# The tolerance at which our own engine has the common error, and what a competitor's cohort may take.
OWN_TOLERANCE, PATIENCE = 5e-7, 5.0


def run(rats: int, threads: int) -> dict[str, float]:
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
    drawn = replace(random_problem(DRAWN), record=(), reducers=endpoints, relative_tolerance=OWN_TOLERANCE)
    # Equations are cut to what the rats at hand need, so a few are compiled for once more, off the clock.
    solve(crowd(drawn, min(CHUNK, rats)), workers=threads)
    before, seconds = _peak(), 0.0
    for first in range(0, rats, CHUNK):
        chunk = crowd(drawn, min(CHUNK, rats - first))
        start = time.perf_counter()
        solve(chunk, workers=threads)
        seconds += time.perf_counter() - start
    return {"seconds": seconds, "before": before, "peak": _peak()}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_cohorts(sizes: Sequence[int], *, say: Say) -> list[dict[str, float]]:
    """Run cohorts in processes of their own and return a row each."""
    rows = []
    for threads in THREADS:
        for rats in sizes:
            found = run_module("cohort", rats, threads)
            rows.append({"rats": rats, "threads": threads, **found})
            say(f"{rats} rats on {threads} threads: {found['seconds']:.2f} s, {found['peak']:.0f} MB")
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
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
