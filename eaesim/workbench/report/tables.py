"""The tables of a run as a page shows them: rounded, aligned, with what is a prediction marked."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eaesim.errors import FileError
from eaesim.workbench.report.folder import RunFile

#: Rows that are shown at once; more are folded.
FIRST_ROWS = 12
#: Rows of one table on a page; the rest is in the file.
MOST_ROWS = 2_000

# A column of these alone is a question and its answers.
_ANSWERS = {"True": "yes", "False": "no", "": ""}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes
    ----------
    text
        As it is shown.
    is_prediction
        Whether its row says something that no experiment found has tested.
    """

    text: str
    is_prediction: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a run.

    Attributes
    ----------
    name
        Name of the file.
    columns
        Their names, words separated by spaces.
    is_number
        For every column, whether it holds numbers alone.
    rows
        At most `MOST_ROWS` of them.
    total
        How many rows the file holds.
    """

    name: str
    columns: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int

    @property
    def first(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that are shown at once: all but very few, or the first ones."""
        return self.rows if len(self.rows) <= FIRST_ROWS + 3 else self.rows[:FIRST_ROWS]

    @property
    def folded(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that are folded."""
        return self.rows[len(self.first) :]


@dataclass(frozen=True, slots=True)
class ColumnFile:
    """What a Parquet file, or a folder of parts, holds; its rows are not shown.

    Attributes
    ----------
    name
        Name of the file, or of the folder with its number of parts.
    rows
        How many, all parts together.
    columns
        Their names.
    """

    name: str
    rows: int
    columns: tuple[str, ...]


def read_table(file: RunFile) -> Table:
    """Read a table with commas.

    Raises
    ------
    FileError
        If it is no such table.
    """
    given = read_rows(file)
    # A verdict is what a reader looks for first.
    order = sorted(range(len(given[0])), key=lambda place: given[0][place] != "verdict")
    names, *rows = ([row[place] for place in order] for row in given)
    is_number = tuple(
        any(row[place] for row in rows) and all(_is_number(row[place]) for row in rows)
        for place in range(len(names))
    )
    is_answer = [all(row[place] in _ANSWERS for row in rows) for place in range(len(names))]
    around = names.index("around") if "around" in names else None
    shown = []
    for row in rows[:MOST_ROWS]:
        cells = [
            Cell(_number(text) if numeric else _ANSWERS[text] if answer else text)
            for text, numeric, answer in zip(row, is_number, is_answer, strict=True)
        ]
        if around is not None and _is_untested(dict(zip(names, row, strict=True))):
            cells[around] = Cell(row[around], is_prediction=True)
        shown.append(tuple(cells))
    columns = tuple(name.replace("_", " ") for name in names)
    return Table(file.name, columns, is_number, tuple(shown), len(rows))


def read_rows(file: RunFile) -> list[list[str]]:
    """Return the header of a table with commas, and its rows, as in the file.

    Raises
    ------
    FileError
        If it is no such table.
    """
    try:
        rows = list(csv.reader(file.text().splitlines(keepends=True), strict=True))
    except csv.Error as error:
        raise FileError(f"{file.path} cannot be read as a table: {error}; repeat the run.") from error
    if not rows or not any(rows[0]):
        raise FileError(f"{file.path} cannot be read as a table: it has no head; repeat the run.")
    uneven = [number for number, row in enumerate(rows, start=1) if len(row) != len(rows[0])]
    if uneven:
        raise FileError(
            f"{file.path} cannot be read as a table: row {uneven[0]} has {len(rows[uneven[0] - 1])} cells, "
            f"its head {len(rows[0])}; repeat the run."
        )
    return rows


def read_column_files(files: Sequence[RunFile]) -> list[ColumnFile]:
    """Summarise Parquet files; the parts that lie in one folder count as one.

    Raises
    ------
    FileError
        If one is no Parquet file.
    """
    groups: dict[str, list[RunFile]] = {}
    for file in files:
        groups.setdefault(file.name.rpartition("/")[0] or f"/{file.name}", []).append(file)
    found = []
    for group, parts in groups.items():
        summaries = [_parquet(part) for part in parts]
        counted = Counter(name for _, names in summaries for name in names)
        title = group[1:] if group.startswith("/") else f"{group}/ ({len(parts)} parts)"
        found.append(ColumnFile(title, sum(rows for rows, _ in summaries), tuple(counted)))
    return found


def _parquet(file: RunFile) -> tuple[int, list[str]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        about = parquet.ParquetFile(file.path)
        return about.metadata.num_rows, list(about.schema_arrow.names)
    except (OSError, pa.ArrowException) as error:
        raise FileError(f"{file.path} cannot be read as Parquet; repeat the run.") from error


def _is_untested(row: dict[str, str]) -> bool:
    """Say whether no experiment found has dosed then: around a relapse, or before the immunisation."""
    return row["around"] == "relapse" or row.get("day", "").startswith("-")


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


def _number(text: str) -> str:
    """Round to three significant digits; whole numbers are unchanged.

    Examples
    --------
    >>> _number("0.7608695652173912"), _number("12345.678"), _number("200"), _number("")
    ('0.761', '12346', '200', '')
    """
    if not text or text.lstrip("+-").isdigit():
        return text
    value = float(text)
    if not math.isfinite(value):
        return "" if math.isnan(value) else text
    if value == round(value) and abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.0f}" if 1_000 <= abs(value) < 1e6 else f"{value:.3g}"
