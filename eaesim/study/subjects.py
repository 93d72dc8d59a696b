"""The animals that a question is asked of: how many, which, and how their deaths are scored."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subjects:
    """The simulated animals of a question.

    Attributes
    ----------
    animals
        Rats in every arm.
    seed
        Of the rats.
    parameter_sets
        Of the rat's ensemble; None: as many as the question takes by itself.
    dead
        The rule for the dead.

    Examples
    --------
    >>> Subjects(animals=100).dead
    'score'
    """

    animals: int = 320
    seed: int = 1
    parameter_sets: int | None = None
    dead: str = "score"
