"""Triggers: the sign in a rat's daily score that a dose waits for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from eaesim.errors import ProtocolError
from eaesim.protocol.quantity import number_text

_CONDITIONS = {"onset": "score", "relapse": "score rise"}


@dataclass(frozen=True)
class Trigger:
    """The sign in a rat's daily score that a dose waits for.

    Attributes
    ----------
    kind
        ``"onset"``: the score reaches the threshold; ``"relapse"``: it rises by it.
    threshold
        In points of the score, above 0.

    Raises
    ------
    ProtocolError
        If the kind is another, or the threshold is not a finite number above 0.

    Examples
    --------
    >>> Trigger("relapse", 1).text()
    'score rise >= 1'
    """

    kind: Literal["onset", "relapse"]
    threshold: float

    def __post_init__(self) -> None:
        if self.kind not in _CONDITIONS:
            raise ProtocolError(f'"{self.kind}" is not a trigger; allowed: onset, relapse.')
        if not 0 < self.threshold < math.inf:
            raise ProtocolError(f"the threshold {self.threshold} of a trigger is not a number above 0.")

    def text(self) -> str:
        """Return the condition as it is written.

        Examples
        --------
        >>> Trigger("onset", 1).text()
        'score >= 1'
        """
        return f"{_CONDITIONS[self.kind]} >= {number_text(self.threshold)}"


def parse_trigger(kind: Literal["onset", "relapse"], text: str) -> Trigger:
    """Read a condition such as ``"score >= 1"`` (onset) or ``"score rise >= 1"`` (relapse).

    Raises
    ------
    ProtocolError
        If it is not written like that.

    Examples
    --------
    >>> parse_trigger("onset", "score >= 1")
    Trigger(kind='onset', threshold=1.0)
    """
    condition = _CONDITIONS[kind]
    pattern = condition.replace(" ", r"\s+") + r"\s*>=\s*(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)"
    match = re.fullmatch(pattern, text.strip()) if isinstance(text, str) else None
    if match is None or not 0 < float(match[1]) < math.inf:
        raise ProtocolError(f'{kind} = "{text}" cannot be read; write {kind} = "{condition} >= 1".')
    return Trigger(kind, float(match[1]))
