"""From the cells of a laboratory's table to a course of scores of every animal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from eaesim.errors import FileError
from eaesim.evidence.scorecolumns import ScoreColumns, day_of

DEATHS = ("dead", "died", "death", "deceased", "†", "✝", "x")
MISSING = ("", "-", ".", "na", "n/a", "nan", "nd", "n.d.", "#n/a", "none")
# Laboratories keep their means below the animals.
_SUMMARIES = ("mean", "average", "median", "sem", "s.e.m.", "sd", "s.d.", "n", "sum", "total")
ONLY_ARM = "all"
_NUMBER = re.compile(r"([-+\u2212]?)(\d+(?:[.,]\d*)?|[.,]\d+)")

Animal = tuple[str, str]


@dataclass(frozen=True)
class ScoreReadings:
    """What a table says.

    Attributes
    ----------
    days
        Every day that the table has, rising.
    courses
        By arm and animal, in the order of the table, a score a day on the laboratory's own scale; NaN without
        a reading.
    notes
        A line for everything that was left out.
    """

    days: tuple[int, ...]
    courses: dict[Animal, tuple[float, ...]]
    notes: tuple[str, ...]


@dataclass
class _Found:
    """What was read so far: by animal and day the row and the score."""

    scores: dict[Animal, dict[int, tuple[int, float]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    spelt: dict[str, str] = field(default_factory=dict)

    def name(self, cell: str, kind: str) -> str:
        """Return a name as it was first spelt: capitals and spaces tell no two arms or animals apart."""
        plain = " ".join(cell.split())
        return self.spelt.setdefault(f"{kind} {plain.casefold()}", plain)


def collect(rows: Sequence[Sequence[str]], columns: ScoreColumns, *, scale_max: float) -> ScoreReadings:
    """Read every animal's scores.

    Parameters
    ----------
    rows
        The cells of the table.
    columns
        What they hold.
    scale_max
        The score of a dead animal.

    Raises
    ------
    FileError
        If there is no animal with a score, a day is no whole number, an animal has a day twice, or a score is
        negative, above `scale_max`, or falls after death.
    """
    found = _Found()
    if columns.ignored:
        names = ", ".join(f'"{" ".join(name.split())}"' for name in columns.ignored)
        found.notes.append(f"columns that were not read: {names}.")
    if columns.arm is None:
        found.notes.append(f'there is no column of arms; all animals are in one, "{ONLY_ARM}".')
    above = [number for number, row in enumerate(rows[: columns.row], start=1) if any(row)]
    if above:
        found.notes.append(
            f"rows above the names of the columns were not read: {', '.join(map(str, above))}."
        )
    width = len(rows[columns.row])
    for number, row in enumerate(rows[columns.row + 1 :], start=columns.row + 2):
        if any(row):
            _read_row(found, number, row, columns, width=width, scale_max=scale_max)
    return _result(found, scale_max)


def score_of(text: str, *, scale_max: float) -> float | None:
    """Return the score that a cell says, NaN for no reading, or None for what cannot be read.

    Examples
    --------
    >>> [score_of(text, scale_max=5) for text in ("2,5", "†", "", "limp")]
    [2.5, 5, nan, None]
    """
    plain = text.strip().casefold()
    if plain in DEATHS:
        return scale_max
    if plain in MISSING:
        return math.nan
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return None
    value = float(match[2].replace(",", "."))
    return -value if match[1] in ("-", "\u2212") else value


def _read_row(
    found: _Found, number: int, row: Sequence[str], columns: ScoreColumns, *, width: int, scale_max: float
) -> None:
    cells = [*row, *[""] * (width - len(row))]
    name = cells[columns.animal]
    if any(cells[width:]):
        found.notes.append(
            f"row {number} has {len(row)} cells under {width} names and was not read; a decimal comma needs "
            "quotes, or semicolons between the cells."
        )
        return
    if name.casefold() in _SUMMARIES or not name:
        what = f'"{name}" for an animal' if name else "no animal"
        found.notes.append(f"row {number} has {what} and was not read.")
        return
    arm = ONLY_ARM if columns.arm is None else cells[columns.arm]
    if not arm:
        found.notes.append(f"row {number} has no arm and was not read.")
        return
    key = (found.name(arm, "arm"), found.name(name, "animal"))
    course = found.scores.setdefault(key, {})
    for day, text in _cells(number, cells, columns):
        score = score_of(text, scale_max=scale_max)
        if score is None:
            shown = " ".join(text.split())
            found.notes.append(f'row {number}, day {day}: "{shown}" is no score and counts as no reading.')
            score = math.nan
        _check_score(score, number, day, text, scale_max)
        if day in course:
            rows = f"rows {course[day][0]} and {number}"
            raise FileError(f"animal {key[1]} ({key[0]}) has day {day} twice, in {rows}.")
        course[day] = (number, score)


def _cells(number: int, cells: Sequence[str], columns: ScoreColumns) -> Iterator[tuple[int, str]]:
    """Return day and score of every reading in a row."""
    if columns.day is None or columns.score is None:
        for column, day in columns.days.items():
            yield day, cells[column]
        return
    found = day_of(cells[columns.day])
    if found is None:
        shown = " ".join(cells[columns.day].split())
        raise FileError(f'row {number}: day "{shown}" is not a whole number of days after induction.')
    yield found, cells[columns.score]


def _check_score(score: float, number: int, day: int, text: str, scale_max: float) -> None:
    if score < 0:
        raise FileError(f'row {number}, day {day}: the score "{text}" is negative; scores start at 0.')
    if score > scale_max:
        raise FileError(
            f'row {number}, day {day}: the score "{text}" is above {scale_max:g}; if your scale goes on, '
            "say so with --scale-max."
        )


def _result(found: _Found, scale_max: float) -> ScoreReadings:
    days = tuple(sorted({day for course in found.scores.values() for day in course}))
    if days and days[-1] < 0:
        raise FileError("all days are before day 0, the induction; write day 3, not day-3.")
    kept = {}
    for (arm, animal), course in found.scores.items():
        if all(day < 0 or math.isnan(score) for day, (_, score) in course.items()):
            found.notes.append(f"animal {animal} ({arm}) has no score from day 0 on and was left out.")
            continue
        _check_death(arm, animal, course, scale_max)
        kept[arm, animal] = course
    if not kept:
        raise FileError("there is no animal with a score in this table.")
    arms = tuple(dict.fromkeys(arm for arm, _ in kept))
    repeated = [
        name
        for name in dict.fromkeys(animal for _, animal in kept)
        if sum((arm, name) in kept for arm in arms) > 1
    ]
    if repeated:
        found.notes.append(f"in several arms, and taken for different animals: {', '.join(repeated)}.")
    ordered = sorted(kept, key=lambda key: arms.index(key[0]))
    none = (0, math.nan)
    courses = {key: tuple(kept[key].get(day, none)[1] for day in days) for key in ordered}
    return ScoreReadings(days, courses, tuple(found.notes))


def _check_death(arm: str, animal: str, course: dict[int, tuple[int, float]], scale_max: float) -> None:
    """Make sure that the dead stay dead."""
    death = min((day for day, (_, score) in course.items() if score == scale_max), default=None)
    for day in sorted(course):
        row, score = course[day]
        if death is not None and day > death and score < scale_max:
            raise FileError(
                f"row {row}: animal {animal} ({arm}) has score {score:g} on day {day}, after death on day "
                f"{death}; if {scale_max:g} is not death on your scale, raise --scale-max."
            )
