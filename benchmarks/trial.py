"""A trial with its tables and figure on disk: CPU time of one rat in one arm, and memory, by number of rats.

Every size runs in a process of its own. What is compiled is compiled before, off the clock.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cohort import peak_memory
from benchmarks.measure import Say, run_module
from benchmarks.report import three

# More than are resampled: the same code runs as for many.
WARM = 5_000


def run(rats: int) -> dict[str, float]:
    """Run a trial of two arms in this process, and return seconds of CPU, and the most memory in MB."""
    from eaesim import Arm, Bolus, Study
    from eaesim import run as run_study
    from eaesim.workbench.figure.save import save

    arms = [Arm("vehicle"), Arm("day 0", Bolus("1 g/kg").at(day=0))]
    study = Study("lewis", until=60, arms=arms)
    with tempfile.TemporaryDirectory() as folder:
        for animals in (WARM, rats):
            start = time.process_time()
            found = run_study(study, animals=animals, keep="summary", workers=1)
            solved = time.process_time()
            found.summary.to_csv(Path(folder, "summary.csv"))
            written = time.process_time()
            save(found.figure(), Path(folder, "summary"))
            end = time.process_time()
    return {
        "simulation": solved - start,
        "table": written - solved,
        "figure": end - written,
        "runs": rats * len(arms),
        "peak": peak_memory(),
    }


def measure_trials(sizes: Sequence[int], *, say: Say) -> list[dict[str, object]]:
    """Run trials in processes of their own and return a row each."""
    rows: list[dict[str, object]] = []
    for rats in sizes:
        found = run_module("trial", rats)
        spent = found["simulation"] + found["table"] + found["figure"]
        rows.append(
            {
                "rats": rats,
                "runs": found["runs"],
                "simulation_cpu_seconds": three(found["simulation"]),
                "table_cpu_seconds": three(found["table"]),
                "figure_cpu_seconds": three(found["figure"]),
                "cpu_microseconds_a_run": three(1e6 * spent / found["runs"]),
                "peak_memory_mb": f"{found['peak']:.0f}",
            }
        )
        say(f"a trial of {rats} rats: {spent:.1f} s of CPU, {found['peak']:.0f} MB")
    return rows


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))))
