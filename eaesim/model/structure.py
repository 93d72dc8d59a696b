"""What each part of the model buys: how much worse the published rows are met when it is left out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Part:
    """A part of the model that was left out, with all the rest estimated again.

    Attributes
    ----------
    title
        What it is.
    without
        The values that leave it out, as for ``eaesim fit --fix``.
    log_evidence
        Of the published rows without it.
    """

    title: str
    without: Mapping[str, float]
    log_evidence: float


@dataclass(frozen=True)
class Structure:
    """The whole model beside what is left of it without a part.

    Attributes
    ----------
    command
        What the numbers were made by.
    noise
        By how much two runs of it differ, in the logarithm of the evidence.
    log_evidence
        Of the published rows under the whole model.
    parts
        What was left out.
    """

    command: str
    noise: float
    log_evidence: float
    parts: tuple[Part, ...]

    def bought(self, part: Part) -> float:
        """Return by what logarithm the published rows are likelier with a part than without it."""
        return self.log_evidence - part.log_evidence


@cache
def structure() -> Structure:
    """Return what each part buys, the most first.

    Examples
    --------
    >>> bought = [structure().bought(part) for part in structure().parts]
    >>> bought == sorted(bought, reverse=True)
    True
    """
    text = files("eaesim.model").joinpath("structure.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    parts = [Part(each["title"], each["without"], each["log_evidence"]) for each in content["part"]]
    parts.sort(key=lambda part: part.log_evidence)
    return Structure(content["command"], content["noise"], content["log_evidence"], tuple(parts))
