"""A fit of published rows, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STEPS = "parts of the way"
CAPTION = "Predicted beside published readings, and what the data say of the parameters."
METHODS = (
    "Parameters were estimated by simulating populations and holding them to the readings in rows.csv, by "
    "sequential Monte Carlo; what is not identified is said in identifiability.csv."
)


def animals(settings: Mapping[str, Any]) -> str:
    """Return which animals were simulated, from the settings of a manifest.

    Examples
    --------
    >>> animals({"animals": 64})
    '64 virtual rats in each simulated population'
    """
    return f"{settings['animals']} virtual rats in each simulated population" if "animals" in settings else ""
