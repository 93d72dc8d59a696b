"""The files that a comparison of schedules leaves in its folder, and the settings in its manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eaesim.analysis.schedule import SchedulePlan, Schedules
from eaesim.plot import plot, save
from eaesim.solver import choose_engine
from eaesim.study import study_text
from eaesim.study.membership import member_settings
from eaesim.workbench.csvfile import write_csv


def schedule_settings(
    plan: SchedulePlan, *, animals: int, seed: int, dead: str, members: int | None
) -> dict[str, Any]:
    """Return everything that decides the files of a comparison of schedules."""
    return {
        "verb": "schedule",
        "study": study_text(plan.study, animals=animals, seed=seed),
        "seed": seed,
        "dead": dead,
        **member_settings(plan.study.rat, members),
        "endpoint": plan.endpoint,
        "antibodies": plan.antibodies,
        "level": plan.level,
        "engine": choose_engine().name,
    }


def write_schedules(result: Schedules, folder: Path) -> None:
    """Write ``schedule.csv`` and the figure."""
    write_csv(result.table(), folder / "schedule.csv")
    save(plot(result), folder / "schedule")
