"""The cells of a text file: encoding and separator."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from eaesim.errors import FileError
from eaesim.evidence.scorelimits import CELLS, COLUMNS, ROWS, check_cells, check_place
from eaesim.evidence.scorewords import has_chinese_headings

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# With equal numbers of cells, the separator less likely to occur within a cell comes first.
_SEPARATORS = "\t;,|"
_SAMPLE, _SAMPLED = 200, 200_000
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


def text_rows(content: bytes) -> list[list[str]]:
    r"""Return the cells of a text file.

    Text is UTF-8, UTF-16 with a byte order mark, GB 18030 if it has Chinese headings, otherwise cp1252. The
    separator is the one of tab, semicolon, comma and bar that gives the most cells, or spaces.

    Examples
    --------
    >>> text_rows(b"Tier;Tag 0;Tag 1\n1;0;0,5\n")
    [['Tier', 'Tag 0', 'Tag 1'], ['1', '0', '0,5']]
    """
    text = _decoded(content)
    if max(text.count("\n"), text.count("\r")) > CELLS:
        raise FileError(f"the file has more than {CELLS:,} lines; copy the scores into a file of their own.")
    if max(map(len, text.splitlines()), default=0) > CELLS:
        raise FileError(f"a line has more than {CELLS:,} characters; this is no table of scores.")
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r"\ufeff?\"?sep=(.)\"?\s*", first, re.IGNORECASE)
    separator = told[1] if told else _separator(text)
    rows, cells = [], 0
    for number, row in enumerate(_rows("\n" + rest if told else text, separator)):
        while row and not row[-1].strip():
            row.pop()
        cells += len(row) or 1
        if row and (number >= ROWS or len(row) > COLUMNS):
            check_place(number, len(row) - 1)
        if cells > CELLS:
            check_cells(cells)
        rows.append(row)
    _check_quotes(rows, separator)
    return rows


def _check_quotes(rows: Sequence[Sequence[str]], separator: str) -> None:
    """Reject a cell that spans rows because a quotation mark was not closed."""
    width = Counter(len(row) for row in rows if row).most_common(1)[0][0] if any(rows) else 0
    for number, row in enumerate(rows):
        for cell in row:
            if ("\n" in cell or "\r" in cell) and cell.count(separator) >= max(width - 1, 1):
                raise FileError(
                    f'a cell of row {number + 1}, "{cell[:20]}...", holds whole rows; is a quotation mark '
                    "there not closed?"
                )


def _decoded(content: bytes) -> str:
    utf16 = content.startswith(_UTF16)
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030", "cp1252", "mac-roman"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and not has_chinese_headings(text):
            continue
        if encoding == "mac-roman" or "\0" in text:
            break
        return text
    raise FileError("this is not a text file; save the table as CSV in UTF-8, or as .xlsx.")


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(
            io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator == " "
        )
    except (csv.Error, TypeError, ValueError) as error:
        raise FileError(f"the table cannot be read: {error}.") from error


def _separator(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip("\t;,| ")][:_SAMPLE]
    while len(lines) > 1 and sum(map(len, lines)) > _SAMPLED:
        lines.pop()
    samples = {each: _sample("\n".join(lines), each) for each in (*_SEPARATORS, " ")}
    if not lines:
        return ","
    usual = [each for each in "\t;" if sum(len(row) > 1 for row in samples[each]) > 0.6 * len(samples[each])]
    spaces = [len(row) for row in samples[" "]]
    if (
        not usual
        and len(spaces) > 1
        and "," not in lines[0]
        and min(spaces[1:]) == max(spaces[1:]) >= 3
        and spaces[0] in (spaces[1], spaces[1] - 1)
    ):
        return " "
    cells = {each: sum(len(row) - 1 for row in samples[each]) for each in _SEPARATORS}
    if usual:
        # In such a table a comma between digits is a decimal comma.
        cells[","] -= sum(len(_DECIMAL_COMMA.findall(line)) for line in lines)
    return max(_SEPARATORS, key=lambda each: cells[each])


def _sample(text: str, separator: str) -> list[list[str]]:
    rows = (row for row in _rows(text, separator) if any(cell.strip() for cell in row))
    return [[*row] if separator != " " else [cell for cell in row if cell] for row in rows]
