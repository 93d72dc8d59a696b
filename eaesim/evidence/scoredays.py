"""The day after induction given by a heading or a cell."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from eaesim.errors import FileError
from eaesim.evidence.scorelimits import few
from eaesim.evidence.scorewords import (
    is_statistic,
    known,
    parts_of,
    without_accents,
    without_brackets,
    words_of,
)

#: Longest study, in days; longer than a rat usually lives.
LAST_DAY = 1_100
# A bare number this far from the others, or this many times their span, is not a day.
_JUMP, _JUMP_SPANS = 60, 5
# Maximum characters in the heading of a day.
_LONGEST = 100
_NUMBER = re.compile(r"\d{1,4}(?:[.,]\d+)?")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)?")
_DIGIT = re.compile(r"\d")
_SIGNS = "-+\u2010\u2011\u2012\u2013\u2014\u2015\u2212."
_BLANKED = str.maketrans("()[]", "    ")
_CLOCK = re.compile(r"[ t]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_R_NAME = re.compile(r"X(\.?)(\d{1,4}(?:\.\d)?)")
_ISO = re.compile(r"(?:x)?(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_SHORT = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED = re.compile(r"(\d{1,2})[-. ]*([a-z]{3,9})\.?[-, ]*(\d{4}|\d{2})")
_NAMED_FIRST = re.compile(r"([a-z]{3,9})\.?[- ]*(\d{1,2})(?:st|nd|rd|th)?[-, ]+(\d{4})")
_HAN = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")


@dataclass(frozen=True)
class DayText:
    """A day as given by a text.

    Attributes
    ----------
    value
        The number; NaN for a date.
    text
        The text.
    unclear
        Whether a sign between a word and the number may be a minus or a separator.
    labelled
        Whether a word identifies it as a day.
    hours
        Whether it is in hours.
    measure
        ``"score"``, ``"weight"``, ``"other"`` (not a score), or empty.
    extra
        Words without a known meaning.
    dates
        Possible dates; two where day and month are ambiguous (day first, month first).
    """

    value: float
    text: str = ""
    unclear: bool = False
    labelled: bool = False
    hours: bool = False
    measure: str = ""
    extra: str = ""
    dates: tuple[date | None, ...] = ()


@lru_cache(maxsize=50_000)
def day_text(text: str) -> DayText | None:
    """Return the day given by a text, or None.

    Examples
    --------
    >>> [found.value for found in map(day_text, ("3", "Day 3", "D-10", "day -3", "第3天")) if found]
    [3.0, 3.0, 10.0, -3.0, 3.0]
    >>> day_text("day3_weight").measure, day_text("48 h").hours, day_text("weight"), day_text("cage 3")
    ('weight', True, None, None)
    """
    if len(text) > _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).strip()
    dates = dates_of(plain)
    if dates:
        return DayText(math.nan, text, labelled=True, dates=dates)
    made = _R_NAME.fullmatch(plain)
    if made:
        return DayText(float(made[2]), text, unclear=bool(made[1]))
    outside = without_brackets(plain).strip()
    chosen = outside if _NUMBER.search(outside) else plain.translate(_BLANKED)
    match = _NUMBER.search(chosen)
    if match is None or _DIGIT.search(chosen, match.end()):
        return None
    words = _words_beside(_DIGITS.sub(" ", plain))
    if words is None:
        return None
    number = float(match[0].replace(",", "."))
    negative, unclear = _sign(chosen[: match.start()], chosen[match.end() :])
    return replace(words, value=-number if negative else number, text=text, unclear=unclear)


@lru_cache(maxsize=20_000)
def _words_beside(text: str) -> DayText | None:
    """Return the day given by the words next to a number, or None."""
    words = [word for word in parts_of(words_of(text)) if word not in ("st", "nd", "rd", "th")]
    labelled = not known("day").isdisjoint(words) or words in (["p", "i"], ["pi"], ["t"])
    measure = next((role for role in ("weight", "score") if not known(role).isdisjoint(words)), "")
    if not known("other_measures").isdisjoint(words) or is_statistic(
        " ".join(words), known("day", "weekdays", "qualifiers")
    ):
        measure = "other"
    if words and not labelled and not measure:
        return None
    usual = known("day", "score", "weight", "qualifiers", "weekdays") | {"am", "pm"}
    extra = " ".join(word for word in words if word not in usual)
    if extra and not labelled:
        return None
    return DayText(
        math.nan,
        labelled=labelled or bool(measure),
        hours=not known("hours").isdisjoint(words),
        measure=measure,
        extra=extra,
    )


def _sign(left: str, after: str) -> tuple[bool, bool]:
    """Return whether the number between two texts is negative, and whether its sign is unclear."""
    close = left.rstrip()
    before = close.rstrip(_SIGNS)
    sign, space = close[len(before) :], left[len(close) :]
    if not sign or "+" in sign:
        return False, False
    if "\u2212" in sign:
        return True, False
    if set(sign) == {"."}:
        # R writes "day -3" as day..3, and "day (3)" as day..3. with a dot behind.
        return False, len(sign) > 1 and not after.startswith(".")
    if space:
        return False, False
    if not before or before[-1].isspace() or before[-1] in "_(":
        return True, False
    return False, True


def dates_of(text: str) -> tuple[date | None, ...]:
    """Return the possible dates of a text: none, one, or day first and month first.

    Examples
    --------
    >>> [str(each) for each in dates_of("01.03.2031")], dates_of("3/4")
    (['2031-03-01', '2031-01-03'], ())
    """
    plain = " ".join(word for word in text.casefold().split() if word.strip(",.") not in known("weekdays"))
    plain = without_accents(_CLOCK.sub("", plain).strip(" ,"))
    match = _ISO.fullmatch(plain) or _HAN.fullmatch(plain)
    if match:
        return _only(_date(*match.groups()))
    match = _SHORT.fullmatch(plain)
    if match:
        first, second, year = match[1], match[3], match[4]
        return _only(_date(year, second, first), _date(year, first, second))
    match = _NAMED.fullmatch(plain) or _NAMED_FIRST.fullmatch(plain)
    if match:
        day, month = (match[1], match[2]) if match[1].isdigit() else (match[2], match[1])
        name = "".join(words_of(month))
        number = next((each for each in range(1, 13) if name.startswith(tuple(known(str(each))))), None)
        return _only(_date(match[3], number, day)) if number else ()
    return ()


def _date(year: str, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _only(*dates: date | None) -> tuple[date | None, ...]:
    return dates if any(dates) else ()


def whole_days(
    found: Sequence[DayText], *, day_zero: str | None = None, hours: bool = False
) -> tuple[list[int], list[str]]:
    """Return the whole days given by a set of texts, and one note per decision.

    Examples
    --------
    >>> texts = ["D-3", "D-1", "D0", "D2"]
    >>> whole_days([day_text(each) for each in texts])[0]
    [-3, -1, 0, 2]
    """
    notes: list[str] = []
    values = _signed(found, notes)
    if any(one.dates for one in found):
        values = _after(found, values, day_zero, notes)
    elif day_zero is not None:
        raise FileError("--day-zero was given, but the table has no dates.")
    in_hours = [hours or one.hours for one in found]
    values = [value / 24 if each else value for value, each in zip(values, in_hours, strict=True)]
    days = [math.floor(value + 1e-9) for value in values]
    shown = [f"{one.text} is day {day}" for one, day in zip(found, days, strict=True)]
    if any(in_hours):
        notes.append(f"hours are read as whole days, rounded down: {_ends(shown)}.")
    elif any(value != day for value, day in zip(values, days, strict=True)):
        parts = [each for each, value, day in zip(shown, values, days, strict=True) if value != day]
        notes.append(f"parts of a day are read as whole days, rounded down: {_ends(parts)}.")
    for one, day in zip(found, days, strict=True):
        if not -LAST_DAY <= day <= LAST_DAY:
            raise FileError(f'"{one.text}" would be day {day}; days from {-LAST_DAY} to {LAST_DAY} are read.')
    return days, notes


def _ends(shown: list[str]) -> str:
    """Return the first and the last of some texts."""
    shown = list(dict.fromkeys(shown))
    return few(shown) if len(shown) < 4 else f"{shown[0]}, {shown[1]}, ..., {shown[-1]}"


def _signed(found: Sequence[DayText], notes: list[str]) -> list[float]:
    """Return the numbers; a hyphen after letters is not a minus unless only a minus gives an order."""
    plain = [one.value for one in found]
    unclear = [place for place, one in enumerate(found) if one.unclear and one.value]
    if not unclear:
        return plain
    minus = [-one.value if one.unclear else one.value for one in found]
    # Where other days are written like "D7", the hyphen of "D-1" is a minus sign.
    bare = any(one.labelled and not one.unclear and one.value > 0 for one in found)
    chosen = minus if is_rising(minus) and (bare or not is_rising(plain)) else plain
    kind = "is a minus" if chosen is minus else "is no minus"
    quoted = [f'"{found[place].text}"' for place in unclear]
    notes.append(f"the sign in {few(quoted)} {kind}: {quoted[0]} is day {chosen[unclear[0]]:g}.")
    return chosen


def is_rising(values: Sequence[float]) -> bool:
    """Return whether the numbers are strictly ascending."""
    return all(one < two for one, two in pairwise(values))


def _after(
    found: Sequence[DayText], values: list[float], day_zero: str | None, notes: list[str]
) -> list[float]:
    """Return the days from day zero to each date."""
    first = next(one.text for one in found if one.dates)
    if day_zero is None:
        raise FileError(f'days are dates ("{first}"); say which one is day 0, such as --day-zero 2031-03-01.')
    order = _order(found, first)
    zero = dates_of(day_zero)
    start = zero[order if len(zero) > 1 else 0] if zero else None
    if start is None:
        raise FileError(f'--day-zero "{day_zero}" is no date; write it as 2031-03-01.')
    told = "." in day_zero or any(len(one.dates) > 1 for one in found)
    if not told and len({each for each in zero if each}) > 1:
        raise FileError(f'which part of --day-zero "{day_zero}" is the month is not clear; write 2031-03-01.')
    notes.append(f"days are counted from {start.isoformat()}, day 0.")
    if any(len(one.dates) > 1 for one in found):
        notes.append(f'dates are read with the {"month" if order else "day"} first: "{first}".')
    days = []
    for one, value in zip(found, values, strict=True):
        when = one.dates[order if len(one.dates) > 1 else 0] if one.dates else None
        if one.dates and when is None:
            raise FileError(f'"{one.text}" is no date in the order of the others; write dates as 2031-03-01.')
        days.append(float((when - start).days) if when is not None else value)
    return days


def _order(found: Sequence[DayText], first: str) -> int:
    """Return 0 if dates have the day first, 1 if the month."""
    both = [one.dates for one in found if len(one.dates) > 1]
    if not both:
        return 0
    orders = [[day.toordinal() for each in both if (day := each[order])] for order in (0, 1)]
    possible = [order for order in (0, 1) if len(orders[order]) == len(both)]
    if not possible:
        raise FileError(f'dates such as "{first}" have no common order; write them as 2031-03-01.')
    if len(possible) == 1 or "." in first:
        return possible[0]
    spans, rising = [max(days) - min(days) for days in orders], [is_rising(days) for days in orders]
    if len(both) > 1 and rising[0] != rising[1]:
        return rising.index(True)
    if spans[0] == spans[1]:
        raise FileError(f'it is not clear which part of "{first}" is the month; write dates as 2031-03-01.')
    return spans.index(min(spans))


def in_sequence(found: dict[int, DayText]) -> dict[int, DayText]:
    """Return the headings of days by column, without numbers out of sequence.

    A bare number may be a year or a cage; next to headings with "day" it must be in sequence.

    Examples
    --------
    >>> list(in_sequence({place: day_text(text) for place, text in enumerate(("2024", "0", "1", "2"))}))
    [1, 2, 3]
    """
    bare = {place: one.value for place, one in found.items() if not one.labelled and not one.dates}
    labelled = [(place, one.value) for place, one in found.items() if place not in bare]
    if len(labelled) > 1 or not bare:
        kept = {place for place, value in bare.items() if _between(place, value, labelled)}
    else:
        kept = set(_longest(bare))
        values = sorted(bare[place] for place in kept)
        while len(values) > 2 and values[-1] - values[-2] > max(
            _JUMP, _JUMP_SPANS * (values[-2] - values[0])
        ):
            kept = {place for place in kept if bare[place] != values[-1]}
            values.pop()
    return {place: one for place, one in found.items() if place in kept or place not in bare}


def _between(place: int, value: float, labelled: list[tuple[int, float]]) -> bool:
    left = [each for column, each in labelled if column < place]
    right = [each for column, each in labelled if column > place]
    reach = max(_JUMP, _JUMP_SPANS * (max(each for _, each in labelled) - min(each for _, each in labelled)))
    after_left = not left or left[-1] < value <= left[-1] + reach
    return after_left and (not right or right[0] - reach <= value < right[0]) and bool(left or right)


def _longest(bare: dict[int, float]) -> list[int]:
    """Return the columns of the longest ascending run of numbers; all where most are out of order."""
    places = list(bare)
    best: dict[int, list[int]] = {}
    for place in places:
        before = [best[other] for other in best if bare[other] < bare[place]]
        chain = max(before, key=lambda run: (len(run), -bare[run[0]]), default=[])
        best[place] = [*chain, place]
    longest = max(best.values(), key=lambda run: (len(run), -bare[run[0]], -bare[run[-1]]))
    return longest if len(longest) >= 0.7 * len(places) else places
