"""Where the time of the lane engine goes, and how far the processor's peak is.

Machine code is called at its address, again and again on the same few rats in mid-course. What the stage
sums take is the difference to a method whose weights are all 0; what the error takes is the rest of a step.
Courses are recorded of every state, scores only of what a study reads.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit

from benchmarks.cohort import TOLERANCES
from benchmarks.problem import crowd, random_problem
from eaesim.solver.lanes import crowd as lanes
from eaesim.solver.lanes.job import Job, job_of
from eaesim.solver.lanes.machinecode import MachineCode
from eaesim.solver.lanes.method import Method, sharp_verner6, tsit5
from eaesim.solver.lanes.processor import lanes_width
from eaesim.solver.lanes.vector import call_at, load, store
from eaesim.study.assembly import READ, REDUCED

RATS, CALLS, REPEATS = 4096, 20_000, 9
CHAINS = 12
_FLOPS = {"neg": 0, "ab+c": 2, "ab-c": 2, "c-ab": 2}
# Of the error of one state: its size, its trust, its squares, besides the weighted sums of slopes.
_ERROR_FLOPS = 8


@njit
def _call(address, space, first, second, third, times):  # type: ignore[no-untyped-def]
    for _ in range(times):
        call_at(address, space, first, second, third)


@njit(fastmath={"contract"})
def _multiply_and_add(space, times, width):  # type: ignore[no-untyped-def]
    """Run chains of fused multiplications and additions that do not wait for each other."""
    lanes = len(width)
    factor, addend = load(space, 0, width), load(space, lanes, width)
    a, b, c, d = factor, addend, factor + 1.0, addend + 1.0
    e, f, g, h = factor + 2.0, addend + 2.0, factor + 3.0, addend + 3.0
    i, j, k, m = factor + 4.0, addend + 4.0, factor + 5.0, addend + 5.0
    for _ in range(times):
        a, b, c, d = a * factor + addend, b * factor + addend, c * factor + addend, d * factor + addend
        e, f, g, h = e * factor + addend, f * factor + addend, g * factor + addend, h * factor + addend
        i, j, k, m = i * factor + addend, j * factor + addend, k * factor + addend, m * factor + addend
    store(space, 0, ((a + b) + (c + d)) + ((e + f) + (g + h)) + ((i + j) + (k + m)))


@dataclass(frozen=True)
class Anatomy:
    """What a step of the register takes, in nanoseconds, and how much it does.

    Attributes
    ----------
    rates, sums, error, driver
        All right-hand sides of a step, its stage sums, its error, and what surrounds it: choosing steps,
        reading, events, refilling.
    calls, live
        Right-hand sides a step, and the states that move.
    steps, used
        Steps a rat, and the share of lanes that hold one.
    flops, peak
        Useful floating-point operations of one lane in one step, and those a second of the processor.
    """

    rates: float
    sums: float
    error: float
    driver: float
    calls: int
    live: int
    steps: float
    used: float
    flops: int
    peak: float
    lanes: int

    @property
    def whole(self) -> float:
        """A step of the register with all that surrounds it, in nanoseconds."""
        return self.rates + self.sums + self.error + self.driver

    def numbers(self) -> Mapping[str, str]:
        """Return it as a column of a table."""
        parts = {
            "right-hand sides": self.rates,
            "stage sums": self.sums,
            "error norm": self.error,
            "driver: step control, reading, events, refilling": self.driver,
        }
        done = self.flops * self.lanes * self.used / self.whole
        shares = {
            f"{name} (ns a step)": f"{part:.0f} ({part / self.whole:.0%})" for name, part in parts.items()
        }
        return shares | {
            "steps a rat": f"{self.steps:.0f}",
            "rats a step": f"{self.lanes}",
            "lanes in use": f"{self.used:.1%}",
            "states that move": f"{self.live}",
            "right-hand sides a step": f"{self.calls}",
            "million useful operations a rat": f"{self.flops * self.steps / 1e6:.2f}",
            "GFlop/s": f"{done:.1f}",
            "share of nothing but fused multiply-add": f"{done / self.peak:.0%}",
        }


def dissect(accuracy: str) -> Anatomy:
    """Measure the lane engine at an accuracy in this process, on one thread."""
    problem = replace(crowd(random_problem(128), RATS), relative_tolerance=TOLERANCES[accuracy])
    method = sharp_verner6()
    if accuracy == "scores":
        method = tsit5()
        problem = replace(problem, record=READ, reducers=REDUCED)

    def solve() -> lanes.Work:
        return lanes.solve_and_count(problem, workers=1, method=method, single=True)[1]

    work = solve()
    job, idle = (job_of(problem, each, single=True) for each in (method, _idle(method)))
    calls = len(method.stages)
    rates = _rates_time(job) * calls
    step, without_sums = _step_time(job), _step_time(idle)
    return Anatomy(
        rates=rates,
        sums=step - without_sums,
        error=without_sums - rates,
        driver=_least(solve) / work.steps - step,
        calls=calls,
        live=len(job.code.layout.live),
        steps=work.rat_steps / RATS,
        used=work.rat_steps / work.steps / job.width,
        flops=_flops(job.code, method),
        peak=2 * _peak(),
        lanes=job.width,
    )


def table(found: Mapping[str, Anatomy]) -> list[dict[str, str]]:
    """Return a row a number, a column an accuracy."""
    columns = {accuracy: anatomy.numbers() for accuracy, anatomy in found.items()}
    names = next(iter(columns.values()))
    return [{"what": name, **{each: column[name] for each, column in columns.items()}} for name in names]


def _least(run: Callable[[], Any]) -> float:
    """Return the least time of some runs, in nanoseconds."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time_ns()
        run()
        times.append(time.process_time_ns() - start)
    return float(min(times))


