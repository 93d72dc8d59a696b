"""Tables as plain text that fits a terminal."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from eaesim.errors import one_line, plain

if TYPE_CHECKING:
    import pandas as pd

#: Between two columns.
GAP = "  "
#: Columns that identify the rows are repeated in every block; they take at most this share of a line.
_KEY_SHARE, _MOST_KEYS = 0.6, 4
_NARROWEST_KEYS, NARROWEST = 8, 24
#: In a short table, numbers that need more characters are rounded to so many digits.
LONGEST_NUMBER, DIGITS = 12, 4
_ROUNDED = f"Rounded to {DIGITS} digits; the files have every one."


@dataclass(frozen=True)
class Column:
    """One column as it is printed.

    Attributes
    ----------
    name
        Its head.
    cells
        Each a text.
    is_number
        Whether it is aligned to the right.
    is_rounded
        Whether its numbers have more digits than are printed.
    """

    name: str
    cells: tuple[str, ...]
    is_number: bool
    is_rounded: bool = False

    @property
    def natural(self) -> int:
        """The width at which nothing is folded."""
        return max(map(width_of, (self.name, *self.cells)))


def table_text(frame: pd.DataFrame, *, title: str, width: int) -> str:
    """Return a short table as lines no wider than a terminal.

    A column in which a number needs more than `LONGEST_NUMBER` characters is rounded to `DIGITS` digits, and
    a line below says so. Where the columns do not fit next to each other, those that identify the rows are
    repeated, and the others continue below; of several such columns, the first becomes a heading. Numbers
    never fold, texts do.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"arm": ["vehicle", "early"], "mean": [2.5, 0.125], "failed": [0, 1]})
    >>> print(table_text(frame, title="Means", width=80))
    Means
    <BLANKLINE>
    arm       mean  failed
    -------  -----  ------
    vehicle    2.5       0
    early    0.125       1
    """
    columns = [_column(frame, place) for place in range(len(frame.columns))]
    notes = fold(_ROUNDED, width) if any(column.is_rounded for column in columns) else []
    return "\n".join([_columns_text(columns, title=title, width=width), *notes])


def _columns_text(columns: Sequence[Column], *, title: str, width: int) -> str:
    width = max(width, NARROWEST)
    keys = columns[: _keys(columns)]
    sections: list[tuple[str, Sequence[Column]]] = [("", columns)]
    if len(keys) > 1 and _wide([(column, column.natural) for column in columns]) > width:
        parts = _sections(columns)
        # A heading for every other row would tell nothing.
        sections = parts if 2 * len(parts) <= len(keys[0].cells) else sections
    blocks = []
    for heading, own in sections:
        repeated = len(keys) - (len(columns) - len(own))
        if heading:
            blocks.append("\n".join(fold(heading, width)))
        blocks += [_block(part) for part in _blocks(list(own[:repeated]), list(own[repeated:]), width)]
    return "\n".join([*fold(one_line(title), width), "", "\n\n".join(blocks)])


def _sections(columns: Sequence[Column]) -> list[tuple[str, Sequence[Column]]]:
    """Return the rows of each value of the first column, without it, below a heading that has it."""
    first, *others = columns
    found: list[tuple[str, Sequence[Column]]] = []
    for value, rows in groupby(range(len(first.cells)), first.cells.__getitem__):
        places = list(rows)
        own = [
            Column(column.name, tuple(column.cells[place] for place in places), column.is_number)
            for column in others
        ]
        found.append((f"{first.name}: {value}", own))
    return found


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    Examples
    --------
    >>> width_of("arm"), width_of("早")
    (3, 2)
    """
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200c\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _column(frame: pd.DataFrame, place: int) -> Column:
    values, name = frame.iloc[:, place], " ".join(plain(str(frame.columns[place])).split())
    known = values.notna()
    numbers = (
        [float(value) if is_known else math.nan for value, is_known in zip(values, known, strict=True)]
        if values.dtype.kind == "f"
        else []
    )
    if numbers:
        cells = tuple(_number(value) for value in numbers)
        is_rounded = max(map(len, cells)) > LONGEST_NUMBER
        return Column(name, tuple(map(_short, numbers)) if is_rounded else cells, True, is_rounded)
    texts = (str(value) if is_known else "" for value, is_known in zip(values, known, strict=True))
    cells = tuple(" ".join(plain(text).split()) for text in texts)
    return Column(name, cells, values.dtype.kind in "iu")


