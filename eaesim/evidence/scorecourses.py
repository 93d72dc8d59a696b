"""Conversion of cell texts to score courses and the end of each animal."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from eaesim.errors import FileError
from eaesim.evidence.scorelimits import check_readings, few
from eaesim.evidence.scoremarks import CellReader, End, number_of
from eaesim.evidence.scorereadings import Animal, Course, Readings

#: Minimum proportion of readable cells among those with text in an arm.
READABLE = 0.75
# With fewer unreadable texts, a table is not rejected.
_FEWEST = 3
_LISTED = 4


@dataclass(frozen=True)
class ScoreCourses:
    """The scores of every animal.

    Attributes
    ----------
    days
        Days of the table, ascending.
    courses
        One score per day, by arm and animal in the order of the table; NaN without a reading, and the score
        of death from death on.
    ended
        End of each animal, by arm and animal.
    weights
        Arm, animal, day and body weight of each reading.
    notes
        One line per omission.
    """

    days: tuple[int, ...]
    courses: dict[Animal, tuple[float, ...]]
    ended: dict[Animal, End]
    weights: tuple[tuple[str, str, int, float], ...]
    notes: tuple[str, ...]


class _Notes:
    """Omissions in each arm."""

    def __init__(self) -> None:
        self.unread: dict[str, list[str]] = {}
        self.texts: dict[str, int] = {}
        self.empty: dict[str, list[str]] = {}

    def lines(self) -> list[str]:
        notes = []
        for arm, places in self.unread.items():
            notes += [f"{each} is not a score and counts as missing." for each in places[:_LISTED]]
            if len(places) > 1:
                left = f", of which {_LISTED} are named" if len(places) > _LISTED else ""
                notes.append(
                    f"{arm}: {len(places)} of {self.texts[arm]} cells are not scores and count as no "
                    f"readings{left}."
                )
        for arm, animals in self.empty.items():
            have = "has" if len(animals) == 1 else "have"
            was = "was" if len(animals) == 1 else "were"
            notes.append(
                f"{arm}: {few(animals)} {have} no score from day 0 on and {was} left out "
                f"({len(animals)} of its animals)."
            )
        return notes


def courses_of(readings: Readings, cells: CellReader, *, scale_max: float, dead_score: float) -> ScoreCourses:
    """Read every animal's scores."""
    notes = _Notes()
    every = len({day for course in readings.scores.values() for day in course})
    check_readings(len(readings.scores), every)
    kept: dict[Animal, dict[int, float]] = {}
    ended: dict[Animal, End] = {}
    for key, course in readings.scores.items():
        values, end = _course(key, course, cells, notes, (scale_max, dead_score))
        if not any(day >= 0 and not math.isnan(score) for day, score in values.items()) and (
            end is None or end.how != "dead" or end.day < 0
        ):
            notes.empty.setdefault(key[0], []).append(key[1])
            continue
        kept[key] = values
        if end is not None:
            ended[key] = end
    _check_readable(notes)
    days = tuple(sorted({day for key in kept or readings.scores for day in readings.scores[key]}))
    if days and days[-1] < 0:
        raise FileError("all days are before day 0, the induction; write day 3, not day -3.")
    if not kept:
        raise FileError("there is no animal with a score in this table.")
    arms = list(dict.fromkeys(arm for arm, _ in kept))
    order = {arm: place for place, arm in enumerate(arms)}
    dead = {key: end.day for key, end in ended.items() if end.how == "dead"}
    courses = {
        key: tuple(
            dead_score if day >= dead.get(key, math.inf) else kept[key].get(day, math.nan) for day in days
        )
        for key in sorted(kept, key=lambda key: order[key[0]])
    }
    lines = [*notes.lines(), *_repeated(kept), *_ends(ended)]
    weights, more = _weights(readings)
    return ScoreCourses(
        days, courses, {key: ended[key] for key in courses if key in ended}, weights, (*lines, *more)
    )


