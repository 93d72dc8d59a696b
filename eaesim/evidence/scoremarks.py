"""What stands in a cell of scores: a number, nothing, or a word for death, removal or sacrifice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class End:
    """Why an animal has no readings of its own from some day on.

    Attributes
    ----------
    day
        The day after induction that the table gives it.
    how
        ``"dead"`` (died or found dead), ``"removed"`` (left the study alive, or lost), or ``"sacrificed"``
        (killed, for tissue or at a humane endpoint).
    """

    day: int
    how: str