def _number(value: float) -> str:
    """Return the shortest text that reads back as the same number, as CSV holds it."""
    return "" if math.isnan(value) else repr(value)


def _short(value: float) -> str:
    """Return a number with `DIGITS` significant digits; none before the point is lost.

    Examples
    --------
    >>> _short(0.7608695652173912), _short(12345678.9), _short(2e-7 / 3)
    ('0.7609', '12345679', '6.667e-08')
    """
    if not math.isfinite(value) or value == 0:
        return _number(value)
    if 1e6 <= abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.{DIGITS}g}"


def _keys(columns: Sequence[Column]) -> int:
    """Return how many of the first columns identify the rows; numbers count among them."""
    rows = range(len(columns[0].cells)) if columns else ()
    for count in range(1, min(_MOST_KEYS, len(columns) - 1) + 1):
        if len({tuple(column.cells[row] for column in columns[:count]) for row in rows}) == len(rows):
            return count
    return 0 if len(columns) < 2 else 1


def _blocks(keys: list[Column], others: list[Column], width: int) -> list[list[tuple[Column, int]]]:
    """Return the columns of each block with their widths."""
    every = [(column, column.natural) for column in (*keys, *others)]
    if _wide(every) <= width:
        return [every]
    texts = int((1 - _KEY_SHARE) * width)  # a column of texts may be folded to this width, numbers are not
    wanted = (column.natural if column.is_number else min(column.natural, texts) for column in others)
    room = width - max((each + len(GAP) for each in wanted), default=0)
    repeated = _squeezed(keys, max(room, _NARROWEST_KEYS))
    left = width - _wide(repeated) - (len(GAP) if repeated else 0)
    blocks: list[list[tuple[Column, int]]] = []
    used = left + 1
    for column in others:
        own = min(column.natural, left)
        if used + len(GAP) + own > left:
            blocks.append([*repeated])
            used = -len(GAP)
        blocks[-1].append((column, own))
        used += len(GAP) + own
    return blocks or [repeated]


def _squeezed(keys: list[Column], room: int) -> list[tuple[Column, int]]:
    """Return the keys with widths that fit the total; the widest shrinks first."""
    widths = [column.natural for column in keys]
    room -= len(GAP) * (len(keys) - 1)
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return list(zip(keys, widths, strict=True))


def _wide(columns: Sequence[tuple[Column, int]]) -> int:
    return sum(width for _, width in columns) + len(GAP) * max(len(columns) - 1, 0)


def _block(columns: Sequence[tuple[Column, int]]) -> str:
    rows = len(columns[0][0].cells) if columns else 0
    lines = _line([(column.name, column.is_number, width) for column, width in columns])
    lines.append(GAP.join("-" * width for _, width in columns))
    for row in range(rows):
        lines += _line([(column.cells[row], column.is_number, width) for column, width in columns])
    return "\n".join(lines)


def _line(cells: Sequence[tuple[str, bool, int]]) -> list[str]:
    folded = [fold(text, width) for text, _, width in cells]
    lines = []
    for number in range(max(map(len, folded), default=0)):
        parts = []
        for (_, is_number, width), own in zip(cells, folded, strict=True):
            text = own[number] if number < len(own) else ""
            space = " " * (width - width_of(text))
            parts.append(space + text if is_number else text + space)
        lines.append(GAP.join(parts).rstrip())
    return lines


def fold(text: str, width: int) -> list[str]:
    """Return a text as lines of at most this width, broken between words, or within one that is longer.

    Examples
    --------
    >>> fold("one dose at immunisation", 12)
    ['one dose at', 'immunisation']
    """
    lines, line = [], ""
    for word in text.split(" "):
        if line and width_of(line) + 1 + width_of(word) <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        line = ""
        for character in word:
            if line and width_of(line) + _width(character) > width:
                lines.append(line)
                line = ""
            line += character
    return [*lines, line]
