"""Assumptions behind the verdicts: thresholds, errors and spreads, read from one file."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from eaesim.errors import FileError, check_names
from eaesim.files import Unchecked

# Quantities that a word may describe, with the phrase for a bound on each.
OF = {
    "effect": "an effect of {}",
    "share ill": "{} of the rats ill",
    "share of peak": "{} of the peak",
    "days earlier": "{} day earlier",
    "reading": "a reading of {}",
}


@dataclass(frozen=True, slots=True)
class Word:
    """The numerical criterion for a word in a paper.

    Attributes
    ----------
    text
        The word.
    of
        One of `OF`: ``"effect"``, 1 - treated/control; ``"share ill"``, the share of rats that fall ill;
        ``"share of peak"``, of a course on one day; ``"days earlier"``, by which one thing precedes another;
        ``"reading"``, whatever is read.
    least, most
        Bounds of that number, both included.
    """

    text: str
    of: str
    least: float = -math.inf
    most: float = math.inf

    def holds(self, value: float) -> bool:
        """Return whether a number is on the published side.

        Examples
        --------
        >>> thresholds().words["lower"].holds(0.3)
        True
        """
        return self.least <= value <= self.most

    @property
    def meaning(self) -> str:
        """The word as a sentence uses it."""
        return "no effect" if self.text == "none" else self.text

    @property
    def said(self) -> str:
        """The threshold in words.

        Examples
        --------
        >>> thresholds().words["no signs"].said
        'at most 0.1 of the rats ill'
        """
        if self.least == -self.most:
            return OF[self.of].format(f"at most {self.most:g} either way")
        bounds = [f"at least {self.least:g}"] * (self.least > -math.inf)
        bounds += [f"at most {self.most:g}"] * (self.most < math.inf)
        return OF[self.of].format(" and ".join(bounds))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All assumptions behind the verdicts.

    Attributes
    ----------
    interval
        Level of the predictive interval.
    agree_from, disagree_to
        Proportions of parameter sets from which words agree, and up to which they disagree.
    least_sets
        With fewer parameter sets there is no verdict.
    error, laboratory
        Assumed standard errors and SD between laboratories, by kind of number.
    words
        Criteria by word.
    opposite
        The opposite of no difference between the arms of a trial, by measure or endpoint.
    results
        Words by how a trial's result in words begins.
    """

    interval: float
    agree_from: float
    disagree_to: float
    least_sets: int
    error: Mapping[str, float]
    laboratory: Mapping[str, float]
    words: Mapping[str, Word]
    opposite: Mapping[str, float]
    results: Mapping[str, str]


@cache
def thresholds() -> Thresholds:
    """Return the assumptions behind the verdicts, read once from the package's data.

    Examples
    --------
    >>> thresholds().words["almost complete"].least
    0.8
    """
    return read_thresholds(Path(__file__).parent / "data" / "thresholds.toml")


def read_thresholds(path: Path) -> Thresholds:
    """Read a file of thresholds."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Thresholds(
            **content["rule"],
            error=content["error"],
            laboratory=content["laboratory"],
            words={text: _word(text, table) for text, table in content["words"].items()},
            opposite=content["trials"]["opposite"],
            results=content["trials"]["results"],
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise FileError(f"{path.name} cannot be read: {error}") from error


def _word(text: str, table: Unchecked) -> Word:
    word = Word(text, **table)
    check_names([word.of], "kind of number", OF)
    return word
