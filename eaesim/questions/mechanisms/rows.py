"""How every row of the evidence on rats is compared with a simulated population, or why it is not."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from eaesim.errors import FileError, unknown_name
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.reading import reading
from eaesim.evidence import finding
from eaesim.files import Unchecked
from eaesim.questions.mechanisms.readings import BY_POPULATION, BY_RAT
from eaesim.questions.mechanisms.runs import read_runs

#: Readings that need two runs, or recipients of cells.
BY_PAIR = ("days_earlier", "recipients", "pool")
# Shown with a finding that they say nothing about by themselves.
SHOWN = ("pool",)

ROWS = Path(__file__).with_name("rows.toml")


@dataclass(frozen=True, kw_only=True)
class Row:
    """How one finding is compared with a run, or why it is not.

    Attributes
    ----------
    finding
        Its id.
    run, reading, window
        What is simulated, and what is read off it on which days.
    label
        What tells several readings of one finding apart.
    counts
        Whether the finding is judged by this reading.
    laboratory
        SD between laboratories of a number; None for what the judge assumes.
    why
        What had to be assumed.
    left_out
        Why it is not simulated; ``""`` where it is.
    """

    finding: str
    run: str = ""
    reading: str = ""
    window: tuple[int, int] = (0, 0)
    label: str = ""
    counts: bool = True
    laboratory: float | None = None
    why: str = ""
    left_out: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The finding and the label, which no other row has together."""
        return self.finding, self.label

    @property
    def shown(self) -> bool:
        """Whether it says nothing by itself of what the finding says."""
        return self.reading in SHOWN


@cache
def read_rows(path: Path = ROWS) -> tuple[Row, ...]:
    """Return how each row is compared with a run.

    Raises
    ------
    UnknownNameError
        If one names no finding, run or reading.
    FileError
        If two have the same finding and label, or one both a run and a reason to have none.

    Examples
    --------
    >>> [row.reading for row in read_rows() if row.finding == "E14"]
    ['peak']
    """
    found: dict[tuple[str, str], Row] = {}
    for table in tomllib.loads(path.read_text(encoding="utf-8"))["row"]:
        row = _row(table)
        if row.key in found:
            raise FileError(f"{path.name}: {row.finding} is there twice; give each reading a label.")
        found[row.key] = row
    return tuple(found.values())


def _row(table: Unchecked) -> Row:
    row = Row(**{**table, "window": tuple(table.get("window", (0, 0)))})
    finding(row.finding)
    if bool(row.run) == bool(row.left_out):
        raise FileError(f"{row.finding} needs either a run or a reason why it is left out.")
    if row.run in read_experiments():
        reading(row.reading)
    elif row.run and row.run not in read_runs():
        raise unknown_name(row.run, "run", [*read_runs(), *read_experiments()])
    known = (*BY_RAT, *BY_POPULATION, *BY_PAIR)
    if row.run in read_runs() and row.reading not in known:
        raise unknown_name(row.reading, "reading of runs", known)
    return row


def of_runs(rows: Sequence[Row], *, ivig: bool) -> list[Row]:
    """Return the rows that are compared with runs: those with IVIG, or the others.

    Examples
    --------
    >>> sorted({row.finding for row in of_runs(read_rows(), ivig=True)})
    ['A1', 'E10', 'E11', 'E12', 'E13']
    """
    runs = read_runs()
    return [row for row in rows if row.run in runs and runs[row.run].of_ivig == ivig]


def of_experiments(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that are compared with experiments of the fit."""
    return [row for row in rows if row.run in read_experiments()]
