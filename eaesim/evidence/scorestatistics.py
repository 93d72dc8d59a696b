"""Rows of means and other statistics among the animals, recognised by name or by value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import FileError
from eaesim.evidence.scoredays import day_text
from eaesim.evidence.scoremarks import number_of
from eaesim.evidence.scorewords import LONGEST, is_statistic, known, role_of

_MOST_ARMS, _MOST_ROWS = 40, 5_000
#: Cells compared with unusual rows: hundreds of such rows in a typical table, and a few seconds.
MOST_COMPARED = 8_000_000
_BESIDE = frozenset({"of", "all", "per", "clinical", "daily"})
_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=50_000)
def shape_of(name: str) -> str:
    """Return the kinds of characters in a name, in order; animals have names of the same kind.

    Examples
    --------
    >>> shape_of("12"), shape_of("m1"), shape_of("vehicle"), shape_of("A-07")
    ('9', 'a9', 'a', 'a-9')
    """
    return _DIGITS.sub("9", _LETTERS.sub("a", name[:LONGEST])).replace(" ", "")


@lru_cache(maxsize=50_000)
def names_a_statistic(name: str, arms: frozenset[str] = frozenset()) -> bool:
    """Return whether the name of a row is that of a statistic, alone or with names of arms.

    Examples
    --------
    >>> names_a_statistic("Mean vehicle", frozenset({"vehicle"})), names_a_statistic("SD 1")
    (True, False)
    """
    return not name.isdigit() and is_statistic(name, _beside(arms))


def heads_a_table(row: Sequence[str], animals: Sequence[int]) -> bool:
    """Return whether a row has the headings of another table, such as one of means, and not an animal.

    Examples
    --------
    >>> heads_a_table(("group", "mean peak", "n"), (0,)), heads_a_table(("m1", "drug", "dead"), (0,))
    (True, False)
    """
    if len(set(row) - {""}) < 2 or any(number_of(cell) is not None for cell in row if cell):
        return False
    name = row[animals[-1]] if animals[-1] < len(row) else ""
    beside = [cell for column, cell in enumerate(row) if cell and column not in animals]
    named = role_of(name) in ("animal", "arm")
    days = named and any((one := day_text(cell)) and one.labelled for cell in beside)
    return days or ((named or not name) and any(map(is_statistic, beside)))


@lru_cache(maxsize=100)
def _beside(arms: frozenset[str]) -> frozenset[str]:
    """Return the words that may accompany that for a statistic."""
    return arms | _BESIDE | known("animal", "arm", "day", "score")


class Numbers:
    """The numbers of the rows of a table, to compare a row with those above it."""

    def __init__(self, places: Sequence[int]) -> None:
        self.places = list(places)
        self.block: list[Sequence[str]] = []
        self.arms: dict[str, list[Sequence[str]]] = {}
        self.all: list[Sequence[str]] = []
        self.compared = 0
        self._lines: dict[int, Floats] = {}

    def add(self, cells: Sequence[str], arm: str) -> None:
        """Add a row of an animal."""
        if arm not in self.arms:
            self.block = []
        for rows in (self.block, self.arms.setdefault(arm, []), self.all):
            rows.append(cells)

    def end_block(self) -> None:
        """End a block, as a blank row or a row of statistics does."""
        self.block = []

    def is_statistic(self, cells: Sequence[str], *, unnamed: bool) -> bool:
        """Return whether the numbers of a row are a mean, a deviation, a count or a sum of those above.

        A row of equal numbers is not evidence enough, unless the row has no name.
        """
        texts = [cells[place] if place < len(cells) else "" for place in self.places]
        values = [number_of(text) for text in texts]
        known = [number for number, value in enumerate(values) if value is not None]
        if len(known) < 2 or any(text and value is None for text, value in zip(texts, values, strict=True)):
            return False
        if not unnamed and len({values[number] for number in known}) < 2:
            return False
        row = np.array([values[number] for number in known], dtype=np.float64)
        # All are rounded alike: next to 1.67 a mean of 2.997 is written as 3. Integers are taken as exact.
        decimals = max(_decimals(texts[number]) for number in known)
        near = 0.5 * 10.0**-decimals + 1e-9 if decimals else 1e-9
        for rows in (self.block, *list(self.arms.values())[:_MOST_ARMS], self.all):
            if len(rows) < 2:
                continue
            self.compared += len(rows[-_MOST_ROWS:]) * len(known)
            if self.compared > MOST_COMPARED:
                raise FileError(
                    "many rows are named unlike the others, and whether they are animals or statistics is "
                    "not clear; name the animals alike, such as 1, 2, 3, or say --animal COLUMN."
                )
            numbers = np.stack([self._line(cells) for cells in rows[-_MOST_ROWS:]])[:, known]
            found = _statistics(numbers) + (_orders(numbers) if unnamed or len(rows) > 2 else [])
            # An animal may by chance equal the maximum of others, or their number.
            found += _extremes(numbers) if unnamed else []
            if any(np.all(np.abs(row - each) <= near) for each in found):
                return True
        return False

    def _line(self, cells: Sequence[str]) -> Floats:
        """Return the numbers of a row, which is read once."""
        found = self._lines.get(id(cells))
        if found is None:
            values = [number_of(cells[place]) if place < len(cells) else None for place in self.places]
            found = self._lines[id(cells)] = np.array(values, dtype=np.float64)
        return found


def _decimals(text: str) -> int:
    match = re.search(r"[.,](\d+)", text)
    return min(len(match[1]), 9) if match else 0


def _statistics(matrix: Floats) -> list[Floats]:
    """Return the mean, deviations, standard error and sum of the columns."""
    count = (~np.isnan(matrix)).sum(axis=0).astype(np.float64)
    filled = np.where(np.isnan(matrix), 0.0, matrix)
    total = filled.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / count
        squares = np.where(np.isnan(matrix), 0.0, (matrix - mean) ** 2).sum(axis=0)
        deviation = np.sqrt(squares / (count - 1.0))
        spread = np.sqrt(squares / count)
        error = deviation / np.sqrt(count)
    return [mean, deviation, spread, error, total]


def _orders(matrix: Floats) -> list[Floats]:
    """Return the median of the columns."""
    ordered, places = np.sort(matrix, axis=0), np.arange(matrix.shape[1])
    last = np.maximum((~np.isnan(matrix)).sum(axis=0) - 1, 0)
    return [(ordered[last // 2, places] + ordered[(last + 1) // 2, places]) / 2.0]


def _extremes(matrix: Floats) -> list[Floats]:
    """Return the count, minimum and maximum of the columns."""
    count = (~np.isnan(matrix)).sum(axis=0)
    ordered = np.sort(matrix, axis=0)
    last = ordered[np.maximum(count - 1, 0), np.arange(matrix.shape[1])]
    return [count.astype(np.float64), ordered[0], last]


def usual_words(names: Sequence[str]) -> frozenset[str]:
    """Return the word that most names begin with; empty if there are several, or none.

    Examples
    --------
    >>> sorted(usual_words(["m1", "m2", "m3", "G1"])), sorted(usual_words(["v1", "v2", "d1", "d2"]))
    (['m'], [])
    """
    counts = Counter(match[0].casefold() for name in names if (match := _LETTERS.match(name)))
    if not counts:
        return frozenset()
    word, count = counts.most_common(1)[0]
    return frozenset({word} if 2 * count > len(names) else ())


def begins_with(name: str, words: frozenset[str]) -> bool:
    """Return whether a name begins with one of some words, or there are no such words."""
    match = _LETTERS.match(name)
    return not words or (match is not None and match[0].casefold() in words)


def usual_shapes(names: Sequence[str]) -> frozenset[str]:
    """Return the shapes that more than a third of the names have.

    Examples
    --------
    >>> sorted(usual_shapes(["1", "2", "3", "vehicle"]))
    ['9']
    """
    counts = Counter(map(shape_of, names))
    return frozenset(shape for shape, count in counts.items() if count > 1 and 3 * count > len(names))
