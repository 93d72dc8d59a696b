"""The numbers that say how long an estimation runs, and from what seed."""

from __future__ import annotations

from collections.abc import Mapping

from eaesim.errors import QuantityError
from eaesim.protocol.quantity import shown

#: The least and the most of each number: more fits neither memory nor patience.
LIMITS: Mapping[str, tuple[int, int]] = {
    "data_sets": (1, 10_000),
    "sets": (1, 1_000_000),
    "members": (1, 10_000),
    "numbers": (1, 1_000),
    "chains": (1, 100),
    "moves": (1, 1_000_000),
    "animals": (4, 10_000),
    "seed": (0, 2**53),
}
MOST_PARTICLES, MOST_RATS = 10_000, 4_000_000


def check_budget(*, particles: tuple[int, int] | None = None, **numbers: int) -> None:
    """Make sure that each number is a whole one, neither too small nor too large.

    Parameters
    ----------
    particles
        How many move at once, and the least that a question needs of them.
    numbers
        Names of numbers in `LIMITS`.

    Raises
    ------
    QuantityError
        If one is not, or so many particles of so many animals are more rats than fit.

    Examples
    --------
    >>> check_budget(particles=(2, 8), moves=1)
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: particles = 2; it must be at least 8.
    """
    bounded = {name: (value, *LIMITS[name]) for name, value in numbers.items()}
    if particles is not None:
        bounded = {"particles": (*particles, MOST_PARTICLES)} | bounded
    for name, (value, least, most) in bounded.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise QuantityError(
                f"{name} = {shown(value)}; it must be a whole number from {least} to {most:,}."
            )
        if value < least:
            raise QuantityError(f"{name} = {shown(value)}; it must be at least {least}.")
        if value > most:
            raise QuantityError(f"{name} = {shown(value)}; it must be at most {most:,}.")
    rats = (particles[0] if particles else 1) * numbers.get("animals", 1)
    if rats > MOST_RATS:
        raise QuantityError(
            f"particles = {particles and particles[0]} of {numbers['animals']} animals are {rats:,} rats at "
            f"once; at most {MOST_RATS:,}."
        )
