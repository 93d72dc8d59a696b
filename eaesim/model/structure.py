"""What each part of the model buys: how much less likely the published rows are without it."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COMMAND = "eaesim ablation"
# Rows that are so many times less likely without a part, whichever chain of the fit is asked, agree with it.
DECIDED = 3.0


@dataclass(frozen=True)
class Part:
    """A part of the model, and what the rows say of a model without it, all else being estimated again.

    Attributes
    ----------
    title
        What it is.
    held
        The parameters that are held where it does nothing, and their values.
    log_evidence
        What the logarithm of the evidence of the rows changes by without it: below 0 they speak for it.
    low, high
        The least and the most that a chain of the fit gives, which is how well that is known.
    suffers
        The rows that are missed by more without it, the worst first.
    """

    title: str
    held: Mapping[str, float]
    log_evidence: float
    low: float
    high: float
    suffers: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Whether the rows agree with the part, disagree, or are inconclusive: all chains must say it."""
        if self.high < -math.log(DECIDED):
            return "agrees"
        return "disagrees" if self.low > math.log(DECIDED) else "inconclusive"

    @property
    def setting(self) -> str:
        """What is held, in words."""
        return ", ".join(f"{name}={value:g}" for name, value in self.held.items())


@cache
def structure() -> tuple[Part, ...]:
    """Return the parts of the model, the one that the rows support most first.

    Examples
    --------
    >>> parts = structure()
    >>> parts[0].verdict
    'agrees'
    """
    text = files("eaesim.model").joinpath("structure.csv").read_text(encoding="utf-8")
    parts = [_part(row) for row in csv.DictReader(text.splitlines())]
    return tuple(sorted(parts, key=lambda part: part.log_evidence))


def _part(row: Mapping[str, str]) -> Part:
    held = dict(each.split("=") for each in row["held"].split(", "))
    return Part(
        row["part"],
        {name: float(value) for name, value in held.items()},
        float(row["log_evidence"]),
        float(row["low"]),
        float(row["high"]),
        tuple(row["suffers"].split("; ")) if row["suffers"] else (),
    )
