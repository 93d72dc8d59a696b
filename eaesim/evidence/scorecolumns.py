"""The meaning of the columns of a laboratory's table, by heading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from eaesim.errors import FileError, unknown_name
from eaesim.evidence.scoredays import DayText, day_text, in_sequence, whole_days
from eaesim.evidence.scorelimits import HEADING_ROWS, column_letters, few
from eaesim.evidence.scorewords import ROLES, is_statistic, known, parts_of, role_of, words_of

Rows = Sequence[Sequence[str]]
_SHOWN = 12
NO_ARMS = "none"


@dataclass(frozen=True)
class Asked:
    """The columns that the user named, and the date of day 0.

    Attributes
    ----------
    animal, arm, day, score
        Headings, or letters of columns; empty if not given.
    day_zero
        Date, as written.
    """

    animal: tuple[str, ...] = ()
    arm: str = ""
    day: str = ""
    score: str = ""
    day_zero: str | None = None


@dataclass(frozen=True)
class ScoreColumns:
    """Positions of headings and columns in a table, counted from 0.

    Attributes
    ----------
    row
        Row with the headings.
    headings
        Cells of that row.
    animal
        Columns that together name an animal.
    arms
        Columns that may be the arm, the first choice first; empty in a table without arms.
    day, score, weight
        Columns of a table in which a row is one reading.
    days, weight_days
        Day after induction of each column of scores and of body weights; empty where a row is one reading.
    notes
        One line per decision.
    """

    row: int
    headings: tuple[str, ...]
    animal: tuple[int, ...]
    arms: tuple[int, ...] = ()
    day: int | None = None
    score: int | None = None
    weight: int | None = None
    days: dict[int, int] | None = None
    weight_days: dict[int, int] | None = None
    notes: tuple[str, ...] = ()

    @property
    def long(self) -> bool:
        """Whether a row is one reading."""
        return self.day is not None

    @property
    def used(self) -> set[int]:
        """The columns that are read, including every candidate for the arm."""
        single = {each for each in (self.day, self.score, self.weight) if each is not None}
        return {*self.animal, *self.arms, *single, *(self.days or {}), *(self.weight_days or {})}

    @property
    def hours(self) -> bool:
        """Whether the column of days is in hours."""
        return self.day is not None and bool(
            set(parts_of(words_of(self.headings[self.day]))) & known("hours")
        )

    def heading(self, column: int) -> str:
        """Return the name of a column in quotes, or its letter."""
        text = self.headings[column] if column < len(self.headings) else ""
        return f'"{text}"' if text else f"column {column_letters(column)}"


def find_columns(rows: Rows, asked: Asked = Asked()) -> ScoreColumns | None:
    """Find the columns of a table, in the first row that names an animal and its scores.

    Examples
    --------
    >>> find_columns([("Rat ID", "Group", "weight", "d0", "d1")]).days
    {3: 0, 4: 1}
    """
    for place in range(min(HEADING_ROWS, len(rows))):
        if place + 1 < len(rows) and len(_measures(rows[place + 1])) > 2:
            continue  # score and weight, in turn, below each day
        found = columns_of(rows, place, asked)
        if found is not None:
            return found
    return None


def no_columns(rows: Rows, asked: Asked) -> Exception:
    """Return the error of a table whose columns were not recognised."""
    first = max(rows[:HEADING_ROWS], key=lambda row: sum(map(bool, row)))
    for name in (*asked.animal, asked.arm, asked.day, asked.score):
        if name and name != NO_ARMS and all(column_named(name, row) is None for row in rows[:HEADING_ROWS]):
            return unknown_name(name, "column", [cell for cell in first if cell])
    shown = [f'"{cell}"' for cell in first if cell]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    if sum(day_text(cell) is not None for cell in first) > 1:
        return FileError(
            "which column names the animals is not clear; say --animal COLUMN. Columns: "
            f"{', '.join(shown[:_SHOWN])}{more}."
        )
    return FileError(
        f"no columns of scores were recognised; found {', '.join(shown[:_SHOWN])}{more}; needed are animal, "
        "arm, day and score, or animal, arm and a column a day (day 0, day 1, ...); --animal, --arm, --day "
        "and --score name the columns."
    )


def column_named(name: str, row: Sequence[str]) -> int | None:
    """Return the column with a heading (ignoring case and spaces) or with that letter.

    Examples
    --------
    >>> column_named("rat id", ("", "Rat_ID", "Day")), column_named("C", ("", "Rat_ID", "Day"))
    (1, 2)
    """
    folded = [cell.casefold().split() for cell in row]
    if name.casefold().split() in folded:
        return folded.index(name.casefold().split())
    words, every = words_of(name), [words_of(cell) for cell in row]
    if words and words in every:
        return every.index(words)
    match = re.fullmatch(r"(?:column )?([A-Z]{1,2})", name.strip())
    letters = {column_letters(column): column for column in range(len(row))}
    return letters.get(match[1]) if match else None


def columns_of(rows: Rows, place: int, asked: Asked) -> ScoreColumns | None:
    """Return the columns if a row has the headings, alone or with the row above it, else None."""
    head = tuple(rows[place])
    measures = _measures(head) if place else []
    if len(measures) > 2:
        head = _below_days(head, rows[place - 1], measures)
    found = _columns(rows, place, head, asked)
    if found is not None or not place or sum(day_text(cell) is not None for cell in head) < 2:
        return found
    above = rows[place - 1]
    both = [*head, *[""] * (len(above) - len(head))]
    filled = [cell or (above[column] if column < len(above) else "") for column, cell in enumerate(both)]
    return _columns(rows, place, tuple(filled), asked)


def _measures(row: Sequence[str]) -> list[int]:
    """Return the columns whose headings are scores or body weights, without a day."""
    return [column for column, cell in enumerate(row) if cell and role_of(cell) in ("score", "weight")]


def _below_days(head: tuple[str, ...], above: Sequence[str], measures: Sequence[int]) -> tuple[str, ...]:
    """Return headings such as "score" with the day written above them, or above to their left."""
    filled, last = list(head), ""
    for column in range(min(measures), len(head)):
        last = (above[column] if column < len(above) else "") or last
        if column in measures and day_text(last) is not None:
            filled[column] = f"{last} {head[column]}"
    return tuple(filled)


def _columns(rows: Rows, place: int, head: tuple[str, ...], asked: Asked) -> ScoreColumns | None:
    named = {}
    for role, name in (("arm", asked.arm), ("day", asked.day), ("score", asked.score)):
        if name and not (role == "arm" and name.casefold() == NO_ARMS):
            named[role] = column_named(name, head)
    animals = tuple(column_named(name, head) for name in asked.animal)
    if None in named.values() or None in animals:
        return None
    roles = {column: role_of(cell) for column, cell in enumerate(head) if cell}
    taken = {*named.values(), *animals}
    by_role: dict[str, list[int]] = {role: [] for role in ROLES}
    for column, role in roles.items():
        if role and column not in taken:
            by_role[role].append(column)
    for role, asked_for in named.items():
        by_role[role] = [asked_for] if asked_for is not None else []
    if asked.arm.casefold() == NO_ARMS:
        by_role["arm"] = []
    animal = tuple(each for each in animals if each is not None) or tuple(by_role["animal"][:1])
    days = _day_columns(head, rows[place - 1] if place else (), {*animal, *by_role["arm"], *taken})
    several = sum(one.measure in ("", "score") for one in days.values())
    long = bool(by_role["day"] and by_role["score"]) and (several < 3 or "score" in named)
    if not long and not days:
        return None
    if not animal:
        if not long and len(days) < 2:
            return None
        animal = _weak_animal(rows, place, head, {*by_role["arm"], *days, *taken})
        if not animal or (not head[animal[0]] and place and role_of(next(iter(rows[place - 1]), ""))):
            return None
    base = ScoreColumns(place, head, animal, tuple(by_role["arm"]))
    if long:
        return _long(base, by_role)
    return _wide(base, days, asked)


def _long(base: ScoreColumns, by_role: dict[str, list[int]]) -> ScoreColumns:
    chosen = {}
    for role in ("day", "score"):
        likely = [each for each in by_role[role] if _plainly(base.headings[each], role)] or by_role[role]
        if len(likely) > 1:
            names = ", ".join(base.heading(each) for each in likely)
            raise FileError(f"several columns may be the {role}: {names}; say --{role} COLUMN.")
        chosen[role] = likely[0]
    weight = by_role["weight"][0] if by_role["weight"] else None
    return replace(base, day=chosen["day"], score=chosen["score"], weight=weight)


def _plainly(text: str, role: str) -> bool:
    """Return whether a heading contains the standard word for its role."""
    plain = {"day": {"day", "days", "dpi", "tag", "jour", "dia", "天"}, "score": {"score", "scores", "评分"}}
    return bool(plain[role] & set(parts_of(words_of(text))))


def _weak_animal(rows: Rows, place: int, head: Sequence[str], not_these: set[int | None]) -> tuple[int, ...]:
    """Return a column of animal numbers or names whose heading does not say so."""
    for column, cell in enumerate(head):
        words = parts_of(words_of(cell))
        if (
            column not in not_these
            and cell
            and all(word in known("weak_animals") for word in words)
            and (words or cell in "#№")
        ):
            return (column,)
    below = [row[0] if row else "" for row in rows[place + 1 :] if any(row)]
    if any(role_of(one) == "day" and day_text(two) for one, two in pairwise(below[:HEADING_ROWS])):
        return ()  # the row contains the days
    unnamed = 0 not in not_these and head and not head[0] and below
    if unnamed and sum(map(bool, below)) > 0.7 * len(below) and len(set(below)) > 0.9 * len(below):
        return (0,)
    return ()


def _day_columns(head: Sequence[str], above: Sequence[str], taken: set[int | None]) -> dict[int, DayText]:
    """Return the parsed headings of days; where all occur twice, the row above gives the measure of each."""
    found = {
        column: one
        for column, cell in enumerate(head)
        if column not in taken and cell and (one := day_text(cell)) is not None
    }
    plain = [one.value for one in found.values() if not one.measure and not one.dates]
    if len(plain) == len(set(plain)) or not any(role_of(cell) in ("score", "weight") for cell in above):
        return found
    measure = ""
    for column in range(len(head)):
        cell = above[column] if column < len(above) else ""
        measure = (role_of(cell) or "other") if cell else measure
        if column in found and not found[column].measure and measure in ("score", "weight", "other"):
            found[column] = replace(found[column], measure=measure, labelled=True)
    return found


def _wide(base: ScoreColumns, found: dict[int, DayText], asked: Asked) -> ScoreColumns | None:
    notes: list[str] = []
    weights = {column: one for column, one in found.items() if one.measure == "weight"}
    scores = {column: one for column, one in found.items() if one.measure in ("", "score")}
    plain = {one.value for one in scores.values() if not one.extra}
    scores = {
        column: one for column, one in scores.items() if one.dates or not one.extra or one.value not in plain
    }
    kept = in_sequence(scores) if scores else {}
    jumped = [base.heading(column) for column in scores if column not in kept]
    if jumped:
        notes.append(f"{few(jumped)}: not in the order of the days next to it, and not read as a day.")
    days = _numbered(base, kept, asked, notes)
    dated = any(one.dates for one in weights.values())
    weight_days = _numbered(base, weights, asked if dated else replace(asked, day_zero=None), [])
    if not days and not weight_days:
        return None
    return replace(base, days=days, weight_days=weight_days, notes=tuple(notes))


def _numbered(
    base: ScoreColumns, found: dict[int, DayText], asked: Asked, notes: list[str]
) -> dict[int, int]:
    if not found:
        return {}
    days, more = whole_days(list(found.values()), day_zero=asked.day_zero)
    notes += more
    first: dict[int, int] = {}
    for column, day in zip(found, days, strict=True):
        if day in first:
            raise FileError(
                f"day {day} is in two columns, {base.heading(first[day])} and {base.heading(column)}."
            )
        first[day] = column
    return dict(zip(found, days, strict=True))


def statistic_columns(columns: ScoreColumns) -> list[int]:
    """Return the columns whose headings name a statistic."""
    return [
        column
        for column, cell in enumerate(columns.headings)
        if cell
        and column not in columns.used
        and (is_statistic(cell, known("score")) or set(words_of(cell)) & {"max", "min", "maximum", "auc"})
    ]
