"""Size limits of tables, and names of rows and columns."""

from __future__ import annotations

from collections.abc import Sequence

from eaesim.errors import FileError

#: Far above any table of scores; a table at these limits is read, or rejected, in a few seconds.
ROWS, COLUMNS, CELLS, CELL_LENGTH = 100_000, 1_000, 450_000, 32_767
FILE_SIZE, TEXT_SIZE = 50_000_000, 20_000_000
#: Characters in different cells; different animals; different texts in a column of days; and the number of
#: rows times the cells of the longest.
CHARACTERS, ANIMALS, DAYS, PLACES = 10_000_000, 20_000, 50_000, 2_000_000
#: Rows of titles and headings allowed in addition to `ROWS`.
HEADING_ROWS = 20


def column_letters(column: int) -> str:
    """Return the spreadsheet name of a column, counted from 0.

    Examples
    --------
    >>> column_letters(0), column_letters(25), column_letters(26), column_letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def check_place(row: int, column: int) -> None:
    """Check that a cell with text, counted from 0, is within the limits."""
    if row >= ROWS + HEADING_ROWS or column >= COLUMNS:
        raise FileError(
            f"cell {column_letters(column)}{row + 1} is beyond the {ROWS:,} rows and {COLUMNS:,} columns "
            "that are read; copy the table of scores into a file of its own."
        )


def check_cells(cells: int) -> None:
    """Check that a table does not have too many cells."""
    if cells > CELLS:
        raise FileError(f"the table has more than {CELLS:,} cells; copy the scores into a file of their own.")


def check_area(rows: int, columns: int) -> None:
    """Check that a ragged table is no larger than the limit for full rows."""
    if rows * columns > PLACES:
        raise FileError(
            f"the table has {rows:,} rows, and one of them has {columns:,} columns: too many places to look "
            "at; copy the scores into a file of their own."
        )


def check_readings(animals: int, days: int) -> None:
    """Check the number of animals times days, with and without readings."""
    if animals * days > CELLS:
        raise FileError(
            f"{animals:,} animals on {days:,} days are too many; at most {CELLS:,} readings are taken."
        )


def cell_at(row: Sequence[str], column: int | None) -> str:
    """Return a cell of a row, empty beyond its end and without a column."""
    return row[column] if column is not None and column < len(row) else ""


def few(names: Sequence[str], most: int = 5) -> str:
    """Return a shortened list of names.

    Examples
    --------
    >>> few(["1", "2", "3"]), few(list("abcdefgh"))
    ('1, 2 and 3', 'a, b, c, d and 4 more')
    """
    names = list(dict.fromkeys(names))
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)
