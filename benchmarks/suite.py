"""All that is measured, part by part, and the files it becomes."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from benchmarks.cohort import measure_cohorts, measure_others
from benchmarks.equal import costs
from benchmarks.figures import draw_cohorts, draw_precision
from benchmarks.measure import Point, Say, Worker, WorkerError, hire, last_core, measure, run_module
from benchmarks.report import Row, Section, equal_error_rows, ladder_rows, page, three, write_csv
from benchmarks.shared import measure_shared
from benchmarks.start import measure_starts
from benchmarks.trial import measure_trials
from benchmarks.truth import find_truth
from eaesim.solver.lanes.processor import lanes_width

# What is measured besides engines at equal error, and can be left out.
PARTS = ("cohorts", "trials", "shared", "starts", "anatomy")
# Of the tables, in the order of the page.
HEADINGS = {
    "table": "Equal error",
    "cohorts": "Cohorts",
    "trials": "Trials of two arms, with table and figure on disk",
    "shared": "Rat-days asked for, solved, and distinct, by question",
    "starts": "Starts",
    "anatomy": "Where the time of the lane engine goes",
    "ladder": "Every tolerance",
    "libraries": "Libraries",
}


class SuiteError(Exception):
    """Nothing can be measured; its text says why."""


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    rats
        Random rats, each with its truth.
    rounds, least
        Rounds, and the seconds of CPU that a measurement takes at least.
    sizes, trials
        Of cohorts, and of trials.
    """

    rats: int
    rounds: int
    least: float
    sizes: tuple[int, ...]
    trials: tuple[int, ...]

    def up_to(self, most: int | None) -> Extent:
        """Return it without cohorts and trials of more rats than that."""
        limit = most or max(self.trials)
        sizes, trials = (tuple(size for size in each if size <= limit) for each in (self.sizes, self.trials))
        return replace(self, sizes=sizes, trials=trials)


FULL = Extent(
    rats=128,
    rounds=4,
    least=0.3,
    sizes=(10, 100, 1_000, 10_000, 100_000),
    trials=(10_000, 100_000, 1_000_000, 10_000_000),
)
QUICK = Extent(rats=32, rounds=2, least=0.05, sizes=(10, 100, 1_000, 10_000), trials=(10_000, 100_000))


def run_suite(
    out: Path, *, earlier: Path, extent: Extent, libraries: Sequence[str], skip: Sequence[str], say: Say
) -> None:
    """Measure and write everything.

    Parameters
    ----------
    out
        An empty folder.
    earlier
        Folder of an earlier run, whose rows are kept where nothing is measured now.
    extent
        How much.
    libraries
        Names of adaptors.
    skip
        Some of `PARTS`.
    say
        Is told how far it is.

    Raises
    ------
    SuiteError
        If no library is installed.
    """
    say("the true courses come first; they are kept for the next time")
    find_truth(extent.rats)
    workers = hire(libraries, rats=extent.rats, say=say)
    try:
        if not workers:
            raise SuiteError("none of these libraries is installed.")
        points = measure(workers, rounds=extent.rounds, least=extent.least, say=say)
        if not points:
            raise SuiteError("no library could solve these rats.")
        rows: dict[str, Sequence[Row]] = {"table": equal_error_rows(points), "ladder": ladder_rows(points)}
        if "cohorts" not in skip:
            rows["cohorts"] = _tried(lambda: _cohorts(workers, points, extent.sizes, out, say), say)
        rows["libraries"] = [_library(worker) for worker in workers]
    finally:
        for worker in workers:
            worker.close()
    parts: dict[str, Callable[[], Sequence[Row]]] = {
        "trials": lambda: measure_trials(extent.trials, say=say),
        "shared": lambda: measure_shared(say=say),
        "starts": lambda: measure_starts(say=say),
        "anatomy": lambda: run_module("anatomy", last_core()),
    }
    rows |= {name: _tried(part, say) for name, part in parts.items() if name not in skip}
    draw_precision(points, out / "work_precision")
    today, found = date.today().isoformat(), {worker.library for worker in workers}
    sections = [
        Section(name, heading, rows.get(name, ())).with_earlier(earlier, libraries=found, today=today)
        for name, heading in HEADINGS.items()
    ]
    for section in sections:
        write_csv(out / f"{section.name}.csv", section.rows)
    system = f"{platform.platform()}, Python {platform.python_version()}"
    remarks = [
        f"{today}: {system}; {lanes_width()} doubles in a register; every engine on core {last_core()} alone",
        "rows of an earlier day are kept as they were measured then, perhaps on another machine or model",
    ]
    (out / "README.md").write_text(page(sections, remarks=remarks), "utf-8")


def _tried(part: Callable[[], Sequence[Row]], say: Say) -> Sequence[Row]:
    """Return a part, or nothing where it cannot be measured, with a line that says why."""
    try:
        return part()
    except WorkerError as error:
        say(f"left out: {error}")
        return ()


def _library(worker: Worker) -> Row:
    try:
        peak = f"{worker.ask('memory')['peak']:.0f}"
    except WorkerError:  # it has died on the way
        peak = ""
    return {"library": worker.library, "versions": worker.versions, "peak_memory_mb": peak}


def _cohorts(
    workers: Sequence[Worker], points: Sequence[Point], sizes: Sequence[int], out: Path, say: Say
) -> list[Row]:
    """Measure cohorts of our own, and of each other library in its best setting."""
    rows: list[Row] = []
    times: dict[str, dict[int, float]] = {}
    for found in measure_cohorts(sizes, say=say):
        threads, rats = int(found["threads"]), int(found["rats"])
        engine = f"eaesim {found['accuracy']}, {threads} thread{'s' * (threads > 1)}"
        times.setdefault(engine, {})[rats] = found["seconds"]
        rows.append(_cohort_row(engine, rats, found["seconds"]) | {"peak_memory_mb": f"{found['peak']:.0f}"})
    for worker in workers:
        best = next((cost for cost in costs(points) if cost.engine.startswith(f"{worker.library} ")), None)
        if best is None or worker.library == "eaesim":
            continue
        setting = best.engine.removeprefix(f"{worker.library} ")
        times[best.engine] = measure_others(worker, setting, best.tolerance, sizes)
        rows += [_cohort_row(best.engine, rats, seconds) for rats, seconds in times[best.engine].items()]
    draw_cohorts(times, out / "cohorts")
    return rows


def _cohort_row(engine: str, rats: int, seconds: float) -> dict[str, object]:
    return {
        "engine": engine,
        "rats": rats,
        "seconds": f"{seconds:.3g}",
        "rats_per_second": three(rats / seconds),
        "peak_memory_mb": "",
    }
