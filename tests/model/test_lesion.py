from __future__ import annotations

from collections.abc import Callable

import pytest

from eaesim.model import Parameters, State, derivative
from eaesim.model.ivig import action
from eaesim.model.lesion import effector_cytokine

Animal = Callable[[int], tuple[State, Parameters]]


def test_the_second_drug_halves_the_cytokine_at_its_ic50(random_animal: Animal) -> None:
    state, parameters = random_animal(0)
    ic50 = 1.0 / parameters.companion_potency_inflammation
    acting = action(state, parameters)
    without, half = (
        effector_cytokine(state._replace(companion_plasma=amount), parameters, acting)
        for amount in (0.0, ic50)
    )
    assert half == pytest.approx(without / 2)


def test_the_second_drug_acts_on_inflammation_alone(random_animal: Animal) -> None:
    """It works late because it takes nothing from priming: none of these rates sees it."""
    state, parameters = random_animal(0)
    dosed, without = (
        derivative(state._replace(companion_plasma=amount), parameters)
        for amount in (state.companion_plasma, 0.0)
    )
    changed = {name for name in State._fields if getattr(dosed, name) != getattr(without, name)}
    assert changed - {"companion_plasma"} == {
        "dendritic_lesion",
        "effector_blood",
        "effector_cns",
        "treg_cns",
        "bystander_cns",
        "stress_hormone",
        "deficit",
        "demyelination",
    }


def test_recruits_only_multiply_a_specific_signal(random_animal: Animal) -> None:
    """Without myelin-specific cells in the CNS the rest of the infiltrate activates no macrophage."""
    state, parameters = random_animal(1)
    alone = state._replace(effector_cns=0.0)
    expected = -parameters.inflammation_resolution * state.inflammation
    assert derivative(alone, parameters).inflammation == expected
