"""What a cell of scores says: a number, nothing, or a word for death, removal or sacrifice."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from eaesim.errors import FileError, unknown_name
from eaesim.evidence.scorewords import words_of

#: What a word in a cell can mean.
MEANINGS = ("dead", "removed", "sacrificed", "missing")
DEAD = frozenset(
    "dead died death deceased exitus tot gestorben verstorben verendet mort morte decede decedee muerto muerta murio "
    "fallecido fallecida morto fd".split()
)
REMOVED = frozenset(
    "removed remove excluded exclude withdrawn dropout dropped escaped censored lost entfernt ausgeschlossen verloren exclu exclue "
    "retire retiree perdu perdue excluido excluida retirado retirada perdido perdida".split()
)
SACRIFICED = frozenset(
    "sacrificed sacrifice sac sacd sacced sacked euthanised euthanized euthanasia euthanised euth killed kill culled cull perfused perfusion "
    "harvested harvest humane eingeschlafert getotet euthanasiert perfundiert geopfert sacrifie sacrifiee "
    "euthanasie euthanasiee tue tuee sacrificado sacrificada eutanasiado eutanasiada eutanasia perfundido".split()
)
_CHINESE = {
    "死亡": "dead",
    "死": "dead",
    "处死": "sacrificed",
    "安乐死": "sacrificed",
    "牺牲": "sacrificed",
    "灌注": "sacrificed",
    "排除": "removed",
    "剔除": "removed",
    "移除": "removed",
    "退出": "removed",
    "缺失": "missing",
    "未测": "missing",
}
MISSING = frozenset(
    (
        "",
        "-",
        "--",
        "–",
        "—",
        ".",
        "..",
        "/",
        "?",
        "na",
        "n/a",
        "n.a.",
        "nan",
        "nd",
        "n.d.",
        "n/d",
        "#n/a",
        "none",
        "null",
        "nil",
        "missing",
        "ns",
        "n.s.",
        "nr",
        "not scored",
        "not done",
        "not recorded",
        "no data",
        "not assessed",
        "not measured",
        "no reading",
        "blank",
        "k.a.",
        "fehlt",
        "nicht bewertet",
        "manquant",
        "manquante",
        "non fait",
        "sin dato",
        "sin datos",
        "falta",
        "<na>",
        "缺失",
        "未测",
    )
)
# Marks that some laboratories write for a death and others for a removal.
UNCLEAR = frozenset(("x", "xx", "xxx", "×", "✗", "✘", "✕", "✖", "d", "+", "++", "†?", "ⅹ", "х"))
_CROSSES = "†✝✞☠‡"
# Words that turn a mark into something else: "nearly dead", "not removed", "lost weight".
_TURNED = frozenset(
    "not no never nearly almost near weight tone tail righting reflex bladder gait balance likely if before will tomorrow nicht fast kein presque non casi".split()
)
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_NUMBER = re.compile(r"([-+\u2212]?)(\d+(?:[.,]\d*)?|[.,]\d+)")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")


@dataclass(frozen=True)
class End:
    """Why an animal has no readings of its own from some day on.

    Attributes
    ----------
    day
        The day after induction that the table gives for it.
    how
        ``"dead"`` (died or found dead), ``"removed"`` (left the study alive, or lost), or ``"sacrificed"``
        (killed, for tissue or at a humane endpoint).
    """

    day: int
    how: str


@dataclass(frozen=True)
class Cell:
    """What a cell says.

    Attributes
    ----------
    score
        NaN without a reading.
    end
        ``"dead"``, ``"removed"`` or ``"sacrificed"``, or empty.
    read
        False for a text that means nothing known; it counts as no reading.
    """

    score: float = math.nan
    end: str = ""
    read: bool = True


_BLANK, _UNREAD = Cell(), Cell(read=False)


class CellReader:
    """Reads cells, each text once.

    Parameters
    ----------
    marks
        Meanings that the user gave, by word.

    Raises
    ------
    UnknownNameError
        If a meaning is not known.

    Examples
    --------
    >>> reader = CellReader({"x": "removed"})
    >>> [(one.score, one.end) for one in map(reader.read, ("2,5", "found dead", "x", "", "3 (sac)"))]
    [(2.5, ''), (nan, 'dead'), (nan, 'removed'), (nan, ''), (3.0, 'sacrificed')]
    """

    def __init__(self, marks: Mapping[str, str] | None = None) -> None:
        self.marks = {}
        for word, meaning in (marks or {}).items():
            plain = meaning.strip().casefold()
            if plain not in MEANINGS:
                raise unknown_name(meaning, "meaning of a mark", MEANINGS)
            self.marks[_plain(word)] = plain
        self.used: set[str] = set()
        self._known: dict[str, Cell] = {}

    def read(self, text: str) -> Cell:
        """Return what a cell says.

        Raises
        ------
        FileError
            If it is a mark that can be a death or a removal.
        """
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._read(text)
        return found

    @property
    def words(self) -> tuple[str, ...]:
        """The texts of the cells that are no numbers."""
        return tuple(text for text in self._known if text and number_of(text) is None)

    @property
    def unused(self) -> tuple[str, ...]:
        """The words of the user's that no cell has."""
        return tuple(word for word in self.marks if word not in self.used)

    def _read(self, text: str) -> Cell:
        plain = _plain(text)
        if plain in self.marks:
            self.used.add(plain)
            return _ended(self.marks[plain])
        if plain in MISSING:
            return _BLANK
        value = number_of(plain)
        if value is not None:
            return Cell(value)
        if plain in UNCLEAR:
            raise FileError(
                f'"{text}" may be a death or a removal; say --mark {plain}=dead, --mark {plain}=removed, '
                f"--mark {plain}=sacrificed or --mark {plain}=missing."
            )
        return self._words(text, plain)

    def _words(self, text: str, plain: str) -> Cell:
        """Return what words say, with a number beside them or without."""
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
                f'"{text}" may be a death or a sacrifice; say --mark "{plain}=dead" or --mark "{plain}=sacrificed".'
            )
        if not meaning:
            return _UNREAD
        # A number is that day's reading where it stands first: "3 (sacrificed)", but not "died on day 13".
        first = re.match(r"\d+(?:[.,]\d+)?(?=$|[^\d.,a-z])", plain)
        score = float(first[0].replace(",", ".")) if first and len(numbers) == 1 else math.nan
        return Cell(score if meaning not in ("dead", "missing") else math.nan, _ended(meaning).end)


