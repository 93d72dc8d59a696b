"""The rows of a table as a laboratory keeps it: text with commas, semicolons or tabs, or an Excel sheet."""

from __future__ import annotations

import csv
import io
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from eaesim.errors import FileError, MissingLibraryError, unknown_name

TEXTS = (".csv", ".tsv", ".txt")
# Where two separators give as many cells, the one that is less likely to stand within a cell.
_SEPARATORS = "\t;,"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class ScoreTable:
    """A table as text.

    Attributes
    ----------
    rows
        Cells without spaces around them, in the order of the file; blank rows are there too.
    notes
        What was decided in reading it, a line each.
    """

    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def read_table(path: Path | str, *, sheet: str | None = None) -> ScoreTable:
    """Read the cells of a ``.csv``, ``.tsv``, ``.txt`` or ``.xlsx`` file.

    Text is UTF-8, UTF-16 with a byte order mark, or else cp1252; the separator is the one of tab, semicolon
    and comma that gives the most cells.

    Parameters
    ----------
    path
        The file.
    sheet
        Of an ``.xlsx`` file; the first by default.

    Raises
    ------
    FileError
        If it is missing, a folder, empty, or no such table.
    UnknownNameError
        If there is no such sheet.
    MissingLibraryError
        If it is an ``.xlsx`` file and openpyxl is not installed.
    """
    path = Path(path)
    suffix = path.suffix.casefold()
    content = _content(path)
    if suffix == ".xlsx":
        table = _sheet(content, sheet)
    elif suffix in TEXTS:
        if sheet is not None:
            raise FileError("only an .xlsx file has sheets; leave --sheet out.")
        table = ScoreTable(_separated(_text(content)))
    else:
        raise FileError(f'"{path.suffix}" files are not read; save it as one of {", ".join(TEXTS)} or .xlsx.')
    if not any(any(row) for row in table.rows):
        raise FileError("the table is empty; eaesim new scores writes one to start from.")
    return table


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise FileError("this is a folder; name the file of scores in it.")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        names = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        close = get_close_matches(path.name, names, n=1, cutoff=0.5)
        raise FileError(f"no such file{f'; did you mean {close[0]}?' if close else '.'}") from error
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}.") from error


def _text(content: bytes) -> str:
    text = None
    for encoding in ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\0" in text:
        raise FileError("this is not a text file; save the table as CSV in UTF-8, or as .xlsx.")
    return text


def _separated(text: str) -> tuple[tuple[str, ...], ...]:
    try:
        tables = [list(csv.reader(io.StringIO(text, newline=""), delimiter=each)) for each in _SEPARATORS]
    except csv.Error as error:
        raise FileError(f"the table cannot be read: {error}.") from error
    rows = max(tables, key=lambda table: sum(map(len, table)))
    return tuple(tuple(cell.strip() for cell in row) for row in rows)


def _sheet(content: bytes, name: str | None) -> ScoreTable:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingLibraryError(
            ".xlsx files need openpyxl, which is not installed; "
            "install it with: pip install 'eaesim[laboratory]'"
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drop-down lists and colours, which are not read
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception as error:  # broken archives and broken XML raise many kinds; the user needs one
        raise FileError("this is not an Excel workbook that can be read; save it again as .xlsx.") from error
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if not sheets:
        raise FileError("this workbook has no sheet with cells.")
    if name is not None and name not in sheets:
        raise unknown_name(name, "sheet", sheets)
    chosen = next(iter(sheets)) if name is None else name
    others = [title for title in sheets if title != chosen]
    notes = [f'the sheet "{chosen}" was read, not: {", ".join(others)}.'] if others and name is None else []
    return ScoreTable(_cells(sheets[chosen]), tuple(notes))


def _cells(sheet: Any) -> tuple[tuple[str, ...], ...]:
    rows = [
        [_cell(value) for value in row] for row in sheet.iter_rows(min_row=1, min_col=1, values_only=True)
    ]
    # A cell merged over several rows or columns means the same in each of them.
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row - 1, area.max_row):
            for column in range(area.min_col - 1, area.max_col):
                rows[row][column] = rows[area.min_row - 1][area.min_col - 1]
    return tuple(map(tuple, rows))


def _cell(value: object) -> str:
    if value is None:
        return ""
    # Excel keeps every number as a fraction: day 3 is 3.0.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
