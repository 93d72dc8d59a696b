"""From nothing to the first rat: with an empty cache folder, with a full one, and with edited equations."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time

from benchmarks.measure import ROOT, Say, run_module

WARM = 3


def run() -> dict[str, float]:
    """Solve one rat on the lanes, the same again, and one of edited equations; return seconds."""
    from dataclasses import replace

    from eaesim.model import load
    from eaesim.protocol import Arm, Immunisation
    from eaesim.protocol.timeline import arm_events
    from eaesim.solver import solve
    from eaesim.study.assembly import SYSTEM, arm_parameters, build_problem
    from eaesim.study.cohort import draw_cohort

    rat, cohort = load("lewis"), draw_cohort(1, seed=1, days=61)
    parameters = arm_parameters(rat, Arm("vehicle"), cohort, mechanism="none")
    events = [arm_events([Immunisation()], Arm("vehicle").regimen, triggered={})]
    problem = build_problem(list(parameters), events, until=60, record=SYSTEM.state._fields)

    def edited(state, own):  # type: ignore[no-untyped-def]
        rates = SYSTEM.derivative(state, own)
        return rates._replace(deficit=rates.deficit * 0.999)

    times = {}
    for name, asked in (
        ("first", problem),
        ("again", problem),
        ("edited", replace(problem, system=replace(SYSTEM, derivative=edited))),
    ):
        start = time.perf_counter()
        solve(asked, engine="lanes", workers=1)
        times[name] = time.perf_counter() - start
    return times


def measure_starts(*, say: Say) -> list[dict[str, object]]:
    """Start processes of this package and return a row each kind of start."""
    with tempfile.TemporaryDirectory() as folder:
        cold, inside = _process(folder)
        warm = min(_process(folder)[0] for _ in range(WARM))
    command = [sys.executable, "-c", "from eaesim.cli.main import main; main(['--help'])"]
    help_text = min(_wall(command) for _ in range(WARM))
    rows = {
        "first start ever, empty cache folder, to the first rat": cold,
        "later start, to the first rat": warm,
        "edited equations, to the first rat": inside["edited"],
        "the same rat again": inside["again"],
        "eaesim --help": help_text,
    }
    for name, seconds in rows.items():
        say(f"{name}: {seconds:.3g} s")
    return [{"start": name, "seconds": f"{seconds:.3g}"} for name, seconds in rows.items()]


def _process(folder: str) -> tuple[float, dict[str, float]]:
    start = time.perf_counter()
    found = run_module("start", environment={"EAESIM_CACHE": folder})
    return time.perf_counter() - start, found


def _wall(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(run()))