def _meaning(text: str) -> str:
    """Return what the words of a text mean, ``"both"`` for a death and a sacrifice, or nothing."""
    if any(one in text for one in _CROSSES):
        return "dead"
    for word, meaning in sorted(_CHINESE.items(), key=lambda item: -len(item[0])):
        if word in text:
            return meaning
    words = set(words_of(text))
    if words & _TURNED:
        return ""
    kinds = [
        kind
        for kind, known in (("dead", DEAD), ("sacrificed", SACRIFICED), ("removed", REMOVED))
        if words & known
    ]
    if kinds[:2] == ["dead", "sacrificed"]:
        return "both"
    return kinds[0] if kinds else ""


def _ended(meaning: str) -> Cell:
    return _BLANK if meaning == "missing" else Cell(end=meaning)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def number_of(text: str) -> float | None:
    """Return the number that a text is, or None.

    Examples
    --------
    >>> [number_of(text) for text in ("2,5", ".5", "1½", "−1", "2+", "1e9", "1-2")]
    [2.5, 0.5, 1.5, -1.0, None, None, None]
    """
    plain = text.strip().translate(_WIDE_DIGITS)
    if plain and plain[-1] in _FRACTIONS:
        plain = f"{plain[:-1].strip() or 0}{_FRACTIONS[plain[-1]]}"
    match = _NUMBER.fullmatch(plain)
    if match is None or len(plain) > 40:
        return None
    value = float(match[2].replace(",", "."))
    return -value if match[1] in ("-", "\u2212") else value
