"""Windows on endpoints: ``cumulative_score[12:42]`` uses only those days."""

from __future__ import annotations

import re
from dataclasses import dataclass

from eaesim.errors import QuantityError
from eaesim.units import LONGEST

_WINDOWED = re.compile(r"(?P<name>[^\[\]]*)\[(?P<days>.*)\]?", re.DOTALL)
_BOTH_ENDS = re.compile(r"\s*(?P<first>[0-9]*)\s*:\s*(?P<last>[0-9]*)\s*\]", re.ASCII)
_EXAMPLES = "[12:42], [12:] or [:15], whole days from the first induction, both included"
# Maximum digits of a day.
_DIGITS = 6


@dataclass(frozen=True)
class Window:
    """Days of a run, both ends included; day 0 is the first induction.

    Attributes
    ----------
    first, last
        First and last day; None for the beginning or end of the run.
    """

    first: int | None = None
    last: int | None = None

    def text(self) -> str:
        """Return the window as written in an endpoint's name.

        Examples
        --------
        >>> Window(12, 42).text(), Window(last=15).text()
        ('[12:42]', '[:15]')
        """
        first, last = ("" if day is None else f"{day}" for day in (self.first, self.last))
        return f"[{first}:{last}]"

    def words(self) -> str:
        """Return the window in words.

        Examples
        --------
        >>> Window(12, 42).words(), Window(first=12).words(), Window(12, 12).words()
        ('days 12 to 42', 'from day 12 on', 'day 12')
        """
        if self.last is None:
            return f"from day {self.first} on"
        return f"day {self.last}" if self.first == self.last else f"days {self.first or 0} to {self.last}"

    def ends(self, until: int) -> tuple[int, int]:
        """Return the first and the last day in a run whose last day is `until`.

        Raises
        ------
        QuantityError
            If the window extends beyond it.

        Examples
        --------
        >>> Window(first=12).ends(40)
        (12, 40)
        """
        for day in (self.first, self.last):
            if day is not None and day > until:
                raise QuantityError(
                    f"the window {self.text()} goes beyond the end; scores are read on days 0 to {until}."
                )
        return self.first or 0, until if self.last is None else self.last


def split_window(text: str) -> tuple[str, Window | None]:
    """Return the name of an endpoint without its window, and the window; None for the whole run.

    Raises
    ------
    QuantityError
        If the text in brackets is not a window.

    Examples
    --------
    >>> split_window("cumulative_score[12:42]")
    ('cumulative_score', Window(first=12, last=42))
    """
    match = _WINDOWED.fullmatch(text) if isinstance(text, str) and len(text) <= LONGEST else None
    if match is None:
        return text, None
    name = match["name"].strip()
    ends = _BOTH_ENDS.fullmatch(text, match.start("days"))
    if ends is None or max(map(len, ends.groups())) > _DIGITS:
        raise QuantityError(
            f'"{text}" is not an endpoint with a window; write for example {name}{_EXAMPLES}.'
        )
    first, last = (int(day) if day else None for day in ends.groups())
    if first is None and last is None:
        return name, None
    if first is not None and last is not None and first > last:
        raise QuantityError(
            f'"{text}": the window ends on day {last}, before it begins on day {first}; '
            f"write {name}[{last}:{first}]."
        )
    return name, Window(first, last)
