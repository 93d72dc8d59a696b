"""The content of a score cell: a number, nothing, or a word for death, removal or sacrifice."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from eaesim.errors import FileError, unknown_name
from eaesim.evidence.scorewords import all_words_of, is_chinese, known

#: Possible meanings of a word in a cell.
MEANINGS = ("dead", "removed", "sacrificed", "missing")
#: Scores are a few numbers and words; other columns have more different texts than this.
MOST_TEXTS, MOST_CHARACTERS = 20_000, 2_000_000
# Maximum characters of a number.
_DIGITS = 1_000
_CROSSES = "†✝✞☠‡"
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_NUMBER = re.compile(r"([-+\u2212]?)(\d+(?:[.,]\d*)?|[.,]\d+)")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")


@dataclass(frozen=True)
class End:
    """Why an animal has no further readings from some day on.

    Attributes
    ----------
    day
        Day after induction, from the table.
    how
        ``"dead"`` (died or found dead), ``"removed"`` (left the study alive, or lost), or ``"sacrificed"``
        (killed, for tissue or at a humane endpoint).
    """

    day: int
    how: str


@dataclass(frozen=True)
class Cell:
    """Content of a cell.

    Attributes
    ----------
    score
        NaN without a reading.
    end
        ``"dead"``, ``"removed"`` or ``"sacrificed"``, or empty.
    read
        False for an unknown text, which counts as missing.
    """

    score: float = math.nan
    end: str = ""
    read: bool = True


_BLANK, _UNREAD = Cell(), Cell(read=False)


def meaning(text: str) -> str:
    """Return one of `MEANINGS`, ignoring case and spaces.

    Examples
    --------
    >>> meaning(" Dead")
    'dead'
    """
    plain = text.strip().casefold()
    if plain not in MEANINGS:
        raise unknown_name(text, "meaning of a mark", MEANINGS)
    return plain


class CellReader:
    """Reader of cells; each text is parsed once.

    Examples
    --------
    >>> reader = CellReader({"x": "removed"})
    >>> [(one.score, one.end) for one in map(reader.read, ("2,5", "found dead", "x", "", "3 (sac)"))]
    [(2.5, ''), (nan, 'dead'), (nan, 'removed'), (nan, ''), (3.0, 'sacrificed')]
    """

    def __init__(self, marks: Mapping[str, str] | None = None) -> None:
        self.marks = {_plain(word): meaning(text) for word, text in (marks or {}).items()}
        self.used: set[str] = set()
        self._known: dict[str, Cell] = {}
        self._characters = 0

    def read(self, text: str) -> Cell:
        """Return the content of a cell."""
        found = self._known.get(text)
        if found is None:
            self._characters += len(text)
            if len(self._known) >= MOST_TEXTS or self._characters > MOST_CHARACTERS:
                raise FileError(
                    f"more than {MOST_TEXTS:,} different texts, or {MOST_CHARACTERS:,} characters in them, "
                    f'are in place of scores, such as "{text[:40]}"; --score names the column.'
                )
            found = self._known[text] = self._read(text)
        return found

    @property
    def words(self) -> tuple[str, ...]:
        """The texts of the cells that are not numbers."""
        return tuple(text for text in self._known if text and number_of(text) is None)

    @property
    def unused(self) -> tuple[str, ...]:
        """The user's words that occur in no cell."""
        return tuple(word for word in self.marks if word not in self.used)

    def _read(self, text: str) -> Cell:
        plain = _plain(text)
        if plain in self.marks:
            self.used.add(plain)
            return _ended(self.marks[plain])
        if plain in known("missing"):
            return _BLANK
        value = number_of(plain)
        if value is not None:
            return Cell(value)
        if plain in known("unclear"):
            raise FileError(
                f'"{text}" may be a death or a removal; say --mark {plain}=dead, --mark {plain}=removed, '
                f"--mark {plain}=sacrificed or --mark {plain}=missing."
            )
        return self._words(text, plain)

    def _words(self, text: str, plain: str) -> Cell:
        """Return the meaning of words, with or without an adjacent number."""
        inside = re.sub(r"(?<![\d.,])\d+(?:[.,]\d+)?(?![\d.,])", " ", plain)
        numbers = _NUMBER.findall(plain)
        bare = inside.strip(" ()[]:;,*!=")
        if bare in self.marks:
            self.used.add(bare)
            meaning = self.marks[bare]
        else:
            meaning = _meaning(inside)
        if meaning == "both":
            raise FileError(
                f'"{text}" may be a death or a sacrifice; say --mark "{plain}=dead" or '
                f'--mark "{plain}=sacrificed".'
            )
        if not meaning:
            return _UNREAD
        # A leading number is that day's reading: "3 (sacrificed)", but not "died on day 13".
        first = re.match(r"\d+(?:[.,]\d+)?(?=$|[^\d.,a-z])", plain)
        score = float(first[0].replace(",", ".")) if first and len(numbers) == 1 else math.nan
        return Cell(score if meaning not in ("dead", "missing") else math.nan, _ended(meaning).end)


def _meaning(text: str) -> str:
    """Return the meaning of the words of a text, ``"both"`` for a death and a sacrifice, or nothing."""
    if any(one in text for one in _CROSSES):
        return "dead"
    kinds = ("sacrificed", "dead", "removed", "missing")
    if is_chinese(text):
        # Chinese words have no spaces between them, and the one for killing contains that for death.
        return next(
            (kind for kind in kinds if any(is_chinese(word) and word in text for word in known(kind))), ""
        )
    words = set(all_words_of(text))
    if words & known("turned"):
        return ""
    found = [kind for kind in kinds[:3] if words & known(kind)]
    if found[:2] == ["sacrificed", "dead"]:
        return "both"
    return found[0] if found else ""


def _ended(meaning: str) -> Cell:
    return _BLANK if meaning == "missing" else Cell(end=meaning)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@lru_cache(maxsize=50_000)
def number_of(text: str) -> float | None:
    """Return the number that a text is, or None.

    Examples
    --------
    >>> [number_of(text) for text in ("2,5", ".5", "1½", "−1", "2+", "1e9", "1-2")]
    [2.5, 0.5, 1.5, -1.0, None, None, None]
    """
    if len(text) > _DIGITS:
        return None
    plain = text.strip().translate(_WIDE_DIGITS)
    if plain and plain[-1] in _FRACTIONS:
        plain = f"{plain[:-1].strip() or 0}{_FRACTIONS[plain[-1]]}"
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return None
    value = float(match[2].replace(",", "."))
    return -value if match[1] in ("-", "\u2212") else value
