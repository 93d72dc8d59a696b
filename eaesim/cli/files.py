"""The files that a result leaves in its folder, and the settings that its manifest states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eaesim.analysis.estimation.discrimination import Discrimination
from eaesim.analysis.estimation.ensembles import fingerprints
from eaesim.plot import plot, save
from eaesim.solver import choose_engine
from eaesim.study.ensemble import Ensemble
from eaesim.workbench.csvfile import write_csv


def discriminate_settings(
    ensembles: Mapping[str, Ensemble], *, members: int, animals: int, seed: int
) -> dict[str, Any]:
    """Return everything that decides the files of a discrimination; ensembles by their fingerprints."""
    return {
        "verb": "discriminate",
        "ensembles": fingerprints(ensembles),
        "members": members,
        "animals": animals,
        "seed": seed,
        "engine": choose_engine().name,
    }


def write_discrimination(result: Discrimination, folder: Path) -> None:
    """Write ``discriminate.csv`` and the figure."""
    write_csv(result.table(), folder / "discriminate.csv")
    save(plot(result), folder / "discriminate")
