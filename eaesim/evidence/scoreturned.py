"""Transposition of sheets with days in rows and animals in columns, as in GraphPad Prism."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from eaesim.errors import FileError
from eaesim.evidence.scorecolumns import Asked, Rows, ScoreColumns, column_named
from eaesim.evidence.scoredays import DayText, day_text, is_rising, whole_days
from eaesim.evidence.scorelimits import HEADING_ROWS, cell_at, column_letters
from eaesim.evidence.scoremarks import number_of
from eaesim.evidence.scoretable import Sheet
from eaesim.evidence.scorewords import is_statistic, known, role_of, words_of

# Rows searched for the names of days.
_LABELS = 60


def numbers_across(sheet: Sheet, columns: ScoreColumns) -> int | None:
    """Return the first column of a sheet whose numbers across are animals, judging by the adjacent arms."""
    column, days = columns.animal[0], columns.days or {}
    labelled = any((one := day_text(columns.heading(each).strip('"'))) and one.labelled for each in days)
    if columns.long or columns.arms or labelled:
        return None
    near = [number for number in range(columns.row + 3) if number < len(sheet.rows) and number != columns.row]
    if any(role_of(cell_at(sheet.rows[number], column)) == "arm" for number in near):
        return column
    above = sheet.rows[columns.row - 1] if columns.row else ()
    names = [text for each in days if (text := cell_at(above, each)) and number_of(text) is None]
    if len(set(names)) > 1 and not any(role_of(name) in ("day", "score", "weight") for name in names):
        return column
    values = [number_of(cell_at(row, column)) for row in sheet.rows[columns.row + 1 :] if any(row)]
    rising = [one for one in values if one is not None]
    if (
        not columns.headings[column]
        and len(rising) == len(values) > 1
        and len(days) > 1
        and rising == sorted(set(rising))
    ):
        letter = column_letters(column)
        raise FileError(
            f"numbers are both across and down, and column {letter} has no heading; say --animal {letter} if "
            f"its numbers are animals, or --day {letter} if they are days."
        )
    return None


def labelled_days_below(sheet: Sheet) -> Sheet | None:
    """Return a sheet with rows and columns exchanged, if its first column has the days."""
    labels = [label for row in sheet.rows[:_LABELS] if (label := cell_at(row, 0))]
    if not any(role_of(label) == "animal" for label in labels[:HEADING_ROWS]):
        return None
    named = sum(_is_labelled(label) for label in labels)
    across = any(_is_labelled(cell) for row in sheet.rows[:HEADING_ROWS] for cell in row[1:])
    if named < 2 or across or 2 * named < len(labels):
        return None
    width = max(map(len, sheet.rows))
    rows = tuple(tuple(cell_at(row, column) for row in sheet.rows) for column in range(width))
    return replace(sheet, rows=rows, transposed=True)


def _is_labelled(text: str) -> bool:
    found = day_text(text)
    return found is not None and found.labelled


def animals_across(
    sheet: Sheet, asked: Asked, across: int | None = None
) -> tuple[Sheet, ScoreColumns] | None:
    """Return the transpose of a sheet with days in rows and animals in columns."""
    for place in range(min(HEADING_ROWS, len(sheet.rows))):
        head = sheet.rows[place]
        chosen = column_named(asked.day, head) if asked.day else across
        for column in [chosen] if chosen is not None else range(min(2, len(head))):
            if asked.day and chosen is None:
                break
            below = cell_at(sheet.rows[place + 1], column) if place + 1 < len(sheet.rows) else ""
            if role_of(head[column]) == "arm" and role_of(below):
                continue
            found = _days_below(sheet.rows, place, column)
            if (
                found
                and sum(map(bool, head)) > 1
                and (chosen is not None or _names_days(head[column], found))
            ):
                return _turned(sheet, place, column, found, asked)
    return None


def _names_days(heading: str, found: dict[int, DayText]) -> bool:
    """Return whether a column contains days, by its heading, or by its numbers without one."""
    if role_of(heading) == "day" or heading.casefold() == "x":
        return True
    values = [one.value for one in found.values()]
    begins = values[0] <= 0 or all(one.labelled for one in found.values())
    return not heading and begins and len(values) > 2 and is_rising(values)


def _days_below(rows: Rows, place: int, column: int) -> dict[int, DayText]:
    """Return the days in the cells under a heading, if nearly all are days."""
    found: dict[int, DayText] = {}
    for number in range(place + 1, len(rows)):
        text = cell_at(rows[number], column)
        one = day_text(text) if text else None
        if one is not None:
            found[number] = one
        elif text and not _label(text) and rows[number] != rows[place]:
            return {}
    return found if len(found) > 1 else {}


def _label(text: str) -> bool:
    return (
        is_statistic(text)
        or role_of(text) in ("arm", "animal")
        or set(words_of(text)) <= {"max", "min", "onset", "peak"}
    )


def _turned(
    sheet: Sheet, place: int, column: int, found: dict[int, DayText], asked: Asked
) -> tuple[Sheet, ScoreColumns]:
    head = sheet.rows[place]
    heading = head[column]
    for number, row in enumerate(sheet.rows[:place]):
        if day_text(cell_at(row, column)) and any(number_of(cell) is not None for cell in row[column + 1 :]):
            raise FileError(
                f"row {number + 1} has readings, and is above the names of the animals in row "
                f"{place + 1}; keep one table to a sheet."
            )
    hours = bool(set(words_of(heading)) & known("hours"))
    days, notes = whole_days(list(found.values()), day_zero=asked.day_zero, hours=hours)
    names, arms, more = _animals_and_arms(sheet, place, column, list(found))
    if not any(arms) and not asked.arm:
        _check_above(sheet, place, column)
    notes += more
    lines: list[tuple[str, ...]] = []
    twice = [day for day, count in Counter(days).items() if count > 1]
    if twice:
        at = [number for number, day in zip(found, days, strict=True) if day == twice[0]]
        raise FileError(f"day {twice[0]} is in two rows, {at[0] + 1} and {at[1] + 1}.")
    for other, (name, arm) in enumerate(zip(names, arms, strict=False)):
        values = [cell_at(sheet.rows[number], other) for number in found]
        if other == column:
            lines.append(("animal", "arm" if any(arms) else "", *(f"day {day}" for day in days)))
        elif not name and any(number_of(value) is not None for value in values):
            raise FileError(
                f"column {column_letters(other)} has readings and no heading; name its animal, or empty it."
            )
        else:
            lines.append((name, arm, *values) if any(values) else ())
    left_out = [
        f'"{label}"'
        for number, row in enumerate(sheet.rows)
        if number > place
        and number not in found
        and (label := cell_at(row, column))
        and role_of(label) not in ("arm", "animal")
        and row != head
    ]
    if left_out:
        notes.append(f"rows that are not days were not read: {', '.join(left_out)}.")
    notes.append("rows are days and columns are animals.")
    # The row of headings comes first, whichever column contains the days.
    columns = ScoreColumns(
        column,
        lines[column],
        (0,),
        (1,) if any(arms) else (),
        days={2 + number: day for number, day in enumerate(days)},
        weight_days={},
        notes=tuple(notes),
    )
    return replace(sheet, rows=tuple(lines), transposed=True), columns


def _animals_and_arms(
    sheet: Sheet, place: int, column: int, days: Sequence[int]
) -> tuple[list[str], list[str], list[str]]:
    """Return the name and the arm of each column, and notes."""
    head = list(sheet.rows[place])
    width = max(len(head), *(len(sheet.rows[number]) for number in days))
    head += [""] * (width - len(head))
    others = [other for other in range(width) if other != column]
    above = _row_of_arms(sheet, place, column, days)
    if above is not None:
        row = [*sheet.rows[above], *[""] * (width - len(sheet.rows[above]))]
        arms, filled = _carried(row, others)
        named = "the row above" if above < place else f"row {above + 1}"
        note = [f"{named} the animals has the arms{'; each is carried to the right' if filled else ''}."]
        return head, arms, note if filled else []
    names = [head[other] for other in others if head[other]]
    blanks = [
        other
        for other in others
        if not head[other] and any(cell_at(sheet.rows[number], other) for number in days)
    ]
    carried = bool(
        blanks
        and names
        and head[others[0]]
        and not any(cell_at(head, other + 1) for other in others if head[other])
    )
    repeated = carried or len(set(map(str.casefold, names))) < len(names)
    stem = {name: name for name in names} if carried else _stems(names)
    plain = [stem[name] for name in names]
    control = 1 < len(set(plain)) < len(plain) and any(
        set(words_of(one)) & known("controls") for one in plain
    )
    if not repeated and not control:
        return head, [""] * width, []
    stems = [stem.get(cell, cell) if control and not is_statistic(cell) else cell for cell in head]
    arms = _carried(stems, others)[0] if blanks else stems
    arms[column] = ""
    own = ["" if repeated and not is_statistic(cell) else cell for cell in head]
    told = "the headings of the columns are taken for the arms, and the animals of each are numbered."
    told = told if repeated else "the arms are taken from the names of the animals."
    return _numbered(own, arms, others), arms, [told]


def stem_of(name: str) -> str:
    """Return a name without the number appended by R, pandas or a laboratory.

    Examples
    --------
    >>> stem_of("vehicle.1"), stem_of("PBS 12"), stem_of("12")
    ('vehicle', 'PBS', '12')
    """
    return name.rstrip("0123456789").rstrip(" ._-#:") or name


def _stems(names: Sequence[str]) -> dict[str, str]:
    """Return names without the number of the animal; that of an arm, such as "day 7", is kept.

    It belongs to the arm where the name is above several animals, or others have an appended number.
    """
    arms = {name for name, count in Counter(names).items() if count > 1}
    arms.update(stem for name in names if (stem := stem_of(name)) != name)
    return {name: name if name in arms else stem_of(name) for name in names}


def _numbered(head: Sequence[str], arms: Sequence[str], others: Sequence[int]) -> list[str]:
    """Return names of animals; unnamed ones are numbered within their arm."""
    counts, names = Counter[str](), list(head)
    for other in others:
        counts[arms[other]] += 1
        if not names[other] and arms[other]:
            names[other] = str(counts[arms[other]])
    return names


def _carried(row: Sequence[str], others: Sequence[int]) -> tuple[list[str], bool]:
    """Return the cells of a row with blanks filled from the left, and whether any was blank."""
    arms, last, filled = list(row), "", False
    for other in others:
        filled = filled or (not arms[other] and bool(last))
        last = arms[other] or last
        arms[other] = last
    return arms, filled


def _row_of_arms(sheet: Sheet, place: int, column: int, days: Sequence[int]) -> int | None:
    """Return the row with the arms of animals in columns: above their names, or labelled as such."""
    for number in [*range(place + 1, min(days[0], len(sheet.rows))), *range(place - 1, -1, -1)]:
        row = sheet.rows[number]
        cells = [cell for other, cell in enumerate(row) if other != column and cell]
        named = role_of(cell_at(row, column)) == "arm" and bool(cells)
        above = number < place and len(set(cells)) > 1 and any(number_of(cell) is None for cell in cells)
        if named or above:
            return int(number)
    return None


def _check_above(sheet: Sheet, place: int, column: int) -> None:
    """Reject animals without arms below a row of a few numbers, such as doses or cages."""
    for number in range(place):
        cells = [cell for other, cell in enumerate(sheet.rows[number]) if other != column and cell]
        if 1 < len(set(cells)) < len(cells):
            raise FileError(
                f'row {number + 1} above the animals may have their arms; begin it with "arm" if it has, or '
                "say --arm none if all animals are in one arm."
            )
