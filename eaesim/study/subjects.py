"""The animals of an analysis: number, seed, parameter sets, and rule for deaths."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subjects:
    """The simulated animals of an analysis.

    Attributes
    ----------
    animals
        Rats in every arm.
    seed
        Random seed of the rats.
    parameter_sets
        Number of parameter sets of the rat's ensemble; None: the default of the analysis.
    dead
        Rule for dead rats.

    Examples
    --------
    >>> Subjects(animals=100).dead
    'score'
    """

    animals: int = 320
    seed: int = 1
    parameter_sets: int | None = None
    dead: str = "score"