def _course(
    key: Animal, course: Course, cells: CellReader, notes: _Notes, scale: tuple[float, float]
) -> tuple[dict[int, float], End | None]:
    """Return the scores of an animal and its end."""
    arm, animal = key
    values: dict[int, float] = {}
    end: End | None = None
    for day in sorted(course):
        place, text = course[day]
        try:
            cell = cells.read(text)
        except FileError as error:
            raise FileError(f"{place}, day {day}: {error}") from error
        notes.texts[arm] = notes.texts.get(arm, 0) + bool(text)
        if not cell.read:
            notes.unread.setdefault(arm, []).append(f'{place}, day {day}: "{_short(text)}"')
        score = cell.score
        if cell.end == "sacrificed" and score == scale[1]:
            score = math.nan
        _check_score(score, f"{place}, day {day}", text, scale)
        how = cell.end or ("dead" if score == scale[1] else "")
        if end is not None:
            _check_after(end, how, score, f"{place}: animal {animal} ({arm})", day, scale)
        elif how:
            end = End(day, how)
        values[day] = score
    return values, end


def _short(text: str) -> str:
    return text if len(text) < 60 else f"{text[:57]}..."


def _check_score(score: float, where: str, text: str, scale: tuple[float, float]) -> None:
    scale_max, dead_score = scale
    if score < 0:
        raise FileError(f'{where}: the score "{_short(text)}" is negative; scores start at 0.')
    if score > scale_max and score != dead_score:
        raise FileError(
            f'{where}: the score "{_short(text)}" is above {scale_max:g}, the top of the scale; if your '
            "scale is longer, give its top with --scale-max."
        )


def _check_after(end: End, how: str, score: float, who: str, day: int, scale: tuple[float, float]) -> None:
    """Make sure that an animal has no readings after its end."""
    names = {"dead": "death", "removed": "removal", "sacrificed": "sacrifice"}
    if how and how != end.how and not (end.how == "removed" and how == "sacrificed"):
        raise FileError(f"{who} is {end.how} on day {end.day} and {how} on day {day}; which one is it?")
    if not how and not math.isnan(score):
        hint = f"; if {scale[1]:g} is not death on your scale, say --dead-score" if end.how == "dead" else ""
        raise FileError(
            f"{who} has score {score:g} on day {day}, after its {names[end.how]} on day {end.day}{hint}."
        )


def _check_readable(notes: _Notes) -> None:
    for arm, places in notes.unread.items():
        if len(places) >= _FEWEST and len(places) > (1 - READABLE) * notes.texts[arm]:
            raise FileError(
                f"{arm}: {len(places)} of {notes.texts[arm]} cells are not scores, the first in {places[0]}; "
                "use --mark WORD=missing for words that mean a missing reading."
            )


def _repeated(kept: dict[Animal, dict[int, float]]) -> list[str]:
    repeated = [animal for animal, count in Counter(animal for _, animal in kept).items() if count > 1]
    told = f"in several arms, and taken for different animals: {few(repeated, 12)}."
    return [told] if repeated else []


def _ends(ended: dict[Animal, End]) -> list[str]:
    """Return which animals left alive, one line per arm and kind."""
    found: dict[tuple[str, str], list[str]] = {}
    for (arm, animal), end in ended.items():
        found.setdefault((arm, end.how), []).append(f"{animal} (day {end.day})")
    words = {"removed": "removed alive or lost", "sacrificed": "sacrificed"}
    return [
        f"{arm}: {words[how]}, and not counted as deaths: {few(animals)}; --mark WORD=dead says otherwise."
        for (arm, how), animals in found.items()
        if how in words
    ]


def _weights(readings: Readings) -> tuple[tuple[tuple[str, str, int, float], ...], list[str]]:
    found, unread = [], 0
    for (arm, animal), course in readings.weights.items():
        for day in sorted(course):
            text = course[day][1]
            value = number_of(text.rstrip(" gG"))
            if value is None or value <= 0:
                unread += bool(text)
                continue
            found.append((arm, animal, day, value))
    notes = (
        [f"body weights were read with the scores and are stored separately: {len(found)}."] if found else []
    )
    if unread:
        notes.append(f"{unread} cells of body weights are not weights and were not read.")
    return tuple(found), notes
