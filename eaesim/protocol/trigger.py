"""Triggers: the sign in a rat's daily score that starts a dose."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from eaesim.errors import ProtocolError
from eaesim.protocol.quantity import number_text
from eaesim.units import LONGEST

_CONDITIONS = {"onset": "score", "relapse": "score rise"}
#: Maximum number of relapses per rat that trigger a dose with "every".
MOST_RELAPSES = 5


@dataclass(frozen=True)
class Trigger:
    """The sign in a rat's daily score that starts a dose.

    Attributes
    ----------
    kind
        ``"onset"``: the score reaches the threshold; ``"relapse"``: it rises by it.
    threshold
        Threshold in score points, above 0.
    number
        Number of the rat's relapse; 1 is the first.

    Examples
    --------
    >>> Trigger("relapse", 1).text()
    'score rise >= 1'
    """

    kind: Literal["onset", "relapse"]
    threshold: float
    number: int = 1

    def __post_init__(self) -> None:
        if self.kind not in _CONDITIONS:
            raise ProtocolError(f'"{self.kind}" is not a trigger; allowed: onset, relapse.')
        if not 0 < self.threshold < math.inf:
            raise ProtocolError(f"the threshold {self.threshold} of a trigger is not a number above 0.")
        if self.number not in range(1, MOST_RELAPSES + 1 if self.kind == "relapse" else 2):
            raise ProtocolError(
                f"a dose cannot wait for {self.kind} number {self.number}; "
                f"relapses go from 1 to {MOST_RELAPSES}."
            )

    def text(self) -> str:
        """Return the condition as text.

        Examples
        --------
        >>> Trigger("onset", 1).text()
        'score >= 1'
        >>> Trigger("relapse", 1, number=2).text()
        'score rise >= 1, time 2'
        """
        again = f", time {self.number}" if self.number > 1 else ""
        return f"{_CONDITIONS[self.kind]} >= {number_text(self.threshold)}{again}"


def parse_triggers(kind: Literal["onset", "relapse"], text: str) -> tuple[Trigger, ...]:
    """Read the triggers of a dose: one condition, or five with ``"every score rise >= 1"``.

    Examples
    --------
    >>> [trigger.number for trigger in parse_triggers("relapse", "every score rise >= 1")]
    [1, 2, 3, 4, 5]
    """
    words = text.split() if isinstance(text, str) else []
    if kind == "relapse" and words[:1] == ["every"]:
        first = parse_trigger(kind, " ".join(words[1:]))
        return tuple(Trigger(kind, first.threshold, number) for number in range(1, MOST_RELAPSES + 1))
    return (parse_trigger(kind, text),)


def parse_trigger(kind: Literal["onset", "relapse"], text: str) -> Trigger:
    """Read a condition such as ``"score >= 1"`` (onset) or ``"score rise >= 1"`` (relapse).

    ``"score rise >= 1, time 2"`` is a rat's second relapse.

    Examples
    --------
    >>> parse_trigger("onset", "score >= 1")
    Trigger(kind='onset', threshold=1.0, number=1)
    """
    condition = _CONDITIONS[kind]
    pattern = condition.replace(" ", r"\s+") + r"\s*>=\s*(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)"
    pattern += r"(?:\s*,\s*time\s+(\d+))?"
    is_short = isinstance(text, str) and len(text) <= LONGEST
    match = re.fullmatch(pattern, text.strip()) if is_short else None
    if match is None or not 0 < float(match[1]) < math.inf:
        raise ProtocolError(f'{kind} = "{text}" cannot be read; write {kind} = "{condition} >= 1".')
    return Trigger(kind, float(match[1]), int(match[2] or 1))
