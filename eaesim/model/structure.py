"""Ablation of the model: how much less likely the published data are without each component."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COMMAND = "eaesim ablation"
# Data that are this many times less likely without a component, in every chain of the fit, support it.
DECIDED = 3.0


@dataclass(frozen=True)
class Part:
    """A model component, and the fit to data without it, all else being estimated again.

    Attributes
    ----------
    title
        Description.
    held
        Parameters held at values that disable it.
    log_evidence
        Change in log evidence of the data without it: below 0 they support it.
    low, high
        Range over the chains of the fit, a measure of precision.
    suffers
        Findings with a poorer fit without it, worst first.
    """

    title: str
    held: Mapping[str, float]
    log_evidence: float
    low: float
    high: float
    suffers: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Whether the data agree with the component, disagree, or are inconclusive, in all chains."""
        if self.high < -math.log(DECIDED):
            return "agrees"
        return "disagrees" if self.low > math.log(DECIDED) else "inconclusive"

    @property
    def setting(self) -> str:
        """The held parameters, in words."""
        return ", ".join(f"{name}={value:g}" for name, value in self.held.items())


@cache
def structure() -> tuple[Part, ...]:
    """Return the components of the model, best supported first.

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
