"""The animals of a page: parameters, initial states and draws, packed as text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eaesim.endpoints import Floats
from eaesim.files import Content
from eaesim.solver import System
from eaesim.study import Study
from eaesim.study.assembly import healthy
from eaesim.study.chunk import individuals
from eaesim.study.cohort import Cohort, draw_chunks
from eaesim.study.membership import chosen_members
from eaesim.study.plan import ArmPlan, plan_study


@dataclass(frozen=True)
class Animals:
    """The animals of one treatment, the same as those of a study with this seed.

    Attributes
    ----------
    system
        Equations, with the drug.
    parameters, initial
        Shape (animals, parameters) and (animals, states).
    cohort
        Draws of the scores' errors and of death.
    own
        Plan of the arm: typical parameters of each set, which animals take in turn, and their entries.
    """

    system: System
    parameters: Floats
    initial: Floats
    cohort: Cohort
    own: ArmPlan

    @property
    def sets(self) -> int:
        """Number of parameter sets."""
        return len(self.own.typical)

    def packed(self) -> dict[str, Content]:
        """Return parameters and initial states as `packed_table`."""
        return {
            "parameters": packed_table(self.parameters, sets=self.sets),
            "initial": packed_table(self.initial, sets=self.sets),
        }


def animals_of(study: Study, *, arm: str, animals: int, seed: int, sets: int) -> Animals:
    """Return the animals of one arm of a study.

    Parameters
    ----------
    study
        Study.
    arm
        Name of the arm; its drugs belong to the equations.
    animals, seed
        Number and random seed of the animals.
    sets
        Number of parameter sets of the ensemble.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> found = animals_of(Study("lewis", until=5, arms=[Arm("vehicle")]), arm="vehicle",
    ...                    animals=3, seed=1, sets=1)
    >>> found.parameters.shape[0], found.cohort.observer.shape
    (3, (3, 6))
    """
    members = chosen_members(study.rat, sets, mechanism=study.design.mechanism)
    plan = plan_study(
        study.rat, study.design, record=(), engine="auto", accuracy="scores", workers=1, members=members
    )
    own = next(each for each in plan.arms if each.arm.name == arm)
    (cohort,) = draw_chunks(animals, seed=seed, days=study.design.until + 1, size=animals, varied=plan.varied)
    parameters = individuals(own, cohort)
    return Animals(own.system, parameters, healthy(parameters, own.system), cohort, own)


def packed_table(values: Floats, *, sets: int) -> list[Content]:
    """Return each column as one number, as one for each parameter set, or as one for each animal.

    Examples
    --------
    >>> packed_table(np.array([[1.0, 2.0], [1.0, 2.0]]), sets=1)
    [1.0, 2.0]
    >>> packed_table(np.array([[1.0], [2.0], [1.0], [2.0]]), sets=2)
    ['AAAAAAAA8D8AAAAAAAAAQA==']
    """
    turns = np.arange(len(values)) % sets
    packed: list[Content] = []
    for column in values.T:
        if (column == column[0]).all():
            packed.append(float(column[0]))
        else:
            is_of_sets = (column == column[turns]).all()
            packed.append(packed_numbers(column[:sets] if is_of_sets else column))
    return packed


def packed_numbers(values: Floats | Sequence[float]) -> str:
    """Return numbers as base64 of their 64 bits, lowest byte first, row after row.

    Examples
    --------
    >>> packed_numbers([1.0])
    'AAAAAAAA8D8='
    """
    return b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode("ascii")
