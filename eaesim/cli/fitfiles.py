"""The files that what is asked of the ensembles of a fit leaves in its folder."""

from __future__ import annotations

from pathlib import Path

from eaesim.analysis.estimation.mechanisms import Mechanisms
from eaesim.analysis.estimation.parts import Structure
from eaesim.analysis.estimation.rowtable import Rows
from eaesim.plot import plot, save
from eaesim.workbench.csvfile import write_csv


def write_structure(found: Structure, folder: Path) -> None:
    """Write ``structure.csv``, a row a part of the model, and the figure."""
    write_csv(found.table(), folder / "structure.csv")
    save(plot(found), folder / "structure")


def write_mechanisms(found: Mechanisms, rows: Rows, folder: Path) -> None:
    """Write ``rows.csv``, ``mechanisms.csv``, ``validation.csv``, ``ranking.csv`` and the figures."""
    write_csv(rows.table(), folder / "rows.csv")
    save(plot(rows), folder / "rows")
    table = found.table()
    write_csv(table, folder / "mechanisms.csv")
    write_csv(table[table["use"] == "validate"], folder / "validation.csv")
    write_csv(found.ranking(), folder / "ranking.csv")
    save(plot(found), folder / "mechanisms")
