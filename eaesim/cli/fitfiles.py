"""The files that a fit, and what is asked of its ensembles, leave in their folder."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from eaesim.analysis.estimation.calibration import Calibration
from eaesim.analysis.estimation.fitresult import Fit
from eaesim.analysis.estimation.laboratory import LaboratoryFit
from eaesim.plot import plot, save
from eaesim.study.ensemble import write_ensemble
from eaesim.workbench.csvfile import write_csv

_LIBRARIES = ("eaesim", "numpy", "scipy", "numba")


def fit_about(command: str, budget: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return what an ensemble says of how it was made."""
    held = dict(budget.get("fixed", {}))
    options = "".join(f" --{name} {value}" for name, value in budget.items() if name != "fixed")
    options += "".join(f" --fix {name}={value:g}" for name, value in held.items())
    return {
        "command": f"{command}{options}",
        "seed": seed,
        "animals": budget.get("animals", 0),
        "versions": {name: version(name) for name in _LIBRARIES},
    }


def write_fit(found: Fit, about: dict[str, Any], folder: Path) -> None:
    """Write the ensembles, the posterior, the tables and the figure."""
    import pandas as pd

    for ensemble in found.ensembles(about).values():
        write_ensemble(folder, ensemble.rat.name, ensemble)
    found.posterior().to_parquet(folder / "posterior.parquet", index=False)
    write_csv(found.rows, folder / "rows.csv")
    if found.drug is not None:
        write_csv(pd.DataFrame(found.drug.rows()), folder / "igg.csv")
    write_csv(found.identifiability, folder / "identifiability.csv")
    save(plot(found), folder / "fit")


def write_calibration(found: Calibration, folder: Path) -> None:
    """Write ``calibration.csv`` (a row a quantity), ``ranks.csv`` (a row a data set) and the figure."""
    write_csv(found.table(), folder / "calibration.csv")
    write_csv(found.ranks(), folder / "ranks.csv")
    save(plot(found), folder / "calibration")


def write_laboratory_fit(found: LaboratoryFit, about: dict[str, Any], name: str, folder: Path) -> None:
    """Write a laboratory's ensemble, what its animals showed beside it, their courses, and the figure."""
    write_ensemble(folder, name, found.ensemble(about))
    write_csv(found.table(), folder / "rows.csv")
    write_csv(found.courses(), folder / "courses.csv")
    save(plot(found), folder / "courses")
