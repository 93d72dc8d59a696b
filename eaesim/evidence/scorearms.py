"""The arm of each animal of a table: from a column, a row above its block, or a name carried down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from eaesim.errors import FileError
from eaesim.evidence.scorecolumns import NO_ARMS, Asked, ScoreColumns, statistic_columns
from eaesim.evidence.scorelimits import cell_at, few
from eaesim.evidence.scoremarks import number_of
from eaesim.evidence.scorestatistics import names_a_statistic, shape_of, usual_shapes
from eaesim.evidence.scoretable import Sheet
from eaesim.evidence.scorewords import known, role_of, words_of

# Limits on the number of different texts in a column of arms.
LEAST, MOST = 2, 8
ARMS = 1_000
# A cell that holds only these characters gives no name.
_NO_NAME = frozenset("-\u2013\u2014./?=_ ")
_PREFIX = re.compile(r"\s*([^\W\d_]+)\s*(?:\d+\s*)?[:=]\s*(\S.*)")


class Arms:
    """The arms of a sheet's rows."""

    def __init__(self, sheet: Sheet, columns: ScoreColumns, asked: Asked) -> None:
        self.sheet, self.columns = sheet, columns
        self.rows = {
            number: row for number, row in enumerate(sheet.rows) if number > columns.row and any(row)
        }
        self.notes: list[str] = []
        self.candidates: tuple[str, ...] = ()
        self.headings: dict[int, str] = {}
        self.none = asked.arm.casefold() == NO_ARMS
        self.column = self._column()
        self.carry = False
        self.guessed = False
        self.last = ""
        self._seen: dict[str, str] = {}
        if self.column is not None:
            self.carry = self._carries(self.column)
        elif not self.none:
            self.headings = self._heading_rows()
            if not self.headings:
                self._look_for_candidates()
        cells = [cell_at(row, self.column) for row in self.rows.values()] if self.column is not None else []
        self.names = tuple(dict.fromkeys([*filter(None, cells), *self.headings.values()]))
        if len(self.names) > ARMS:
            raise FileError(
                f"there are {len(self.names):,} arms, and at most {ARMS:,} are read; --arm names the column."
            )
        # A dash is no arm, unless another is called "+", or "+/+".
        signs = any("+" in name for name in self.names)
        self.unnamed = {name for name in self.names if not signs and set(name) <= _NO_NAME}
        self.folded = frozenset(name.casefold() for name in self.names)
        self.words = frozenset[str]().union(*map(words_of, self.names))

    @property
    def known(self) -> bool:
        """Whether the sheet gives the arms of animals, or the user said that there are none."""
        return self.none or self.column is not None or bool(self.headings)

    @property
    def heading(self) -> str:
        """The heading of the column of arms."""
        return self.columns.headings[self.column] if self.column is not None else ""

    def take_heading(self, number: int) -> bool:
        """Return whether a row names the arm of the animals below it."""
        if number not in self.headings:
            return False
        self.last = self.headings[number]
        return True

    def of(self, number: int, row: Sequence[str], animal: str) -> str | None:
        """Return the arm of a row: empty in a sheet without arms, None where it has none."""
        if self.column is None:
            if self.headings and not self.last:
                first = min(self.headings)
                raise FileError(
                    f'{self.sheet.place(first)}, "{self.headings[first]}", looks like the name of an arm, '
                    f"but {self.sheet.place(number)} above it has none."
                )
            return self.last
        text = cell_at(row, self.column)
        if text in self.unnamed:
            return None
        if text:
            self.last = text
            self._seen[animal] = text
            return text
        if self.carry:
            return self.last or None
        return self._seen.get(animal) if self.columns.long else None

    def _column(self) -> int | None:
        if self.none:
            return None
        end, filled = self._end(), [each for each in self.columns.arms if self._is_filled(each)]
        animals = [row for row in self.rows.values() if cell_at(row, self.columns.animal[-1])]
        filled = [each for each in filled if each < end] or [
            each for each in filled if all(cell_at(row, each) for row in animals)
        ]
        if len(filled) < 2:
            return filled[0] if filled else None
        pairs = {tuple(cell_at(row, each).casefold() for each in filled) for row in self.rows.values()}
        pairs = {pair for pair in pairs if all(pair)}
        if any(len({pair[place] for pair in pairs}) < len(pairs) for place in range(len(filled))):
            names = [self.columns.heading(each) for each in filled]
            varied = [name for place, name in enumerate(names) if len({pair[place] for pair in pairs}) > 1]
            if len(varied) == 1:
                return filled[names.index(varied[0])]
            raise FileError(f"several columns may be the arm: {few(names)}; say --arm COLUMN.")
        worded = [
            each
            for each in filled
            if any(number_of(text) is None for row in self.rows.values() if (text := cell_at(row, each)))
        ]
        return (worded or filled)[0]

    def _is_filled(self, column: int) -> bool:
        return any(cell_at(row, column) for row in self.rows.values())

    def _end(self) -> int:
        """Return the first empty column to the right of the readings, where the table ends."""
        columns = self.columns
        column = 1 + max(columns.used - set(columns.arms))
        while column < len(columns.headings) and (columns.headings[column] or self._is_filled(column)):
            column += 1
        return column

    def _carries(self, column: int) -> bool:
        """Return whether each arm is named in the first row of its block only.

        Not so where adjacent rows repeat the name: there a blank is a missing arm.
        """
        cells = [
            cell_at(row, column)
            for row in self.rows.values()
            if any(cell_at(row, each) for each in self.columns.animal)
            and not any(names_a_statistic(cell_at(row, each)) for each in self.columns.animal)
        ]
        if all(cells) or not cells or not cells[0]:
            return False
        if any(one and one == two for one, two in pairwise(cells)):
            return False
        self.notes.append("each arm is named in the first row of its block only and is carried down.")
        return True

    def _heading_rows(self) -> dict[int, str]:
        """Return the rows that name the arm of the animals below, by number."""
        single = {}
        order = list(self.rows)
        for place, number in enumerate(order):
            texts = {cell for cell in self.rows[number] if cell}
            text = next(iter(texts))
            if len(texts) > 1 or number_of(text) is not None or names_a_statistic(text):
                continue
            if role_of(text) in ("score", "weight"):
                continue
            below = self.rows[order[place + 1]] if place + 1 < len(order) else ()
            if len({cell for cell in below if cell}) > 1 or sum(map(bool, below)) > 2:
                single[number] = self._plain(text)
        before = [number for number in range(self.columns.row) if any(self.sheet.rows[number])]
        stacked = any(tuple(row) == self.columns.headings for row in self.rows.values())
        if stacked and before and single and not self.sheet.transposed:
            texts = {cell for cell in self.sheet.rows[before[-1]] if cell}
            if len(texts) == 1:
                single = {self.columns.row: self._plain(next(iter(texts))), **single}
                self.last = single[self.columns.row]
        first = next((number for number in order if tuple(self.rows[number]) != self.columns.headings), None)
        if single and (first in single or self.columns.row in single):
            self.notes.append(f"the arms are the rows above their animals: {few(list(single.values()))}.")
            return single
        animals = [cell_at(row, self.columns.animal[-1]) for row in self.rows.values()]
        usual = usual_shapes([name for name in animals if name])
        odd = {number: text for number, text in single.items() if shape_of(text) not in usual}
        return odd if usual else {}

    def _plain(self, text: str) -> str:
        """Return the name of an arm without "Group:" before it."""
        match = _PREFIX.fullmatch(text)
        return match[2] if match and match[1].casefold() in known("arm") else text

    def _look_for_candidates(self) -> None:
        """Use a column such as the genotype as the arm where it is the only candidate."""
        columns = self.columns
        others = {*columns.used, *statistic_columns(columns)}
        rows = [
            (animal, row)
            for row in self.rows.values()
            if (animal := "/".join(cell_at(row, each) for each in columns.animal)).strip("/")
            and not names_a_statistic(animal)
        ]
        found = [
            column
            for column, cell in enumerate(columns.headings)
            if cell and column not in others and self._may_be(column, rows)
        ]
        if len(found) == 1 and set(words_of(columns.headings[found[0]])) & known("weak_arms"):
            self.column = found[0]
            self.guessed = True
            self.notes.append(f"{columns.headings[found[0]]} is taken for the arm; --arm says otherwise.")
            self.carry = self._carries(self.column)
        else:
            self.candidates = tuple(columns.headings[column] for column in found)

    def _may_be(self, column: int, rows: Sequence[tuple[str, Sequence[str]]]) -> bool:
        """Return whether a column has few different texts, constant within each animal."""
        values: dict[str, str] = {}
        distinct: set[str] = set()
        for place, (animal, row) in enumerate(rows):
            text = cell_at(row, column).casefold()
            if not text and not place:
                return False
            if text:
                distinct.add(text)
                if len(distinct) > MOST or values.setdefault(animal, text) != text:
                    return False
        if len(distinct) < LEAST:
            return False
        weak = bool(set(words_of(self.columns.headings[column])) & known("weak_arms"))
        if not weak and all(number_of(text) is not None for text in distinct):
            return False
        return len(distinct) < max(len(values), 2)
