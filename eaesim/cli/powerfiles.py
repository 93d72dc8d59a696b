"""The files that a power analysis leaves in its folder, and the settings that its manifest states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eaesim.analysis.power.paragraph import power_paragraph
from eaesim.analysis.power.plan import PowerPlan
from eaesim.analysis.power.result import Power
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
    result.table().to_csv(folder / "power.csv", index=False)
    result.needed_table().to_csv(folder / "needed.csv", index=False)
    result.expected_table().to_csv(folder / "expected.csv", index=False)
    (folder / "paragraph.txt").write_text(power_paragraph(result), encoding="utf-8")
    if course:
        from eaesim.analysis.power.course import course_table

        course_table(result).to_csv(folder / "course.csv", index=False)
    save(plot(result), folder / "power")
