"""Which column of a laboratory's table holds what, by the names that laboratories give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eaesim.errors import FileError

_ANIMALS = ("animal", "rat", "mouse", "subject")
_INDUCED = ("immunisation", "immunization", "induction", "transfer")
#: The names of each column in lower case, the first choice first.
NAMES = {
    "animal": (
        *_ANIMALS,
        *(f"{animal} {word}" for animal in _ANIMALS for word in ("id", "no", "number", "nr", "name")),
        "id",
        "ear tag",
    ),
    "arm": ("arm", "group", "treatment", "treatment group", "group name", "treatment arm"),
    "day": (
        "day",
        "dpi",
        "days",
        "day p i",
        "day pi",
        "days p i",
        "days pi",
        *(
            f"{day} {word} {what}"
            for day in ("day", "days")
            for word in ("post", "after")
            for what in _INDUCED
        ),
    ),
    "score": (
        "score",
        "clinical score",
        "eae score",
        "daily score",
        "disease score",
        "clinical grade",
        "grade",
    ),
}
# A sheet may have its title and what else above the names of the columns.
_MOST_ABOVE = 20
_DAY = re.compile(
    r"(?:(?:day|days|d|dpi)[\s._]*)?([-\u2212]?\d{1,4})(?:[.,]0+)?(?:\s*(?:dpi|p\.?\s?i\.?))?", re.IGNORECASE
)
_SHOWN = 12


@dataclass(frozen=True)
class ScoreColumns:
    """Where things stand in a table, counted from 0.

    Attributes
    ----------
    row
        The row with the names.
    animal, arm, day, score
        Columns; `arm` is None in a table without arms, `day` and `score` where each day has a column.
    days
        Day after induction of each column of scores; empty where a row is one reading.
    ignored
        Names of the columns that are not read.
    """

    row: int
    animal: int
    arm: int | None
    day: int | None
    score: int | None
    days: dict[int, int]
    ignored: tuple[str, ...]


def find_columns(rows: Sequence[Sequence[str]]) -> ScoreColumns:
    """Find the columns of a table, in the first row that names an animal and its scores.

    Parameters
    ----------
    rows
        The cells of the table.

    Raises
    ------
    FileError
        If no row has the names that are needed, or two columns are the same day.

    Examples
    --------
    >>> find_columns([("Rat ID", "Group", "weight", "d0", "d1")]).days
    {3: 0, 4: 1}
    """
    for place, row in enumerate(rows[:_MOST_ABOVE]):
        found = _columns(place, row)
        if found is not None:
            return found
    first = next(row for row in rows if any(row))
    shown = [f'"{" ".join(cell.split())}"' for cell in first if cell]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    raise FileError(
        f"no columns of scores were recognised; found {', '.join(shown[:_SHOWN])}{more}; needed are animal, "
        "arm, day and score, or animal, arm and a column a day (day 0, day 1, ...)."
    )


def day_of(text: str) -> int | None:
    """Return the day after induction that a text says, or None.

    Examples
    --------
    >>> [day_of(text) for text in ("0", "day 3", "D3", "dpi 3", "3 dpi", "day -1", "weight")]
    [0, 3, 3, 3, 3, -1, None]
    """
    match = _DAY.fullmatch(text.strip())
    return int(match[1].replace("\u2212", "-")) if match else None


def _columns(place: int, row: Sequence[str]) -> ScoreColumns | None:
    plain = [_plain(cell) for cell in row]
    roles = {
        role: next((plain.index(name) for name in names if name in plain), None)
        for role, names in NAMES.items()
    }
    animal, long = roles["animal"], None not in (roles["day"], roles["score"])
    if animal is None:
        return None
    days: dict[int, int] = {}
    if not long:
        roles["day"] = roles["score"] = None
        days = {column: day for column, cell in enumerate(row) if (day := day_of(cell)) is not None}
        if not days:
            return None
        _check_days(days, row)
    used = {*roles.values(), *days}
    ignored = tuple(cell for column, cell in enumerate(row) if cell and column not in used)
    return ScoreColumns(place, animal, roles["arm"], roles["day"], roles["score"], days, ignored)


def _plain(name: str) -> str:
    """Return a name in lower case, without what stands in brackets and without signs."""
    return " ".join(re.sub(r"[^0-9a-z]+", " ", re.sub(r"[(\[].*?[)\]]", " ", name.casefold())).split())


def _check_days(days: dict[int, int], row: Sequence[str]) -> None:
    first: dict[int, int] = {}
    for column, day in days.items():
        if day in first:
            raise FileError(f'day {day} stands in two columns, "{row[first[day]]}" and "{row[column]}".')
        first[day] = column
