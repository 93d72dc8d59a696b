"""The files that a power analysis leaves in its folder, and the settings that its manifest states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eaesim.analysis.power.paragraph import power_paragraph
from eaesim.analysis.power.plan import PowerPlan
from eaesim.analysis.power.result import Power
from eaesim.cli.csvfile import write_csv
from eaesim.plot import plot, save
from eaesim.solver import choose_engine
from eaesim.study import study_text


def power_settings(plan: PowerPlan, *, seed: int, course: bool) -> dict[str, Any]:
    """Return everything that decides the files of a power analysis."""
    return {
        "verb": "power",
        "study": study_text(plan.study, seed=seed),
        "seed": seed,
        **plan.settings(),
        **({"course": True} if course else {}),
        "engine": choose_engine().name,
    }


def write_power(result: Power, folder: Path, *, course: bool = False) -> None:
    """Write ``power.csv``, ``needed.csv``, ``expected.csv``, ``paragraph.txt`` and the figure.

    With `course` also ``course.csv``, the ordinal model of one typical study.
    """
    write_csv(result.table(), folder / "power.csv")
    write_csv(result.needed_table(), folder / "needed.csv")
    write_csv(result.expected_table(), folder / "expected.csv")
    (folder / "paragraph.txt").write_text(power_paragraph(result), encoding="utf-8")
    if course:
        from eaesim.analysis.power.course import course_table

        write_csv(course_table(result), folder / "course.csv")
    save(plot(result), folder / "power")
