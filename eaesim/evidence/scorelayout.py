"""The layout of a sheet: its columns, checked against the cells below them."""

from __future__ import annotations

from dataclasses import replace

from eaesim.errors import FileError
from eaesim.evidence.scorecolumns import Asked, Rows, ScoreColumns, find_columns, no_columns
from eaesim.evidence.scoredays import day_text
from eaesim.evidence.scorelimits import cell_at, column_letters, few
from eaesim.evidence.scoremarks import Cell, CellReader, number_of
from eaesim.evidence.scoretable import Sheet
from eaesim.evidence.scoreturned import animals_across, labelled_days_below, numbers_across
from eaesim.evidence.scorewords import known

# A column without a heading is rejected above this proportion of readings.
_READINGS = 0.5
# Rows, or cells of a column, that are used to check a layout.
_LOOKED_AT = 2_000


def lay_out(sheet: Sheet, asked: Asked, cells: CellReader) -> tuple[Sheet, ScoreColumns]:
    """Return a sheet with one row per reading or animal, and its columns."""
    if sheet.formulas:
        raise FileError(
            f"the formulas in {few(sheet.formulas)} have no stored values; open the workbook in a "
            "spreadsheet program and save it, or paste the values."
        )
    turned = labelled_days_below(sheet)
    found = find_columns(turned.rows, asked) if turned else None
    if turned and found and found.days:
        return turned, found
    found = find_columns(sheet.rows, asked)
    if found is None:
        by_day = animals_across(sheet, asked)
        if by_day is None:
            raise no_columns(sheet.rows, asked)
        return by_day
    across = numbers_across(sheet, found) if not asked.animal else None
    by_day = animals_across(sheet, asked, across) if across is not None else None
    if by_day is not None:
        return by_day
    found = _shifted(sheet.rows, found, asked, cells)
    return sheet, _checked(sheet.rows, found, cells)


def without_dittos(sheet: Sheet, columns: ScoreColumns) -> Sheet:
    """Return a sheet with the name above in place of a mark that repeats it, such as 〃 or idem."""
    numbers = {columns.score, columns.weight, *(columns.days or {}), *(columns.weight_days or {})}
    rows = list(sheet.rows)
    for number in range(columns.row + 2, len(rows)):
        if known("dittos").isdisjoint(map(str.casefold, rows[number])):
            continue
        rows[number] = tuple(
            rows[number - 1][column]
            if column not in numbers and cell.casefold() in known("dittos") and column < len(rows[number - 1])
            else cell
            for column, cell in enumerate(rows[number])
        )
    return replace(sheet, rows=tuple(rows))


def _shifted(rows: Rows, columns: ScoreColumns, asked: Asked, cells: CellReader) -> ScoreColumns:
    """Return the columns of a table that R wrote with the names of rows, which have no heading."""
    body = [row for row in rows[columns.row + 1 :] if any(row)]
    width = len(columns.headings)
    if not body or any(len(row) > width + 1 for row in body) or not all(columns.headings):
        return columns
    if sum(len(row) == width + 1 for row in body) < 0.8 * len(body):
        return columns
    names = [row[0] if row else "" for row in body]
    if len(set(names)) < len(names) or not all(names):
        return columns
    head = ("", *columns.headings)
    turned = [*rows[: columns.row], head, *rows[columns.row + 1 :]]
    other = find_columns(turned, asked)
    if other is None:
        return columns
    before, after = _sense(body, columns, cells), _sense(body, other, cells)
    twins = all(len(row) > 1 and row[0] == row[1] for row in body)
    if after > before or (after == before and twins):
        note = "the first column has no heading and is taken for the names of rows, as R writes them."
        return replace(other, notes=(*other.notes, note))
    return columns


def _sense(body: Rows, columns: ScoreColumns, cells: CellReader) -> float:
    """Return a score of how well these columns fit a table: readable cells, and arms with few names."""
    sense, places, body = 0.0, list(columns.days or {}), body[:_LOOKED_AT]
    if columns.day is not None and columns.score is not None:
        sense += sum(day_text(cell_at(row, columns.day)) is not None for row in body) / len(body)
        places = [columns.score]
    read = [_cell(cell_at(row, place), cells).read for row in body for place in places]
    sense += sum(read) / max(len(read), 1)
    for arm in columns.arms[:1]:
        arms = [cell_at(row, arm) for row in body]
        sense += (
            (len(set(arms)) < max(len(arms), 2)) * sum(number_of(each) is None for each in arms) / len(arms)
        )
    return sense


def _cell(text: str, cells: CellReader) -> Cell:
    """Return the content of a cell; a mark whose meaning is not clear counts as an end."""
    try:
        return cells.read(text)
    except FileError:
        return Cell(end="unclear")


def _checked(rows: Rows, columns: ScoreColumns, cells: CellReader) -> ScoreColumns:
    """Reject a column with readings and no heading."""
    body = [row for row in rows[columns.row + 1 :] if any(row)]
    notes = list(columns.notes)
    named = max((column for column, cell in enumerate(columns.headings) if cell), default=0)
    used = columns.used
    for column in range(max(map(len, body), default=0)):
        if column in used or cell_at(columns.headings, column):
            continue
        found = [text for row in body if (text := cell_at(row, column))]
        if column == 0 and len(set(found)) == len(body):
            if not any("names of rows" in note for note in notes):
                notes.append("the first column has no heading and is taken for the names of rows.")
            continue
        seen = found[:_LOOKED_AT]
        read = [number_of(text) is not None or bool(_cell(text, cells).end) for text in seen]
        if (
            found
            and (column <= named or len(found) > _READINGS * len(body))
            and sum(read) >= _READINGS * len(seen)
        ):
            raise FileError(
                f"column {column_letters(column)} has readings and no heading; give it one, such as day 12, "
                "or empty it."
            )
        if found and column <= named:
            notes.append(f"column {column_letters(column)} has no heading and was not read.")
    return replace(columns, notes=tuple(notes))
