"""The numbers that say how long an estimation runs, and from what seed."""

from __future__ import annotations

from collections.abc import Mapping

from eaesim.errors import QuantityError

#: The least and the most of each number: more fits neither memory nor patience.
LIMITS: Mapping[str, tuple[int, int]] = {
    "data_sets": (1, 10_000),
    "sets": (1, 1_000_000),
    "chains": (1, 100),
    "moves": (1, 1_000_000),
    "animals": (4, 10_000),
    "seed": (0, 2**53),
}
MOST_PARTICLES, MOST_RATS = 10_000, 4_000_000


def check_rats(particles: int, animals: int) -> None:
    """Make sure that so many particles of so many animals fit.

    Raises
    ------
    QuantityError
        If they are more rats at once than fit.

    Examples
    --------
    >>> check_rats(10_000, 10_000)
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: particles = 10000 of 10000 animals are 100,000,000 rats at once; at most ...
    """
    rats = particles * animals
    if rats > MOST_RATS:
        raise QuantityError(
            f"particles = {particles} of {animals} animals are {rats:,} rats at once; at most {MOST_RATS:,}."
        )
