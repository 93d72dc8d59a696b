"""The cells of an Excel workbook, read within limits: a small file can declare a sheet of any size."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from functools import lru_cache
from xml.etree import ElementTree

from eaesim.errors import FileError
from eaesim.evidence.scorelimits import CELLS, HEADING_ROWS, ROWS, check_cells, check_place, column_letters

# Limits on the unpacked size of the parts read, on their elements with half their attributes (including
# blank cells), on the attributes of an element, and on the parts of the archive.
UNPACKED, ELEMENTS, ATTRIBUTES, PARTS, SHEETS = 60_000_000, 1_500_000, 1_000, 5_000, 200
AREAS = 50_000
#: Non-empty cells in all sheets; the limit for text files, which are faster to read, is higher.
WORKBOOK_CELLS = 200_000
# Signature of a part's entry in the directory at the end of an archive.
_ENTRY = b"PK\1\2"
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
Rows = list[list[str]]


def workbook_rows(content: bytes) -> dict[str, tuple[Rows, list[str]]]:
    """Return the cells of every visible sheet, and its formulas without values, by title.

    A merged cell has the same value in each of its rows and columns.
    """
    try:
        return _Workbook(content).sheets()
    except FileError:
        raise
    except Exception as error:  # broken archives and broken XML raise many error types; the user needs one
        raise FileError("this is not an Excel workbook that can be read; save it again as .xlsx.") from error


class _Workbook:
    """An open workbook: its strings, date formats, and locations of sheets."""

    def __init__(self, content: bytes) -> None:
        if content.count(_ENTRY) > PARTS:
            raise FileError(f"the workbook has more than {PARTS:,} parts; save the scores as CSV.")
        self.archive = zipfile.ZipFile(io.BytesIO(content))
        self.left, self.elements, self.cells, self.places = UNPACKED, ELEMENTS, 0, 0
        self.numbers: dict[tuple[str, bool], str] = {}
        main = next(iter(self._related("", "officeDocument").values()))
        self.book = self._tree(main)
        self.folder = posixpath.dirname(main)
        self.parts = self._related(main, "worksheet")
        properties = next(_find(self.book, "workbookPr"), None)
        self.from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self.strings = [
            _joined(one)
            for part in self._related(main, "sharedStrings").values()
            for one in _find(self._tree(part), "si")
        ]
        self.dates = self._date_styles(self._related(main, "styles"))

    def sheets(self) -> dict[str, tuple[Rows, list[str]]]:
        found = {}
        if sum(1 for _ in _find(self.book, "sheet")) > SHEETS:
            raise FileError(f"the workbook has more than {SHEETS} sheets; save the scores as CSV.")
        for sheet in _find(self.book, "sheet"):
            link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            if sheet.get("state", "visible") == "visible" and link in self.parts:
                found[sheet.get("name", "")] = self._sheet(self.parts[link])
        return found

    def _read(self, name: str) -> bytes:
        """Return a part, unless the total size declared by the archive is too large."""
        size = self.archive.getinfo(name).file_size
        self.left -= size
        if self.left < 0:
            raise FileError(
                f"the workbook unpacks to more than {UNPACKED / 1e6:.0f} MB; copy the scores into one of "
                "their own."
            )
        content = self.archive.read(name)
        self.elements -= content.count(b"<") - content.count(b"</") + content.count(b"=") // 2
        if self.elements < 0 or max(one.count(b"=") for one in content.split(b"<")) > ATTRIBUTES:
            raise FileError(
                f"the workbook has more than {ELEMENTS:,} cells, formats and other elements; save the table "
                "of scores as CSV, or copy it into a workbook of its own."
            )
        if b"<!DOCTYPE" in content[:2000]:
            raise FileError("this is not an Excel workbook that can be read; save it again as .xlsx.")
        return content

    def _tree(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._read(name))

    def _related(self, part: str, kind: str) -> dict[str, str]:
        """Return the parts of a kind that a part refers to."""
        folder, file = posixpath.split(part)
        links = posixpath.join(folder, "_rels", f"{file}.rels")
        found = {}
        for one in self._tree(links):
            if one.get("Type", "").endswith(f"/{kind}"):
                target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))
                found[one.get("Id", "")] = target.lstrip("/")
        return found

    def _date_styles(self, parts: dict[str, str]) -> frozenset[str]:
        """Return the styles, by number, that show a number as a date."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

        dates = set()
        for part in parts.values():
            styles = self._tree(part)
            formats = {str(number): text for number, text in BUILTIN_FORMATS.items()}
            formats |= {one.get("numFmtId", ""): one.get("formatCode", "") for one in _find(styles, "numFmt")}
            for table in _find(styles, "cellXfs"):
                for number, one in enumerate(table):
                    if is_date_format(formats.get(one.get("numFmtId", "0"), "")):
                        dates.add(str(number))
        return frozenset(dates)

    def _sheet(self, part: str) -> tuple[Rows, list[str]]:
        rows: Rows = []
        missing: list[str] = []
        merged: list[str] = []
        row_number = 0
        content = self._read(part)
        if content.count(b"</row>") > ROWS + HEADING_ROWS:
            raise FileError(
                f"the sheet has more than {ROWS:,} rows with cells, which is the most that is read; copy the "
                "table of scores into a workbook of its own."
            )
        self.cells += content.count(b"<v>") + content.count(b"<is>")
        if self.cells > WORKBOOK_CELLS:
            raise FileError(
                f"the workbook has more than {WORKBOOK_CELLS:,} cells; save the table of scores as CSV, or "
                "copy it into a workbook of its own."
            )
        for _, one in ElementTree.iterparse(io.BytesIO(content)):
            # Most elements are cells and their values: their names end otherwise.
            if one.tag[-1] not in "wl":
                continue
            if one.tag.endswith("mergeCell"):
                merged.append(one.get("ref", ""))
            if not one.tag.endswith("row"):
                continue
            row_number = int(one.get("r", row_number + 1))
            column = -1
            for cell in one:
                column = _column(cell.get("r"), column + 1)
                text, stored = self._text(cell)
                if not stored:
                    missing.append(f"{column_letters(column)}{row_number}")
                if not text.strip():
                    continue
                check_place(row_number - 1, column)
                self.places += max(row_number - len(rows), 0)
                while len(rows) < row_number:
                    rows.append([])
                row = rows[row_number - 1]
                self.places += max(column + 1 - len(row), 0)
                check_cells(self.places)
                row.extend([""] * (column + 1 - len(row)))
                row[column] = text
            one.clear()
        _fill(rows, merged)
        return rows, missing

    def _text(self, cell: ElementTree.Element) -> tuple[str, bool]:
        """Return the text of a cell, and False for a formula without a stored value."""
        kind, value, formula = cell.get("t", "n"), None, False
        for one in cell:
            # The parts of a cell: <v>, <f>, <is>, and <extLst>.
            if one.tag[-1] == "v":
                value = one.text
            elif one.tag[-1] == "s":
                value = _joined(one)
            elif one.tag[-1] == "f":
                formula = True
        if value is None:
            return "", kind == "str" or not formula
        if kind == "s":
            return self.strings[int(value)], True
        if kind in ("n", "d"):
            date = cell.get("s", "0") in self.dates
            if (value, date) not in self.numbers:
                self.numbers[value, date] = self._number(value, date)
            return self.numbers[value, date], True
        return ("TRUE" if value == "1" else "FALSE") if kind == "b" else _unescaped(value), True

    def _number(self, value: str, date: bool) -> str:
        try:
            number = float(value)
        except ValueError:
            return value.replace("T00:00:00", "")
        if date:
            return self._date(number)
        # Excel keeps every number as a fraction: day 3 is 3.0, and 21.3 has seventeen digits.
        return str(int(number)) if number.is_integer() else f"{number:.12g}"

    def _date(self, number: float) -> str:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

        found = from_excel(number, CALENDAR_MAC_1904 if self.from_1904 else CALENDAR_WINDOWS_1900)
        if isinstance(found, datetime):
            return found.date().isoformat() if found.time() == time() else found.isoformat(" ", "minutes")
        return str(found)


