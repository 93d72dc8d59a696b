"""The files that a result leaves in its folder, and the settings that its manifest states."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from eaesim.analysis import Sensitivity, Timing, compare
from eaesim.analysis.sensitivityplan import SensitivityPlan
from eaesim.analysis.timingfile import TimingRequest
from eaesim.plot import plot, save
from eaesim.solver import choose_engine
from eaesim.study import Result, Study, study_text


def timing_settings(request: TimingRequest) -> dict[str, Any]:
    """Return everything that decides the files of a timing result."""
    return {"verb": "timing", **asdict(request), "engine": choose_engine().name}


def write_timing(result: Timing, folder: Path) -> None:
    """Write ``timing.csv``, ``comparison.csv`` and the figure."""
    result.table.to_csv(folder / "timing.csv", index=False)
    compare(result).to_csv(folder / "comparison.csv", index=False)
    save(plot(result), folder / "timing")


def run_settings(
    study: Study, *, animals: int, seed: int, dead: str, record: tuple[str, ...]
) -> dict[str, Any]:
    """Return everything that decides the files of a study."""
    text = study_text(study, animals=animals, seed=seed)
    return {
        "verb": "run",
        "study": text,
        "seed": seed,
        "dead": dead,
        "record": list(record),
        "engine": choose_engine().name,
    }


def write_run(result: Result, folder: Path) -> None:
    """Write the table of means, every rat's endpoints, scores and courses, and the figure."""
    table = result.table()
    table.to_csv(folder / "summary.csv")
    compare(result).to_csv(folder / "comparison.csv", index=False)
    result.animals_table().to_parquet(folder / "animals.parquet", index=False)
    result.scores_table().to_parquet(folder / "scores.parquet", index=False)
    result.courses_table().to_parquet(folder / "courses.parquet", index=False)
    save(plot(result), folder / "summary")


def sensitivity_settings(plan: SensitivityPlan, *, animals: int, seed: int, dead: str) -> dict[str, Any]:
    """Return everything that decides the files of a sensitivity analysis."""
    text = study_text(plan.study, animals=animals, seed=seed)
    return {
        "verb": "sensitivity",
        "study": text,
        "seed": seed,
        "dead": dead,
        **plan.settings(),
        "engine": choose_engine().name,
    }


def write_sensitivity(result: Sensitivity, folder: Path) -> None:
    """Write ``sensitivity.csv``, ``convergence.csv`` and the figure."""
    result.table.to_csv(folder / "sensitivity.csv", index=False)
    result.convergence.to_csv(folder / "convergence.csv", index=False)
    save(plot(result), folder / "sensitivity")
