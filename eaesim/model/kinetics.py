"""The four response curves used by every process."""

from __future__ import annotations


def saturation(amount: float, half: float) -> float:
    """Return a saturable response between 0 and 1: ``amount / (half + amount)``.

    Examples
    --------
    >>> saturation(3.0, 1.0)
    0.75
    """
    return amount / (half + amount)


def braking(amount: float, half: float) -> float:
    """Return the fraction of a process that remains under a brake: ``half / (half + amount)``.

    Examples
    --------
    >>> braking(3.0, 1.0)
    0.25
    """
    return half / (half + amount)


def grading(amount: float, half: float, linearity: float) -> float:
    """Return a saturable response with an exponent between 2 and 1.

    Parameters
    ----------
    amount
        Driver of the response.
    half
        Amount of half-maximal response, in the same unit.
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
    """Return the uninhibited fraction of a process: ``1 / (1 + reach (potency concentration)^2)``.

    Parameters
    ----------
    concentration
        Concentration of the inhibitor.
    potency
        1/IC50; 0 is no inhibition.
    reach
        Fraction of the inhibition that reaches this site.
    linearity
        0 for the square as above, 1 for the first power, with intermediate curves between.

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
