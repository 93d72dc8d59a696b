"""The numbers that say how long an estimation runs, and from what seed."""

from __future__ import annotations

from collections.abc import Mapping

from eaesim.errors import QuantityError

LEAST: Mapping[str, int] = {"data_sets": 1, "members": 1, "chains": 1, "moves": 1, "animals": 4, "seed": 0}


def check_budget(*, particles: tuple[int, int] | None = None, **numbers: int) -> None:
    """Make sure that no number is too small.

    Parameters
    ----------
    particles
        How many move at once, and the least that a question needs of them.
    numbers
        Of those in `LEAST`.

    Raises
    ------
    QuantityError
        If one is.

    Examples
    --------
    >>> check_budget(particles=(2, 8), moves=1)
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: particles = 2; it must be at least 8.
    """
    bounded = {name: (value, LEAST[name]) for name, value in numbers.items()}
    if particles is not None:
        bounded = {"particles": particles} | bounded
    for name, (value, least) in bounded.items():
        if value < least:
            raise QuantityError(f"{name} = {value}; it must be at least {least}.")
