"""The three response curves that every process is made of."""

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


def inhibition(concentration: float, potency: float, reach: float = 1.0) -> float:
    """Return what an inhibitor leaves of a process: ``1 / (1 + reach (potency concentration)^2)``.

    Parameters
    ----------
    concentration
        Concentration of the inhibitor.
    potency
        One over the concentration that halves the process; 0 is no inhibitor.
    reach
        Share of the inhibition that arrives at this site.

    Examples
    --------
    >>> inhibition(2.0, 0.5)
    0.5
    >>> inhibition(2.0, 0.0)
    1.0
    """
    effect = potency * concentration
    return 1.0 / (1.0 + reach * effect * effect)
