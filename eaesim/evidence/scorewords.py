"""The words that laboratories use in headings, in English, German, French, Spanish and Chinese."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from itertools import takewhile
from pathlib import Path

#: Possible roles of a column.
ROLES = ("animal", "arm", "day", "score", "weight")
WORDS = Path(__file__).parent / "words" / "scores.toml"
#: Characters of a heading or a name that are examined, from its beginning.
LONGEST = 200
# Maximum number of words separated in a heading without spaces.
_MOST_PARTS = 20
_CAMEL = re.compile(r"(?<=[a-zäöüéèàáíóúñ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[\W_]+")
_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_COUNT = re.compile(r"n\s*=\s*\d+")
_SIGNS = frozenset(("Ø", "ø", "x̄", "Σ", "±"))


class _WithoutAccents(dict[int, int | None]):
    """Cached table for `str.translate` that removes accents."""

    def __missing__(self, place: int) -> int | None:
        found = self[place] = None if unicodedata.combining(chr(place)) else place
        return found


_WITHOUT_ACCENTS = _WithoutAccents()


@cache
def _vocabulary() -> dict[str, frozenset[str]]:
    tables = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {name: frozenset(words) for table in tables.values() for name, words in table.items()}


@cache
def known(*kinds: str) -> frozenset[str]:
    """Return the words of some kinds, as `words/scores.toml` lists them.

    Examples
    --------
    >>> "rat" in known("animal"), "gruppe" in known("arm", "day"), "rat" in known("arm")
    (True, True, False)
    """
    vocabulary = _vocabulary()
    return frozenset().union(*(vocabulary[kind] for kind in kinds))


@cache
def _roles() -> dict[str, tuple[str, ...]]:
    """Return the possible roles of columns by word; nothing for a word without information."""
    words = known(*ROLES, "qualifiers")
    return {word: tuple(role for role in ROLES if word in known(role)) for word in words}


@lru_cache(maxsize=50_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a heading or a name in lower case, without accents; camel case is split.

    Examples
    --------
    >>> words_of("MouseID"), words_of("clinical_score"), words_of("Día 3"), words_of("动物编号")
    (('mouse', 'id'), ('clinical', 'score'), ('dia', '3'), ('动物编号',))
    """
    return all_words_of(text[:LONGEST])


def all_words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text of any length, as `words_of` does.

    Examples
    --------
    >>> all_words_of("3; found dead")
    ('3', 'found', 'dead')
    """
    plain = _CAMEL.sub(" ", text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()
    plain = without_accents(plain)
    return tuple(_NO_WORD.sub(" ", plain).split())


def without_accents(text: str) -> str:
    """Return a text without the accents over its letters.

    Examples
    --------
    >>> without_accents("9. März")
    '9. Marz'
    """
    return text if text.isascii() else unicodedata.normalize("NFKD", text).translate(_WITHOUT_ACCENTS)


@lru_cache(maxsize=50_000)
def role_of(text: str) -> str:
    """Return the role of a column by its heading, or an empty text.

    Examples
    --------
    >>> [role_of(text) for text in ("Rat ID", "treatmentGroup", "EAE clinical score", "Körpergewicht (g)")]
    ['animal', 'arm', 'score', 'weight']
    >>> [role_of(text) for text in ("hours post challenge", "动物编号", "peak score", "comment")]
    ['day', 'animal', '', '']
    """
    outside = words_of(without_brackets(text)) or words_of(text)
    if {"note", "clinique"} <= set(outside):
        return "score"
    roles, found = _roles(), set[str]()
    for word in parts_of(outside):
        if word not in roles:
            return ""
        found.update(roles[word])
    # "Rat group" is a group, "treatment day" a day, "animal of the group" an animal.
    return next((role for role in ("weight", "score", "day", "arm", "animal") if role in found), "")


def without_brackets(text: str) -> str:
    """Return a text without its parts in brackets.

    Examples
    --------
    >>> without_brackets("day 3 (p.i.) (am")
    'day 3   (am'
    """
    # Up to the last closing bracket, every opening one is closed: no search runs to the end in vain.
    end = max(text.rfind(")"), text.rfind("]")) + 1
    return _BRACKETS.sub(" ", text[:end]) + text[end:]


def parts_of(words: tuple[str, ...]) -> list[str]:
    """Split words without spaces between them: 动物编号 is 动物 and 编号."""
    parts: list[str] = []
    for word in words:
        if not is_chinese(word):
            parts.append(word)
            continue
        while word and len(parts) < _MOST_PARTS:
            first = _first_part(word)
            parts.append(first)
            word = word[len(first) :]
        parts += [word] if word else []
    return parts


def _first_part(word: str) -> str:
    """Return the number, or longest known word, at the start of a text; otherwise the whole text."""
    if word[0].isdigit():
        return "".join(takewhile(str.isdigit, word))
    roles, sizes = _roles(), range(min(len(word), _longest_word()), 0, -1)
    return next((word[:size] for size in sizes if word[:size] in roles), word)


@cache
def _longest_word() -> int:
    return max(map(len, _roles()))


def is_chinese(text: str) -> bool:
    """Return whether a text has Chinese characters."""
    return not text.isascii() and _CHINESE.search(text) is not None


def has_chinese_headings(text: str) -> bool:
    """Return whether a text has at least two of the Chinese words of headings."""
    return sum(word in text for word in known("chinese")) > 1


def is_statistic(text: str, beside: frozenset[str] = frozenset()) -> bool:
    """Return whether a name is that of a statistic; `beside` has words allowed next to it.

    Examples
    --------
    >>> [is_statistic(text) for text in ("Mean", "SEM", "n=3", "p-value", "Max", "rat n", "SD 12")]
    [True, True, True, True, False, False, False]
    >>> is_statistic("vehicle mean", frozenset({"vehicle"}))
    True
    """
    text = text[:LONGEST].strip()
    rest = [word for word in words_of(text) if word not in beside]
    if not known("statistics").isdisjoint(rest) or text in _SIGNS or _COUNT.fullmatch(text.casefold()):
        return True
    return bool(rest) and " ".join(rest) in known("whole_statistics")
