"""What each part of the model buys: whether the published rows ask for it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Part:
    """A part of the model, and what the rows say of the end of its prior at which it does least.

    Attributes
    ----------
    title
        What it is.
    parameter
        What it hangs on.
    end
        At which end of its prior it does least: ``"low"`` or ``"high"``.
    factor
        How many times as likely as before the rows make the outer tenth there; below 1 they ask for the part.
    chains
        The least and the most that a chain of the fit gives.
    """

    title: str
    parameter: str
    end: str
    factor: float
    chains: tuple[float, float]

    @property
    def verdict(self) -> str:
        """What the rows say, where all chains say it."""
        low, high = self.chains
        if high < 1 / DECIDED:
            return "asked for"
        return "spoken against" if low > DECIDED else "not decided"


# A factor that decides, in every chain.
DECIDED = 2.0


@dataclass(frozen=True)
class Structure:
    """The parts of the model.

    Attributes
    ----------
    command
        What the numbers were made by.
    parts
        The one that the rows ask for most comes first.
    """

    command: str
    parts: tuple[Part, ...]


@cache
def structure() -> Structure:
    """Return what the rows say of each part.

    Examples
    --------
    >>> parts = structure().parts
    >>> parts[0].parameter, parts[0].verdict
    ('spreading_rate', 'asked for')
    """
    text = files("eaesim.model").joinpath("structure.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    parts = [Part(**{**each, "chains": tuple(each["chains"])}) for each in content["part"]]
    parts.sort(key=lambda part: part.factor)
    return Structure(content["command"], tuple(parts))
