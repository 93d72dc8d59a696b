"""A map of targets in words."""

from __future__ import annotations

from eaesim.files import Unchecked

CAPTION = (
    "Effect of a block of one process (row) in one window of days (column): 1 - treated/control, in percent. "
    "Line: border of 50 %. Every block is a prediction."
)
METHODS = (
    "In its window a block takes its share of a process or of a parameter, or removes cells at a constant "
    "rate; outside it nothing is changed. The same animals stand in every cell, compared with no treatment."
)


def terms(settings: Unchecked) -> list[tuple[str, str]]:
    """Return what was blocked and when, from the settings of a manifest.

    Examples
    --------
    >>> terms({"targets": ["division"], "windows": ["0:4"], "block": 0.96, "loss": "3.2 1/day"})[0]
    ('Blocks', 'division; a share of 0.96 of a process, or a loss of 3.2 1/day')
    """
    share, loss = settings.get("block", ""), settings.get("loss", "")
    return [
        (
            "Blocks",
            f"{', '.join(settings.get('targets', []))}; a share of {share} of a process, or a loss of {loss}",
        ),
        ("Windows", ", ".join(settings.get("windows", []))),
    ]
