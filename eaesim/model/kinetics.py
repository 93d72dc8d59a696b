"""The four response curves that every process is made of."""

from __future__ import annotations


def saturation(amount: float, half: float) -> float:
    """Return the share of a saturable response: ``amount / (half + amount)``.

    Parameters
    ----------
    amount
        What drives the response.
    half
        The amount, in the same unit, that gives half of it.

    Examples
    --------
    >>> saturation(3.0, 1.0)
    0.75
    """
    return amount / (half + amount)


def braking(amount: float, half: float) -> float:
    """Return what a brake leaves of a process: ``half / (half + amount)``.

    Examples
    --------
    >>> braking(3.0, 1.0)
    0.25
    """
    return half / (half + amount)


def grading(amount: float, half: float, linearity: float) -> float:
    """Return the share of a saturable response whose exponent lies between 2 and 1.

    Parameters
    ----------
    amount
        What drives the response.
    half
        The amount, in the same unit, that gives half of it.
    linearity
        0 for ``amount^2 / (half^2 + amount^2)``, 1 for `saturation`.

    Examples
    --------
    >>> grading(3.0, 1.0, 0.0), grading(3.0, 1.0, 1.0)
    (0.9, 0.75)
    """
    mixed, square = linearity * half * amount, amount * amount
    return (square + mixed) / (half * half + 2.0 * mixed + square)


def inhibition(concentration: float, potency: float, reach: float = 1.0, linearity: float = 0.0) -> float:
    """Return what an inhibitor leaves of a process: ``1 / (1 + reach (potency concentration)^2)``.

    Parameters
    ----------
    concentration
        Concentration of the inhibitor.
    potency
        One over the concentration that halves the process; 0 is no inhibitor.
    reach
        Share of the inhibition that arrives at this site.
    linearity
        0 for the square of above, 1 for the first power, in between for a curve in between.

    Examples
    --------
    >>> inhibition(2.0, 0.5)
    0.5
    >>> inhibition(2.0, 0.0)
    1.0
    >>> inhibition(8.0, 0.5, linearity=1.0)
    0.2
    """
    effect = potency * concentration
    return 1.0 / (1.0 + reach * effect * (effect + linearity) / (1.0 + linearity * effect))
