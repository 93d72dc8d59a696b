"""The sheets of a laboratory's table: a text file or an Excel workbook."""

from __future__ import annotations

import stat
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from eaesim.errors import FileError
from eaesim.evidence.scorelimits import (
    CELL_LENGTH,
    CHARACTERS,
    FILE_SIZE,
    TEXT_SIZE,
    check_area,
    column_letters,
    few,
)
from eaesim.evidence.scoretext import text_rows
from eaesim.evidence.scoreworkbook import workbook_rows

TEXTS = (".csv", ".tsv", ".txt")
# Zero-width characters that spreadsheets and web pages leave in cells.
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))


@dataclass(frozen=True)
class Sheet:
    """A sheet as text.

    Attributes
    ----------
    name
        Title in a workbook; empty for a text file.
    rows
        Cells without spaces around them, in the order of the file; blank rows are included, and cells after
        the last one with text are not.
    notes
        One line per decision made while reading.
    formulas
        Cells with a formula without a stored value.
    transposed
        Whether rows and columns of the file were exchanged.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    transposed: bool = False

    def place(self, number: int) -> str:
        """Return the location in the file of a row, counted from 0.

        Examples
        --------
        >>> Sheet("", ()).place(2), Sheet("drug", (), transposed=True).place(2)
        ('row 3', 'column C of "drug"')
        """
        where = f"column {column_letters(number)}" if self.transposed else f"row {number + 1}"
        return f'{where} of "{self.name}"' if self.name else where


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Read the sheets of a ``.csv``, ``.tsv``, ``.txt`` or ``.xlsx`` file that have any text."""
    suffix = path.suffix.casefold()
    content = _content(path, TEXT_SIZE if suffix in TEXTS else FILE_SIZE)
    if suffix == ".xlsx":
        found = workbook_rows(content)
    elif suffix in TEXTS:
        found = {"": (text_rows(content), [])}
    else:
        raise FileError(f'"{path.suffix}" files are not read; save it as one of {", ".join(TEXTS)} or .xlsx.')
    known = _Cleaned()
    sheets = [_sheet(name, rows, formulas, known) for name, (rows, formulas) in found.items()]
    sheets = [sheet for sheet in sheets if sheet.rows or sheet.formulas]
    if not sheets:
        raise FileError("the table is empty; eaesim new scores writes one to start from.")
    return tuple(sheets)


def cleaned(text: str) -> str:
    r"""Return the text of a cell on one line, with a question mark for every control character.

    Examples
    --------
    >>> cleaned(" high\ndose "), cleaned("\x1b[31mIVIG")
    ('high dose', '?[31mIVIG')
    """
    if len(text) > CELL_LENGTH:
        raise FileError(f"a cell holds {len(text):,} characters; at most {CELL_LENGTH:,} are read.")
    if text.isprintable():
        return text.strip()
    plain = "".join(" " if one.isspace() and one not in "\x1c\x1d\x1e\x1f\x85" else one for one in text)
    plain = plain.translate(_UNSEEN)
    return "".join("?" if unicodedata.category(one)[0] == "C" else one for one in plain).strip()


class _Cleaned(dict[str, str]):
    """Cleaned cell texts; each text is cleaned once."""

    characters = 0

    def __missing__(self, text: str) -> str:
        self.characters += len(text)
        if self.characters > CHARACTERS:
            raise FileError(
                f"the cells hold more than {CHARACTERS:,} characters; copy the scores into a file of their "
                "own."
            )
        found = self[text] = cleaned(text)
        return found


def _sheet(
    name: str, rows: Sequence[Sequence[str]], formulas: Sequence[str], known: Mapping[str, str]
) -> Sheet:
    changed: list[str] = []
    clean_rows = []
    for number, row in enumerate(rows):
        cells = [known[cell] for cell in row]
        if cells != row:
            changed += [
                f"{column_letters(column)}{number + 1}"
                for column, (before, after) in enumerate(zip(row, cells, strict=True))
                if before.count("?") < after.count("?")
            ]
        while cells and not cells[-1]:
            cells.pop()
        clean_rows.append(tuple(cells))
    while clean_rows and not clean_rows[-1]:
        clean_rows.pop()
    check_area(len(clean_rows), max(map(len, clean_rows), default=0))
    notes = [f"control characters are shown as ?: {few(changed)}."] if changed else []
    return Sheet(cleaned(name), tuple(clean_rows), tuple(notes), tuple(formulas))


def _content(path: Path, most: int) -> bytes:
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise FileError("this is a folder; name the file of scores in it.")
        if not stat.S_ISREG(about.st_mode):
            raise FileError("this is a device or a pipe, not a file; save the table first.")
        if about.st_size > most:
            raise FileError(
                f"the file has {about.st_size / 1e6:,.0f} MB; at most {most / 1e6:.0f} MB are read."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        names = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        close = get_close_matches(path.name, names, n=1, cutoff=0.5)
        raise FileError(f"no such file{f'; did you mean {close[0]}?' if close else '.'}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"cannot be read: {reason}.") from error
