"""The files that a result leaves in its folder, and the settings that its manifest states."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from eaesim.evidence import LaboratoryResult
from eaesim.plot import plot, save
from eaesim.workbench.csvfile import write_csv


def scores_settings(file: Path, reading: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    """Return everything that decides the files of a laboratory's scores; the table by its fingerprint.

    `reading` holds the options by which the table was read, `rules` those for the dead, the lost and signs.
    """
    return {
        "verb": "scores",
        "file": file.name,
        "content": hashlib.sha256(file.read_bytes()).hexdigest(),
        **reading,
        **rules,
    }


def write_scores(result: LaboratoryResult, folder: Path) -> None:
    """Write ``animals.csv``, ``summary.csv``, ``tests.csv`` and the figure."""
    write_csv(result.animals_table(), folder / "animals.csv")
    write_csv(result.table(), folder / "summary.csv")
    write_csv(result.tests_table(), folder / "tests.csv")
    save(plot(result), folder / "scores")
