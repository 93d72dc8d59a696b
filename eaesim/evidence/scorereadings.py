"""The readings of every animal, from the rows of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from eaesim.errors import FileError
from eaesim.evidence.scorearms import Arms
from eaesim.evidence.scorecolumns import Asked, ScoreColumns, columns_of, statistic_columns
from eaesim.evidence.scoredays import day_text, whole_days
from eaesim.evidence.scorelimits import ANIMALS, DAYS, cell_at, check_readings, few
from eaesim.evidence.scoremarks import number_of
from eaesim.evidence.scorestatistics import (
    Numbers,
    begins_with,
    heads_a_table,
    names_a_statistic,
    shape_of,
    usual_shapes,
    usual_words,
)
from eaesim.evidence.scoretable import Sheet
from eaesim.evidence.scorewords import known, role_of, words_of

Animal = tuple[str, str]
#: Position of an animal's reading, and its text.
Course = dict[int, tuple[str, str]]


@dataclass
class Readings:
    """Readings of a table.

    Attributes
    ----------
    scores, weights
        Position and text of a cell, by arm and animal and by day.
    arms_known
        Whether the table gives the arms.
    candidates
        Headings of columns that may be the arm, where it does not.
    cage
        Heading of a column of cages that is not part of the animals' names.
    guessed
        Heading of a column used as the arm although not named so.
    rounded
        Whether days were rounded down to whole days.
    naming
        Headings of the columns that name an animal, as ``--animal`` takes them.
    notes
        One line per decision.
    """

    scores: dict[Animal, Course] = field(default_factory=dict)
    weights: dict[Animal, Course] = field(default_factory=dict)
    arms_known: bool = False
    candidates: tuple[str, ...] = ()
    cage: str = ""
    guessed: str = ""
    rounded: bool = False
    naming: str = ""
    notes: list[str] = field(default_factory=list)
    _spelt: dict[tuple[str, str], str] = field(default_factory=dict)

    def name(self, cell: str, kind: str) -> str:
        """Return a name in its first spelling: case and spaces do not distinguish arms or animals."""
        found = self._spelt.get((kind, cell))
        if found is None:
            plain = " ".join(cell.split())
            found = self._spelt[kind, cell] = self._spelt.setdefault((kind, plain.casefold()), plain)
        return found

    def add(self, kind: str, key: Animal, day: int, place: str, text: str) -> None:
        """Add a cell."""
        courses = self.scores if kind == "score" else self.weights
        course = courses.setdefault(key, {})
        if day in course:
            if not text:
                return
            if course[day][1]:
                raise FileError(self._twice(key, day, course[day][0], place))
        course[day] = (place, text)

    def _twice(self, key: Animal, day: int, first: str, second: str) -> str:
        arm, animal = key
        of = f" ({arm})" if arm else ""
        more = "if they are two animals, give each a name of its own"
        if self.cage:
            more = f"if they are two animals, give the cage too: --animal {self.cage},{self.naming}"
        if self.rounded:
            more = "days are rounded down to whole days; keep one reading a day"
        kind, _, one = first.partition(" ")
        other = second.partition(" ")[2]
        same = f"{kind} {one}" if first == second else f"{kind}s {one} and {other}"
        return f"animal {animal}{of} has day {day} twice, in {same}; {more}."


def read_sheet(sheet: Sheet, columns: ScoreColumns, asked: Asked) -> Readings:
    """Read the animals of a sheet."""
    _check_animals(sheet, columns)
    arms = Arms(sheet, columns, asked)
    cages = (
        cell
        for column, cell in enumerate(columns.headings)
        if column not in columns.animal and set(words_of(cell)) & known("cages") and cell != arms.heading
    )
    found = Readings(
        arms_known=arms.known,
        candidates=arms.candidates,
        cage=next(cages, ""),
        guessed=arms.heading if arms.guessed else "",
        naming=",".join(columns.headings[each] for each in columns.animal),
        notes=[*columns.notes, *arms.notes],
    )
    _note_columns(found, columns, arms)
    _Rows(sheet, columns, asked, arms, found).read()
    return found


def _check_animals(sheet: Sheet, columns: ScoreColumns) -> None:
    """Reject a table with too many animals, before their names are examined."""
    rows = sheet.rows[columns.row + 1 :]
    names = {tuple(row[each] for each in columns.animal if each < len(row)) for row in rows if any(row)}
    if len(names) > ANIMALS:
        heading = columns.heading(columns.animal[-1])
        raise FileError(
            f"{heading} has {len(names):,} different animals, and at most {ANIMALS:,} are read; --animal "
            "names the column."
        )
    days = len({*(columns.days or {}).values(), *(columns.weight_days or {}).values()})
    check_readings(len(names), days)


def _note_columns(found: Readings, columns: ScoreColumns, arms: Arms) -> None:
    statistics = statistic_columns(columns)
    if statistics:
        found.notes.append(
            f"columns of statistics were not read: {few([columns.heading(each) for each in statistics], 12)}."
        )
    used = columns.used - {each for each in columns.arms if each != arms.column}
    others = [
        f'"{cell}"'
        for column, cell in enumerate(columns.headings)
        if cell and column not in used and column not in statistics and column != arms.column
    ]
    jumped = [each for each in others if not any(each in note for note in columns.notes)]
    if jumped:
        found.notes.append(f"columns that were not read: {few(jumped, 12)}.")


class _Rows:
    """Reader of rows, one after the other."""

    def __init__(
        self,
        sheet: Sheet,
        columns: ScoreColumns,
        asked: Asked,
        arms: Arms,
        found: Readings,
    ) -> None:
        self.sheet, self.columns, self.asked = sheet, columns, asked
        self.arms, self.found = arms, found
        self.statistics: list[str] = []
        self.unnamed: list[str] = []
        self.lost = 0
        self.texts_only: list[str] = []
        self.kind = "score"
        self.last_name: list[str] = []
        self.carried = 0
        places = [*(columns.days or {})] or [each for each in (columns.score,) if each is not None]
        self.numbers = Numbers(places)
        rows = sheet.rows[columns.row + 1 :]
        names = [name for row in rows if (name := cell_at(row, columns.animal[-1]))]
        self.shapes, self.words = usual_shapes(names), usual_words(names)
        self.letters = {name for name in names if len(name) == 1}
        self.long_days = self._days_of(rows) if columns.long else {}

    def read(self) -> None:
        rows = self.sheet.rows
        first = self.columns.row + 1
        above = [number + 1 for number in range(self.columns.row) if any(rows[number])]
        if above and not self.sheet.transposed:
            self.found.notes.append(
                f"rows above the names of the columns were not read: {', '.join(map(str, above))}."
            )
        for number in range(first, len(rows)):
            if any(rows[number]):
                self._row(number, rows[number])
            else:
                self.numbers.end_block()
        notes = self.found.notes
        if self.statistics:
            notes.append(f"statistics, not animals, and not read: {few(self.statistics)}.")
        if self.unnamed:
            have = "has" if len(self.unnamed) == 1 else "have"
            readings = f"{self.lost} reading{'s' * (self.lost != 1)}"
            notes.append(f"{few(self.unnamed)} {have} no animal and {readings}; not read.")
        if self.texts_only:
            notes.append(f"text that belongs to no animal was not read: {few(self.texts_only)}.")
        if self.carried:
            notes.append("the animal is named in the first row of its block only and is carried down.")

    def _row(self, number: int, row: Sequence[str]) -> None:
        if self._is_heading(number, row) or self._is_title(row):
            return
        if heads_a_table(row, self.columns.animal):
            raise FileError(
                f"{self.sheet.place(number)} has the headings of another table; keep one table to a sheet."
            )
        if self.arms.take_heading(number):
            self.numbers.end_block()
            return
        self._check_width(number, row)
        names = [cell_at(row, column) for column in self.columns.animal]
        if self._is_statistic(row, names):
            label = names[-1] or _label(row)
            self.statistics.append(self.sheet.place(number) + (f' "{label}"' if label else ""))
            self.numbers.end_block()
            return
        names = self._carried_names(row, names)
        readings = self._readings(number, row)
        if not names[-1]:
            count = sum(bool(text) for _, _, text in readings)
            if count:
                self.unnamed.append(self.sheet.place(number))
                self.lost += count
            else:
                self.texts_only.append(self.sheet.place(number))
            return
        arm = self.arms.of(number, row, "/".join(names))
        if arm is None:
            if any(text for _, _, text in readings):
                raise FileError(
                    f"{self.sheet.place(number)} has no arm, but adjacent rows have one each; name it."
                )
            self.texts_only.append(self.sheet.place(number))
            return
        if not self.columns.long:
            self.numbers.add(row, arm)
        key = (self.found.name(arm, "arm") if arm else "", self.found.name("/".join(names), "animal"))
        self.found.scores.setdefault(key, {})
        place = self.sheet.place(number)
        for kind, day, text in readings:
            self.found.add(kind, key, day, place, text)

    def _is_title(self, row: Sequence[str]) -> bool:
        """Process a row that announces scores, or body weights, below."""
        first = next(filter(None, row))
        if any(cell and cell != first for cell in row):
            return False
        if role_of(first) not in ("score", "weight"):
            return False
        self.kind = role_of(first)
        return True

    def _is_heading(self, number: int, row: Sequence[str]) -> bool:
        """Process the headings of a further block below the first."""
        name = cell_at(row, self.columns.animal[-1])
        heading = cell_at(self.columns.headings, self.columns.animal[-1])
        if not name or (name != heading and role_of(name) != "animal"):
            return False
        if tuple(row) == self.columns.headings:
            return True
        other = columns_of(self.sheet.rows, number, replace(self.asked, arm=""))
        if other is None or other.long != self.columns.long or not (other.long or other.days):
            return False
        if other.animal != self.columns.animal or other.arms != self.columns.arms:
            raise FileError(
                f"{self.sheet.place(number)} has other headings than the first; keep one table to a sheet."
            )
        self.columns = replace(other, notes=())
        self.numbers = Numbers(list(other.days or {}))
        return True

    def _is_statistic(self, row: Sequence[str], names: Sequence[str]) -> bool:
        name, arm = names[-1], cell_at(row, self.arms.column)
        day = cell_at(row, self.columns.day)
        if name and not self._is_named_so(name) and not (arm and self._is_named_so(arm)):
            if day and self.columns.long and self._is_named_so(day):
                return True
            if self.columns.long:
                return False
            odd = shape_of(name) not in self.shapes or not begins_with(name, self.words)
            own = name.casefold() in self.arms.folded
            return (odd or own) and self.numbers.is_statistic(row, unnamed=own)
        if name:
            return self._is_named_so(name) or not day
        if self._is_named_so(_label(row)):
            return True
        return not self.columns.long and self.numbers.is_statistic(row, unnamed=True)

    def _is_named_so(self, name: str) -> bool:
        if name in self.letters and chr(ord(name) - 1) in self.letters:
            return False  # animal N follows M, animal P follows O
        return names_a_statistic(name, self.arms.words)

    def _carried_names(self, row: Sequence[str], names: list[str]) -> list[str]:
        """Return the names, carried down where a block names its animal, or its cage, once."""
        last = self.last_name
        if names[0] and len(names) == 1:
            self.last_name = names
            return names
        if last and not names[-1] and self.columns.long and cell_at(row, self.columns.score):
            self.carried += 1
            names = list(last)
        elif last and names[-1]:
            names = [name or before for name, before in zip(names[:-1], last, strict=False)] + names[-1:]
        if names[-1]:
            self.last_name = names
        return names

    def _check_width(self, number: int, row: Sequence[str]) -> None:
        width = len(self.columns.headings)
        extra = [cell for cell in row[width:] if cell]
        if any(number_of(cell) is not None for cell in extra):
            raise FileError(
                f"{self.sheet.place(number)} has {len(row)} cells under {width} headings; a decimal comma "
                "needs quotes, or semicolons between the cells."
            )
        if extra:
            self.texts_only.append(f"{self.sheet.place(number)} (beyond the headings)")

    def _readings(self, number: int, row: Sequence[str]) -> list[tuple[str, int, str]]:
        columns = self.columns
        if not columns.long:
            return [
                (kind, day, cell_at(row, column))
                for kind, days in ((self.kind, columns.days), ("weight", columns.weight_days))
                for column, day in (days or {}).items()
            ]
        text, score = cell_at(row, columns.day), cell_at(row, columns.score)
        weight = cell_at(row, columns.weight)
        if text not in self.long_days:
            if not text and not score and not weight:
                return []
            raise FileError(f'{self.sheet.place(number)}: day "{text}" is not a day after induction.')
        found = [("score", self.long_days[text], score)]
        return [*found, ("weight", self.long_days[text], weight)] if weight else found

    def _days_of(self, rows: Sequence[Sequence[str]]) -> dict[str, int]:
        """Return the days of a column of days, by text."""
        texts = list(dict.fromkeys(cell_at(row, self.columns.day) for row in rows))
        if len(texts) > DAYS:
            heading = self.columns.heading(self.columns.day or 0)
            raise FileError(
                f"{heading} has {len(texts):,} different texts, and at most {DAYS:,} days are read; --day "
                "names the column."
            )
        known = [one for text in texts if text and (one := day_text(text)) is not None]
        days, notes = whole_days(known, day_zero=self.asked.day_zero, hours=self.columns.hours)
        self.found.notes += notes
        self.found.rounded = any("rounded down" in note for note in notes)
        return {one.text: day for one, day in zip(known, days, strict=True)}


def _label(row: Sequence[str]) -> str:
    """Return the first text of a row that is no number."""
    return next((cell for cell in row if cell and number_of(cell) is None), "")
