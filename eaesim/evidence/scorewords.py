"""The words that laboratories write into headings, in English, German, French, Spanish and Chinese."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

#: What a column can hold.
ROLES = ("animal", "arm", "day", "score", "weight")
WORDS = Path(__file__).parent / "words" / "scores.toml"
_CAMEL = re.compile(r"(?<=[a-zäöüéèàáíóúñ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


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
def _roles_of(word: str) -> tuple[str, ...]:
    return tuple(role for role in ROLES if word in known(role))


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a heading in lower case, without accents and signs; camel case is taken apart.

    Examples
    --------
    >>> words_of("MouseID"), words_of("clinical_score"), words_of("Día 3"), words_of("动物编号")
    (('mouse', 'id'), ('clinical', 'score'), ('dia', '3'), ('动物编号',))
    """
    plain = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text))
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", plain.casefold()) if not unicodedata.combining(one)
    )
    return tuple(re.sub(r"[\W_]+", " ", plain).split())


@lru_cache(maxsize=50_000)
def role_of(text: str) -> str:
    """Return what a column holds by its heading, or an empty text.

    Examples
    --------
    >>> [role_of(text) for text in ("Rat ID", "treatmentGroup", "EAE clinical score", "Körpergewicht (g)")]
    ['animal', 'arm', 'score', 'weight']
    >>> [role_of(text) for text in ("hours post challenge", "动物编号", "peak score", "comment")]
    ['day', 'animal', '', '']
    """
    outside = words_of(re.sub(r"[(\[].*?[)\]]", " ", text)) or words_of(text)
    if {"note", "clinique"} <= set(outside):
        return "score"
    found: list[str] = []
    for word in parts_of(outside):
        roles = _roles_of(word)
        if not roles and word not in known("qualifiers"):
            return ""
        found += roles
    for role in ("weight", "score"):
        if role in found:
            return role
    # "Rat group" is a group, "treatment day" a day, "animal of the group" an animal.
    for role in ("day", "arm", "animal"):
        if role in found:
            return role
    return ""


def parts_of(words: tuple[str, ...]) -> list[str]:
    """Take words without spaces between them apart: 动物编号 is 动物 and 编号."""
    parts: list[str] = []
    for word in words:
        if not is_chinese(word):
            parts.append(word)
            continue
        while word:
            longest = next((word[:size] for size in range(len(word), 0, -1) if _known(word[:size])), word)
            parts.append(longest)
            word = word[len(longest) :]
    return parts


def _known(word: str) -> bool:
    return word in known("qualifiers") or word.isdigit() or bool(_roles_of(word))


def is_chinese(text: str) -> bool:
    """Return whether a text has Chinese characters."""
    return any("\u4e00" <= one <= "\u9fff" for one in text)


def has_chinese_headings(text: str) -> bool:
    """Return whether a text has at least two of the Chinese words of headings."""
    return sum(word in text for word in known("chinese")) > 1


def is_statistic(text: str, beside: frozenset[str] = frozenset()) -> bool:
    """Return whether a name is that of a statistic; `beside` has the words that may stand with it.

    Examples
    --------
    >>> [is_statistic(text) for text in ("Mean", "SEM", "n=3", "p-value", "Max", "rat n", "SD 12")]
    [True, True, True, True, False, False, False]
    >>> is_statistic("vehicle mean", frozenset({"vehicle"}))
    True
    """
    words = words_of(text)
    rest = [word for word in words if word not in beside]
    if any(word in known("statistics") for word in rest):
        return True
    if text.strip() in ("Ø", "ø", "x̄", "Σ", "±"):
        return True
    if re.fullmatch(r"n\s*=\s*\d+", text.strip().casefold()):
        return True
    return bool(rest) and " ".join(rest) in known("whole_statistics")