def _idle(method: Method) -> Method:
    """Return a method with as many stages whose sums are empty."""
    return replace(method, stages=tuple((0.0,) * len(row) for row in method.stages))


def _space(job: Job) -> np.ndarray[Any, Any]:
    """Return the working memory of the first rats, in mid-course."""
    problem, width, layout = job.problem, job.width, job.code.layout
    space = lanes._aligned(width * layout.size, np.float32 if job.single else np.float64).reshape(-1, width)
    live = list(layout.live)
    middle = problem.initial[:width, live] + 0.3 * np.asarray(problem.system.scale)[live]
    space[: len(live)] = middle.T
    space[layout.own : layout.own + layout.numbers] = job.code.prepared(problem.parameters[:width]).T
    # The step, and the tolerance.
    space[layout.clock], space[layout.clock + 2] = 1e-3, problem.relative_tolerance
    return space.reshape(-1)


def _rates_time(job: Job) -> float:
    space, rates, width, layout = _space(job), job.code.rates, job.width, job.code.layout
    places = (0, layout.own * width, layout.slope(0) * width)
    _call(rates, space, *places, 10)
    return _least(lambda: _call(rates, space, *places, CALLS)) / CALLS


def _step_time(job: Job) -> float:
    space, width, layout = _space(job), job.width, job.code.layout
    _call(job.code.rates, space, 0, layout.own * width, layout.slope(0) * width, 1)
    places = (0, layout.new * width, 0)
    _call(job.code.step, space, *places, 10)
    times = CALLS // layout.last
    return _least(lambda: _call(job.code.step, space, *places, times)) / times


def _flops(code: MachineCode, method: Method) -> int:
    """Return the operations of one lane in one step, the driver's own left out."""
    folded, live = code.folded, len(code.layout.live)
    moving = [step for place, step in folded.steps.items() if place not in folded.fixed]
    rates = sum(_FLOPS.get(step.operator, 1) for step in moving)
    weights = sum(weight != 0.0 for row in method.stages for weight in row)
    errors = sum(weight != 0.0 for row in method.error for weight in row)
    sums = (2 * live + 1) * weights
    return len(method.stages) * rates + sums + live * (2 * errors + _ERROR_FLOPS)


def _peak() -> float:
    """Return the operations a nanosecond of chains of fused multiply-add in double precision."""
    width = (0,) * lanes_width()
    space = np.full(2 * len(width), 0.5)
    times = 200_000
    _multiply_and_add(space, 10, width)
    return 2 * CHAINS * len(width) * times / _least(lambda: _multiply_and_add(space, times, width))


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(sys.argv[1])})
    print(json.dumps(table({accuracy: dissect(accuracy) for accuracy in TOLERANCES})))
