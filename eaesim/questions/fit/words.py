"""A fit of published data, in words."""

from __future__ import annotations

from eaesim.files import Unchecked

STEPS = "progress"
CAPTION = "Predicted beside published readings, in standard deviations of what was published."
MORE_CAPTIONS = {
    "readings_2": "Predicted beside published readings, continued.",
    "identifiability": "Width of the posterior of each parameter relative to its prior.",
}
METHODS = (
    "Parameters were estimated from the readings in rows.csv by simulating populations, with sequential "
    "Monte Carlo; identifiability.csv lists the parameters that are not identified."
)


def animals(settings: Unchecked) -> str:
    """Return which animals were simulated, from the settings of a manifest.

    Examples
    --------
    >>> animals({"animals": 64})
    '64 virtual rats in each simulated population'
    """
    return f"{settings['animals']} virtual rats in each simulated population" if "animals" in settings else ""
