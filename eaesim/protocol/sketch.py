"""Plain-text layout: tables in columns, and time lines with a mark for each dose."""

from __future__ import annotations

from collections.abc import Sequence

from eaesim.protocol.quantity import number_text

# What a place shows for each number of doses on it.
_MARKS = "-o23456789#"


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Align rows of text in columns.

    Examples
    --------
    >>> print(columns([("day", "dose"), ("0", "1 g/kg")]))
    day  dose
    0    1 g/kg
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def axis(title: str, days: Sequence[float], first: float, last: float, *, width: int = 77) -> str:
    """Draw a line from `first` to `last` with a mark at every one of `days`.

    A mark is ``o``, or the number at the same position: ``2`` to ``9``, then ``#``.

    Examples
    --------
    >>> print(axis("days:", [0, 7, 14], 0, 28, width=42))
    days: 0 |o------o------o--------------| 28
    """
    before, after = f"{title} {_label(first)} |", f"| {_label(last)}"
    room = max(width - len(before) - len(after), 10) if last > first else 1
    line = ["-"] * room
    for day in days:
        place = round((day - first) / (last - first) * (room - 1)) if last > first else 0
        line[place] = _MARKS[min(_MARKS.index(line[place]) + 1, len(_MARKS) - 1)]
    return f"{before}{''.join(line)}{after}"


def _label(day: float) -> str:
    return number_text(round(day, 2))
