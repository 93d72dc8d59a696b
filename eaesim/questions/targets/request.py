"""What the map of targets is asked with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eaesim.endpoints import endpoint
from eaesim.errors import ProtocolError, QuantityError
from eaesim.model import rat_names
from eaesim.protocol.kinds import (
    Amount,
    Count,
    Text,
    amount,
    choice,
    count,
    fraction,
    several,
    text,
)
from eaesim.protocol.quantity import days, number_text
from eaesim.protocol.settings import Kind, Setting
from eaesim.questions.targets.probe import GROUPS, check_target_name, target_names
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.workbench.request import StudyRequest

Share = Setting[float, float]
ONSET = "onset"
WINDOWS = ("0:4", "0:6", "4:10", "7:10", "10:13", ONSET)
Windows = Setting[str | Sequence[str], tuple[str, ...]]


def read_window(value: str) -> str:
    """Read a window of days, ``"FIRST:LAST"``, or ``"onset"``: from each animal's first signs to the end.

    Raises
    ------
    QuantityError
        If it is neither, or runs backwards.

    Examples
    --------
    >>> read_window("0:6.0"), read_window("onset")
    ('0:6', 'onset')
    """
    if value == ONSET:
        return value
    first, colon, last = value.partition(":")
    if not colon:
        raise QuantityError(f'"{value}" is no window; write FIRST:LAST, such as 4:10, or {ONSET}.')
    ends = [days(end, what="window") for end in (first, last)]
    if not ends[0] < ends[1]:
        raise QuantityError(f'window "{value}" does not run forwards.')
    return ":".join(map(number_text, ends))


def window_ends(window: str) -> tuple[float, float] | None:
    """Return the days of a window; None for one that begins with each animal's own onset."""
    if window == ONSET:
        return None
    first, last = map(float, window.split(":"))
    return first, last


def _windows() -> Kind[str | Sequence[str], tuple[str, ...]]:
    return several(text(read_window, metavar="WINDOW"))


@dataclass(frozen=True, kw_only=True)
class TargetsRequest(StudyRequest):
    """Block one process at a time, in one window of days at a time.

    Each block takes its share of a process, or each day its share of the cells, in its window and nothing
    outside. Writes targets.csv and the map. What a block does is a prediction. A file with a [targets] table
    may give the settings; options override it.

    Examples
    --------
    >>> TargetsRequest(windows="0:4").changed()
    {'windows': ['0:4']}
    """

    table = "targets"
    title = "Which process a drug must hit, and from when"
    input = "nothing"

    rat: Text = Setting(text(names=rat_names), "lewis", "Rat, or the folder of a fit.")
    induction: Text = Setting(
        choice("induction", ("immunisation", "transfer")), "immunisation", "How the disease is induced."
    )
    targets: Windows = Setting(
        several(text(check_target_name, names=target_names)),
        tuple(GROUPS),
        "Processes, parameters or states to hit, one at a time; eaesim list targets names them.",
    )
    windows: Windows = Setting(
        _windows(), WINDOWS, "Days FIRST:LAST of a block; onset: from each animal's first signs to the end."
    )
    block: Share = Setting(fraction(), 0.96, "Share that a block takes of a process or a parameter.")
    loss: Amount = Setting(amount("1/day"), 3.2, "Loss of each depleted state in its window.")
    endpoint: Text = Setting(text(), "peak_score", "Endpoint that is to change.")
    until: Count = Setting(count(5, 365), 30, "Last day.")
    animals: Count = Setting(count(1, MOST_ANIMALS), 320, "Rats, the same for every target and window.")

    def checked(self) -> TargetsRequest:
        """Return the request, whose windows lie within its days and whose endpoint is known.

        Raises
        ------
        EaesimError
            If they do not.
        """
        endpoint(self.endpoint, until=self.until)
        for window in self.windows:
            ends = window_ends(window)
            if ends is not None and ends[0] >= self.until:
                raise ProtocolError(f"window {window} begins past the end; the last day is {self.until}.")
        return self
