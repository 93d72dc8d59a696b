"""The claims of the review about IVIG, and table T, the rows of the trials behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from eaesim.files import Unchecked, parse_toml, read_text
from eaesim.model.bibliography import source

FILE = Path(__file__).parent / "data" / "claims.toml"


@dataclass(frozen=True)
class Claim:
    """A claim of the review.

    Attributes
    ----------
    name
        ``"S1"`` to ``"S8"``.
    short, text
        Subject in a word or two, and the claim.
    rows
        Rows of the rat's evidence that it rests on.
    """

    name: str
    short: str
    text: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrialRow:
    """A row of table T.

    Attributes
    ----------
    name
        ``"T1"`` to ``"T28"``.
    claim
        Claims that it bears on.
    text
        What was published, IVIG against placebo.
    key
        Keys of the bibliography.
    trial
        Name of its trial file; empty for a review of trials.
    """

    name: str
    claim: tuple[str, ...]
    text: str
    key: tuple[str, ...]
    trial: str = ""


@cache
def claims() -> Mapping[str, Claim]:
    """Return the claims by name.

    Examples
    --------
    >>> claims()["S7"].short
    'dose'
    """
    return {
        name: Claim(name, str(own["short"]), str(own["text"]), tuple(own.get("rows", ())))
        for name, own in _tables()["claim"].items()
    }


@cache
def trial_rows() -> Mapping[str, TrialRow]:
    """Return the rows of table T by name; every source is known.

    Examples
    --------
    >>> trial_rows()["T5"].trial
    'achiron1998'
    """
    found = {}
    for name, own in _tables()["row"].items():
        for key in own["key"]:
            source(key)
        found[name] = TrialRow(
            name, tuple(own["claim"]), str(own["text"]), tuple(own["key"]), str(own.get("trial", ""))
        )
    return found


def _tables() -> Unchecked:
    return parse_toml(read_text(FILE))