def _find(tree: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    return (one for one in tree.iter() if one.tag.rpartition("}")[2] == tag)


def _joined(element: ElementTree.Element) -> str:
    """Return the text of a string in several formats, without its pronunciation."""
    parts = []
    for one in element:
        tag = one.tag.rpartition("}")[2]
        if tag == "t":
            parts.append(one.text or "")
        elif tag == "r":
            parts += [each.text or "" for each in one if each.tag.rpartition("}")[2] == "t"]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _column(place: str | None, following: int) -> int:
    if place is None:
        return following
    return _column_number(place.rstrip("0123456789"))


@lru_cache(maxsize=20_000)
def _column_number(letters: str) -> int:
    if not 1 <= len(letters) <= 3 or not letters.isascii() or not letters.isupper():
        raise ValueError(letters)
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _fill(rows: Rows, merged: list[str]) -> None:
    """Copy the text of merged areas into their cells, within the table."""
    width = max(map(len, rows), default=0)
    filled = 0
    if len(merged) > AREAS:
        raise FileError(
            f"the sheet has more than {AREAS:,} merged areas; copy the scores into one of their own."
        )
    for area in merged:
        ends = [_PLACE.fullmatch(end) for end in area.split(":")]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            continue
        top, bottom = int(ends[0][2]) - 1, min(int(ends[1][2]), len(rows))
        left, right = _column(ends[0][0], 0), min(_column(ends[1][0], 0) + 1, width)
        if top >= len(rows) or left >= len(rows[top]) or not rows[top][left]:
            continue
        filled += (bottom - top) * (right - left)
        if filled > CELLS:
            raise FileError(
                f"merged cells cover more than {CELLS:,} cells; copy the scores into a file of their own."
            )
        for row in rows[top:bottom]:
            row.extend([""] * (right - len(row)))
            row[left:right] = [rows[top][left]] * (right - left)
